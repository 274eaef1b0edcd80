"""Which pages are this server's own: a write with a cookie must come from one, and a sign-in returns to one."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from presswork.api.http.cookies import is_https
from presswork.callers.model import ForeignOrigin
from presswork.core.errors import FieldError, IssueCode
from presswork.people.second_factor_model import PasskeySite

CONSOLE_HEADER: Final = "x-presswork-console"
"""A page of another site can't send an added header without asking this server first, which allows it to none."""
_PORTS: Final = {"http": 80, "https": 443}
_ORIGIN: Final = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", re.ASCII | re.IGNORECASE)
_PATH: Final = re.compile(
    r"/(?!/)(?:[A-Za-z0-9._~:@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}|/(?!/))*(?:[?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?"
)
"""A path on this server: one slash at its beginning, no backslash, and nothing that a URL parser may read as a host."""
_ABSOLUTE: Final = re.compile(r"(https?://[^/?#]*)([/?#].*)?", re.IGNORECASE)
_HIDDEN_SLASH: Final = re.compile(r"%(?:2f|5c|0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)
_MAX_CHARACTERS: Final = 2048

_Origin = tuple[str, str, int]


def require_own_page(request: Request, *, base_url: str) -> None:
    """Raise ForeignOrigin unless a page of this server sent the request."""
    if request.headers.getlist(CONSOLE_HEADER) != ["1"]:
        raise ForeignOrigin(
            "A write with a session needs the header `X-Presswork-Console: 1`, which proves that a page of another site did "
            "not send it. Send it, or use an API key."
        )
    require_own_origin(request, base_url=base_url)


def require_own_origin(request: Request, *, base_url: str) -> None:
    """Raise ForeignOrigin unless the Origin header names this server."""
    values = request.headers.getlist("origin")
    sent = _parse(values[0]) if len(values) == 1 else None
    if sent is None or sent not in own_origins(request, base_url=base_url):
        raise ForeignOrigin(
            "The Origin header is missing or names another site. Open the console at the URL of this server; behind a "
            "proxy, set PRESSWORK_PUBLIC_URL to that URL."
        )


def refuse_other_sites(request: Request, *, base_url: str) -> None:
    """Raise ForeignOrigin for a page of another site, which could sign a person in to a user of the attacker.

    Programs send no Origin.
    """
    if has_origin(request):
        require_own_origin(request, base_url=base_url)


def has_origin(request: Request) -> bool:
    """Return whether a browser says which page sent the request."""
    return "origin" in request.headers


def own_origins(request: Request, *, base_url: str) -> set[_Origin]:
    """Return the origins of this server: the public one, and that of the URL which the request names.

    The host of the request is one of the allowed ones (api/http/request_guard.py). Where the public URL has https, only this
    machine is reached over plain http as well.
    """
    host = request.headers.get("host", "")
    schemes = ["https", "http"] if is_https(base_url) else [request.scope.get("scheme", "http")]
    asked = [_parse(f"{scheme}://{host}") for scheme in schemes]
    found = {one for one in asked if one is not None and (one[0] == schemes[0] or _is_loopback(one[1]))}
    public = _parse_public_origin(base_url)
    return found if public is None else {public, *found}


def own_hosts(request: Request, *, base_url: str) -> tuple[str, ...]:
    """Return the hosts of this server's pages; a loopback one has several names."""
    hosts = {host for _, host, _ in own_origins(request, base_url=base_url)}
    loopback = {"localhost", "127.0.0.1", "::1"} if any(_is_loopback(host) for host in hosts) else set()
    return tuple(sorted(hosts | loopback))


def passkey_site(request: Request, *, base_url: str) -> PasskeySite | None:
    """Return the site that passkeys belong to; None if browsers reach this server by an IP address, which has none.

    A loopback address has one by its name, `localhost`.
    """
    host = (urlsplit(base_url).hostname or "").lower()
    name = "localhost" if _is_loopback(host) else host
    origins = {origin for origin in own_origins(request, base_url=base_url) if origin[1] == name}
    if _is_address(name):
        return None
    texts = [f"{scheme}://{host}" + ("" if port == _PORTS[scheme] else f":{port}") for scheme, host, port in origins]
    return PasskeySite(host=name, origins=tuple(sorted(texts)))


def origin_of(url: str) -> _Origin | None:
    """Return scheme, host and port of an origin, as own_origins has them; None of what is none."""
    return _parse(url)


def _parse_public_origin(base_url: str) -> _Origin | None:
    parts = urlsplit(base_url)
    return _parse(f"{parts.scheme}://{parts.netloc}")


def _parse(text: str) -> _Origin | None:
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    scheme = match[1].lower()
    return scheme, match[2].strip("[]").lower(), int(match[3] or _PORTS[scheme])


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def own_path(text: str, *, base_url: str) -> str:
    """Return the path of a URL to return to after a sign-in. Raises FieldError for one on another host."""
    absolute = _ABSOLUTE.fullmatch(text)
    if absolute is not None and _parse(absolute[1]) != _parse_public_origin(base_url):
        raise _build_foreign_url_error()
    path = text if absolute is None else f"/{(absolute[2] or '').removeprefix('/')}"
    before_query = re.split(r"[?#]", path, maxsplit=1)[0]
    if len(path) > _MAX_CHARACTERS or not _PATH.fullmatch(path) or _HIDDEN_SLASH.search(before_query):
        raise _build_foreign_url_error()
    return path


def _build_foreign_url_error() -> FieldError:
    return FieldError("is not a URL of this server. Send a path like /console/queue.", IssueCode.INVALID_FORMAT)
