"""Waiting for a reserved call: a short wait happens at once, a longer one snoozes the post, which keeps its reservation."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob, picture

from presswork.platforms.errors import FailureCode, TryLater
from presswork.platforms.port import Limit, MediaType, TargetAccount, Tokens
from presswork.platforms.rate_limits import reserve

SECOND: Final = timedelta(seconds=1)
SIX: Final = Limit(
    call="init", max_calls=6, window=60 * SECOND, late_by=10 * SECOND, sentence="Six a minute, and others come first."
)


@dataclass(slots=True, kw_only=True)
class Queued(MemoryJob):
    """A job whose reservations are as late as the test sets, and whose clock only moves when it waits."""

    far: list[timedelta] = field(default_factory=list)
    instant: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)
    waits: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the current time of the test clock."""
        return self.instant

    async def sleep(self, duration: timedelta) -> None:
        """Advance the clock."""
        self.instant += duration
        self.waits.append(duration)

    async def reserve(self, limit: Limit, *, calls: int = 1) -> datetime:
        """Return the next reservation that the test set."""
        self.turns.append((limit.call, calls))
        return self.now() + self.far.pop(0)


@pytest.fixture
async def job() -> AsyncIterator[Queued]:
    """A post whose reservations the test sets."""
    async with MediaHost() as host:
        yield Queued(
            account=TargetAccount(id=uuid4(), external_id="1", handle="brand", scopes=frozenset()),
            samples=[picture()],
            media_type=MediaType.IMAGE,
            caption="",
            tokens=Tokens(access_token="t", issued_at=datetime.now(UTC), expires_at=None),
            clock=JumpingClock(),
            host=host,
        )


async def put_off(job: Queued, calls: int = 1) -> timedelta:
    """Reserve a call that is far off; return the wait that the post is snoozed for."""
    with pytest.raises(TryLater, match="others come first") as waiting:
        await reserve(job, SIX, step="init", calls=calls)
    assert (waiting.value.is_throttled, waiting.value.step) == (True, "init")
    assert waiting.value.failure is FailureCode.PLATFORM_LIMIT  # the platform was not asked
    assert waiting.value.retry_after is not None
    return waiting.value.retry_after


async def test_a_reservation_for_now_costs_nothing(job: Queued) -> None:
    """A reservation for now involves no wait and no write."""
    job.far = [0 * SECOND]
    await reserve(job, SIX, step="init")
    assert (job.waits, job.saves) == ([], [])


async def test_a_short_wait_happens_at_once(job: Queued) -> None:
    """A reservation in two seconds is waited for while the post is leased; one in twenty too, if `max_wait` allows it."""
    job.far = [2 * SECOND, 20 * SECOND]
    await reserve(job, SIX, step="init")
    await reserve(job, SIX, step="init", max_wait=20 * SECOND)
    assert (job.waits, job.saves) == ([2 * SECOND, 20 * SECOND], [])


async def test_a_reservation_is_kept_while_the_post_waits(job: Queued) -> None:
    """The post resumes when its reservation is due, or earlier: it keeps one reservation, and drops it once used."""
    job.far = [50 * SECOND]
    assert await put_off(job) == 50 * SECOND
    await job.sleep(20 * SECOND)
    assert await put_off(job) == 30 * SECOND
    await job.sleep(30 * SECOND)
    await reserve(job, SIX, step="init")
    assert (job.turns, job.state) == ([("init", 1)], {})


async def test_a_reservation_outlives_starting_over(job: Queued) -> None:
    """Only keys with the prefix `keep_` remain then, and the reservation does."""
    job.far = [50 * SECOND]
    await put_off(job)
    assert all(name.startswith("keep_") for name in job.state)


async def test_a_missed_reservation_is_made_again(job: Queued) -> None:
    """A worker resumes a minute late: other calls may have counted on this one being over, so it reserves again."""
    job.far = [50 * SECOND, 0 * SECOND]
    await put_off(job)
    await job.sleep(50 * SECOND + SIX.late_by + SECOND)
    await reserve(job, SIX, step="init")
    assert (len(job.turns), job.state) == (2, {})


async def test_a_reservation_for_fewer_calls_is_not_enough(job: Queued) -> None:
    """The number of calls has grown: the reservation is made again for all of them."""
    job.far = [50 * SECOND, 55 * SECOND]
    await put_off(job, calls=2)
    assert await put_off(job, calls=3) == 55 * SECOND
    assert job.turns == [("init", 2), ("init", 3)]


async def test_tries_of_a_post_use_one_reservation_where_posts_count(job: Queued) -> None:
    """The platform counts what goes live: a try that failed uses up nothing, and a try that is too late reserves again."""
    posts = replace(SIX, counts_posts=True)
    job.far = [50 * SECOND, 0 * SECOND]
    with pytest.raises(TryLater):
        await reserve(job, posts, step="init")
    await job.sleep(50 * SECOND)
    await reserve(job, posts, step="init")
    await job.sleep(SIX.late_by)
    await reserve(job, posts, step="init")
    assert (len(job.turns), len(job.saves)) == (1, 1)
    assert all(name.startswith("keep_") for name in job.state)
    await job.sleep(SECOND)
    await reserve(job, posts, step="init")
    assert len(job.turns) == 2


async def test_a_used_up_period_is_waited_for_to_its_end(job: Queued) -> None:
    """Where the platform counts by the day, the post waits for the end of the day, keeps no reservation, and then gets one."""
    today = replace(SIX, resets_at=job.instant + 30 * SECOND)
    job.far = [45 * SECOND, 0 * SECOND]
    with pytest.raises(TryLater) as waiting:
        await reserve(job, today, step="init")
    assert (waiting.value.retry_after, job.saves) == (30 * SECOND, [])
    job.instant += 30 * SECOND
    await reserve(job, replace(SIX, resets_at=job.instant + 60 * SECOND), step="init")
    assert job.waits == []
