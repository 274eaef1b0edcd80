"""Posts as jobs: claims them from their lanes, makes attempts, and settles each one, also after an error."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from presswork.core.backoff import backoff
from presswork.core.clock import JobClock
from presswork.core.errors import Unavailable
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.jobs.runner import INTERRUPTIONS, LeaseLost
from presswork.platforms.errors import FailureCode, TryLater
from presswork.platforms.registry import Platforms
from presswork.posts.model import Status
from presswork.telemetry import meters, tracing
from presswork.telemetry.origin import request_of, trace_of
from presswork.worker.context import WorkerContext
from presswork.worker.follow_ups import settle_ended, settle_live
from presswork.worker.job import ActiveJob
from presswork.worker.missing_setting import setting_is_there, wait_for_setting
from presswork.worker.post_row import PostRow
from presswork.worker.publish_attempt import Attempt
from presswork.worker.store import WorkStore, crash_error
from presswork.worker.timeline_messages import last_error, options_refused

log = structlog.get_logger()

POLL_EVERY: Final = timedelta(seconds=1)
"""Longest sleep between two polls: a notification can get lost."""
MAX_INTERRUPTIONS: Final = 20
"""Interruptions in a row, in one process, that do not count as errors of the post; later ones do."""
MAX_COUNTED: Final = 1_000
"""Posts whose interruptions are counted. Another worker may end a post, so its count would stay for ever."""
SLOW_STEP: Final = timedelta(minutes=5)
"""A step of an attempt that lasts longer is logged, and again whenever it has lasted twice as long as at the last time."""
_WATCH_EVERY: Final = timedelta(seconds=30)
_RETRIED_FOR: Final = timedelta(minutes=5)
"""How long a post is retried at least while the database or the media store fails, in test projects too."""
_CRASHED_FOR: Final = timedelta(minutes=30)
"""How long a post is retried whose result can't be stored."""
_CRASHED: Final = "Presswork could not store the result of this attempt because of an internal error. It retries."
_CRASH_BACKOFF_FIRST: Final = timedelta(seconds=10)
_CRASH_BACKOFF_MAX: Final = timedelta(minutes=5)


@dataclass(slots=True)
class Step:
    """The step of an attempt that is under way."""

    since: timedelta
    """Uptime at its start."""
    name: str = "start"
    warned_for: timedelta = timedelta()
    """How long it had lasted at the last warning about it."""


@dataclass(frozen=True, slots=True)
class PostJob:
    """A claimed post, and the clock of its attempt."""

    post: PostRow
    clock: JobClock
    lag: timedelta | None
    """How long it had been due at its first claim, or None if it was claimed before."""
    step: Step


class Interruptions:
    """Counts how often in a row this process was interrupted at each post; beyond MAX_COUNTED it forgets the least recent."""

    def __init__(self) -> None:
        self._counts: Final[dict[UUID, int]] = {}  # the least recent first

    def __len__(self) -> int:
        """Return how many posts have a count."""
        return len(self._counts)

    def count(self, post_id: UUID) -> int:
        """Count an interruption; return how many that were in a row."""
        times = self._counts.pop(post_id, 0) + 1
        while len(self._counts) >= MAX_COUNTED:
            del self._counts[next(iter(self._counts))]
        self._counts[post_id] = times
        return times

    def clear(self, post_id: UUID) -> None:
        """Start again: an attempt ended without an interruption."""
        self._counts.pop(post_id, None)


class PostJobs:
    """The job source of posts."""

    name: Final = "posts"
    poll_every: Final = POLL_EVERY
    poll_gap: Final = timedelta()
    is_notified: Final = True
    wakes: Final = ("webhooks",)  # the start and the end of a post create events

    def __init__(
        self,
        context: WorkerContext,
        platforms: Platforms,
        *,
        concurrency: int,
        lease: timedelta,
        leases: WorkStore | None = None,
        at_point: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """Use `leases` to renew leases over a separate connection pool, so that a renewal does not wait for a post."""
        self.concurrency: Final = concurrency
        self.lease: Final = lease
        self._context: Final = context
        self._store: Final = context.store
        self._leases: Final = context.store if leases is None else leases
        self._platforms: Final = platforms
        self._at_point: Final = at_point
        self._running: Final[dict[UUID, PostJob]] = {}
        self._interruptions: Final = Interruptions()

    @property
    def running(self) -> Mapping[UUID, PostJob]:
        """Return the posts in progress."""
        return self._running

    def key_of(self, job: PostJob) -> UUID:
        """Return the post's id."""
        return job.post.id

    async def claim(self, limit: int) -> Sequence[PostJob]:
        """Lease posts whose lease has lapsed, and the first due post of each free lane."""
        since = self._context.clock.uptime()
        posts = await self._store.claim(lease=self.lease, limit=limit, now=self._context.clock.database_now())
        return [self._job(post, post.leased_until, since) for post in posts if post.leased_until is not None]

    def _job(self, post: PostRow, leased_until: datetime, since: timedelta) -> PostJob:
        claimed_at = leased_until - self.lease
        lag = claimed_at - post.run_at if post.attempted_at == claimed_at else None
        clock = JobClock(self._context.clock, at=claimed_at, since=since)
        job = PostJob(post, clock, lag, Step(since=self._context.clock.uptime()))
        self._running[post.id] = job
        return job

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; return the posts that another worker has leased or that a client canceled."""
        since = self._context.clock.uptime()
        kept = await self._leases.renew(list(keys), lease=self.lease, now=self._context.clock.database_now())
        for post_id in kept:
            if (job := self._running.get(post_id)) is not None:
                job.post.leased_until = job.clock.at(since) + self.lease
        return await self._find_lost([key for key in keys if key not in kept])

    async def _find_lost(self, post_ids: Sequence[UUID]) -> Collection[UUID]:
        """Return which of these are lost; a post that this worker has just settled is not."""
        lost = []
        for stored in await self._leases.load(post_ids):
            if (job := self._running.get(stored.id)) is None:
                continue
            if stored.status is Status.PUBLISHING:
                meters.lease_losses.inc()
                lost.append(stored.id)
            elif stored.status is Status.CANCELED and job.post.status is not Status.CANCELED:
                log.info("post canceled by a client", post=f"sp_{stored.id}")
                lost.append(stored.id)
        return lost

    async def release(self, held: Collection[UUID]) -> None:
        """Release every post of this worker except those in `held`."""
        await self._store.release(held=held, now=self._context.clock.database_now())

    async def next_due(self) -> timedelta | None:
        """Return how long until a post is due or a lease lapses."""
        return await self._store.next_due(now=self._context.clock.database_now())

    async def run(self, job: PostJob) -> None:
        """Make one attempt at a post. Raises INTERRUPTIONS."""
        try:
            if job.lag is not None:
                meters.claimed_first(job.post.environment.value, job.lag)
            with _span("attempt", job.post):
                await self._attempt(replace(self._context, clock=job.clock), job)
            self._interruptions.clear(job.post.id)
        finally:
            if self._running.get(job.post.id) is job:
                del self._running[job.post.id]

    async def watch(self) -> None:
        """Log steps that last long, until cancelled: each call has a timeout, so one of these has none that works."""
        while True:
            self.warn_of_slow_steps()
            await asyncio.sleep(_WATCH_EVERY.total_seconds())

    def warn_of_slow_steps(self) -> None:
        """Log each step that has lasted longer than SLOW_STEP, and than twice the time of its last warning."""
        for job in self._running.values():
            step = job.step
            lasted = self._context.clock.uptime() - step.since
            if lasted >= max(SLOW_STEP, 2 * step.warned_for):
                step.warned_for = lasted
                seconds = round(lasted.total_seconds())
                log.warning(
                    "a step of an attempt lasts long", post=f"sp_{job.post.id}", step=step.name, seconds=seconds
                )

    def _reach(self, job: PostJob, point: str) -> None:
        """Start the next step: the one before which, or after which, the point is."""
        job.step.name, job.step.since = point.removeprefix("before_"), self._context.clock.uptime()
        job.step.warned_for = timedelta()
        self._at_point(point)

    async def _attempt(self, context: WorkerContext, job: PostJob) -> None:
        """Make an attempt. After any error, the post is settled, snoozed, or released."""
        post = job.post
        attempt: Attempt | None = None
        try:
            if post.refused_options and post.live_call_at is None and post.why_canceled() is None:
                _count(post, "failed")
                refused, now = options_refused(post.refused_options), context.clock.now()
                error = last_error(refused, refused.message, now)
                await settle_ended(context, post, error, wait=_CRASH_BACKOFF_FIRST, now=now)
                return
            try:
                platform = await self._platforms.for_app(post.login, post.environment, post.app_id)
                channel = platform.channel(post.mode)
            except Unavailable as error:
                _count(post, "waits_for_setting")
                log.warning("a setting is missing", post=f"sp_{post.id}", reason=error.message)
                await wait_for_setting(context, post, error, now=context.clock.now())
                return
            active = ActiveJob(context, post, platform)
            attempt = Attempt(context, active, channel, at_point=partial(self._reach, job))
            await setting_is_there(context, post)
            await attempt.run()
        except LeaseLost:
            meters.lease_losses.inc()
            _count(post, "lease_lost")
            raise
        except TRANSIENT_ERRORS as error:
            _count(post, "interrupted")
            await self._handle_interruption(context, attempt, post, error)
        except Exception as error:
            # Supervision boundary of an attempt: the post must be settled or snoozed, and the worker must continue.
            _count(post, "crashed")
            log.exception("attempt crashed", post=f"sp_{post.id}")
            what = (
                f"An internal error of Presswork ({type(error).__name__}) interrupted this attempt. The worker's log has "
                "the details."
            )
            await self._snooze(context, attempt, post, what, retried_for=timedelta())

    async def _handle_interruption(
        self, context: WorkerContext, attempt: Attempt | None, post: PostRow, error: BaseException
    ) -> None:
        """Release the post after a database error without counting it; count it after many in a row, or a disk error."""
        times = self._interruptions.count(post.id)
        is_disk = isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError)
        if times <= MAX_INTERRUPTIONS and not is_disk:
            raise error
        what = f"Presswork could not reach its database or media store ({type(error).__name__})."
        log.warning("attempt interrupted", post=f"sp_{post.id}", error=type(error).__name__, reason=str(error))
        await self._snooze(context, attempt, post, what, retried_for=_RETRIED_FOR)

    async def _snooze(
        self, context: WorkerContext, attempt: Attempt | None, post: PostRow, what: str, *, retried_for: timedelta
    ) -> None:
        """Count an error and snooze the post; fail it after its error window. Raises INTERRUPTIONS."""
        error = TryLater(what, step="internal", failure=FailureCode.INTERNAL)
        try:
            if attempt is not None:
                await attempt.snooze(error, retried_for=retried_for)
            else:
                await self._snooze_crashed(context, post)
        except INTERRUPTIONS:
            raise
        except Exception:
            # The details can't be stored, for example because the database rejects a character: store a fixed message.
            log.exception("result not stored", post=f"sp_{post.id}")
            await self._snooze_crashed(context, post)

    async def _snooze_crashed(self, context: WorkerContext, post: PostRow) -> None:
        """Snooze the post with a fixed message; settle it after _CRASHED_FOR."""
        meters.settle_failures.labels(self.name).inc()
        now = context.clock.now()
        crashed_since = await self._store.crashed_since(post, _CRASHED)
        since, failures = (now, 0) if crashed_since is None else (crashed_since, post.error_count)
        if now - since < _CRASHED_FOR:
            wait = backoff(_CRASH_BACKOFF_FIRST, _CRASH_BACKOFF_MAX, failures=failures)
            await self._store.snooze_crashed(post, _CRASHED, until=now + wait, since=since, now=now)
        elif post.live_at is not None:
            await settle_live(context, post, wait=_CRASH_BACKOFF_MAX, now=now)
        elif post.live_parts:
            await settle_ended(context, post, crash_error(post, now=now), wait=_CRASH_BACKOFF_MAX, now=now)
        else:
            await self._store.fail_crashed(post, now=now)


_UNTRACED: Final = contextlib.nullcontext()


def _span(name: str, post: PostRow) -> contextlib.AbstractContextManager[None]:
    """Trace an attempt at a post as a child of the request that created the post."""
    if not tracing.is_on():
        return _UNTRACED
    attributes = {
        "presswork.post": f"sp_{post.id}",
        "presswork.account": f"sa_{post.account.id}",
        "presswork.platform": post.platform.value,
        "presswork.environment": post.environment.value,
        "presswork.mode": post.mode.value,
        "presswork.request": request_of(post.state),
    }
    return tracing.span(name, tracing.Kind.CONSUMER, parent=trace_of(post.state), **attributes)


def _count(post: PostRow, result: str) -> None:
    """Count an attempt without a result."""
    tracing.annotate(is_failed=True, **{"presswork.result": result})
    meters.attempts.labels(post.platform.value, post.environment.value, post.mode.value, result).inc()
