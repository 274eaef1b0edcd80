"""Fetch an untrusted URL: address-checked, bounded in bytes and time, and never trusted.

What comes back is a file of unknown content; `probe` says what it is. Of a web page, only the beginning is read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final, Self, TypeVar
from uuid import UUID

import aiohttp
from yarl import URL

from presswork.core.errors import MediaUnreachable
from presswork.safe_http.failure import FailureKind, GuardedFailure, URLRefused
from presswork.safe_http.guard import AddressGuard
from presswork.safe_http.transport import GuardedTransport, Patience

MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_WRITE_BYTES: Final = 1024 * 1024
_LARGE_FILE_BYTES_PER_SECOND: Final = 8 * 1024 * 1024
_HEADERS: Final = {
    "Accept": "image/jpeg, image/png, image/webp, video/mp4, video/quicktime, */*;q=0.1",
    "User-Agent": "Presswork/1 (media fetch)",
}
_PAGE_HEADERS: Final = {"Accept": "text/html, application/xhtml+xml", "User-Agent": "Presswork/1 (link card)"}
_PAGE_TYPES: Final = ("text/html", "application/xhtml+xml")
_T = TypeVar("_T")
_REFUSED: Final = frozenset({FailureKind.REFUSED_URL, FailureKind.REFUSED_ADDRESS})


class MediaServerFailed(MediaUnreachable):
    """The server of a URL did not answer, or failed: it may send the file later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Time limits of a fetch. A server that trickles bytes to hold a connection open violates the minimum rate."""

    total: timedelta = timedelta(seconds=120)  # all redirects and the body
    connect: timedelta = timedelta(seconds=10)  # one connection: name, TCP and TLS
    headers: timedelta = timedelta(seconds=20)  # from the request until the last header
    silence: timedelta = timedelta(seconds=15)  # the longest pause within the body
    least_bytes_per_second: int = 16 * 1024
    least_rate_after: timedelta = timedelta(seconds=10)  # from then on the average since the first byte counts

    @classmethod
    def for_size(cls, max_bytes: int) -> Self:
        """Return the limits for files of up to so many bytes: the largest one has to come at 8 MiB a second."""
        return cls(total=cls().total + timedelta(seconds=max_bytes / _LARGE_FILE_BYTES_PER_SECOND))


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched. The content type is the server's claim, without parameters; the bytes decide."""

    content_type: str | None
    size_bytes: int
    final_url: str


async def fetch_to_file(
    url: str,
    dest: Path,
    *,
    max_bytes: int,
    before_write: Callable[[int], None] = lambda _size_bytes: None,
    limits: FetchLimits | None = None,
    allow_private: bool = False,
    guard: AddressGuard | None = None,
    owner: UUID | None = None,
) -> Fetched:
    """Fetch a URL of an organization into `dest`, which must not exist yet and is removed again on failure.

    `before_write` receives the number of bytes that will be written next, and may raise. `guard` replaces the rule that
    `allow_private` chooses. Follows at most MAX_REDIRECTS redirects, each judged like the first URL, and none from
    https to http. Sends no cookies and no credentials, and uses no proxy.
    Raises MediaUnreachable, with a sentence that says what to do, for everything that the URL or its server does
    wrong; it never names an address that was resolved. Raises OSError when the file can't be written.
    """
    limits = limits or FetchLimits()

    async def save(response: aiohttp.ClientResponse) -> Fetched:
        return await _save(response, dest, max_bytes, limits, before_write)

    rule = guard or AddressGuard.for_setting(allow_private=allow_private)
    return await _fetch(url, save, rule=rule, limits=limits, headers=_HEADERS, owner=owner, what="media URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """The beginning of a web page."""

    body: bytes
    charset: str | None
    """As the server claims it."""
    final_url: str


async def fetch_page(
    url: str, *, max_bytes: int, limits: FetchLimits, allow_private: bool = False, owner: UUID | None = None
) -> FetchedPage:
    """Fetch the first `max_bytes` of a web page, under the rules of `fetch_to_file`. Raises MediaUnreachable, also where the
    response is no web page.
    """

    async def read(response: aiohttp.ClientResponse) -> FetchedPage:
        if response.content_type not in _PAGE_TYPES:
            raise MediaUnreachable(f"{response.url.host} sends no web page. Send the URL of one.", url=url)
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) >= max_bytes:
                break
        return FetchedPage(body=bytes(body[:max_bytes]), charset=response.charset, final_url=str(response.url))

    rule = AddressGuard.for_setting(allow_private=allow_private)
    return await _fetch(url, read, rule=rule, limits=limits, headers=_PAGE_HEADERS, owner=owner, what="link")


async def _fetch(
    url: str,
    read: Callable[[aiohttp.ClientResponse], Awaitable[_T]],
    *,
    rule: AddressGuard,
    limits: FetchLimits,
    headers: Mapping[str, str],
    owner: UUID | None,
    what: str,
) -> _T:
    """Follow redirects from a URL, and return what `read` makes of the response at their end."""
    patience = Patience(connect=limits.connect, headers=limits.headers, silence=limits.silence)
    current = URL()
    try:
        current = rule.check_url(url)
        async with (
            asyncio.timeout(limits.total.total_seconds()),
            GuardedTransport(rule, patience) as transport,
        ):
            for _ in range(MAX_REDIRECTS + 1):
                async with transport.request("GET", current, headers=headers, owner=owner) as response:
                    target = _redirect(current, response)
                    if target is None:
                        return await read(response)
                current = _follow_redirect(current, target, rule)
    except URLRefused as error:
        raise MediaUnreachable(f"The {what} can't be fetched. {error}", url=url) from error
    except GuardedFailure as error:
        failure = MediaUnreachable if error.kind in _REFUSED else MediaServerFailed
        raise failure(error.message, url=str(current)) from error
    except TimeoutError as error:
        raise MediaServerFailed(
            f"The {what} takes too long to answer. Put the file on a faster server and try again.", url=url
        ) from error
    raise MediaUnreachable(f"The {what} redirects more than {MAX_REDIRECTS} times. Send the final URL.", url=url)


def _follow_redirect(url: URL, target: str, guard: AddressGuard) -> URL:
    """Return the next URL of a redirect, judged like the first one. Raises URLRefused."""
    following = guard.check_url(target)
    if url.scheme == "https" and following.scheme == "http":
        raise URLRefused(FailureKind.REFUSED_URL, "The server redirects from https to http. Send the final URL.")
    return following


def _redirect(url: URL, response: aiohttp.ClientResponse) -> str | None:
    """Return where the response sends us, absolute, or None if it is the thing itself. Raises MediaUnreachable."""
    status = response.status
    if status in _REDIRECTS:
        location = response.headers.get("Location", "")
        if not location:
            raise _wrong_response(url, f"redirects ({status}) without a Location")
        try:
            return str(url.join(URL(location, encoded=location.isascii())))
        except ValueError as error:
            raise MediaUnreachable(f"{url.host} redirects to something that is no URL. Send a direct URL.") from error
    if status != HTTPStatus.OK:
        problem = _wrong_response(url, f"answers {status}{_meaning(status)}")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise MediaServerFailed(problem.message, **problem.details)
        raise problem
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise _wrong_response(url, "sends the file compressed although it was asked not to")
    return None


async def _save(
    response: aiohttp.ClientResponse,
    dest: Path,
    max_bytes: int,
    limits: FetchLimits,
    before_write: Callable[[int], None],
) -> Fetched:
    _check_size(response.url, response.content_length or 0, max_bytes)
    file = dest.open("xb")
    is_whole = False
    try:
        with file:
            size_bytes = await _copy(response, file, max_bytes, limits, before_write)
        is_whole = size_bytes > 0
    finally:
        if not is_whole:
            _discard(dest)
    if not is_whole:
        raise _wrong_response(response.url, "sends an empty file")
    return Fetched(
        content_type=response.content_type if "Content-Type" in response.headers else None,
        size_bytes=size_bytes,
        final_url=str(response.url),
    )


async def _copy(
    response: aiohttp.ClientResponse,
    file: BinaryIO,
    max_bytes: int,
    limits: FetchLimits,
    before_write: Callable[[int], None],
) -> int:
    """Write the body and return its length in bytes."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    received = 0
    waiting = bytearray()
    async for chunk in response.content.iter_any():
        received += len(chunk)
        _check_size(response.url, received, max_bytes)
        elapsed = loop.time() - started
        is_judged = elapsed > limits.least_rate_after.total_seconds()
        if is_judged and received < elapsed * limits.least_bytes_per_second:
            raise _wrong_response(response.url, "sends the file too slowly")
        before_write(len(chunk))
        waiting += chunk
        if len(waiting) >= _WRITE_BYTES:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(file.write, bytes(waiting))
    return received


def _discard(file: Path) -> None:
    """Remove a file at once and not in a thread, which a cancelled task would not wait for."""
    file.unlink(missing_ok=True)


def _check_size(url: URL, size_bytes: int, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        raise MediaUnreachable(
            f"The file at {url.host} is larger than the {max_bytes / 1024 / 1024:.0f} MB that are accepted. Make it smaller.",
            limitBytes=max_bytes,
        )


def _wrong_response(url: URL, what: str) -> MediaUnreachable:
    return MediaUnreachable(
        f"{url.host} {what}. The URL must return the file itself without authentication.", url=str(url)
    )


def _meaning(status: int) -> str:
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""
