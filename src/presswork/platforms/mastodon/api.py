"""Calls of Mastodon's servers: the address of an account's server is kept with its token, and every server but the operator's own is
called through the guard against addresses of the operator's network.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Unpack

from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.core.clock import SystemClock
from presswork.core.timestamps import read_header_date
from presswork.platforms.api_client import ApiClient, ApiError, ApiResponse, CallOptions, UnreadableResponse
from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.json_values import instant_of, text_of
from presswork.platforms.mastodon.error_mapping import MASTODON, meaning_of
from presswork.platforms.mastodon.rules import ServerLimits
from presswork.platforms.platform_text import read_json
from presswork.platforms.port import Credentials
from presswork.platforms.transport import Reply

INSTANCE: Final = "/api/v2/instance"
APPS: Final = "/api/v1/apps"
AUTHORIZE: Final = "/oauth/authorize"
TOKEN: Final = "/oauth/token"  # noqa: S105  a path
REVOKE: Final = "/oauth/revoke"
WHO: Final = "/api/v1/accounts/verify_credentials"
MEDIA: Final = "/api/v2/media"
STATUSES: Final = "/api/v1/statuses"
ITEMS: Final = "items"
"""Where the entries of a response are that is a list."""
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_MAX_HOST: Final = 253
_LIMITS_KEPT: Final = timedelta(hours=1)
"""How long the limits of a server are believed."""
_MAX_SERVERS: Final = 1000
"""Servers whose limits are known, in one process."""
_MAX_WAIT: Final = timedelta(days=1)


def media(media_id: str) -> str:
    """Return the path of an uploaded file."""
    return f"/api/v1/media/{media_id}"


def status(status_id: str) -> str:
    """Return the path of a post."""
    return f"{STATUSES}/{status_id}"


def read_host(typed: str) -> str:
    """Return the host in what a person typed: a host, a URL, or an account such as @luna@mastodon.example. Raises ValueError."""
    host = typed.strip().lower().partition("://")[2] or typed.strip().lower()
    host = host.partition("/")[0].rpartition("@")[2]
    try:
        host = host.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError("it is no name of a server") from error
    if len(host) > _MAX_HOST or _HOST.fullmatch(host) is None:
        raise ValueError("it is no name of a server")
    return host


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where servers are: for test projects, each is a path of the sandbox."""

    api_url: str = "https://mastodon.social"
    """The operator's own server, where logins begin that name none; without a slash at the end."""
    is_live: bool = True

    @property
    def default_host(self) -> str:
        """The host of the operator's own server."""
        return self.api_url.rpartition("/")[2]

    def server(self, host: str) -> str:
        """Return the base URL of a server, without a slash at the end."""
        if host == self.default_host:
            return self.api_url
        return f"https://{host}" if self.is_live else f"{self.api_url.rpartition('/')[0]}/{host}"

    def is_guarded(self, host: str) -> bool:
        """Whether a server is none that the operator's settings name."""
        return self.is_live and host != self.default_host


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Access to one account, as it is stored in place of a token. Secret."""

    token: str = field(repr=False)
    host: str
    client_id: str
    client_secret: str = field(repr=False)
    """Of the app that Presswork registered at the server: it ends the access."""

    @classmethod
    def read(cls, stored: str, *, step: str) -> "Session":
        """Read what `write` returned. Raises CredentialInvalid."""
        try:
            return _SESSION.validate_json(stored)
        except ValidationError:
            # Not chained: the cause could quote the token.
            raise CredentialInvalid("The stored access can't be read. Connect the account again.", step=step) from None

    def write(self) -> str:
        """Return the form that is stored."""
        return _SESSION.dump_json(self).decode()


_SESSION: Final = TypeAdapter(Session)


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises. A list becomes an object with its entries."""
    try:
        body = read_json(reply.body)
    except ValueError:
        body = None
    if reply.status < 300:
        body = {ITEMS: body} if isinstance(body, list) else body
        return body if isinstance(body, dict) else UnreadableResponse(status=reply.status)
    return _read_error(reply, body if isinstance(body, dict) else {})


def _read_error(reply: Reply, body: Mapping[str, JsonValue]) -> ApiError:
    """Return the error in a reply. The token endpoint names it; of the API, its code is the HTTP status."""
    error, description = text_of(body.get("error")) or "", text_of(body.get("error_description"))
    code = "" if not error else error[:100] if description else str(reply.status)
    message = MASTODON.without_secrets(description or error)
    label = f"{code}, HTTP {reply.status}" if description else f"HTTP {reply.status}"
    return ApiError(
        status=reply.status,
        code=code,
        message=message,
        meaning=meaning_of(code, reply.status, message),
        quoted=MASTODON.quotation(message, label=label, unsaid=f"HTTP {reply.status} and gave no reason"),
        wait=_read_wait(reply),
        trace_id=reply.header("x-request-id"),
    )


def _read_wait(reply: Reply) -> timedelta | None:
    """Return how long a limit lasts: until X-RateLimit-Reset, by the server's own clock, or as Retry-After says."""
    ends_at = instant_of(reply.header("x-ratelimit-reset"))
    now = read_header_date(reply.header("date") or "")
    if reply.status != 429 or ends_at is None or now is None:
        return reply.retry_after
    return min(max(ends_at - now, timedelta(seconds=1)), _MAX_WAIT)


@dataclass(frozen=True, eq=False)
class Api(ApiClient[Endpoints]):
    """Mastodon's servers in one environment."""

    brand = MASTODON
    read = staticmethod(read_response)
    now: Callable[[], datetime] = field(default_factory=lambda: SystemClock().now)
    """The clock by which the limits of servers are read again."""
    _limits: dict[str, tuple[datetime, ServerLimits]] = field(default_factory=dict, init=False)

    async def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        step: str,
        token: str,
        **options: Unpack[CallOptions],
    ) -> Reply:
        """Make one call at the server of an account, once. Raises CallFailed when no response arrived, CredentialInvalid."""
        session = Session.read(token, step=step)
        upload, timeouts = options.get("upload"), self.retry_policy.timeouts
        return await self.transport.call(
            method,
            self.endpoints.server(session.host) + path,
            operation=step,
            timeout=timeouts.call if upload is None else timeouts.upload,
            token=session.token,
            params=params,
            json=options.get("body"),
            data=None if upload is None else upload(),
            headers=options.get("headers"),
            is_guarded=self.endpoints.is_guarded(session.host),
        )

    async def limits_of(self, account: Credentials) -> ServerLimits:
        """Return what the account's server accepts, which is read once an hour. One that has no such call has the usual limits.

        Raises CredentialInvalid, TryLater.
        """
        host, now = Session.read(await account.access_token(), step="instance").host, self.now()
        known = self._limits.get(host)
        if known is not None and now - known[0] < _LIMITS_KEPT:
            return known[1]
        try:
            instance = await self.ask(account, "GET", INSTANCE, step="instance", now=now)
        except TryLater:
            if known is None:
                raise
            return known[1]
        except Rejected:
            instance = {}
        limits = ServerLimits.read(instance)
        while len(self._limits) >= _MAX_SERVERS:
            del self._limits[next(iter(self._limits))]
        self._limits[host] = now, limits
        return limits
