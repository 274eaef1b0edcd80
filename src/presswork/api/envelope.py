"""The one shape of every refusal: `{"error": {"code", "message", "requestId", "details"?}}`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from presswork.core.errors import STATUS, Code, Invalid, Issue, NotFound, PressworkError, Unavailable
from presswork.db.errors import ROLLED_BACK_ERRORS, is_transient

log = structlog.get_logger()

CLIENT_CLOSED_REQUEST: Final = 499
"""Status in the log of a call whose caller did not wait for the answer; the number that nginx gives it."""


class ErrorBody(BaseModel):
    """What went wrong, and what to do next."""

    model_config = ConfigDict(title="Error")

    code: Code = Field(description="One of a closed list; programs decide by it.")
    message: str = Field(description="A sentence that says what to do next.")
    requestId: str = Field(description="Names this call in the logs; the same as the X-Request-Id header.")  # noqa: N815  wire name
    details: dict[str, JsonValue] | None = Field(
        default=None,
        description="Facts for programs; which ones depends on the code. A detail that does not apply is absent.",
    )


class ErrorEnvelope(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorBody


class MethodNotAllowed(PressworkError):
    """The path exists, the method does not."""

    code = Code.METHOD_NOT_ALLOWED


NO_NUL: Final = r"^[^\x00]*$"
"""Pattern of a string that can be stored: PostgreSQL has no NUL."""
INTERNAL: Final = "Something went wrong on our side; nothing was half-written. Try again, and report it with the request id if it stays."


def error_body(code: Code, message: str, request_id: str, details: Mapping[str, object] | None = None) -> bytes:
    """Return the envelope as JSON bytes."""
    error: dict[str, object] = {"code": code.value, "message": message, "requestId": request_id}
    if details:
        error["details"] = details
    return json.dumps({"error": error}, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def request_id_of(request: Request) -> str:
    """Return the id that the outermost layer gave this call."""
    return str(request.scope.get("state", {}).get("request_id", ""))


async def refusal_response(request: Request, error: Exception) -> Response:
    """Turn a refusal into its answer; FastAPI calls this for every PressworkError."""
    if not isinstance(error, PressworkError):
        raise error
    headers: dict[str, str] = {}
    if error.code is Code.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.code is Code.PAYLOAD_TOO_LARGE:
        headers["Connection"] = "close"  # a body that never ends would be read on for ever
    if error.code is Code.RATE_LIMITED:
        headers["Retry-After"] = str(error.details.get("retryAfterSeconds", 1))
    request.scope.setdefault("state", {})["error_code"] = error.code.value
    return Response(
        error_body(error.code, error.message, request_id_of(request), error.details),
        status_code=STATUS[error.code],
        media_type="application/json",
        headers=headers,
    )


async def internal_error(request: Request, _error: Exception) -> Response:
    """Return the last-resort 500; the outermost layer logs the error."""
    body = error_body(Code.INTERNAL, INTERNAL, request_id_of(request))
    return Response(body, status_code=500, media_type="application/json")


_UNREACHABLE: Final = (
    "The database is not reachable at the moment. Try again shortly; a write may have gone through, so repeat it "
    "under the same Idempotency-Key, which makes that safe."
)
_COLLIDED: Final = "The call collided with another one that changes the same things; nothing was written. Try again."


async def database_unavailable(request: Request, error: Exception) -> Response:
    """Return 503 for an error of the database that passes by itself. Raises any other one."""
    if not is_transient(error):
        raise error
    is_rolled_back = isinstance(error, ROLLED_BACK_ERRORS)
    log.warning("database unavailable", error=type(error).__name__, reason=str(error))
    return await refusal_response(request, Unavailable(_COLLIDED if is_rolled_back else _UNREACHABLE))


async def client_closed_request(_request: Request, _error: Exception) -> Response:
    """Return 499 for a client that closed the connection before its body was complete; only the log shows it."""
    return Response(status_code=CLIENT_CLOSED_REQUEST)


async def invalid_request(request: Request, error: Exception) -> Response:
    """Turn FastAPI's own complaints (query, path, header parameters) into the envelope."""
    if not isinstance(error, RequestValidationError):
        raise error
    return await refusal_response(request, Invalid(issues_of(error.errors(), skip=1)))


async def unmatched_request(request: Request, error: Exception) -> Response:
    """Turn the router's own 404 and 405 into the envelope."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 405:
        allowed = ", ".join(sorted(_methods_of(request))) or "GET, HEAD"  # what serves files is not among the routes
        answer = await refusal_response(
            request,
            MethodNotAllowed(f"{request.method} does not work on this path. Use one of: {allowed}.", allowed=allowed),
        )
        answer.headers["Allow"] = allowed
        return answer
    return await refusal_response(
        request, NotFound("There is nothing under this path. /docs lists every route; all of them start with /v1.")
    )


def _methods_of(request: Request) -> set[str]:
    """Return every method of the call's path: the router itself names only those of the first route that fits."""
    routes = [context.original_route for context in iter_route_contexts(request.app.routes)]
    path = request.scope["path"]
    found = [route.methods for route in routes if isinstance(route, Route) and route.path_regex.match(path)]
    return {method for methods in found for method in methods or ()}


def issues_of(errors: Sequence[Any], *, skip: int = 0) -> list[Issue]:
    """Return Pydantic's errors as issues; `skip` drops the first parts of each place (FastAPI's `query`, say)."""
    return [
        Issue(path=path_of(_wire_names(error)[skip:]), message=sentence_of(error), code=str(error["type"]))
        for error in errors
    ]


def _wire_names(error: Mapping[str, Any]) -> list[str | int]:
    """Return an error's place by the names on the wire; Pydantic names a field that was left out by its own name."""
    if error["type"] == "extra_forbidden":
        return list(error["loc"])
    return [to_camel(part) if isinstance(part, str) and "_" in part else part for part in error["loc"]]


def sentence_of(error: Mapping[str, Any]) -> str:
    """Return an error's text; one that our own validators raised comes without Pydantic's preface."""
    if error["type"] == "extra_forbidden":
        return "There is no such field; remove it or check its spelling."
    if error["type"] == "missing":
        return "This field is required."
    if error["type"] == "string_pattern_mismatch" and error.get("ctx", {}).get("pattern") == NO_NUL:
        return "This text holds a NUL character; remove it."
    return str(error["msg"]).removeprefix("Value error, ")


def path_of(place: Sequence[str | int]) -> str:
    """Return a place as a path: `targets[3].tiktokMusic.trackId`."""
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path
