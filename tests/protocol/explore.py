"""Every state that can be reached, breadth first, and what must be true of each."""

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.protocol.model import OVER, PERSON, Kind, Move, Platform, Row, Rules, Status, World, start
from tests.protocol.world import is_fault, moves

Holds = Callable[[Rules, Row, Platform], bool]
Run = Sequence[tuple[Move, World]]

TWICE: Final = "no post is live twice"
CANCELED: Final = "no post is canceled and live"
FAILED: Final = "no post is failed, as not posted, and live"
ORDER: Final = "no part is live before the one before it"
PARTLY: Final = "no part after those that are recorded is live in a thread that ended in part"
LANE: Final = "one post of a lane is at work at a time"
STAYS: Final = "what is over stays as it is"
UNKNOWN: Final = "an outcome is unknown only where the platform can't tell"
ENDS: Final = "once nothing goes wrong any more, every post reaches its end"

OF_POSTS: Final[Mapping[str, Holds]] = {
    TWICE: lambda _, __, platform: max(platform.effects) <= 1,
    CANCELED: lambda _, row, platform: row.status is not Status.CANCELED or not any(platform.effects),
    FAILED: lambda _, row, platform: row.status is not Status.FAILED or not any(platform.effects),
    "what is stored as live or published is live": lambda _, row, platform: (
        all(platform.effects[: row.part])
        and (all(platform.effects) or not (row.is_live or row.status is Status.PUBLISHED))
    ),
    ORDER: lambda _, __, platform: list(platform.effects) == sorted(platform.effects, reverse=True),
    PARTLY: lambda _, row, platform: row.status is not Status.PARTIAL or not any(platform.effects[row.part :]),
    # It does not answer; or the one-off addresses were fetched, and nothing names the post that came of it.
    UNKNOWN: lambda rules, row, platform: (
        row.status not in {Status.UNKNOWN, Status.DOUBTED}
        or platform.is_mute
        or (rules.kind is Kind.ONE_OFF and max(platform.effects) > 0)
    ),
}
"""What must be true of every post in every state."""
PROPERTIES: Final = (*OF_POSTS, LANE, STAYS, ENDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an exploration found."""

    states: int
    steps: int
    broken: Mapping[str, Run]
    """The properties that do not hold, each with a shortest run to where it is broken."""


def explore(rules: Rules, *, properties: Collection[str] = PROPERTIES, until_all: bool = False) -> Found:
    """Look at every state that can be reached, until one of the properties is broken, or until each of them is."""
    return Exploration(rules, properties, until_all=until_all).run()


class Exploration:
    """One breadth-first search. States are numbered in the order in which they are found."""

    def __init__(self, rules: Rules, properties: Collection[str], *, until_all: bool = False) -> None:
        """Take what is explored, what must hold, and whether to continue after the first broken property."""
        self._rules: Final = rules
        self._properties: Final = frozenset(properties)
        self._of_posts: Final = [(name, holds) for name, holds in OF_POSTS.items() if name in self._properties]
        self._until_all: Final = until_all
        self._broken: Final[dict[str, int]] = {}
        self._number: Final[dict[World, int]] = {}
        self.worlds: Final[list[World]] = []
        self._from: Final = array("q")
        self._by: Final[list[Move | None]] = []
        self._steps = 0
        self._onward: Final[list[tuple[int, ...]]] = []
        """Of each state: where it leads to with nothing going wrong and no person helping."""

    def run(self) -> Found:
        """Search, and return what was found."""
        self._add(start(self._rules), -1, None)
        for place, world in enumerate(self.worlds):  # it grows meanwhile
            self._look(place, world)
            if self._is_enough():
                break
            self._expand(place, world)
        else:
            if ENDS in self._properties and (stuck := self._stuck()) is not None:
                self._broken[ENDS] = stuck
        broken = {name: self.way_to(number) for name, number in self._broken.items()}
        return Found(states=len(self.worlds), steps=self._steps, broken=broken)

    def way_to(self, number: int) -> Run:
        """Return a shortest run from the start to a state."""
        way = []
        while (move := self._by[number]) is not None:
            way.append((move, self.worlds[number]))
            number = self._from[number]
        return way[::-1]

    def _add(self, world: World, origin: int, move: Move | None) -> int:
        number = self._number.setdefault(world, len(self.worlds))
        if number == len(self.worlds):
            self.worlds.append(world)
            self._from.append(origin)
            self._by.append(move)
        return number

    def _look(self, place: int, world: World) -> None:
        at_work = 0
        for row, platform in zip(world.rows, world.platforms, strict=True):
            at_work += row.status is Status.PUBLISHING
            for name, holds in self._of_posts:
                if not holds(self._rules, row, platform):
                    self._broken.setdefault(name, place)
        if at_work > 1 and LANE in self._properties:
            self._broken.setdefault(LANE, place)

    def _is_enough(self) -> bool:
        return bool(self._broken) and (not self._until_all or len(self._broken) == len(self._properties))

    def _expand(self, place: int, world: World) -> None:
        onward = set[int]()
        for move, then in moves(self._rules, world):
            self._steps += 1
            number = self._add(then, place, move)
            if STAYS in self._properties and any(
                was.status in OVER and was != row for was, row in zip(world.rows, then.rows, strict=True)
            ):
                self._broken.setdefault(STAYS, number)
            if not is_fault(move) and move.name not in PERSON:
                onward.add(number)
        self._onward.append(tuple(onward))

    def _stuck(self) -> int | None:
        """Return a state from which a post never reaches its end, though nothing goes wrong any more; None: there is none.

        With no fault and no person, the ways onward make no circle, and each ends only where every post is over. So each
        is finite and leads there, in whatever order things are done: nothing has to be fair for that.
        """
        leads_here = [0] * len(self.worlds)
        for onward in self._onward:
            for number in onward:
                leads_here[number] += 1
        ready = [number for number, count in enumerate(leads_here) if not count]
        for number in ready:  # it grows meanwhile
            if not self._onward[number] and not _is_over(self.worlds[number]):
                return number
            for then in self._onward[number]:
                leads_here[then] -= 1
                if not leads_here[then]:
                    ready.append(then)
        return next((number for number, count in enumerate(leads_here) if count), None)


def _is_over(world: World) -> bool:
    return all(row.status in OVER or row.status is Status.ABSENT for row in world.rows)
