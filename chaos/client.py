"""A client as it should be: every write has an idempotency key, and is repeated under it until it is answered."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import aiohttp
from pydantic import JsonValue

_ATTEMPT_SECONDS: Final = 15
_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 1.0
_AWAY: Final = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call was answered, in the end."""

    status: int
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether it is a 2xx."""
        return self.status < 300

    def json(self) -> Mapping[str, JsonValue]:
        """Return the body."""
        found: Mapping[str, JsonValue] = json.loads(self.body)
        return found


@dataclass(slots=True, kw_only=True)
class Traffic:
    """What the calls met."""

    calls: int = 0
    attempts: int = 0
    lost: int = 0
    """Attempts without an answer: connections refused, reset or timed out."""
    away: int = 0
    """Attempts that were answered 5xx."""
    internal: int = 0
    """Attempts that were answered 500: a fault of the program."""
    hung_up: int = 0
    """Attempts that the client itself broke off."""
    twins: int = 0
    replays: int = 0
    worst_seconds: float = 0.0
    """Longest time from the first attempt of a call to its answer."""


class Client:
    """Calls the API. Remembers for each idempotency key what was answered, and who was answered something else."""

    def __init__(self, url: str, key: str, session: aiohttp.ClientSession, draw: random.Random) -> None:
        """Take the address, a key for it, a session, and the dice for what a client does on its own."""
        self._url: Final = url
        self._session: Final = session
        self._draw: Final = draw
        self._key: Final = {"Authorization": f"Bearer {key}"}
        self.traffic: Final = Traffic()
        self.answers: Final[dict[str, Answer]] = {}
        self.contradictions: Final[list[str]] = []
        """Idempotency keys under which two different answers came."""

    async def write(self, path: str, body: Mapping[str, JsonValue]) -> Answer:
        """POST under a new idempotency key; now and then twice at once, broken off, or once more after the answer."""
        key = str(UUID(int=self._draw.getrandbits(128), version=4))
        chance = self._draw.random()
        if chance < 0.1:
            await self._break_off(path, body, key)
        if chance > 0.85:
            self.traffic.twins += 1
            answer, _ = await asyncio.gather(self.call("POST", path, body, key), self.call("POST", path, body, key))
        else:
            answer = await self.call("POST", path, body, key)
        if 0.5 < chance < 0.55:
            self.traffic.replays += 1
            await self.call("POST", path, body, key)
        return answer

    async def call(
        self, method: str, path: str, body: Mapping[str, JsonValue] | None = None, key: str | None = None
    ) -> Answer:
        """Return the answer of a call, which is repeated until there is one that is no 5xx."""
        self.traffic.calls += 1
        began, pause = time.monotonic(), _PAUSE_SECONDS
        while True:
            answer = await self._attempt(method, path, body, key)
            if answer is not None and answer.status < 500:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        self.traffic.worst_seconds = max(self.traffic.worst_seconds, time.monotonic() - began)
        if key is not None and answer.is_success:
            first = self.answers.setdefault(key, answer)
            if first != answer:
                self.contradictions.append(key)
        return answer

    async def _attempt(
        self, method: str, path: str, body: Mapping[str, JsonValue] | None, key: str | None
    ) -> Answer | None:
        self.traffic.attempts += 1
        headers = self._key if key is None else self._key | {"Idempotency-Key": key}
        limit = aiohttp.ClientTimeout(total=_ATTEMPT_SECONDS)
        try:
            async with self._session.request(
                method, f"{self._url}{path}", json=body, headers=headers, timeout=limit
            ) as reply:
                answer = Answer(status=reply.status, body=await reply.read())
        except _AWAY:
            self.traffic.lost += 1
            return None
        self.traffic.away += answer.status >= 500
        self.traffic.internal += answer.status == 500
        return answer

    async def _break_off(self, path: str, body: Mapping[str, JsonValue], key: str) -> None:
        self.traffic.hung_up += 1
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._attempt("POST", path, body, key), self._draw.uniform(0.001, 0.05))

    async def get_ok(self, path: str) -> Mapping[str, JsonValue]:
        """Return what a call tells. Raises RuntimeError unless it is a 2xx."""
        return _good(await self.call("GET", path), path)

    async def ask_ok(self, path: str, body: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """POST what needs no idempotency key, and return what it tells. Raises RuntimeError unless it is a 2xx."""
        return _good(await self.call("POST", path, body), path)

    async def post_ok(self, path: str, body: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Return what a write tells. Raises RuntimeError unless it is a 2xx."""
        key = str(UUID(int=self._draw.getrandbits(128), version=4))
        return _good(await self.call("POST", path, body, key), path)

    async def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Send a file to a presigned address until it is taken."""
        limit = aiohttp.ClientTimeout(total=_ATTEMPT_SECONDS)
        while True:
            status = 0
            with contextlib.suppress(*_AWAY):
                async with self._session.put(url, data=data, headers=headers, timeout=limit) as reply:
                    status = reply.status
            if 0 < status < 500:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        if status >= 300:
            raise RuntimeError(f"an upload was answered {status}")

    async def redirect(self, url: str) -> str:
        """Return where an address, called without the key, redirects to. Raises RuntimeError if it does not."""
        limit = aiohttp.ClientTimeout(total=_ATTEMPT_SECONDS)
        async with self._session.get(url, allow_redirects=False, timeout=limit) as reply:
            if "Location" not in reply.headers:
                raise RuntimeError(f"no redirect but {reply.status}: {(await reply.text())[:300]}")
            return reply.headers["Location"]


def _good(answer: Answer, path: str) -> Mapping[str, JsonValue]:
    if not answer.is_success:
        raise RuntimeError(f"{path} was answered {answer.status}: {answer.body[:500].decode()}")
    return answer.json()
