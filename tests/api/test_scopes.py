"""Scopes of every route, as the OpenAPI document lists them, and the order of a request's checks."""

from dataclasses import replace
from typing import Final
from uuid import uuid4

from tests.api.wire import answer_of, error, issues, operations_of, read_document, refusal
from tests.api_server import Api
from tests.people.people import People

from presswork.api.app import create_routes
from presswork.api.http.openapi import routes_of, scope_of
from presswork.callers.model import Principal, Scope, Tier
from presswork.core.enums import Environment

OPEN: Final = {
    "/v1/whoami": "any caller: it returns the caller itself",
    "/v1/platforms": "any caller: it is the same for all",
    "/exports/{exportId}": "the signature authorizes",
    "/v1/sessions": "any user: they are its own; those of others require org:admin",
    "/v1/sessions/{sessionId}": "as above",
    "/v1/agents": "as above",
    "/v1/agents/{agentId}": "as above",
    "/v1/notifications": "any user: they are its own",
    "/v1/notifications/read": "as above",
    "/v1/notification-preferences": "as above",
    "/v1/push/key": "as above",
    "/v1/push/subscriptions": "as above",
    "/unsubscribe/{token}": "the token of the link authorizes",
    "/v1/auth/password": "any user: it is its own",
    "/v1/auth/session": "without a session it says so",
    "/v1/auth/sign-in": "this is how a browser gets a session",
    "/v1/auth/accept": "the link authorizes",
    "/v1/auth/second-factor": "this is how a browser gets a session; reading it, any user: it is its own",
    "/v1/auth/second-factor/options": "a challenge proves nothing",
    "/v1/auth/confirm": "any user: it is its own",
    "/v1/auth/totp": "as above, or a sign-in that waits for it",
    "/v1/auth/totp/confirm": "as above",
    "/v1/auth/passkeys/options": "as above",
    "/v1/auth/passkeys": "as above",
    "/v1/auth/passkeys/{passkeyId}": "any user: it is its own",
    "/v1/auth/recovery-codes": "as above",
    "/v1/auth/sign-out": "without a session it does nothing",
    "/auth/oidc/start": "this is how a browser gets a session",
    "/auth/oidc/callback": "the code and the cookie of the login authorize",
    "/auth/oidc/choose": "the cookie of the sign-in at the provider authorizes",
    "/mcp": "its credentials are checked when a tool calls the API; tests/agents",
    "/.well-known/oauth-protected-resource": "public metadata",
    "/.well-known/oauth-protected-resource/mcp": "as above",
    "/.well-known/oauth-authorization-server": "as above",
    "/oauth/register": "programs register themselves",
    "/oauth/token": "the code or refresh token authorizes",
    "/oauth/revoke": "the token authorizes",
    "/oauth/authorize": "asks for a sign-in without a session",
    "/oauth/consent": "the session and its sealed page authorize",
    "/oauth/sign-in": "this is how a browser gets a session",
    "/tiktok/{token}": "the token authorizes",
    "/healthz": "for load balancers",
    "/readyz": "for load balancers",
    "/metrics": "for monitors",
    "/": "leads to the console",
    "/console": "the page of the console, without any data",
    "/console/{path:path}": "as above",
    "/console/assets/{name}": "its scripts and stylesheets",
    "/console/icons/{name}": "its icons as an app",
    "/console/manifest.webmanifest": "what an app needs",
    "/console/service-worker.js": "the script of its page without a connection",
    "/docs": "the reference",
    "/errors": "what the error codes mean",
    "/errors/{code}": "as above",
    "/assets/{name}": "stylesheets, scripts and the icon",
    "/favicon.ico": "the icon",
    "/robots.txt": "rules for crawlers",
    "/openapi.json": "the OpenAPI document",
    "/oauth/callback/{name}": "redirect URI of platforms; the state authorizes",
    "/oauth/code/{name}": "as above",
    "/oauth/{platform}/{document:path}": "public metadata and keys of the app, for servers of platforms",
    "/connect/{token}": "the token of the link authorizes",
    "/review/{token}": "as above",
    "/portal/{token}": "as above",
    "/portal/{token}/waiting/{cursor}": "as above",
    "/portal/{token}/months/{month}": "as above",
    "/portal/{token}/days/{day}": "as above",
    "/portal/{token}/live": "as above",
    "/portal/{token}/live/{cursor}": "as above",
    "/portal/{token}/content/{container}": "as above",
    "/portal/{token}/content/{container}/write": "as above",
    "/connect/{token}/logins/{state}": "as above",
    "/uploads/{assetId}": "the link is signed",
    "/uploads/{assetId}/parts/{partNumber}": "the link is signed",
    "/media/{place:path}": "the link is signed",
    "/handover/{ref}": "the link is signed",
    "/callbacks/managed/{postId}": "the report is signed",
    "/callbacks/draft/{postId}": "the report is signed",
    "/callbacks/text/{textId}": "the report is signed",
    "/webhooks/{platform}/{environment}": "the report is signed",
    "/webhooks/meta/deauthorize": "the request is signed",
    "/webhooks/meta/data-deletion": "the request is signed",
    "/webhooks/{platform}/{environment}/{app}": "the report is signed",
    "/webhooks/meta/deauthorize/{app}": "the request is signed",
    "/webhooks/meta/data-deletion/{app}": "the request is signed",
    "/scim/v2/ServiceProviderConfig": "a SCIM token authorizes; tests/provisioning",
    "/scim/v2/ResourceTypes": "as above",
    "/scim/v2/ResourceTypes/{scimId}": "as above",
    "/scim/v2/Schemas": "as above",
    "/scim/v2/Schemas/{scimId}": "as above",
    "/scim/v2/Users": "as above",
    "/scim/v2/Users/{scimId}": "as above",
    "/scim/v2/Groups": "as above",
    "/scim/v2/Groups/{scimId}": "as above",
    "/scim/v2/.search": "as above",
    "/scim/v2/Bulk": "as above",
    "/legal/privacy": "for everybody",
    "/legal/terms": "for everybody",
    "/legal/data-deletion": "for everybody",
    "/legal/data-deletion/{code}": "the confirmation code authorizes",
}


def _at_random(path_parameters: object) -> dict[str, str]:
    return {name: str(uuid4()) for name in path_parameters}  # type: ignore[attr-defined]  # a list of names


async def test_every_route_requires_exactly_its_scope(api: Api) -> None:
    """A key with all other scopes gets 403 with the missing scope; a key with only that scope is accepted."""
    operations = [operation for operation in operations_of(await read_document(api)) if operation.needs_key]
    wanted = {operation.scopes for operation in operations if operation.scope}
    without_scope = {
        scopes: await api.client(scopes=[other for other in Scope if other not in scopes]) for scopes in wanted
    }
    enough = {scope: await api.client(scopes=[scope]) for scopes in wanted for scope in scopes}
    bare = await api.client(scopes=[])
    assert len(wanted) >= 8
    for operation in operations:
        path = operation.at(_at_random(operation.path_parameters))
        if operation.scope is None:
            assert operation.path in OPEN, f"{operation} is open to every key"
            expected = {200} if operation.path in {"/v1/whoami", "/v1/platforms"} else {401, 404, 422}
            assert (await bare.request(operation.method, path)).status_code in expected, str(operation)
            continue
        for client in (without_scope[operation.scopes], bare):
            answer = await client.request(operation.method, path)
            assert refusal(answer) == (403, "FORBIDDEN_SCOPE"), str(operation)
            assert error(answer)["details"] == {"requiredScope": operation.scope}
        for scope in operation.scopes:
            answer = await answer_of(enough[scope], operation, path)
            assert answer.status_code in {200, 404, 422}, str(operation)
            assert answer.headers.get_list("x-content-type-options") == ["nosniff"], str(operation)


async def test_every_role_has_exactly_its_scopes(api: Api) -> None:
    """On every route a session of each role is refused with the missing scope, or accepted if the role includes it.

    No browser keeps what it reads so, nor takes it for something else.
    """
    operations = [one for one in operations_of(await read_document(api)) if one.scope and not one.is_stream]
    people = People(api)
    reads = {scope for scope in Scope if scope.value.endswith(":read") and scope is not Scope.METRICS_READ}
    writes = {Scope.CONTENT_WRITE, Scope.PUBLISH_WRITE, Scope.SOCIAL_WRITE, Scope.COMMENTS_WRITE}
    roles = {
        "viewer": reads,
        "author": reads | {Scope.CONTENT_WRITE},
        "publisher": reads | writes,
        "approver": reads | {Scope.CONTENT_APPROVE},
        "admin": set(Scope) - {Scope.METRICS_READ, Scope.INSTALLATION_ADMIN},
    }
    for role, scopes in roles.items():
        client = await people.signed_in(role)
        assert set((await client.get("/v1/whoami")).json()["scopes"]) == scopes
        for operation in operations:
            answer = await client.request(operation.method, operation.at(_at_random(operation.path_parameters)))
            is_admin = role == "admin" and operation.scope == Scope.INSTALLATION_ADMIN  # of the first organization
            if operation.scopes & scopes or is_admin:
                assert answer.status_code in {200, 404, 422}, f"{role} {operation}: {answer.text}"
                assert answer.headers.get_list("cache-control") == ["no-store"], str(operation)
                assert answer.headers.get_list("x-content-type-options") == ["nosniff"], str(operation)
            else:
                assert refusal(answer) == (403, "FORBIDDEN_SCOPE"), f"{role} {operation}"
                assert error(answer)["details"] == {"requiredScope": operation.scope}


async def test_every_write_of_a_session_needs_its_own_page(api: Api) -> None:
    """No route that writes accepts a session without the Origin of this server and the header of the console."""
    admin = await People(api).signed_in("admin")
    asked = 0
    for operation in operations_of(await read_document(api)):
        if operation.method == "GET" or not operation.needs_key:
            continue
        path = operation.at(_at_random(operation.path_parameters))
        for headers in ({"Origin": "https://evil.example"}, {"X-Presswork-Console": "0"}):
            answer = await admin.request(operation.method, path, json={}, headers=headers)
            assert refusal(answer) == (403, "FORBIDDEN_ORIGIN"), str(operation)
        asked += 1
    assert asked > 40


def test_routes_without_a_scope_are_listed() -> None:
    """A route without a scope, documented or not, is in a fixed list with the reason."""
    asked = {}
    for route in routes_of(create_routes()):
        scope = scope_of(route)
        asked[route.path] = None if scope is None else scope.scope
    assert {path for path, scope in asked.items() if scope is None} <= set(OPEN)
    assert len(asked) > len(OPEN) + 20


async def test_every_v1_route_requires_a_key(api: Api) -> None:
    """Without a key, every route returns 401, whatever the path and the body."""
    anonymous = await api.anonymous()
    for operation in operations_of(await read_document(api)):
        if operation.path.startswith("/v1/") and operation.needs_key:
            path = operation.at(dict.fromkeys(operation.path_parameters, "x"))
            answer = await anonymous.request(operation.method, path, content=b"{", headers={"Content-Type": "x/y"})
            assert refusal(answer) == (401, "UNAUTHENTICATED"), str(operation)


async def test_star_includes_every_scope_except_org_admin(api: Api) -> None:
    """A key with `*` is accepted on every route that does not require org:admin or installation:admin."""
    star = await api.client(scopes=["*"])
    for operation in operations_of(await read_document(api)):
        if operation.scope is not None:
            answer = await answer_of(star, operation, operation.at(_at_random(operation.path_parameters)))
            is_refused = answer.status_code == 403
            assert is_refused == (operation.scope in {Scope.ORG_ADMIN, Scope.INSTALLATION_ADMIN}), str(operation)


def test_org_admin_and_metrics_must_be_listed() -> None:
    """A key with `*` that does not list them has neither org:admin nor metrics:read, which shows all tenants' figures."""
    star = Principal(
        key_id=uuid4(),
        organization_id=uuid4(),
        environment=Environment.TEST,
        scopes=frozenset({"*"}),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
    )
    assert {scope for scope in Scope if not star.may(scope)} == {
        Scope.METRICS_READ,
        Scope.ORG_ADMIN,
        Scope.INSTALLATION_ADMIN,
    }
    assert replace(star, scopes=frozenset({"org:admin"})).may(Scope.ORG_ADMIN)
    assert not any(replace(star, scopes=frozenset()).may(scope) for scope in Scope)


async def test_checks_run_in_a_fixed_order(api: Api) -> None:
    """Of several errors the first is returned: key, rate, scope, body, idempotency key, then the object."""
    url = f"/v1/content/{uuid4()}/publish"
    faulty = {"content": b"{", "headers": {"Content-Type": "text/plain", "Idempotency-Key": "a b"}}
    assert (await (await api.anonymous()).post(url, **faulty)).status_code == 401  # type: ignore[arg-type]  # mixed values
    slow = await api.client(scopes=["publish:read"], tier=Tier.STANDARD)
    assert refusal(await slow.post(url, **faulty)) == (403, "FORBIDDEN_SCOPE")  # type: ignore[arg-type]  # as above
    await api.context.pool.execute("UPDATE rate_windows SET calls = 60")
    assert refusal(await slow.post(url, **faulty)) == (429, "RATE_LIMITED")  # type: ignore[arg-type]  # as above
    good = await api.client()
    assert refusal(await good.post(url, **faulty)) == (415, "UNSUPPORTED_MEDIA_TYPE")  # type: ignore[arg-type]  # as above
    as_json = {"Content-Type": "application/json", "Idempotency-Key": "a b"}
    assert issues(await good.post(url, content=b"{", headers=as_json)) == {"": "invalid_json"}
    assert issues(await good.post(url, content=b"{}", headers=as_json)) == {"targets": "required"}
    body = {"targets": [{"socialAccountId": f"sa_{uuid4()}", "mode": "publish"}]}
    headers = {"Idempotency-Key": "a b"}
    assert issues(await good.post(url, json=body, headers=headers)) == {"Idempotency-Key": "bad_idempotency_key"}
    assert refusal(await good.post(url, json=body)) == (404, "NOT_FOUND")
