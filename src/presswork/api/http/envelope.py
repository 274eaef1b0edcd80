"""Error responses. Each has the form `{"error": {"code", "message", "requestId", "details"?, "docUrl"}}`."""

import errno
import json
from collections.abc import Iterator, Mapping
from typing import Final

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from presswork.api.context import Context
from presswork.api.http.error_guide import ErrorLinks, IssueCode
from presswork.api.http.issues import issues_of
from presswork.api.http.nearest_route import KnownRoute, advice_for
from presswork.api.http.pages import PAGES, wants_page
from presswork.api.http.scim_errors import is_scim, scim_refusal
from presswork.core.errors import STATUS, Code, Invalid, NotFound, PressworkError, Unavailable
from presswork.db.errors import ROLLED_BACK_ERRORS, is_transient

log = structlog.get_logger()

CLIENT_CLOSED_REQUEST: Final = 499
"""Status in the access log if the client closes the connection before the response; nginx uses the same number."""


class ValidationIssue(BaseModel):
    """One error of the input."""

    path: str = Field(description="Where it is: `targets[3].mode`, or empty for the whole body.")
    message: str = Field(description="The field, what is wrong, and what to do. For people: the text may change.")
    code: IssueCode = Field(description="Issue code from a fixed list. Programs branch on it.")


class ErrorDetails(BaseModel):
    """Machine-readable facts, which depend on the code. A detail that does not apply is absent."""

    model_config = ConfigDict(extra="allow")

    issues: list[ValidationIssue] | None = Field(
        default=None, description="With `VALIDATION`: every issue of the input."
    )


class ErrorBody(BaseModel):
    """What is wrong, and what to do."""

    model_config = ConfigDict(title="Error")

    code: Code = Field(description="Error code from a fixed list. Programs branch on it.")
    message: str = Field(description="What is wrong, and what to do. For people: the text may change.")
    requestId: str = Field(description="Identifies this request in the logs. Same as the X-Request-Id header.")  # noqa: N815  wire name
    details: ErrorDetails | None = Field(default=None, description="Facts for programs, which depend on the code.")
    docUrl: str = Field(description="Page about this code: what it means, and what to do.")  # noqa: N815  as above


class ErrorEnvelope(BaseModel):
    """Body of every error response."""

    error: ErrorBody


class MethodNotAllowed(PressworkError):
    """The path does not support this method."""

    code = Code.METHOD_NOT_ALLOWED


_TITLES: Final = {
    400: "This request can't be served",
    404: "Page not found",
    500: "Something went wrong",
    503: "Not available at the moment",
}
"""Headings of error pages by status."""
_HOME: Final = {"url": "/", "label": "Start page"}
INTERNAL: Final = "Something went wrong on our side; nothing was half-written. Try again, and report it with the request id if it stays."


def error_body(
    code: Code,
    message: str,
    request_id: str,
    details: Mapping[str, object] | None = None,
    *,
    links: ErrorLinks | None,
) -> bytes:
    """Return the envelope as JSON bytes. A server without pages about error codes has no `links`."""
    error: dict[str, object] = {"code": code.value, "message": message, "requestId": request_id}
    if details:
        error["details"] = details
    if links is not None:
        error["docUrl"] = links.to(code)
    return json.dumps({"error": error}, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def request_id_of(request: Request) -> str:
    """Return the id that RequestContextMiddleware gave this request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def error_links_of(request: Request) -> ErrorLinks | None:
    """Return the URLs of the pages about error codes, or None if the request carries no context."""
    context = request.scope.get("context")
    return context.part(ErrorLinks) if isinstance(context, Context) else None


async def refusal_response(request: Request, error: Exception) -> Response:
    """Return the response for a PressworkError. Registered as its exception handler."""
    if not isinstance(error, PressworkError):
        raise error
    headers: dict[str, str] = {}
    if error.code is Code.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.code is Code.PAYLOAD_TOO_LARGE:
        headers["Connection"] = "close"  # otherwise the server keeps reading a body that never ends
    if error.code is Code.RATE_LIMITED or "retryAfterSeconds" in error.details:
        headers["Retry-After"] = str(error.details.get("retryAfterSeconds", 1))
    return status_response(request, STATUS[error.code], error.code, error.message, error.details, headers)


def status_response(
    request: Request,
    status: int,
    code: Code,
    message: str,
    details: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error response: JSON, in the form of SCIM for its paths, or a page if a browser opened the URL."""
    request.scope.setdefault("state", {})["error_code"] = code.value
    if is_scim(request):
        return scim_refusal(status, code, message, details or {}, headers or {})
    request_id, links = request_id_of(request), error_links_of(request)
    if wants_page(request):
        title = _TITLES.get(status, _TITLES[400] if status < 500 else _TITLES[500])
        values = {
            "title": title,
            "message": message,
            "request_id": request_id,
            "link": _HOME if status == 404 else None,
            "more": links.to(code) if links else None,
        }
        return PAGES.response("error.html", values, status_code=status, headers=headers)
    body = error_body(code, message, request_id, details, links=links)
    return Response(body, status_code=status, media_type="application/json", headers=dict(headers or {}))


async def internal_error(request: Request, _error: Exception) -> Response:
    """Return the last-resort 500. RequestContextMiddleware logs the error."""
    return status_response(request, 500, Code.INTERNAL, INTERNAL)


_AGAIN: Final = "Try again shortly; a write may have gone through, so repeat it under the same Idempotency-Key, which makes that safe."
_UNREACHABLE: Final = f"The database is not reachable at the moment. {_AGAIN}"
_NO_MEMORY: Final = f"The server has no memory left for this call. {_AGAIN}"
_STOPPING: Final = f"This process of the server stops, and the call was not over in time. {_AGAIN}"
_NO_THREAD: Final = "can't start new thread"
"""The message of Python's RuntimeError where the system has no memory for a thread."""
_COLLIDED: Final = "The call collided with another one that changes the same things; nothing was written. Try again."


async def stopping(request: Request) -> Response:
    """Return 503 for a call that is still running when its process stops."""
    return await refusal_response(request, Unavailable(_STOPPING))


async def database_unavailable(request: Request, error: Exception) -> Response:
    """Return 503 for a transient database error, or if the system had no memory for a call. Raises any other error."""
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return await _no_memory(request, error)
    if not is_transient(error):
        raise error
    is_rolled_back = isinstance(error, ROLLED_BACK_ERRORS)
    log.warning("database unavailable", error=type(error).__name__, reason=str(error))
    return await refusal_response(request, Unavailable(_COLLIDED if is_rolled_back else _UNREACHABLE))


async def out_of_memory(request: Request, error: Exception) -> Response:
    """Return 503 if the process had no memory for the request. Raises any other error."""
    if not is_out_of_memory(error):
        raise error
    return await _no_memory(request, error)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error is, or was caused by, a lack of memory: also for a statement's arguments, a new thread, or compression.

    The framework raises a RuntimeError from an error that comes after the start of the response.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or str(cause) == _NO_THREAD:
            return True
        cause = cause.__cause__
    return False


async def _no_memory(request: Request, error: Exception) -> Response:
    log.warning("out of memory", error=type(error).__name__)
    return await refusal_response(request, Unavailable(_NO_MEMORY))


async def client_closed_request(_request: Request, _error: Exception) -> Response:
    """Return 499 for a client that closed the connection before its body was complete; only the access log shows it."""
    return Response(status_code=CLIENT_CLOSED_REQUEST)


async def invalid_request(request: Request, error: Exception) -> Response:
    """Return the error response for FastAPI's validation errors of query, path and header parameters."""
    if not isinstance(error, RequestValidationError):
        raise error
    issues = issues_of(error.errors(), given=lambda one: one.get("input"), skip=1)
    return await refusal_response(request, Invalid(issues))


async def unmatched_request(request: Request, error: Exception) -> Response:
    """Return the error response for the router's 404 and 405."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 405:
        allowed = (
            ", ".join(sorted(_methods_of(request))) or "GET, HEAD"
        )  # a mounted file server is not among the routes
        message = f"This path does not support {request.method}. Use one of: {allowed}."
        same_method = (route for route in _described_routes(request) if route.method == request.method)
        advice = advice_for(request.method, request.scope["path"], same_method)
        response = await refusal_response(
            request, MethodNotAllowed(" ".join([message, *([advice] if advice else [])]), allowed=allowed)
        )
        response.headers["Allow"] = allowed
        return response
    missing = "There is no page at this URL." if wants_page(request) else "No route matches this path."
    advice = advice_for(request.method, request.scope["path"], _described_routes(request))
    sentences = [missing, *([advice] if advice else []), "See /docs for all routes; each starts with /v1."]
    return await refusal_response(request, NotFound(" ".join(sentences)))


def _described_routes(request: Request) -> Iterator[KnownRoute]:
    """Yield the routes that the OpenAPI document has."""
    for context in iter_route_contexts(request.app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in sorted(route.methods or ()):
                yield KnownRoute(method=method, path=route.path, summary=route.summary or route.name)


def _methods_of(request: Request) -> set[str]:
    """Return every method of the request's path. The router's Allow header names only those of the first match."""
    routes = [context.original_route for context in iter_route_contexts(request.app.routes)]
    path = request.scope["path"]
    found = [route.methods for route in routes if isinstance(route, Route) and route.path_regex.match(path)]
    return {method for methods in found for method in methods or ()}
