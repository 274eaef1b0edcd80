"""How long a look-up continues while reads fail, and how often it reads."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob

from presswork.core.settings import Settings
from presswork.platforms import setup
from presswork.platforms.errors import TryLater
from presswork.platforms.failed_reads import read_failed
from presswork.platforms.port import CannotTell, MediaType, TargetAccount, Tokens

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIVE = setup.live_retry_policy(Settings())


@pytest.fixture
def job() -> MemoryJob:
    """A post whose live call was just made."""
    clock = JumpingClock()
    return MemoryJob(
        account=TargetAccount(id=UUID(int=1), external_id="1784", handle="brand", scopes=frozenset()),
        samples=[],
        media_type=MediaType.IMAGE,
        caption="Hello",
        tokens=Tokens(access_token="IG", issued_at=NOW, expires_at=None),
        clock=clock,
        host=MediaHost(),
        live_call_at=clock.now(),
    )


async def read(job: MemoryJob, error: TryLater) -> CannotTell:
    """Return what a look-up returns whose read failed."""
    return await read_failed(
        job, error, LIVE, throttled_for=timedelta(hours=23), unknown="It is not known.", at_last="It did not report"
    )


@pytest.mark.parametrize(
    ("asked_for", "ends_after"),
    [
        (None, LIVE.unknown_after),
        (timedelta(seconds=1), LIVE.unknown_after),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=1), timedelta(hours=2)),
    ],
    ids=str,
)
async def test_a_wait_that_a_platform_asks_for_decides_nothing(
    job: MemoryJob, asked_for: timedelta | None, ends_after: timedelta
) -> None:
    """While a platform is down it is read every five minutes at least, whatever its Retry-After: no two failed reads decide,
    and it is read for as long as it says that it is down, but not for a day."""
    began, reads = job.now(), 0
    while (outcome := await read(job, TryLater("Down.", step="x", retry_after=asked_for))).check_after is not None:
        reads += 1
        assert outcome.check_after <= timedelta(minutes=5)
        await job.sleep(outcome.check_after)
    assert reads > 5
    assert ends_after <= job.now() - began <= ends_after + timedelta(minutes=5)


async def test_a_limit_is_waited_for_as_long_as_the_platform_asks(job: MemoryJob) -> None:
    """A read that a limit refuses is repeated when the platform says so, not before."""
    limit = TryLater("Too many.", step="x", retry_after=timedelta(hours=3), is_throttled=True)
    assert (await read(job, limit)).check_after == timedelta(hours=3)
