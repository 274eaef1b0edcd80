"""Refuses requests for another host, and paths in a second spelling, before anything reads them; takes the cookies.

One path, one spelling: rules of a proxy, of logs and of this program compare paths as they were sent, while routes match the
decoded path. So a path that encodes a letter, a digit, `-`, `.`, `_`, `~`, `/` or a backslash is refused.

FastAPI parses the cookies of each request, and Python's parser needs seconds for 60 KB of backslashes in quotes
(CVE-2024-7592, fixed in Python 3.11.10 and 3.12.6). So it sees none: api/http/cookies.py takes our own out of the header.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from presswork.api.http.cookies import take_cookies
from presswork.api.http.envelope import refusal_response, status_response
from presswork.core.errors import Code, NotFound
from presswork.core.host_names import host_names, names_server
from presswork.platforms.settings import Settings

_ENCODED: Final = re.compile(rb"%(?:2[def]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5[cf]|7e)", re.IGNORECASE)
"""An encoded character that needs no encoding in a path (RFC 3986, section 2.3), a slash or a backslash."""
_HEALTH: Final = frozenset({b"/healthz", b"/readyz"})
_METRICS: Final = b"/metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedHosts:
    """The hosts that a request may be for."""

    names: Set[str]
    is_metrics_open: bool
    """Whether /metrics is served for any host: only where it needs a token."""

    @classmethod
    def of(cls, settings: Settings, base_url: str) -> Self:
        """Return the hosts of an API that clients reach at `base_url`."""
        urls = [urlsplit(base_url).hostname, urlsplit(settings.public_url or "").hostname]
        names = host_names(*urls, settings.host, settings.allowed_hosts)
        needs_token = settings.public_url is not None or settings.metrics_token is not None
        return cls(names=names, is_metrics_open=needs_token)

    def allow(self, scope: Scope) -> bool:
        """Whether a request has one Host header, and it names this API or the address of the connection.

        Health checks are served for any host, or none: a load balancer often sends the name that it has for a process.
        """
        path = scope.get("raw_path")
        if path in _HEALTH or (self.is_metrics_open and path == _METRICS):
            return True
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        server = scope.get("server")
        return names_server(hosts, self.names, arrived_at=None if server is None else server[0])


class RequestGuard:
    """ASGI middleware. Without `hosts`, a request may be for any host."""

    def __init__(self, app: ASGIApp, hosts: AllowedHosts | None = None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one request."""
        if scope["type"] == "http":
            if self._hosts is not None and not self._hosts.allow(scope):
                response = status_response(
                    Request(scope),
                    400,
                    Code.VALIDATION,
                    "The Host header is missing or names another host. Send the request to the URL of this API; its operator "
                    "allows further names with PRESSWORK_ALLOWED_HOSTS.",
                    {"reason": "host_not_allowed"},
                )
                await response(scope, receive, send)
                return
            if _ENCODED.search(scope.get("raw_path") or b""):
                sentence = (
                    "This path encodes characters that need no encoding. Send letters, digits and -._~/ as they are."
                )
                refusal = await refusal_response(Request(scope), NotFound(sentence))
                await refusal(scope, receive, send)
                return
            take_cookies(scope)
        await self._app(scope, receive, send)
