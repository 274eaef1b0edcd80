"""Keys by the API: what an organization's administrators may do with them, and what not."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from tests.api.wire import ALL, error, issues, refusal
from tests.conftest import Api, MovableClock, beside, serving

from presswork.core.errors import Code
from presswork.core.settings import Settings
from presswork.orgs.keys import kill_key
from presswork.orgs.model import Scope, Tier

Json = dict[str, Any]  # answers nest freely


@pytest.fixture
async def admin(api: Api) -> httpx2.AsyncClient:
    """A key that administers its organization."""
    return await api.client(scopes=["org:admin"])


async def made(admin: httpx2.AsyncClient, **fields: object) -> Json:
    """Make a key and return the answer."""
    answer = await admin.post("/v1/api-keys", json={"scopes": ["projects:read"], **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def holder(api: Api, answer: Json) -> httpx2.AsyncClient:
    """Return a client with a key that was made."""
    return await api.anonymous(headers={"Authorization": f"Bearer {answer['key']}"})


async def until_subscribed(node: Api, client: httpx2.AsyncClient, *, is_subscribed: bool = True) -> None:
    """Return once a node is subscribed to announcements, or no longer is. Each check is a call, so others run."""
    while node.context.keys.is_subscribed is not is_subscribed:
        await client.get("/v1/projects")


async def test_a_key_that_was_made_opens_what_it_was_made_for(api: Api, admin: httpx2.AsyncClient) -> None:
    """It has the scopes, domains and operator that were asked for, and the organization and environment of its maker."""
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


async def test_a_key_makes_none_of_the_other_environment(api: Api) -> None:
    """A live key makes live keys, and a test key can neither make nor see them."""
    live, test = await api.client(scopes=ALL, environment="live"), await api.client(scopes=ALL)
    answer = await made(live, name="live one")
    assert answer["key"].startswith("lp_live_")
    assert answer["apiKey"]["environment"] == "live"
    assert answer["apiKey"]["id"] not in (await test.get("/v1/api-keys")).text
    assert issues(await test.post("/v1/api-keys", json={"scopes": ["*"], "environment": "live"})) == {
        "environment": "extra_forbidden"
    }


async def test_nothing_senseless_is_made(api: Api) -> None:
    """No scope, an unknown one, a host with a path, an operator of others, a tier above one's own: 422, and no row."""
    admin = await api.client(scopes=ALL, tier=Tier.PILOT)
    stranger = await api.client(scopes=ALL, organization="Rival")
    theirs = (await stranger.post("/v1/operators", json={"name": "Rui"})).json()["id"]
    before = await api.context.pool.fetchval("SELECT count(*) FROM api_keys")
    for body, place in (
        ({}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["publish"]}, "scopes[0]"),
        ({"scopes": ["*"], "returnDomains": ["https://a.example/x"]}, "returnDomains[0]"),
        ({"scopes": ["*"], "operatorId": theirs}, "operatorId"),
        ({"scopes": ["*"], "operatorId": f"opr_{uuid4()}"}, "operatorId"),
        ({"scopes": ["*"], "tier": "partner"}, "tier"),
        ({"scopes": ["*"], "tier": "unlimited"}, "tier"),
    ):
        assert list(issues(await admin.post("/v1/api-keys", json=body))) == [place], body
    assert await api.context.pool.fetchval("SELECT count(*) FROM api_keys") == before
    assert (await made(admin))["apiKey"]["tier"] == "pilot"
    assert (await made(admin, tier="standard"))["apiKey"]["tier"] == "standard"
    assert (await made(admin, scopes=["org:admin", *(scope.value for scope in Scope)]))["apiKey"]["scopes"][
        0
    ] == "org:admin"


async def test_a_repeated_call_shows_the_same_key_and_what_is_stored_is_sealed(
    api: Api, admin: httpx2.AsyncClient
) -> None:
    """The answer is replayed byte for byte, and the secret is nowhere in the database to be read."""
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


async def test_a_list_pages_from_the_oldest(api: Api, clock: MovableClock, admin: httpx2.AsyncClient) -> None:
    """Each key once, whatever is made meanwhile; those that have ended too."""
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


async def test_a_change_counts_from_the_next_call_on(api: Api, admin: httpx2.AsyncClient) -> None:
    """Name, tier, return domains and operator change; scopes and environment can't, and a tier is not raised above one's own."""
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
    assert issues(await low.patch(path, json={"scopes": ["*"]})) == {"scopes": "extra_forbidden"}
    assert (await admin.patch(path, json={"tier": "unlimited"})).json()["tier"] == "unlimited"
    assert (await low.patch(path, json={"tier": "unlimited", "name": "C"})).json()["name"] == "C", "it has that already"
    assert (await low.patch(path, json={})).json()["name"] == "C"
    await admin.delete(path)
    assert refusal(await admin.patch(path, json={"name": "D"})) == (409, "CONFLICT")


async def test_ending_a_key_is_the_answer_and_the_effect(api: Api, admin: httpx2.AsyncClient) -> None:
    """Killed it answers 503, revived it works, revoked it is 401, each from the very next call on; all can be repeated."""
    answer = await made(admin)
    client, path = await holder(api, answer), f"/v1/api-keys/{answer['apiKey']['id']}"
    assert (await client.get("/v1/projects")).status_code == 200
    for act, status, effect in (("kill", "killed", 503), ("revive", "active", 200), ("kill", "killed", 503)):
        told = await admin.post(f"{path}/{act}")
        assert (told.status_code, told.json()["status"]) == (200, status)
        assert (await client.get("/v1/projects")).status_code == effect
        assert (await admin.post(f"{path}/{act}", json={})).json() == told.json()
    first = await admin.delete(path)
    assert (first.status_code, first.json()["status"]) == (200, "revoked")
    assert (await client.get("/v1/projects")).status_code == 401
    assert (await admin.delete(path)).json() == first.json()
    assert (await admin.post(f"{path}/revive")).json()["status"] == "revoked"
    assert (await client.get("/v1/projects")).status_code == 401


async def test_nobody_locks_the_organization_out(api: Api, admin: httpx2.AsyncClient) -> None:
    """A key can neither revoke nor kill itself; another one with org:admin can."""
    own = (await admin.get("/v1/whoami")).json()["keyId"]
    for refused in (await admin.delete(f"/v1/api-keys/{own}"), await admin.post(f"/v1/api-keys/{own}/kill")):
        assert (refusal(refused), error(refused)["details"]) == ((409, "CONFLICT"), {"keyId": own})
    assert (await admin.get("/v1/api-keys")).status_code == 200
    other = await holder(api, await made(admin, scopes=["org:admin"]))
    assert (await other.delete(f"/v1/api-keys/{own}")).status_code == 200
    assert (await admin.get("/v1/api-keys")).status_code == 401


async def test_what_the_operator_of_the_service_switched_off_stays_off(api: Api, admin: httpx2.AsyncClient) -> None:
    """The organization can't undo a kill from the command line, even where it had killed the key itself before."""
    answer = await made(admin)
    path = f"/v1/api-keys/{answer['apiKey']['id']}"
    assert (await admin.post(f"{path}/kill")).status_code == 200
    async with api.context.pool.acquire() as connection:
        await kill_key(connection, answer["apiKey"]["id"], now=api.context.clock.now())
    refused = await admin.post(f"{path}/revive")
    assert refusal(refused) == (409, Code.CONFLICT.value)
    assert (await admin.get(path)).json()["status"] == "killed"


async def test_use_is_noted_once_a_minute(api: Api, clock: MovableClock, admin: httpx2.AsyncClient) -> None:
    """The first call is noted, those of the same minute write nothing, and a clock that is set back does no harm."""
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


async def test_two_nodes_know_the_same_keys(
    api: Api, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path, admin: httpx2.AsyncClient
) -> None:
    """A key that one node has in its cache is refused there as soon as the announcement of another one has arrived."""
    async with serving(beside(settings, tmp_path / "second"), dsn=dsn, clock=clock) as second:
        answer = await made(admin)
        client, path = await holder(second, answer), f"/v1/api-keys/{answer['apiKey']['id']}"
        await until_subscribed(second, client, is_subscribed=True)
        for act, effect in (("kill", 503), ("revive", 200), (None, 401)):
            assert (await client.get("/v1/projects")).status_code != effect
            await (admin.post(f"{path}/{act}") if act else admin.delete(path))
            for _ in range(500):
                if (await client.get("/v1/projects")).status_code == effect:
                    break
            assert (await client.get("/v1/projects")).status_code == effect


async def test_a_node_that_hears_nothing_believes_nothing(api: Api, owner_dsn: str, admin: httpx2.AsyncClient) -> None:
    """While its listening connection is cut, every call is looked up: a key revoked in that time is refused at once."""
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
        # Not over the API, which would have this node drop the key by itself; and nobody hears the announcement.
        await elsewhere.execute("UPDATE api_keys SET revoked_at = now() WHERE lookup = $1", answer["apiKey"]["lookup"])
        assert (await client.get("/v1/projects")).status_code == 401
    finally:
        await elsewhere.close()
