"""The two clients: the same calls, one waiting and one for asyncio."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import count
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx2

from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._answers import ApiResponse
from presswork_client._calls import Call, Options, Written, is_worth_another_try, read, refusal, wait_seconds, write
from presswork_client._generated.resources import AsyncResources, Resources
from presswork_client._model import Model
from presswork_client._pages import AsyncPage, AsyncPages, Page
from presswork_client.errors import APIConnectionError, APITimeoutError, PressworkError

DEFAULT_BASE_URL: Final = "http://127.0.0.1:8000"
"""Where `presswork up` listens."""
DEFAULT_TIMEOUT_SECONDS: Final = 60.0
DEFAULT_MAX_RETRIES: Final = 3

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class _Settings:
    """What both clients are made from."""

    def __init__(
        self, api_key: str | None, base_url: str | None, timeout_seconds: float | None, max_retries: int
    ) -> None:
        key = api_key if api_key is not None else os.environ.get("PRESSWORK_API_KEY")
        if not key:
            raise PressworkError("There is no API key. Pass api_key=…, or set PRESSWORK_API_KEY.")
        self.base_url: Final = (base_url or os.environ.get("PRESSWORK_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")
        self.timeout_seconds: Final = timeout_seconds
        self.max_retries: Final = max_retries
        self.authorization: Final = f"Bearer {key}"

    def request(self, written: Written, options: Options) -> Mapping[str, object]:
        """Return what httpx2 is called with."""
        seconds = self.timeout_seconds if isinstance(options.timeout_seconds, NotGiven) else options.timeout_seconds
        return {
            "method": written.method,
            "url": f"{self.base_url}{written.path}",
            "params": list(written.query),
            "headers": {"Authorization": self.authorization, **written.headers},
            "content": written.body,
            "timeout": seconds,
        }

    def retries(self, options: Options) -> int:
        """Return how often a call may be sent again."""
        return self.max_retries if options.max_retries is None else options.max_retries

    def __repr__(self) -> str:
        return f"base_url={self.base_url!r}"


class Presswork(Resources):
    """Presswork over HTTP. Thread-safe; make one and keep it, or use it in a `with` block.

    Calls are sent again after a lost connection, 429 and 5xx, at most `max_retries` times, the writing ones under one
    and the same idempotency key: nothing is done twice.
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
        """Take the key (or PRESSWORK_API_KEY) and the server's address (or PRESSWORK_BASE_URL, or this machine).

        `http_client` brings proxies or certificates of your own; it is yours to close. `sleep` is for tests.
        Raises PressworkError without a key.
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
        """Make a call. The methods of the resources are this with names and types."""
        written = write(call, path=path, query=query, body=body, options=options)
        return read(call, self.send(written, options))

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

    def send(self, written: Written, options: Options) -> ApiResponse:
        """Send a written call until it is answered for good. Raises APIConnectionError when no answer comes."""
        request = self._settings.request(written, options)
        return self._until_answered(
            lambda: self._http.request(**request),  # type: ignore[arg-type]  # made in one place
            self._settings.retries(options),
            f"{written.method} {written.path}",
            written.headers.get("Idempotency-Key"),
        )

    def put(
        self, url: str, *, headers: Mapping[str, str], content: Callable[[], Iterator[bytes]], size_bytes: int
    ) -> None:
        """Put a file where the server said, without the key: the address is signed. `content` begins anew for each try."""
        response = self._until_answered(
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
            raise refusal(response)

    def _until_answered(
        self, send: Callable[[], httpx2.Response], retries: int, what: str, idempotency_key: str | None
    ) -> ApiResponse:
        for attempt in count(1):
            response = None
            try:
                response = _answer(send(), attempt)
            except httpx2.TransportError as error:
                if attempt > retries:
                    raise _lost(error, what, attempt, idempotency_key) from error
            if response is not None and (attempt > retries or not is_worth_another_try(response)):
                return response
            self._sleep(wait_seconds(attempt, response))
        raise AssertionError("count() does not end")

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._is_own:
            self._http.close()

    def __enter__(self) -> Self:
        """Use it for the length of a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Name the server; never the key."""
        return f"Presswork({self._settings!r})"


class AsyncPresswork(AsyncResources):
    """Presswork over HTTP, for asyncio. Make one and keep it, or use it in an `async with` block.

    The same as Presswork, each call awaited.
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
        """Take the key (or PRESSWORK_API_KEY) and the server's address (or PRESSWORK_BASE_URL, or this machine).

        `http_client` brings proxies or certificates of your own; it is yours to close.
        Raises PressworkError without a key.
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
        """Make a call. The methods of the resources are this with names and types."""
        written = write(call, path=path, query=query, body=body, options=options)
        return read(call, await self.send(written, options))

    def page(
        self,
        call: Call[M],
        rows: Callable[[M], Sequence[T]],
        *,
        path: Mapping[str, str],
        query: Mapping[str, object],
        options: Options,
    ) -> AsyncPages[T, M]:
        """Return a list; nothing is sent before it is awaited or iterated over."""

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

    async def send(self, written: Written, options: Options) -> ApiResponse:
        """Send a written call until it is answered for good. Raises APIConnectionError when no answer comes."""
        request = self._settings.request(written, options)
        return await self._until_answered(
            lambda: self._http.request(**request),  # type: ignore[arg-type]  # made in one place
            self._settings.retries(options),
            f"{written.method} {written.path}",
            written.headers.get("Idempotency-Key"),
        )

    async def put(
        self, url: str, *, headers: Mapping[str, str], content: Callable[[], AsyncIterator[bytes]], size_bytes: int
    ) -> None:
        """Put a file where the server said, without the key: the address is signed. `content` begins anew for each try."""
        response = await self._until_answered(
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
            raise refusal(response)

    async def _until_answered(
        self, send: Callable[[], Awaitable[httpx2.Response]], retries: int, what: str, idempotency_key: str | None
    ) -> ApiResponse:
        for attempt in count(1):
            response = None
            try:
                response = _answer(await send(), attempt)
            except httpx2.TransportError as error:
                if attempt > retries:
                    raise _lost(error, what, attempt, idempotency_key) from error
            if response is not None and (attempt > retries or not is_worth_another_try(response)):
                return response
            await asyncio.sleep(wait_seconds(attempt, response))
        raise AssertionError("count() does not end")

    async def close(self) -> None:
        """Close the connections that are kept open."""
        if self._is_own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Use it for the length of a block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    def __repr__(self) -> str:
        """Name the server; never the key."""
        return f"AsyncPresswork({self._settings!r})"


def _answer(response: httpx2.Response, attempt: int) -> ApiResponse:
    return ApiResponse(
        status_code=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        content=response.content,
        attempts=attempt,
    )


def _lost(error: httpx2.TransportError, what: str, attempts: int, idempotency_key: str | None) -> APIConnectionError:
    kind = APITimeoutError if isinstance(error, httpx2.TimeoutException) else APIConnectionError
    repeat = (
        ""
        if idempotency_key is None
        else " Whether it had its effect is not known: repeat it with this error's idempotency_key."
    )
    return kind(
        f"{what} got no answer in {attempts} {'try' if attempts == 1 else 'tries'} ({type(error).__name__}). Check base_url "
        f"and that the server runs.{repeat}",
        idempotency_key=idempotency_key,
    )


__all__ = ["NOT_GIVEN", "AsyncPresswork", "Presswork"]
