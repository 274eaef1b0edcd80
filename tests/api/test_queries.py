"""Query parameters: unknown and repeated ones are refused on every route with a key, and on no other."""

from uuid import uuid4

import httpx2
import pytest
from tests.api.wire import ALL, Operation, error, issues, operations_of, read_document
from tests.api_server import Api
from tests.world import World


@pytest.fixture
async def client(api: Api) -> httpx2.AsyncClient:
    """A client with a key that has every scope."""
    return await api.client(scopes=ALL)


def _path(operation: Operation) -> str:
    return operation.at({name: str(uuid4()) for name in operation.path_parameters})


async def _keyed(api: Api) -> list[Operation]:
    found = [operation for operation in operations_of(await read_document(api)) if operation.path.startswith("/v1/")]
    assert len(found) > 40
    return found


async def test_every_route_refuses_unknown_parameters(api: Api, client: httpx2.AsyncClient) -> None:
    """Routes with and without parameters, with and without a body, and the publish route name the parameter."""
    for operation in await _keyed(api):
        body = operation.body_example
        answer = await client.request(operation.method, f"{_path(operation)}?colour=red&x", json=body)
        assert issues(answer) == {"colour": "unknown_parameter", "x": "unknown_parameter"}, str(operation)
        assert "VALIDATION" in operation.described["responses"]["422"]["description"], str(operation)


async def test_every_single_parameter_is_refused_twice(api: Api, client: httpx2.AsyncClient) -> None:
    """A parameter with one value that is sent twice is an issue, even with equal values; lists may be repeated."""
    is_list = {"repeatable": 0, "single": 0}
    for operation in await _keyed(api):
        for name, schema in operation.query_parameters.items():
            value = "1" if schema.get("type") == "integer" else "x"
            answer = await client.request(operation.method, f"{_path(operation)}?{name}={value}&{name}={value}")
            found = error(answer)["details"]["issues"] if answer.status_code == 422 else []
            codes = {issue["code"] for issue in found if issue["path"] == name}
            if schema.get("type") == "array":
                assert "repeated_parameter" not in codes, f"{operation} {name}"
                is_list["repeatable"] += 1
            else:
                assert "repeated_parameter" in codes, f"{operation} {name}"
                is_list["single"] += 1
    assert is_list["repeatable"] >= 3
    assert is_list["single"] >= 25


async def test_a_typo_is_answered_with_the_right_name(client: httpx2.AsyncClient) -> None:
    """A similar name is suggested; other names list the parameters; all issues of a query come at once."""
    answer = await client.get("/v1/projects?limt=500&order=up&limit=500&customer_external_id=1&page=2")
    assert {issue["path"]: issue["message"] for issue in error(answer)["details"]["issues"]} == {
        "limt": "`limt` is unknown: did you mean `limit`? Correct the name, or remove the query parameter.",
        "customer_external_id": "`customer_external_id` is unknown: did you mean `customerExternalId`? "
        "Correct the name, or remove the query parameter.",
        "page": "`page` is unknown. Remove it, or use one of: `status`, `customerExternalId`, `order`, `limit`, `cursor`.",
        "limit": "`limit` is 500. Send 200 or less.",
        "order": '`order` is "up", which is not a choice. Send `desc` or `asc`.',
    }
    none = await client.get("/v1/whoami", params={"verbose": "1"})
    assert error(none)["message"] == "`verbose` is unknown: there is no query parameter here. Remove it."


async def test_a_key_and_its_scope_are_checked_first(api: Api) -> None:
    """Without a key or the scope, a query is not read; an unknown path stays 404."""
    stranger, other, reader = (
        await api.anonymous(),
        await api.client(scopes=[]),
        await api.client(scopes=["projects:read"]),
    )
    answers = [await client.get("/v1/projects?colour=red") for client in (stranger, other, reader)]
    assert [answer.status_code for answer in answers] == [401, 403, 422]
    assert (await reader.get("/v1/nowhere?colour=red")).status_code == 404


async def test_a_hundred_parameters_are_reported(client: httpx2.AsyncClient) -> None:
    """A query of thousands of unknown parameters is answered with a hundred issues."""
    answer = await client.get("/v1/projects?" + "&".join(f"p{number}" for number in range(2_000)))
    assert (len(issues(answer)), error(answer)["details"]["truncated"]) == (100, True)


async def test_addresses_for_others_accept_what_they_add(world: World, picture: bytes) -> None:
    """Signed uploads and media keep their own parameters; callbacks and pages accept what platforms and trackers add."""
    anonymous = await world.api.anonymous()
    container = await world.content(await world.project(), picture)
    media = (await world.client.get(f"/v1/content/{container}")).json()["media"][0]["url"]
    assert (await anonymous.get(media)).status_code == 200
    for path in (
        "/oauth/callback/instagram",
        f"/handover/{container}",
        f"/callbacks/managed/sp_{uuid4()}",
        f"/callbacks/draft/sp_{uuid4()}",
        "/webhooks/tiktok/test",
        "/readyz",
        "/healthz",
        "/",
    ):
        for method in ("GET", "POST"):
            answer = await anonymous.request(method, path, params={"fbclid": "x", "utm_source": "mail", "state": "x"})
            assert answer.status_code != 422, f"{path} {answer.text}"
