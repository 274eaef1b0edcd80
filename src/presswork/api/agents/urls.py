"""The URLs of /mcp and of its authorization server, as the caller of a request sees them."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from presswork.agents.model import OAuthError, OAuthRefused
from presswork.api.context import Context
from presswork.api.http.cookies import is_https
from presswork.api.http.origin import origin_of, own_origins

MCP: Final = "/mcp"
AUTHORIZE: Final = "/oauth/authorize"
METADATA: Final = "/.well-known/oauth-protected-resource"


def issuer_of(request: Request, context: Context) -> str:
    """Return the origin of this server: the public one over https, else the host that the request names.

    The request guard has checked that the host is one of this server's. A program that connects to localhost and one that
    connects to 127.0.0.1 both find the URL that they know.
    """
    public = urlsplit(context.base_url)
    if is_https(context.base_url):
        return f"{public.scheme}://{public.netloc}"
    host = request.headers.get("host") or public.netloc
    return f"{request.scope.get('scheme', 'http')}://{host}"


def resource_of(request: Request, context: Context, named: str | None = None) -> str:
    """Return the resource that tokens are for (RFC 8707): /mcp. Raises OAuthRefused if a client names another one."""
    known = f"{issuer_of(request, context)}{MCP}"
    if named is not None and not _is_mcp(named, own_origins(request, base_url=context.base_url)):
        raise OAuthRefused(OAuthError.INVALID_TARGET, f"Tokens are issued for {known} only. Send it as resource.")
    return known


def _is_mcp(url: str, origins: Collection[tuple[str, str, int]]) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an IPv6 address without its bracket
        return False
    is_own = origin_of(f"{parts.scheme}://{parts.netloc}") in origins
    return is_own and parts.path.rstrip("/") == MCP and not parts.query and not parts.fragment
