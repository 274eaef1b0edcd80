"""The checks of keys, content, accounts and API lists find each violation."""

from dataclasses import replace

import pytest
from chaos.client import Response
from chaos.counterchecks import ListedPost, check_accounts, check_contents, check_keys, check_listed_posts
from chaos.journal import PlatformCounts
from chaos.ledger import StoredPost, Verdict
from chaos.world import Account

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
