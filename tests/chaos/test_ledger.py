"""The ledger of a chaos run finds whatever is wrong: each case is a run in which one thing went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

import pytest
from chaos.ledger import ASKED_AT_LEAST, Ledger, Shown, Stored
from chaos.load import Memory, Wanted
from chaos.picture import Lane, Picture, draw
from chaos.plan import LIVE_CALLS, Kind, RetryPolicy, faults, troubles
from chaos.scene import Account, Content

POST = "sp_1"
WANTED = Wanted(
    caption="No. 00000000000000aa",
    account=Account(id="sa_1", project="prj_1", platform="instagram", handle="bakery"),
    mode="publish",
    content=Content(id="cnt_1", kind="image", hashes=["aa11"]),
    comment="First!",
)
LIVE = Shown(
    where="feed",
    handle="bakery",
    caption=WANTED.caption,
    hashes=["aa11"],
    comments=["First!"],
    external_id="17",
    external_url="https://www.instagram.com/p/17/",
)
TOLD = ("queued", "claimed", "going_live", "live", "published")
PUBLISHED = Stored(
    status="published",
    external_id="17",
    external_url="https://www.instagram.com/p/17/",
    comment_status="posted",
    events=TOLD,
)
UNKNOWN = Stored(
    status="failed",
    code="OUTCOME_UNKNOWN",
    step="look_up",
    events=("queued", "claimed", "going_live", "reconciled", "failed"),
    asked_for=ASKED_AT_LEAST,
)
PACE = RetryPolicy(lease=timedelta(seconds=5), between=timedelta(seconds=2), trouble_between=timedelta(seconds=1))


@dataclass(frozen=True, kw_only=True)
class Books:
    """What one run left behind; as it stands, all is well."""

    stored: Stored | None = PUBLISHED
    shown: Sequence[Shown] = (LIVE,)
    wanted: Wanted = WANTED
    has_ended: bool = False
    is_accepted: bool = True
    is_canceled: bool = False
    surprises: Sequence[str] = ()

    def faults(self) -> set[str]:
        """Return what the ledger finds wrong."""
        memory = Memory(
            accepted={POST: self.wanted} if self.is_accepted else {},
            canceled={POST} if self.is_canceled else set(),
            surprises=list(self.surprises),
        )
        rows = {} if self.stored is None else {POST: self.stored}
        ended = {self.wanted.account.id} if self.has_ended else set()
        return set(Ledger(memory).check(rows, self.shown, ended=ended).faults)


def test_a_good_run_is_good() -> None:
    """A post that is published, told of, and there once."""
    assert Books().faults() == set()


@pytest.mark.parametrize("shown", [(), (replace(LIVE, comments=()),)], ids=["not there", "there"])
@pytest.mark.parametrize(
    "books",
    [Books(stored=UNKNOWN), Books(stored=replace(UNKNOWN, asked_for=timedelta(0)), has_ended=True)],
    ids=["asked for long", "could not ask any more"],
)
def test_an_outcome_may_be_unknown_where_the_design_allows_it(books: Books, shown: Sequence[Shown]) -> None:
    """The platform was asked for long enough, or the account could not ask any more: the post may be there or not."""
    assert replace(books, shown=shown).faults() == set()


@pytest.mark.parametrize(
    ("books", "fault"),
    [
        (Books(shown=(LIVE, LIVE)), "doubles"),
        (Books(stored=None, shown=()), "accepted posts that do not exist"),
        (Books(is_accepted=False, shown=()), "posts that nobody was answered"),
        (Books(stored=Stored(status="publishing", events=("queued",)), shown=()), "posts that are not over"),
        (Books(shown=()), "delivered, and not on the other side"),
        (Books(shown=(LIVE, replace(LIVE, caption="No. 1"))), "on the other side, and nobody was answered"),
        (Books(stored=replace(PUBLISHED, status="canceled")), "canceled, and on the other side"),
        (Books(is_canceled=True), "answered as canceled, and not"),
        (Books(stored=replace(PUBLISHED, status="failed", code="PLATFORM_REJECTED")), "failed, and on the other side"),
        (Books(stored=replace(UNKNOWN, step="make_live")), "outcome unknown without having asked"),
        (Books(stored=replace(UNKNOWN, asked_for=timedelta(seconds=3))), "outcome unknown without having asked"),
        (Books(stored=replace(UNKNOWN, events=("queued", "failed"))), "outcome unknown without having asked"),
        (Books(stored=UNKNOWN, shown=(LIVE, LIVE)), "doubles"),
        (
            Books(stored=Stored(status="failed", code="INTERNAL"), shown=()),
            "posts that failed by the program's own fault",
        ),
        (Books(shown=(replace(LIVE, handle="butcher"),)), "on the wrong account"),
        (Books(shown=(replace(LIVE, hashes=["bb22"]),)), "with the wrong media"),
        (Books(shown=(replace(LIVE, hashes=[]),)), "with the wrong media"),
        (Books(shown=(replace(LIVE, external_id="18"),)), "with the wrong address"),
        (Books(stored=replace(PUBLISHED, external_url="https://www.instagram.com/p/18/")), "with the wrong address"),
        (Books(shown=(replace(LIVE, comments=["First!", "First!"]),)), "with the wrong first comment"),
        (Books(shown=(replace(LIVE, comments=["Last!"]),)), "with the wrong first comment"),
        (Books(shown=(replace(LIVE, comments=[]),)), "with the wrong first comment"),
        (Books(stored=replace(PUBLISHED, comment_status=None)), "with the wrong first comment"),
        (Books(wanted=replace(WANTED, comment=None)), "with the wrong first comment"),
        (Books(stored=replace(PUBLISHED, events=TOLD[:-1])), "timelines that do not agree with the state"),
        (Books(stored=replace(PUBLISHED, events=(*TOLD, "failed"))), "timelines that do not agree with the state"),
        (Books(stored=replace(PUBLISHED, events=("live", *TOLD))), "timelines that do not agree with the state"),
        (Books(stored=replace(PUBLISHED, events=(*TOLD[:4], *TOLD[3:]))), "timelines that do not agree with the state"),
        (
            Books(stored=replace(PUBLISHED, events=("queued", "live", "published"))),
            "live without having been asked for",
        ),
        (Books(surprises=["publish was answered 404"]), "answers that no caller should get"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_found(books: Books, fault: str) -> None:
    """Each fault is found by its name."""
    assert fault in books.faults()


def test_the_same_seed_gives_the_same_faults() -> None:
    """A run can be repeated with the same faults in the same order, and the first ones are one of each kind."""
    first, again = (list(islice(faults(7, PACE), 30)) for _ in range(2))
    assert first == again
    assert first != list(islice(faults(8, PACE), 30))
    assert {one.kind for one in first[: len(Kind)]} == set(Kind)
    assert list(islice(troubles(7, PACE), 30)) == list(islice(troubles(7, PACE), 30))


def test_each_call_that_cant_be_taken_back_loses_its_answer_after_the_effect() -> None:
    """Among the troubles there are, for each of these calls, drops before and after the effect and errors after it."""
    drawn = [one.body for one in islice(troubles(7, PACE), 3_000)]
    for platform, operations in LIVE_CALLS.items():
        for operation in operations:
            here = [body for body in drawn if (body["platform"], body["operation"]) == (platform, operation)]
            assert {"drop_before_effect", "drop_after_effect", "latency"} <= {body["fault"] for body in here}
            assert any(body.get("value") == {"afterEffect": True} for body in here)


def test_a_stopped_worker_outlives_its_lease() -> None:
    """A worker is stopped for longer than its lease, so that another takes its posts while it sleeps."""
    stops = [one for one in islice(faults(7, PACE), 200) if one.kind is Kind.STOP_WORKER]
    assert stops
    assert all(one.lasts > PACE.lease for one in stops)


def test_the_picture_shows_each_fault() -> None:
    """One mark for each fault, and text that is escaped in SVG."""
    picture = Picture(
        title="A & B", seconds=10, rates=[1, 2], lanes=[Lane(name="cut", marks=[(1, 1), (5, 0)])], broken_until=8
    )
    svg = draw(picture)
    assert svg.count("fill: #de2d26") == len(picture.lanes[0].marks)
    assert "A &amp; B" in svg
