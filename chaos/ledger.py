"""The ledger: what the callers were answered, what the database holds, and what the other side shows, held together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from chaos.load import Memory, Wanted

_TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})
_END_EVENT: Final = {"published": "published", "draft": "drafted", "failed": "failed", "canceled": "canceled"}
_SHOWN: Final = 20
ASKED_AT_LEAST: Final = timedelta(seconds=19)
"""For so long a test project asks before it gives a post up: 20 seconds from the call, less what its commit may take."""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What the ledger says. All of `faults` must be empty."""

    posts: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    """Failed posts by code."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Posts that ended OUTCOME_UNKNOWN by platform, mode and reason, with whether the other side has them."""
    live: int = 0
    drafts: int = 0
    texts: int = 0
    dispatches: int = 0
    keys: int = 0
    connected_again: int = 0
    """How often an account's access had ended and its owner logged in anew."""
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
    external_id: str | None = None
    external_url: str | None = None
    comment_status: str | None = None
    events: Sequence[str] = ()
    """Its timeline, oldest first."""
    asked_for: timedelta | None = None
    """From the last call that might have made it live to its failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that the other side has."""

    where: str
    handle: str
    caption: str
    hashes: Sequence[str]
    comments: Sequence[str] = ()
    external_id: str | None = None
    external_url: str | None = None


class Ledger:
    """Compares what is remembered, stored and shown. What does not agree is in its verdict."""

    def __init__(self, memory: Memory) -> None:
        """Take what the callers remember."""
        self._memory: Final = memory
        self.verdict: Final = Verdict()

    def check(self, rows: Mapping[str, Stored], shown: Sequence[Shown], *, ended: Collection[str] = ()) -> Verdict:
        """Return the verdict on posts by id and what is on the other side. `ended` are the ids of accounts whose access
        had ended at some time.
        """
        for surprise in self._memory.surprises:
            self.verdict.blame("answers that no caller should get", surprise)
        self._check_existence(rows)
        self._check_timelines(rows)
        self._check_other_side(rows, shown, ended)
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

    def _check_timelines(self, rows: Mapping[str, Stored]) -> None:
        for post, row in rows.items():
            told, end = row.events, _END_EVENT.get(row.status)
            ends = [event for event in told if event in _END_EVENT.values()]
            has_gone_live = told.count("live") == (row.status == "published")
            if not told or told[0] != "queued" or ends != [end] or not has_gone_live:
                self.verdict.blame("timelines that do not agree with the state", f"{post} {row.status}: {told}")
            if row.status == "published" and "going_live" not in told:
                self.verdict.blame("live without having been asked for", f"{post}: {told}")

    def _check_other_side(self, rows: Mapping[str, Stored], shown: Sequence[Shown], ended: Collection[str]) -> None:
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
                self._check_unknown(post, wanted, row, has_ended=wanted.account.id in ended, has_arrived=bool(found))
            elif found and row.status == "failed":
                verdict.blame("failed, and on the other side", f"{post} {row.code}")
            for one in found:
                self._check_content(post, wanted, one)
                self._check_comments(post, wanted, row, one.comments)
                if row.status == "published" and not _is_address_of(row, one):
                    self.verdict.blame("with the wrong address", f"{post} {row.external_id} {row.external_url}")

    def _check_unknown(self, post: str, wanted: Wanted, row: Stored, *, has_ended: bool, has_arrived: bool) -> None:
        """Allow it only where the design does: the platform was asked for long enough, or the account can't ask any more."""
        has_asked = row.asked_for is not None and row.asked_for >= ASKED_AT_LEAST
        is_picture = wanted.account.platform == "tiktok" and wanted.content.kind != "video" and row.reference is None
        if is_picture and wanted.mode != "managed":
            reason = "the id was lost with the answer"
        elif has_ended and not has_asked:
            reason = "the account's access ended"
        else:
            reason = "no end was told"
        arrived = "it arrived" if has_arrived else "it did not arrive"
        line = f"{wanted.account.platform}, {wanted.mode}: {reason}; {arrived}"
        self.verdict.unknown[line] = self.verdict.unknown.get(line, 0) + 1
        if row.step != "look_up" or "going_live" not in row.events or not (has_asked or has_ended):
            self.verdict.blame("outcome unknown without having asked", f"{post} {row.step} after {row.asked_for}")

    def _check_content(self, post: str, wanted: Wanted, one: Shown) -> None:
        if one.handle != wanted.account.handle and one.where != "text":
            self.verdict.blame("on the wrong account", f"{post} {one.handle}")
        if list(one.hashes) != list(wanted.content.hashes):
            self.verdict.blame("with the wrong media", f"{post} {one.where} {wanted.content.kind}: {one.hashes}")

    def _check_comments(self, post: str, wanted: Wanted, row: Stored, comments: Sequence[str]) -> None:
        is_right = list(comments) in ([], [wanted.comment])
        if wanted.comment is not None and row.status == "published":
            is_right &= row.comment_status is not None and (row.comment_status != "posted" or bool(comments))
        if not is_right:
            self.verdict.blame("with the wrong first comment", f"{post} {row.comment_status}: {list(comments)}")


def _is_address_of(row: Stored, one: Shown) -> bool:
    """Whether what the row says of the address, if it says anything, is true."""
    return row.external_id in (None, one.external_id) and row.external_url in (None, one.external_url)


def told(verdict: Verdict) -> Sequence[str]:
    """Return what is wrong, a line each, the first few of each kind."""
    return [f"{what} ({len(who)}): " + "; ".join(who[:_SHOWN]) for what, who in sorted(verdict.faults.items())]
