"""One HTTP call to a platform, with a time-out; a failure says whether the call may have had an effect."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from json import dumps
from math import inf
from time import monotonic, perf_counter
from typing import Final, Self
from urllib.parse import urlencode
from urllib.request import getproxies

import aiohttp
import structlog
from pydantic import JsonValue
from yarl import URL

from presswork.platforms.observed_calls import current_recording, take_loss
from presswork.platforms.platform_text import clean_header, read_json
from presswork.platforms.sandbox_access import TOKEN_HEADER, SandboxAccess
from presswork.safe_http.connection import GuardedConnector, GuardedRequest
from presswork.safe_http.failure import AddressRefused, URLRefused
from presswork.safe_http.guard import AddressGuard
from presswork.safe_http.transport import system_trust
from presswork.telemetry import meters, tracing

log = structlog.get_logger()

_PLAIN_URL: Final = re.compile(r"[!-~]+", re.ASCII)
"""A URL without spaces, control characters and letters that would have to be encoded."""
_MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
_TOKEN_KEPT_SECONDS: Final = 1.0
_MAX_CONNECTIONS: Final = 1000
"""Of one platform, in one process."""
_GUARDED_IDLE: Final = timedelta(seconds=10)
"""How long a connection to an address that the operator did not set is kept for the next call."""
PUBLIC_ADDRESSES: Final = AddressGuard()


class CallFailed(Exception):
    """The call got no usable response. `was_sent`: the platform may have acted on it; False: no connection was made."""

    def __init__(self, reason: str, *, was_sent: bool) -> None:
        """Keep the reason, for the log and the timeline."""
        super().__init__(reason)
        self.reason: Final = reason
        self.was_sent: Final = was_sent

    @property
    def explained(self) -> str:
        """What happened, behind the name of the one who was called, as "did not answer: the connection broke."."""
        return f"{'did not answer' if self.was_sent else 'could not be reached'}: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response: its status, headers as the platform sent them, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a header, clean. `name` is in lower case; a platform's own spelling does not matter."""
        value = self.headers.get(name)
        return None if value is None else clean_header(value)

    def json_object(self) -> Mapping[str, JsonValue] | None:
        """Return the body as a JSON object with clean text, or None where it is not an object (an HTML error page)."""
        try:
            value = read_json(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    @property
    def retry_after(self) -> timedelta | None:
        """The wait that Retry-After requests in seconds, at most a day; None where it is absent or unreadable.

        None for zero as well: the caller's own wait holds, since calls without a pause would be the answer to an overload.
        """
        text = self.header("retry-after") or ""
        is_number = text.isascii() and text.isdigit() and len(text) < 10
        return min(timedelta(seconds=int(text)), timedelta(days=1)) or None if is_number else None


class Transport:
    """The HTTP client of one platform: one session, opened on first use, closed by `aclose`."""

    def __init__(
        self, *, name: str, sandbox: SandboxAccess | None = None, guard: AddressGuard = PUBLIC_ADDRESSES
    ) -> None:
        """Name the platform, for the log. Calls to the sandbox carry its token; `guard` checks the addresses of guarded calls."""
        self._name = name
        self._sandbox = sandbox
        self._guard = guard
        self._session: aiohttp.ClientSession | None = None
        self._guarded_session: aiohttp.ClientSession | None = None
        self._fresh_session: aiohttp.ClientSession | None = None
        self._is_closed = False
        self._token = ("", -inf)

    async def __aenter__(self) -> Self:
        """Return itself; leaving the context closes the session."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. Later calls fail, since no owner would close the connections that they open."""
        self._is_closed = True
        for session in (self._session, self._guarded_session, self._fresh_session):
            if session is not None:
                await session.close()
        self._session = self._guarded_session = self._fresh_session = None

    def _open(self, *, is_fresh: bool) -> aiohttp.ClientSession:
        # With proxies in the environment, aiohttp looks them up for each call, in a thread; without, never.
        if is_fresh:
            if self._fresh_session is None:
                connector = aiohttp.TCPConnector(limit=_MAX_CONNECTIONS, force_close=True)
                self._fresh_session = self._new_session(connector=connector, trust_env=bool(getproxies()))
            return self._fresh_session
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_MAX_CONNECTIONS)
            self._session = self._new_session(connector=connector, trust_env=bool(getproxies()))
        return self._session

    async def _open_guarded(self) -> aiohttp.ClientSession:
        """Return the session for addresses that the operator did not set. It uses no proxy, which would resolve the names."""
        trust = await asyncio.to_thread(system_trust)
        if self._guarded_session is None:
            self._guarded_session = self._new_session(
                connector=GuardedConnector(self._guard, trust=trust, idle=_GUARDED_IDLE),
                request_class=GuardedRequest,
                headers={"Accept-Encoding": "identity"},
                auto_decompress=False,  # a small answer may be a large one in disguise
            )
        return self._guarded_session

    def _new_session(
        self,
        *,
        connector: aiohttp.TCPConnector,
        request_class: type[aiohttp.ClientRequest] = aiohttp.ClientRequest,
        trust_env: bool = False,
        headers: Mapping[str, str] | None = None,
        auto_decompress: bool = True,
    ) -> aiohttp.ClientSession:
        if self._is_closed:
            raise CallFailed("this process is stopping", was_sent=False)
        session = aiohttp.ClientSession(
            connector=connector,
            request_class=request_class,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=trust_env,
            headers=headers,
            auto_decompress=auto_decompress,
        )
        # By default, aiohttp sends an idempotent request again whose kept-alive connection broke. The last chunk of an
        # upload (PUT) makes a post live, so whether to repeat is the connector's decision alone.
        session._retry_connection = False  # noqa: SLF001  core/library_internals.py checks that it exists
        return session

    async def call(
        self,
        method: str,
        url: str,
        *,
        operation: str,
        timeout: timedelta,  # noqa: ASYNC109  aiohttp enforces it; this is a parameter of the call, not a cancel scope
        token: str | None = None,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: JsonValue = None,
        data: bytes | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        is_guarded: bool = False,
        is_fresh: bool = False,
    ) -> Reply:
        """Send one request and read its whole response; redirects are not followed.

        `token` goes into the Authorization header, so that it stays out of URLs. `is_guarded`: the address is not the
        operator's but an account's owner's, so it may not lead into the operator's network. `is_fresh`: over a new connection,
        for a call whose outcome can't be read: a kept one may be closed by the server at this very moment, and then it is
        not known whether it has read the call. Raises CallFailed.
        """
        all_headers = dict(headers or {})
        # aiohttp's own encoding of forms, JSON and parameters costs more than the rest of a call's preparation.
        if params:
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
        if form is not None:
            data = urlencode(form).encode()
            all_headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif json is not None:
            data = dumps(json).encode()
            all_headers.setdefault("Content-Type", "application/json")
        if token is not None:
            all_headers["Authorization"] = f"Bearer {token}"
        if self._sandbox is not None and self._sandbox.covers(url):
            all_headers[TOKEN_HEADER] = self._sandbox_token(self._sandbox)
        started = perf_counter()
        try:
            address = self._guard.check_url(url) if is_guarded else _parse_url(url)
        except (ValueError, URLRefused) as error:
            raise self._make_failure(operation, "its address is not valid", error, started, was_sent=False) from error
        session = await self._open_guarded() if is_guarded else self._open(is_fresh=is_fresh)
        is_connected = False
        try:
            async with session.request(
                method,
                address,
                data=data,
                headers=all_headers,
                allow_redirects=False,
                timeout=_timeout_of(timeout),
            ) as answer:
                is_connected = True
                body = await answer.content.read(_MAX_ANSWER_BYTES)
                while chunk := await answer.content.read(_MAX_ANSWER_BYTES):
                    body += chunk
                    if len(body) > _MAX_ANSWER_BYTES:
                        raise CallFailed("the answer is larger than 4 MiB", was_sent=True)
        except aiohttp.ClientConnectorError as error:
            raise self._make_failure(operation, _unconnected(error), error, started, was_sent=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = "no answer came in time" if isinstance(error, TimeoutError) else "the connection broke"
            was_sent = is_connected or not isinstance(error, aiohttp.ConnectionTimeoutError)
            raise self._make_failure(operation, reason, error, started, was_sent=was_sent) from error
        reply = Reply(status=answer.status, headers=answer.headers, body=body)
        self._observe(operation, method, reply, started)
        return reply

    def _observe(self, operation: str, method: str, reply: Reply, started: float) -> None:
        """Log and count a response, and record it where that is wanted. Raises CallFailed where it is to be lost."""
        if (recording := current_recording()) is not None:
            recording.add(operation, method, reply.status, reply.headers, reply.body)
        if take_loss(operation, method):
            cut = ConnectionAbortedError()
            raise self._make_failure(operation, "the connection was cut on request", cut, started, was_sent=True)
        self._called(operation, str(reply.status), started)
        log.debug(
            "platform call",
            platform=self._name,
            operation=operation,
            status=reply.status,
            took_ms=round((perf_counter() - started) * 1000, 1),
        )

    def _sandbox_token(self, sandbox: SandboxAccess) -> str:
        """Return the sandbox's token. It is read once per second, since that looks at the key file; the sandbox also accepts the
        token of the key before.
        """
        token, read_at = self._token
        if monotonic() - read_at > _TOKEN_KEPT_SECONDS:
            token = sandbox.tokens.first()
            self._token = token, monotonic()
        return token

    def _called(self, operation: str, code: str, started: float) -> None:
        meters.platform_called(self._name, operation, code, started=started)
        tracing.platform_called(self._name, operation, code, started=started)

    def _make_failure(
        self, operation: str, reason: str, error: Exception, started: float, *, was_sent: bool
    ) -> CallFailed:
        self._called(operation, "lost" if was_sent else "unsent", started)
        log.debug(
            "platform call failed",
            platform=self._name,
            operation=operation,
            reason=reason,
            error=type(error).__name__,
            took_ms=round((perf_counter() - started) * 1000, 1),
        )
        return CallFailed(reason, was_sent=was_sent)


def _parse_url(url: str) -> URL:
    """Return a URL without encoding it again, which costs more than to parse it, and could change what a platform has signed.

    Raises ValueError.
    """
    parsed = URL(url, encoded=_PLAIN_URL.fullmatch(url) is not None)
    if parsed.scheme not in {"http", "https"} or not parsed.raw_host or parsed.port is None:
        raise ValueError("no absolute URL of a web server")
    return parsed


@lru_cache(maxsize=64)
def _timeout_of(whole: timedelta) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=whole.total_seconds(), sock_connect=10)


def _unconnected(error: aiohttp.ClientConnectorError) -> str:
    """Return why no connection was made, for the timeline."""
    if isinstance(error.os_error, AddressRefused):
        return "its address is not public"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its host name could not be resolved"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no safe connection could be made"
    return "no connection could be made"
