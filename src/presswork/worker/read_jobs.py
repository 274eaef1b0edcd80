"""The job source of reads: numbers and comments of live posts, account by account, apart from publishing.

It has its own concurrency and its own small connection pool, so that no post waits for it. Each account is leased and backs off
separately: an error of one delays no other.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import floor
from typing import Final
from uuid import UUID

import structlog

from presswork.core.backoff import backoff
from presswork.core.clock import Clock
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.ids import ACCOUNT, POST, public_id
from presswork.core.logging import redact
from presswork.crypto.keyring import Keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Pool
from presswork.jobs.runner import LeaseLost
from presswork.live_reads.access import ReadAccess
from presswork.live_reads.budget import ReadBudget
from presswork.live_reads.model import PostOutcome, ReadBatch, Reader, ReadOutcome, ReadPlan, next_read_at
from presswork.live_reads.store import NEVER, AccountRead, DuePost, ReadStore, SettledPost
from presswork.platforms.access import LivePost
from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.names import LoginName
from presswork.platforms.port import Platform
from presswork.platforms.registry import Platforms
from presswork.telemetry import meters

log = structlog.get_logger()

CONCURRENCY: Final = 4
"""Accounts that a worker reads at once, for each kind."""
READ_TIMEOUT: Final = timedelta(seconds=60)
"""How long one read of posts or of an account may take."""
ACCOUNT_EVERY: Final = timedelta(days=1)
MAX_BATCHES: Final = 10
"""Reads of one account in a row. Then those that are due longer come first."""
_FIRST_WAIT: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=6)
_THROTTLED_WAIT: Final = timedelta(minutes=15)
_NOT_CONNECTED_WAIT: Final = timedelta(hours=6)
_ID_UNKNOWN_WAIT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """How the reads of an account ended."""

    not_before: datetime | None = None
    error: str | None = None
    waits_for_token: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContext:
    """What the reads of one kind use."""

    reader: Reader
    platforms: Platforms
    keyring: Keyring
    clock: Clock
    pool: Pool
    store: ReadStore
    timeout: timedelta

    @property
    def source(self) -> str:
        """The name of the job source."""
        return f"reads-{self.reader.kind}"

    async def finish(self, job: AccountRead, ended: _Ended, account_due_at: datetime) -> None:
        """End the lease of an account. Raises LeaseLost where another worker has it."""
        is_held = await self.store.finish(
            job,
            not_before=ended.not_before,
            error_count=0 if ended.error is None else job.error_count + 1,
            error=ended.error,
            account_due_at=account_due_at,
            waits_for_token=ended.waits_for_token,
        )
        if not is_held:
            raise LeaseLost


class ReadJobs:
    """The reads of one kind as a job source. A job is an account with something that is due."""

    lease: Final = timedelta(seconds=90)
    poll_every: Final = timedelta(seconds=5)
    poll_gap: Final = timedelta()
    is_notified: Final = False
    wakes: Final = ("webhooks",)
    concurrency: Final = CONCURRENCY

    def __init__(
        self,
        reader: Reader,
        platforms: Platforms,
        keyring: Keyring,
        clock: Clock,
        *,
        pool: Pool,
        leases: Pool,
        worker_id: str,
        timeout: timedelta = READ_TIMEOUT,
    ) -> None:
        """All its statements use `pool`, but renewals, which use `leases`."""
        store = ReadStore(pool=pool, clock=clock, kind=reader.kind, worker_id=worker_id)
        self._context: Final = ReadContext(
            reader=reader,
            platforms=platforms,
            keyring=keyring,
            clock=clock,
            pool=pool,
            store=store,
            timeout=timeout,
        )
        self.name: Final = self._context.source
        self._leases: Final = replace(store, pool=leases)

    def key_of(self, job: AccountRead) -> UUID:
        """Return the account's id."""
        return job.account.id

    async def claim(self, limit: int) -> Sequence[AccountRead]:
        """Find posts that went live, and lease accounts that are due, the longest overdue first."""
        readable = self._list_readable()
        described = self._context.platforms.described()
        await self._context.store.discover(
            {login for login, one in described.items() if self._context.reader.plan(one) is not None}
        )
        return await self._context.store.claim(readable, lease=self.lease, limit=limit)

    def _list_readable(self) -> Sequence[tuple[LoginName, Environment]]:
        described = self._context.platforms.described()
        return [
            pair
            for pair in self._context.platforms.available()
            if self._context.reader.plan(described[pair[0]]) is not None
        ]

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; return the accounts that another worker has."""
        return await self._leases.renew(keys, lease=self.lease)

    async def release(self, held: Collection[UUID]) -> None:
        """Release the leases of this worker but those of `held`."""
        await self._context.store.release(held)

    async def next_due(self) -> timedelta | None:
        """Return nothing: what is due waits for the next poll."""
        return None

    async def run(self, job: AccountRead) -> None:
        """Read what is due of an account. Raises LeaseLost where another worker has it."""
        now = job.clock.now()
        if not job.is_connected:
            held = _Ended(not_before=now + _NOT_CONNECTED_WAIT, waits_for_token=True)
            await self._context.finish(job, held, job.account_due_at)
            return
        try:
            platform = await self._context.platforms.for_app(job.login, job.environment, job.app_id)
        except Unavailable as error:
            await self._context.finish(
                job, _Ended(not_before=now + _FIRST_WAIT, error=error.message), job.account_due_at
            )
            return
        await _AccountReads(self._context, job, platform).run()


class _AccountReads:
    """The reads of one claimed account."""

    def __init__(self, context: ReadContext, job: AccountRead, platform: Platform) -> None:
        self._context: Final = context
        self._job: Final = job
        self._platform: Final = platform
        self._store: Final = context.store
        self._access: Final = ReadAccess(
            pool=context.pool, keyring=context.keyring, clock=job.clock, platform=platform, account=job.account
        )
        self._budget: Final = ReadBudget.of(
            context.pool, context.clock, platform, job.environment, job.account.external_id
        )

    @property
    def _log_fields(self) -> dict[str, str]:
        return {
            "source": self._context.source,
            "platform": self._platform.name.value,
            "account": public_id(ACCOUNT, self._job.account.id),
        }

    async def run(self) -> None:
        job = self._job
        account_due_at = job.account_due_at
        try:
            ended = await self._read_posts()
            if ended.not_before is None and account_due_at <= job.clock.now():
                ended, account_due_at = await self._read_account()
        except PlatformError as error:
            ended = await self._postpone(error)
        except TimeoutError:
            ended = await self._postpone(TryLater("The platform did not answer in time.", step="read"))
        except (LeaseLost, *TRANSIENT_ERRORS):
            raise
        except Exception as error:
            meters.job_crashes.labels(self._context.source).inc()
            log.exception("read failed unexpectedly", **self._log_fields)
            ended = _Ended(not_before=self._wait_after(), error=type(error).__name__)
        await self._context.finish(job, ended, account_due_at)

    def _wait_after(self, first: timedelta = _FIRST_WAIT) -> datetime:
        return self._job.clock.now() + backoff(first, _LONGEST_WAIT, failures=self._job.error_count)

    async def _postpone(self, error: PlatformError) -> _Ended:
        """Return when the account is read again after an error that concerns all of it. Nothing is marked."""
        log.warning("reads postponed", **self._log_fields, error=redact(error.message))
        now = self._job.clock.now()
        if isinstance(error, TryLater) and error.is_throttled:
            if self._budget is not None:
                await self._budget.empty()
            return _Ended(not_before=now + (error.retry_after or _THROTTLED_WAIT), error=redact(error.message))
        if isinstance(error, TryLater) and error.retry_after is not None:
            return _Ended(not_before=max(now + error.retry_after, self._wait_after()), error=redact(error.message))
        return _Ended(
            not_before=self._wait_after(),
            error=redact(error.message),
            waits_for_token=isinstance(error, CredentialInvalid),
        )

    async def _read_posts(self) -> _Ended:
        """Read the posts that are due, the newest first, as long as the budget lasts."""
        plan = self._context.reader.plan(self._platform)
        if plan is None:
            return _Ended(not_before=self._wait_after())
        for _ in range(MAX_BATCHES):
            due = await self._store.find_due(self._job, limit=plan.max_posts)
            if not due:
                return _Ended()
            readable = await self._settle_unreadable(due)
            if readable and (retry_at := await self._read_some(readable, plan)) is not None:
                return _Ended(not_before=retry_at)
        return _Ended(not_before=self._job.clock.now())

    async def _settle_unreadable(self, due: Sequence[DuePost]) -> Sequence[DuePost]:
        """Put off what can't be read, and end the reads of what is not live any more; return the others."""
        now = self._job.clock.now()
        others = [
            SettledPost(post_id=post.post_id, due_at=now + _ID_UNKNOWN_WAIT if post.is_live else None, unchanged=None)
            for post in due
            if not post.is_live or post.live is None
        ]
        if others:
            await self._settle(others)
        return [post for post in due if post.is_live and post.live is not None]

    async def _read_some(self, due: Sequence[DuePost], plan: ReadPlan) -> datetime | None:
        """Read as many of the posts as the budget has calls for; return when it has some, if it has none now."""
        reserved = None
        if self._budget is not None and plan.calls_per_post:
            grant = await self._budget.reserve(len(due) * plan.calls_per_post, least=plan.calls_per_post)
            if not grant.calls:
                return grant.retry_at
            reserved = grant.calls
            due = due[: max(1, floor(reserved / plan.calls_per_post))]
        outcome = await self._read_batch(due, reserved)
        now = self._job.clock.now()
        await self._settle([self._settled_of(post, outcome.posts.get(post.post_id), now) for post in due])
        return None

    async def _read_batch(self, due: Sequence[DuePost], reserved: int | None) -> ReadOutcome:
        """Read posts. A batch that is rejected as a whole is read post by post, so that one post hides no other's numbers."""
        outcome = ReadOutcome(posts={}, calls=0)
        try:
            outcome = await self._call(due)
        except Rejected:
            if len(due) == 1:
                raise
            for post in due:
                outcome = await self._read_single(post, outcome)
            if all(one.error is not None for one in outcome.posts.values()):
                raise
        finally:
            if self._budget is not None and reserved is not None:
                await self._budget.correct(reserved, max(1, outcome.calls))
        return outcome

    async def _read_single(self, post: DuePost, former: ReadOutcome) -> ReadOutcome:
        try:
            one = await self._call([post])
        except Rejected as error:
            one = ReadOutcome(posts={post.post_id: PostOutcome(error=error)})
        return replace(former, posts={**former.posts, **one.posts}, calls=former.calls + one.calls)

    async def _call(self, due: Sequence[DuePost]) -> ReadOutcome:
        posts: list[LivePost] = [post.live for post in due if post.live is not None]
        batch = ReadBatch(
            access=self._access,
            platform=self._platform,
            environment=self._job.environment,
            posts=posts,
            last_read_at={post.post_id: post.last_read_at for post in due},
        )
        async with asyncio.timeout(self._context.timeout.total_seconds()):
            return await self._context.reader.read(batch)

    def _settled_of(self, post: DuePost, outcome: PostOutcome | None, now: datetime) -> SettledPost:
        """Return what is stored about a post that was read. One with an error has its next turn when it would have it anyway."""
        if outcome is None or outcome.error is not None:
            if outcome is not None and outcome.error is not None:
                log.warning(
                    "post not read",
                    **self._log_fields,
                    post=public_id(POST, post.post_id),
                    error=redact(outcome.error.message),
                )
            due_at = next_read_at(post.published_at, now, unchanged=post.unchanged)
            return SettledPost(post_id=post.post_id, due_at=due_at, unchanged=None)
        if outcome.is_gone:
            return SettledPost(post_id=post.post_id, due_at=None, unchanged=0, is_gone=True)
        unchanged = 0 if outcome.has_changed else post.unchanged + 1
        due_at = next_read_at(post.published_at, now, unchanged=unchanged)
        return SettledPost(post_id=post.post_id, due_at=due_at, unchanged=unchanged)

    async def _settle(self, posts: Sequence[SettledPost]) -> None:
        if not await self._store.settle(self._job, posts):
            raise LeaseLost

    async def _read_account(self) -> tuple[_Ended, datetime]:
        """Read the account itself; return how it ended, and when it is read next."""
        job, reserved = self._job, 1
        if self._budget is not None:
            grant = await self._budget.reserve(reserved, least=reserved)
            if not grant.calls:
                return _Ended(not_before=grant.retry_at), job.account_due_at
        calls = 0
        try:
            async with asyncio.timeout(self._context.timeout.total_seconds()):
                calls = await self._context.reader.read_account(self._access, self._platform, job.environment)
        except Rejected as error:  # its posts are read in any case
            log.warning("account not read", **self._log_fields, error=redact(error.message))
            calls = 1
        finally:
            if self._budget is not None:
                await self._budget.correct(reserved, calls)
        return _Ended(), job.clock.now() + ACCOUNT_EVERY if calls else NEVER
