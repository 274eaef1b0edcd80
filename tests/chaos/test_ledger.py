"""The ledger of a chaos run finds each violation: each case is a run with one error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import cast

import pytest
from chaos.cluster import CALLS_ARRIVE_WITHIN
from chaos.commenting import LastReads
from chaos.ledger import LATE_EFFECTS_WITHIN, MIN_LOOK_UP_TIME, Ledger, PlatformItem, StoredPost, Verdict
from chaos.picture import Lane, Picture, draw
from chaos.plan import LIVE_CALLS, FaultedCalls, FaultSchedule, Kind, faults, platform_faults
from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedPost, RequestedReply, WrittenComment
from chaos.replies import CommentRow, Comments, ShownComment, check_comments
from chaos.world import Account, Content

POST = "sp_1"
WANTED = RequestedPost(
    caption="No. 00000000000000aa",
    account=Account(id="sa_1", project="prj_1", platform="instagram", handle="bakery", login="facebook"),
    mode="publish",
    content=Content(id="cnt_1", kind="image", hashes=["aa11"]),
    comment="First!",
)
LIVE = PlatformItem(
    where="feed",
    handle="bakery",
    caption=WANTED.caption,
    hashes=["aa11"],
    comments=["First!"],
    external_id="17",
    external_url="https://www.instagram.com/p/17/",
)
LISTED = ("queued", "claimed", "going_live", "live", "published")
PUBLISHED = StoredPost(
    status="published",
    external_id="17",
    external_url="https://www.instagram.com/p/17/",
    comment_status="posted",
    events=LISTED,
)
PARTS = ("Part 2 of aa", "Part 3 of aa")
SECOND, THIRD = (replace(LIVE, where="part", caption=part, comments=(), external_id=part) for part in PARTS)
TAKEN_DOWN = replace(PUBLISHED, live_status="taken_down", events=(*LISTED, "taking_down", "taken_down"))
DELETED = replace(LIVE, where="deleted", at=datetime(2026, 12, 1, tzinfo=UTC))
CHANGED = replace(LIVE, caption="No. 00000000000000cc")
"""After a change of the live post."""
DONE = replace(PUBLISHED, edit_status="done")
EDITED = "No. 00000000000000bb"
"""A text that an edit of the queued post has replaced, or was refused with."""
PDF = replace(WANTED, mode="draft", content=replace(WANTED.content, kind="document"), comment=None)
DRAFT = StoredPost(status="draft", events=("queued", "claimed", "going_live", "drafted"))
TEXT_MESSAGE = replace(LIVE, where="text", hashes=(), comments=())
WITHOUT_CALL = replace(WANTED, account=replace(WANTED.account, platform="tiktok"))
UNKNOWN = StoredPost(
    status="failed",
    code="OUTCOME_UNKNOWN",
    step="look_up",
    events=("queued", "claimed", "going_live", "reconciled", "failed"),
    look_up_time=MIN_LOOK_UP_TIME,
)
SCHEDULE = FaultSchedule(
    lease=timedelta(seconds=5), between=timedelta(seconds=2), platform_fault_interval=timedelta(seconds=1)
)


@dataclass(frozen=True, kw_only=True)
class LedgerCase:
    """The data of one run; the defaults have no violation."""

    stored: StoredPost | None = PUBLISHED
    shown: Sequence[PlatformItem] = (LIVE,)
    wanted: RequestedPost = WANTED
    has_lost_access: bool = False
    is_accepted: bool = True
    is_canceled: bool = False
    is_taken_down: bool = False
    is_deleted_by_person: bool = False
    is_without_access: bool = False
    live_edits: Sequence[str] = ()
    is_erased: bool = False
    unexpected_responses: Sequence[str] = ()

    def violations(self) -> set[str]:
        """Return the violated checks."""
        record = CallerRecord(
            accepted={POST: self.wanted} if self.is_accepted else {},
            canceled={POST} if self.is_canceled else set(),
            taken_down={POST} if self.is_taken_down else set(),
            deleted_by_person={POST} if self.is_deleted_by_person else set(),
            live_edits={POST: [*self.live_edits]} if self.live_edits else {},
            former_texts={EDITED: POST},
            deleted_contents={self.wanted.content.id: True} if self.is_erased else {},
            unexpected_responses=list(self.unexpected_responses),
        )
        rows = {} if self.stored is None else {POST: self.stored}
        ended = {self.wanted.account.id} if self.has_lost_access else set()
        without_access = {self.wanted.account.id} if self.is_without_access else set()
        verdict = Ledger(record).check(rows, self.shown, ended=ended, without_access=without_access)
        return set(verdict.violations)


def thread_case(status: str, *parts: PlatformItem, post_status: str = "published") -> LedgerCase:
    """Return a run with a thread of which these parts follow the first."""
    events = (*LISTED[:3], *["live"] * (1 + len(parts)), "published")
    stored = replace(PUBLISHED, status=post_status, thread_status=status, events=events)
    root = replace(LIVE, comments=["First!", *(part.caption for part in parts)])
    return LedgerCase(stored=stored, wanted=replace(WANTED, parts=PARTS), shown=(root, *parts))


def test_a_correct_run_has_no_violation() -> None:
    """A post that is accepted, published and on the platform once has no violation; nor a thread with each part once."""
    assert LedgerCase().violations() == set()
    assert thread_case("complete", SECOND, THIRD).violations() == set()
    assert thread_case("partial", SECOND).violations() == set()
    assert thread_case("unknown", SECOND, THIRD).violations() == set()
    assert LedgerCase(stored=DRAFT, wanted=PDF, shown=(TEXT_MESSAGE,)).violations() == set()


removed = partial(LedgerCase, stored=TAKEN_DOWN, shown=(DELETED,), is_taken_down=True)
"""A run with a post that was taken down."""
changed = partial(LedgerCase, stored=DONE, shown=(CHANGED,), live_edits=(CHANGED.caption,))
"""A run with a live post that was changed."""


@pytest.mark.parametrize(
    "case",
    [
        removed(),
        removed(stored=replace(TAKEN_DOWN, live_status="gone"), is_deleted_by_person=True),
        removed(stored=PUBLISHED, is_taken_down=False, is_deleted_by_person=True),
        removed(wanted=WITHOUT_CALL, stored=replace(PUBLISHED, live_status="not_supported"), shown=(LIVE,)),
        removed(stored=replace(TAKEN_DOWN, live_status="taking_down", is_changing=True), is_without_access=True),
        removed(shown=(DELETED, replace(LIVE, where="comment", caption="First!", at=DELETED.at))),
        changed(),
        changed(live_edits=("No. 00000000000000dd", CHANGED.caption)),
        changed(stored=replace(TAKEN_DOWN, edit_status="failed"), shown=(DELETED,), is_taken_down=True),
        changed(stored=PUBLISHED, is_erased=True),
    ],
    ids=[
        "taken down",
        "gone",
        "only gone",
        "no call",
        "no access",
        "comment stays",
        "changed",
        "twice",
        "too late",
        "erased",
    ],
)
def test_a_correct_change_of_a_live_post_has_no_violation(case: LedgerCase) -> None:
    """A post that is taken down, deleted by a person or changed, as was asked for and reported, is no violation."""
    assert case.violations() == set()


@pytest.mark.parametrize("shown", [(), (replace(LIVE, comments=()),)], ids=["not on the platform", "on the platform"])
@pytest.mark.parametrize(
    "case",
    [LedgerCase(stored=UNKNOWN), LedgerCase(stored=replace(UNKNOWN, look_up_time=timedelta(0)), has_lost_access=True)],
    ids=["polled long enough", "without access"],
)
def test_an_unknown_outcome_is_valid_after_look_ups_or_without_access(
    case: LedgerCase, shown: Sequence[PlatformItem]
) -> None:
    """An unknown outcome is valid after enough look-ups or without access, whether the post is on the platform or not."""
    assert replace(case, shown=shown).violations() == set()


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        (LedgerCase(shown=(LIVE, LIVE)), "duplicates"),
        (thread_case("complete", SECOND, SECOND, THIRD), "duplicate parts"),
        (thread_case("partial", THIRD), "parts without the one before"),
        (thread_case("complete", SECOND), "parts that contradict the thread's status"),
        (thread_case("partial", SECOND, THIRD), "parts that contradict the thread's status"),
        (thread_case("partial", SECOND, post_status="canceled"), "parts of a post that is not live"),
        (LedgerCase(stored=None, shown=()), "accepted posts that do not exist"),
        (LedgerCase(is_accepted=False, shown=()), "posts without an accepted call"),
        (
            LedgerCase(stored=StoredPost(status="publishing", events=("queued",)), shown=()),
            "posts without a final status",
        ),
        (LedgerCase(shown=()), "delivered, but not on the platform"),
        (LedgerCase(shown=(LIVE, replace(LIVE, caption="No. 1"))), "on the platform without an accepted call"),
        (LedgerCase(stored=replace(PUBLISHED, status="canceled")), "canceled, but on the platform"),
        (LedgerCase(is_canceled=True), "cancel confirmed, but not canceled"),
        (
            LedgerCase(stored=replace(PUBLISHED, status="failed", code="PLATFORM_REJECTED")),
            "failed, but on the platform",
        ),
        (LedgerCase(stored=replace(UNKNOWN, step="make_live")), "outcome unknown without enough look-ups"),
        (
            LedgerCase(stored=replace(UNKNOWN, look_up_time=timedelta(seconds=3))),
            "outcome unknown without enough look-ups",
        ),
        (LedgerCase(stored=replace(UNKNOWN, events=("queued", "failed"))), "outcome unknown without enough look-ups"),
        (LedgerCase(stored=UNKNOWN, shown=(LIVE, LIVE)), "duplicates"),
        (
            LedgerCase(stored=StoredPost(status="failed", code="INTERNAL"), shown=()),
            "posts that failed with INTERNAL",
        ),
        (LedgerCase(shown=(replace(LIVE, handle="butcher"),)), "on the wrong account"),
        (LedgerCase(shown=(replace(LIVE, hashes=["bb22"]),)), "with the wrong media"),
        (LedgerCase(wanted=PDF, stored=DRAFT, shown=(replace(LIVE, hashes=()),)), "with the wrong media"),
        (LedgerCase(shown=(replace(LIVE, hashes=[]),)), "with the wrong media"),
        (LedgerCase(wanted=replace(WANTED, is_labelled=True)), "with the wrong options"),
        (LedgerCase(shown=(replace(LIVE, is_labelled=True),)), "with the wrong options"),
        (LedgerCase(shown=(replace(LIVE, external_id="18"),)), "with the wrong URL"),
        (
            LedgerCase(stored=replace(PUBLISHED, external_url="https://www.instagram.com/p/18/")),
            "with the wrong URL",
        ),
        (LedgerCase(shown=(replace(LIVE, comments=["First!", "First!"]),)), "with the wrong first comment"),
        (LedgerCase(shown=(replace(LIVE, comments=["Last!"]),)), "with the wrong first comment"),
        (LedgerCase(shown=(replace(LIVE, comments=[]),)), "with the wrong first comment"),
        (LedgerCase(stored=replace(PUBLISHED, comment_status=None)), "with the wrong first comment"),
        (LedgerCase(wanted=replace(WANTED, comment=None)), "with the wrong first comment"),
        (LedgerCase(stored=replace(PUBLISHED, events=LISTED[:-1])), "timelines that contradict the status"),
        (
            LedgerCase(stored=replace(PUBLISHED, events=(*LISTED, "failed"))),
            "timelines that contradict the status",
        ),
        (LedgerCase(stored=replace(PUBLISHED, events=("live", *LISTED))), "timelines that contradict the status"),
        (
            LedgerCase(stored=replace(PUBLISHED, events=(*LISTED[:4], *LISTED[3:]))),
            "timelines that contradict the status",
        ),
        (
            LedgerCase(stored=replace(PUBLISHED, events=("queued", "live", "published"))),
            "live without a recorded call",
        ),
        (LedgerCase(unexpected_responses=["publish returned 404"]), "unexpected responses"),
        (removed(shown=(LIVE,)), "taken down, but on the platform"),
        (removed(shown=(LIVE, DELETED)), "duplicates"),
        (removed(shown=()), "delivered, but not on the platform"),
        (removed(is_taken_down=False), "taken down without an accepted call"),
        (removed(stored=PUBLISHED, shown=(LIVE,)), "take-downs that ended as they must not"),
        (removed(stored=replace(TAKEN_DOWN, live_status="take_down_failed")), "take-downs that ended as they must not"),
        (removed(stored=replace(TAKEN_DOWN, live_status="not_supported")), "take-downs that ended as they must not"),
        (removed(wanted=WITHOUT_CALL), "take-downs that ended as they must not"),
        (removed(wanted=WITHOUT_CALL, stored=PUBLISHED, is_taken_down=False), "deleted, though no one asked for it"),
        (
            removed(wanted=WITHOUT_CALL, stored=replace(PUBLISHED, live_status="not_supported")),
            "deleted, though no one asked for it",
        ),
        (
            removed(stored=replace(TAKEN_DOWN, live_status="taking_down", is_changing=True)),
            "take-downs and changes without an end",
        ),
        (removed(stored=replace(TAKEN_DOWN, live_status="gone")), "gone, but not deleted by a person"),
        (removed(shown=(LIVE,), is_deleted_by_person=True), "deleted by a person, but on the platform"),
        (
            removed(stored=replace(TAKEN_DOWN, events=(*TAKEN_DOWN.events, "first_comment"))),
            "changed after the end of the take-down",
        ),
        (
            removed(
                shown=(
                    DELETED,
                    replace(
                        LIVE,
                        where="comment",
                        caption="First!",
                        at=datetime(2026, 12, 1, tzinfo=UTC) + LATE_EFFECTS_WITHIN + timedelta(seconds=1),
                    ),
                )
            ),
            "changed after the end of the take-down",
        ),
        (
            replace(thread_case("complete", SECOND), is_taken_down=True, shown=(SECOND,)),
            "taken down, but on the platform",
        ),
        (LedgerCase(shown=(replace(LIVE, caption=EDITED),)), "on the platform with a text that was edited or refused"),
        (removed(shown=(replace(DELETED, caption=EDITED),)), "on the platform with a text that was edited or refused"),
        (changed(shown=(LIVE,)), "with another text than was reported"),
        (changed(live_edits=(CHANGED.caption, "No. 00000000000000dd")), "with another text than was reported"),
        (changed(stored=replace(DONE, edit_status="failed")), "changes of live posts that failed"),
        (
            changed(stored=replace(DONE, edit_status="pending", is_changing=True)),
            "take-downs and changes without an end",
        ),
        (changed(live_edits=()), "changes of live posts that contradict the calls"),
        (changed(stored=PUBLISHED), "changes of live posts that contradict the calls"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_violation_is_found(case: LedgerCase, fault: str) -> None:
    """Each violation is found under its name."""
    assert fault in case.violations()


QUESTION, ANSWER = "Question 00000000000000aa", "Reply 00000000000000bb"
ASKED = ShownComment(id="31", platform="instagram", author="guest1", text=QUESTION)
ANSWERED = ShownComment(id="32", platform="instagram", author="bakery", text=ANSWER, parent_id="31")
RECEIVED = CommentRow(id="cmt_1", post=POST, external_id="31", text=QUESTION, status="done")
POSTED = CommentRow(
    id="cmt_2",
    post=POST,
    external_id="32",
    text=ANSWER,
    is_own=True,
    is_reply=True,
    status="done",
    reply_status="posted",
    took=timedelta(seconds=1),
)
FAILED = replace(POSTED, external_id=None, reply_status="failed")
LOST = replace(FAILED, reply_status="outcome_unknown", took=MIN_LOOK_UP_TIME)


@dataclass(frozen=True, kw_only=True)
class CommentsCase:
    """A run with one comment and one reply; the defaults have no violation."""

    received: Sequence[CommentRow] = (RECEIVED,)
    reply: CommentRow | None = POSTED
    shown: Sequence[ShownComment] = (ASKED, ANSWERED)
    is_accepted: bool = True
    is_removed: bool = False
    is_hidden: bool = False
    is_taken_down: bool = False
    events: int = 1
    is_unread: bool = False

    def violations(self) -> set[str]:
        """Return the violated checks."""
        comment = WrittenComment(id="31", text=QUESTION, post=POST, account=WANTED.account)
        record = CallerRecord(
            accepted={POST: WANTED},
            comments={QUESTION: comment},
            replies={POSTED.id: RequestedReply(text=ANSWER, answered=comment)} if self.is_accepted else {},
            removed_comments={QUESTION} if self.is_removed else set(),
            hidden_comments={QUESTION} if self.is_hidden else set(),
            taken_down={POST} if self.is_taken_down else set(),
        )
        rows = [*self.received, *([] if self.reply is None else [self.reply])]
        verdict, posts = Verdict(), frozenset({POST})
        reads = LastReads(
            read=frozenset() if self.is_unread else posts, unread=posts if self.is_unread else frozenset()
        )
        check_comments(verdict, record, Comments(rows=rows, shown=self.shown), {RECEIVED.id: self.events}, reads)
        return set(verdict.violations)


@pytest.mark.parametrize(
    "case",
    [
        CommentsCase(),
        CommentsCase(reply=FAILED, shown=(replace(ASKED, is_deleted=True),), is_removed=True),
        CommentsCase(reply=replace(FAILED, has_access=False), shown=(ASKED,)),
        CommentsCase(reply=FAILED, shown=(ASKED,), is_hidden=True),
        CommentsCase(reply=replace(POSTED, external_id="urn:li:comment:(urn:li:activity:7,32)")),
        CommentsCase(reply=LOST),
        CommentsCase(reply=LOST, shown=(ASKED,)),
        CommentsCase(reply=replace(LOST, took=timedelta(), has_access=False)),
        CommentsCase(reply=replace(FAILED, reply_status="queued", is_open=True, has_access=False), shown=(ASKED,)),
        CommentsCase(shown=(replace(ASKED, is_deleted=True), replace(ANSWERED, is_deleted=True)), is_removed=True),
        CommentsCase(received=(), shown=(ANSWERED,), is_taken_down=True),
    ],
    ids=[
        "posted",
        "failed",
        "failed without access",
        "failed, hidden",
        "URN",
        "arrived",
        "lost",
        "no look",
        "no access",
        "deleted",
        "taken down",
    ],
)
def test_a_correct_reply_has_no_violation(case: CommentsCase) -> None:
    """A reply that is on its platform as it is reported, below a comment that was received once, is no violation."""
    assert case.violations() == set()


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        (CommentsCase(shown=(ASKED, ANSWERED, replace(ANSWERED, id="33"))), "replies written twice"),
        (
            CommentsCase(shown=(ASKED, ANSWERED, replace(ANSWERED, id="33", is_deleted=True))),
            "replies written twice",
        ),
        (CommentsCase(shown=(ASKED,)), "replies reported as posted, but not on the platform"),
        (CommentsCase(shown=(ASKED, replace(ANSWERED, parent_id="30"))), "replies in the wrong place"),
        (CommentsCase(shown=(ASKED, replace(ANSWERED, author="butcher"))), "replies in the wrong place"),
        (CommentsCase(reply=replace(POSTED, external_id="33")), "replies in the wrong place"),
        (CommentsCase(reply=FAILED, shown=(ASKED,)), "replies that failed, though their comment stays"),
        (CommentsCase(reply=FAILED, is_removed=True), "replies that failed, but are on the platform"),
        (
            CommentsCase(reply=replace(LOST, took=timedelta(seconds=3))),
            "replies of unknown outcome without enough look-ups",
        ),
        (
            CommentsCase(reply=replace(FAILED, reply_status="queued"), shown=(ASKED,)),
            "replies and calls about comments without an end",
        ),
        (
            CommentsCase(received=(replace(RECEIVED, is_open=True),)),
            "replies and calls about comments without an end",
        ),
        (CommentsCase(reply=None, shown=(ASKED,)), "accepted replies that do not exist"),
        (CommentsCase(is_accepted=False, shown=(ASKED,)), "replies without an accepted call"),
        (CommentsCase(is_accepted=False, reply=None), "replies on the platform without an accepted call"),
        (CommentsCase(reply=replace(POSTED, status="new")), "own comments that pass for others'"),
        (
            CommentsCase(received=(RECEIVED, replace(RECEIVED, id="cmt_3", external_id="32", text=ANSWER))),
            "own comments that pass for others'",
        ),
        (CommentsCase(received=()), "comments that were not received"),
        (CommentsCase(received=(RECEIVED, RECEIVED)), "comments received twice"),
        (CommentsCase(events=2), "comments without one event"),
        (CommentsCase(events=0), "comments without one event"),
        (
            CommentsCase(received=(replace(RECEIVED, is_deleted=True),)),
            "comments that stay, but pass for deleted",
        ),
        (
            CommentsCase(shown=(replace(ASKED, is_deleted=True), ANSWERED)),
            "comments deleted, though no one asked for it",
        ),
        (CommentsCase(is_unread=True), "commented posts that were not read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_violation_of_a_conversation_is_found(case: CommentsCase, fault: str) -> None:
    """Each violation by a reply or a comment is found under its name, and alone."""
    assert case.violations() == {fault}


def test_the_same_seed_gives_the_same_faults() -> None:
    """A seed repeats the same faults in the same order, and the first ones are one of each kind."""
    first, again = (list(islice(faults(7, SCHEDULE), 30)) for _ in range(2))
    assert first == again
    assert first != list(islice(faults(8, SCHEDULE), 30))
    assert {one.kind for one in first[: len(Kind)]} == set(Kind)
    assert list(islice(platform_faults(7, SCHEDULE), 30)) == list(islice(platform_faults(7, SCHEDULE), 30))


def test_each_irreversible_call_loses_its_response_after_the_effect() -> None:
    """For each of these calls there are drops before and after the effect, and errors after it."""
    drawn = [one.body for one in islice(platform_faults(7, SCHEDULE), 6_000)]
    for platform, operations in LIVE_CALLS.items():
        for operation in operations:
            here = [body for body in drawn if (body["platform"], body["operation"]) == (platform, operation)]
            assert {"drop_before_effect", "drop_after_effect", "late_effect", "latency"} <= {
                body["fault"] for body in here
            }
            assert any(body.get("value") == {"afterEffect": True} for body in here)


@pytest.mark.parametrize(
    ("calls", "met"),
    [
        (FaultedCalls.LIVE, LIVE_CALLS),
        (FaultedCalls.CHANGES, {name: platform.change_calls for name, platform in PLATFORMS.items()}),
    ],
)
def test_a_run_can_have_one_kind_of_platform_fault(calls: FaultedCalls, met: Mapping[str, Sequence[str]]) -> None:
    """Then it meets every call of one sort, and no other, and an effect is as late as a worker waits at most."""
    aimed = replace(SCHEDULE, platform_fault_kinds=frozenset({"late_effect"}), platform_faults_at=calls)
    drawn = [one.body for one in islice(platform_faults(7, aimed), 300)]
    assert {body["fault"] for body in drawn} == {"late_effect"}
    assert {(body["platform"], body["operation"]) for body in drawn} == {
        (platform, operation) for platform, operations in met.items() for operation in operations
    }
    limit = (CALLS_ARRIVE_WITHIN - timedelta(seconds=1)) / timedelta(milliseconds=1)
    assert all(one <= limit for body in drawn for one in dict(cast("dict[str, int]", body["value"])).values())


def test_a_stopped_worker_outlives_its_lease() -> None:
    """A worker is stopped for longer than its lease, so that another worker claims its posts."""
    stops = [one for one in islice(faults(7, SCHEDULE), 200) if one.kind is Kind.STOP_WORKER]
    assert stops
    assert all(one.lasts > SCHEDULE.lease for one in stops)


def test_the_picture_shows_each_fault() -> None:
    """The chart has one mark per fault, and its text is escaped."""
    picture = Picture(
        title="A & B",
        seconds=10,
        rates=[1, 2],
        lanes=[Lane(name="cut", marks=[(1, 1), (5, 0)])],
        faults_until_seconds=8,
    )
    svg = draw(picture)
    assert svg.count("fill: #de2d26") == len(picture.lanes[0].marks)
    assert "A &amp; B" in svg
