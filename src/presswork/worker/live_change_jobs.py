"""The job source of changes of live posts. A platform that is slow or down delays no post that is published."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.core.backoff import backoff
from presswork.core.errors import Unavailable
from presswork.jobs.runner import INTERRUPTIONS
from presswork.platforms.registry import Platforms
from presswork.posts.model import Event
from presswork.telemetry import meters
from presswork.worker.context import WorkerContext
from presswork.worker.job import ActiveJob
from presswork.worker.live_changes import LONGEST_WAIT, ChangeAttempt, LiveChange, LiveChangeStore, fail
from presswork.worker.post_leases import PostJob, PostLeases

log = structlog.get_logger()

_FIRST_WAIT: Final = timedelta(minutes=1)
"""After an error that is not the platform's."""


class LiveChangeJobs:
    """The job source of changes of live posts."""

    name: Final = "live-changes"
    poll_every: Final = timedelta(seconds=5)
    poll_gap: Final = timedelta()
    is_notified: Final = True
    wakes: Final = ("webhooks",)

    def __init__(
        self,
        context: WorkerContext,
        store: LiveChangeStore,
        platforms: Platforms,
        *,
        concurrency: int,
        lease: timedelta,
        leases: LiveChangeStore,
    ) -> None:
        """It claims and renews over the separate connection pool of `leases`."""
        self.concurrency: Final = concurrency
        self.lease: Final = lease
        self._context: Final = context
        self._store: Final = store
        self._leases: Final = leases
        self._platforms: Final = platforms
        self._jobs: Final[PostLeases[LiveChange, UUID]] = PostLeases(
            context, lease=lease, key_of=lambda change: change.post_id
        )

    def key_of(self, job: PostJob[LiveChange]) -> UUID:
        """Return the post's id."""
        return job.call.post_id

    async def claim(self, limit: int) -> Sequence[PostJob[LiveChange]]:
        """Lease changes that are due."""
        clock = self._context.clock
        since = clock.uptime()
        claimed = await self._leases.claim(lease=self.lease, limit=limit, now=clock.database_now())
        return await self._jobs.begin(claimed, since=since)

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; return the posts whose change another worker has."""
        since = self._context.clock.uptime()
        kept = await self._leases.renew(keys, lease=self.lease, now=self._context.clock.database_now())
        self._jobs.extend(kept, since=since)
        return set(keys) - kept

    async def release(self, held: Collection[UUID]) -> None:
        """Release every change of this worker except those in `held`."""
        await self._leases.release(held, now=self._context.clock.database_now())

    async def next_due(self) -> timedelta | None:
        """Return how long until a change is due."""
        return await self._leases.next_due(now=self._context.clock.database_now())

    async def run(self, job: PostJob[LiveChange]) -> None:
        """Make a change. Raises INTERRUPTIONS, which are not counted as an attempt."""
        context = replace(self._context, clock=job.clock)
        try:
            await self._run(context, job)
        except INTERRUPTIONS:
            raise
        except Exception as error:
            meters.settle_failures.labels(self.name).inc()
            log.exception("change of a live post crashed", post=f"sp_{job.call.post_id}")
            what = f"An internal error of Presswork ({type(error).__name__}) occurred; see the worker's log."
            await self._retry(context, job, what)
        finally:
            self._jobs.end(job)

    async def _run(self, context: WorkerContext, job: PostJob[LiveChange]) -> None:
        if job.post is None:
            await self._retry(context, job, "This version of Presswork can't read the post.")
            return
        try:
            platform = await self._platforms.for_app(job.post.login, job.post.environment, job.post.app_id)
            attempt = ChangeAttempt(context, self._store, ActiveJob(context, job.post, platform), platform, job.call)
        except Unavailable as error:
            await self._retry(context, job, error.message)
            return
        await attempt.run()

    async def _retry(self, context: WorkerContext, job: PostJob[LiveChange], what: str) -> None:
        """Release a change whose platform can't be called; fail it after its time limit."""
        now, change = context.clock.now(), job.call
        if now >= change.gives_up_at:
            platform = None if job.post is None else self._platforms.described()[job.post.login]
            await fail(self._store, change, platform, job.post, what, {}, now=now)
            return
        run_at = min(now + backoff(_FIRST_WAIT, LONGEST_WAIT, failures=change.attempts), change.gives_up_at)
        message = what if change.attempts == 0 else None
        await self._store.retry(change, Event.RETRYING, message, {}, run_at=run_at, is_failure=True, now=now)
