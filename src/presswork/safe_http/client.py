"""POST requests to untrusted URLs, many per process: for webhooks."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self
from uuid import UUID

import aiohttp

from presswork.safe_http.failure import FailureKind, GuardedFailure
from presswork.safe_http.guard import AddressGuard
from presswork.safe_http.transport import GuardedTransport, Patience

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OWN_HEADERS: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "cookie", "expect", "host", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
_FIRST_FINAL_STATUS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLimits:
    """Time limits of a POST, and how much of its response is kept. One lasts at most `response` and `excerpt` together."""

    connect: timedelta = timedelta(seconds=5)  # one connection: name, TCP and TLS
    response: timedelta = timedelta(seconds=15)  # from the call until the last header, connecting included
    excerpt: timedelta = timedelta(seconds=2)  # for the body, after the headers
    excerpt_bytes: int = 4 * 1024
    idle: timedelta = timedelta(seconds=10)  # how long a connection is kept for the next POST to the same host


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedResponse:
    """The response of a server. The status decides; the rest is for people to read.

    `headers` have lower-case names; of a repeated header the last value is kept. They are untrusted and up to half a
    megabyte, so copy only what you need; unprintable characters are replaced. `excerpt` is the beginning of the raw body,
    which need not be text; empty if it was compressed. `is_whole`: the excerpt is the whole body.
    """

    status: int  # 200 to 999
    headers: Mapping[str, str]
    excerpt: bytes
    is_whole: bool

    @property
    def text(self) -> str:
        """The excerpt as text that can be stored and shown: control characters and invalid UTF-8 are replaced."""
        return _replace_harmful(self.excerpt.decode("utf-8", "replace"))


class GuardedClient:
    """An HTTP client for untrusted URLs. Create one per process; calls may run concurrently.

        async with GuardedClient(AddressGuard.for_setting(allow_private=False)) as client:
            answer = await client.post(url, body=b"{}", headers={"content-type": "application/json"})

    It keeps no cookies, uses no proxy, follows no redirect and decompresses nothing. The caller bounds how many calls
    run at once. To refuse a URL early, when a customer enters it, use `AddressGuard.check_url`.
    """

    def __init__(
        self, guard: AddressGuard, limits: PostLimits | None = None, *, user_agent: str = "Presswork/1"
    ) -> None:
        self._guard = guard
        self._limits = limits or PostLimits()
        self._headers = {"user-agent": user_agent}
        self._transport = GuardedTransport(
            guard,
            Patience(connect=self._limits.connect, headers=self._limits.response, silence=self._limits.response),
            idle=self._limits.idle,
        )

    async def __aenter__(self) -> Self:
        """Open the client; no connection is made yet."""
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection; running calls fail."""
        await self._transport.__aexit__()

    async def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], owner: UUID | None = None
    ) -> GuardedResponse:
        """POST to a URL of an organization and return the response, whatever its status, a redirect too.

        Where a kept connection turns out to be closed, the request is sent once more on a new one, so that a receiver
        may in rare cases get it twice: send an id with it. Once the headers have arrived the response counts, however
        the body ends. Raises GuardedFailure for every error of the URL, its name or its server, and ValueError for
        headers that can't be sent or that the caller may not set, like Host.
        """
        target = self._guard.check_url(url)
        sent = {**self._headers, **_check_headers(headers)}
        async with self._transport.request("POST", target, headers=sent, body=body, owner=owner) as response:
            if response.status < _FIRST_FINAL_STATUS:
                raise GuardedFailure(FailureKind.PROTOCOL, f"{target.host} sends no valid HTTP response.")
            excerpt, is_whole = await self._excerpt(response)
            return GuardedResponse(
                status=response.status,
                headers={
                    _replace_harmful(name.lower()): _replace_harmful(value) for name, value in response.headers.items()
                },
                excerpt=excerpt,
                is_whole=is_whole,
            )

    async def _excerpt(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        """Read the beginning of the body, as far as it arrives in time, and whether it is complete."""
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            return b"", False
        max_bytes = self._limits.excerpt_bytes
        came = bytearray()
        try:
            async with asyncio.timeout(self._limits.excerpt.total_seconds()):
                while len(came) <= max_bytes and (chunk := await response.content.readany()):
                    came += chunk
        except (aiohttp.ClientError, TimeoutError):
            return bytes(came[:max_bytes]), False
        return bytes(came[:max_bytes]), len(came) <= max_bytes


def _replace_harmful(text: str) -> str:
    """Return text without characters that a database, a terminal or an encoder can't handle."""
    return "".join(
        letter if letter.isprintable() or letter in "\t\r\n" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _check_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers with lower-case names. Raises ValueError for one that the caller may not set."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
            raise ValueError(f"{name!r} is not a header that can be set here")
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"the value of the header {name} has characters that can't be sent")
    return {name.lower(): value for name, value in headers.items()}
