"""The short form of `python -m chaos --campaign`: two rounds on a real cluster, with at least one fault of each kind.

The rounds in docs/reliability.md are the same with up to 100,000 posts.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from chaos.campaign import PAGE, PICTURE, run_round
from chaos.plan import FaultSchedule, Kind
from chaos.rounds import read_rounds
from chaos.run import Size
from rich.console import Console

SCHEDULE = FaultSchedule(
    lease=timedelta(seconds=5), between=timedelta(seconds=1.5), platform_fault_interval=timedelta(seconds=0.5)
)
HALVES = (frozenset(list(Kind)[::2]), frozenset(list(Kind)[1::2]))


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_rounds_under_faults_duplicate_and_lose_nothing(tmp_path: Path) -> None:
    """Two rounds of 100 posts, each with half of the kinds of faults, have no violation and add up."""
    for seed, half in enumerate(HALVES, start=5):
        size = Size(posts=100, accounts=40, callers=6, max_open=60, least_faults=len(half))
        schedule = replace(SCHEDULE, left_out=frozenset(Kind) - half)
        assert run_round(tmp_path, schedule=schedule, size=size, seed=seed, console=Console()), seed

    rounds = read_rounds(tmp_path)
    outcomes = [one.outcome for one in rounds if one.outcome is not None]
    injected = {kind for one in outcomes for kind, times in one.faults.items() if times}
    left_out = {kind for one in outcomes for kind in one.left_out}
    assert injected | left_out == {kind.value for kind in Kind}
    assert [one.doubles + one.losses + one.waiting + one.others for one in rounds] == [0, 0]
    assert sum(one.by_status["published"] for one in outcomes) > 100
    posts = sum(one.posts for one in outcomes)
    page = (tmp_path / PAGE).read_text()
    newest = sum(one.outcome.posts for one in rounds if one.outcome is not None and one.commit == rounds[-1].commit)
    for line in (f"| posts | {newest:,} | {posts:,} |", "| posts doubled | 0 | 0 |", "| posts lost | 0 | 0 |"):
        assert line in page
    assert "0 doubled, 0 lost" in (tmp_path / PICTURE).read_text()
