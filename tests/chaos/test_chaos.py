"""The short form of `make chaos`: a real cluster, at least one fault of each kind, and a ledger without violations.

The run in docs/reliability.md is the same with 100,000 posts.
"""

from datetime import timedelta
from pathlib import Path

import pytest
import uvloop
from chaos.ledger import violations_of
from chaos.plan import FaultSchedule, Kind
from chaos.run import Size, run

SCHEDULE = FaultSchedule(
    lease=timedelta(seconds=5), between=timedelta(seconds=1.5), platform_fault_interval=timedelta(seconds=0.5)
)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_cluster_under_faults_duplicates_and_loses_nothing(tmp_path: Path) -> None:
    """Each kind of fault occurs at least once while 200 posts are published; afterwards the ledger has no violations."""
    size = Size(posts=200, accounts=60, callers=6, most_open=60, least_faults=len(Kind))
    result = uvloop.run(run(tmp_path, seed=5, schedule=SCHEDULE, size=size))
    assert violations_of(result.verdict) == []
    assert {one.kind for one in result.fault_log.injected} == set(Kind)
    assert result.verdict.by_status["published"] > size.posts / 2
