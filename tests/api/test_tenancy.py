"""Tenancy: on every route and for every id parameter, a foreign object is indistinguishable from a missing one.

The routes come from the OpenAPI document. A route with an id of a kind that `tenants` does not create fails here, so that
no route is added without this test.
"""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import timedelta
from typing import Final
from uuid import uuid4

import httpx2
import pytest
from tests.api.tenants import OF_THE_INSTALLATION, Tenants, lay_out, lay_out_live
from tests.api.wire import ALL, UUID_TEXT, Json, Operation, error, operations_of, read_document
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.people import People
from tests.tiers import sampled
from tests.world import World

from presswork.core.ids import new_ulid
from presswork.core.timestamps import write_instant

CLIENTS_CHOICE: Final = frozenset({"scheduledPostId"})
"""Ids that the client chooses. They are unique across organizations, so a foreign one is a conflict."""
REPORTS_REFUSALS: Final = frozenset({"preflight_content", "create_import"})
"""Operations that return errors in a 200 response."""
REPORTS_LATER: Final = frozenset({"create_bulk_job"})
"""Operations whose refusals a worker reports: tests/posts/test_bulk.py."""
OF_THE_CALLER: Final = ("/v1/whoami", "/v1/sessions", "/v1/agents", "/v1/notification", "/v1/push", "/v1/auth/")
"""Operations about the caller itself: tests/people/test_attacks.py and tests/agents ask for those of others."""
ASKS_THE_PLATFORM: Final = "/v1/social-accounts/{socialAccountId}/creator-info"
"""Live platforms are not configured in tests: 503."""
DIFFERS: Final = frozenset({"x-request-id", "date", "ratelimit-remaining", "ratelimit-reset"})
"""Headers that differ between responses. Content-Length is not included: all ids have the same length."""
_ID: Final = re.compile(r"\^([a-z]+)_\[0-9a-f")


Place = tuple[str | int, ...]


@pytest.fixture
async def owner(api: Api) -> Tenants:
    """A key that has one object of each kind."""
    return await lay_out(World(api=api, client=await api.client(scopes=ALL)), handle="owner")


@pytest.fixture(
    params=sampled(
        ["key organization", "key environment", "session organization", "session environment"],
        "key organization",
        "session environment",
    )
)
async def stranger(api: Api, request: pytest.FixtureRequest) -> Tenants:
    """A key or an administrator with all scopes and own objects, in another organization or in the other environment."""
    domains = ("localhost", "app.example.com")
    caller, _, place = request.param.partition(" ")
    organization, environment = ("Rival", "test") if place == "organization" else ("Acme", "live")
    if caller == "key":
        client = await api.client(
            organization=organization, environment=environment, return_domains=domains, scopes=ALL
        )
    else:
        client = await People(api).signed_in("admin", organization=organization, environment=environment)
    if place == "organization":
        return await lay_out(World(api=api, client=client), handle="stranger")
    return await lay_out_live(api, client)


def unknown(thing: str) -> str:
    """Return a random id with the same prefix."""
    fresh = UUID_TEXT.sub(str(uuid4()), thing)
    return fresh if fresh != thing else new_ulid(thing.partition("_")[0])


def resolved(schema: Json, document: Json) -> Json:
    """Resolve a reference; of a nullable schema, return the other one."""
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
    return schema


def ids_in(schema: Json, document: Json, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Yield the places of ids in a body with their prefixes; of a list, only the first item."""
    schema = resolved(schema, document)
    if match := _ID.match(schema.get("pattern", "")):
        yield place, match[1]
    for name, below in schema.get("properties", {}).items():
        yield from ids_in(below, document, (*place, name))
    if "items" in schema:
        yield from ids_in(schema["items"], document, (*place, 0))


def body_of(operation: Operation, tenants: Tenants, clock: MovableClock) -> Json | None:
    """Return a valid body with ids of the caller's objects."""

    def filled(value: object, name: str = "") -> object:
        if isinstance(value, dict):
            return {key: filled(below, key) for key, below in value.items()}
        if isinstance(value, list):
            return [filled(below, name) for below in value]
        if name == "scheduledFor":
            return write_instant(clock.now() + timedelta(days=1))
        if isinstance(value, str) and UUID_TEXT.fullmatch(value.partition("_")[2]) and name not in CLIENTS_CHOICE:
            return tenants.own(value.partition("_")[0])
        return value

    example = operation.body_example
    if example is None:
        return None
    body = filled(example)
    assert isinstance(body, dict)
    return body


def put(body: Json, place: Place, value: str) -> Json:
    """Return the body with the value at a place replaced."""
    changed = deepcopy(body)
    node: object = changed
    for step, following in zip(place, (*place[1:], None), strict=True):
        last = following is None
        if isinstance(step, int):
            assert isinstance(node, list)
            if not node:
                node += {"assetId": [{"altText": "A loaf"}], "media": [{"text": "A"}, {"text": "B"}]}.get(
                    str(following), [None]
                )
            if last:
                node[step] = value
            node = node[step]
        else:
            assert isinstance(node, dict)
            if last:
                node[step] = value
            node = node.setdefault(step, [] if isinstance(following, int) else {})
    return changed


def verdict(answer: httpx2.Response, *ids: str) -> tuple[int, str, str, dict[str, str]]:
    """Return status, headers and body of a response, without the requested ids."""
    headers = {name: value for name, value in answer.headers.items() if name not in DIFFERS}
    is_refused = answer.status_code >= 400
    found = error(answer) if is_refused else {}
    text = f"{found['message']} {found.get('details')}" if is_refused else answer.text
    for thing in ids:
        text = text.replace(thing, "…")
    if is_refused:
        return answer.status_code, str(found["code"]), text, headers
    return answer.status_code, "", "" if UUID_TEXT.search(text) else text, headers


async def _operations(api: Api) -> tuple[Json, Sequence[Operation]]:
    """Return the operations that need a key. Whose events a stream has: tests/events/test_stream.py."""
    document = await read_document(api)
    return document, [
        operation
        for operation in operations_of(document)
        if operation.needs_key and not operation.is_stream and not operation.path.startswith(OF_THE_INSTALLATION)
    ]


async def _everything(owner: Tenants, operations: Sequence[Operation]) -> dict[str, Json]:
    """Read everything that the owner can read, except signed links, which differ each time."""
    seen = {}
    for operation in operations:
        if operation.method == "GET" and not operation.path.startswith(OF_THE_CALLER):
            answer = await owner.client.get(operation.at(owner.by_parameter))
            assert answer.status_code == 200, f"{operation}: {answer.text}"
            seen[str(operation)] = answer.json()
    return seen


def _read_again(before: dict[str, Json]) -> dict[str, Json]:
    """Return what another reading finds if nothing changed: as before, but the calls of a reading are usage too."""
    again = deepcopy(before)
    again["GET /v1/usage"]["items"][0]["apiCalls"] += len(before)
    return again


async def test_foreign_id_in_a_path_is_not_found(
    api: Api, owner: Tenants, stranger: Tenants, clock: MovableClock
) -> None:
    """Every route returns 404, with the same response as for a random id, and changes nothing of the owner."""
    _, operations = await _operations(api)
    before = await _everything(owner, operations)
    asked = 0
    for operation in operations:
        missing = set(operation.path_parameters) - set(owner.by_parameter)
        assert not missing, f"{operation} has an unknown id parameter: add {missing} to tenants"
        if not operation.path_parameters or operation.path.startswith(stranger.shared):
            continue
        body = body_of(operation, stranger, clock)
        answers = []
        for ids in (owner.by_parameter, {name: unknown(thing) for name, thing in owner.by_parameter.items()}):
            answer = await stranger.client.request(operation.method, operation.at(ids), json=body)
            answers.append(verdict(answer, *ids.values()))
        assert answers[0] == answers[1], str(operation)
        # What a session alone may do is refused to every key in the same way.
        is_of_session = operation.path.startswith("/v1/auth/") and "authorization" in stranger.client.headers
        expected = (401, "UNAUTHENTICATED") if is_of_session else (404, "NOT_FOUND")
        assert answers[0][:2] == expected, f"{operation}: {answers[0]}"
        asked += 1
    assert asked >= 15
    assert await _everything(owner, operations) == _read_again(before)


async def test_foreign_id_in_a_body_is_not_found(
    api: Api, owner: Tenants, stranger: Tenants, clock: MovableClock
) -> None:
    """With the caller's own objects in the path, a foreign id in the body is rejected exactly like a random one."""
    document, operations = await _operations(api)
    before = await _everything(owner, operations)
    swapped = set()
    for operation in operations:
        if operation.body_schema is None:
            continue
        body = body_of(operation, stranger, clock)
        assert body is not None
        for place, prefix in ids_in(operation.body_schema, document):
            is_of_user = place[0] == "projectIds" and bool(stranger.shared)  # users see projects of both environments
            if place[-1] in CLIENTS_CHOICE or prefix in stranger.shared_kinds or is_of_user:
                continue
            assert set(operation.path_parameters) <= set(stranger.by_parameter), str(operation)
            path = operation.at(stranger.by_parameter)
            answers = []
            for thing in (owner.own(prefix), unknown(owner.own(prefix))):
                answer = await stranger.client.request(operation.method, path, json=put(body, place, thing))
                answers.append(verdict(answer, thing, *stranger.by_parameter.values()))
            assert answers[0] == answers[1], f"{operation} {place}"
            if operation.described["operationId"] in REPORTS_LATER:
                assert answers[0][0] in {202, 422}, f"{operation} {place}: {answers[0]}"
            elif operation.described["operationId"] in REPORTS_REFUSALS:
                assert answers[0][0] == 200, f"{operation} {place}: {answers[0]}"
                assert '"code":"NOT_FOUND"' in answers[0][2], f"{operation} {place}: {answers[0]}"
            else:
                assert answers[0][0] in {404, 422, 503}, f"{operation} {place}: {answers[0]}"
            swapped.add((operation.described["operationId"], place[-1]))
    assert {("publish_content", "socialAccountId"), ("create_reauth_url", "socialAccountId")} <= swapped
    assert await _everything(owner, operations) == _read_again(before)


_NOTHING: Final[dict[str, Json]] = {
    "/v1/comments/summary": {"new": 0, "open": 0, "done": 0},
    "/v1/scheduled-posts/count": {"total": 0, "isCapped": False},
    "/v1/scheduled-posts/summary": {"timezone": "UTC", "days": [], "accounts": []},
}
"""What a filter returns that finds nothing, where that is not an empty page."""


async def test_foreign_id_in_a_query_finds_nothing(api: Api, owner: Tenants, stranger: Tenants) -> None:
    """A filter by a foreign id returns the same empty page, or summary, as one by a random id."""
    document, operations = await _operations(api)
    asked = 0
    for operation in operations:
        for name, schema in operation.query_parameters.items():
            for _, prefix in ids_in(schema, document):
                if prefix in stranger.shared_kinds:
                    continue
                path = operation.at(stranger.by_parameter)
                pages = [
                    (await stranger.client.get(path, params={name: thing})).json()
                    for thing in (owner.own(prefix), unknown(owner.own(prefix)))
                ]
                empty = _NOTHING.get(operation.path, {"items": [], "nextCursor": None})
                assert pages == [empty] * 2, f"{operation} {name}"
                asked += 1
    assert asked >= 2


async def test_responses_contain_no_foreign_ids(api: Api, owner: Tenants, stranger: Tenants) -> None:
    """Everything that a key can read contains its own objects and no foreign id."""
    _, operations = await _operations(api)
    read = 0
    for operation in operations:
        if operation.method != "GET" or not set(operation.path_parameters) <= set(stranger.by_parameter):
            continue
        if operation.path.startswith(stranger.shared) or operation.path.startswith(OF_THE_CALLER):
            continue
        answer = await stranger.client.get(operation.at(stranger.by_parameter))
        is_away = operation.path == ASKS_THE_PLATFORM and answer.status_code == 503
        assert answer.status_code == 200 or is_away, f"{operation}: {answer.text}"
        assert not owner.uuids_but(stranger.shared_kinds) & set(UUID_TEXT.findall(answer.text)), str(operation)
        read += 1
    assert read >= 8
    items = (await stranger.client.get("/v1/projects")).json()["items"]
    assert [item["id"] for item in items] == [stranger.by_parameter["projectId"]]


async def test_audit_log_contains_no_foreign_entries(api: Api, owner: Tenants, stranger: Tenants) -> None:
    """The audit log has no foreign entries, with and without filter, except operators, which belong to both environments."""
    seen = (await owner.client.get("/v1/audit-log", params={"limit": 100})).json()["items"]
    logged = {item["objectId"] for item in seen}
    assert {owner.by_parameter[name] for name in ("projectId", "layerId", "keyId", "operatorId")} <= logged
    whole = await stranger.client.get("/v1/audit-log", params={"limit": 100})
    assert not owner.uuids_but(stranger.shared_kinds) & set(UUID_TEXT.findall(whole.text))
    for thing in logged - {None}:
        page = (await stranger.client.get("/v1/audit-log", params={"objectId": thing})).json()["items"]
        assert bool(page) == (thing.partition("_")[0] in {*stranger.shared_kinds, "org"} and bool(stranger.shared)), (
            thing
        )
