"""Callers around an outage: what they are answered, when it works again, and whether each post is there once."""

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from secrets import token_hex
from typing import Final
from uuid import uuid4

import aiohttp
import asyncpg
from pydantic import JsonValue

from chaos.client import Client
from chaos.machines import Machines
from chaos.scene import bring_in, connect_account, files_of, make_account, make_project
from presswork.db.connect import Connector
from presswork.db.errors import DATABASE_ERRORS

_ANSWER_WITHIN: Final = timedelta(seconds=45)
"""Far longer than any call may take: what hangs must show."""
_AGAIN_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 0.1
_AWAY: Final = (aiohttp.ClientError, *DATABASE_ERRORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt of a call. `status` None: there was no answer."""

    began: float
    took_seconds: float
    status: int | None


@dataclass(slots=True)
class Callers:
    """Publish to a few accounts in turn, by all APIs in turn; each call is repeated under its key until it is accepted."""

    machines: Machines
    session: aiohttp.ClientSession = field(repr=False)
    scene: "Scene" = field(repr=False)
    name: str = field(default_factory=lambda: token_hex(4))
    """In the caption of each post, so that nobody takes another's for it."""
    accepted: dict[str, str] = field(default_factory=dict)
    """The post of each caption."""
    tries: list[Try] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=itertools.count, repr=False)
    _heard: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def attempt(self, url: str, number: int, key: str) -> tuple[int | None, Mapping[str, JsonValue]]:
        """Ask once to publish the post of this number."""
        account, caption = self.scene.accounts[number % len(self.scene.accounts)], self.caption(number)
        body: JsonValue = {"targets": [{"socialAccountId": account, "mode": "publish", "captionOverride": caption}]}
        return await self.call("POST", f"{url}/v1/content/{self.scene.content}/publish", json=body, idempotency_key=key)

    async def call(
        self, method: str, url: str, *, json: JsonValue = None, idempotency_key: str | None = None
    ) -> tuple[int | None, Mapping[str, JsonValue]]:
        """Make one call and note how it went."""
        headers = {"Authorization": f"Bearer {self.scene.key}"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        began = time.monotonic()
        status: int | None = None
        answer: Mapping[str, JsonValue] = {}
        limit = aiohttp.ClientTimeout(total=_ANSWER_WITHIN.total_seconds())
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with self.session.request(method, url, json=json, headers=headers, timeout=limit) as reply:
                status, answer = reply.status, await reply.json()
        self.tries.append(Try(began=began, took_seconds=time.monotonic() - began, status=status))
        return status, answer

    def caption(self, number: int) -> str:
        """Return the caption of the post of this number."""
        return f"{self.name} {number}"

    async def publish(self) -> str:
        """Publish once, whatever it takes; return the caption."""
        number = next(self._number)
        caption, key = self.caption(number), str(uuid4())
        for url in itertools.islice(itertools.cycle(self.machines.urls), number % 2, None):
            status, answer = await self.attempt(url, number, key)
            if status == 200:
                (self.accepted[caption],) = map(str, _list(answer["scheduledPostIds"]))
                self._heard.set()
                break
            if status is not None and status < 500:
                raise RuntimeError(f"a publish call was answered {status}: {answer}")
            await asyncio.sleep(_AGAIN_SECONDS)
        return caption

    async def publish_on(self, stop: asyncio.Event, *, every: timedelta = timedelta(milliseconds=200)) -> None:
        """Publish again and again, without waiting for what was asked before, until told to stop; then until all is accepted."""
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                group.create_task(self.publish())
                await asyncio.sleep(every.total_seconds())

    async def until_accepted(self, more: int) -> None:
        """Wait until so many more posts are accepted."""
        wanted = len(self.accepted) + more
        while len(self.accepted) < wanted:
            self._heard.clear()
            await self._heard.wait()

    async def until_over(self, dsn: str, *, within: timedelta) -> Mapping[str, str]:
        """Wait until all accepted posts are over, and return the state of each caption's post."""
        by_post = {post: caption for caption, post in self.accepted.items()}
        end = time.monotonic() + within.total_seconds()
        states: Mapping[str, str] = {}
        while time.monotonic() < end:
            with contextlib.suppress(*_AWAY):
                rows = await _fetch(dsn, "SELECT 'sp_' || id AS post, status FROM scheduled_posts")
                states = {by_post.get(row["post"], row["post"]): row["status"] for row in rows}
                if not {"queued", "publishing"} & set(states.values()):
                    break
            await asyncio.sleep(_LOOK_SECONDS)
        return states

    async def until_worker_is_up(self, *, since: datetime, within: timedelta) -> bool:
        """Wait until a worker works that was started after a moment."""
        end = time.monotonic() + within.total_seconds()
        while time.monotonic() < end:
            with contextlib.suppress(*_AWAY):
                if await _fetch(self.machines.cluster.dsn, "SELECT FROM workers WHERE started_at > $1", since):
                    return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False

    async def shown(self) -> Counter[str]:
        """Return how often each caption is on the platform."""
        place = f"{self.machines.cluster.sandbox_url}/control/posts?platform=instagram"
        async with self.session.get(place) as reply:
            return Counter(item["caption"] for item in (await reply.json())["items"])

    async def works_again(
        self, dsn: str, *, began: tuple[float, datetime], ended: tuple[float, datetime]
    ) -> tuple[timedelta, timedelta]:
        """Return how long after an outage's first moment a publish call worked, and a post went live.

        What was quick enough to come in before its last moment does not count.
        """
        first = min(one.began + one.took_seconds for one in self.tries if one.status == 200 and one.began >= ended[0])
        (row,) = await _fetch(dsn, "SELECT min(at) AS at FROM post_events WHERE event = 'live' AND at > $1", ended[1])
        return timedelta(seconds=first - began[0]), row["at"] - began[1]


async def _fetch(dsn: str, statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
    connection = await Connector(dsn).connect()
    try:
        found: Sequence[asyncpg.Record] = await connection.fetch(statement, *arguments, timeout=5)
        return found
    finally:
        await connection.close(timeout=1)


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What callers need: a key, a piece of content, and accounts to publish it to."""

    key: str = field(repr=False)
    content: str
    accounts: Sequence[str]


def make_key(machines: Machines, **options: str) -> str:
    """Make a key with these options of `key create`."""
    given = [text for name, value in options.items() for text in (f"--{name}", value)]
    made = machines.cluster.admin(
        "key", "create", "--org", "Trial", "--env", "test", "--scopes", "*", "--return-domain", "localhost", *given
    )
    return str(made["key"])


async def set_scene(machines: Machines, session: aiohttp.ClientSession, *, accounts: int) -> Scene:
    """Connect accounts and bring a picture in, at the first API."""
    key = await asyncio.to_thread(make_key, machines)
    for url in machines.urls:
        await _until_alive(url, session)
    client = Client(machines.cluster.url, key, session, Random("trial"))  # noqa: S311  it need not be secret
    project = await make_project(client, "Trial")
    connected = []
    for number in range(accounts):
        await make_account(machines.cluster.sandbox_url, session, "instagram", f"trial{number}")
        connected.append((await connect_account(client, project, "instagram", f"trial{number}")).id)
    content = await bring_in(client, project, "image", files_of("image", 1), "A picture")
    return Scene(key=key, content=content.id, accounts=connected)


async def _until_alive(url: str, session: aiohttp.ClientSession) -> None:
    while True:
        with contextlib.suppress(aiohttp.ClientError):
            async with session.get(f"{url}/healthz"):
                return
        await asyncio.sleep(_LOOK_SECONDS)


def now() -> tuple[float, datetime]:
    """Return the moment, by the clock that is never set and by the calendar."""
    return time.monotonic(), datetime.now(UTC)
