"""Waiting for a turn: for a moment at once, for longer by putting the post off, and the turn is kept meanwhile."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest
from tests.contract.job import MediaHost, MemoryJob, MovableClock, picture

from presswork.platforms.errors import TryLater
from presswork.platforms.port import Limit, MediaType, TargetAccount, Tokens
from presswork.platforms.rate_limits import reserve

SECOND: Final = timedelta(seconds=1)
SIX: Final = Limit(
    call="init", most=6, window=60 * SECOND, late_by=10 * SECOND, sentence="Six a minute, and others come first."
)


@dataclass(slots=True, kw_only=True)
class Queued(MemoryJob):
    """A job whose turns are as far off as the test says, and whose clock stands still but for its waits."""

    far: list[timedelta] = field(default_factory=list)
    instant: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)
    waits: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        """Return what the clock shows."""
        return self.instant

    async def sleep(self, duration: timedelta) -> None:
        """Move the clock."""
        self.instant += duration
        self.waits.append(duration)

    async def reserve(self, limit: Limit, *, calls: int = 1) -> datetime:
        """Return the next turn of the test's."""
        self.turns.append((limit.call, calls))
        return self.now() + self.far.pop(0)


@pytest.fixture
async def job() -> AsyncIterator[Queued]:
    """A post whose turns come as a test says."""
    async with MediaHost() as host:
        yield Queued(
            account=TargetAccount(id=uuid4(), external_id="1", handle="brand", scopes=frozenset()),
            samples=[picture()],
            media_type=MediaType.IMAGE,
            caption="",
            tokens=Tokens(access_token="t", issued_at=datetime.now(UTC), expires_at=None),
            clock=MovableClock(),
            host=host,
        )


async def put_off(job: Queued, calls: int = 1) -> timedelta:
    """Take a turn that is far off; return how long it is put off."""
    with pytest.raises(TryLater, match="others come first") as waiting:
        await reserve(job, SIX, step="init", calls=calls)
    assert (waiting.value.is_throttled, waiting.value.step) == (True, "init")
    assert waiting.value.retry_after is not None
    return waiting.value.retry_after


async def test_a_turn_that_is_now_costs_nothing(job: Queued) -> None:
    """Nothing is waited for and nothing is stored."""
    job.far = [0 * SECOND]
    await reserve(job, SIX, step="init")
    assert (job.waits, job.saves) == ([], [])


async def test_a_moment_is_spent_at_once(job: Queued) -> None:
    """A turn in two seconds is waited for with the post in hand; one in twenty too, where the caller is as patient."""
    job.far = [2 * SECOND, 20 * SECOND]
    await reserve(job, SIX, step="init")
    await reserve(job, SIX, step="init", max_wait=20 * SECOND)
    assert (job.waits, job.saves) == ([2 * SECOND, 20 * SECOND], [])


async def test_a_turn_is_kept_while_the_post_waits(job: Queued) -> None:
    """The post comes back when its turn is there, or earlier: it has one turn all the time, and gives it up when used."""
    job.far = [50 * SECOND]
    assert await put_off(job) == 50 * SECOND
    await job.sleep(20 * SECOND)
    assert await put_off(job) == 30 * SECOND
    await job.sleep(30 * SECOND)
    await reserve(job, SIX, step="init")
    assert (job.turns, job.state) == ([("init", 1)], {})


async def test_a_turn_outlives_starting_over(job: Queued) -> None:
    """Only what stands under a name with `keep_` is left then, and the turn is."""
    job.far = [50 * SECOND]
    await put_off(job)
    assert all(name.startswith("keep_") for name in job.state)


async def test_a_turn_that_was_missed_is_taken_anew(job: Queued) -> None:
    """A worker comes back a minute late: others may have counted on the call being over, so it takes another turn."""
    job.far = [50 * SECOND, 0 * SECOND]
    await put_off(job)
    await job.sleep(50 * SECOND + SIX.late_by + SECOND)
    await reserve(job, SIX, step="init")
    assert (len(job.turns), job.state) == (2, {})


async def test_a_turn_for_fewer_calls_is_not_enough(job: Queued) -> None:
    """What is to be made has become more: the turn is taken again for all of it."""
    job.far = [50 * SECOND, 55 * SECOND]
    await put_off(job, calls=2)
    assert await put_off(job, calls=3) == 55 * SECOND
    assert job.turns == [("init", 2), ("init", 3)]
