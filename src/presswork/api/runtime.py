"""Start an API process: open its dependencies in order, close them in reverse."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
import uvicorn
from starlette.types import ASGIApp

from presswork.accounts.platform_reads import BoardReader, CreatorInfoReader, PlaylistReader, QuotaReader
from presswork.api.context import Context
from presswork.api.http.error_guide import ErrorLinks
from presswork.api.http.protocol import ConnectionLimits, Connections, LimitedProtocol, ServerConfig
from presswork.api.sign_in.issuer import ConfiguredIssuer
from presswork.apps.platform_apps import StoredCustomerApps
from presswork.apps.public_url import PublicURLInUse
from presswork.apps.stored_apps import AppsWatch
from presswork.content.intake import Intake
from presswork.core.clock import Clock
from presswork.core.errors import FieldError
from presswork.core.ids import USER, parse_id
from presswork.core.library_internals import require_internals
from presswork.core.server_internals import missing_server_internals
from presswork.core.settings import listen_dsn
from presswork.db.listener import APPS, KEYS, Listener
from presswork.db.notifier import WorkNotifier
from presswork.db.pool import pool_of
from presswork.doctor.run_checks import Checks
from presswork.events.feed import EventFeed
from presswork.events.notifier import wake_streams
from presswork.inbound_webhooks.call_rate import CallRate
from presswork.jobs.supervisor import supervised
from presswork.links.derived_token import url_of_derived
from presswork.media.links import MediaLinks
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore
from presswork.media.temp_space import TempSpace
from presswork.orgs.keys import KeyCache
from presswork.orgs.usage import CallCounts
from presswork.people.passwords import Passwords
from presswork.people.sessions import SessionCache
from presswork.platforms.registry import Platforms, report_refused_apps
from presswork.platforms.settings import Settings
from presswork.posts.sandbox_location import save_sandbox_location
from presswork.secretkeys.primary import open_keyring
from presswork.telemetry import meters
from presswork.telemetry.process import show_listener, watch_loop
from presswork.telemetry.queue_metrics import QueueMetrics

log = structlog.get_logger()
_TICKS_PER_SECOND: Final = 10
"""How often uvicorn calls `on_tick`."""


@contextlib.asynccontextmanager
async def open_context(
    settings: Settings,
    *,
    dsn: str,
    base_url: str,
    clock: Clock,
    local_url: str | None = None,
    runs_checks: bool = False,
    public_url: PublicURLInUse | None = None,
) -> AsyncIterator[Context]:
    """Open the dependencies of the routes. `base_url` is the URL at which clients reach this process, `local_url` the one at
    which this machine does, if it is another one. `runs_checks`: the checks of the installation run regularly. `public_url`:
    where that of the settings comes from; without it, from the environment.
    """
    await require_internals(missing_server_internals())
    async with contextlib.AsyncExitStack() as stack:
        pool = await stack.enter_async_context(pool_of(dsn, min_local=0))  # over a socket another opens in milliseconds
        keyring = await open_keyring(settings, pool)
        await stack.enter_async_context(WorkNotifier.on(pool))
        await stack.enter_async_context(wake_streams(pool))
        callers = Callers(KeyCache(pool), SessionCache(pool))
        events_dsn = listen_dsn(settings, dsn)
        platforms = await stack.enter_async_context(
            Platforms(settings, base_url=base_url, keyring=keyring, apps=StoredCustomerApps(pool, keyring))
        )
        await save_sandbox_location(pool, platforms.sandbox_url)
        apps = AppsWatch(pool, keyring, settings, platforms)
        await apps.refresh_now()
        feed = EventFeed(
            pool,
            clock,
            listen_dsn=events_dsn,
            max_streams=settings.max_event_streams,
            max_per_organization=settings.max_event_streams_per_organization,
            review_url_of=lambda stored: url_of_derived(keyring, stored, settings.public_url or base_url),
        )

        def forget(payload: str) -> None:
            callers.forget(payload)
            feed.recheck()

        def connected() -> None:
            callers.on_connected()
            apps.notify()

        listener = Listener(
            events_dsn,
            KEYS,
            forget,
            on_connected=connected,
            on_disconnected=callers.on_disconnected,
            others={APPS: apps.notify},
        )
        show_listener(listener)
        supervisor = await stack.enter_async_context(supervised())
        supervisor.start("listener", listener.run)
        supervisor.start("loop watch", watch_loop)
        supervisor.start("event feed", feed.run)
        supervisor.start("stored apps", apps.run)
        call_counts = CallCounts(pool)
        supervisor.start("call counts", call_counts.run)
        checks = Checks(settings=settings, pool=pool, clock=clock, local_url=local_url or base_url)
        if runs_checks:
            supervisor.start("checks", checks.run_regularly)
        supervisor.start("app check", partial(report_refused_apps, apps.effective))
        media_pool = await stack.enter_async_context(
            MediaPool(settings.media_processes, max_video_bytes=settings.max_video_bytes)
        )
        store = await MediaStore.start(settings.media_store or settings.data_dir / "media")
        temp_space = TempSpace.for_videos(settings.max_video_bytes)
        intake = Intake(
            pool=pool,
            store=store,
            media_pool=media_pool,
            temp_space=temp_space,
            clock=clock,
            keyring=keyring,
            allow_private=settings.allow_private_media,
            quota_bytes=settings.media_quota_bytes,
            max_video_bytes=settings.max_video_bytes,
        )
        yield Context(
            settings=settings,
            pool=pool,
            clock=clock,
            keyring=keyring,
            platforms=platforms,
            base_url=base_url,
            parts=(
                callers.keys,
                callers.sessions,
                call_counts,
                ErrorLinks.of(settings, base_url),
                listener,
                Passwords(),
                ConfiguredIssuer.of(settings, base_url),
                apps,
                public_url or PublicURLInUse.of(settings),
                checks,
                feed,
                store,
                media_pool,
                temp_space,
                intake,
                MediaLinks(base_url, keyring, settings.media_url_lifetime),
                QueueMetrics(pool, clock),
                QuotaReader(pool=pool, keyring=keyring, platforms=platforms, clock=clock),
                CreatorInfoReader(pool=pool, keyring=keyring, platforms=platforms, clock=clock),
                BoardReader(pool=pool, keyring=keyring, platforms=platforms, clock=clock),
                PlaylistReader(pool=pool, keyring=keyring, platforms=platforms, clock=clock),
                CallRate(),
            ),
        )


@dataclass(frozen=True, slots=True)
class Callers:
    """The cached callers of a process. One channel announces the changes of keys, by lookup name, and of users, by id."""

    keys: KeyCache
    sessions: SessionCache

    def forget(self, payload: str) -> None:
        """Drop what was announced."""
        try:
            self.sessions.forget_user(parse_id(USER, payload))
        except FieldError:
            self.keys.forget(payload)

    def on_connected(self) -> None:
        """Start caching."""
        self.keys.on_connected()
        self.sessions.on_connected()

    def on_disconnected(self) -> None:
        """Stop caching."""
        self.keys.on_disconnected()
        self.sessions.on_disconnected()


class Server(uvicorn.Server):
    """uvicorn without signal handlers and with limits: the process that runs it calls `stop`."""

    def __init__(self, config: ServerConfig, *, end_streams: Callable[[], None]) -> None:
        """`end_streams` ends the responses that would never end by themselves."""
        super().__init__(config)
        self._counted = config.counted
        self.end_streams: Final = end_streams

    def stop(self) -> None:
        """Complete the calls in progress, then end."""
        self.should_exit = True

    def stop_now(self) -> None:
        """End a server that was stopped without waiting for the calls in progress."""
        self.force_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the event streams at once, then wait for the other calls in progress. uvicorn calls this."""
        self.end_streams()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Close overdue connections once a second. uvicorn calls this."""
        if counter % _TICKS_PER_SECOND == 0:
            self.close_overdue(now=asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def close_overdue(self, *, now: float) -> None:
        """Close the connections whose clients send or read too slowly; `now` is the time of the event loop."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, LimitedProtocol):
                connection.close_if_overdue(now)
        if self._counted.refused:
            log.warning("connections refused", count=self._counted.refused)
            meters.connections_refused.inc(self._counted.refused)
            self._counted.refused = 0

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # uvicorn's own is untyped too
        """Install no signal handlers."""
        yield


def server_for(
    app: ASGIApp,
    limits: ConnectionLimits | None = None,
    *,
    end_streams: Callable[[], None] = lambda: None,
    error_links: ErrorLinks | None = None,
) -> Server:
    """Return a server for an application; run it with `serve(sockets=[…])`. `error_links` are those of its refusals."""
    return Server(
        ServerConfig(
            app,
            counted=Connections(limits=limits or ConnectionLimits(), error_links=error_links),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=True,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=10,
        ),
        end_streams=end_streams,
    )
