"""/mcp: the tools over streamable HTTP, without sessions: each request has the credentials of its caller."""

import asyncio
from collections.abc import MutableMapping
from importlib import import_module
from typing import Any, Final

import httpx2
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presswork.agents.run_tool import ToolRunner
from presswork.agents.tools import TOOLS
from presswork.api.agents.urls import MCP, METADATA, issuer_of
from presswork.api.context import Ctx, Now
from presswork.api.http.auth import FOR_AGENT, check_rate, identify
from presswork.api.http.body import read_body, require_few_values, require_json
from presswork.api.http.envelope import MethodNotAllowed, refusal_response
from presswork.api.http.origin import has_origin, require_own_origin
from presswork.callers.model import Unauthenticated
from presswork.orgs.rates import RateClass

router: Final = APIRouter(include_in_schema=False)

_CALL_SECONDS: Final = 120.0
"""Longest call of a tool: an upload by URL fetches and probes the media."""
_NO_CREDENTIALS: Final = (
    "Send `Authorization: Bearer …` with an API key or an access token. Programs that speak OAuth find the authorization "
    "server at the URL in WWW-Authenticate."
)


@router.api_route(MCP, methods=["GET", "POST", "DELETE"])
async def mcp(request: Request, context: Ctx, now: Now) -> Response:
    """Serve one message of the Model Context Protocol. It counts as a read; the calls of its tool count beside it."""
    if has_origin(request):
        require_own_origin(request, base_url=context.base_url)
    request.scope["state"][FOR_AGENT] = True
    try:
        _require_credentials(request)
        caller = await identify(request, context, now)
    except Unauthenticated as refusal:
        response = await refusal_response(request, refusal)
        response.headers["WWW-Authenticate"] = (
            f'Bearer resource_metadata="{issuer_of(request, context)}{METADATA}{MCP}"'
        )
        return response
    await check_rate(request, context, caller, now, kind=RateClass.READ)
    if request.method != "POST":
        raise MethodNotAllowed("Send each message with POST. This server opens no stream and keeps no session.")
    require_json(request)
    body = await read_body(request)
    require_few_values(body)
    serve = await asyncio.to_thread(_load)
    return _Served(serve, body)


def _require_credentials(request: Request) -> None:
    """Raise Unauthenticated for a request with a cookie only: a page of another site could send it."""
    if not request.headers.getlist("authorization"):
        raise Unauthenticated(_NO_CREDENTIALS)


class _Served(Response):
    """The response of the SDK to one message."""

    def __init__(self, serve: Any, body: bytes) -> None:  # Any: a function of a module that is loaded when it is needed
        super().__init__()
        self._serve = serve
        self._message = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the SDK read the message and send its response."""
        is_read = False

        async def replay() -> Message:
            nonlocal is_read
            if is_read:
                return await receive()
            is_read = True
            return {"type": "http.request", "body": self._message, "more_body": False}

        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(_AsAgent(scope["api"]), client=scope.get("client") or ("", 0)),
            base_url=_base_url(scope),
            headers={"Authorization": _authorization(scope)},
            timeout=_CALL_SECONDS,
            trust_env=False,
        ) as http:
            await self._serve(ToolRunner(http=http, tools=TOOLS), scope, replay, send)


class _AsAgent:
    """Marks the calls of tools, which may use access tokens."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call of a tool."""
        state: MutableMapping[str, Any] = scope.setdefault("state", {})  # Any: ASGI's own
        state[FOR_AGENT] = True
        await self._app(scope, receive, send)


def _base_url(scope: Scope) -> str:
    """Return the URL by which the caller reached this server: the request guard has accepted its host."""
    host = next(value for name, value in scope["headers"] if name == b"host")
    return f"{scope.get('scheme', 'http')}://{host.decode('latin-1')}"


def _authorization(scope: Scope) -> str:
    return str(next(value for name, value in scope["headers"] if name == b"authorization"), "latin-1")


def _load() -> Any:  # Any: as above
    """Import the SDK at the first message: it takes a second and 30 MB, which most installations don't need."""
    return import_module("presswork.agents.mcp_server").serve
