"""A burst of posts in simulated time: live projects whose platforms are the sandbox, some workers, a clock that jumps."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.api_server import Api, serving
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.servers import shut
from tests.world import World

from presswork.api.runtime import server_for
from presswork.cli.sockets import listen_on, url_of
from presswork.db.pool import Pool
from presswork.platforms.settings import Settings
from presswork.worker.main import Worker, open_worker
from presswork_sandbox.app import create_app

DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)


class BurstClock(JumpingClock):
    """A clock that jumps over a post's wait only once every post in progress waits.

    Until then, a call of another post would arrive late without having taken long.
    """

    def __init__(self, on_jump: Callable[[timedelta], Awaitable[None]]) -> None:
        """Start at the machine's time. `on_jump` advances the sandbox's clock."""
        super().__init__(on_jump)
        self._waiting: Final[dict[asyncio.Task[Any], timedelta]] = {}
        self._waits_changed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def turn(self, wake_at: timedelta) -> AsyncIterator[None]:
        """Wait until no post does anything and no other sleep ends earlier."""
        task = asyncio.current_task()
        if task is not None and wake_at > self.uptime() and task in _at_work():
            await self._others_wait(task, wake_at)
        async with super().turn(wake_at):
            yield

    async def _others_wait(self, task: asyncio.Task[Any], until: timedelta) -> None:
        """Return when no post is doing anything and none waits for less long, or when the time has come."""
        self._waiting[task] = until
        self._tell()
        try:
            while until > self.uptime():
                awake = _at_work() - self._waiting.keys()
                if not awake and until == min(self._waiting.values()):
                    break
                changed = asyncio.create_task(self._waits_changed.wait())
                await asyncio.wait({*awake, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
        finally:
            del self._waiting[task]
            self._tell()

    def _tell(self) -> None:
        """Have every post that waits look again. Each event is set once, so that none that is about to wait can miss it."""
        self._waits_changed.set()
        self._waits_changed = asyncio.Event()


def _at_work() -> set[asyncio.Task[Any]]:
    """Return the tasks that work on posts, of all workers of this process."""
    return {task for task in asyncio.all_tasks() if task.get_name().startswith("posts ")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Some workers, each with its own pool and store, and the platforms that they publish to."""

    api: Api
    sandbox: SandboxControl
    clock: BurstClock
    workers: Sequence[Worker]

    @property
    def pool(self) -> Pool:
        """The database."""
        return self.api.context.pool

    async def world(self, organization: str = "Acme") -> World:
        """Return the API, as a key of live projects sees it."""
        return World(api=self.api, client=await self.api.client(environment="live", organization=organization))

    async def work(self) -> timedelta | None:
        """Work until nothing can be done just now; return how long until there is more to do, None: never.

        Whichever worker looks first takes the next post.
        """
        dice = random.Random(1)  # noqa: S311  a die
        while True:
            await asyncio.gather(*(worker.poll() for worker in dice.sample(self.workers, len(self.workers))))
            if not (at_work := _at_work()):
                break
            await asyncio.wait(at_work, return_when=asyncio.FIRST_COMPLETED)
        for worker in self.workers:
            await worker.work_until_idle()
        return await self.workers[0].runner.next_due()

    async def drain(self) -> None:
        """Work until nothing is left, letting the clock jump over the waits."""
        while (wait := await self.work()) is not None:
            await self.clock.sleep(wait)

    async def live(self, platform: str) -> list[tuple[str, datetime]]:
        """Return what is live: the platform's id and when it went live, in that order."""
        posts = await self.sandbox.posts(platform)
        return [(str(post["externalId"]), datetime.fromisoformat(str(post["createdAt"]))) for post in posts]

    async def in_order(self, ids: Sequence[str]) -> list[str]:
        """Return the platform's ids of posts, in the posts' order."""
        rows = await self.pool.fetch("SELECT id, external_id FROM scheduled_posts")
        found = {f"sp_{row['id']}": str(row["external_id"]) for row in rows}
        return [found[post_id] for post_id in ids]

    async def refusals(self, platform: str) -> Counter[str]:
        """Return how often the platform refused each operation: by status, or by TikTok's code on HTTP 200."""
        calls: Counter[str] = Counter()
        for call in await self.sandbox.requests(platform):
            status, answer = call["status"], call["response"]
            error = answer.get("error") if isinstance(answer, dict) else None
            code = error.get("code") if isinstance(error, dict) else None
            if not isinstance(status, int) or status >= 400 or code not in (None, "ok"):
                calls[str(call["operation"])] += 1
        return calls

    async def called_at(self, platform: str, operation: str) -> list[datetime]:
        """Return when an operation was called."""
        calls = await self.sandbox.requests(platform, operation)
        return sorted(datetime.fromisoformat(str(call["at"])) for call in calls)

    async def lines(self, event: str) -> dict[str, int]:
        """Return how many lines of an event each post has that has any."""
        sql = "SELECT post_id, count(*) AS lines FROM post_events WHERE event = $1 GROUP BY post_id"
        return {f"sp_{row['post_id']}": row["lines"] for row in await self.pool.fetch(sql, event)}


def gaps(at: Sequence[Any], distance: int) -> list[Any]:  # Any: instants give durations, numbers numbers
    """Return how far behind each instant, or number, the one is that comes so many places later."""
    return [later - earlier for earlier, later in zip(at, at[distance:], strict=False)]


async def publish_many(world: World, container: str, account: str, count: int) -> list[str]:
    """Publish a container so many times to an account, 50 in a call; return the posts in their order."""
    ids: list[str] = []
    while len(ids) < count:
        ids += await world.publish(container, *[account] * min(50, count - len(ids)))
    return ids


def platforms_at(sandbox: SandboxControl, *, public_url: str) -> dict[str, Any]:
    """Return the settings that make the sandbox the real platforms: live projects, with all of their patience."""
    return {
        "public_url": public_url,
        "sandbox": False,
        "instagram_client_id": "1",
        "instagram_client_secret": "secret",
        "instagram_graph_url": sandbox.host("graph.instagram.com"),
        "instagram_api_url": sandbox.host("api.instagram.com"),
        "instagram_www_url": sandbox.host("www.instagram.com"),
        "tiktok_client_key": "key",
        "tiktok_client_secret": "secret",
        "tiktok_api_url": sandbox.host("open.tiktokapis.com"),
        "tiktok_www_url": sandbox.host("www.tiktok.com"),
    }


@contextlib.asynccontextmanager
async def serving_sandbox(state_file: Path) -> AsyncIterator[SandboxControl]:
    """Serve a separate sandbox, as the platforms of another installation, for the length of a block."""
    listener = listen_on("127.0.0.1", 0)
    sandbox = create_app(state_file)
    server = server_for(Starlette(routes=[Mount("/sandbox", sandbox)]))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with httpx2.AsyncClient(timeout=30, trust_env=False) as client:
            yield SandboxControl(f"{url_of(listener)}/sandbox", client)
    finally:
        running.cancel()
        await asyncio.wait([running])
        await shut(server)
        await sandbox.close()


@contextlib.asynccontextmanager
async def open_crew(folder: Path, dsn: str, *, workers: int = 3) -> AsyncIterator[Crew]:
    """Serve everything for the length of a block. Leases are long: the clock jumps while posts are in hand."""
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(serving_sandbox(folder / "platforms.sqlite3"))
        listener = listen_on("127.0.0.1", 0)
        settings = Settings(
            _env_file=None,
            data_dir=folder / "data",
            allow_private_media=True,
            media_processes=1,
            worker_lease=timedelta(minutes=10),
            republish_after_live=timedelta(minutes=15),
            **platforms_at(sandbox, public_url=url_of(listener)),
        )
        clock = BurstClock(sandbox.advance)
        api = await stack.enter_async_context(serving(settings, dsn=dsn, clock=clock, listener=listener))
        crew = [
            await stack.enter_async_context(open_worker(settings, dsn=dsn, base_url=api.base_url, clock=clock))
            for _ in range(workers)
        ]
        yield Crew(api=api, sandbox=sandbox, clock=clock, workers=crew)
