"""Publish during an outage: record the responses, the recovery times, and whether each post is published once."""

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
from chaos.world import connect_account, files_of, make_account, make_project, upload_content
from presswork.db.connect import Connector
from presswork.db.errors import DATABASE_ERRORS

_RESPONSE_TIMEOUT: Final = timedelta(seconds=45)
"""Far longer than any call may take, so that a call that hangs is visible."""
_RETRY_SECONDS: Final = 0.1
_POLL_SECONDS: Final = 0.1
_UNAVAILABLE_ERRORS: Final = (aiohttp.ClientError, *DATABASE_ERRORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a call. `status` is None if there was no response."""

    began: float
    took_seconds: float
    status: int | None


@dataclass(slots=True)
class Callers:
    """Publish to a few accounts through all APIs in rotation; each call is retried with its key until it is accepted."""

    machines: Machines
    session: aiohttp.ClientSession = field(repr=False)
    world: "World" = field(repr=False)
    name: str = field(default_factory=lambda: token_hex(4))
    """Part of each caption, so that it is unique."""
    accepted: dict[str, str] = field(default_factory=dict)
    """Post ids by caption."""
    attempts: list[Attempt] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=itertools.count, repr=False)
    _accepted_event: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def attempt(self, url: str, number: int, key: str) -> tuple[int | None, Mapping[str, JsonValue]]:
        """Send one publish call for the post with this number."""
        account, caption = self.world.accounts[number % len(self.world.accounts)], self.caption(number)
        body: JsonValue = {"targets": [{"socialAccountId": account, "mode": "publish", "captionOverride": caption}]}
        return await self.call("POST", f"{url}/v1/content/{self.world.content}/publish", json=body, idempotency_key=key)

    async def call(
        self, method: str, url: str, *, json: JsonValue = None, idempotency_key: str | None = None
    ) -> tuple[int | None, Mapping[str, JsonValue]]:
        """Make one call and record its result."""
        headers = {"Authorization": f"Bearer {self.world.key}"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        began = time.monotonic()
        status: int | None = None
        response: Mapping[str, JsonValue] = {}
        limit = aiohttp.ClientTimeout(total=_RESPONSE_TIMEOUT.total_seconds())
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with self.session.request(method, url, json=json, headers=headers, timeout=limit) as reply:
                status, response = reply.status, await reply.json()
        self.attempts.append(Attempt(began=began, took_seconds=time.monotonic() - began, status=status))
        return status, response

    def caption(self, number: int) -> str:
        """Return the caption of the post with this number."""
        return f"{self.name} {number}"

    async def publish(self) -> str:
        """Publish one post, with retries until it is accepted, and return its caption."""
        number = next(self._number)
        caption, key = self.caption(number), str(uuid4())
        for url in itertools.islice(itertools.cycle(self.machines.urls), number % 2, None):
            status, response = await self.attempt(url, number, key)
            if status == 200:
                (self.accepted[caption],) = map(str, _list(response["scheduledPostIds"]))
                self._accepted_event.set()
                break
            if status is not None and status < 500:
                raise RuntimeError(f"a publish call returned {status}: {response}")
            await asyncio.sleep(_RETRY_SECONDS)
        return caption

    async def keep_publishing(self, stop: asyncio.Event, *, every: timedelta = timedelta(milliseconds=200)) -> None:
        """Start a publish call at each interval until `stop` is set, then wait until all are accepted."""
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                group.create_task(self.publish())
                await asyncio.sleep(every.total_seconds())

    async def wait_until_accepted(self, more: int) -> None:
        """Wait until `more` further posts are accepted."""
        wanted = len(self.accepted) + more
        while len(self.accepted) < wanted:
            self._accepted_event.clear()
            await self._accepted_event.wait()

    async def wait_until_final(self, dsn: str, *, within: timedelta) -> Mapping[str, str]:
        """Wait until all accepted posts have ended, and return the status by caption."""
        by_post = {post: caption for caption, post in self.accepted.items()}
        end = time.monotonic() + within.total_seconds()
        states: Mapping[str, str] = {}
        while time.monotonic() < end:
            with contextlib.suppress(*_UNAVAILABLE_ERRORS):
                rows = await _fetch(dsn, "SELECT 'sp_' || id AS post, status FROM scheduled_posts")
                states = {by_post.get(row["post"], row["post"]): row["status"] for row in rows}
                if not {"queued", "publishing"} & set(states.values()):
                    break
            await asyncio.sleep(_POLL_SECONDS)
        return states

    async def wait_for_worker(self, *, since: datetime, within: timedelta) -> bool:
        """Return whether a worker that started after `since` is running, waiting at most `within`."""
        end = time.monotonic() + within.total_seconds()
        while time.monotonic() < end:
            with contextlib.suppress(*_UNAVAILABLE_ERRORS):
                if await _fetch(self.machines.cluster.dsn, "SELECT FROM workers WHERE started_at > $1", since):
                    return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    async def shown(self) -> Counter[str]:
        """Return how often each caption was published on the platform."""
        url = f"{self.machines.cluster.sandbox_url}/control/posts?platform=instagram"
        async with self.session.get(url) as reply:
            return Counter(item["caption"] for item in (await reply.json())["items"])

    async def recovery_times(
        self, dsn: str, *, began: tuple[float, datetime], ended: tuple[float, datetime]
    ) -> tuple[timedelta, timedelta]:
        """Return the times from the start of an outage to the next successful publish call and the next live post.

        Calls and posts that succeeded before the end of the outage don't count.
        """
        first = min(
            one.began + one.took_seconds for one in self.attempts if one.status == 200 and one.began >= ended[0]
        )
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
class World:
    """A key, a container, and accounts to publish it to."""

    key: str = field(repr=False)
    content: str
    accounts: Sequence[str]


def make_key(machines: Machines, **options: str) -> str:
    """Create a key with options of `key create`."""
    given = [text for name, value in options.items() for text in (f"--{name}", value)]
    made = machines.cluster.admin(
        "key", "create", "--org", "Trial", "--env", "test", "--scopes", "*", "--return-domain", "localhost", *given
    )
    return str(made["key"])


async def create_world(machines: Machines, session: aiohttp.ClientSession, *, accounts: int) -> World:
    """Connect accounts and upload a picture through the first API."""
    key = await asyncio.to_thread(make_key, machines)
    for url in machines.urls:
        await _wait_until_alive(url, session)
    client = Client(machines.cluster.url, key, session, Random("trial"))  # noqa: S311  need not be secret
    project = await make_project(client, "Trial")
    connected = []
    for number in range(accounts):
        await make_account(machines.cluster.sandbox_url, session, "instagram", f"trial{number}")
        connected.append((await connect_account(client, project, "instagram", f"trial{number}")).id)
    content = await upload_content(client, project, "image", files_of("image", 1), "A picture")
    return World(key=key, content=content.id, accounts=connected)


async def _wait_until_alive(url: str, session: aiohttp.ClientSession) -> None:
    while True:
        with contextlib.suppress(aiohttp.ClientError):
            async with session.get(f"{url}/healthz"):
                return
        await asyncio.sleep(_POLL_SECONDS)


def now() -> tuple[float, datetime]:
    """Return the current time of the monotonic clock and of the wall clock."""
    return time.monotonic(), datetime.now(UTC)
