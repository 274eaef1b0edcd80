"""Compare the responses that the callers got, the rows in the database, and the items on the platforms."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedPost

_TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})
_END_EVENT: Final = {"published": "published", "draft": "drafted", "failed": "failed", "canceled": "canceled"}
_OFF_LINE: Final = frozenset({"taken_down", "gone"})
_NOTHING_AFTER: Final = frozenset({"live", "permalink", "first_comment", "extra", "edited_live"})
"""What no timeline has after the end of a take-down."""
_SHOWN: Final = 20
LATE_EFFECTS_WITHIN: Final = timedelta(seconds=45)
"""How long after its call the platform may still write a comment, whose response was lost."""
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
    live_status: dict[str, int] = field(default_factory=dict)
    """What became of the published posts that were to be taken down."""
    edits: dict[str, int] = field(default_factory=dict)
    """Live posts that were to be changed, by the outcome of the last change."""
    replies: dict[str, int] = field(default_factory=dict)
    """Accepted replies to comments, by what became of them."""
    comments: int = 0
    """Comments of others."""
    live: int = 0
    deleted: int = 0
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
    live_status: str | None = None
    """None until someone asks to take it down."""
    live_advice: str | None = None
    edit_status: str | None = None
    """The outcome of the last change of the live post."""
    is_changing: bool = False
    """Whether a worker still has to take it down or to change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformItem:
    """One post, draft, message or dispatch on a platform; `where` is also `deleted` and `comment`, for comments that are posts."""

    where: str
    handle: str
    caption: str
    hashes: Sequence[str]
    comments: Sequence[str] = ()
    is_labelled: bool = False
    external_id: str | None = None
    external_url: str | None = None
    at: datetime | None = None
    """When a post was deleted, or a comment written, by the platforms' clock."""


class Ledger:
    """Compares accepted calls, stored posts and platform items. Differences are violations in its verdict."""

    def __init__(self, record: CallerRecord) -> None:
        self._record: Final = record
        self.verdict: Final = Verdict()

    def check(
        self,
        rows: Mapping[str, StoredPost],
        shown: Sequence[PlatformItem],
        *,
        ended: Collection[str] = (),
        without_access: Collection[str] = (),
    ) -> Verdict:
        """Return the verdict on the stored posts, by id, and the platform items. `ended` are the ids of accounts whose access
        ended at some time, `without_access` of those that were not connected again.
        """
        for response in self._record.unexpected_responses:
            self.verdict.add_violation("unexpected responses", response)
        self._check_existence(rows)
        self._check_timelines(rows)
        self._check_changes(rows, without_access)
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
            off_line = [place for place, event in enumerate(events) if event in _OFF_LINE]
            if off_line and not _NOTHING_AFTER.isdisjoint(events[off_line[0] :]):
                self.verdict.add_violation("changed after the end of the take-down", f"{post}: {events}")

    def _check_changes(self, rows: Mapping[str, StoredPost], without_access: Collection[str]) -> None:
        """Check that each accepted take-down and change of a live post has ended, and that nothing else was taken down or changed."""
        verdict, record = self.verdict, self._record
        for post, wanted in record.accepted.items():
            if (row := rows.get(post)) is None:
                continue
            state = f"{post} {wanted.account.platform} {wanted.mode} {row.status} {row.live_status}: {row.live_advice}"
            is_waiting = wanted.account.id in without_access  # for its owner, who connects it again
            if row.is_changing and not is_waiting:
                verdict.add_violation("take-downs and changes without an end", f"{state} {row.edit_status}")
            if row.live_status is not None:
                verdict.live_status[row.live_status] = verdict.live_status.get(row.live_status, 0) + 1
            if post in record.taken_down:
                if row.live_status not in _possible_ends(wanted, row) and not (is_waiting and row.is_changing):
                    verdict.add_violation("take-downs that ended as they must not", state)
            elif row.live_status is not None:
                verdict.add_violation("taken down without an accepted call", state)
            if row.live_status == "gone" and post not in record.deleted_by_person:
                verdict.add_violation("gone, but not deleted by a person", state)
            self._check_edit(post, row, has_taken_down=post in record.taken_down, is_waiting=is_waiting)

    def _check_edit(self, post: str, row: StoredPost, *, has_taken_down: bool, is_waiting: bool) -> None:
        status, is_asked = row.edit_status, post in self._record.live_edits
        if status is not None:
            self.verdict.edits[status] = self.verdict.edits.get(status, 0) + 1
        if status is None and self._record.deleted_contents.get(self._record.accepted[post].content.id):
            return  # erasing the texts of its content has erased what became of the change
        if (status is None) == is_asked:
            self.verdict.add_violation("changes of live posts that contradict the calls", f"{post} {status}")
        is_removed = has_taken_down or post in self._record.deleted_by_person
        if is_asked and status != "done" and not is_removed and not is_waiting:
            self.verdict.add_violation("changes of live posts that failed", f"{post} {status}")

    def _check_other_side(
        self, rows: Mapping[str, StoredPost], shown: Sequence[PlatformItem], ended: Collection[str]
    ) -> None:
        record, there = self._record, _by_caption(one for one in shown if one.where not in ("deleted", "comment"))
        deleted = _by_caption(one for one in shown if one.where == "deleted")
        comments = _by_caption(one for one in shown if one.where == "comment")
        self._check_captions([*there.items(), *deleted.items()])
        for post, wanted in record.accepted.items():
            row = rows.get(post)
            if row is None:
                continue
            texts = [wanted.caption, *record.live_edits.get(post, ())]
            live = [one for text in texts for one in there.get(text, ())]
            removed = [one for text in texts for one in deleted.get(text, ())]
            self._check_outcome(post, wanted, row, [*live, *removed], has_lost_access=wanted.account.id in ended)
            self._check_removal(post, wanted, row, live, removed)
            parts = [len(there.get(part, [])) for part in wanted.parts]
            self._check_parts(post, wanted, row, parts, has_root=bool(live))
            self._check_late_comments(post, wanted, row, removed, comments)
            for one in live:
                self._check_content(post, wanted, one)
                self._check_comments(post, wanted, row, one.comments)
                if row.status == "published" and not _is_url_of(row, one, wanted):
                    self.verdict.add_violation("with the wrong URL", f"{post} {row.external_id} {row.external_url}")
                if row.edit_status == "done" and one.caption != texts[-1]:
                    what = f"{post} {wanted.account.platform} {one.caption}, not {texts[-1]}"
                    self.verdict.add_violation("with another text than was reported", what)

    def _check_captions(self, found: Sequence[tuple[str, Sequence[PlatformItem]]]) -> None:
        """Check that nothing is, or was, on a platform that no accepted call has asked for."""
        record = self._record
        known = {text for wanted in record.accepted.values() for text in (wanted.caption, *wanted.parts)}
        known.update(text for texts in record.live_edits.values() for text in texts)
        for caption, items in found:
            if caption in known:
                continue
            what = f"{record.former_texts.get(caption, '')} {caption} {[one.where for one in items]}"
            if caption in record.former_texts:
                self.verdict.add_violation("on the platform with a text that was edited or refused", what)
            else:
                self.verdict.add_violation("on the platform without an accepted call", what)

    def _check_outcome(
        self,
        post: str,
        wanted: RequestedPost,
        row: StoredPost,
        found: Sequence[PlatformItem],
        *,
        has_lost_access: bool,
    ) -> None:
        """Check that a post is, or was, on its platform as its status says."""
        verdict = self.verdict
        if len(found) > 1:
            verdict.add_violation("duplicates", f"{post} {row.status}: {[one.where for one in found]}")
        if row.status in ("published", "draft") and not found:
            verdict.add_violation("delivered, but not on the platform", f"{post} {row.status}")
        if found and row.status == "canceled":
            verdict.add_violation("canceled, but on the platform", post)
        if row.code == "OUTCOME_UNKNOWN":
            self._check_unknown(post, wanted, row, has_lost_access=has_lost_access, is_on_platform=bool(found))
        elif found and row.status == "failed":
            verdict.add_violation("failed, but on the platform", f"{post} {row.code}")

    def _check_removal(
        self,
        post: str,
        wanted: RequestedPost,
        row: StoredPost,
        live: Sequence[PlatformItem],
        removed: Sequence[PlatformItem],
    ) -> None:
        """Check that a post which was taken down is not live, and that no other was deleted."""
        verdict, record = self.verdict, self._record
        state = f"{post} {wanted.account.platform} {row.status} {row.live_status}"
        if live and row.live_status in _OFF_LINE:
            verdict.add_violation("taken down, but on the platform", state)
        if live and post in record.deleted_by_person:
            verdict.add_violation("deleted by a person, but on the platform", state)
        is_asked = post in record.taken_down and row.live_status != "not_supported"
        if removed and not is_asked and post not in record.deleted_by_person:
            verdict.add_violation("deleted, though no one asked for it", state)

    def _check_late_comments(
        self,
        post: str,
        wanted: RequestedPost,
        row: StoredPost,
        removed: Sequence[PlatformItem],
        comments: Mapping[str, Sequence[PlatformItem]],
    ) -> None:
        """Check that no comment was written after a take-down had ended, where comments are posts and stay."""
        if row.live_status != "taken_down" or post in self._record.deleted_by_person or wanted.comment is None:
            return
        ends = [one.at for one in removed if one.at is not None]
        for one in comments.get(wanted.comment, ()):
            if ends and one.at is not None and one.at > max(ends) + LATE_EFFECTS_WITHIN:
                self.verdict.add_violation("changed after the end of the take-down", f"{post} {one.caption} {one.at}")

    def _check_parts(
        self, post: str, wanted: RequestedPost, row: StoredPost, counts: Sequence[int], *, has_root: bool
    ) -> None:
        """Check how often each part after the first is there: once, without a gap, and all of them if the thread is complete.

        A take-down deletes the last one first, and the first one last.
        """
        state = f"{post} {row.status} {row.thread_status} {row.live_status}: {list(counts)}"
        if any(counts) and (row.live_status in _OFF_LINE or not has_root) and row.status == "published":
            self.verdict.add_violation("taken down, but on the platform", state)
        if max(counts, default=0) > 1:
            self.verdict.add_violation("duplicate parts", state)
        if list(counts) != sorted(counts, reverse=True):
            self.verdict.add_violation("parts without the one before", state)
        has_ended = wanted.parts and row.status == "published" and row.thread_status != "unknown"
        has_ended = has_ended and post not in self._record.taken_down
        if has_ended and (row.thread_status == "complete") != all(counts):
            self.verdict.add_violation("parts that contradict the thread's status", state)
        if row.status in ("failed", "canceled") and any(counts) and row.code != "OUTCOME_UNKNOWN":
            self.verdict.add_violation("parts of a post that is not live", state)

    def _check_unknown(
        self, post: str, wanted: RequestedPost, row: StoredPost, *, has_lost_access: bool, is_on_platform: bool
    ) -> None:
        """Accept an unknown outcome only after enough look-ups, or if the account has no access any more."""
        has_polled = row.look_up_time is not None and row.look_up_time >= MIN_LOOK_UP_TIME
        platform = PLATFORMS[wanted.account.platform]
        can_be_lost = platform.can_lose_pictures and wanted.content.kind != "video"
        if not platform.is_readable and wanted.mode == "publish":
            reason, has_polled = "nothing can be read there", True
        elif can_be_lost and row.reference is None and wanted.mode != "managed":
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
        is_linked = wanted.content.kind == "document" and one.where == "text"  # no text message carries a PDF
        expected = [] if is_linked else list(wanted.content.hashes)
        is_right = len(one.hashes) == len(expected) and (is_rewritten or list(one.hashes) == expected)
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


def _by_caption(shown: Iterable[PlatformItem]) -> Mapping[str, Sequence[PlatformItem]]:
    found: dict[str, list[PlatformItem]] = {}
    for one in shown:
        found.setdefault(one.caption, []).append(one)
    return found


def _possible_ends(wanted: RequestedPost, row: StoredPost) -> Collection[str]:
    """Return how a take-down may end: it fails only where it is not known which parts of a thread are live."""
    if wanted.mode != "publish" or wanted.account.login not in PLATFORMS[wanted.account.platform].taken_down_by:
        return {"not_supported"}
    return _OFF_LINE | {"take_down_failed"} if row.thread_status == "unknown" else _OFF_LINE


def violations_of(verdict: Verdict) -> Sequence[str]:
    """Return one line per failed check, with its first violations."""
    return [f"{what} ({len(who)}): " + "; ".join(who[:_SHOWN]) for what, who in sorted(verdict.violations.items())]
