"""The worker process: opens its dependencies, runs its jobs and maintenance, and closes them."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from itertools import product
from secrets import token_hex
from typing import Final

import structlog

from presswork import __version__
from presswork.accounts.account_jobs import AccessCheckJobs, RefreshJobs
from presswork.apps.platform_apps import StoredCustomerApps
from presswork.apps.stored_apps import AppsWatch
from presswork.comments.read_comments import CommentsReader
from presswork.content.previews import PreviewMaintenance
from presswork.core.clock import Clock
from presswork.core.enums import Environment, Mode
from presswork.core.host_names import host_names
from presswork.core.library_internals import require_internals
from presswork.core.settings import listen_dsn
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.listener import APPS, DUE, Listener
from presswork.db.pool import pool_of
from presswork.events.notifier import wake_streams
from presswork.exports.make_export import ExportRun
from presswork.insights.take_numbers import NumbersReader, version_of
from presswork.jobs.runner import RENEWALS_PER_LEASE, Runner
from presswork.jobs.supervisor import supervised
from presswork.lifecycle.erase_project import ErasureRun
from presswork.media.links import PAGE_LIFETIME, MediaLinks, PageLinks
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore
from presswork.media.temp_space import TempSpace
from presswork.platforms.errors import FailureCode
from presswork.platforms.names import PlatformName
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings
from presswork.safe_http.client import GuardedClient
from presswork.safe_http.guard import AddressGuard
from presswork.secretkeys.primary import open_keyring
from presswork.telemetry import meters
from presswork.telemetry.listener import serve_metrics
from presswork.telemetry.process import Pools, show_listener, watch_loop
from presswork.worker.bulk_jobs import BulkJobs
from presswork.worker.comment_call_jobs import CommentCallJobs
from presswork.worker.comment_calls import CommentCallStore
from presswork.worker.context import WorkerContext
from presswork.worker.deliveries import WebhookJobs
from presswork.worker.follow_up_jobs import FollowUpJobs
from presswork.worker.lanes import LANE_LEASE, LaneStore
from presswork.worker.live_change_jobs import LiveChangeJobs
from presswork.worker.live_changes import LiveChangeStore
from presswork.worker.maintenance import run_maintenance
from presswork.worker.missing_setting import wake_blocked_posts
from presswork.worker.notice_jobs import NoticeJobs
from presswork.worker.post_jobs import PostJobs
from presswork.worker.project_jobs import erasure_jobs, export_jobs
from presswork.worker.read_jobs import ReadJobs
from presswork.worker.recurrence_jobs import recurrence_jobs, refill_jobs
from presswork.worker.renditions import Renditions
from presswork.worker.sms import SmsJobs, SmsStore
from presswork.worker.store import WorkStore

log = structlog.get_logger()

HEARTBEAT_EVERY: Final = timedelta(seconds=5)
_MAX_FOLLOW_UPS: Final = 20
_MAX_LIVE_CHANGES: Final = 10
_MAX_COMMENT_CALLS: Final = 10
_MAX_SMS: Final = 20
"""Maximum number of follow-ups, changes of live posts, calls about comments and SMS in progress; lower if the concurrency of posts is lower."""
_CONTROL_CONNECTIONS: Final = 8
"""For heartbeats, renewals and the claims of all sources but posts and follow-ups: short statements, of which an idle worker
sends a few per second over one connection."""
_READ_CONNECTIONS: Final = 5
"""For all that reads of live posts do, beside the pool of the posts: one more than the accounts that are read at once."""
_RENEWED_WITHIN: Final = timedelta(seconds=5)
"""Lower bound of the time-out of a renewal. It is longer than a lease of less than 8 s: a renewal that hangs costs such a
lease, which costs a look-up."""


def renewal_timeout(worker_lease: timedelta) -> timedelta:
    """Return the time-out of a renewal: the time until the next one, of the posts or of the webhook endpoints.

    One pool renews both, so a long lease of the posts must not let a renewal of an endpoint hang past its lease.
    """
    return max(_RENEWED_WITHIN, min(worker_lease, LANE_LEASE) / RENEWALS_PER_LEASE)


def worker_name() -> str:
    """Return a unique name for this process: host, process id and random digits."""
    return f"{socket.gethostname()}-{os.getpid()}-{token_hex(3)}"


class Worker:
    """A worker process: the runner of its jobs, and its heartbeat."""

    def __init__(self, context: WorkerContext, runner: Runner, store: WorkStore, *, concurrency: int) -> None:
        """Write heartbeats to `store`, which uses a separate connection pool."""
        self._concurrency: Final = concurrency
        self.context: Final = context
        self.runner: Final = runner
        self._store: Final = store
        self._clock: Final = context.clock

    @property
    def posts_in_progress(self) -> int:
        """The number of posts in progress."""
        return len(self.runner.of(PostJobs.name).tasks)

    def notify(self) -> None:
        """Poll soon: something may be due."""
        self.runner.notify()

    async def poll(self) -> timedelta:
        """Claim what is due and start it; return how long nothing else is due, as far as is known."""
        return await self.runner.poll()

    async def work_until_idle(self) -> None:
        """Work until nothing is due and nothing runs; jobs that are due later stay."""
        await self.runner.run_until_idle()

    async def heartbeat(self) -> None:
        """Store every few seconds that this worker runs, until cancelled."""
        while True:
            try:
                await self._store.heartbeat(
                    version=__version__,
                    posts=self.posts_in_progress,
                    concurrency=self._concurrency,
                    now=self._clock.database_now(),
                )
            except TRANSIENT_ERRORS as error:
                log.warning("heartbeat not stored", error=type(error).__name__)
            await asyncio.sleep(HEARTBEAT_EVERY.total_seconds())

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then drain and release the jobs that are still running."""
        async with supervised() as supervisor:
            supervisor.start("heartbeat", self.heartbeat)
            try:
                await self.runner.run(stop)
            finally:
                with contextlib.suppress(*TRANSIENT_ERRORS):
                    await self._store.sign_off()


@contextlib.asynccontextmanager
async def open_worker(
    settings: Settings,
    *,
    dsn: str,
    base_url: str,
    clock: Clock,
    at_point: Callable[[str], None] = lambda _point: None,
) -> AsyncIterator[Worker]:
    """Open a worker with its dependencies. Platforms fetch media from `base_url`."""
    await require_internals()
    async with contextlib.AsyncExitStack() as stack:
        pool = await stack.enter_async_context(pool_of(dsn))
        await stack.enter_async_context(wake_streams(pool))
        leases = await stack.enter_async_context(
            pool_of(
                dsn, min_size=0, max_size=_CONTROL_CONNECTIONS, response_within=renewal_timeout(settings.worker_lease)
            )
        )
        keyring = await open_keyring(settings, leases)
        platforms = await stack.enter_async_context(
            Platforms(settings, base_url=base_url, keyring=keyring, apps=StoredCustomerApps(pool, keyring))
        )
        media_pool = await stack.enter_async_context(
            MediaPool(settings.media_processes, max_video_bytes=settings.max_video_bytes)
        )
        store = await MediaStore.start(settings.media_store or settings.data_dir / "media")
        temp_space = TempSpace.for_videos(settings.max_video_bytes)
        name = worker_name()
        context = WorkerContext(
            pool=pool,
            store=WorkStore(pool, worker_id=name),
            clock=clock,
            keyring=keyring,
            renditions=Renditions(
                pool=pool,
                store=store,
                media_pool=media_pool,
                links=MediaLinks(base_url, keyring, settings.media_url_lifetime),
                url_lifetime=settings.media_url_lifetime,
                temp_space=temp_space,
                guard=platforms.media_guard,
            ),
            pages=PageLinks(base_url, keyring, PAGE_LIFETIME),
            base_url=base_url.rstrip("/"),
            at_point=at_point,
            sandbox_provider=platforms.sandbox_provider,
        )
        guard = AddressGuard.for_setting(allow_private=settings.allow_private_webhooks)
        client = await stack.enter_async_context(GuardedClient(guard, user_agent="Presswork/1 (webhooks)"))
        reads = await stack.enter_async_context(pool_of(dsn, min_size=0, max_size=_READ_CONNECTIONS))
        lanes = await stack.enter_async_context(pool_of(dsn, min_size=0, max_size=10))
        renewals = WorkStore(leases, worker_id=name)
        posts = PostJobs(
            context,
            platforms,
            concurrency=settings.worker_concurrency,
            lease=settings.worker_lease,
            leases=renewals,
            at_point=at_point,
        )
        runner = await stack.enter_async_context(
            Runner(
                [
                    posts,
                    FollowUpJobs(
                        context,
                        platforms,
                        concurrency=min(_MAX_FOLLOW_UPS, settings.worker_concurrency),
                        lease=settings.worker_lease,
                        leases=renewals,
                    ),
                    LiveChangeJobs(
                        context,
                        LiveChangeStore(pool, worker_id=name),
                        platforms,
                        concurrency=min(_MAX_LIVE_CHANGES, settings.worker_concurrency),
                        lease=settings.worker_lease,
                        leases=LiveChangeStore(leases, worker_id=name),
                    ),
                    CommentCallJobs(
                        context,
                        CommentCallStore(pool, worker_id=name),
                        platforms,
                        concurrency=min(_MAX_COMMENT_CALLS, settings.worker_concurrency),
                        lease=settings.worker_lease,
                        leases=CommentCallStore(leases, worker_id=name),
                    ),
                    SmsJobs(
                        context,
                        SmsStore(pool, worker_id=name, lease=settings.worker_lease),
                        platforms,
                        concurrency=min(_MAX_SMS, settings.worker_concurrency),
                        leases=SmsStore(leases, worker_id=name, lease=settings.worker_lease),
                        at_point=at_point,
                    ),
                    WebhookJobs(
                        LaneStore(lanes, worker_id=name),
                        client,
                        keyring,
                        clock,
                        concurrency=settings.webhook_concurrency,
                        public_url=str(settings.public_url or base_url),
                        leases=LaneStore(leases, worker_id=name),
                        at_point=at_point,
                    ),
                    recurrence_jobs(pool, platforms, clock, worker_id=name, leases=leases),
                    refill_jobs(pool, platforms, clock, worker_id=name, leases=leases),
                    NoticeJobs(
                        lanes,
                        client,
                        keyring,
                        settings,
                        clock,
                        worker_id=name,
                        base_url=str(settings.public_url or base_url),
                        leases=leases,
                        at_point=at_point,
                    ),
                    BulkJobs(pool, keyring, platforms, clock, worker_id=name, leases=leases),
                    export_jobs(ExportRun(pool, store, name), clock, leases=leases),
                    erasure_jobs(
                        ErasureRun(pool=pool, store=store, keyring=keyring, platforms=platforms, worker_id=name),
                        clock,
                        leases=leases,
                    ),
                    ReadJobs(
                        NumbersReader(pool=reads, clock=clock, version_of=partial(version_of, settings)),
                        platforms,
                        keyring,
                        clock,
                        pool=reads,
                        leases=leases,
                        worker_id=name,
                    ),
                    ReadJobs(
                        CommentsReader(pool=reads, keep=settings.keep_comments),
                        platforms,
                        keyring,
                        clock,
                        pool=reads,
                        leases=leases,
                        worker_id=name,
                    ),
                    RefreshJobs(pool, keyring, platforms, clock, claims=leases),
                    AccessCheckJobs(pool, keyring, platforms, clock, claims=leases),
                ],
                clock,
            )
        )
        worker = Worker(context, runner, renewals, concurrency=settings.worker_concurrency)
        meters.posts_in_hand.set_function(lambda: worker.posts_in_progress)
        meters.worker_concurrency.set(settings.worker_concurrency)
        _start_counters()
        pools = Pools({"main": pool, "leases": leases, "reads": reads})
        meters.WORKER.register(pools)
        stack.callback(meters.WORKER.unregister, pools)

        async def use_apps() -> None:
            await wake_blocked_posts(pool, now=clock.database_now())
            worker.notify()

        apps = AppsWatch(pool, keyring, settings, platforms, on_change=use_apps)
        await apps.refresh_now()

        def connected() -> None:
            worker.notify()
            apps.notify()

        listener = Listener(
            listen_dsn(settings, dsn),
            DUE,
            lambda _: worker.notify(),
            on_connected=connected,
            others={APPS: apps.notify},
        )
        show_listener(listener)

        previews = PreviewMaintenance(pool=pool, store=store, media_pool=media_pool, temp_space=temp_space)

        async def maintain() -> None:
            await run_maintenance(settings, pool, context.store, keyring, store, previews, clock)

        supervisor = await stack.enter_async_context(supervised())
        supervisor.start("loop watch", watch_loop)
        supervisor.start("step watch", posts.watch)
        supervisor.start("listener", listener.run)
        supervisor.start("stored apps", apps.run)
        supervisor.start("maintenance", maintain)
        yield worker


def _start_counters() -> None:
    """Export failures and crashes as zeros before the first: `increase` in an alert does not count a first sample."""
    for platform, environment in product(PlatformName, Environment):
        for code in FailureCode:
            meters.failures.labels(platform.value, environment.value, code.value)
        for mode in Mode:
            meters.attempts.labels(platform.value, environment.value, mode.value, "crashed")


async def run_worker(
    settings: Settings,
    *,
    dsn: str,
    base_url: str,
    clock: Clock,
    stop: asyncio.Event,
    listener: socket.socket | None = None,
) -> None:
    """Run one worker until `stop` is set. It serves its metrics on `listener`."""
    names = host_names(settings.worker_metrics_host, settings.allowed_hosts)
    async with (
        open_worker(settings, dsn=dsn, base_url=base_url, clock=clock) as worker,
        serve_metrics(listener, token=settings.metrics_token, names=names),
    ):
        log.info("worker started", concurrency=settings.worker_concurrency)
        await worker.run(stop)
        log.info("worker stopped")
