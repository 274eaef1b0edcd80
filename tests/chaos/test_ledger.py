"""The ledger of a chaos run finds whatever is wrong: each case is a run in which one thing went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

import pytest
from chaos.ledger import Ledger, Shown, Stored
from chaos.load import Memory, Wanted
from chaos.picture import Lane, Picture, draw
from chaos.plan import Kind, Pace, faults, troubles
from chaos.scene import Account, Content

POST = "sp_1"
WANTED = Wanted(
    caption="No. 00000000000000aa",
    account=Account(id="sa_1", platform="instagram", handle="bakery"),
    mode="publish",
    content=Content(id="cnt_1", kind="image", hashes=["aa11"]),
    comment="First!",
)
LIVE = Shown(where="feed", handle="bakery", caption=WANTED.caption, hashes=["aa11"], comments=["First!"])
TOLD = ("queued", "claimed", "going_live", "live", "published")
PACE = Pace(lease=timedelta(seconds=5), between=timedelta(seconds=2), trouble_between=timedelta(seconds=1))


@dataclass(frozen=True, kw_only=True)
class Books:
    """What one run left behind; as it stands, all is well."""

    stored: Stored | None = field(default_factory=lambda: Stored(status="published"))
    events: Sequence[str] = TOLD
    shown: Sequence[Shown] = (LIVE,)
    is_accepted: bool = True
    is_canceled: bool = False
    surprises: Sequence[str] = ()

    def faults(self) -> set[str]:
        """Return what the ledger finds wrong."""
        memory = Memory(
            accepted={POST: WANTED} if self.is_accepted else {},
            canceled={POST} if self.is_canceled else set(),
            surprises=list(self.surprises),
        )
        rows = {} if self.stored is None else {POST: self.stored}
        return set(Ledger(memory).check(rows, {POST: self.events}, self.shown).faults)


def test_a_good_run_is_good() -> None:
    """A post that is published, told of, and there once."""
    assert Books().faults() == set()


@pytest.mark.parametrize(
    ("books", "fault"),
    [
        (Books(shown=(LIVE, LIVE)), "doubles"),
        (Books(stored=None, shown=()), "accepted posts that do not exist"),
        (Books(is_accepted=False, shown=()), "posts that nobody was answered"),
        (Books(stored=Stored(status="publishing"), events=("queued",), shown=()), "posts that are not over"),
        (Books(shown=()), "delivered, and not on the other side"),
        (Books(shown=(LIVE, replace(LIVE, caption="No. 1"))), "on the other side, and nobody was answered"),
        (Books(stored=Stored(status="canceled")), "canceled, and on the other side"),
        (Books(is_canceled=True), "answered as canceled, and not"),
        (Books(stored=Stored(status="failed", code="PLATFORM_REJECTED")), "failed, and on the other side"),
        (
            Books(stored=Stored(status="failed", code="OUTCOME_UNKNOWN", step="make_live")),
            "outcome unknown without having asked",
        ),
        (
            Books(stored=Stored(status="failed", code="INTERNAL"), shown=()),
            "posts that failed by the program's own fault",
        ),
        (Books(shown=(replace(LIVE, handle="butcher"),)), "on the wrong account"),
        (Books(shown=(replace(LIVE, hashes=["bb22"]),)), "with the wrong media"),
        (Books(shown=(replace(LIVE, comments=["First!", "First!"]),)), "with the wrong first comment"),
        (Books(events=TOLD[:-1]), "timelines that do not agree with the state"),
        (Books(events=(*TOLD, "failed")), "timelines that do not agree with the state"),
        (Books(events=("queued", "published")), "live without having been asked for"),
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


def test_a_stopped_worker_outlives_its_lease() -> None:
    """A worker is stopped for longer than its lease, so that another takes its posts while it sleeps."""
    stops = [one for one in islice(faults(7, PACE), 200) if one.kind is Kind.STOP_WORKER]
    assert stops
    assert all(one.lasts > PACE.lease for one in stops)


def test_the_picture_shows_each_fault() -> None:
    """One mark for each fault, and text that is safe in SVG."""
    picture = Picture(
        title="A & B", seconds=10, rates=[1, 2], lanes=[Lane(name="cut", marks=[(1, 1), (5, 0)])], broken_until=8
    )
    svg = draw(picture)
    assert svg.count('fill="#de2d26"') == len(picture.lanes[0].marks)
    assert "A &amp; B" in svg
