"""The OpenAPI document: valid, complete, and consistent with the API."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from tests.api.wire import Json, Operation, operations_of, read_document
from tests.api_server import Api, shared_routes

from presswork.api.app import create_routes
from presswork.api.http.openapi import routes_of, scope_of
from presswork.core.errors import STATUS, Code

NOT_FOR_CLIENTS = {
    "/",
    "/console",
    "/console/{path}",
    "/console/assets/{name}",
    "/console/icons/{name}",
    "/console/manifest.webmanifest",
    "/console/service-worker.js",
    "/docs",
    "/errors",
    "/errors/{code}",
    "/assets/{name}",
    "/favicon.ico",
    "/robots.txt",
    "/exports/{exportId}",
    "/uploads/{assetId}",
    "/uploads/{assetId}/parts/{partNumber}",
    "/media/{place}",
    "/oauth/callback/{name}",
    "/oauth/code/{name}",
    "/oauth/{platform}/{document}",
    "/review/{token}",
    "/portal/{token}",
    "/portal/{token}/waiting/{cursor}",
    "/portal/{token}/months/{month}",
    "/portal/{token}/days/{day}",
    "/portal/{token}/live",
    "/portal/{token}/live/{cursor}",
    "/portal/{token}/content/{container}",
    "/unsubscribe/{token}",
    "/connect/{token}",
    "/connect/{token}/logins/{state}",
    "/handover/{ref}",
    "/tiktok/{token}",
    "/callbacks/draft/{postId}",
    "/callbacks/text/{textId}",
    "/webhooks/{platform}/{environment}",
    "/webhooks/meta/deauthorize",
    "/webhooks/meta/data-deletion",
    "/webhooks/{platform}/{environment}/{app}",
    "/webhooks/meta/deauthorize/{app}",
    "/webhooks/meta/data-deletion/{app}",
    "/legal/privacy",
    "/legal/terms",
    "/legal/data-deletion",
    "/legal/data-deletion/{code}",
    "/callbacks/managed/{postId}",
    "/metrics",
    "/openapi.json",
    "/auth/oidc/start",
    "/auth/oidc/callback",
    "/auth/oidc/choose",
    "/mcp",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/oauth/register",
    "/oauth/token",
    "/scim/v2/ServiceProviderConfig",
    "/scim/v2/ResourceTypes",
    "/scim/v2/ResourceTypes/{scimId}",
    "/scim/v2/Schemas",
    "/scim/v2/Schemas/{scimId}",
    "/scim/v2/Users",
    "/scim/v2/Users/{scimId}",
    "/scim/v2/Groups",
    "/scim/v2/Groups/{scimId}",
    "/scim/v2/.search",
    "/scim/v2/Bulk",
    "/oauth/revoke",
    "/oauth/authorize",
    "/oauth/consent",
    "/oauth/sign-in",
    "/v1/sandbox/media/{number}",
}
"""Routes for browsers, platforms and signed links, which API clients don't call."""
WITHOUT_KEY = {
    "GET /v1/auth/session",
    "POST /v1/auth/sign-in",
    "POST /v1/auth/sign-out",
    "POST /v1/auth/accept",
    "POST /v1/auth/second-factor/options",
    "POST /v1/auth/second-factor",
    "POST /v1/auth/totp",
    "POST /v1/auth/totp/confirm",
    "POST /v1/auth/passkeys/options",
    "POST /v1/auth/passkeys",
}
"""Operations with which a browser gets a session, or asks whether it has one; some serve a session, too."""


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """The application without a context, since no test sends a request to it."""
    return shared_routes()


@pytest.fixture(scope="module")
def document(app: FastAPI) -> Json:
    """The document of the application."""
    return app.openapi()


def _responses(operation: Operation) -> Iterator[tuple[int, Json]]:
    for status, answer in operation.described["responses"].items():
        yield int(status), answer


def _violations(document: Json, schema: Json, value: object) -> list[str]:
    """Return the schema violations of a value."""
    validator = OAS31Validator({**schema, "components": document["components"]})
    return [problem.message for problem in validator.iter_errors(value)]


async def test_the_document_is_served(api: Api, document: Json) -> None:
    """/openapi.json returns this document without a key."""
    assert await read_document(api) == document


async def test_the_document_is_built_once_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first requests wait for the document, the event loop runs other tasks; later ones cost it no encoding."""
    encode, encoded = json.dumps, list[object]()

    def dumps(value: object, **options: Any) -> str:
        encoded.append(value)
        return encode(value, **options)

    monkeypatch.setattr("presswork.api.http.openapi.json.dumps", dumps)
    app = create_routes()
    (serve,) = [route.endpoint for route in routes_of(app) if route.path == "/openapi.json"]
    requests = asyncio.gather(serve(), serve())
    turns = 0
    while not requests.done():
        turns += 1
        await asyncio.sleep(0.001)
    first, second = await requests
    assert turns > 10
    assert first.body is second.body
    assert (await serve()).body is first.body
    assert encoded == [json.loads(first.body)] == [app.openapi()]


def test_the_document_is_valid_openapi(document: Json) -> None:
    """The document is valid OpenAPI 3.1 with relative servers and a licence, without FastAPI's error models."""
    validate(document)
    assert document["openapi"].startswith("3.1.")
    assert [server["url"] for server in document["servers"]] == ["/"]
    assert document["info"]["license"]["identifier"] == "Apache-2.0"
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])
    assert "HTTPValidationError" not in str(document)


def test_the_document_begins_with_publish(document: Json) -> None:
    """The reference shows operations in the order of the document."""
    assert [path.rpartition("/")[2] for path in document["paths"]][:3] == ["publish", "schedule", "preflight"]


def test_every_client_route_is_documented(app: FastAPI, document: Json) -> None:
    """The document contains every route except those in a fixed list."""
    described = {(operation.method, operation.path) for operation in operations_of(document)}
    routes = list(routes_of(app))
    served = {
        (method, route.path_format) for route in routes for method in route.methods or () if route.include_in_schema
    }
    assert described == served
    hidden = {route.path_format for route in routes if not route.include_in_schema} - set(document["paths"])
    assert hidden == NOT_FOR_CLIENTS
    assert {path for path in document["paths"] if not path.startswith("/v1/")} == {"/healthz", "/readyz"}


def test_every_operation_is_described(document: Json) -> None:
    """Each operation has an id, a summary, one known tag, and a description with its scope."""
    operations = list(operations_of(document))
    names = [operation.described["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    for operation, name in zip(operations, names, strict=True):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name), name
        (tag,) = operation.described["tags"]
        assert tags[tag], str(operation)
        assert operation.described["summary"][0].isupper(), str(operation)
        assert len(operation.described["description"]) > 20, str(operation)
        if operation.scope:
            assert f"Scope: `{operation.scope}`." in operation.described["description"]
    assert {operation.described["tags"][0] for operation in operations} == set(tags)


def test_every_operation_declares_its_security(app: FastAPI, document: Json) -> None:
    """The security of each operation matches the dependency of its route."""
    scopes = {
        (method, route.path_format): scope_of(route) for route in routes_of(app) for method in route.methods or ()
    }
    for operation in operations_of(document):
        needed = scopes[operation.method, operation.path]
        is_open = not operation.path.startswith("/v1/") or str(operation) in WITHOUT_KEY
        assert operation.needs_key == (needed is not None) == (not is_open), str(operation)
        assert operation.scope == (needed.scope if needed else None), str(operation)
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}


def test_every_parameter_and_body_is_described(document: Json) -> None:
    """Parameters have a description and no null; ids and bodies have valid examples."""
    for operation in operations_of(document):
        for parameter in operation.described.get("parameters", ()):
            where = f"{operation} {parameter['name']}"
            assert parameter["description"], where
            assert "null" not in str(parameter["schema"]), where
            if parameter["in"] == "path":
                assert parameter["schema"]["examples"], where
        schema, example = operation.body_schema, operation.body_example
        if schema is not None:
            assert _violations(document, schema, example) == [], str(operation)


def test_every_success_response_has_an_example(document: Json) -> None:
    """Each success response has an example that matches its schema."""
    for operation in operations_of(document):
        successes = [(status, answer) for status, answer in _responses(operation) if status < 300]
        assert successes, str(operation)
        for _, answer in successes:
            assert answer["description"] != "Successful Response", str(operation)
            assert answer["content"], str(operation)
            for content in answer["content"].values():
                assert _violations(document, content["schema"], content["example"]) == [], str(operation)


def test_every_list_says_whether_it_continues(document: Json) -> None:
    """Each response with `items` to a GET has `nextCursor`: null where the list has one page."""
    schemas, lists = document["components"]["schemas"], dict[str, bool]()
    for operation in operations_of(document):
        content = operation.described["responses"].get("200", {}).get("content", {}).get("application/json")
        if operation.method.upper() != "GET" or content is None:
            continue
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        if "items" in (schema := schemas.get(name, {})).get("properties", {}):
            lists[name] = "nextCursor" in schema["required"]
    assert len(lists) > 15
    assert [name for name, continues in lists.items() if not continues] == []


def test_every_error_response_has_an_example(document: Json) -> None:
    """Each error response lists its codes under their status, with an example per code that matches the schema."""
    envelope = {"$ref": "#/components/schemas/ErrorEnvelope"}
    for operation in operations_of(document):
        for status, answer in _responses(operation):
            assert answer["headers"]["X-Request-Id"], str(operation)
            if status < 400:
                continue
            (content,) = answer["content"].values()
            if operation.path == "/readyz" and status == 503:
                example = content["example"]
                assert _violations(document, content["schema"], example) == []
                assert _violations(document, envelope, {"error": example["error"]}) == []
                continue
            assert content["schema"] == envelope, f"{operation} {status}"
            assert content["examples"], f"{operation} {status}"
            for name, example in content["examples"].items():
                assert STATUS[Code(name)] == status, f"{operation} {status}"
                assert example["value"]["error"]["code"] == name
                assert _violations(document, envelope, example["value"]) == []


def test_dependencies_add_their_error_codes(document: Json) -> None:
    """A key adds 401, 429, 500 and 503; a scope 403; an id 404; a body 413, 415 and 422; an idempotency key 409."""
    for operation in operations_of(document):
        expected = {500}
        names = {parameter["name"] for parameter in operation.described.get("parameters", ())}
        if operation.needs_key:
            expected |= {401, 429, 503}
        if operation.scope:
            expected |= {403}
        if operation.path_parameters:
            expected |= {404}
        if operation.query_parameters:
            expected |= {422}
        if operation.body_schema is not None:
            expected |= {413, 415, 422}
        if "Idempotency-Key" in names:
            expected |= {409, 422}
        responses = dict(_responses(operation))
        assert expected <= set(responses), str(operation)
        if operation.needs_key:
            assert "WWW-Authenticate" in responses[401]["headers"]
            assert {"Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= set(
                responses[429]["headers"]
            )


def test_schemas_have_domain_names(document: Json) -> None:
    """Schema names are those of the domain, without FastAPI's underscores, and each has a description."""
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), name
        assert schema["title"] == name
        assert schema.get("description") or name == "JsonValue", name
