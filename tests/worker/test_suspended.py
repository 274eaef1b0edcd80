"""A worker that is suspended during a call that can't be undone: it sends nothing after the end of its lease."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue
from tests.clocks import MovableClock
from tests.posts.conftest import bare
from tests.posts.conftest import ready_project as ready_project
from tests.worker.attempt_world import AttemptWorld, Scripted
from tests.worker.attempt_world import attempt_world as attempt_world

from presswork.jobs.runner import LeaseLost
from presswork.platforms.port import Job, Present, Processing
from presswork.worker.follow_up_jobs import FollowUpJob, FollowUpJobs
from presswork.worker.job import ActiveJob
from presswork.worker.publish_attempt import Attempt
from presswork.worker.store import WorkStore

LEASE = timedelta(seconds=5)


def suspended(clock: MovableClock) -> Callable[[], Awaitable[None]]:
    """Return what a suspension until the end of the lease is for the process: time passes, and nothing else runs."""

    async def suspend() -> None:
        clock.advance(LEASE)

    return suspend


@dataclass
class TwoRequests(Scripted):
    """A connector that reads first and then writes, with a token for each; the test decides what happens between the two."""

    between: Callable[[], Awaitable[None]] | None = None
    has_written: bool = False

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        await self._call(job)
        return await super().make_live(job, prepared)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        await self._call(job)

    async def _call(self, job: Job) -> None:
        await job.access_token()
        assert self.between is not None
        await self.between()
        await job.access_token()
        self.has_written = True


async def test_a_call_goes_no_further_after_the_lease(attempt_world: AttemptWorld) -> None:
    """The response to the read is there when the process resumes, so the call continues before any timer has run."""
    await attempt_world.give_token("valid")
    await attempt_world.accept()
    (row,) = await attempt_world.bench.store.claim(now=attempt_world.clock.now(), lease=LEASE, limit=1)

    connector = TwoRequests(between=suspended(attempt_world.clock))
    platform = replace(attempt_world.platform, connector=connector)
    attempt = Attempt(attempt_world.bench, ActiveJob(attempt_world.bench, row, platform), platform.channel(row.mode))
    with pytest.raises(LeaseLost):
        await attempt.run()
    assert not connector.has_written


@dataclass(frozen=True, kw_only=True)
class CommentWorld:
    """A live post whose first comment is missing."""

    jobs: FollowUpJobs
    connector: TwoRequests

    async def claim(self) -> FollowUpJob:
        """Lease the follow-up."""
        (job,) = await self.jobs.claim(1)
        return job


@pytest.fixture
async def comment_world(attempt_world: AttemptWorld, monkeypatch: pytest.MonkeyPatch) -> CommentWorld:
    """A published post with a follow-up that is due, on a platform that has comments."""
    await attempt_world.give_token("valid")
    await attempt_world.ready_project.change(
        "content_containers", attempt_world.ready_project.image, first_comment="First!"
    )
    (post,) = await attempt_world.accept()
    await attempt_world.attempt(Scripted())
    await attempt_world.bench.pool.execute(
        "INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)"
        " VALUES ($1, false, true, $2, $3, 0)",
        bare(post),
        attempt_world.clock.now(),
        attempt_world.clock.now() + timedelta(days=1),
    )
    connector = TwoRequests(can_comment=True)
    platforms = attempt_world.ready_project.world.api.context.platforms
    monkeypatch.setattr(platforms, "get", lambda *_: replace(attempt_world.platform, connector=connector))
    jobs = FollowUpJobs(attempt_world.bench, platforms, concurrency=1, lease=LEASE)
    return CommentWorld(jobs=jobs, connector=connector)


async def test_a_comment_is_not_written_after_the_lease(
    attempt_world: AttemptWorld, comment_world: CommentWorld
) -> None:
    """Another worker has taken the follow-up over meanwhile, and may have written it: the comment would be there twice."""
    comment_world.connector.between = suspended(attempt_world.clock)
    with pytest.raises(LeaseLost):
        await comment_world.jobs.run(await comment_world.claim())
    assert not comment_world.connector.has_written
    assert (await comment_world.claim()).left.attempts == 1, "the call was counted"


async def test_a_comment_does_not_begin_late(
    attempt_world: AttemptWorld, comment_world: CommentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait of the next worker counts from the write before the call, so a lease renewed after that does not help."""
    job, store = await comment_world.claim(), attempt_world.bench.store
    save = store.save

    async def save_late(*arguments: Any, **options: Any) -> None:
        await save(*arguments, **options)
        attempt_world.clock.advance(LEASE)
        await comment_world.jobs.renew([job.post.id])

    monkeypatch.setattr(store, "save", save_late)
    with pytest.raises(LeaseLost):
        await comment_world.jobs.run(job)
    assert not comment_world.connector.has_written


async def test_a_comment_may_take_as_long_as_the_lease_is_renewed(
    attempt_world: AttemptWorld, comment_world: CommentWorld
) -> None:
    """A slow platform: the call outlasts the lease that it started with."""

    async def slow() -> None:
        for _ in range(3):
            attempt_world.clock.advance(LEASE * 0.6)
            await comment_world.jobs.renew([job.post.id])

    comment_world.connector.between = slow
    job = await comment_world.claim()
    await comment_world.jobs.run(job)
    assert comment_world.connector.has_written
    assert await comment_world.jobs.claim(1) == []


@pytest.mark.parametrize("write", ["end", "reschedule"])
@pytest.mark.parametrize("counted", [False, True], ids=["leased", "counted"])
async def test_a_follow_up_is_not_written_after_the_lease(
    attempt_world: AttemptWorld, comment_world: CommentWorld, write: str, counted: bool
) -> None:
    """Another worker has leased it, or has had it and counted its attempt: what it stored stays."""
    store, pool = attempt_world.bench.store, attempt_world.bench.pool
    lapsed = (await comment_world.claim()).left
    attempt_world.clock.advance(LEASE)
    other = WorkStore(pool, worker_id="other")
    (left,) = await other.claim_follow_ups(lease=LEASE, limit=1, now=attempt_world.clock.now())
    if counted:
        later = attempt_world.clock.now() + LEASE
        await other.reschedule_follow_up(
            left, needs_location=False, needs_comment=True, needs_extras=False, run_at=later
        )
        attempt_world.clock.advance(LEASE)
        await store.claim_follow_ups(lease=LEASE, limit=1, now=attempt_world.clock.now())
    before = await pool.fetchrow("SELECT * FROM post_follow_ups")
    later = attempt_world.clock.now() + timedelta(days=1)
    late = (
        store.end_follow_up(lapsed)
        if write == "end"
        else store.reschedule_follow_up(
            lapsed, needs_location=True, needs_comment=True, needs_extras=True, run_at=later
        )
    )
    with pytest.raises(LeaseLost):
        await late
    assert await pool.fetchrow("SELECT * FROM post_follow_ups") == before
