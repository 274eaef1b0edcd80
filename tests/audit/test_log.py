"""The audit log: the contents of its lines, its filters, and that only the owner of the tables can change it."""

import contextlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import asyncpg
import httpx2
import pytest
from tests.api.wire import ALL, issues
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.databases import owner_of
from tests.world import World

from presswork.accounts.providers import add_provider, remove_provider, rotate_secret
from presswork.accounts.tokens import mark_reauth_required
from presswork.audit.model import Action, Entry
from presswork.audit.read import EntryFilter, latest_entries, list_entries
from presswork.audit.record import prune, sweep_audit_log
from presswork.callers.model import Actor, ActorKind
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Unavailable
from presswork.core.ids import parse_id
from presswork.core.timestamps import write_instant
from presswork.crypto.keyring import Keyring
from presswork.db.app_role import EMBEDDED_ROLE, grant_to
from presswork.db.pool import pool_of
from presswork.orgs.keys import KeyCache, ensure_organization, find_caller

Json = dict[str, Any]  # responses nest freely
COMMAND_LINE_USER = Actor(kind=ActorKind.COMMAND_LINE, name="ines")


@pytest.fixture
async def world(api: Api) -> World:
    """A key with every scope."""
    return World(api=api, client=await api.client(scopes=ALL))


async def page(client: httpx2.AsyncClient, **query: str | int) -> Json:
    """Return a page of the log."""
    answer = await client.get("/v1/audit-log", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def items(client: httpx2.AsyncClient, **query: str | int) -> list[Json]:
    """Return the lines of a page."""
    return list((await page(client, **query))["items"])


async def latest(connection: "asyncpg.Connection[asyncpg.Record]", action: Action) -> Entry:
    """Return the newest line of an action in the installation."""
    return (await latest_entries(connection, organization=None, action=action, limit=1))[0]


async def test_a_line_has_actor_action_and_object(world: World, clock: MovableClock) -> None:
    """Archiving a project is an action with its outcome in the details, at the time of the call."""
    project = await world.project()
    account = await world.account(project, "tiktok", "luna")
    connected = (await items(world.client, action="account.connect"))[0]
    assert (connected["objectId"], connected["detail"]["handle"]) == (account, "luna")
    who = (await world.client.get("/v1/whoami")).json()
    assert connected["actor"]["keyId"] == who["keyId"], "the actor is the key that started the login"
    assert connected["requestId"].startswith("req_")
    clock.advance(timedelta(minutes=1))
    answer = await world.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
    line = (await items(world.client))[0]
    assert {**line, "id": None} == {
        "id": None,
        "at": write_instant(clock.now()),
        "environment": "test",
        "action": "project.archive",
        "actor": {
            "kind": "api_key",
            "keyId": who["keyId"],
            "operatorId": None,
            "userId": None,
            "linkId": None,
            "scimTokenId": None,
            "name": None,
        },
        "objectId": project,
        "requestId": answer.headers["x-request-id"],
        "detail": {"name": "Spring campaign", "fields": ["status"], "canceledScheduledPosts": 0},
    }


async def test_lines_can_be_filtered(api: Api, world: World, clock: MovableClock) -> None:
    """Filters for action, key, object, source and time combine, and pages are stable while lines are added."""
    colleague = await api.client(scopes=ALL)
    projects = []
    for number in range(3):
        clock.advance(timedelta(seconds=1))
        projects.append(await world.project(f"P{number}"))
        await colleague.patch(f"/v1/projects/{projects[-1]}", json={"name": f"Q{number}"})
    mine, theirs = [(await one.get("/v1/whoami")).json()["keyId"] for one in (world.client, colleague)]
    renamed = {"action": "project.update"}
    assert [line["objectId"] for line in await items(world.client, **renamed)] == projects[::-1]
    assert {line["action"] for line in await items(world.client, keyId=mine)} == {"project.create"}
    about = await items(world.client, objectId=projects[1])
    assert [line["action"] for line in about] == ["project.update", "project.create"]
    assert [line["actor"]["keyId"] for line in about] == [theirs, mine]
    assert await items(world.client, objectId=projects[1], keyId=mine, action="project.create") == about[1:]
    assert await items(world.client, objectId=projects[1], keyId=mine, action="project.update") == []
    assert {line["action"] for line in await items(world.client, actor="command_line")} == {
        "key.create",
        "organization.create",
    }
    at = about[0]["at"]
    assert {line["objectId"] for line in await items(world.client, since=at, until=at)} == {projects[1]}
    seen, cursor = [], None
    whole = await items(world.client, limit=100)
    while True:
        found = await page(world.client, limit=2, **({"cursor": cursor} if cursor else {}))
        await world.project("meanwhile")
        seen += found["items"]
        cursor = found["nextCursor"]
        if cursor is None:
            break
    assert seen == whole
    for query, place in (({"action": "none.such"}, "action"), ({"keyId": "x"}, "keyId"), ({"since": "x"}, "since")):
        assert list(issues(await world.client.get("/v1/audit-log", params=query))) == [place]


async def test_pages_find_each_line_once(api: Api, world: World) -> None:
    """Also where a page ends because it has read enough: few lines of an environment among many of the other one."""
    live = await api.client(scopes=ALL, environment="live")
    projects = []
    for number in range(28):
        client = live if number % 7 == 0 else world.client
        made = await client.post("/v1/projects", json={"name": f"P{number}", "timezone": "UTC"})
        projects.append(made.json()["id"])
    caller, _ = await find_caller(
        api.context.part(KeyCache),
        live.headers["authorization"].removeprefix("Bearer "),
        message="",
        now=api.context.clock.now(),
    )
    wanted, seen, sizes, before = EntryFilter(actor=ActorKind.API_KEY), [], [], None
    while True:
        found = await list_entries(api.context.pool, wanted, visible_to=caller, before=before, limit=2, max_scanned=5)
        seen += [entry.object_id for entry in found.items]
        sizes.append(len(found.items))
        if (before := found.continues_after) is None:
            break
    assert seen == projects[::7][::-1]
    assert 0 in sizes


async def test_an_approval_names_the_posts_that_it_created(world: World, clock: MovableClock, picture: bytes) -> None:
    """The line of a schedule call that awaits approval has no posts; the line of the approval names them."""
    project = await world.project()
    await world.client.patch(f"/v1/projects/{project}/content-review-policy", json={"policy": "review_all"})
    account = await world.account(project, "tiktok", "luna")
    container = await world.content(project, picture)
    at = write_instant(clock.now() + timedelta(days=1))
    targets = [{"socialAccountId": account, "mode": "publish"}]
    await world.client.post(f"/v1/content/{container}/schedule", json={"scheduledFor": at, "targets": targets})
    approved = (await world.client.post(f"/v1/content/{container}/approve", json={"note": "Good"})).json()
    lines = await items(world.client, objectId=container)
    assert [line["action"] for line in lines] == ["content.approve", "content.schedule", "content.finalize"]
    assert lines[1]["detail"] == {"waitsForApproval": True, "targets": 1, "scheduledFor": at}
    promoted = approved["pendingSchedulePromotion"]["scheduledPostIds"]
    assert lines[0]["detail"] == {"revision": 1, "note": "Good", "scheduledPostIds": promoted, "failedPromotions": 0}


async def test_commands_and_the_worker_add_lines(api: Api, world: World, owner_dsn: str) -> None:
    """Lines for organizations, providers and a revoked account have their actor and no secret."""
    now, keyring = api.context.clock.now(), Keyring([b"k" * 32])
    account = await world.account(await world.project(), "tiktok", "luna")
    connection = await asyncpg.connect(owner_dsn)
    try:
        await ensure_organization(connection, "New", now=now, by=COMMAND_LINE_USER)
        await ensure_organization(connection, "New", now=now, by=COMMAND_LINE_USER)
        same: Mapping[str, Any] = {"name": "acme", "environment": Environment.TEST, "by": COMMAND_LINE_USER, "now": now}
        secrets = [
            (await add_provider(connection, keyring, url="https://acme.example", secret=None, **same)).secret,
            (await rotate_secret(connection, keyring, secret=None, **same)).secret,
        ]
        await remove_provider(connection, **same)
        assert await mark_reauth_required(connection, parse_id("sa", account), now=now)
        assert not await mark_reauth_required(connection, parse_id("sa", account), now=now)
        found = await latest_entries(connection, organization=None, action=None, limit=100)
        assert not any(secret in str(found) for secret in secrets)
        from_command_line = [one for one in found if one.actor == COMMAND_LINE_USER]
        assert [(entry.action, entry.object_id) for entry in from_command_line][:3] == [
            (Action.PROVIDER_REMOVE, "acme"),
            (Action.PROVIDER_ROTATE_SECRET, "acme"),
            (Action.PROVIDER_ADD, "acme"),
        ]
        assert [entry.action for entry in from_command_line[3:]] == [Action.ORGANIZATION_CREATE]
        assert len(await latest_entries(connection, organization="New", action=None, limit=9)) == 1
    finally:
        await connection.close()
    (line,) = await items(world.client, action="account.reauth_required")
    assert (line["objectId"], line["actor"]["kind"], line["requestId"]) == (account, "worker", None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET action = 'project.create'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "DROP TABLE audit_log",
        "ALTER TABLE audit_log DROP COLUMN detail",
        "CREATE RULE quiet AS ON INSERT TO audit_log DO INSTEAD NOTHING",
        "UPDATE schema_migrations SET version = '0'",
    ],
)
async def test_the_application_role_can_only_insert(api: Api, world: World, statement: str) -> None:
    """The database role of API and worker can't change or delete lines; all other tests run in this role too."""
    await world.project()
    before = await items(world.client)
    assert await api.context.pool.fetchval("SELECT current_user") == EMBEDDED_ROLE
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await api.context.pool.execute(statement)
    assert await items(world.client) == before


_ESCAPES: Final = (
    "SET ROLE NONE",
    "RESET ROLE",
    "SET ROLE presswork",
    "SET SESSION AUTHORIZATION DEFAULT",
    "RESET SESSION AUTHORIZATION",
    "SET SESSION AUTHORIZATION presswork",
    "RESET ALL",
    "DISCARD ALL",
    "GRANT presswork TO CURRENT_USER",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "GRANT DELETE ON audit_log TO CURRENT_USER",
)


@pytest.mark.parametrize("escape", _ESCAPES)
async def test_no_statement_leads_to_the_owners_role(api: Api, world: World, dsn: str, escape: str) -> None:
    """A session of the API or a worker that resets or changes its role stays the same login, and deletes no line."""
    await world.project()
    before = await items(world.client)
    connection = await asyncpg.connect(dsn)
    try:
        with contextlib.suppress(asyncpg.InsufficientPrivilegeError, asyncpg.InvalidGrantOperationError):
            await connection.execute(escape)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM audit_log")
        assert (
            await connection.fetchval("SELECT session_user || ' ' || current_user")
            == f"{EMBEDDED_ROLE} {EMBEDDED_ROLE}"
        )
    finally:
        await connection.close()
    assert await items(world.client) == before


async def test_a_login_role_can_be_granted(owner_dsn: str, server_dsn: str) -> None:
    """`presswork migrate --grant-to` accepts a login role, repeatedly, and refuses a missing role and the owner."""
    server = await asyncpg.connect(server_dsn)
    owner = await asyncpg.connect(owner_dsn)
    role = f"App {owner.get_server_pid()}"
    try:
        await server.execute(f'CREATE ROLE "{role}" LOGIN')
        with pytest.raises(Invalid):
            await grant_to(owner, "missing role")
        with pytest.raises(Invalid):
            await grant_to(owner, str(await owner.fetchval("SELECT current_user")))
        for _ in range(2):
            await grant_to(owner, role)
        await owner.execute(f'SET ROLE "{role}"')
        await ensure_organization(owner, "By the app", now=(await owner.fetchval("SELECT now()")))
        assert (await latest(owner, Action.ORGANIZATION_CREATE)).organization == "By the app"
        for statement in ("DELETE FROM audit_log", "UPDATE audit_log SET detail = ''", "TRUNCATE audit_log"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await owner.execute(statement)
        await owner.execute("SET ROLE NONE")
        await owner.execute(f'GRANT {await owner.fetchval("SELECT quote_ident(current_user)")} TO "{role}"')
        with pytest.raises(Invalid):
            await grant_to(owner, role)
    finally:
        await owner.execute("SET ROLE NONE")
        await owner.execute(f'DROP OWNED BY "{role}"')
        await owner.close()
        await server.execute(f'DROP ROLE "{role}"')
        await server.close()


async def test_pruning_goes_in_batches_with_a_record_each(world: World, clock: MovableClock, dsn: str) -> None:
    """A batch and its record are committed together, and no batch deletes a record. A worker that may does it, too."""
    for number in range(4):
        await world.project(f"old {number}")
    clock.advance(timedelta(days=400))
    now = clock.now()
    async with pool_of(owner_of(dsn)) as pool, pool.acquire() as owner:
        old = await owner.fetchval("SELECT count(*) FROM audit_log")
        assert await prune(owner, before=now + timedelta(days=1), by=COMMAND_LINE_USER, now=now, batch=4) == old
        lines = [json.loads(row["detail"])["lines"] for row in await owner.fetch("SELECT detail FROM audit_log")]
        assert (max(lines), sum(lines)) == (4, old)
        clock.advance(timedelta(days=400))
        later = clock.now()
        assert await sweep_audit_log(pool, keep=timedelta(days=401), now=later, limit=10) == 0
        assert await sweep_audit_log(pool, keep=timedelta(days=399), now=later, limit=10) == len(lines)
        (row,) = await owner.fetch("SELECT actor, action, detail FROM audit_log")
        assert (row["actor"], row["action"]) == ("worker", "audit.prune")
        midnight = (later - timedelta(days=399)).replace(hour=0, minute=0, second=0, microsecond=0)
        assert json.loads(row["detail"]) == {"before": write_instant(midnight), "lines": len(lines)}


async def test_a_worker_that_may_only_append_sweeps_nothing(api: Api, world: World, clock: MovableClock) -> None:
    """The setting is no way around the role: nothing is deleted, and nothing fails."""
    await world.project("old")
    pool = api.context.pool
    before = await pool.fetchval("SELECT count(*) FROM audit_log")
    clock.advance(timedelta(days=400))
    assert await sweep_audit_log(pool, keep=timedelta(days=30), now=clock.now(), limit=10) == 0
    assert await pool.fetchval("SELECT count(*) FROM audit_log") == before > 0


async def test_only_the_owner_prunes_old_lines(api: Api, world: World, clock: MovableClock, dsn: str) -> None:
    """Pruning deletes older lines only and adds a line; for the application role it fails with the required role."""
    await world.project("old")
    clock.advance(timedelta(days=400))
    border = clock.now()
    kept = await world.project("kept")
    async with api.context.pool.acquire() as connection:
        with pytest.raises(Unavailable, match="owner of the tables"):
            await prune(connection, before=border, by=COMMAND_LINE_USER, now=clock.now())
    owner = await asyncpg.connect(owner_of(dsn))
    try:
        count = await prune(owner, before=border, by=COMMAND_LINE_USER, now=clock.now())
        line = await latest(owner, Action.AUDIT_PRUNE)
    finally:
        await owner.close()
    assert [line["objectId"] for line in await items(world.client)] == [kept]
    assert (count, line.actor.name) == (3, "ines")
    assert json.loads(line.detail) == {"before": write_instant(border), "lines": 3}
