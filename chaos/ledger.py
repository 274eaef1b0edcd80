"""The ledger: what the callers were answered, what the database holds, and what the other side shows, held together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from chaos.load import Memory, Wanted

_TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})
_END_EVENT: Final = {"published": "published", "draft": "drafted", "failed": "failed", "canceled": "canceled"}
_SHOWN: Final = 20


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What the ledger says. All of `faults` must be empty."""

    posts: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    """Failed posts by code."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Posts that ended OUTCOME_UNKNOWN by platform and mode, with whether the other side has them."""
    live: int = 0
    drafts: int = 0
    texts: int = 0
    dispatches: int = 0
    keys: int = 0
    ended_accounts: int = 0
    """Accounts that must be connected again."""
    faults: dict[str, list[str]] = field(default_factory=dict)

    def blame(self, what: str, who: str) -> None:
        """Note that something is wrong."""
        self.faults.setdefault(what, []).append(who)

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A post as the database holds it. `code` and `step` are its last error's."""

    status: str
    code: str | None = None
    step: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that the other side has."""

    where: str
    handle: str
    caption: str
    hashes: Sequence[str]
    comments: Sequence[str] = ()


class Ledger:
    """Compares what is remembered, stored and shown. What does not agree is in its verdict."""

    def __init__(self, memory: Memory) -> None:
        """Take what the callers remember."""
        self._memory: Final = memory
        self.verdict: Final = Verdict()

    def check(self, rows: Mapping[str, Stored], events: Mapping[str, Sequence[str]], shown: Sequence[Shown]) -> Verdict:
        """Return the verdict on posts by id, their timelines, and what is on the other side."""
        for surprise in self._memory.surprises:
            self.verdict.blame("answers that no caller should get", surprise)
        self._check_existence(rows)
        self._check_timelines(rows, events)
        self._check_other_side(rows, shown)
        return self.verdict

    def _check_existence(self, rows: Mapping[str, Stored]) -> None:
        verdict, accepted = self.verdict, self._memory.accepted
        verdict.posts = len(rows)
        for post in accepted.keys() - rows.keys():
            verdict.blame("accepted posts that do not exist", post)
        for post in rows.keys() - accepted.keys():
            verdict.blame("posts that nobody was answered", post)
        for post, row in rows.items():
            status = row.status
            verdict.by_status[status] = verdict.by_status.get(status, 0) + 1
            if status not in _TERMINAL:
                verdict.blame("posts that are not over", f"{post} {status}")
            if row.code is not None and status == "failed":
                verdict.failures[row.code] = verdict.failures.get(row.code, 0) + 1
                if row.code == "INTERNAL":
                    verdict.blame("posts that failed by the program's own fault", post)
        for post in self._memory.canceled:
            if post in rows and rows[post].status != "canceled":
                verdict.blame("answered as canceled, and not", f"{post} {rows[post].status}")

    def _check_timelines(self, rows: Mapping[str, Stored], events: Mapping[str, Sequence[str]]) -> None:
        for post, row in rows.items():
            told, end = events.get(post, []), _END_EVENT.get(row.status)
            ends = [event for event in told if event in _END_EVENT.values()]
            if not told or told[0] != "queued" or ends != [end]:
                self.verdict.blame("timelines that do not agree with the state", f"{post} {row.status}: {told}")
            if row.status == "published" and "going_live" not in told:
                self.verdict.blame("live without having been asked for", f"{post}: {told}")

    def _check_other_side(self, rows: Mapping[str, Stored], shown: Sequence[Shown]) -> None:
        verdict, memory = self.verdict, self._memory
        there: dict[str, list[Shown]] = {}
        for one in shown:
            there.setdefault(one.caption, []).append(one)
        known = {wanted.caption for wanted in memory.accepted.values()}
        for caption in there.keys() - known:
            verdict.blame("on the other side, and nobody was answered", f"{caption} {there[caption][0].where}")
        for post, wanted in memory.accepted.items():
            row, found = rows.get(post), there.get(wanted.caption, [])
            if row is None:
                continue
            if len(found) > 1:
                verdict.blame("doubles", f"{post} {row.status}: {[one.where for one in found]}")
            is_delivered = row.status in ("published", "draft")
            if is_delivered and not found:
                verdict.blame("delivered, and not on the other side", f"{post} {row.status}")
            if found and row.status == "canceled":
                verdict.blame("canceled, and on the other side", post)
            if row.code == "OUTCOME_UNKNOWN":
                self._check_unknown(post, wanted, row.step, has_arrived=bool(found))
            elif found and row.status == "failed":
                verdict.blame("failed, and on the other side", f"{post} {row.code}")
            for one in found:
                self._check_content(post, wanted, one)

    def _check_unknown(self, post: str, wanted: Wanted, step: str | None, *, has_arrived: bool) -> None:
        arrived = "arrived" if has_arrived else "not there"
        line = f"{wanted.account.platform}, {wanted.mode}, {wanted.content.kind}: {arrived}"
        self.verdict.unknown[line] = self.verdict.unknown.get(line, 0) + 1
        if step != "look_up":
            self.verdict.blame("outcome unknown without having asked", f"{post} {step}")

    def _check_content(self, post: str, wanted: Wanted, one: Shown) -> None:
        if one.handle != wanted.account.handle and one.where != "text":
            self.verdict.blame("on the wrong account", f"{post} {one.handle}")
        if one.hashes and list(one.hashes) != list(wanted.content.hashes):
            self.verdict.blame("with the wrong media", post)
        comments = Counter(one.comments)
        if any(count > 1 for count in comments.values()) or (comments and set(comments) != {wanted.comment}):
            self.verdict.blame("with the wrong first comment", f"{post} {dict(comments)}")


def told(verdict: Verdict) -> Sequence[str]:
    """Return what is wrong, a line each, the first few of each kind."""
    return [f"{what} ({len(who)}): " + "; ".join(who[:_SHOWN]) for what, who in sorted(verdict.faults.items())]
