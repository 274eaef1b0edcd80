"""The job source of calls about comments. A platform that is slow or down delays no post that is published."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from presswork.core.backoff import backoff
from presswork.core.errors import Unavailable
from presswork.jobs.runner import INTERRUPTIONS
from presswork.platforms.registry import Platforms
from presswork.telemetry import meters
from presswork.worker.comment_calls import (
    LONGEST_WAIT,
    CallAttempt,
    CallKey,
    CommentCall,
    CommentCallStore,
    fail,
)
from presswork.worker.context import WorkerContext
from presswork.worker.job import ActiveJob
from presswork.worker.post_leases import PostJob, PostLeases

log = structlog.get_logger()

_FIRST_WAIT: Final = timedelta(minutes=1)
"""After an error that is not the platform's."""


class CommentCallJobs:
    """The job source of calls about comments."""

    name: Final = "comment-calls"
    poll_every: Final = timedelta(seconds=5)
    poll_gap: Final = timedelta()
    is_notified: Final = True
    wakes: Final = ("comment-calls", "webhooks")

    def __init__(
        self,
        context: WorkerContext,
        store: CommentCallStore,
        platforms: Platforms,
        *,
        concurrency: int,
        lease: timedelta,
        leases: CommentCallStore,
    ) -> None:
        """It claims and renews over the separate connection pool of `leases`."""
        self.concurrency: Final = concurrency
        self.lease: Final = lease
        self._context: Final = context
        self._store: Final = store
        self._leases: Final = leases
        self._platforms: Final = platforms
        self._jobs: Final[PostLeases[CommentCall, CallKey]] = PostLeases(
            context, lease=lease, key_of=lambda call: call.key
        )

    def key_of(self, job: PostJob[CommentCall]) -> CallKey:
        """Return the comment and the kind."""
        return job.call.key

    async def claim(self, limit: int) -> Sequence[PostJob[CommentCall]]:
        """Lease calls that are due."""
        clock = self._context.clock
        since = clock.uptime()
        calls = await self._leases.claim(lease=self.lease, limit=limit, now=clock.database_now())
        return await self._jobs.begin(calls, since=since)

    async def renew(self, keys: Collection[CallKey]) -> Collection[CallKey]:
        """Renew leases; return the calls that another worker has."""
        since = self._context.clock.uptime()
        kept = await self._leases.renew(keys, lease=self.lease, now=self._context.clock.database_now())
        self._jobs.extend(kept, since=since)
        return set(keys) - kept

    async def release(self, held: Collection[CallKey]) -> None:
        """Release every call of this worker except those in `held`."""
        await self._leases.release(held, now=self._context.clock.database_now())

    async def next_due(self) -> timedelta | None:
        """Return how long until a call is due."""
        return await self._leases.next_due(now=self._context.clock.database_now())

    async def run(self, job: PostJob[CommentCall]) -> None:
        """Make a call. Raises INTERRUPTIONS, which are not counted as an attempt."""
        context = replace(self._context, clock=job.clock)
        try:
            await self._run(context, job)
        except INTERRUPTIONS:
            raise
        except Exception as error:
            meters.settle_failures.labels(self.name).inc()
            log.exception("call about a comment crashed", comment=f"cmt_{job.call.comment_id}")
            what = f"An internal error of Presswork ({type(error).__name__}) occurred; see the worker's log."
            await self._retry(context, job, what)
        finally:
            self._jobs.end(job)

    async def _run(self, context: WorkerContext, job: PostJob[CommentCall]) -> None:
        if job.post is None:
            await self._retry(context, job, "This version of Presswork can't read the post.")
            return
        try:
            platform = await self._platforms.for_app(job.post.login, job.post.environment, job.post.app_id)
            attempt = CallAttempt(context, self._store, ActiveJob(context, job.post, platform), platform, job.call)
        except Unavailable as error:
            await self._retry(context, job, error.message)
            return
        await attempt.run()

    async def _retry(self, context: WorkerContext, job: PostJob[CommentCall], what: str) -> None:
        """Release a call whose platform can't be called; fail it after its time limit."""
        now, call = context.clock.now(), job.call
        if now >= call.gives_up_at:
            await fail(self._store, call, what, now=now)
            return
        run_at = min(now + backoff(_FIRST_WAIT, LONGEST_WAIT, failures=call.attempts), call.gives_up_at)
        await self._store.retry(call, run_at=run_at, is_failure=True)
