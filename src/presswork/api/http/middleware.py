"""Outermost middleware: request ids, access log, metrics, traces, and the last-resort 500."""

import asyncio
from collections.abc import Iterator, Mapping, MutableMapping
from time import perf_counter
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presswork.api.context import Context, context_of, now_of
from presswork.api.http.auth import OF_SESSION, RateLimited, caller_of, session_token_of
from presswork.api.http.envelope import (
    internal_error,
    is_out_of_memory,
    out_of_memory,
    refusal_response,
    stopping,
    unmatched_request,
)
from presswork.callers.model import ForeignOrigin, KeyKilled, Unauthenticated
from presswork.core.errors import Code, Invalid
from presswork.core.ids import new_ulid
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.telemetry import meters, tracing

log = structlog.get_logger()
_SEGMENT: Final = 100
"""Most characters of an unmatched path in the log."""


class RequestContextMiddleware:
    """ASGI middleware. Adds `X-Request-Id`, the rate limit headers that authentication stored in the state, and what keeps
    browsers from guessing the type of a response and from storing what a session reads.
    """

    def __init__(self, app: ASGIApp, context: Context) -> None:
        """Wrap an application; each request carries the context in `scope["context"]`."""
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope["context"] = self._context
        scope["api"] = self  # for the tools of agents, which call the API
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif tracing.is_on():
            with tracing.span(scope["method"], tracing.Kind.SERVER, parent=_traceparent(scope)):
                await self._serve(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = new_ulid("req")
        state: MutableMapping[str, Any] = scope.setdefault("state", {})  # ASGI's own: any value
        state["request_id"] = request_id
        status = 0
        started = perf_counter()
        responded_at: float | None = None
        meters.requests_in_flight.inc()

        async def send_with_headers(message: Message) -> None:
            nonlocal status, responded_at
            if message["type"] == "http.response.start":
                status = message["status"]
                if state.get("is_stream"):
                    responded_at = perf_counter()
                    meters.requests_in_flight.dec()
                extra = [(b"x-request-id", request_id.encode()), *state.get("rate_headers", ())]
                message = {**message, "headers": [*message["headers"], *extra, *_browser_headers(message, state)]}
            await send(message)

        outer = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_with_headers)
        except asyncio.CancelledError:
            if not status:  # the server would answer 500
                response = await stopping(Request(scope))
                await response(scope, receive, send_with_headers)
            raise
        except Exception as error:
            if is_memory := is_out_of_memory(error):  # outside the routes, whose handlers turn it into a response
                state["error_code"] = Code.UNAVAILABLE.value
            else:
                log.exception("request failed", method=scope["method"], route=_route(scope))
                state["error_code"] = Code.INTERNAL.value
            if not status:
                response = await (out_of_memory if is_memory else internal_error)(Request(scope), error)
                await response(scope, receive, send_with_headers)
            elif status != 500:  # the response is incomplete: close the connection, so that the client notices
                raise
        finally:
            if responded_at is None:
                meters.requests_in_flight.dec()
            _record(scope, status, (responded_at or perf_counter()) - started)
            structlog.contextvars.reset_contextvars(**outer)  # a tool of an agent calls this API within a request


def _browser_headers(message: Message, state: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers about browsers that a response does not have yet."""
    names = {name.lower() for name, _ in message["headers"]}
    if b"x-content-type-options" not in names:
        yield b"x-content-type-options", b"nosniff"
    if state.get(OF_SESSION) and b"cache-control" not in names:
        yield b"cache-control", b"no-store"


def _record(scope: Scope, status: int, took_seconds: float) -> None:
    """Count, trace and log a completed request. A stream took as long as the start of its response."""
    method, pattern, state = scope["method"], _pattern(scope), scope["state"]
    meters.request_ended(method, pattern, status, took_seconds=took_seconds)
    if tracing.is_on():
        attributes = {
            "http.request.method": method,
            "http.route": pattern,
            "http.response.status_code": status,
            "presswork.request": state["request_id"],
            "presswork.key": state.get("key"),
            "error.type": state.get("error_code"),
        }
        tracing.annotate(name=f"{method} {pattern}", is_failed=status >= 500, **attributes)
    log.info(
        "request",
        method=method,
        route=_route(scope),
        status=status,
        took_ms=round(took_seconds * 1000, 1),
        key=state.get("key"),
        error=state.get("error_code"),
    )


def _traceparent(scope: Scope) -> str | None:
    """Return the caller's trace context, which this request continues."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)


def _route(scope: Scope) -> str:
    """Return the route's pattern, or the first path segment if no route matches: a path may contain a signature."""
    pattern = _pattern(scope)
    return f"/{scope['path'].lstrip('/').split('/', 1)[0][:_SEGMENT]}" if pattern == meters.UNMATCHED else pattern


def _pattern(scope: Scope) -> str:
    """Return the route's pattern, or the mount path of a mounted application."""
    if scope.get("root_path"):
        return str(scope["root_path"])
    pattern = getattr(scope.get("route"), "path", None)
    # Without a match, the route is the mount of the FastAPI application, whose path is empty.
    return pattern if isinstance(pattern, str) and pattern else meters.UNMATCHED


_NO_KEY: Final = (Unauthenticated, KeyKilled, ForeignOrigin, Invalid, *TRANSIENT_ERRORS)
"""Errors that do not change the response: whether a path exists is public."""


async def not_found(request: Request, error: Exception) -> Response:
    """Return the error response for the router's 404 and 405, or 429 for a key that has exceeded its rate limit."""
    context = await context_of(request)
    has_caller = "authorization" in request.headers or session_token_of(request, context) is not None
    if has_caller and "rate_headers" not in request.scope["state"]:
        try:
            await caller_of(request, context, await now_of(context))
        except RateLimited as refusal:
            return await refusal_response(request, refusal)
        except _NO_KEY:
            pass
    return await unmatched_request(request, error)
