"""The short form of `make chaos`: a real cluster, one fault of each kind at least, and a ledger that has to agree.

The run in docs/reliability.md is the same with 100,000 posts.
"""

from datetime import timedelta
from pathlib import Path

import pytest
import uvloop
from chaos.ledger import told
from chaos.plan import Kind, RetryPolicy
from chaos.run import Size, run

PACE = RetryPolicy(lease=timedelta(seconds=5), between=timedelta(seconds=1.5), trouble_between=timedelta(seconds=0.5))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_cluster_under_faults_doubles_and_loses_nothing(tmp_path: Path) -> None:
    """Everything is broken once at least while 200 posts go out; afterwards both sides agree on each."""
    size = Size(posts=200, accounts=60, callers=6, most_open=60, least_faults=len(Kind))
    result = uvloop.run(run(tmp_path, seed=5, retry_policy=PACE, size=size))
    assert told(result.verdict) == []
    assert {one.kind for one in result.diary.done} == set(Kind)
    assert result.verdict.by_status["published"] > size.posts / 2
