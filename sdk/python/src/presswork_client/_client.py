"""The two clients: the same calls, blocking and for asyncio."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import count
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx2

from presswork_client._calls import (
    Call,
    Options,
    Request,
    backoff_seconds,
    is_retryable,
    parse,
    serialize,
    status_error,
)
from presswork_client._generated.resources import AsyncResources, Resources
from presswork_client._model import Model
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client._pages import AsyncPage, AsyncPages, Page
from presswork_client._response import ApiResponse
from presswork_client.errors import APIConnectionError, APITimeoutError, PressworkError

DEFAULT_BASE_URL: Final = "http://127.0.0.1:8000"
"""The address of `presswork up`."""
DEFAULT_TIMEOUT_SECONDS: Final = 60.0
DEFAULT_MAX_RETRIES: Final = 3

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class _Settings:
    """The settings of a client."""

    def __init__(
        self, api_key: str | None, base_url: str | None, timeout_seconds: float | None, max_retries: int
    ) -> None:
        key = api_key if api_key is not None else os.environ.get("PRESSWORK_API_KEY")
        if not key:
            raise PressworkError("There is no API key. Pass api_key, or set PRESSWORK_API_KEY.")
        self.base_url: Final = (base_url or os.environ.get("PRESSWORK_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")
        self.timeout_seconds: Final = timeout_seconds
        self.max_retries: Final = max_retries
        self.authorization: Final = f"Bearer {key}"

    def arguments(self, request: Request, options: Options) -> Mapping[str, object]:
        """Return the arguments for httpx2."""
        seconds = self.timeout_seconds if isinstance(options.timeout_seconds, NotGiven) else options.timeout_seconds
        return {
            "method": request.method,
            "url": f"{self.base_url}{request.path}",
            "params": list(request.query),
            "headers": {"Authorization": self.authorization, **request.headers},
            "content": request.body,
            "timeout": seconds,
        }

    def retries(self, options: Options) -> int:
        """Return the maximum number of retries of a call."""
        return self.max_retries if options.max_retries is None else options.max_retries

    def __repr__(self) -> str:
        return f"base_url={self.base_url!r}"


class Presswork(Resources):
    """Client of the Presswork API. Thread-safe; create one and reuse it, or use it in a `with` block.

    Calls are retried after a lost connection, 429 and 5xx, at most `max_retries` times. Every write has an idempotency
    key, and all retries of a call send the same one: nothing is done twice.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout_seconds: float | None = DEFAULT_TIMEOUT_SECONDS,
        max_retries: int = DEFAULT_MAX_RETRIES,
        http_client: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Create a client. The defaults are PRESSWORK_API_KEY, and PRESSWORK_BASE_URL or this machine.

        Pass `http_client` to configure proxies or certificates; you close it. `sleep` is for tests.
        Raises PressworkError if there is no key.
        """
        self._settings = _Settings(api_key, base_url, timeout_seconds, max_retries)
        self._is_own = http_client is None
        self._http = httpx2.Client() if http_client is None else http_client
        self._sleep = sleep
        super().__init__(self)

    def call(
        self,
        call: Call[M],
        *,
        path: Mapping[str, str],
        query: Mapping[str, object],
        body: Mapping[str, object] | None,
        options: Options,
    ) -> M:
        """Make a call. The methods of the resources add names and types to it."""
        request = serialize(call, path=path, query=query, body=body, options=options)
        return parse(call, self.send(request, options))

    def page(
        self,
        call: Call[M],
        rows: Callable[[M], Sequence[T]],
        *,
        path: Mapping[str, str],
        query: Mapping[str, object],
        options: Options,
    ) -> Page[T, M]:
        """Fetch a page of a list."""
        answer = self.call(call, path=path, query=query, body=None, options=options)
        cursor = answer.raw.get("nextCursor")
        return Page(
            items=rows(answer),
            next_cursor=None if cursor is None else str(cursor),
            answer=answer,
            fetch=lambda after: self.page(call, rows, path=path, query={**query, "cursor": after}, options=options),
        )

    def send(self, request: Request, options: Options) -> ApiResponse:
        """Send a request, with retries. Raises APIConnectionError if there is no response."""
        arguments = self._settings.arguments(request, options)
        return self._send_with_retries(
            lambda: self._http.request(**arguments),  # type: ignore[arg-type]  # built in _Settings.arguments
            self._settings.retries(options),
            f"{request.method} {request.path}",
            request.headers.get("Idempotency-Key"),
        )

    def put(
        self, url: str, *, headers: Mapping[str, str], content: Callable[[], Iterator[bytes]], size_bytes: int
    ) -> None:
        """Upload a file to a signed URL, without the API key. `content` is called for each attempt."""
        response = self._send_with_retries(
            lambda: self._http.put(
                url,
                content=content(),
                headers={**headers, "Content-Length": str(size_bytes)},
                timeout=self._settings.timeout_seconds,
            ),
            self._settings.max_retries,
            "PUT of a file",
            None,
        )
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise status_error(response)

    def _send_with_retries(
        self, send: Callable[[], httpx2.Response], retries: int, what: str, idempotency_key: str | None
    ) -> ApiResponse:
        for attempt in count(1):
            response = None
            try:
                response = _response(send(), attempt)
            except httpx2.TransportError as error:
                if attempt > retries:
                    raise _connection_error(error, what, attempt, idempotency_key) from error
            if response is not None and (attempt > retries or not is_retryable(response)):
                return response
            self._sleep(backoff_seconds(attempt, response))
        raise AssertionError("count() does not end")

    def close(self) -> None:
        """Close the open connections."""
        if self._is_own:
            self._http.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        self.close()

    def __repr__(self) -> str:
        """Show the server, never the key."""
        return f"Presswork({self._settings!r})"


class AsyncPresswork(AsyncResources):
    """Client of the Presswork API for asyncio. Create one and reuse it, or use it in an `async with` block.

    It has the methods of Presswork; each call is awaited.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout_seconds: float | None = DEFAULT_TIMEOUT_SECONDS,
        max_retries: int = DEFAULT_MAX_RETRIES,
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        """Create a client. The defaults are PRESSWORK_API_KEY, and PRESSWORK_BASE_URL or this machine.

        Pass `http_client` to configure proxies or certificates; you close it. Raises PressworkError if there is no key.
        """
        self._settings = _Settings(api_key, base_url, timeout_seconds, max_retries)
        self._is_own = http_client is None
        self._http = httpx2.AsyncClient() if http_client is None else http_client
        super().__init__(self)

    async def call(
        self,
        call: Call[M],
        *,
        path: Mapping[str, str],
        query: Mapping[str, object],
        body: Mapping[str, object] | None,
        options: Options,
    ) -> M:
        """Make a call. The methods of the resources add names and types to it."""
        request = serialize(call, path=path, query=query, body=body, options=options)
        return parse(call, await self.send(request, options))

    def page(
        self,
        call: Call[M],
        rows: Callable[[M], Sequence[T]],
        *,
        path: Mapping[str, str],
        query: Mapping[str, object],
        options: Options,
    ) -> AsyncPages[T, M]:
        """Return a list; nothing is sent before it is awaited or iterated."""

        async def first() -> AsyncPage[T, M]:
            answer = await self.call(call, path=path, query=query, body=None, options=options)
            cursor = answer.raw.get("nextCursor")
            return AsyncPage(
                items=rows(answer),
                next_cursor=None if cursor is None else str(cursor),
                answer=answer,
                fetch=lambda after: self.page(call, rows, path=path, query={**query, "cursor": after}, options=options),
            )

        return AsyncPages(first)

    async def send(self, request: Request, options: Options) -> ApiResponse:
        """Send a request, with retries. Raises APIConnectionError if there is no response."""
        arguments = self._settings.arguments(request, options)
        return await self._send_with_retries(
            lambda: self._http.request(**arguments),  # type: ignore[arg-type]  # built in _Settings.arguments
            self._settings.retries(options),
            f"{request.method} {request.path}",
            request.headers.get("Idempotency-Key"),
        )

    async def put(
        self, url: str, *, headers: Mapping[str, str], content: Callable[[], AsyncIterator[bytes]], size_bytes: int
    ) -> None:
        """Upload a file to a signed URL, without the API key. `content` is called for each attempt."""
        response = await self._send_with_retries(
            lambda: self._http.put(
                url,
                content=content(),
                headers={**headers, "Content-Length": str(size_bytes)},
                timeout=self._settings.timeout_seconds,
            ),
            self._settings.max_retries,
            "PUT of a file",
            None,
        )
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise status_error(response)

    async def _send_with_retries(
        self, send: Callable[[], Awaitable[httpx2.Response]], retries: int, what: str, idempotency_key: str | None
    ) -> ApiResponse:
        for attempt in count(1):
            response = None
            try:
                response = _response(await send(), attempt)
            except httpx2.TransportError as error:
                if attempt > retries:
                    raise _connection_error(error, what, attempt, idempotency_key) from error
            if response is not None and (attempt > retries or not is_retryable(response)):
                return response
            await asyncio.sleep(backoff_seconds(attempt, response))
        raise AssertionError("count() does not end")

    async def close(self) -> None:
        """Close the open connections."""
        if self._is_own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        await self.close()

    def __repr__(self) -> str:
        """Show the server, never the key."""
        return f"AsyncPresswork({self._settings!r})"


def _response(response: httpx2.Response, attempt: int) -> ApiResponse:
    return ApiResponse(
        status_code=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        content=response.content,
        attempts=attempt,
    )


def _connection_error(
    error: httpx2.TransportError, what: str, attempts: int, idempotency_key: str | None
) -> APIConnectionError:
    kind = APITimeoutError if isinstance(error, httpx2.TimeoutException) else APIConnectionError
    repeat = (
        ""
        if idempotency_key is None
        else " The call may have had its effect. To repeat it safely, pass this error's idempotency_key."
    )
    return kind(
        f"{what} got no response in {attempts} {'attempt' if attempts == 1 else 'attempts'} ({type(error).__name__}). "
        f"Check base_url, and that the server is running.{repeat}",
        idempotency_key=idempotency_key,
    )


__all__ = ["NOT_GIVEN", "AsyncPresswork", "Presswork"]
