"""One guarded HTTP request: to an allowed address, without cookies, proxies, credentials or redirects, and bounded."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from io import BytesIO
from types import SimpleNamespace
from typing import Self
from uuid import UUID

import aiohttp
from yarl import URL

from presswork.safe_http.connection import GuardedConnector, GuardedRequest
from presswork.safe_http.failure import failure_of
from presswork.safe_http.guard import AddressGuard
from presswork.safe_http.names import NAME_OWNER


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Time limits of one request."""

    connect: timedelta  # one connection: name, TCP and TLS
    headers: timedelta  # from the start, connecting included, until the last header
    silence: timedelta  # the longest pause within the body


class GuardedTransport:
    """Sends requests to untrusted URLs. Open it with `async with`.

    TLS is verified with the system's certificates, or SSL_CERT_FILE when the process first needs them. A response is
    never decompressed: `Accept-Encoding: identity` is sent, and a compressed body stays compressed.
    """

    def __init__(self, guard: AddressGuard, patience: Patience, *, idle: timedelta | None = None) -> None:
        """With `idle`, connections are kept that long for the next request to the same host and port."""
        self._guard = guard
        self._patience = patience
        self._idle = idle
        self._open = AsyncExitStack()
        self._single: aiohttp.ClientSession | None = None
        self._keeping: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the transport; no connection is made yet."""
        trust = await asyncio.to_thread(system_trust)
        self._single = await self._open.enter_async_context(self._session(trust, None))
        if self._idle is not None:
            self._keeping = await self._open.enter_async_context(self._session(trust, self._idle))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        self._single = self._keeping = None
        await self._open.aclose()

    @asynccontextmanager
    async def request(
        self, method: str, url: URL, *, headers: Mapping[str, str], body: bytes | None = None, owner: UUID | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request to a URL from `AddressGuard.check_url` and yield the response, whatever its status.

        If the server has just closed a kept connection, the request is sent once more on a new one. `owner` is the
        organization whose URL it is: each one has few look-ups of names at once.
        The caller bounds the body; its framing, headers and chunks, is bounded here.
        Raises GuardedFailure, also for errors while the body is read within the context.
        """
        host = url.host or ""
        former = NAME_OWNER.set(owner)
        try:
            async with asyncio.timeout(self._patience.headers.total_seconds()):
                response = await self._fetch_response(method, url, headers, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise failure_of(error, host) from error
        finally:
            NAME_OWNER.reset(former)
        try:
            async with response:
                yield response
        except aiohttp.ClientError as error:
            raise failure_of(error, host) from error

    async def _fetch_response(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> aiohttp.ClientResponse:
        if self._single is None:
            raise RuntimeError("a guarded transport is opened with `async with`")
        if self._keeping is not None:
            use = _Use()
            try:
                return await self._keeping.request(
                    method, url, headers=headers, data=_read(body), allow_redirects=False, trace_request_ctx=use
                )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not use.is_of_kept_connection:
                    raise
        return await self._single.request(method, url, headers=headers, data=_read(body), allow_redirects=False)

    def _session(self, trust: ssl.SSLContext, idle: timedelta | None) -> aiohttp.ClientSession:
        watch = aiohttp.TraceConfig()
        watch.on_connection_reuseconn.append(_note_kept_connection)
        return aiohttp.ClientSession(
            connector=GuardedConnector(self._guard, idle=idle, trust=trust),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=self._patience.connect.total_seconds(),
                sock_connect=self._patience.connect.total_seconds(),
                sock_read=self._patience.silence.total_seconds(),
            ),
            auto_decompress=False,
            trust_env=False,
            request_class=GuardedRequest,
            trace_configs=[watch],
        )


def _read(body: bytes | None) -> BytesIO | None:
    """Return the body in a form that is sent in small pieces, from the start at each attempt."""
    return None if body is None else BytesIO(body)


@dataclass(slots=True)
class _Use:
    """What is known of a request's connection."""

    is_of_kept_connection: bool = False


async def _note_kept_connection(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceConnectionReuseconnParams
) -> None:
    use = context.trace_request_ctx
    if isinstance(use, _Use):
        use.is_of_kept_connection = True


@cache
def system_trust() -> ssl.SSLContext:
    """Return the system's certificates, read once: that takes milliseconds, and keeps hundreds of them in memory."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
