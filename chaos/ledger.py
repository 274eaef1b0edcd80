"""Compare the responses that the callers got, the rows in the database, and the items on the platforms."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedPost

_TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})
_END_EVENT: Final = {"published": "published", "draft": "drafted", "failed": "failed", "canceled": "canceled"}
_SHOWN: Final = 20
MIN_LOOK_UP_TIME: Final = timedelta(seconds=19)
"""How long a test project polls before a post ends as unknown: 20 seconds from the call, less the time of its commit."""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """The result of the check. `violations` must be empty."""

    posts: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    """Failed posts, by error code."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Posts that ended as OUTCOME_UNKNOWN, by platform, mode, reason and whether the platform has them."""
    live: int = 0
    drafts: int = 0
    texts: int = 0
    dispatches: int = 0
    keys: int = 0
    reconnections: int = 0
    """How often an account's access ended and its owner connected it again."""
    violations: dict[str, list[str]] = field(default_factory=dict)

    def add_violation(self, what: str, who: str) -> None:
        """Record one violation of a check."""
        self.violations.setdefault(what, []).append(who)

    @property
    def is_good(self) -> bool:
        """Whether there are no violations."""
        return not self.violations


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPost:
    """A post as stored in the database. `code` and `step` are those of its last error."""

    status: str
    code: str | None = None
    step: str | None = None
    reference: str | None = None
    external_id: str | None = None
    external_url: str | None = None
    comment_status: str | None = None
    thread_status: str | None = None
    events: Sequence[str] = ()
    """The events of its timeline, oldest first."""
    look_up_time: timedelta | None = None
    """Time from the last call that might have made it live to its failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformItem:
    """One post, draft, message or dispatch on a platform."""

    where: str
    handle: str
    caption: str
    hashes: Sequence[str]
    comments: Sequence[str] = ()
    is_labelled: bool = False
    external_id: str | None = None
    external_url: str | None = None


class Ledger:
    """Compares accepted calls, stored posts and platform items. Differences are violations in its verdict."""

    def __init__(self, record: CallerRecord) -> None:
        self._record: Final = record
        self.verdict: Final = Verdict()

    def check(
        self, rows: Mapping[str, StoredPost], shown: Sequence[PlatformItem], *, ended: Collection[str] = ()
    ) -> Verdict:
        """Return the verdict on the stored posts, by id, and the platform items. `ended` are the ids of accounts whose access
        ended at some time.
        """
        for response in self._record.unexpected_responses:
            self.verdict.add_violation("unexpected responses", response)
        self._check_existence(rows)
        self._check_timelines(rows)
        self._check_other_side(rows, shown, ended)
        return self.verdict

    def _check_existence(self, rows: Mapping[str, StoredPost]) -> None:
        verdict, accepted = self.verdict, self._record.accepted
        verdict.posts = len(rows)
        for post in accepted.keys() - rows.keys():
            verdict.add_violation("accepted posts that do not exist", post)
        for post in rows.keys() - accepted.keys():
            verdict.add_violation("posts without an accepted call", post)
        for post, row in rows.items():
            status = row.status
            verdict.by_status[status] = verdict.by_status.get(status, 0) + 1
            if status not in _TERMINAL:
                verdict.add_violation("posts without a final status", f"{post} {status}")
            if row.code is not None and status == "failed":
                verdict.failures[row.code] = verdict.failures.get(row.code, 0) + 1
                if row.code == "INTERNAL":
                    verdict.add_violation("posts that failed with INTERNAL", post)
        for post in self._record.canceled:
            if post in rows and rows[post].status != "canceled":
                verdict.add_violation("cancel confirmed, but not canceled", f"{post} {rows[post].status}")

    def _check_timelines(self, rows: Mapping[str, StoredPost]) -> None:
        for post, row in rows.items():
            events, end = row.events, _END_EVENT.get(row.status)
            ends = [event for event in events if event in _END_EVENT.values()]
            calls = max(1, events.count("live")) if row.thread_status is not None else 1
            has_gone_live = events.count("live") == calls * (row.status == "published")
            if not events or events[0] != "queued" or ends != [end] or not has_gone_live:
                self.verdict.add_violation("timelines that contradict the status", f"{post} {row.status}: {events}")
            if row.status == "published" and "going_live" not in events:
                self.verdict.add_violation("live without a recorded call", f"{post}: {events}")

    def _check_other_side(
        self, rows: Mapping[str, StoredPost], shown: Sequence[PlatformItem], ended: Collection[str]
    ) -> None:
        verdict, record = self.verdict, self._record
        there: dict[str, list[PlatformItem]] = {}
        for one in shown:
            there.setdefault(one.caption, []).append(one)
        known = {text for wanted in record.accepted.values() for text in (wanted.caption, *wanted.parts)}
        for caption in there.keys() - known:
            verdict.add_violation("on the platform without an accepted call", f"{caption} {there[caption][0].where}")
        for post, wanted in record.accepted.items():
            row, found = rows.get(post), there.get(wanted.caption, [])
            if row is None:
                continue
            if len(found) > 1:
                verdict.add_violation("duplicates", f"{post} {row.status}: {[one.where for one in found]}")
            self._check_parts(post, wanted, row, [len(there.get(part, [])) for part in wanted.parts])
            is_delivered = row.status in ("published", "draft")
            if is_delivered and not found:
                verdict.add_violation("delivered, but not on the platform", f"{post} {row.status}")
            if found and row.status == "canceled":
                verdict.add_violation("canceled, but on the platform", post)
            if row.code == "OUTCOME_UNKNOWN":
                self._check_unknown(
                    post, wanted, row, has_lost_access=wanted.account.id in ended, is_on_platform=bool(found)
                )
            elif found and row.status == "failed":
                verdict.add_violation("failed, but on the platform", f"{post} {row.code}")
            for one in found:
                self._check_content(post, wanted, one)
                self._check_comments(post, wanted, row, one.comments)
                if row.status == "published" and not _is_url_of(row, one, wanted):
                    self.verdict.add_violation("with the wrong URL", f"{post} {row.external_id} {row.external_url}")

    def _check_parts(self, post: str, wanted: RequestedPost, row: StoredPost, counts: Sequence[int]) -> None:
        """Check how often each part after the first is there: once, without a gap, and all of them if the thread is complete."""
        state = f"{post} {row.status} {row.thread_status}: {list(counts)}"
        if max(counts, default=0) > 1:
            self.verdict.add_violation("duplicate parts", state)
        if list(counts) != sorted(counts, reverse=True):
            self.verdict.add_violation("parts without the one before", state)
        has_ended = wanted.parts and row.status == "published" and row.thread_status != "unknown"
        if has_ended and (row.thread_status == "complete") != all(counts):
            self.verdict.add_violation("parts that contradict the thread's status", state)
        if row.status in ("failed", "canceled") and any(counts) and row.code != "OUTCOME_UNKNOWN":
            self.verdict.add_violation("parts of a post that is not live", state)

    def _check_unknown(
        self, post: str, wanted: RequestedPost, row: StoredPost, *, has_lost_access: bool, is_on_platform: bool
    ) -> None:
        """Accept an unknown outcome only after enough look-ups, or if the account has no access any more."""
        has_polled = row.look_up_time is not None and row.look_up_time >= MIN_LOOK_UP_TIME
        can_be_lost = PLATFORMS[wanted.account.platform].can_lose_pictures and wanted.content.kind != "video"
        if can_be_lost and row.reference is None and wanted.mode != "managed":
            reason = "the id was lost with the response"
        elif has_lost_access and not has_polled:
            reason = "the account's access ended"
        else:
            reason = "no final status was returned"
        arrived = "delivered" if is_on_platform else "not delivered"
        line = f"{wanted.account.platform}, {wanted.mode}: {reason}; {arrived}"
        self.verdict.unknown[line] = self.verdict.unknown.get(line, 0) + 1
        if row.step != "look_up" or "going_live" not in row.events or not (has_polled or has_lost_access):
            self.verdict.add_violation(
                "outcome unknown without enough look-ups", f"{post} {row.step} after {row.look_up_time}"
            )

    def _check_content(self, post: str, wanted: RequestedPost, one: PlatformItem) -> None:
        if one.handle != wanted.account.handle and one.where != "text":
            self.verdict.add_violation("on the wrong account", f"{post} {one.handle}")
        is_rewritten = wanted.content.kind in PLATFORMS[wanted.account.platform].rewritten and one.where == "feed"
        is_right = len(one.hashes) == len(wanted.content.hashes) and (
            is_rewritten or list(one.hashes) == list(wanted.content.hashes)
        )
        if not is_right:
            self.verdict.add_violation(
                "with the wrong media", f"{post} {one.where} {wanted.content.kind}: {one.hashes}"
            )

        if one.where == "feed" and wanted.mode == "publish" and one.is_labelled != wanted.is_labelled:
            self.verdict.add_violation("with the wrong options", f"{post} labelled: {one.is_labelled}")

    def _check_comments(self, post: str, wanted: RequestedPost, row: StoredPost, comments: Sequence[str]) -> None:
        comments = [one for one in comments if one not in wanted.parts]  # which reply to it, too
        is_right = list(comments) in ([], [wanted.comment])
        if wanted.comment is not None and row.status == "published":
            is_right &= row.comment_status is not None and (row.comment_status != "posted" or bool(comments))
        if not is_right:
            self.verdict.add_violation("with the wrong first comment", f"{post} {row.comment_status}: {list(comments)}")


def _is_url_of(row: StoredPost, one: PlatformItem, wanted: RequestedPost) -> bool:
    """Whether the row's id and URL, where present, are those of the item."""
    comparable_url = PLATFORMS[wanted.account.platform].comparable_url
    is_same = row.external_url is None or comparable_url(row.external_url) == comparable_url(one.external_url or "")
    return row.external_id in (None, one.external_id) and is_same


def violations_of(verdict: Verdict) -> Sequence[str]:
    """Return one line per failed check, with its first violations."""
    return [f"{what} ({len(who)}): " + "; ".join(who[:_SHOWN]) for what, who in sorted(verdict.violations.items())]
