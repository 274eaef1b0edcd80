"""The checks of keys, content, accounts, slots, recurrences, limits and API lists find each violation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from chaos.client import Response
from chaos.counterchecks import (
    ListedPost,
    Occurrence,
    SlotState,
    check_accounts,
    check_contents,
    check_keys,
    check_limits,
    check_listed_posts,
    check_recurrences,
    check_slots,
)
from chaos.journal import PlatformCounts
from chaos.ledger import StoredPost, Verdict
from chaos.record import CallerRecord, RequestedPost, RequestedRecurrence
from chaos.world import Account, Content

WEEK: Final = timedelta(days=7)
ANSWER = Response(status=200, body=b"{}")
ROW = StoredPost(status="published", external_id="17", events=("queued", "published"))
LISTED = ListedPost.stored("sp_1", ROW)


@pytest.mark.parametrize(
    "kept",
    [
        [],
        [("key", replace(ANSWER, body=b"[]"))],
        [("key", ANSWER), ("key", ANSWER)],
        [("key", ANSWER), ("other", ANSWER)],
    ],
    ids=["not kept", "another response", "twice", "unknown to the callers"],
)
def test_a_key_has_one_response(kept: list[tuple[str, Response]]) -> None:
    """The database has the callers' response for each key, and nothing else."""
    good, bad = Verdict(), Verdict()
    check_keys(good, {"key": ANSWER}, [("key", ANSWER)])
    check_keys(bad, {"key": ANSWER}, kept)
    assert (good.is_good, good.keys) == (True, 1)
    assert set(bad.violations) == {"idempotency keys with another stored response"}


@pytest.mark.parametrize("there", [{}, {"cnt_1": "rejected"}, {"cnt_1": "approved", "cnt_2": "pending"}])
def test_content_has_the_recorded_status(there: dict[str, str]) -> None:
    """Content that is missing, has another decision or was not uploaded by a caller is a violation."""
    good, bad = Verdict(), Verdict()
    check_contents(good, {"cnt_1": "approved"}, {"cnt_1": "approved"})
    check_contents(bad, {"cnt_1": "approved"}, there)
    assert good.is_good
    assert set(bad.violations) == {"content with an unexpected approval status"}


def test_an_account_lost_access_for_a_valid_reason() -> None:
    """A TikTok token pair that was never stored, a refresh that arrived after its repetition, and an Instagram token that a
    fault expired are valid reasons to lose access. Any other loss is a violation, also that of a token that was refused right after its refresh.
    """
    accounts = [
        Account(id=f"sa_{handle}", project="prj_1", platform=platform, handle=handle)
        for platform, handle in [
            ("tiktok", "lost"),
            ("tiktok", "raced"),
            ("bluesky", "late"),
            ("instagram", "expired"),
            ("instagram", "well"),
            ("youtube", "fresh"),
        ]
    ]
    counts = PlatformCounts()
    counts.refreshes.update({"lost": 3, "raced": 3, "late": 3, "fresh": 2})
    counts.late_refusals.update({"late": 1, "fresh": 1})
    counts.expired.update({"expired": 1})
    verdict = Verdict()
    stored = {"sa_lost": 2, "sa_raced": 3, "sa_late": 3}
    justified = {"sa_lost", "sa_late", "sa_expired"}
    check_accounts(verdict, accounts, justified, stored=stored, counts=counts)
    assert verdict.is_good
    check_accounts(verdict, accounts, {"sa_raced", "sa_well", "sa_fresh"}, stored=stored, counts=counts)
    lost = ["sa_raced raced", "sa_well well", "sa_fresh fresh"]
    assert verdict.violations == {"accounts that lost access unnecessarily": lost}


@pytest.mark.parametrize(
    ("listed", "events"),
    [
        ([], ROW.events),
        ([LISTED, LISTED], ROW.events),
        ([replace(LISTED, status="failed")], ROW.events),
        ([replace(LISTED, external_id="18")], ROW.events),
        ([replace(LISTED, live_status="taken_down")], ROW.events),
        ([LISTED, replace(LISTED, post="sp_2")], ROW.events),
        ([LISTED], ("queued",)),
    ],
    ids=["missing", "twice", "another status", "another URL", "taken down", "unknown", "another timeline"],
)
def test_the_api_returns_what_is_stored(listed: list[ListedPost], events: tuple[str, ...]) -> None:
    """A list or timeline that differs from the row is a violation; a URL that was stored in between is not."""
    good, bad = Verdict(), Verdict()
    check_listed_posts(good, [LISTED], {"sp_1": ROW.events}, {"sp_1": replace(ROW, external_id=None)}, {"sp_1": ROW})
    check_listed_posts(bad, listed, {"sp_1": events}, {"sp_1": ROW}, {"sp_1": ROW})
    assert good.is_good
    assert set(bad.violations) == {"posts that the API returns differently"}


QUEUE, ACCOUNT = UUID(int=1), UUID(int=2)
AT = datetime(2026, 12, 2, 9, tzinfo=UTC)
TAKEN = SlotState(post="sp_1", queue=QUEUE, slot_at=AT, account=ACCOUNT, status="published")
HELD = replace(TAKEN, status=None)
OTHER = replace(TAKEN, post="sp_2")


@pytest.mark.parametrize(
    ("posts", "holds", "violation"),
    [
        ([TAKEN, OTHER], [HELD, replace(OTHER, status=None)], "two posts in one slot"),
        ([TAKEN], [], "slots that are held by another post, or by none"),
        ([], [HELD], "slots that are held by another post, or by none"),
        (
            [replace(TAKEN, slot_at=AT + WEEK)],
            [replace(HELD, slot_at=AT + WEEK)],
            "posts in another slot than was answered",
        ),
        ([TAKEN, replace(OTHER, post="sp_3")], [HELD], "posts in a slot that no call got"),
    ],
    ids=["two", "without a hold", "without a post", "another slot", "not asked for"],
)
def test_a_slot_has_one_post(posts: list[SlotState], holds: list[SlotState], violation: str) -> None:
    """A slot with two posts or another hold, and a post in a slot that its call did not get, are violations."""
    good, bad = Verdict(), Verdict()
    record = CallerRecord(slots={"sp_1": AT, "sp_2": AT})
    check_slots(good, record, [TAKEN], [HELD])  # the other post was canceled, which frees its slot
    check_slots(bad, record, posts, holds)
    assert good.is_good
    assert violation in bad.violations


CALLER = Account(id="sa_1", project="prj_1", platform="instagram", handle="bakery")
PICTURE = Content(id="cnt_1", kind="image", hashes=[])
WANTED = RequestedPost(caption="No. 0", account=CALLER, mode="publish", content=PICTURE, comment=None)
RECURRING = RequestedRecurrence(wanted=WANTED, captions=["No. 1", "No. 2"], every=WEEK, next_at=AT)
FIRST = Occurrence(recurrence="rec_1", at=AT, captions=["No. 1"])
SECOND = Occurrence(recurrence="rec_1", at=AT + WEEK, captions=["No. 2"])


@pytest.mark.parametrize(
    ("found", "violation"),
    [
        ([FIRST], "occurrences that were left out"),
        ([FIRST, replace(SECOND, captions=["No. 2", "No. 2"])], "occurrences that were not made once each"),
        ([FIRST, replace(SECOND, captions=[])], "occurrences that were not made once each"),
        ([FIRST, replace(FIRST, at=AT + WEEK)], "occurrences that were not made once each"),
        ([FIRST, replace(SECOND, at=AT + 2 * WEEK)], "occurrences at another time"),
        ([FIRST, SECOND, replace(FIRST, recurrence="rec_2")], "recurrences without an accepted call"),
    ],
    ids=["left out", "twice", "without a post", "repeated", "another time", "not asked for"],
)
def test_each_occurrence_is_made_once(found: list[Occurrence], violation: str) -> None:
    """An occurrence that is missing, has two posts or another time is a violation, unless it could not be made."""
    good, bad = Verdict(), Verdict()
    check_recurrences(good, {"rec_1": RECURRING}, [SECOND, FIRST], [])
    check_recurrences(good, {"rec_1": RECURRING}, [FIRST], ["rec_1"])
    check_recurrences(bad, {"rec_1": RECURRING}, found, [])
    assert good.is_good
    assert set(bad.violations) == {violation}


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        ({"months": [(13, 13)]}, "posts beyond a limit"),
        ({"months": [(11, 12)]}, "posts of a month that are counted wrongly"),
        ({"most_queued": 7}, "posts beyond a limit"),
        ({"refusals": [{"limit": "queued", "maximum": 6, "used": 5}]}, "refused before a limit was reached"),
    ],
    ids=["month", "counted wrongly", "queued", "refused early"],
)
def test_a_limit_is_reached_and_not_exceeded(change: dict[str, Any], violation: str) -> None:
    """A post beyond a limit, a wrong count, and a call that is refused while there is room are violations."""
    limits = {"postsPerMonth": 12, "queued": 6}
    usual: dict[str, Any] = {
        "refusals": [{"limit": "queued", "maximum": 6, "used": 6}],
        "most_queued": 6,
        "months": [(12, 12)],
    }
    good, bad = Verdict(), Verdict()
    check_limits(good, limits, **usual)
    check_limits(bad, limits, **usual | change)
    assert good.is_good
    assert set(bad.violations) == {violation}
