"""The way out to an endpoint: guarded, bounded in time and bytes, and without redirects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import aiohttp

from presswork.media.guard import AddressGuard, AddressRefused, URLRefused
from presswork.terms import Environment

PATIENCE: Final = timedelta(seconds=15)
"""How long a receiver may take to answer."""
_EXCERPT_BYTES: Final = 2_048


class TargetRefused(Exception):
    """The URL may not be an endpoint; the message is a sentence for the caller."""


class NoAnswer(Exception):
    """The receiver gave no answer; the message is a sentence for whoever reads the log of deliveries."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: status, header names in lower case, the beginning of the body."""

    status: int
    headers: Mapping[str, str]
    excerpt: bytes


def check_target(url: str, environment: Environment, *, allow_private: bool) -> None:
    """Raise TargetRefused unless the URL may be an endpoint, as far as can be told before its name is looked up."""
    try:
        target = AddressGuard.for_setting(allow_private=allow_private).check_url(url)
    except URLRefused as error:
        raise TargetRefused(str(error)) from error
    if target.scheme != "https" and environment is Environment.LIVE and not allow_private:
        raise TargetRefused("must be an https URL: what live projects do is not sent in the clear")


class Sender:
    """Posts to endpoints. Made once per process, for the length of a block."""

    def __init__(self, *, allow_private: bool) -> None:
        """Take the rule; no connection is made yet."""
        self._guard: Final = AddressGuard.for_setting(allow_private=allow_private)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Get ready."""
        self._session = aiohttp.ClientSession(
            connector=self._guard.connector(),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=PATIENCE.total_seconds()),
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, *_: "type[BaseException] | BaseException | TracebackType | None") -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post a body and return the answer, whatever it is. Raises NoAnswer."""
        if self._session is None:
            raise RuntimeError("the sender is not open")
        try:
            target = self._guard.check_url(url)
            async with self._session.post(target, data=body, headers=headers, allow_redirects=False) as response:
                try:
                    excerpt = await response.content.read(_EXCERPT_BYTES)
                except (aiohttp.ClientError, TimeoutError):
                    excerpt = b""
                told = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, told, excerpt)
        except URLRefused as error:
            raise NoAnswer(str(error)) from error
        except TimeoutError as error:
            raise NoAnswer(f"No answer within {PATIENCE.seconds} s.") from error
        except aiohttp.ClientError as error:
            reason = error.__cause__ if isinstance(error, aiohttp.ClientConnectorError) else None
            if isinstance(reason, AddressRefused):
                raise NoAnswer("The host leads to an address that is not public.") from error
            raise NoAnswer("The connection could not be made, or broke off.") from error
