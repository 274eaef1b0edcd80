"""`python -m bench.webhooks`: send a burst of events to many endpoints, some of which never respond and some always fail.

Publish calls write the events, one worker delivers them, and the receivers are in this process. The result is the delay of
each message to a healthy endpoint, from the change to its arrival.
"""

import asyncio
import collections
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer
from aiohttp import web
from rich.console import Console

from bench.figures import quantile
from bench.site import Site, open_site
from bench.world import World, create_world
from presswork.audit.model import Action
from presswork.cli.sockets import listen_on, url_of
from presswork.core.enums import Mode
from presswork.core.ids import new_id
from presswork.core.logging import set_up_logs
from presswork.core.timestamps import read_instant
from presswork.crypto.keyring import Keyring, load_keyring
from presswork.db.pool import Pool, pool_of
from presswork.events.model import EventType
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings
from presswork.posts.create_posts import PublishCommand, create_posts, ids_for
from presswork.posts.targets import Target
from presswork.webhooks.endpoints import new_secret

_TARGETS: Final = 50
_CALLERS: Final = 8
_LIMIT_SECONDS: Final = 550


@dataclass(slots=True)
class Receivers:
    """All endpoints: the first `broken` never respond, the next `broken` always fail, the rest are healthy."""

    broken: int
    wanted: int
    has_all: asyncio.Event = field(default_factory=asyncio.Event)
    took: dict[int, list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    ids: dict[int, set[str]] = field(default_factory=lambda: collections.defaultdict(set))
    refused: int = 0
    hung: int = 0
    is_closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        """Receive a message for one endpoint."""
        number = int(request.match_info["number"])
        body = await request.json()
        if number < self.broken:
            self.hung += 1
            await self.is_closed.wait()
            return web.Response(status=503)
        if number < 2 * self.broken:
            self.refused += 1
            return web.Response(status=500)
        self.took[number].append((datetime.now(UTC) - read_instant(body["timestamp"])).total_seconds())
        self.ids[number].add(body["id"])
        if self.delivered >= self.wanted:
            self.has_all.set()
        return web.Response(status=204)

    @property
    def delivered(self) -> int:
        """Return the number of distinct events that the healthy endpoints received."""
        return sum(len(ids) for ids in self.ids.values())


@contextlib.asynccontextmanager
async def _serving(receivers: Receivers) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/{number}", receivers.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listener = listen_on("127.0.0.1", 0)
    await web.SockSite(runner, listener).start()
    try:
        yield url_of(listener)
    finally:
        receivers.is_closed.set()
        await runner.cleanup()


async def _subscribe(pool: Pool, keyring: Keyring, world: World, url: str) -> None:
    """Insert an endpoint for each project."""
    await pool.executemany(
        """INSERT INTO webhook_endpoints (id, organization_id, environment, project_id, url, events, status, sealed_secret, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, now(), now())""",
        [
            (
                new_id(),
                world.organization,
                world.environment.value,
                project,
                f"{url}/{number}",
                [EventType.POST_SCHEDULED.value],
                keyring.seal(new_secret().encode()),
            )
            for number, project in enumerate(world.projects)
        ],
    )


async def _publish(pool: Pool, platforms: Platforms, world: World, number: int, targets: int) -> None:
    """Schedule posts of one project for tomorrow; each one is an event."""
    wanted = [Target(social_account_id=world.accounts[number], mode=Mode.PUBLISH)] * targets
    now = datetime.now(UTC)
    command = PublishCommand(
        container_id=world.containers[number],
        targets=wanted,
        post_ids=ids_for(wanted),
        scheduled_for=now + timedelta(days=1),
        message="Accepted.",
        action=Action.CONTENT_SCHEDULE,
    )
    await create_posts(pool, platforms, command, caller=world.caller, now=now)


async def _burst(pool: Pool, platforms: Platforms, world: World, events: int) -> float:
    """Make the publish calls concurrently, in rotation over all projects, and return the duration in seconds."""
    each = events // len(world.projects)
    calls = [
        (number, min(_TARGETS, each - made))
        for made in range(0, each, _TARGETS)
        for number in range(len(world.projects))
    ]
    started = time.monotonic()
    left = iter(calls)

    async def caller() -> None:
        for number, targets in left:
            await _publish(pool, platforms, world, number, targets)

    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
    return time.monotonic() - started


async def _measure(site: Site, console: Console, *, events: int, endpoints: int, broken: int) -> bool:
    dsn = await site.database()
    healthy = endpoints - 2 * broken
    wanted = events // endpoints * healthy
    receivers, keyring = Receivers(broken, wanted), load_keyring(site.settings)
    async with (
        _serving(receivers) as url,
        pool_of(dsn) as pool,
        Platforms(site.settings, base_url=url) as platforms,
    ):
        world = await create_world(pool, keyring, accounts=endpoints, projects=endpoints)
        bare = await _burst(pool, platforms, world, events)
        await pool.execute("DELETE FROM post_events")
        await pool.execute("DELETE FROM scheduled_posts")
        await _subscribe(pool, keyring, world, url)
        settings = {"allow_private_webhooks": "true", "log_level": "error"}
        with site.program("worker", dsn=dsn, settings=settings):
            while not await pool.fetchval("SELECT EXISTS (SELECT FROM workers)"):  # noqa: ASYNC110  another process
                await asyncio.sleep(0.1)
            started = time.monotonic()
            wrote = await _burst(pool, platforms, world, events)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(receivers.has_all.wait(), _LIMIT_SECONDS)
            took = time.monotonic() - started
        paused = await pool.fetchval("SELECT count(*) FROM webhook_endpoints WHERE status = 'paused'")
    late = [one for times in receivers.took.values() for one in times]
    repeats = len(late) - receivers.delivered
    console.print(f"{events} events to {endpoints} endpoints, {broken} of which hang and {broken} fail")
    console.print(f"written in {wrote:.1f} s ({bare:.1f} s without endpoints), while one worker delivered")
    console.print(
        f"{receivers.delivered} of {wanted} reached the {healthy} healthy endpoints in {took:.1f} s, {repeats} of them twice"
    )
    if late:
        marks = ", ".join(f"{share * 100:g} % {quantile(late, share):.2f} s" for share in (0.5, 0.95, 0.99))
        console.print(f"from the change to its arrival: {marks}, at most {max(late):.2f} s")
        slowest = sorted(max(times) for times in receivers.took.values())
        console.print(
            f"the last message of an endpoint: the first after {slowest[0]:.2f} s, the last after {slowest[-1]:.2f} s"
        )
    console.print(
        f"meanwhile {receivers.hung} hung and {receivers.refused} were refused; {paused} endpoints are paused"
    )
    return receivers.delivered == wanted


def main(
    events: Annotated[int, typer.Option(min=1, help="Total of events, each for one endpoint.")] = 50_000,
    endpoints: Annotated[int, typer.Option(min=1, help="Endpoints, each for a separate project.")] = 200,
    broken: Annotated[int, typer.Option(min=0, help="How many of them hang, and how many more fail.")] = 10,
) -> None:
    """Send a burst and report the delay at the healthy endpoints."""
    set_up_logs(Settings(_env_file=None, log_level="warning"))
    with open_site() as site:
        is_whole = asyncio.run(_measure(site, Console(), events=events, endpoints=endpoints, broken=broken))
    raise typer.Exit(0 if is_whole else 1)


if __name__ == "__main__":
    typer.run(main)
