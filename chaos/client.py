"""A well-behaved API client: every write has an idempotency key and is retried with it until there is a response."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import aiohttp
from pydantic import JsonValue

from presswork.core.errors import IssueCode
from presswork.core.timestamps import read_instant
from presswork.posts.model import PAST_TOLERANCE

_ATTEMPT_SECONDS: Final = 15
_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 1.0
_UNAVAILABLE_ERRORS: Final = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The final response of a call."""

    status: int
    body: bytes = field(repr=False)
    key: str | None = field(default=None, compare=False)
    """The idempotency key of the call."""
    was_late: bool = field(default=False, compare=False)
    """Whether the time of the call was longer ago than the API takes when the response came: the service was away."""

    @property
    def is_late_refusal(self) -> bool:
        """Whether the call was refused because its time had passed before the API could read it."""
        return self.was_late and f'"{IssueCode.IN_THE_PAST}"' in self.body.decode()

    @property
    def is_success(self) -> bool:
        """Whether it is a 2xx."""
        return self.status < 300

    def json(self) -> Mapping[str, JsonValue]:
        """Parse the body."""
        found: Mapping[str, JsonValue] = json.loads(self.body)
        return found


@dataclass(slots=True, kw_only=True)
class Traffic:
    """Statistics of all calls."""

    calls: int = 0
    attempts: int = 0
    lost: int = 0
    """Attempts without a response: connections refused, reset or timed out."""
    server_errors: int = 0
    """Attempts with a 5xx response."""
    internal: int = 0
    """Attempts with a 500 response: an error in the program."""
    aborted: int = 0
    """Attempts that the client aborted."""
    duplicates: int = 0
    replays: int = 0
    worst_seconds: float = 0.0
    """Longest time from the first attempt of a call to its response."""


class Client:
    """Calls the API. Records the response for each idempotency key, and keys with different responses."""

    def __init__(
        self, url: str, key: str, session: aiohttp.ClientSession, draw: random.Random, *, shared: "Client | None" = None
    ) -> None:
        """Use the API at `url` with `key`. `draw` decides when to send duplicates and to abort. What is recorded is that of `shared`."""
        self._url: Final = url
        self._session: Final = session
        self._draw: Final = draw
        self._key: Final = {"Authorization": f"Bearer {key}"}
        self.traffic: Final[Traffic] = Traffic() if shared is None else shared.traffic
        self.responses: Final[dict[str, Response]] = {} if shared is None else shared.responses
        self.contradictions: Final[list[str]] = [] if shared is None else shared.contradictions
        """Idempotency keys with two different responses."""
        self.unanswered: Final[set[str]] = set() if shared is None else shared.unanswered
        """Idempotency keys of attempts without a final response: the API may have accepted them, also later than a repetition."""

    def with_key(self, key: str) -> "Client":
        """Return a client with another API key and the same records."""
        return Client(self._url, key, self._session, self._draw, shared=self)

    async def write(self, path: str, body: Mapping[str, JsonValue]) -> Response:
        """POST with a new idempotency key; sometimes twice concurrently, aborted, or again after the response."""
        key = str(UUID(int=self._draw.getrandbits(128), version=4))
        chance = self._draw.random()
        if chance < 0.1:
            await self._abort(path, body, key)
        if chance > 0.85:
            self.traffic.duplicates += 1
            response, _ = await asyncio.gather(self.call("POST", path, body, key), self.call("POST", path, body, key))
        else:
            response = await self.call("POST", path, body, key)
        if 0.5 < chance < 0.55:
            self.traffic.replays += 1
            await self.call("POST", path, body, key)
        # A refusal is not kept under the key: a limit may have refused one of them, and accepted the other one.
        return self.responses.get(key, response)

    async def change(self, path: str, body: Mapping[str, JsonValue]) -> Response:
        """PATCH with a new idempotency key."""
        return await self.call("PATCH", path, body, str(UUID(int=self._draw.getrandbits(128), version=4)))

    async def delete(self, path: str) -> Response:
        """DELETE with a new idempotency key."""
        return await self.call("DELETE", path, key=str(UUID(int=self._draw.getrandbits(128), version=4)))

    async def call(
        self, method: str, path: str, body: Mapping[str, JsonValue] | None = None, key: str | None = None
    ) -> Response:
        """Return the response of a call, which is retried until the status is below 500."""
        self.traffic.calls += 1
        began, pause = time.monotonic(), _PAUSE_SECONDS
        while True:
            response = await self._attempt(method, path, body, key)
            if response is not None and response.status < 500:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        response = replace(response, was_late=_is_late(body or {}))
        self.traffic.worst_seconds = max(self.traffic.worst_seconds, time.monotonic() - began)
        if key is not None and response.is_success:
            first = self.responses.setdefault(key, response)
            if first != response:
                self.contradictions.append(key)
        return response

    async def _attempt(
        self, method: str, path: str, body: Mapping[str, JsonValue] | None, key: str | None
    ) -> Response | None:
        self.traffic.attempts += 1
        is_answered = False
        headers = self._key if key is None else self._key | {"Idempotency-Key": key}
        limit = aiohttp.ClientTimeout(total=_ATTEMPT_SECONDS)
        try:
            async with self._session.request(
                method, f"{self._url}{path}", json=body, headers=headers, timeout=limit
            ) as reply:
                response = Response(status=reply.status, body=await reply.read(), key=key)
            is_answered = response.status < 500
        except _UNAVAILABLE_ERRORS:
            self.traffic.lost += 1
            return None
        finally:
            if key is not None and not is_answered:
                self.unanswered.add(key)
        self.traffic.server_errors += response.status >= 500
        self.traffic.internal += response.status == 500
        return response

    async def _abort(self, path: str, body: Mapping[str, JsonValue], key: str) -> None:
        self.traffic.aborted += 1
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._attempt("POST", path, body, key), self._draw.uniform(0.001, 0.05))

    async def get_ok(self, path: str) -> Mapping[str, JsonValue]:
        """GET and return the body. Raises RuntimeError unless the status is 2xx."""
        return _good(await self.call("GET", path), path)

    async def ask_ok(self, path: str, body: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """POST without an idempotency key and return the body. Raises RuntimeError unless the status is 2xx."""
        return _good(await self.call("POST", path, body), path)

    async def post_ok(self, path: str, body: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """POST with an idempotency key and return the body. Raises RuntimeError unless the status is 2xx."""
        key = str(UUID(int=self._draw.getrandbits(128), version=4))
        return _good(await self.call("POST", path, body, key), path)

    async def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Upload a file to a presigned URL, and retry until it is accepted."""
        limit = aiohttp.ClientTimeout(total=_ATTEMPT_SECONDS)
        while True:
            status = 0
            with contextlib.suppress(*_UNAVAILABLE_ERRORS):
                async with self._session.put(url, data=data, headers=headers, timeout=limit) as reply:
                    status = reply.status
            self.traffic.server_errors += status >= 500
            self.traffic.internal += status == 500
            if 0 < status < 500:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        if status >= 300:
            raise RuntimeError(f"an upload returned {status}")

    async def redirect(self, url: str) -> str:
        """Request a URL without the key and return its redirect target. Raises RuntimeError if there is no redirect."""
        limit = aiohttp.ClientTimeout(total=_ATTEMPT_SECONDS)
        async with self._session.get(url, allow_redirects=False, timeout=limit) as reply:
            if "Location" not in reply.headers:
                raise RuntimeError(f"expected a redirect, got {reply.status}: {(await reply.text())[:300]}")
            return reply.headers["Location"]


def _is_late(body: Mapping[str, JsonValue]) -> bool:
    at = body.get("scheduledFor")
    return at is not None and datetime.now(UTC) - read_instant(at) > PAST_TOLERANCE


def _good(response: Response, path: str) -> Mapping[str, JsonValue]:
    if not response.is_success:
        raise RuntimeError(f"{path} returned {response.status}: {response.body[:500].decode()}")
    return response.json()
