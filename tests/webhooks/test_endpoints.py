"""Endpoints: creating, reading, changing and deleting them, and their secrets."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.webhooks.conftest import ALL_EVENTS
from tests.world import World

from presswork.events.model import EventType
from presswork.platforms.settings import Settings
from presswork.webhooks.model import MAX_ENDPOINTS

URL = "https://hooks.example.com/presswork?customer=7"


def test_the_names_of_the_events() -> None:
    """The event types have the documented names."""
    assert {event.value for event in EventType} == set(ALL_EVENTS)


async def test_the_life_of_an_endpoint(api: Api, clock: MovableClock) -> None:
    """The settings are read back, the secret is shown only at creation, and a deleted endpoint is 404."""
    client = await api.client()
    body = {"url": URL, "events": ["post.failed", "post.published", "post.failed"], "description": "Newsroom"}
    made = await client.post("/v1/webhook-endpoints", json=body)
    assert made.status_code == 201, made.text
    endpoint, secret = made.json()["endpoint"], made.json()["signingSecret"]
    assert endpoint["id"].startswith("whe_")
    assert secret.startswith("whsec_")
    assert endpoint == {
        "id": endpoint["id"],
        "projectId": None,
        "url": URL,
        "events": ["post.failed", "post.published"],
        "description": "Newsroom",
        "status": "active",
        "pausedAt": None,
        "pausedReason": None,
        "failuresInRow": 0,
        "reviewUrls": True,
        "previousSecretExpiresAt": None,
        "createdAt": endpoint["createdAt"],
        "updatedAt": endpoint["createdAt"],
    }
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    assert (await client.get(path)).json() == endpoint
    listed = await client.get("/v1/webhook-endpoints")
    assert listed.json() == {"items": [endpoint], "nextCursor": None}
    assert secret not in listed.text
    clock.advance(timedelta(seconds=1))
    changed = await client.patch(path, json={"events": ["test.ping"], "description": None, "status": "paused"})
    assert (changed.status_code, changed.json()["url"], changed.json()["events"]) == (200, URL, ["test.ping"])
    assert (changed.json()["description"], changed.json()["pausedReason"]) == (None, "by_request")
    again = await client.patch(path, json={"status": "active"})
    assert (again.json()["status"], again.json()["pausedAt"]) == ("active", None)
    assert (await client.delete(path)).status_code == 200
    assert (await client.get(path)).status_code == 404
    assert (await client.delete(path)).status_code == 404


REFUSED: Final[Sequence[tuple[dict[str, object], str]]] = (
    ({"url": "ftp://hooks.example.com/"}, "url"),
    ({"url": "https://user:password@hooks.example.com/"}, "url"),
    ({"url": "http://127.0.0.1:9000/hooks"}, "url"),
    ({"url": "https://[::1]/hooks"}, "url"),
    ({"url": "https://10.1.2.3/hooks"}, "url"),
    ({"url": "https://169.254.169.254/latest"}, "url"),
    ({"url": "https://localhost/hooks"}, "url"),
    ({"url": "https://hooks.example.com:25/"}, "url"),
    ({"url": "nowhere"}, "url"),
    ({"events": []}, "events"),
    ({"events": ["post.exploded"]}, "events[0]"),
    ({"description": "x" * 201}, "description"),
    ({"status": "sleeping"}, "status"),
)
"""Invalid settings of an endpoint, with the field that the error names."""


async def test_invalid_endpoints_are_refused(world: World) -> None:
    """Private addresses, credentials, other schemes, unknown events: 422 with the field, and nothing is changed."""
    client = world.client
    made = await client.post("/v1/webhook-endpoints", json={"url": URL, "events": ["post.failed"]})
    endpoint = made.json()["endpoint"]
    for change, path in REFUSED:
        responses = [await client.patch(f"/v1/webhook-endpoints/{endpoint['id']}", json=change)]
        if "status" not in change:
            new = {"url": URL, "events": ["post.failed"], **change}
            responses.append(await client.post("/v1/webhook-endpoints", json=new))
        for response in responses:
            assert (response.status_code, response.json()["error"]["code"]) == (422, "VALIDATION"), change
            assert [issue["path"] for issue in response.json()["error"]["details"]["issues"]] == [path], change
    assert (await client.get("/v1/webhook-endpoints")).json()["items"] == [endpoint]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The default settings: private addresses are refused."""
    return settings.model_copy(update={"allow_private_webhooks": False})


async def test_a_refused_private_address_names_the_setting(api: Api) -> None:
    """The message says how the operator of the service allows localhost and private addresses, and only then."""
    client = await api.client()
    for url in ("http://localhost:3000/hooks", "http://127.0.0.1:3000/", "https://10.0.0.7/", "http://[::1]:9000/x"):
        refused = await client.post("/v1/webhook-endpoints", json={"url": url, "events": ["post.failed"]})
        (issue,) = refused.json()["error"]["details"]["issues"]
        assert (issue["path"], issue["code"]) == ("url", "url_refused"), url
        assert issue["message"] == (
            "`url` is refused. The host is an address that is not public. Use a publicly reachable host. "
            "For development, the operator of this service allows such addresses with PRESSWORK_ALLOW_PRIVATE_WEBHOOKS=true."
        )
    odd = await client.post("/v1/webhook-endpoints", json={"url": "ftp://example.com", "events": ["post.failed"]})
    assert "PRESSWORK_ALLOW" not in odd.text


async def test_live_endpoints_require_https(api: Api) -> None:
    """Plain http to a public host is accepted for test keys and refused for live ones."""
    body = {"url": "http://hooks.example.com/", "events": ["post.failed"]}
    responses = [
        await (await api.client(environment=environment)).post("/v1/webhook-endpoints", json=body)
        for environment in ("test", "live")
    ]
    assert [response.status_code for response in responses] == [201, 422]


async def test_an_endpoint_can_be_limited_to_a_project(world: World, api: Api) -> None:
    """Its own active project is accepted; another organization's, an unknown or an archived one is refused."""
    project = await world.project()
    body = {"url": URL, "events": ["post.failed"], "projectId": project}
    made = await world.client.post("/v1/webhook-endpoints", json=body)
    assert made.json()["endpoint"]["projectId"] == project
    rival = await api.client(organization="Rival")
    assert (await rival.post("/v1/webhook-endpoints", json=body)).status_code == 404
    await world.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
    assert (await world.client.post("/v1/webhook-endpoints", json=body)).status_code == 409


async def test_the_organization_is_locked_before_the_project(world: World) -> None:
    """A call that waits for the organization holds no lock on the project, as the lock order says."""
    project, pool = await world.project(), world.api.context.pool
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with pool.acquire() as rival, rival.transaction(), asyncio.timeout(20):
        await rival.execute("SELECT FROM organizations FOR NO KEY UPDATE")
        body = {"url": URL, "events": ["post.failed"], "projectId": project}
        call = asyncio.create_task(world.client.post("/v1/webhook-endpoints", json=body))
        while not await pool.fetchval(waiting):
            pass  # each query is a round trip, so other tasks run
        await rival.execute("SELECT FROM projects FOR NO KEY UPDATE NOWAIT")
    assert (await call).status_code == 201


async def test_the_number_of_endpoints_is_limited(world: World) -> None:
    """Concurrent calls can't exceed the limit of an organization; each environment has its own."""
    body = {"url": URL, "events": ["post.failed"]}
    calls = [world.client.post("/v1/webhook-endpoints", json=body) for _ in range(MAX_ENDPOINTS + 3)]
    statuses = sorted(response.status_code for response in await asyncio.gather(*calls))
    assert statuses == [201] * MAX_ENDPOINTS + [409] * 3
    live = await world.api.client(environment="live")
    assert (await live.post("/v1/webhook-endpoints", json=body)).status_code == 201


async def test_stored_secrets_are_encrypted(world: World) -> None:
    """A replayed response shows the same secret; no row of the database has it in plain text."""
    client, pool = world.client, world.api.context.pool
    body = {"url": URL, "events": ["post.failed"]}
    headers = {"Idempotency-Key": "once"}
    first = await client.post("/v1/webhook-endpoints", json=body, headers=headers)
    second = await client.post("/v1/webhook-endpoints", json=body, headers=headers)
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len((await client.get("/v1/webhook-endpoints")).json()["items"]) == 1
    path = f"/v1/webhook-endpoints/{first.json()['endpoint']['id']}/rotate-secret"
    rotated = [await client.post(path, headers=headers) for _ in range(2)]
    assert rotated[0].content == rotated[1].content
    shown = [first.json()["signingSecret"], rotated[0].json()["signingSecret"]]
    stored = await pool.fetchval(
        "SELECT (SELECT string_agg(e::text, '') FROM webhook_endpoints e) || (SELECT string_agg(k::text, '') FROM idempotency_keys k)"
    )
    raw = b"".join(bytes.fromhex(part[: len(part) // 2 * 2]) for part in _hexes(stored))
    for secret in shown:
        assert secret not in stored
        assert secret.encode() not in raw


def _hexes(text: str) -> list[str]:
    """Return a text in the hexadecimal form of bytes."""
    return [part.partition('"')[0].partition(",")[0].rstrip(")") for part in text.split("\\x")[1:]]
