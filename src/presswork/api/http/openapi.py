"""Build the OpenAPI document: FastAPI's own, completed from the dependencies of each route.

A route lists only its own error codes. Authentication, the body, ids in the path and the idempotency key add theirs.
"""

import asyncio
import functools
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.responses import Response
from starlette.routing import BaseRoute

from presswork import __version__
from presswork.api.http.auth import RequireScope
from presswork.api.http.body import In, ReadBody
from presswork.api.http.cookies import SESSION
from presswork.api.http.envelope import ErrorEnvelope
from presswork.api.http.idempotent import ReadIdempotencyKey
from presswork.api.http.issues import unknown
from presswork.api.http.openapi_examples import Json, example_of
from presswork.api.http.pages import READ
from presswork.api.http.paging import Page
from presswork.core.errors import STATUS, Code, Issue, IssueCode

DESCRIPTION: Final = """\
One call publishes a finished video, image or slideshow to up to fifty social accounts.

Create a key with `presswork key create --org NAME --env test --scopes '*'`, press **Authorize** and paste it. Keys of the
`test` environment publish to the sandbox under [/sandbox/](/sandbox/), so you can try every call without a platform's approval.

- Every error has the form `{"error": {"code", "message", "requestId", "details"?, "docUrl"}}`. Branch on `code`; `message` says what is wrong and what to do; `docUrl` is the page about the code.
- Send an `Idempotency-Key` with each write. If the response is lost, repeat the request with the same key: it takes effect once.
- Lists are paginated: send `nextCursor` as `cursor` until it is null.
"""

TAGS: Final = [
    {"name": "Publishing", "description": "Publish content to accounts and follow each post."},
    {"name": "Queues", "description": "Let posts take the next free slot of a week, and move them between slots."},
    {"name": "Results", "description": "Read the numbers of live posts and of accounts."},
    {"name": "Content", "description": "Import or upload videos, images and slideshows."},
    {"name": "Approval", "description": "Review content before it is published."},
    {"name": "Comments", "description": "Read comments on live posts, and answer them."},
    {"name": "Social accounts", "description": "Connect social accounts."},
    {"name": "Layers", "description": "Publish accounts through a managed provider."},
    {
        "name": "Organizations",
        "description": "Customers of the installation, their limits, and what an organization uses.",
    },
    {"name": "API keys", "description": "Create, change, revoke and kill API keys."},
    {"name": "Users", "description": "People of the organization, their roles, sessions and connected agents."},
    {"name": "Sign-in", "description": "How a browser signs in and out."},
    {"name": "Operators", "description": "People who receive drafts and notifications by text message."},
    {"name": "Projects", "description": "Group the content and accounts of one customer."},
    {"name": "Platforms", "description": "What each platform accepts and offers."},
    {"name": "Platform apps", "description": "Connect accounts with apps that the organization registered itself."},
    {"name": "Music", "description": "Search the catalogue of TikTok tracks."},
    {"name": "Events", "description": "Follow what happens, as it happens."},
    {
        "name": "Notifications",
        "description": "Notify people, in the console, by e-mail, in browsers and in chat rooms.",
    },
    {"name": "Webhooks", "description": "Receive signed events, with retries."},
    {"name": "Audit log", "description": "Who changed what, when, with which request id."},
    {"name": "System", "description": "Check the installation, and set up its platforms."},
    {"name": "Sandbox", "description": "See and control the fake platforms of the test environment."},
    {"name": "Service", "description": "Identify the caller, and check the service."},
]

FIRST: Final = tuple(f"/v1/content/{{containerId}}/{call}" for call in ("publish", "schedule", "preflight"))
"""The paths with which the document begins, and so the reference: what most readers look for."""

_SESSION: Final = (
    "The session of a user, for browsers (POST /v1/auth/sign-in); over https the name has the prefix `__Host-`. Name the "
    "environment in the header `X-Presswork-Environment` (`test` or `live`; default: test). Writes need "
    "`X-Presswork-Console: 1` and the Origin of this server."
)


def refusals(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route for these error codes, each with an example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        entry = responses.setdefault(STATUS[code], {"model": ErrorEnvelope, "description": "", "x-codes": []})
        entry["x-codes"].append(code.value)
    return responses


def install(app: FastAPI, *, messages: Mapping[str, Json]) -> None:
    """Serve the completed document at `/openapi.json`. It is built once.

    `messages` are examples of outgoing webhooks, by the names of `app.webhooks`.
    """

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = build(app, messages)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it

    building = threading.Lock()

    @functools.cache
    def encoded() -> bytes:
        return json.dumps(openapi(), ensure_ascii=False, separators=(",", ":")).encode()

    def encoded_once() -> bytes:
        with building:
            return encoded()

    @app.api_route("/openapi.json", methods=READ, include_in_schema=False)
    async def document() -> Response:
        # Building takes 0.4 s, and anyone may ask: the event loop serves other requests meanwhile.
        content = encoded() if encoded.cache_info().currsize else await asyncio.to_thread(encoded_once)
        return Response(content, media_type="application/json")


def build(app: FastAPI, messages: Mapping[str, Json]) -> Json:
    """Return the whole document."""
    document = get_openapi(
        title="Presswork",
        version=__version__,
        description=DESCRIPTION,
        routes=app.routes,
        webhooks=app.webhooks.routes,
        servers=[{"url": "/", "description": "The server that serves this document."}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = document.setdefault("components", {})
    schemas: Json = components.setdefault("schemas", {})
    routes = [route for route in routes_of(app) if route.include_in_schema]
    _add_models(schemas, routes)
    _complete_messages(app, document, schemas, messages)
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key: lp_<environment>_<name>_<secret>."},
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION, "description": _SESSION},
    }
    for route in routes:
        for method in route.methods or ():
            _complete(document["paths"][route.path_format][method.lower()], route, schemas)
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    used = {tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]}
    document["tags"] = [tag for tag in TAGS if tag["name"] in used]
    paths = document["paths"]
    document["paths"] = {path: paths[path] for path in [*FIRST, *(path for path in paths if path not in FIRST)]}
    _drop_derived_titles(document)
    return _with_plain_names(document)


def routes_of(app: FastAPI) -> Iterator[APIRoute]:
    """Yield the application's routes. Routers are included without a prefix: a route's path is the whole path."""
    yield from _api_routes(app.routes)


def _api_routes(routes: Sequence[BaseRoute]) -> Iterator[APIRoute]:
    for context in iter_route_contexts(routes):
        if isinstance(context.original_route, APIRoute):
            yield context.original_route


def dependencies_of(route: APIRoute) -> Iterable[Callable[..., Any]]:
    """Yield every dependency of a route, at any depth."""

    def walk(dependant: Dependant) -> Iterable[Callable[..., Any]]:
        for below in dependant.dependencies:
            if below.call is not None:
                yield below.call
            yield from walk(below)

    return walk(route.dependant)


def scope_of(route: APIRoute) -> RequireScope | None:
    """Return the scope requirement of a route, or None if the route needs no key."""
    return next((part for part in dependencies_of(route) if isinstance(part, RequireScope)), None)


def _add_models(schemas: Json, routes: Sequence[APIRoute]) -> None:
    """Add the models of the bodies, which FastAPI does not see, and restore the nulls that it drops from examples."""
    bodies = {part.model for route in routes for part in dependencies_of(route) if isinstance(part, ReadBody)}
    for name, schema in _definitions(bodies, "validation").items():
        schemas.setdefault(name, schema)
    response_models = {route.response_model for route in routes} | {
        response.get("model") for route in routes for response in route.responses.values()
    }
    forms = {form for model in response_models for form in (get_args(model) or (model,))}
    models = {form for form in forms if isinstance(form, type) and issubclass(form, BaseModel)}
    for name, schema in _definitions(models, "serialization").items():
        if "examples" in schema and name in schemas:
            schemas[name]["examples"] = schema["examples"]
    shown = bodies | models | {item for model in models for item in model.__pydantic_generic_metadata__["args"]}
    for model in shown:  # in their order in the source: Pydantic sorts the fields of its copies by name
        extra = getattr(model, "model_config", {}).get("json_schema_extra")
        if isinstance(extra, dict) and "examples" in extra:
            schemas[model.__name__]["examples"] = extra["examples"]
    for name, schema in schemas.items():
        if _PAGE.fullmatch(name):
            item = schemas[schema["properties"]["items"]["items"]["$ref"].rpartition("/")[2]]
            schema["description"] = Page.__doc__
            schema["examples"] = [{"items": item["examples"][:1], "nextCursor": None}] if "examples" in item else []


def _complete_messages(app: FastAPI, document: Json, schemas: Json, examples: Mapping[str, Json]) -> None:
    """Add an example to each webhook, with the nulls that FastAPI drops. Webhooks need no API key."""
    for route in _api_routes(app.webhooks.routes):
        operation = document["webhooks"][route.path_format]["post"]
        operation["security"] = []
        del operation["responses"]["422"]  # FastAPI's own
        operation["requestBody"]["content"]["application/json"]["example"] = examples[route.path_format]
        for parameter in route.dependant.body_params:
            model = parameter.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                for shown in (model, model.model_fields["data"].annotation):
                    schemas[getattr(shown, "__name__", "")]["examples"] = getattr(shown, "model_config", {})[
                        "json_schema_extra"
                    ]["examples"]


def _definitions(models: Iterable[type[BaseModel]], mode: JsonSchemaMode) -> Json:
    pairs = [(model, mode) for model in sorted(models, key=lambda model: model.__name__)]
    _, found = models_json_schema(pairs, ref_template="#/components/schemas/{model}")
    definitions: Json = found.get("$defs", {})
    return definitions


def _complete(operation: Json, route: APIRoute, schemas: Json) -> None:
    responses: Json = operation["responses"]
    if "x-codes" not in responses.get("422", {"x-codes": ()}):
        del responses["422"]  # FastAPI's own
    codes: list[Code] = [Code.INTERNAL]
    scope = scope_of(route)
    required = None if scope is None or scope.scope is None else scope.scope.value
    operation["security"] = [] if scope is None else [{"key": []}, {"session": []}]
    if scope is not None:
        codes += [Code.UNAUTHENTICATED, Code.RATE_LIMITED, Code.KILL_SWITCH, Code.UNAVAILABLE]
        codes.append(Code.VALIDATION)  # an unknown query parameter
        if route.methods != {"GET"}:
            codes.append(Code.FORBIDDEN_ORIGIN)
    codes += _describe_access(operation, scope)
    if "{" in route.path_format:
        codes.append(Code.NOT_FOUND)
    if any(parameter.get("in") == "query" for parameter in operation.get("parameters", ())):
        codes.append(Code.VALIDATION)
    for part in dependencies_of(route):
        if isinstance(part, ReadBody):
            codes += [Code.VALIDATION, Code.UNSUPPORTED_MEDIA_TYPE, Code.PAYLOAD_TOO_LARGE]
            operation["requestBody"] = _body(part, schemas)
        if isinstance(part, ReadIdempotencyKey):
            codes += [Code.VALIDATION, Code.IDEMPOTENCY_CONFLICT]
            operation.setdefault("parameters", []).append(IDEMPOTENCY_PARAMETER)
    if not any(STATUS[code] < 500 for code in codes):
        codes.append(Code.METHOD_NOT_ALLOWED)
    _simplify_parameters(operation)
    _add_refusals(responses, codes, scope=required, issue=_example_issue(operation, schemas))
    _add_success_examples(responses, schemas)
    _add_headers(responses, operation, has_key=scope is not None)
    operation["responses"] = dict(sorted(responses.items()))


def _describe_access(operation: Json, requirement: RequireScope | None) -> list[Code]:
    """Describe what a caller needs beside a key or a session; return the codes of its absence."""
    codes = []
    if requirement is not None and requirement.scope is not None:
        codes.append(Code.FORBIDDEN_SCOPE)
        operation["x-required-scope"] = requirement.scope.value
        operation["description"] = f"{operation.get('description', '')}\n\nScope: `{requirement.scope.value}`.".strip()
        if requirement.alternative is not None:
            operation["x-alternative-scope"] = requirement.alternative.value
            operation["description"] += f" A key with `{requirement.alternative.value}` may call it too."
    if requirement is not None and requirement.is_sensitive:
        codes.append(Code.CONFIRMATION_REQUIRED)
        operation["x-needs-confirmation"] = True
        operation["description"] += " A session needs a confirmation of the last five minutes: `POST /v1/auth/confirm`."
    return codes


def _body(part: ReadBody[In], schemas: Json) -> Json:
    name = part.model.__name__
    content: Json = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    if examples := schemas[name].get("examples"):
        content["example"] = examples[0]
    return {
        "required": not part.is_optional,
        "description": schemas[name].get("description", ""),
        "content": {"application/json": content},
    }


def _simplify_parameters(operation: Json) -> None:
    """Replace the nullable schema of optional query parameters by the plain one: a query has no null."""
    for parameter in operation.get("parameters", ()):
        schema = parameter.get("schema", {})
        choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
        if len(choices) == 1:
            del schema["anyOf"]
            parameter["schema"] = {**choices[0], **schema}


def _example_issue(operation: Json, schemas: Json) -> Mapping[str, str]:
    """Return a realistic validation issue of this operation."""
    if "requestBody" in operation:
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        required = schemas[name].get("required", ())
        if required:
            return Issue.at(required[0], "is required. Add it.", IssueCode.REQUIRED).as_json()
        problem, code = unknown(
            "colour", schemas[name].get("properties", ()), noun="field", code=IssueCode.UNKNOWN_FIELD
        )
        return Issue.at("colour", problem, code).as_json()
    if any(parameter["name"] == "limit" for parameter in operation.get("parameters", ())):
        return Issue.at("limit", "is 500. Send 100 or less.", IssueCode.TOO_LARGE).as_json()
    known = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
    problem, code = unknown("page", known, noun="query parameter", code=IssueCode.UNKNOWN_PARAMETER)
    return Issue.at("page", problem, code).as_json()


def _add_refusals(responses: Json, codes: Iterable[Code], *, scope: str | None, issue: Mapping[str, str]) -> None:
    for code in codes:
        entry = responses.setdefault(str(STATUS[code]), {"x-codes": []})
        if "content" in entry and "x-codes" not in entry:
            continue  # the route describes this response itself
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
                "examples": {name: {"value": example_of(Code(name), scope=scope, issue=issue)} for name in names},
            }
        }


def _add_success_examples(responses: Json, schemas: Json) -> None:
    for response in responses.values():
        for content in response.get("content", {}).values():
            form, *_ = content.get("schema", {}).get("anyOf", [content.get("schema", {})])  # the first of several
            schema = schemas.get(form.get("$ref", "").rpartition("/")[2], {})
            if "examples" not in content and schema.get("examples"):
                content["example"] = schema["examples"][0]
            if response["description"] == "Successful Response" and "description" in schema:
                response["description"] = schema["description"]


def _add_headers(responses: Json, operation: Json, *, has_key: bool) -> None:
    is_idempotent = any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ()))
    for status, response in responses.items():
        headers = response.setdefault("headers", {})
        headers["X-Request-Id"] = {
            "schema": {"type": "string", "pattern": "^req_[0-9A-HJKMNP-TV-Z]{26}$"},
            "description": "Identifies this request in the logs.",
        }
        if has_key and status not in {"401", "500", "503"}:
            headers.update(RATE_HEADERS)
        if status == "401":
            headers["WWW-Authenticate"] = {"schema": {"type": "string"}, "description": "Always `Bearer`."}
        if status == "429":
            headers["Retry-After"] = {
                "schema": {"type": "integer"},
                "description": "Seconds to wait before the next request.",
            }
        if status == "405":
            headers["Allow"] = {"schema": {"type": "string"}, "description": "Methods that the path supports."}
        if is_idempotent and status.startswith("2"):
            headers["Idempotent-Replayed"] = {
                "schema": {"type": "string", "enum": ["true"]},
                "description": "Present if this is the stored response of an earlier request with the same Idempotency-Key.",
            }


def _drop_derived_titles(node: object) -> None:
    """Remove the titles that Pydantic derives from field names (`Projectid`)."""
    if isinstance(node, dict):
        for name, below in node.items():
            if name == "properties" and isinstance(below, dict):
                for schema in below.values():
                    schema.pop("title", None)
            elif name == "schema" and isinstance(below, dict):
                below.pop("title", None)
            if name not in {"example", "examples"}:
                _drop_derived_titles(below)
    elif isinstance(node, list):
        for below in node:
            _drop_derived_titles(below)


_PAGE: Final = re.compile(r"Page_(\w+)_")
_REFERENCE: Final = "#/components/schemas/"


def _with_plain_names(document: Json) -> Json:
    """Return the document with the schema names that clients should use: `Project`, `ProjectPage`."""
    schemas: Json = document["components"]["schemas"]
    names = {name: schema.get("title", name) for name, schema in schemas.items() if not _PAGE.fullmatch(name)}
    names |= {name: f"{names[page[1]]}Page" for name in schemas if (page := _PAGE.fullmatch(name))}
    for name, schema in schemas.items():
        schema["title"] = names[name]

    def renamed(node: object) -> Any:  # any JSON value
        if isinstance(node, list):
            return [renamed(below) for below in node]
        if not isinstance(node, dict):
            return node
        result = {name: renamed(below) for name, below in node.items()}
        reference = result.get("$ref")
        if isinstance(reference, str) and reference.startswith(_REFERENCE):
            result["$ref"] = _REFERENCE + names[reference.removeprefix(_REFERENCE)]
        return result

    plain: Json = renamed(document)
    plain["components"]["schemas"] = {
        names[name]: schema for name, schema in sorted(plain["components"]["schemas"].items())
    }
    if duplicates := [name for name, count in Counter(names.values()).items() if count > 1]:
        raise RuntimeError(f"two models of the API have the same name in the OpenAPI document: {duplicates}")
    return plain


RATE_HEADERS: Final[Json] = {
    "RateLimit-Limit": {
        "schema": {"type": "integer"},
        "description": "Requests that this key may send per minute; 60000 for a key without a limit.",
    },
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "Requests left in this minute."},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until the count is reset."},
}
IDEMPOTENCY_PARAMETER: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes retries safe: repeated with the same key, the request takes effect once and returns the stored response. Use a new UUID for each new request.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}
