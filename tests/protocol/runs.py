"""The runs of the model that are replayed with the real worker."""

import random
from collections.abc import Sequence

from tests.protocol.explore import Exploration
from tests.protocol.model import PERSON, Move, Rules, World, start
from tests.protocol.world import is_fault, moves

Run = Sequence[tuple[Move, World]]


def kind_of(move: Move, before: World, after: World) -> tuple[object, ...]:
    """Return what distinguishes a step: the move, the state of the worker's copy, and the state of the post."""
    row = before.rows[max(move.post, 0)]
    hold = before.holds[move.worker][move.post] if move.worker >= 0 and move.post >= 0 else None
    then = None if hold is None else after.holds[move.worker][move.post]
    return (
        move.name,
        hold and (hold.step, hold.is_current, hold.answer),
        then and then.step,
        row.status,
        row.owner == move.worker,
    )


def covering_runs(rules: Rules) -> Sequence[Run]:
    """Return runs that contain every kind of step within some bounds, each on a shortest path."""
    exploration = Exploration(rules, [])
    exploration.run()
    firsts: dict[tuple[object, ...], Run] = {}
    for number, world in enumerate(exploration.worlds):
        for move, after in moves(rules, world):
            kind = kind_of(move, world, after)
            if kind not in firsts:
                firsts[kind] = [*exploration.way_to(number), (move, after)]
    covered: set[tuple[object, ...]] = set()
    runs = []
    for kind, run in sorted(firsts.items(), key=lambda item: -len(item[1])):
        if kind not in covered:
            runs.append(run)
            world = start(rules)
            for move, after in run:
                covered.add(kind_of(move, world, after))
                world = after
    return runs


def random_run(rules: Rules, dice: random.Random) -> Run:
    """Return a random run that ends when every post is final and no worker has work left.

    What goes wrong, and persons, come now and then; otherwise the first thing that goes wrong would come at once.
    """
    world, run = start(rules), list[tuple[Move, World]]()
    while choices := list(moves(rules, world)):
        onward = [one for one in choices if not is_fault(one[0]) and one[0].name not in PERSON]
        move, world = dice.choice(onward if onward and dice.random() < 0.7 else choices)
        run.append((move, world))
    return run
