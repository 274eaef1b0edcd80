"""The worker process: everything that a worker needs, opened and closed around it."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from secrets import token_hex
from typing import Final

import structlog

from presswork.core.clock import Clock
from presswork.core.library_internals import require_internals
from presswork.core.settings import Settings, listen_address
from presswork.db.listener import DUE, Listener
from presswork.db.pool import pool_of
from presswork.media.links import PAGE_LIFETIME, MediaLinks, PageLinks
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore
from presswork.platforms.registry import Platforms
from presswork.safe_http.client import GuardedClient
from presswork.safe_http.guard import AddressGuard
from presswork.secretkeys.primary import open_keyring
from presswork.telemetry import meters
from presswork.telemetry.listener import serve_metrics
from presswork.telemetry.process import Pools, show_listener, watch_loop
from presswork.worker.deliveries import Deliverer
from presswork.worker.job import WorkerContext
from presswork.worker.lanes import LaneStore
from presswork.worker.maintenance import run_maintenance
from presswork.worker.renditions import Renditions
from presswork.worker.runtime import Worker
from presswork.worker.store import WorkStore

log = structlog.get_logger()

_RENEWED_WITHIN: Final = timedelta(seconds=5)
"""How long a renewal may take at least; with a long lease it may take until the next one."""


def worker_name() -> str:
    """Return a name that no other worker process has: host, process and a few random digits."""
    return f"{socket.gethostname()}-{os.getpid()}-{token_hex(3)}"


@contextlib.asynccontextmanager
async def open_worker(
    settings: Settings,
    *,
    dsn: str,
    base_url: str,
    clock: Clock,
    at_point: Callable[[str], None] = lambda _point: None,
) -> AsyncIterator[Worker]:
    """Open everything that a worker needs. `base_url` is where platforms fetch media from."""
    await require_internals()
    async with contextlib.AsyncExitStack() as stack:
        pool = await stack.enter_async_context(pool_of(dsn))
        leases = await stack.enter_async_context(
            pool_of(dsn, min_size=1, max_size=3, answer_within=max(_RENEWED_WITHIN, settings.worker_lease / 3))
        )
        keyring = await open_keyring(settings, leases)
        platforms = await stack.enter_async_context(Platforms(settings, base_url=base_url))
        media_pool = await stack.enter_async_context(MediaPool(settings.media_processes))
        store = MediaStore.open(settings.media_store or settings.data_dir / "media")
        name = worker_name()
        bench = WorkerContext(
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
            ),
            pages=PageLinks(base_url, keyring, PAGE_LIFETIME),
            base_url=base_url.rstrip("/"),
            sandbox_provider=platforms.sandbox_provider,
        )
        guard = AddressGuard.for_setting(allow_private=settings.allow_private_webhooks)
        client = await stack.enter_async_context(GuardedClient(guard, user_agent="Presswork/1 (webhooks)"))
        lanes = await stack.enter_async_context(pool_of(dsn, min_size=1, max_size=10))
        worker = Worker(
            bench,
            platforms,
            concurrency=settings.worker_concurrency,
            lease=settings.worker_lease,
            leases=WorkStore(leases, worker_id=name),
            deliverer=Deliverer(
                LaneStore(lanes, worker_id=name),
                client,
                keyring,
                clock,
                concurrency=settings.webhook_concurrency,
                at_point=at_point,
            ),
            at_point=at_point,
        )
        meters.posts_in_hand.set_function(lambda: worker.in_hand)
        meters.worker_concurrency.set(settings.worker_concurrency)
        pools = Pools({"main": pool, "leases": leases})
        meters.WORKER.register(pools)
        stack.callback(meters.WORKER.unregister, pools)
        loop_watch = asyncio.create_task(watch_loop())
        listener = Listener(listen_address(settings, dsn), DUE, lambda _: worker.ring(), on_connected=worker.ring)
        show_listener(listener)
        listening = asyncio.create_task(listener.run())
        chores = asyncio.create_task(run_maintenance(pool, bench, platforms, store))
        try:
            yield worker
        finally:
            for task in (listening, chores, loop_watch):
                task.cancel()
            await asyncio.gather(listening, chores, loop_watch, return_exceptions=True)


async def run_worker(
    settings: Settings,
    *,
    dsn: str,
    base_url: str,
    clock: Clock,
    stop: asyncio.Event,
    listener: socket.socket | None = None,
) -> None:
    """Run one worker until `stop` is set. It shows its metrics on `listener`."""
    async with (
        open_worker(settings, dsn=dsn, base_url=base_url, clock=clock) as worker,
        serve_metrics(listener, token=settings.metrics_token),
    ):
        log.info("worker started", concurrency=settings.worker_concurrency)
        await worker.run(stop)
        log.info("worker stopped")
