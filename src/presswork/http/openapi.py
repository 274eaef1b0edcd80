"""The OpenAPI document: FastAPI's own, completed from what the dependencies of each route say of themselves.

A route lists only the refusals that are its own; the key's check, the body, the ids in the path and the idempotency
key bring theirs along.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from presswork import __version__
from presswork.errors import STATUS, Code
from presswork.http.auth import RequireScope
from presswork.http.body import In, ReadBody
from presswork.http.envelope import ErrorEnvelope
from presswork.http.idempotency import ReadIdempotencyKey

Json = dict[str, Any]  # an OpenAPI document nests freely

EXAMPLES: Final[Mapping[Code, tuple[str, Mapping[str, object]]]] = {
    Code.UNAUTHENTICATED: ("No usable API key came with this call. Send `Authorization: Bearer lp_…`.", {}),
    Code.FORBIDDEN_SCOPE: ("This key lacks the scope publish:write.", {"requiredScope": "publish:write"}),
    Code.APPROVAL_REQUIRED: (
        "This content waits for approval. Approve it, then publish again.",
        {"containerId": "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "approvalStatus": "pending"},
    ),
    Code.RETURN_URL_NOT_ALLOWED: (
        "This key may not send people to evil.example. Make a key with that return domain.",
        {"host": "evil.example", "allowedDomains": ["app.example.com"]},
    ),
    Code.NOT_FOUND: ("There is no such thing here.", {}),
    Code.METHOD_NOT_ALLOWED: ("PUT does not work on this path. Use one of: GET.", {"allowed": "GET"}),
    Code.CONFLICT: ("This content is not completed yet. Finish its upload first.", {"status": "queued"}),
    Code.CONFLICT_DUPLICATE_ID: (
        "This scheduledPostId exists already. Take a fresh one.",
        {"scheduledPostId": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"},
    ),
    Code.CONTENT_REJECTED: (
        "This content was rejected in review. Make a new container.",
        {"containerId": "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"},
    ),
    Code.IDEMPOTENCY_CONFLICT: ("This Idempotency-Key was used for another request on this route.", {}),
    Code.PAYLOAD_TOO_LARGE: ("The body is over 1048576 bytes.", {"maxBytes": 1048576}),
    Code.UNSUPPORTED_MEDIA_TYPE: ("The body must be JSON: send it with Content-Type: application/json.", {}),
    Code.VALIDATION: (
        "targets[0].mode: Input should be 'publish', 'draft' or 'managed'",
        {
            "issues": [
                {
                    "path": "targets[0].mode",
                    "message": "Input should be 'publish', 'draft' or 'managed'",
                    "code": "enum",
                }
            ]
        },
    ),
    Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY: (
        "This account must be connected again before it can publish.",
        {
            "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
            "mode": "publish",
            "reason": "reauth_required",
        },
    ),
    Code.PHONE_REQUIRED: ("Say which phone to text.", {}),
    Code.OWNER_PHONE_UNVERIFIED: ("Verify the operator's phone first.", {}),
    Code.MEDIA_UNREACHABLE: ("The server of media[0] answered 404. Check the URL.", {"path": "media[0].url"}),
    Code.MEDIA_UNSUPPORTED: (
        "media[0] is a GIF; send JPEG, PNG or WebP, or MP4 or MOV video.",
        {"path": "media[0].url"},
    ),
    Code.RATE_LIMITED: ("This key may make 60 write calls a minute. Wait 12 s, then go on.", {"retryAfterSeconds": 12}),
    Code.INTERNAL: ("Something went wrong on our side; nothing was half-written.", {}),
    Code.KILL_SWITCH: ("This key was switched off in an emergency.", {}),
    Code.UNAVAILABLE: ("Set PRESSWORK_TIKTOK_CLIENT_KEY to connect live TikTok accounts.", {}),
}

DESCRIPTION: Final = """\
One call publishes a finished video, picture or slideshow to up to fifty Instagram and TikTok accounts.

Make a key with `presswork key create --org NAME --env test --scopes '*'`, press **Authorize** and paste it. Keys of the
`test` environment publish to the sandbox under [/sandbox/](/sandbox/), so you can try every call without any platform's approval.
"""

TAGS: Final = [
    {"name": "Publishing", "description": "Send content to accounts and watch it go live."},
    {"name": "Content", "description": "Bring videos, pictures and slideshows in."},
    {"name": "Social accounts", "description": "Connect Instagram and TikTok accounts."},
    {"name": "Projects", "description": "Keep the content and accounts of one customer together."},
    {"name": "Music", "description": "The catalogue of TikTok tracks."},
    {"name": "Service", "description": "Who you are, and how the service is."},
]


def refusals(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route for these codes, with the envelope and an example each."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        entry = responses.setdefault(STATUS[code], {"model": ErrorEnvelope, "description": "", "x-codes": []})
        entry["x-codes"].append(code.value)
    return responses


def install(app: FastAPI) -> None:
    """Make the application answer `/openapi.json` with the completed document, built once."""

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it


def build(app: FastAPI) -> Json:
    """Return the whole document."""
    document = get_openapi(
        title="Presswork",
        version=__version__,
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": "/"}],
        tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = document.setdefault("components", {})
    schemas: Json = components.setdefault("schemas", {})
    _add_bodies(schemas, app)
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key: lp_<environment>_<name>_<secret>."}
    }
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                _complete(document["paths"][route.path_format][method.lower()], route)
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return document


def parts_of(route: APIRoute) -> Iterable[Callable[..., Any]]:
    """Yield every dependency of a route, however deep."""

    def walk(dependant: Dependant) -> Iterable[Callable[..., Any]]:
        for below in dependant.dependencies:
            if below.call is not None:
                yield below.call
            yield from walk(below)

    return walk(route.dependant)


def scope_of(route: APIRoute) -> RequireScope | None:
    """Return what a route asks of its caller's key; None for a route without a key."""
    return next((part for part in parts_of(route) if isinstance(part, RequireScope)), None)


def _bodies(app: FastAPI) -> Iterable[tuple[APIRoute, ReadBody[In]]]:
    for route in app.routes:
        if isinstance(route, APIRoute):
            for part in parts_of(route):
                if isinstance(part, ReadBody):
                    yield route, part


def _add_bodies(schemas: Json, app: FastAPI) -> None:
    models = {body.model for _, body in _bodies(app)}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    for name, schema in definitions.get("$defs", {}).items():
        schemas.setdefault(name, schema)


def _complete(operation: Json, route: APIRoute) -> None:
    responses: Json = operation["responses"]
    responses.pop("422", None) if not _is_ours(responses.get("422")) else None
    codes: list[Code] = [Code.INTERNAL]
    scope = scope_of(route)
    if scope is not None:
        operation["security"] = [{"key": []}]
        codes += [Code.UNAUTHENTICATED, Code.RATE_LIMITED, Code.KILL_SWITCH]
        if scope.scope is not None:
            codes.append(Code.FORBIDDEN_SCOPE)
            operation["x-required-scope"] = scope.scope.value
            operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope.scope}`.".strip()
    else:
        operation["security"] = []
    if any("{" in part for part in route.path_format.split("/")):
        codes.append(Code.NOT_FOUND)
    if any(parameter.get("in") == "query" for parameter in operation.get("parameters", ())):
        codes.append(Code.VALIDATION)
    for part in parts_of(route):
        if isinstance(part, ReadBody):
            codes += [Code.VALIDATION, Code.UNSUPPORTED_MEDIA_TYPE, Code.PAYLOAD_TOO_LARGE]
            operation["requestBody"] = {
                "required": not part.is_optional,
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{part.model.__name__}"}}},
            }
        if isinstance(part, ReadIdempotencyKey):
            codes += [Code.VALIDATION, Code.IDEMPOTENCY_CONFLICT]
            operation.setdefault("parameters", []).append(IDEMPOTENCY_PARAMETER)
    _add_refusals(responses, codes)
    _add_headers(responses, has_key=scope is not None)


def _is_ours(response: Json | None) -> bool:
    return response is not None and "x-codes" in response


def _add_refusals(responses: Json, codes: Iterable[Code]) -> None:
    for code in codes:
        entry = responses.setdefault(str(STATUS[code]), {"x-codes": []})
        if code.value not in entry.setdefault("x-codes", []):
            entry["x-codes"].append(code.value)
    for response in responses.values():
        names = response.pop("x-codes", None)
        if not names:
            continue
        response["description"] = " or ".join(names)
        response["content"] = {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/ErrorEnvelope"},
                "examples": {name: {"value": _example(Code(name))} for name in names},
            }
        }


def _example(code: Code) -> Json:
    message, details = EXAMPLES[code]
    error: Json = {"code": code.value, "message": message, "requestId": "req_01K9ZQ2V3M8T5R7W1X4Y6Z0ABC"}
    return {"error": {**error, "details": dict(details)} if details else error}


def _add_headers(responses: Json, *, has_key: bool) -> None:
    for status, response in responses.items():
        headers = response.setdefault("headers", {})
        headers["X-Request-Id"] = {"schema": {"type": "string"}, "description": "Names this call in the logs."}
        if has_key and status not in {"401", "500"}:
            headers.update(RATE_HEADERS)
        if status == "429":
            headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds to wait."}


RATE_HEADERS: Final[Json] = {
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Calls that this key may make in a minute."},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "Calls left in this minute."},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until the next minute begins."},
}
IDEMPOTENCY_PARAMETER: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Keep it when you repeat a call whose answer got lost: the call has its effect once, and the answer comes again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "3f0c2c1e-5d0b-4b7e-9d43-0d6d1f4f5a10",
}
