"""What is held together besides the posts, in a chaos run: each case is one thing that went wrong."""

from dataclasses import replace

import pytest
from chaos.client import Answer
from chaos.counterchecks import Told, check_accounts, check_contents, check_keys, check_told
from chaos.journal import Met
from chaos.ledger import Stored, Verdict
from chaos.scene import Account

ANSWER = Answer(status=200, body=b"{}")
ROW = Stored(status="published", external_id="17", events=("queued", "published"))
TOLD = Told.stored("sp_1", ROW)


@pytest.mark.parametrize(
    "kept",
    [
        [],
        [("key", replace(ANSWER, body=b"[]"))],
        [("key", ANSWER), ("key", ANSWER)],
        [("key", ANSWER), ("other", ANSWER)],
    ],
    ids=["not kept", "another answer", "twice", "unknown to the callers"],
)
def test_a_key_has_one_answer(kept: list[tuple[str, Answer]]) -> None:
    """What the database keeps is what the callers were answered, for each key, and nothing else."""
    good, bad = Verdict(), Verdict()
    check_keys(good, {"key": ANSWER}, [("key", ANSWER)])
    check_keys(bad, {"key": ANSWER}, kept)
    assert (good.is_good, good.keys) == (True, 1)
    assert set(bad.faults) == {"idempotency keys with another effect than was answered"}


@pytest.mark.parametrize("there", [{}, {"cnt_1": "rejected"}, {"cnt_1": "approved", "cnt_2": "pending"}])
def test_content_is_what_was_answered(there: dict[str, str]) -> None:
    """Content that is missing, decided otherwise or there too often is found."""
    good, bad = Verdict(), Verdict()
    check_contents(good, {"cnt_1": "approved"}, {"cnt_1": "approved"})
    check_contents(bad, {"cnt_1": "approved"}, there)
    assert good.is_good
    assert set(bad.faults) == {"content that is not what the callers were answered"}


def test_an_account_that_lost_its_access_has_a_reason() -> None:
    """On TikTok a pair of tokens that was never stored, on Instagram a token that was ended on purpose; else it is blamed."""
    accounts = [
        Account(id=f"sa_{handle}", project="prj_1", platform=platform, handle=handle)
        for platform, handle in [("tiktok", "lost"), ("tiktok", "raced"), ("instagram", "told"), ("instagram", "well")]
    ]
    met = Met()
    met.renewals.update({"lost": 3, "raced": 3})
    met.expired.update({"told": 1})
    verdict = Verdict()
    stored = {"sa_lost": 2, "sa_raced": 3}
    check_accounts(verdict, accounts, {"sa_lost", "sa_raced", "sa_told"}, stored=stored, met=met)
    assert verdict.faults == {"accounts that lost their access without need": ["sa_raced raced"]}
    check_accounts(verdict, accounts, {"sa_well"}, stored=stored, met=met)
    assert verdict.faults["accounts that lost their access without need"][1:] == ["sa_well well"]


@pytest.mark.parametrize(
    ("listed", "events"),
    [
        ([], ROW.events),
        ([TOLD, TOLD], ROW.events),
        ([replace(TOLD, status="failed")], ROW.events),
        ([replace(TOLD, external_id="18")], ROW.events),
        ([TOLD, replace(TOLD, post="sp_2")], ROW.events),
        ([TOLD], ("queued",)),
    ],
    ids=["missing", "twice", "another state", "another address", "unknown", "another timeline"],
)
def test_the_api_shows_what_is_stored(listed: list[Told], events: tuple[str, ...]) -> None:
    """A list or a timeline that differs from the row is found; an address that came in between is none."""
    good, bad = Verdict(), Verdict()
    check_told(good, [TOLD], {"sp_1": ROW.events}, {"sp_1": replace(ROW, external_id=None)}, {"sp_1": ROW})
    check_told(bad, listed, {"sp_1": events}, {"sp_1": ROW}, {"sp_1": ROW})
    assert good.is_good
    assert set(bad.faults) == {"posts that the API shows otherwise"}
