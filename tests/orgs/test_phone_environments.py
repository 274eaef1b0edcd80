"""Phones and environments: the sandbox's codes verify phones for test projects only."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest
from tests.api.wire import refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.databases import dsn_of
from tests.orgs.test_operators import MASKED, PHONE, confirm, make, other, sent_code, texts, verify

from presswork.callers.model import Principal, Tier
from presswork.core.enums import Environment
from presswork.core.ids import ORGANIZATION, new_id, parse_id
from presswork.db.migrate import migrate, migrations
from presswork.db.queries import load
from presswork.orgs.operator_model import OwnerPhoneUnverified
from presswork.orgs.operators import create_operator, phone_of_key

OTHER = "+4915112345600"
MASKED_OTHER = "+4915•••••••00"
BY_ENVIRONMENT = "20261124000006"
MADE_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def admin(api: Api) -> httpx2.AsyncClient:
    """A client with a test key that has all scopes."""
    return await api.client(scopes=("*", "org:admin"))


async def seen(client: httpx2.AsyncClient, operator: str) -> object:
    """Return `phoneVerifiedAt` for a client."""
    return (await client.get(f"/v1/operators/{operator}")).json()["phoneVerifiedAt"]


async def test_sandbox_code_verifies_for_test_only(
    api: Api, admin: httpx2.AsyncClient, live: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """After a sandbox code the phone is unverified for live keys; a live code verifies it for both."""
    operator = (await make(admin, phone=PHONE))["id"]
    await verify(admin, operator)
    assert (await confirm(admin, operator, await sent_code(api))).json()["phoneVerifiedAt"] is not None
    assert (await seen(admin, operator) is None, await seen(live, operator)) == (False, None)
    (listed,) = (await live.get("/v1/operators")).json()["items"]
    assert listed["phoneVerifiedAt"] is None
    assert refusal(await verify(admin, operator)) == (409, "CONFLICT")
    clock.advance(timedelta(minutes=1))
    sent = await verify(live, operator)
    assert (sent.status_code, sent.json()["phone"], len(await texts(api))) == (200, MASKED, 2)
    done = await confirm(live, operator, await sent_code(api))
    assert done.json()["phoneVerifiedAt"] is not None
    assert await seen(admin, operator) == await seen(live, operator) == done.json()["phoneVerifiedAt"]
    assert [refusal(await verify(key, operator)) for key in (admin, live)] == [(409, "CONFLICT")] * 2


async def test_test_key_can_not_use_a_live_code(api: Api, admin: httpx2.AsyncClient, live: httpx2.AsyncClient) -> None:
    """Every code from a test key, even the right one, returns 409 and uses no attempt of the live key."""
    operator = (await make(live, phone=PHONE))["id"]
    await verify(live, operator)
    code = await sent_code(api)
    tries = [await confirm(admin, operator, code), *[await confirm(admin, operator, other(code)) for _ in range(5)]]
    assert [refusal(answer) for answer in tries] == [(409, "CONFLICT")] * 6
    assert (await seen(admin, operator), await seen(live, operator)) == (None, None)
    assert (await confirm(live, operator, code)).status_code == 200


async def test_live_key_can_not_use_a_sandbox_code(
    api: Api, admin: httpx2.AsyncClient, live: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """A live key can't confirm a code of a test key. A new code replaces the former one of either environment."""
    operator = (await make(admin, phone=PHONE))["id"]
    await verify(admin, operator)
    code = await sent_code(api)
    assert refusal(await confirm(live, operator, code)) == (409, "CONFLICT")
    assert refusal(await verify(live, operator)) == (429, "RATE_LIMITED")
    clock.advance(timedelta(minutes=1))
    assert (await verify(live, operator)).status_code == 200
    assert refusal(await confirm(admin, operator, code)) == (409, "CONFLICT")
    assert (await confirm(live, operator, await sent_code(api))).status_code == 200


async def verified(api: Api, client: httpx2.AsyncClient, **fields: object) -> str:
    """Create an operator whose phone is verified with a code in the client's environment."""
    operator = str((await make(client, phone=PHONE, **fields))["id"])
    await verify(client, operator)
    done = await confirm(client, operator, await sent_code(api))
    assert done.json()["phoneVerifiedAt"] is not None, done.text
    return operator


async def test_new_phone_is_unverified_in_both_environments(
    api: Api, admin: httpx2.AsyncClient, live: httpx2.AsyncClient
) -> None:
    """A live key that changes the phone removes the verification for both; a test key can't restore that for `live`."""
    operator = await verified(api, live)
    await live.patch(f"/v1/operators/{operator}", json={"phone": OTHER})
    assert (await seen(admin, operator), await seen(live, operator)) == (None, None)
    await verify(admin, operator)
    await confirm(admin, operator, await sent_code(api))
    assert (await seen(admin, operator) is None, await seen(live, operator)) == (False, None)


async def shown(client: httpx2.AsyncClient, operator: str) -> tuple[object, bool]:
    """Return the masked phone, and whether it is verified, for a client."""
    answer = (await client.get(f"/v1/operators/{operator}")).json()
    return answer["phone"], answer["phoneVerifiedAt"] is not None


@pytest.mark.parametrize("is_primary", [True, False])
async def test_test_key_changes_no_phone_of_live_projects(
    api: Api, admin: httpx2.AsyncClient, live: httpx2.AsyncClient, is_primary: bool
) -> None:
    """A test key that replaces or removes the phone does so for test projects only."""
    if not is_primary:
        await make(live)
    operator = await verified(api, live)
    path = f"/v1/operators/{operator}"
    changed = await admin.patch(path, json={"phone": OTHER})
    assert (changed.status_code, changed.json()["phone"], changed.json()["phoneVerifiedAt"]) == (
        200,
        MASKED_OTHER,
        None,
    )
    assert (await shown(admin, operator), await shown(live, operator)) == ((MASKED_OTHER, False), (MASKED, True))
    sent = await verify(admin, operator)
    assert (sent.json()["phone"], (await texts(api))[-1]["to"]) == (MASKED_OTHER, OTHER)
    assert (await confirm(admin, operator, await sent_code(api))).json()["phoneVerifiedAt"] is not None
    assert (await shown(admin, operator), await shown(live, operator)) == ((MASKED_OTHER, True), (MASKED, True))
    removed = await admin.patch(path, json={"phone": None})
    assert (removed.json()["phone"], await shown(live, operator)) == (None, (MASKED, True))
    assert refusal(await verify(admin, operator)) == (422, "PHONE_REQUIRED")
    await admin.patch(path, json={"phone": PHONE})
    assert await shown(admin, operator) == await shown(live, operator) == (MASKED, True)


async def test_test_key_can_not_change_an_unverified_live_phone(
    api: Api, admin: httpx2.AsyncClient, live: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """Neither the number nor a pending code of a live key is lost to a test key; a phone of a test key is live's once used."""
    operator = (await make(live, phone=PHONE))["id"]
    await verify(live, operator)
    code = await sent_code(api)
    await admin.patch(f"/v1/operators/{operator}", json={"phone": OTHER})
    clock.advance(timedelta(minutes=1))
    late = await verify(admin, operator)
    assert (refusal(late), late.headers["retry-after"]) == ((429, "RATE_LIMITED"), "540")
    assert (await confirm(live, operator, code)).json()["phoneVerifiedAt"] is not None
    shared = (await make(admin, name="Rui", phone=OTHER))["id"]
    assert await shown(live, shared) == (MASKED_OTHER, False)
    assert (await verify(live, shared)).status_code == 200
    await admin.patch(f"/v1/operators/{shared}", json={"phone": None})
    assert (await shown(admin, shared), await shown(live, shared)) == ((None, False), (MASKED_OTHER, False))


async def test_test_key_can_not_replace_the_primary_of_live_projects(
    api: Api, admin: httpx2.AsyncClient, live: httpx2.AsyncClient
) -> None:
    """Only a live key makes another operator primary once live projects text the primary one."""
    first = await verified(api, live)
    second = (await make(admin, name="Rui"))["id"]
    body = {"name": "Ana", "isPrimary": True}
    for answer in (
        await admin.patch(f"/v1/operators/{second}", json={"isPrimary": True}),
        await admin.post("/v1/operators", json=body),
    ):
        assert refusal(answer) == (409, "CONFLICT")
    assert [one["isPrimary"] for one in (await live.get("/v1/operators")).json()["items"]] == [True, False]
    assert (await admin.patch(f"/v1/operators/{first}", json={"isPrimary": True})).status_code == 200
    assert (await live.patch(f"/v1/operators/{second}", json={"isPrimary": True})).json()["isPrimary"] is True


async def test_each_environment_texts_its_own_phone(
    api: Api, admin: httpx2.AsyncClient, live: httpx2.AsyncClient
) -> None:
    """Preflight, notify-device and drafts use the phone of the environment, verified there."""
    operator = await verified(api, live)
    await admin.patch(f"/v1/operators/{operator}", json={"phone": OTHER})
    organization = parse_id(ORGANIZATION, (await admin.get("/v1/whoami")).json()["organizationId"])
    statement = load("presswork.posts", "preflight.sql")["has_operator_phone"]
    pool = api.context.pool
    reached = [await pool.fetchval(statement, organization, one) for one in ("test", "live")]
    assert reached == [False, True]
    await verify(admin, operator)
    await confirm(admin, operator, await sent_code(api))
    async with pool.acquire() as connection:
        for environment, phone in ((Environment.TEST, OTHER), (Environment.LIVE, PHONE)):
            key = await connection.fetchval("SELECT id FROM api_keys WHERE environment = $1", environment)
            principal = Principal(
                key_id=key,
                organization_id=organization,
                environment=environment,
                scopes=frozenset(),
                tier=Tier.STANDARD,
                return_domains=(),
                operator_id=None,
            )
            assert await phone_of_key(connection, principal) == phone
            assert await pool.fetchval(statement, organization, environment) is True


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("verified_in", Environment)
async def test_notify_device_requires_a_verified_phone(
    api: Api, admin: httpx2.AsyncClient, environment: Environment, verified_in: Environment
) -> None:
    """notify-device without a phone uses the operator's if it is verified for the key's environment or for `live`."""
    whoami = (await admin.get("/v1/whoami")).json()
    organization = parse_id(ORGANIZATION, whoami["organizationId"])
    async with api.context.pool.acquire() as connection, connection.transaction():
        await create_operator(
            connection,
            organization,
            name="Ines",
            phone=PHONE,
            is_primary=False,
            verified_in=verified_in,
            now=api.context.clock.now(),
        )
        key = await connection.fetchval("SELECT id FROM api_keys")
        principal = Principal(
            key_id=key,
            organization_id=organization,
            environment=environment,
            scopes=frozenset(),
            tier=Tier.STANDARD,
            return_domains=(),
            operator_id=None,
        )
        if (environment, verified_in) == (Environment.LIVE, Environment.TEST):
            with pytest.raises(OwnerPhoneUnverified, match="live environment"):
                await phone_of_key(connection, principal)
        else:
            assert await phone_of_key(connection, principal) == PHONE


async def test_migration_of_verified_phones(server_dsn: str, dsn: str) -> None:
    """The migration sets `live` for operators created as verified and `test` for others, and deletes pending codes."""
    name = f"{urlsplit(dsn).path.removeprefix('/')}_before"
    server = await asyncpg.connect(server_dsn)
    await server.execute(f"CREATE DATABASE {name}")
    connection = await asyncpg.connect(dsn_of(server_dsn, name))
    try:
        await connection.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        for step in migrations():
            if step.version < BY_ENVIRONMENT:
                await connection.execute(step.sql)
                await connection.execute("INSERT INTO schema_migrations (version) VALUES ($1)", step.version)
        organization = await connection.fetchval(
            "INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Acme', $2) RETURNING id", new_id(), MADE_AT
        )
        for who, verified_at in (
            ("by operator", MADE_AT),
            ("by code", MADE_AT + timedelta(minutes=1)),
            ("not yet", None),
        ):
            await connection.execute(
                """INSERT INTO operators (id, organization_id, name, phone, phone_verified_at, phone_code_hash, phone_code_sent_at,
                                          is_primary, created_at)
                   VALUES ($1, $2, $3, $4, $5, CASE WHEN $5::timestamptz IS NULL THEN '\\x00'::bytea END, $6, false, $6)""",
                new_id(),
                organization,
                who,
                PHONE,
                verified_at,
                MADE_AT,
            )
        await migrate(connection)
        rows = await connection.fetch(
            "SELECT name, phone_verified_in, phone_code_hash, phone_code_sent_at IS NULL AS is_free FROM operators"
        )
        assert {row["name"]: row["phone_verified_in"] for row in rows} == {
            "by operator": "live",
            "by code": "test",
            "not yet": None,
        }
        (waiting,) = [row for row in rows if row["name"] == "not yet"]
        assert (waiting["phone_code_hash"], waiting["is_free"]) == (None, True)
    finally:
        await connection.close()
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()
