"""Plan modes: hot statements once per connection, lists at each call, none behind a pooler."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.databases import as_owner
from tests.db.bouncer import bouncing
from tests.db.statements import STATEMENTS
from tests.world import World

from presswork.core.enums import Environment
from presswork.db.pool import Connection, Pool, parts_of, pool_of
from presswork.db.queries import Plan, plan_of
from presswork.posts.create_posts import statement

_GENERIC: Final = {
    "agents/queries.sql": {"find_access"},
    "api/http/queries.sql": {
        f"project_of_{kind}" for kind in ("account", "container", "delivery", "endpoint", "layer", "login", "post", "snippet")
    },
    "events/queries.sql": {"number_events", "read_events", "replay_events"},
    "orgs/queries.sql": {"find_key"},
    "posts/overview.sql": {
        "timezone_of_project", "project_exists", "account_exists", "container_exists", "documents_of",
    },
    "people/queries.sql": {"find_session"},
    "posts/publish.sql": {"publish", "publish_with_events", "publish_checked"},
    "worker/queries.sql": {
        "claim", "claim_follow_ups", "go_live", "load", "live", "next_post_due", "not_live", "note", "record_error", "renew", "save",
        "settle_drafted", "settle_over", "settle_published",
    },
}  # fmt: skip
"""Statements with a generic plan; so are all others of worker/queries.sql."""
_CUSTOM: Final = {
    "accounts/queries.sql": {
        "accounts_of_app", "accounts_of_link", "accounts_to_move", "list_accounts", "search_all", "search_project",
    },
    "audit/queries.sql": {"by_organization", "by_action", "by_key", "by_object", "by_user"},
    "content/queries.sql": {f"search_{source}_{order}" for source in ("all", "project") for order in ("asc", "desc")}
    | {"used_labels"},
    "content/drafts.sql": {"list_drafts"},
    "content/discussion.sql": {"list_comments"},
    "comments/search.sql": {
        *(f"search_{source}" for source in ("all", "project", "account", "post", "assignee")),
        *(f"count_{source}" for source in ("all", "project", "account", "assignee")),
        *(f"{source}_exists" for source in ("project", "account", "post")),
        "thread_page",
    },
    "exports/queries.sql": {
        "accounts", "comments", "layers", "drafts", "recurrences", "queues", "saved_replies", "snippets", "links", "webhook_endpoints", "channels", "content", "container_ids", "reviews", "content_comments", "posts", "files",
        "insights", "account_insights", "project_objects", "content_objects", "audit", "count_rows",
    },
    "insights/groups.sql": {"by_day", "by_account", "by_platform", "by_post", "by_label", "export"},
    "links/queries.sql": {"list_links", "list_links_of_project"},
    "notices/queries.sql": {"list_notifications"},
    "projects/queries.sql": {"list_projects_down", "list_projects_up"},
    "posts/queries.sql": {
        f"list_{shape}_posts_{order}"
        for shape in ("project", "account", "container", "container_account")
        for order in ("asc", "desc")
    },
    "posts/find_words.sql": {"find_words"},
    "posts/bulk.sql": {f"add_{source}" for source in ("all", "project", "account", "container")},
    "posts/overview.sql": {
        f"{kind}_{source}{order}"
        for source in ("all", "project", "account", "container")
        for kind, orders in (("search", ("_asc", "_desc")), ("group", ("_asc", "_desc")), ("count", ("",)))
        for order in orders
    }
    | {"summarize_all", "summarize_labels", "summarize_projects"},
    "webhooks/queries.sql": {"list_deliveries"},
}  # fmt: skip
_MODE: Final = "SELECT current_setting('plan_cache_mode')"


def test_statements_declare_their_plan_modes() -> None:
    """Publish, the look-up of callers and the worker's statements are generic; lists with filters are custom."""
    found: dict[Plan, dict[str, set[str]]] = {plan: {} for plan in Plan}
    for (file, name), text in STATEMENTS.items():
        if (plan := plan_of(text)) is not None:
            found[plan].setdefault(file, set()).add(name)
    assert found[Plan.CUSTOM] == _CUSTOM
    assert found[Plan.GENERIC].keys() == _GENERIC.keys()
    for file, names in _GENERIC.items():
        assert names <= found[Plan.GENERIC][file]


def test_unknown_plan_mode_is_rejected() -> None:
    """A misspelled plan mode is an error."""
    with pytest.raises(ValueError, match="generik"):
        plan_of("-- plan: generik\nSELECT 1")


async def test_statement_runs_on_a_connection_with_its_plan_mode(dsn: str) -> None:
    """The declaration selects the connection; other statements and transactions use PostgreSQL's default."""
    async with pool_of(dsn) as pool:
        assert await pool.fetchval(_MODE) == "auto"
        for plan in Plan:
            statement = f"-- plan: {plan}\n{_MODE}"
            assert await pool.fetchval(statement) == f"force_{plan}_plan"
            assert (await pool.fetchrow(statement))[0] == (await pool.fetch(statement))[0][0] == f"force_{plan}_plan"
        async with pool.acquire() as connection, connection.transaction():
            assert await connection.fetchval(f"-- plan: generic\n{_MODE}") == "auto"


async def test_no_round_trip_is_spent_on_the_plan(dsn: str) -> None:
    """Sessions start with their plan mode, so only the statement is sent; the number of connections stays bounded."""
    async with pool_of(dsn, max_size=20) as pool:
        assert sum(part.get_max_size() for part in parts_of(pool)) == 24
        ran: list[str] = []
        for part in parts_of(pool):
            async with part.acquire() as connection:
                connection.add_query_logger(lambda record: ran.append(record.query))
        for _ in range(3):
            await pool.fetchval("-- plan: generic\nSELECT 1")
        assert set(ran) <= {"-- plan: generic\nSELECT 1"}


async def test_behind_a_pooler_no_plan_is_forced(tmp_path: Path, dsn: str) -> None:
    """Behind a pooler, which rejects the setting, all statements run with PostgreSQL's default."""
    async with bouncing(tmp_path, dsn, keeps=200) as pooled, pool_of(pooled) as pool:
        for plan in Plan:
            assert await pool.fetchval(f"-- plan: {plan}\n{_MODE}") == "auto"


async def test_publish_reuses_its_generic_plan(world: World, picture: bytes) -> None:
    """Twenty publish calls, with one and more targets, use the first plan of each connection."""
    project = await world.project()
    accounts = [await world.account(project, "instagram", f"bakery{number}") for number in range(3)]
    content = await world.content(project, picture)
    publish = statement("publish", world.api.context.platforms.offers(Environment.TEST))
    before = await _plans(world, publish)  # other tests use these connections, too
    for number in range(20):
        await world.publish(content, *accounts[: 1 + number % 3])
    after = await _plans(world, publish)
    assert (after[0] - before[0], after[1] - before[1]) == (20, 0)


async def test_publish_looks_rows_up_by_their_keys_from_the_first_call_on(world: World) -> None:
    """A plan that is made while the tables are almost empty is kept, so it already must not read them as a whole."""
    await world.project()
    pool = world.api.context.pool
    await pool.execute("ANALYZE projects, content_containers, media_assets, social_accounts")
    text = statement("publish", world.api.context.platforms.offers(Environment.TEST))
    (generic,) = [part for part in parts_of(pool) if await part.fetchval(_MODE) == "force_generic_plan"]
    async with generic.acquire() as connection:
        await connection.execute(f"PREPARE looked_up AS {text}")
        nothing = ", ".join(["NULL"] * 12)
        plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE looked_up({nothing})"))
        await connection.execute("DEALLOCATE looked_up")
    reads = [
        (node["Relation Name"], node.get("Index Cond"))
        for node in _nodes(plan[0]["Plan"])
        if "Relation Name" in node and "Scan" in node["Node Type"]
    ]
    assert {name for name, _ in reads} > {"projects", "content_containers", "media_assets", "social_accounts"}
    assert [name for name, condition in reads if condition is None] == []


async def _plans(world: World, statement: str) -> tuple[int, int]:
    """Return how often all connections used the generic plan and custom plans of a statement."""
    generic = custom = 0
    for part in parts_of(world.api.context.pool):
        connections = [await part.acquire() for _ in range(part.get_size())]
        for connection in connections:
            row = await connection.fetchrow(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1", statement
            )
            generic += row["generic_plans"] if row else 0
            custom += row["custom_plans"] if row else 0
        for connection in connections:
            await part.release(connection)
    return generic, custom


@asynccontextmanager
async def _connection_with_media(dsn: str) -> AsyncIterator[tuple[Connection, UUID]]:
    """Give a connection to a database with media of many organizations, and the organization that owns 40 files."""
    connection = await asyncpg.connect(dsn, server_settings={"plan_cache_mode": "force_generic_plan"})
    own = uuid4()
    try:
        await connection.execute("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'A', now())", own)
        await connection.execute(
            """WITH project AS (
                   INSERT INTO projects (id, organization_id, environment, name, timezone, metadata, status, review_policy,
                                         created_at, updated_at)
                   VALUES ($1, $1, 'test', 'P', 'UTC', '{}', 'active', 'auto_approve', now(), now()) RETURNING id
               ), container AS (
                   INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status,
                                                   media_type, caption, created_at, updated_at)
                   SELECT gen_random_uuid(), project.id, CASE WHEN n % 500 < 2 THEN $1 ELSE other END, 'test',
                          CASE WHEN n % 2 = 0 THEN 'queued' ELSE 'canceled' END, 'not_required', 'image', '', now(), now()
                     FROM project, unnest($2::uuid[]) WITH ORDINALITY AS o(other, place),
                          generate_series(20 * place, 20 * place + 19) AS n RETURNING id, organization_id
               )
               INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key,
                                         declared_size_bytes, size_bytes, created_at)
               SELECT gen_random_uuid(), id, organization_id, 'test', position, '', 10, CASE position WHEN 0 THEN 1 END, now()
                 FROM container, generate_series(0, 1) AS position""",
            own,
            [uuid4() for _ in range(500)],
        )
        await connection.execute("VACUUM ANALYZE media_assets, content_containers")
        yield connection, own
    finally:
        await connection.close()


async def test_counting_an_organizations_media_reads_one_row(owner_dsn: str) -> None:
    """Among thousands of files, stored and promised, of hundreds of organizations."""
    async with _connection_with_media(owner_dsn) as (connection, own):
        statement = STATEMENTS["content/queries.sql", "count_media_bytes"]
        assert await connection.fetchval(statement, own) == 40 * 1 + 20 * 10
        plan = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", own))
        (scan,) = [node for node in _nodes(plan[0]["Plan"]) if node["Node Type"].endswith("Scan")]
        assert (scan["Index Name"], scan["Actual Rows"]) == ("media_usage_pkey", 1)


async def test_deletion_and_its_sweeps_read_by_index(owner_dsn: str) -> None:
    """Among thousands of files, each statement of a deletion, of retention and of the sweeps reads only what it is about."""
    async with _connection_with_media(owner_dsn) as (connection, own):
        await connection.execute("""UPDATE content_containers SET status = 'completed' WHERE status = 'canceled'""")
        await connection.execute(
            """INSERT INTO media_renditions (object_key, container_id, organization_id, size_bytes, created_at)
               SELECT 'renditions/' || id || '/a.jpg', id, organization_id, 1, now() FROM content_containers"""
        )
        await connection.execute(
            """INSERT INTO media_removals (object_key, due_at, added_at)
               SELECT 'originals/' || id, now() + interval '1 day', now() FROM content_containers"""
        )
        await connection.execute("VACUUM ANALYZE media_assets, content_containers, media_renditions, media_removals")
        container = await connection.fetchval(
            "SELECT id FROM content_containers WHERE organization_id = $1 AND status = 'completed' LIMIT 1", own
        )
        now = await connection.fetchval("SELECT now()")
        content, media, posts = "content/queries.sql", "media/queries.sql", "posts/queries.sql"
        cases: list[tuple[str, str, list[object]]] = [
            (content, "remove_assets", [container, now, True]),
            (content, "take_renditions", [container, None]),
            (content, "erase_container", [container, now]),
            (content, "retention_page", [now - timedelta(days=1), UUID(int=0), now + timedelta(days=1), 10]),
            (content, "is_media_due", [container, now]),
            (content, "lock_erasure", []),
            (posts, "posts_that_need", [container, True, 20]),
            (posts, "erase_posts", [container, "m"]),
            (media, "claim_removals", [now, timedelta(minutes=1), 10]),
            (media, "named_media", [[container], ["a"]]),
            (media, "named_renditions", [["a"]]),
            (media, "owners_of_assets", [[container]]),
            (media, "add_rendition", ["renditions/x/y.jpg", container, 3, now]),
        ]
        wrong = {}
        for file, name, arguments in cases:
            transaction = connection.transaction()
            await transaction.start()
            plan = json.loads(
                await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {STATEMENTS[file, name]}", *arguments)
            )
            await transaction.rollback()
            scans = [node for node in _nodes(plan[0]["Plan"]) if node["Node Type"].endswith("Scan")]
            rows = sum(
                (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in scans
            )
            if rows > 150:
                wrong[name] = (rows, [(node["Node Type"], node.get("Relation Name")) for node in scans])
        assert not wrong, wrong


async def test_the_sweep_of_canceled_uploads_reads_no_finished_file(owner_dsn: str) -> None:
    """However many files are stored, it reads the unfinished ones, oldest first."""
    async with _connection_with_media(owner_dsn) as (connection, _):
        await connection.execute(
            """UPDATE media_assets SET verified_at = now(), probe = '{}', sha256 = repeat('0', 64) WHERE id NOT IN (
                   SELECT m.id FROM media_assets m JOIN content_containers c ON c.id = m.container_id
                    WHERE c.status = 'canceled' AND m.size_bytes IS NOT NULL LIMIT 30)"""
        )
        await connection.execute("VACUUM ANALYZE media_assets")
        statement = STATEMENTS["content/queries.sql", "canceled_uploads"]
        assert len(await connection.fetch(statement, 100)) == 30
        plan = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", 100))
        scans = [node for node in _nodes(plan[0]["Plan"]) if node["Node Type"].endswith("Scan")]
        assert "media_assets_unfinished" in {node.get("Index Name") for node in scans}
        rows = [(node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in scans]
        assert max(rows) <= 30


async def test_a_claim_reads_no_snoozed_post(owner_dsn: str) -> None:
    """With three thousand snoozed posts, a claim probes an index per due post and reads no snoozed post."""
    connection = await asyncpg.connect(owner_dsn, server_settings={"plan_cache_mode": "force_generic_plan"})
    try:
        await connection.execute(
            """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id,
                      platform, mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at,
                      updated_at, leased_until)
               SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'test', gen_random_uuid(), gen_random_uuid(),
                      'instagram', 'publish', CASE WHEN n > 20 THEN 'publishing' ELSE 'queued' END, now(), now(), '{}', 0, 1,
                      now(), now(), CASE WHEN n > 20 THEN now() + interval '20 hours' END
                 FROM generate_series(1, 3020) AS n"""
        )
        await connection.execute("ANALYZE scheduled_posts")
        now = await connection.fetchval("SELECT now()")
        plan = json.loads(
            await connection.fetchval(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {STATEMENTS['worker/queries.sql', 'claim']}",
                now, "worker", timedelta(minutes=10), 100, [],
            )
        )  # fmt: skip
        read = [
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in _nodes(plan[0]["Plan"])
            if node.get("Relation Name") == "scheduled_posts" and node["Node Type"].endswith("Scan")
        ]
        assert max(read) <= 100
        assert await connection.fetchval("SELECT count(*) FROM scheduled_posts WHERE leased_by = 'worker'") == 20
    finally:
        await connection.close()


async def test_a_claim_forgets_the_posts_that_left_the_queue(dsn: str) -> None:
    """Without a vacuum: a claim marks the index entries of two thousand ended posts, and later claims skip them."""
    async with pool_of(dsn) as pool:
        await as_owner(pool, "ALTER TABLE scheduled_posts SET (autovacuum_enabled = off)")
        insert = """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id,
                      platform, mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at,
                      updated_at)
               SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'test', gen_random_uuid(), gen_random_uuid(),
                      'instagram', 'publish', 'queued', t.at, t.at, '{}', 0, 1, now(), now()
                 FROM generate_series(1, $1) AS n
                CROSS JOIN LATERAL (SELECT now() + CASE WHEN n % 2 = 0 THEN interval '1 second' ELSE '0' END AS at) AS t"""
        await pool.execute(insert, 10)
        await pool.execute("ANALYZE scheduled_posts")
        await pool.execute("DELETE FROM scheduled_posts")
        later = await pool.fetchval("SELECT now() + interval '1 minute'")
        await pool.execute(insert, 2000)
        await pool.execute("UPDATE scheduled_posts SET status = 'canceled'")
        await pool.execute(insert, 10)
        assert await _blocks_of_claim(parts_of(pool)[1], later) > 2000
        async with asyncio.timeout(60):  # an entry is marked once no running transaction can need it
            while await _blocks_of_claim(parts_of(pool)[1], later) > 200:
                pass


async def _blocks_of_claim(generic: Pool, now: datetime) -> int:
    """Return how many blocks a claim reads to find ten posts, without a bitmap scan. It is rolled back."""
    async with generic.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {STATEMENTS['worker/queries.sql', 'claim']}"
        plan = json.loads(await connection.fetchval(explain, now, "worker", timedelta(minutes=10), 100, []))
        await transaction.rollback()
    nodes = _nodes(plan[0]["Plan"])
    assert not [node for node in nodes if node["Node Type"].startswith("Bitmap")]
    searches = [node for node in nodes if node.get("Subplan Name") in ("CTE at_once", "CTE due")]
    assert sum(node["Actual Rows"] for node in searches) == 10
    return sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"] for node in searches)


async def test_a_claim_reads_no_paused_endpoint(owner_dsn: str) -> None:
    """What waits for one is parked by the first claims; then a poll reads only the active ones, until it is resumed."""
    statement = STATEMENTS["worker/lanes.sql", "claim_lanes"]
    connection = await asyncpg.connect(owner_dsn, server_settings={"plan_cache_mode": "force_generic_plan"})
    own = uuid4()

    async def claim() -> set[UUID]:
        rows = await connection.fetch(statement, None, "worker/1", timedelta(0), 20, 20)
        return {row["id"] for row in rows}

    try:
        await connection.execute("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'A', now())", own)
        active = await connection.fetch(
            """WITH endpoint AS (
                   INSERT INTO webhook_endpoints (id, organization_id, environment, url, events, status, paused_at,
                                                  paused_reason, sealed_secret, created_at, updated_at)
                   SELECT gen_random_uuid(), $1, 'test', '', '{post.failed}', CASE WHEN n % 300 = 0 THEN 'active' ELSE 'paused' END,
                          CASE WHEN n % 300 > 0 THEN now() END, CASE WHEN n % 300 > 0 THEN 'gone' END, '', now(), now()
                     FROM generate_series(1, 3000) AS n RETURNING id, status
               ), delivery AS (
                   INSERT INTO webhook_deliveries (id, endpoint_id, organization_id, environment, event_id, event_type,
                                                   subject_id, occurred_at, data, status, due_at, created_at)
                   SELECT gen_random_uuid(), id, $1, 'test', id, 'post.failed', gen_random_uuid(), now(), '{}', 'pending',
                          '-infinity', now() FROM endpoint, generate_series(1, 5)
               ) SELECT id FROM endpoint WHERE status = 'active' ORDER BY id""",
            own,
        )
        for _ in range(30):
            assert await claim() == {row["id"] for row in active}
        await connection.execute("VACUUM ANALYZE webhook_endpoints, webhook_deliveries")
        tables = {"webhook_endpoints", "webhook_deliveries"}
        next_due = STATEMENTS["worker/lanes.sql", "next_due"]
        for text, arguments in ((statement, [None, "worker/1", timedelta(0), 20, 20]), (next_due, [None])):
            explained = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *arguments)
            nodes = _nodes(json.loads(explained)[0]["Plan"])
            scans = [node for node in nodes if node.get("Relation Name") in tables and "Scan" in node["Node Type"]]
            rows = [(one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"] for one in scans]
            assert 0 < max(rows) <= len(active)
        resumed = await connection.fetchval(
            "SELECT id FROM webhook_endpoints WHERE status = 'paused' ORDER BY id LIMIT 1"
        )
        resume = "UPDATE webhook_endpoints SET status = 'active', paused_at = NULL, paused_reason = NULL WHERE id = $1"
        await connection.execute(resume, resumed)
        assert await claim() == {row["id"] for row in active} | {resumed}
        parked = "SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = $1 AND is_parked"
        assert await connection.fetchval(parked, resumed) == 0
    finally:
        await connection.close()


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for inner in plan.get("Plans", []) for node in _nodes(inner))]
