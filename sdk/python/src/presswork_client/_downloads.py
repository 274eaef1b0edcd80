"""Responses that are read while they arrive: files of any size."""

from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import httpx2

from presswork_client._calls import (
    Call,
    Options,
    Request,
    backoff_seconds,
    is_retryable,
    retry_reason,
    serialize,
    status_error,
)
from presswork_client._log import log_retry
from presswork_client._model import Model
from presswork_client._response import ApiResponse
from presswork_client._transport import connection_error, response_of

if TYPE_CHECKING:
    from presswork_client._transport import AsyncTransport, Settings, Transport

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file to be downloaded."""

    what: str
    """Method and path, for messages."""
    arguments: Mapping[str, object]
    retries: int

    @classmethod
    def of(cls, settings: "Settings", call: Call[M], query: Mapping[str, object], options: Options) -> "Download":
        """Return what a call of the API downloads."""
        request: Request = serialize(call, path={}, query=query, body=None, options=options)
        arguments = {**settings.arguments(request, options)}
        arguments["headers"] = {**_headers(arguments), "Accept": "*/*"}
        return cls(what=f"GET {request.shown}", arguments=arguments, retries=settings.retries(options))

    @classmethod
    def of_url(cls, settings: "Settings", url: str, what: str) -> "Download":
        """Return what a signed URL downloads, to which no API key is sent."""
        arguments = {"method": "GET", "url": url, "timeout": settings.timeout_seconds}
        return cls(what=what, arguments=arguments, retries=settings.max_retries)

    def pause_after(self, response: ApiResponse, attempt: int) -> float:
        """Return how long to wait before the next attempt. Raises the error of the response if there is none."""
        if attempt > self.retries or not is_retryable(response):
            raise status_error(response)
        pause = backoff_seconds(attempt, response)
        log_retry(self.what, pause, attempt, retry_reason(response))
        return pause


def _headers(arguments: Mapping[str, object]) -> Mapping[str, str]:
    headers = arguments["headers"]
    return headers if isinstance(headers, dict) else {}


def download(transport: "Transport", wanted: Download) -> Generator[bytes]:
    """Yield the bytes of a file. Raises APIConnectionError if it is cut off: what has been yielded is not the whole."""
    for attempt in count(1):
        try:
            with transport.http.stream(**wanted.arguments) as response:  # type: ignore[arg-type]  # built in Download
                if response.status_code == HTTPStatus.OK:
                    yield from response.iter_bytes()
                    return
                response.read()
                refusal = response_of(response, attempt)
        except httpx2.HTTPError as error:
            raise connection_error(error, wanted.what, transport.settings.base_url, attempt) from error
        transport.sleep(wanted.pause_after(refusal, attempt))


async def download_async(transport: "AsyncTransport", wanted: Download) -> AsyncGenerator[bytes]:
    """Yield the bytes of a file as `download` does."""
    for attempt in count(1):
        try:
            async with transport.http.stream(**wanted.arguments) as response:  # type: ignore[arg-type]  # built in Download
                if response.status_code == HTTPStatus.OK:
                    async for chunk in response.aiter_bytes():
                        yield chunk
                    return
                await response.aread()
                refusal = response_of(response, attempt)
        except httpx2.HTTPError as error:
            raise connection_error(error, wanted.what, transport.settings.base_url, attempt) from error
        await transport.sleep(wanted.pause_after(refusal, attempt))
