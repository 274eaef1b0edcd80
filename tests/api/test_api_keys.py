"""API keys through the API: what administrators of an organization can and can't change."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from tests.api.wire import ALL, error, issues, refusal
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock

from presswork.audit.model import Action
from presswork.callers.model import Scope, Tier
from presswork.core.errors import Code
from presswork.orgs.keys import KeyCache, change_key_status
from presswork.platforms.settings import Settings

Json = dict[str, Any]  # answers nest freely


@pytest.fixture
async def admin(api: Api) -> httpx2.AsyncClient:
    """A client with an org:admin key."""
    return await api.client(scopes=["org:admin"])


async def made(admin: httpx2.AsyncClient, **fields: object) -> Json:
    """Create a key and return the response body."""
    answer = await admin.post("/v1/api-keys", json={"scopes": ["projects:read"], **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def holder(api: Api, answer: Json) -> httpx2.AsyncClient:
    """Return a client with a created key."""
    return await api.anonymous(headers={"Authorization": f"Bearer {answer['key']}"})


async def until_subscribed(node: Api, client: httpx2.AsyncClient, *, is_subscribed: bool = True) -> None:
    """Wait until a node's key cache is subscribed, or no longer is. Each check is a request, so other tasks run."""
    while node.context.part(KeyCache).is_subscribed is not is_subscribed:
        await client.get("/v1/projects")


async def test_created_key_has_the_requested_permissions(api: Api, admin: httpx2.AsyncClient) -> None:
    """A created key has the requested scopes, domains and operator, and the caller's organization and environment."""
    operator = (await admin.post("/v1/operators", json={"name": "Ines"})).json()["id"]
    answer = await made(
        admin,
        name="Shop",
        scopes=["projects:read", "*", "projects:read"],
        tier="pilot",
        returnDomains=["App.Example.com", "*.shop.example"],
        operatorId=operator,
    )
    client, who = await holder(api, answer), (await admin.get("/v1/whoami")).json()
    shown = answer["apiKey"]
    assert (await client.get("/v1/whoami")).json() == {
        "organizationId": who["organizationId"],
        "organizationName": "Acme",
        "environment": "test",
        "keyId": shown["id"],
        "userId": None,
        "scopes": ["*", "projects:read"],
        "tier": "pilot",
        "returnDomains": ["app.example.com", "*.shop.example"],
        "operatorId": operator,
    }
    assert answer["key"].split("_")[:3] == ["lp", "test", shown["lookup"]]
    assert (shown["name"], shown["status"], shown["lastUsedAt"]) == ("Shop", "active", None)
    assert refusal(await client.get("/v1/api-keys")) == (403, "FORBIDDEN_SCOPE")
    secret = answer["key"].split("_", 3)[3]
    for read in ("/v1/api-keys", f"/v1/api-keys/{shown['id']}", "/v1/audit-log"):
        assert secret not in (await admin.get(read)).text


async def test_keys_of_the_other_environment_are_out_of_reach(api: Api) -> None:
    """A live key creates live keys; a test key can neither create nor see them."""
    live, test = await api.client(scopes=ALL, environment="live"), await api.client(scopes=ALL)
    answer = await made(live, name="live one")
    assert answer["key"].startswith("lp_live_")
    assert answer["apiKey"]["environment"] == "live"
    assert answer["apiKey"]["id"] not in (await test.get("/v1/api-keys")).text
    assert issues(await test.post("/v1/api-keys", json={"scopes": ["*"], "environment": "live"})) == {
        "environment": "unknown_field"
    }


async def test_invalid_keys_are_not_created(api: Api) -> None:
    """No or unknown scopes, a host with a path, a foreign operator and a higher tier return 422 and create no row."""
    admin = await api.client(scopes=ALL, tier=Tier.PILOT)
    stranger = await api.client(scopes=ALL, organization="Rival")
    theirs = (await stranger.post("/v1/operators", json={"name": "Rui"})).json()["id"]
    before = await api.context.pool.fetchval("SELECT count(*) FROM api_keys")
    for body, place in (
        ({}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["publish"]}, "scopes[0]"),
        ({"scopes": ["*"], "returnDomains": ["https://a.example/x"]}, "returnDomains[0]"),
        ({"scopes": ["*"], "returnDomains": ["a.example", "*."]}, "returnDomains[1]"),
        *(
            ({"scopes": ["*"], "returnDomains": [domain]}, "returnDomains[0]")
            for domain in ("*", ".", "", "a.", ".a.example", "*.com", "*.1.2.3.4", "*.[::1]", "1::2::3")
        ),
        ({"scopes": ["*"], "operatorId": theirs}, "operatorId"),
        ({"scopes": ["*"], "operatorId": f"opr_{uuid4()}"}, "operatorId"),
        ({"scopes": ["*"], "tier": "partner"}, "tier"),
        ({"scopes": ["*"], "tier": "unlimited"}, "tier"),
    ):
        assert list(issues(await admin.post("/v1/api-keys", json=body))) == [place], body
    assert await api.context.pool.fetchval("SELECT count(*) FROM api_keys") == before
    assert (await made(admin))["apiKey"]["tier"] == "pilot"
    assert (await made(admin, tier="standard"))["apiKey"]["tier"] == "standard"
    of_installation = {Scope.METRICS_READ, Scope.INSTALLATION_ADMIN}
    others = [scope.value for scope in Scope if scope not in of_installation]
    assert (await made(admin, scopes=["org:admin", *others]))["apiKey"]["scopes"][0] == "org:admin"


async def test_only_a_key_with_metrics_read_can_grant_it(api: Api) -> None:
    """An organization's admin can't create a key that reads the figures of the whole installation."""
    tenant = await api.client(scopes=ALL)
    refused = await tenant.post("/v1/api-keys", json={"scopes": ["metrics:read"]})
    assert refusal(refused) == (403, "FORBIDDEN_SCOPE")
    assert refused.json()["error"]["details"] == {"requiredScope": "metrics:read"}
    operator = await api.client(scopes=(*ALL, "metrics:read"))
    scraper = await holder(api, await made(operator, scopes=["metrics:read"]))
    assert (await scraper.get("/metrics")).status_code == 200


async def test_replayed_key_is_stored_encrypted(api: Api, admin: httpx2.AsyncClient) -> None:
    """A retry returns the same bytes, and the database contains the secret only encrypted."""
    headers = {"Idempotency-Key": "k1"}
    first = await admin.post("/v1/api-keys", json={"scopes": ["*"]}, headers=headers)
    again = await admin.post("/v1/api-keys", json={"scopes": ["*"]}, headers=headers)
    assert (first.content, again.headers["idempotent-replayed"]) == (again.content, "true")
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-store"
    other = await admin.post("/v1/api-keys", json={"scopes": ["projects:read"]}, headers=headers)
    assert refusal(other) == (409, "IDEMPOTENCY_CONFLICT")
    secret = first.json()["key"].split("_", 3)[3]
    stored = await api.context.pool.fetchrow("SELECT status, body FROM idempotency_keys")
    assert stored is not None
    assert (stored["status"], secret.encode() in stored["body"]) == (201, False)
    assert api.context.keyring.open(stored["body"]) == first.content
    count = "SELECT count(*) FROM audit_log WHERE action = 'key.create' AND actor = 'api_key'"
    assert await api.context.pool.fetchval(count) == 1


async def test_key_list_pages_start_with_the_oldest(api: Api, clock: MovableClock, admin: httpx2.AsyncClient) -> None:
    """Pages contain each key once, including revoked ones, although keys are created in between."""
    names = [f"key {number}" for number in range(5)]
    keys = []
    for name in names:
        clock.advance(timedelta(seconds=1))
        keys.append((await made(admin, name=name))["apiKey"]["id"])
    await admin.delete(f"/v1/api-keys/{keys[-1]}")
    seen: list[Json] = []
    cursor = None
    while True:
        page = (await admin.get("/v1/api-keys", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert [item["name"] for item in seen] == ["test", *names]
    assert [item["status"] for item in seen] == ["active"] * 5 + ["revoked"]
    assert (await admin.get(f"/v1/api-keys/{keys[-1]}")).json() == seen[-1]


async def test_key_change_applies_to_the_next_request(api: Api, admin: httpx2.AsyncClient) -> None:
    """Name, tier, return domains and operator change; scopes, environment and a higher tier are rejected."""
    low = await api.client(scopes=["org:admin"], tier=Tier.PILOT)
    answer = await made(admin, tier="standard")
    client, path = await holder(api, answer), f"/v1/api-keys/{answer['apiKey']['id']}"
    assert (await client.get("/v1/whoami")).headers["ratelimit-limit"] == "120"
    changed = await low.patch(path, json={"tier": "pilot", "returnDomains": ["a.example"], "name": "B"})
    assert changed.json() == {
        **answer["apiKey"],
        "tier": "pilot",
        "returnDomains": ["a.example"],
        "name": "B",
        "lastUsedAt": changed.json()["lastUsedAt"],
    }
    assert (await client.get("/v1/whoami")).headers["ratelimit-limit"] == "1200"
    assert list(issues(await low.patch(path, json={"tier": "partner"}))) == ["tier"]
    assert issues(await low.patch(path, json={"scopes": ["*"]})) == {"scopes": "unknown_field"}
    assert (await admin.patch(path, json={"tier": "unlimited"})).json()["tier"] == "unlimited"
    assert (await low.patch(path, json={"tier": "unlimited", "name": "C"})).json()["name"] == "C", "it has that already"
    assert (await low.patch(path, json={})).json()["name"] == "C"
    await admin.delete(path)
    assert refusal(await admin.patch(path, json={"name": "D"})) == (409, "CONFLICT")


async def test_kill_revive_and_revoke_apply_to_the_next_request(api: Api, admin: httpx2.AsyncClient) -> None:
    """A killed key returns 503, a revived one works, a revoked one returns 401; each operation can be repeated."""
    answer = await made(admin)
    client, path = await holder(api, answer), f"/v1/api-keys/{answer['apiKey']['id']}"
    assert (await client.get("/v1/projects")).status_code == 200
    for act, status, effect in (("kill", "killed", 503), ("revive", "active", 200), ("kill", "killed", 503)):
        response = await admin.post(f"{path}/{act}")
        assert (response.status_code, response.json()["status"]) == (200, status)
        assert (await client.get("/v1/projects")).status_code == effect
        assert (await admin.post(f"{path}/{act}", json={})).json() == response.json()
    first = await admin.delete(path)
    assert (first.status_code, first.json()["status"]) == (200, "revoked")
    assert (await client.get("/v1/projects")).status_code == 401
    assert (await admin.delete(path)).json() == first.json()
    assert (await admin.post(f"{path}/revive")).json()["status"] == "revoked"
    assert (await client.get("/v1/projects")).status_code == 401


async def test_a_key_can_not_end_itself(api: Api, admin: httpx2.AsyncClient) -> None:
    """A key can neither revoke nor kill itself; another one with org:admin can."""
    own = (await admin.get("/v1/whoami")).json()["keyId"]
    for refused in (await admin.delete(f"/v1/api-keys/{own}"), await admin.post(f"/v1/api-keys/{own}/kill")):
        assert (refusal(refused), error(refused)["details"]) == ((409, "CONFLICT"), {"keyId": own})
    assert (await admin.get("/v1/api-keys")).status_code == 200
    other = await holder(api, await made(admin, scopes=["org:admin"]))
    assert (await other.delete(f"/v1/api-keys/{own}")).status_code == 200
    assert (await admin.get("/v1/api-keys")).status_code == 401


async def test_organization_can_not_revive_a_key_killed_by_the_operator(api: Api, admin: httpx2.AsyncClient) -> None:
    """The API can't revive a key that the command line killed, even if the API had killed it before."""
    answer = await made(admin)
    path = f"/v1/api-keys/{answer['apiKey']['id']}"
    assert (await admin.post(f"{path}/kill")).status_code == 200
    async with api.context.pool.acquire() as connection:
        await change_key_status(connection, answer["apiKey"]["id"], Action.KEY_KILL, now=api.context.clock.now())
    refused = await admin.post(f"{path}/revive")
    assert refusal(refused) == (409, Code.CONFLICT.value)
    assert (await admin.get(path)).json()["status"] == "killed"


async def test_use_is_recorded_once_per_minute(api: Api, clock: MovableClock, admin: httpx2.AsyncClient) -> None:
    """The first request is recorded, others of the same minute write nothing; a clock set back causes no error."""
    answer = await made(admin)
    client, path = await holder(api, answer), f"/v1/api-keys/{answer['apiKey']['id']}"
    version = "SELECT xmin::text FROM api_keys WHERE lookup = $1"

    async def noted() -> tuple[str, str]:
        await client.get("/v1/whoami")
        row = await api.context.pool.fetchval(version, answer["apiKey"]["lookup"])
        return (await admin.get(path)).json()["lastUsedAt"], row

    first, row = await noted()
    assert first is not None
    clock.advance(timedelta(seconds=59))
    assert await noted() == (first, row)
    clock.advance(timedelta(seconds=1))
    second, _ = await noted()
    assert second > first
    clock.set_by(timedelta(hours=-1))
    assert (await noted())[0] < first


async def test_revocation_on_one_node_reaches_the_cache_of_another(
    api: Api, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path, admin: httpx2.AsyncClient
) -> None:
    """A node rejects a cached key as soon as the notification of another node arrives."""
    async with serving(beside(settings, tmp_path / "second"), dsn=dsn, clock=clock) as second:
        answer = await made(admin)
        client, path = await holder(second, answer), f"/v1/api-keys/{answer['apiKey']['id']}"
        await until_subscribed(second, client, is_subscribed=True)
        for act, effect in (("kill", 503), ("revive", 200), (None, 401)):
            assert (await client.get("/v1/projects")).status_code != effect
            await (admin.post(f"{path}/{act}") if act else admin.delete(path))
            async with asyncio.timeout(30):
                while (await client.get("/v1/projects")).status_code != effect:
                    pass


async def test_disconnected_node_caches_no_keys(api: Api, owner_dsn: str, admin: httpx2.AsyncClient) -> None:
    """While the LISTEN connection is cut, each request queries the database, so a revoked key is rejected at once."""
    answer = await made(admin)
    client = await holder(api, answer)
    await until_subscribed(api, client, is_subscribed=True)
    assert (await client.get("/v1/projects")).status_code == 200
    elsewhere = await asyncpg.connect(owner_dsn)
    try:
        await elsewhere.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'presswork listen'"
        )
        await until_subscribed(api, client, is_subscribed=False)
        # Not through the API, since this node would then drop the key from its cache itself.
        await elsewhere.execute("UPDATE api_keys SET revoked_at = now() WHERE lookup = $1", answer["apiKey"]["lookup"])
        assert (await client.get("/v1/projects")).status_code == 401
    finally:
        await elsewhere.close()
