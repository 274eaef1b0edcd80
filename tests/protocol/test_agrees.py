"""The model and the program agree: the model's runs are replayed with the real worker on a real database."""

import random
from typing import Final

import pytest
from tests.protocol.model import Kind, Rules
from tests.protocol.replay import Replay, playable
from tests.protocol.runs import covering_runs, random_run
from tests.tiers import exhaustive
from tests.worker.rows import owner_of_project

from presswork.db.pool import Pool

CALLS: Final = 2
RANDOM_RUNS: Final = 12
"""Random runs for each kind of platform. Hundreds more were replayed manually."""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the worker call as often as the model does."""
    monkeypatch.setattr("presswork.worker.publish_attempt.LIVE_CALLS", CALLS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rules", "least"),
    [(Rules(faults=2, calls=CALLS), 200), *exhaustive([(Rules(parts=2, faults=2, calls=CALLS), 200)])],
)
async def test_every_kind_of_step_does_what_the_model_says(pool: Pool, rules: Rules, least: int) -> None:
    """Each kind of step with two faults: the worker is at the expected step, and the row has the expected values."""
    owner = await owner_of_project(pool)
    runs = covering_runs(rules)
    assert len(runs) > least
    for run in runs:
        await Replay(pool, owner, rules).play(playable(run))


@pytest.mark.parametrize(("kind", "parts"), [*((kind, 1) for kind in Kind), (Kind.TICKET, 3)])
async def test_what_happens_at_random_does_what_the_model_says(pool: Pool, kind: Kind, parts: int) -> None:
    """Random runs with two posts of a lane and many faults: crashes, stalls, lost answers, cancels, in any order."""
    owner = await owner_of_project(pool)
    rules = Rules(kind=kind, posts=2, parts=parts, faults=6, calls=CALLS, drops_open=True)
    dice = random.Random(f"{kind}{'' if parts == 1 else parts}")  # noqa: S311  a die
    for _ in range(RANDOM_RUNS):
        await Replay(pool, owner, rules).play(playable(random_run(rules, dice)))
