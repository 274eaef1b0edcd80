"""Sending calls: connections, retries, and the errors of both. The resources use it; the clients own it."""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Final, TypeVar

import httpx2

from presswork_client._arguments import checked_base_url, checked_key, checked_retries, checked_timeout, kind_of
from presswork_client._calls import (
    Call,
    Options,
    Request,
    backoff_seconds,
    is_retryable,
    parse,
    retry_reason,
    serialize,
    status_error,
)
from presswork_client._log import log_answer, log_failure, log_retry
from presswork_client._model import Model
from presswork_client._not_given import NotGiven
from presswork_client._pages import AsyncPage, AsyncPages, Page
from presswork_client._response import ApiResponse
from presswork_client.errors import (
    APIConnectionError,
    APITimeoutError,
    InvalidArgumentError,
    InvalidResponseError,
    PressworkError,
)

DEFAULT_BASE_URL: Final = "http://127.0.0.1:8000"
"""The address of `presswork up`."""
DEFAULT_TIMEOUT_SECONDS: Final = 60.0
DEFAULT_MAX_RETRIES: Final = 3

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a client."""

    base_url: str
    timeout_seconds: float | None
    max_retries: int
    api_key: str

    @classmethod
    def of(
        cls, api_key: str | None, base_url: str | None, timeout_seconds: float | None, max_retries: int
    ) -> "Settings":
        """Check the settings. Raises PressworkError if there is no key, and InvalidArgumentError for a wrong setting."""
        key = api_key if api_key is not None else os.environ.get("PRESSWORK_API_KEY")
        if not key:
            raise PressworkError(
                "There is no API key. Pass api_key, or set PRESSWORK_API_KEY. `presswork key create` creates a key."
            )
        url = base_url if base_url is not None else os.environ.get("PRESSWORK_BASE_URL") or DEFAULT_BASE_URL
        return cls(
            base_url=checked_base_url(url),
            timeout_seconds=checked_timeout(timeout_seconds),
            max_retries=checked_retries(max_retries),
            api_key=checked_key(key),
        )

    def arguments(self, request: Request, options: Options) -> Mapping[str, object]:
        """Return the arguments for httpx2."""
        seconds = self.timeout_seconds
        if not isinstance(options.timeout_seconds, NotGiven):
            seconds = checked_timeout(options.timeout_seconds)
        return {
            "method": request.method,
            "url": f"{self.base_url}{request.path}",
            "params": list(request.query),
            "headers": {"Authorization": f"Bearer {self.api_key}", **request.headers},
            "content": request.body,
            "timeout": seconds,
        }

    def retries(self, options: Options) -> int:
        """Return the maximum number of retries of a call."""
        return self.max_retries if options.max_retries is None else checked_retries(options.max_retries)

    def __repr__(self) -> str:
        """Show the server, never the key."""
        return f"base_url={self.base_url!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What is sent, as messages and logs name it."""

    what: str
    """Method and path, without the query."""
    server: str
    retries: int
    idempotency_key: str | None


def opened(kind: Callable[[], T]) -> T:
    """Create an HTTP client. The environment may name a proxy or certificates that it can't use."""
    try:
        return kind()
    except (httpx2.InvalidURL, ValueError, OSError, ImportError) as error:
        raise PressworkError(
            f"The HTTP client could not be created ({error}). Check the proxy and certificate variables of the "
            "environment, such as HTTPS_PROXY and SSL_CERT_FILE."
        ) from error


def checked_http_client(http_client: object, kind: type[T]) -> T:
    """Return the caller's HTTP client. Raises InvalidArgumentError if it is of another kind."""
    if isinstance(http_client, kind):
        return http_client
    raise InvalidArgumentError(f"http_client is {kind_of(http_client)}. Pass an httpx2.{kind.__name__}.")


class Transport:
    """Sends calls, and waits for each."""

    def __init__(self, settings: Settings, http: httpx2.Client, sleep: Callable[[float], None] = time.sleep) -> None:
        """Create a transport on an HTTP client."""
        self.settings = settings
        self.http = http
        self.sleep = sleep

    def call(
        self,
        call: Call[M],
        *,
        path: Mapping[str, object],
        query: Mapping[str, object],
        body: Mapping[str, object] | None,
        options: Options,
    ) -> M:
        """Make a call. The methods of the resources add names and types to it."""
        request = serialize(call, path=path, query=query, body=body, options=options)
        return parse(call, self._send(request, options), request.idempotency_key)

    def page(
        self,
        call: Call[M],
        rows: Callable[[M], Sequence[T]],
        *,
        path: Mapping[str, object],
        query: Mapping[str, object],
        options: Options,
    ) -> Page[T, M]:
        """Fetch a page of a list."""
        answer = self.call(call, path=path, query=query, body=None, options=options)
        return Page(
            items=_rows(rows(answer), answer),
            next_cursor=_cursor(answer),
            answer=answer,
            _fetch=lambda after: self.page(call, rows, path=path, query={**query, "cursor": after}, options=options),
        )

    def put(
        self,
        url: str,
        *,
        what: str,
        headers: Mapping[str, str],
        content: Callable[[], Iterator[bytes]],
        size_bytes: int,
        options: Options,
    ) -> None:
        """Upload a file to a signed URL, without the API key. `content` is called for each attempt."""
        seconds = self.settings.arguments(_NOTHING, options)["timeout"]
        response = self._send_with_retries(
            lambda: self.http.put(
                url,
                content=content(),
                headers={**headers, "Content-Length": str(size_bytes)},
                timeout=seconds,  # type: ignore[arg-type]  # built in Settings.arguments
            ),
            Sent(what=what, server=_server(url), retries=self.settings.retries(options), idempotency_key=None),
        )
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise status_error(response)

    def _send(self, request: Request, options: Options) -> ApiResponse:
        arguments = self.settings.arguments(request, options)
        return self._send_with_retries(
            lambda: self.http.request(**arguments),  # type: ignore[arg-type]  # built in Settings.arguments
            _sent(request, self.settings, options),
        )

    def _send_with_retries(self, send: Callable[[], httpx2.Response], sent: Sent) -> ApiResponse:
        for attempt in count(1):
            started = time.perf_counter()
            try:
                outcome: ApiResponse | APIConnectionError = response_of(send(), attempt)
            except httpx2.HTTPError as error:
                outcome = connection_error(error, sent.what, sent.server, attempt, sent.idempotency_key)
            except RuntimeError as error:
                _raise_if_unusable(error)
                raise
            pause = _pause(outcome, sent, attempt, started)
            if pause is None:
                return _finished(outcome)
            self.sleep(pause)
        raise AssertionError("count() does not end")


class AsyncTransport:
    """Sends calls for asyncio."""

    def __init__(self, settings: Settings, http: httpx2.AsyncClient) -> None:
        """Create a transport on an HTTP client."""
        self.settings = settings
        self.http = http

    async def sleep(self, seconds: float) -> None:
        """Pause between two attempts or polls."""
        import asyncio  # noqa: PLC0415  programs that only use the other client start sooner without it

        await asyncio.sleep(seconds)

    async def call(
        self,
        call: Call[M],
        *,
        path: Mapping[str, object],
        query: Mapping[str, object],
        body: Mapping[str, object] | None,
        options: Options,
    ) -> M:
        """Make a call. The methods of the resources add names and types to it."""
        request = serialize(call, path=path, query=query, body=body, options=options)
        return parse(call, await self._send(request, options), request.idempotency_key)

    def page(
        self,
        call: Call[M],
        rows: Callable[[M], Sequence[T]],
        *,
        path: Mapping[str, object],
        query: Mapping[str, object],
        options: Options,
    ) -> AsyncPages[T, M]:
        """Return a list; nothing is sent before it is awaited or iterated."""

        async def first() -> AsyncPage[T, M]:
            answer = await self.call(call, path=path, query=query, body=None, options=options)
            return AsyncPage(
                items=_rows(rows(answer), answer),
                next_cursor=_cursor(answer),
                answer=answer,
                _fetch=lambda after: self.page(
                    call, rows, path=path, query={**query, "cursor": after}, options=options
                ),
            )

        return AsyncPages(first)

    async def put(
        self,
        url: str,
        *,
        what: str,
        headers: Mapping[str, str],
        content: Callable[[], AsyncIterator[bytes]],
        size_bytes: int,
        options: Options,
    ) -> None:
        """Upload a file to a signed URL, without the API key. `content` is called for each attempt."""
        seconds = self.settings.arguments(_NOTHING, options)["timeout"]
        response = await self._send_with_retries(
            lambda: self.http.put(
                url,
                content=content(),
                headers={**headers, "Content-Length": str(size_bytes)},
                timeout=seconds,  # type: ignore[arg-type]  # built in Settings.arguments
            ),
            Sent(what=what, server=_server(url), retries=self.settings.retries(options), idempotency_key=None),
        )
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise status_error(response)

    async def _send(self, request: Request, options: Options) -> ApiResponse:
        arguments = self.settings.arguments(request, options)
        return await self._send_with_retries(
            lambda: self.http.request(**arguments),  # type: ignore[arg-type]  # built in Settings.arguments
            _sent(request, self.settings, options),
        )

    async def _send_with_retries(self, send: Callable[[], Awaitable[httpx2.Response]], sent: Sent) -> ApiResponse:
        for attempt in count(1):
            started = time.perf_counter()
            try:
                outcome: ApiResponse | APIConnectionError = response_of(await send(), attempt)
            except httpx2.HTTPError as error:
                outcome = connection_error(error, sent.what, sent.server, attempt, sent.idempotency_key)
            except RuntimeError as error:
                _raise_if_unusable(error)
                raise
            pause = _pause(outcome, sent, attempt, started)
            if pause is None:
                return _finished(outcome)
            await self.sleep(pause)
        raise AssertionError("count() does not end")


_NOTHING: Final = Request(method="PUT", path="", shown="", query=(), headers={}, body=None)


def _sent(request: Request, settings: Settings, options: Options) -> Sent:
    return Sent(
        what=f"{request.method} {request.shown}",
        server=settings.base_url,
        retries=settings.retries(options),
        idempotency_key=request.idempotency_key,
    )


def _server(url: str) -> str:
    parts = httpx2.URL(url)
    return f"{parts.scheme}://{parts.netloc.decode()}"


def _pause(outcome: ApiResponse | APIConnectionError, sent: Sent, attempt: int, started: float) -> float | None:
    """Return how long to wait before the next attempt; None if this is the last. Logs both."""
    milliseconds = (time.perf_counter() - started) * 1000
    response = outcome if isinstance(outcome, ApiResponse) else None
    is_last = attempt > sent.retries or (response is not None and not is_retryable(response))
    if response is not None:
        log_answer(sent.what, response, milliseconds, is_last=is_last)
    else:
        log_failure(sent.what, _reason(outcome), milliseconds, attempt, is_last=is_last)
    if is_last:
        return None
    pause = backoff_seconds(attempt, response)
    log_retry(sent.what, pause, attempt, retry_reason(response) if response is not None else _reason(outcome))
    return pause


def _finished(outcome: ApiResponse | APIConnectionError) -> ApiResponse:
    if isinstance(outcome, ApiResponse):
        return outcome
    raise outcome from outcome.__cause__


def _rows(rows: Sequence[T], answer: Model) -> Sequence[T]:
    if isinstance(rows, list):
        return rows
    assert answer.response is not None  # noqa: S101  the response of a call
    raise InvalidResponseError("The server's response is not a page of a list.", response=answer.response)


def _cursor(answer: Model) -> str | None:
    cursor = answer.raw.get("nextCursor")
    return None if cursor is None else str(cursor)


def response_of(response: httpx2.Response, attempt: int) -> ApiResponse:
    """Return a response that was read."""
    return ApiResponse(
        status_code=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        content=response.content,
        attempts=attempt,
    )


def _reason(outcome: object) -> str:
    cause = outcome.__cause__ if isinstance(outcome, APIConnectionError) else None
    return f"{type(cause).__name__}: {cause}" if str(cause or "") else type(cause).__name__


def connection_error(
    error: httpx2.HTTPError, what: str, server: str, attempts: int, idempotency_key: str | None = None
) -> APIConnectionError:
    """Return the error of a call without a response."""
    is_timeout = isinstance(error, httpx2.TimeoutException)
    kind = APITimeoutError if is_timeout else APIConnectionError
    times = f"{attempts} {'attempt' if attempts == 1 else 'attempts'}"
    why = type(error).__name__ if not str(error) else f"{type(error).__name__}: {error}"
    advice = (
        "Check that the server is running, or pass a longer timeout_seconds."
        if is_timeout
        else "Check base_url, and that the server is running."
    )
    found = kind(
        f"{what} got no response from {server} in {times} ({why}). {advice}",
        idempotency_key=idempotency_key,
    )
    error.__cause__ = error.__context__ = None  # what it came from adds only frames of the HTTP library
    found.__cause__ = error.with_traceback(None)
    return found


def _raise_if_unusable(error: RuntimeError) -> None:
    """Translate what httpx2 raises for a client that was closed, or is used in another event loop."""
    if "client has been closed" in str(error) or "event loop" in str(error).lower():
        raise PressworkError(
            f"The client can't be used ({error}). A closed client sends nothing, and an AsyncPresswork belongs to one event "
            "loop: create another client."
        ) from error
