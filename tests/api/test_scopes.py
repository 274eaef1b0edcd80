"""Scopes: deny by default, route by route, as the API describes itself; and the order in which a call is checked."""

from dataclasses import replace
from typing import Final
from uuid import uuid4

from tests.api.wire import error, issues, operations_of, read_document, refusal
from tests.conftest import Api

from presswork.api.app import create_routes
from presswork.api.openapi import routes_of, scope_of
from presswork.core.enums import Environment
from presswork.orgs.model import Principal, Scope, Tier

OPEN: Final = {
    "/v1/whoami": "any key will do: it tells of the key itself",
    "/healthz": "for load balancers",
    "/readyz": "for load balancers",
    "/metrics": "for monitors",
    "/": "a page that says where things are",
    "/docs": "the reference",
    "/oauth/callback/{platform}": "people come here by a platform's redirect; the state is the right",
    "/uploads/{assetId}": "the link is signed",
    "/media/{place:path}": "the link is signed",
    "/handover/{ref}": "the link is signed",
    "/callbacks/managed/{postId}": "the report is signed",
    "/callbacks/draft/{postId}": "the report is signed",
    "/callbacks/text/{textId}": "the report is signed",
    "/webhooks/{platform}/{environment}": "the report is signed",
}


def _at_random(path_parameters: object) -> dict[str, str]:
    return {name: str(uuid4()) for name in path_parameters}  # type: ignore[attr-defined]  # a list of names


async def test_every_route_asks_for_its_own_scope_and_no_other(api: Api) -> None:
    """A key with every scope but the one is refused and told which; a key with that one alone gets past the door."""
    operations = [operation for operation in operations_of(await read_document(api)) if operation.needs_key]
    wanted = sorted({operation.scope for operation in operations if operation.scope})
    lacking = {scope: await api.client(scopes=[other for other in Scope if other != scope]) for scope in wanted}
    enough = {scope: await api.client(scopes=[scope]) for scope in wanted}
    bare = await api.client(scopes=[])
    assert len(wanted) >= 8
    for operation in operations:
        path = operation.at(_at_random(operation.path_parameters))
        if operation.scope is None:
            assert operation.path == "/v1/whoami", f"{operation} is open to every key"
            assert (await bare.request(operation.method, path)).status_code == 200
            continue
        for client in (lacking[operation.scope], bare):
            answer = await client.request(operation.method, path)
            assert refusal(answer) == (403, "FORBIDDEN_SCOPE"), str(operation)
            assert error(answer)["details"] == {"requiredScope": operation.scope}
        answer = await enough[operation.scope].request(operation.method, path)
        assert answer.status_code in {200, 404, 422}, str(operation)


def test_every_route_asks_for_a_scope_or_is_known_to_be_open() -> None:
    """Documented or not: a route without a declared scope is on the short list, with the reason why it can be."""
    asked = {}
    for route in routes_of(create_routes()):
        scope = scope_of(route)
        asked[route.path] = None if scope is None else scope.scope
    assert {path for path, scope in asked.items() if scope is None} <= set(OPEN)
    assert len(asked) > len(OPEN) + 20


async def test_every_route_under_v1_asks_for_a_key(api: Api) -> None:
    """There is no way around the door: without a key, each of them is 401, whatever the path and the body."""
    anonymous = await api.anonymous()
    for operation in operations_of(await read_document(api)):
        if operation.path.startswith("/v1/"):
            path = operation.at(dict.fromkeys(operation.path_parameters, "x"))
            answer = await anonymous.request(operation.method, path, content=b"{", headers={"Content-Type": "x/y"})
            assert refusal(answer) == (401, "UNAUTHENTICATED"), str(operation)


async def test_a_star_is_every_scope_but_the_organizations(api: Api) -> None:
    """`*` opens every route that does not ask for org:admin."""
    star = await api.client(scopes=["*"])
    for operation in operations_of(await read_document(api)):
        if operation.scope is not None:
            answer = await star.request(operation.method, operation.at(_at_random(operation.path_parameters)))
            is_refused = answer.status_code == 403
            assert is_refused == (operation.scope == Scope.ORG_ADMIN), str(operation)


def test_a_star_is_never_the_organizations_own_scope() -> None:
    """org:admin has to be given by name, whatever else a key carries."""
    star = Principal(
        key_id=uuid4(),
        organization_id=uuid4(),
        environment=Environment.TEST,
        scopes=frozenset({"*"}),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
    )
    assert [scope for scope in Scope if not star.may(scope)] == [Scope.ORG_ADMIN]
    assert replace(star, scopes=frozenset({"org:admin"})).may(Scope.ORG_ADMIN)
    assert not any(replace(star, scopes=frozenset()).may(scope) for scope in Scope)


async def test_the_first_failing_check_answers(api: Api) -> None:
    """Key, rate, scope, body, idempotency key, and only then the thing itself: one fault is mended at a time."""
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
    assert issues(await good.post(url, content=b"{", headers=as_json)) == {"": "json_invalid"}
    assert issues(await good.post(url, content=b"{}", headers=as_json)) == {"targets": "missing"}
    body = {"targets": [{"socialAccountId": f"sa_{uuid4()}", "mode": "publish"}]}
    headers = {"Idempotency-Key": "a b"}
    assert issues(await good.post(url, json=body, headers=headers)) == {"Idempotency-Key": "bad_idempotency_key"}
    assert refusal(await good.post(url, json=body)) == (404, "NOT_FOUND")
