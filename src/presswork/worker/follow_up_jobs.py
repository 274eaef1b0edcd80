"""Follow-ups of live posts as jobs. They never change a post's outcome."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.core.backoff import backoff
from presswork.core.clock import JobClock
from presswork.core.errors import Unavailable
from presswork.jobs.runner import INTERRUPTIONS
from presswork.platforms.registry import Platforms
from presswork.telemetry import meters
from presswork.worker.context import WorkerContext
from presswork.worker.follow_ups import LONGEST_WAIT, follow_up, follow_up_later
from presswork.worker.job import ActiveJob
from presswork.worker.post_row import FollowUp, PostRow
from presswork.worker.store import WorkStore

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FollowUpJob:
    """A claimed follow-up with its post, and the clock of its attempt."""

    left: FollowUp
    post: PostRow
    clock: JobClock


class FollowUpJobs:
    """The job source of follow-ups."""

    name: Final = "follow-ups"
    poll_every: Final = timedelta(seconds=1)
    poll_gap: Final = timedelta()
    is_notified: Final = False  # each is due some time after its post was settled
    wakes: Final = ()

    def __init__(
        self,
        context: WorkerContext,
        platforms: Platforms,
        *,
        concurrency: int,
        lease: timedelta,
        leases: WorkStore | None = None,
    ) -> None:
        """Use `leases` to renew leases over a separate connection pool."""
        self.concurrency: Final = concurrency
        self.lease: Final = lease
        self._context: Final = context
        self._store: Final = context.store
        self._leases: Final = context.store if leases is None else leases
        self._platforms: Final = platforms
        self._running: Final[dict[UUID, FollowUpJob]] = {}

    def key_of(self, job: FollowUpJob) -> UUID:
        """Return the post's id."""
        return job.post.id

    async def claim(self, limit: int) -> Sequence[FollowUpJob]:
        """Lease follow-ups that are due."""
        clock = self._context.clock
        since = clock.uptime()
        claimed = await self._store.claim_follow_ups(lease=self.lease, limit=limit, now=clock.database_now())
        posts = {post.id: post for post in await self._store.load([left.post_id for left in claimed])}
        jobs = [
            FollowUpJob(left, posts[left.post_id], JobClock(clock, at=left.claimed_at, since=since))
            for left in claimed
            if left.post_id in posts
        ]
        for job in jobs:
            job.post.leased_until = job.left.claimed_at + self.lease  # its own lease ended when it was settled
            self._running[job.post.id] = job
        return jobs

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases. None is reported as lost: the writes of a follow-up are fenced, and so are those of its post."""
        since = self._context.clock.uptime()
        kept = await self._leases.renew_follow_ups(list(keys), lease=self.lease, now=self._context.clock.database_now())
        for post_id in kept:
            if (job := self._running.get(post_id)) is not None:
                job.post.leased_until = job.clock.at(since) + self.lease
        return ()

    async def release(self, held: Collection[UUID]) -> None:
        """Release every follow-up of this worker except those in `held`."""
        await self._store.release_follow_ups(held=held, now=self._context.clock.database_now())

    async def next_due(self) -> timedelta | None:
        """Return how long until a follow-up is due."""
        return await self._store.next_follow_up_due(now=self._context.clock.database_now())

    async def run(self, job: FollowUpJob) -> None:
        """Do what is missing for a post. Raises INTERRUPTIONS, which are not counted as an attempt."""
        context = replace(self._context, clock=job.clock)
        try:
            await self._follow_up(context, job)
        except INTERRUPTIONS:
            raise
        except Exception as error:
            log.exception("follow-up crashed", post=f"sp_{job.post.id}", attempts=job.left.attempts)
            await self._handle_crash(context, job, error)
        finally:
            if self._running.get(job.post.id) is job:
                del self._running[job.post.id]

    async def _follow_up(self, context: WorkerContext, job: FollowUpJob) -> None:
        try:
            platform = await self._platforms.for_app(job.post.login, job.post.environment, job.post.app_id)
            channel = platform.channel(job.post.mode)
        except Unavailable as error:
            await follow_up_later(context, job.post, job.left, error.message, now=context.clock.now())
            return
        await follow_up(context, ActiveJob(context, job.post, platform), channel, job.left)

    async def _handle_crash(self, context: WorkerContext, job: FollowUpJob, error: Exception) -> None:
        """Count an attempt and back off after an unexpected error; end the follow-up after its time limit."""
        meters.settle_failures.labels(self.name).inc()
        now, left = context.clock.now(), job.left
        if now < left.gives_up_at:
            wait = backoff(timedelta(minutes=1), LONGEST_WAIT, failures=left.attempts)
            await context.store.reschedule_follow_up(
                left,
                needs_location=left.needs_location,
                needs_comment=left.needs_comment,
                needs_extras=left.needs_extras,
                run_at=now + wait,
            )
            return
        (post,) = await context.store.load([left.post_id]) or (job.post,)
        what = f"An internal error of Presswork ({type(error).__name__}) occurred; see the worker's log."
        await follow_up_later(context, post, left, what, now=now)
