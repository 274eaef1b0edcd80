"""Access to the sandbox: who may call it, and what a browser may be made to send to it.

A sandbox that only this machine can reach is open to every caller on it. Any other sandbox needs its token. Only the authorize
pages also accept the ticket in a login's URL, since the people who approve a login have no token.
"""

import base64
import binascii
import hmac
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.wire import FORM, local_path

TICKET: Final = "presswork_ticket"
"""Query parameter of an authorize URL: proves that the installation made the URL."""
TOKEN_HEADER: Final = "Presswork-Sandbox-Token"  # noqa: S105  the header's name
PROGRAM_HOSTS: Final = frozenset({"api.twilio.com", "provider"}.union(*(facts.hosts for facts in PLATFORMS.values())))
"""First path segments that programs call. All others are the control surface, or pages for people."""

_CONSENT: Final = re.compile(f"/(?:{'|'.join(facts.authorize_paths for facts in PLATFORMS.values())})/?")
_PROGRAM_PATH: Final = re.compile(
    f"/(?:{'|'.join(facts.program_paths for facts in PLATFORMS.values() if facts.program_paths)})"
)
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_VISITOR: Final = "presswork_sandbox.visitor"
_BEARER: Final = 'Bearer realm="Presswork sandbox"'
_BASIC: Final = 'Basic realm="Presswork sandbox", charset="UTF-8"'
_ANSWERED_ELSEWHERE: Final = (
    "A page of another site answered this login for you. Go back to the app, begin the login again, and answer it here."
)
_BAD_TICKET: Final = "This login has expired, or its link was changed. Go back to the app and begin the login again."
_NO_TICKET: Final = (
    "This page is for logins that Presswork began, and for callers with the sandbox's token. Go back to the app and begin the "
    "login again, or load this page again and enter the token as the password."
)

RefusedLogin = Callable[[int, str, Mapping[str, str]], Response]
"""Makes the page for a login that is refused, from its status, what to do, and more headers."""


def listens_on_loopback(listener: socket.socket) -> bool:
    """Return whether only this machine can reach a listening socket. False for a Unix socket: a proxy may be in front."""
    try:
        return ip_address(str(listener.getsockname()[0]).partition("%")[0]).is_loopback
    except (ValueError, IndexError):
        return False


def _no_tokens() -> Sequence[str]:
    return ()


def _no_ticket(state: str, ticket: str) -> bool:
    _ = state, ticket
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may call a sandbox. The default: everyone, since only this machine can reach it."""

    is_loopback_only: bool = True
    tokens: Callable[[], Sequence[str]] = _no_tokens
    """Returns the accepted tokens; there may be several while secret keys are rotated."""
    is_ticket: Callable[[str, str], bool] = _no_ticket
    """Returns whether the second argument is the ticket of the login with this `state`."""
    origins: frozenset[str] = frozenset()
    """Origins (`https://host:port`) to which an authorize page may send a person who has no token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What the visitor of an authorize page may do."""

    sees_accounts: bool = True
    origins: frozenset[str] | None = None
    """Where the page may send the visitor; with None, anywhere."""

    def may_go_to(self, url: str) -> bool:
        """Return whether the page may redirect the visitor to a URL."""
        return self.origins is None or origin_of(url) in self.origins


def visitor_of(scope: Scope) -> Visitor:
    """Return what the visitor of an authorize page may do."""
    found = scope.get(_VISITOR)
    return found if isinstance(found, Visitor) else Visitor()


def origin_of(url: str) -> str | None:
    """Return the origin of an http or https URL, with its port; None for anything else, and with a user name."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or "\\" in url:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}"


class AccessGuard:
    """ASGI middleware in front of the sandbox."""

    def __init__(self, app: ASGIApp, access: Access, refused_login: RefusedLogin) -> None:
        self._app = app
        self._access = access
        self._refused_login = refused_login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] == "http":
            refusal = self._check(scope)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), local_path(scope)
        segment = path.lstrip("/").partition("/")[0]
        is_consent = _CONSENT.fullmatch(path) is not None
        is_control = segment == "control"
        is_for_people = not is_consent and segment not in PROGRAM_HOSTS and _PROGRAM_PATH.fullmatch(path) is None
        query = QueryParams(scope.get("query_string", b""))
        is_write = scope["method"] not in _READS
        if is_consent and (is_write or "decision" in query) and _is_cross_site(headers):
            return self._refused_login(403, _ANSWERED_ELSEWHERE, {})
        if is_write and _is_cross_site(headers):
            return _refuse(
                403, "A page of another site sent this call. Send it from a program or from a page of the sandbox."
            )
        if is_write and is_control and not _is_control_body(headers):
            return _refuse(415, "The body must be JSON: send Content-Type: application/json.")
        is_open = self._access.is_loopback_only and not any(name in headers for name in _FORWARDED)
        if is_consent:
            visitor = self._visitor(headers, query, is_open=is_open)
            scope[_VISITOR] = visitor
            if visitor is not None:
                return None
            # Without a ticket, the browser asks for the token; a person whose ticket has expired has none.
            message, challenge = (_BAD_TICKET, _BEARER) if query.get(TICKET) else (_NO_TICKET, _BASIC)
            return self._refused_login(401, message, {"WWW-Authenticate": challenge})
        # A name of another site that resolves to this machine makes its pages same-origin with the sandbox.
        if is_open and (not is_for_people or _names_loopback(headers.get("host", ""))):
            return None
        sent = [headers.get(TOKEN_HEADER, "")]
        if is_for_people:
            sent += _credentials(headers)
        return None if self._has_token(sent) else _no_token(is_control=is_control, is_for_people=is_for_people)

    def _visitor(self, headers: Headers, query: QueryParams, *, is_open: bool) -> Visitor | None:
        """Return what the visitor of an authorize page may do, or None if that is nothing."""
        if is_open or self._has_token([headers.get(TOKEN_HEADER, "")]):
            return Visitor()
        # A browser attaches a stored password to every call, so it opens the list of accounts, but no redirect elsewhere.
        sees_accounts = self._has_token(_credentials(headers))
        if sees_accounts or self._access.is_ticket(query.get("state", ""), query.get(TICKET, "")):
            return Visitor(sees_accounts=sees_accounts, origins=self._access.origins)
        return None

    def _has_token(self, sent: Sequence[str]) -> bool:
        tokens = [token.encode() for token in self._access.tokens() if token]
        return any(hmac.compare_digest(token, text.encode()) for token in tokens for text in sent)


def _credentials(headers: Headers) -> list[str]:
    """Return the token of `Authorization: Bearer`, or the password of `Authorization: Basic`."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return [given.strip()]
    if scheme.lower() != "basic":
        return []
    try:
        return [base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]]
    except (binascii.Error, UnicodeDecodeError):
        return []


def _is_cross_site(headers: Headers) -> bool:
    """Return whether a page of another origin sent the request. Only browsers send these headers."""
    fetched_from = headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from not in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != headers.get("host", "").lower() or not urlsplit(origin).netloc
    except ValueError:
        return True


def _is_control_body(headers: Headers) -> bool:
    """Return whether the content type of a control call is acceptable.

    curl's default, a form, is accepted from programs: pages can send forms to any site, and browsers name theirs.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        return not any(name in headers for name in ("origin", "referer", "sec-fetch-site"))
    return kind in {"", "application/json"}


def _names_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _refuse(status: int, message: str, **headers: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message}}, status, headers)


def _no_token(*, is_control: bool, is_for_people: bool) -> JSONResponse:
    if not is_for_people:
        return _refuse(
            401, f"This sandbox can be reached from other machines. Send its token in the header {TOKEN_HEADER}."
        )
    message = (
        "This sandbox can be reached from other machines, so it needs its token: send Authorization: Bearer …, or enter "
        "the token as the password. `presswork up` prints it; PRESSWORK_SANDBOX_TOKEN sets it."
    )
    return _refuse(401, message, **{"WWW-Authenticate": _BEARER if is_control else _BASIC})
