"""The cookies of this program: which it reads, and how it sets them.

Nothing else reads cookies: the request guard takes these from the header and drops the rest (api/http/request_guard.py). Their
values are base64url, so they need no quotes, and a quoted value is none of ours.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

SESSION: Final = "presswork_session"
PENDING: Final = "presswork_pending"
"""A sign-in that waits for its second step. It is no session."""
OIDC_LOGIN: Final = "presswork_oidc"
REVIEWER: Final = "presswork_reviewer"
"""Keeps the browsers apart in which a review link is opened."""
_PREFIX: Final = "__Host-"
"""Browsers accept such a cookie only over https, for this host alone, and from no page of another host."""
_NAMES: Final = {
    f"{prefix}{name}".encode("ascii"): f"{prefix}{name}"
    for name in (SESSION, PENDING, OIDC_LOGIN, REVIEWER)
    for prefix in ("", _PREFIX)
}
_VALUE: Final = re.compile(rb"[A-Za-z0-9_.=-]{1,4096}")
_STATE: Final = "cookies"


def take_cookies(scope: Scope) -> None:
    """Move the cookies of this program from the headers of a request into its state; drop all others."""
    headers = scope["headers"]
    sent = [value for name, value in headers if name == b"cookie"]
    if not sent:
        return
    scope["headers"] = [header for header in headers if header[0] != b"cookie"]
    if found := _read_own_cookies(sent):
        scope.setdefault("state", {})[_STATE] = found


def _read_own_cookies(headers: Iterable[bytes]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for header in headers:
        for part in header.split(b";"):
            name, _, value = part.strip().partition(b"=")
            if name in _NAMES and _VALUE.fullmatch(value):
                found.setdefault(_NAMES[name], value.decode("ascii"))  # the first one has the most specific path
    return found


def cookie_of(request: Request, name: str, *, base_url: str) -> str | None:
    """Return a cookie of a request. Over https only one that the browser keeps to this host counts."""
    found: Mapping[str, str] = request.scope.get("state", {}).get(_STATE, {})
    return found.get(_full_name(name, base_url))


def set_cookie(response: Response, name: str, value: str, *, base_url: str, lasts: timedelta) -> None:
    """Set a cookie that scripts can't read and that other sites' pages don't send with writes."""
    secure = "; Secure" if is_https(base_url) else ""
    text = f"{_full_name(name, base_url)}={value}; Path=/; Max-Age={int(lasts.total_seconds())}; HttpOnly; SameSite=Lax{secure}"
    response.headers.append("Set-Cookie", text)


def drop_cookie(response: Response, name: str, *, base_url: str) -> None:
    """Make the browser forget a cookie."""
    set_cookie(response, name, "", base_url=base_url, lasts=timedelta())


def is_https(base_url: str) -> bool:
    """Return whether browsers reach this API over https."""
    return base_url.lower().startswith("https://")


def _full_name(name: str, base_url: str) -> str:
    return f"{_PREFIX}{name}" if is_https(base_url) else name
