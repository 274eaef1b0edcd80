"""Each index of the tables that grow is in the plan of a statement, and no statement reads such a table as a whole."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final

import asyncpg
from tests.db.statements import STATEMENTS

from presswork.db.pool import Connection

_TABLES: Final = ("audit_log", "idempotency_keys", "post_events", "scheduled_posts", "webhook_deliveries")
_LOOKED_UP: Final = (
    *_TABLES, "account_insights", "comment_calls", "comments", "content_comments", "content_reminders", "drafts",
    "live_reads", "notice_channels", "notice_deliveries",
    "notice_destinations", "notice_events", "notice_mail_windows", "notices", "notification_preferences", "notifications", "post_insights",
    "push_subscriptions", "queue_holds", "queue_refills", "queues", "recurrence_occurrences", "recurrences", "saved_replies",
    "snippets",
)  # fmt: skip
_PSQL: Final = "backup/restore_reconciliation.sql"
_POPULATE: Final = """
CREATE TEMPORARY TABLE org AS SELECT n AS number, gen_random_uuid() AS id FROM generate_series(0, 19) n;
INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform, mode,
       status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at, leased_until, leased_by,
       delivery_reference)
SELECT gen_random_uuid(), o.id, o.id, 'test', md5((n / 10)::text)::uuid, md5(('a' || n % 500)::text)::uuid, 'instagram',
       'publish', s.status, s.at, s.at, '{}', 0, 1, now(), now(), CASE s.status WHEN 'publishing' THEN s.at END,
       CASE WHEN s.status = 'publishing' AND n % 20 = 1 THEN 'worker' END, CASE WHEN n % 3 = 0 THEN 'r' || n END
  FROM generate_series(1, 6000) AS n JOIN org o ON o.number = n % 20
 CROSS JOIN LATERAL (SELECT now() + (n - 5000) * interval '1 minute' AS at,
                            CASE WHEN n <= 500 AND n % 10 = 1 THEN 'publishing' WHEN n % 10 = 2 THEN 'queued'
                                 WHEN n % 100 = 3 THEN 'failed' ELSE 'published' END AS status) AS s;
INSERT INTO post_events (post_id, at, event, message, detail)
SELECT id, created_at, 'queued', '', '{}' FROM scheduled_posts, generate_series(1, 4);
INSERT INTO webhook_deliveries (id, endpoint_id, organization_id, environment, event_id, event_type, subject_id,
       occurred_at, data, status, due_at, settled_at, created_at)
SELECT gen_random_uuid(), o.id, o.id, 'test', o.id, CASE WHEN n % 100 = 0 THEN 'test.ping' ELSE 'post.published' END,
       gen_random_uuid(), now(), '{}', CASE WHEN n % 20 = 0 THEN 'pending' ELSE 'delivered' END, now(),
       CASE WHEN n % 20 > 0 THEN now() END, now()
  FROM generate_series(1, 6000) AS n JOIN org o ON o.number = n % 19;
INSERT INTO audit_log (id, at, organization_id, environment, action, actor, key_id, object_id, detail)
SELECT gen_random_uuid(), now() - n * interval '1 second', o.id, 'test', 'action ' || n % 7, 'api_key', md5((n % 50)::text)::uuid,
       'sp_' || n, '{}' FROM generate_series(1, 6000) AS n JOIN org o ON o.number = n % 20;
INSERT INTO idempotency_keys (key_id, route, idempotency_key, fingerprint, status, body, created_at)
SELECT gen_random_uuid(), 'POST', n::text, decode(repeat('00', 32), 'hex'), 200, '', now() - n * interval '1 second'
  FROM generate_series(1, 6000) AS n;
"""


async def test_every_index_of_the_growing_tables_has_a_reader(owner_dsn: str) -> None:
    """An index costs a part of each insert and of most updates, so one that no statement uses is dropped."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute(_POPULATE)
        await connection.execute(f"VACUUM ANALYZE {', '.join(_TABLES)}")
        readers = await _readers(connection)
        rows = await connection.fetch(
            "SELECT indexrelname FROM pg_stat_user_indexes WHERE relname = ANY($1) ORDER BY relname, indexrelname",
            _TABLES,
        )
    finally:
        await connection.close()
    assert [row["indexrelname"] for row in rows if not readers.get(row["indexrelname"])] == []
    assert len(rows) > 20


async def test_no_statement_reads_a_growing_table_as_a_whole(owner_dsn: str) -> None:
    """Not even with a plan that is made once for all values."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        whole = [
            (statement, node["Relation Name"])
            async for statement, nodes in _plans(connection, _LOOKED_UP)
            for node in nodes
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in _LOOKED_UP
        ]
    finally:
        await connection.close()
    assert whole == []


async def _readers(connection: Connection) -> Mapping[str, set[str]]:
    """Return the statements whose kept plan uses an index, by the name of the index."""
    readers: dict[str, set[str]] = defaultdict(set)
    async for statement, nodes in _plans(connection, _TABLES):
        for node in nodes:
            for index in (node.get("Index Name"), *node.get("Conflict Arbiter Indexes", ())):
                if index is not None:
                    readers[index].add(statement)
    return readers


async def _plans(
    connection: Connection, tables: Sequence[str]
) -> AsyncIterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """Yield each statement that names one of the tables, with the nodes of its kept plan."""
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await connection.execute("SET enable_seqscan = off")
    for number, ((file, name), text) in enumerate(STATEMENTS.items()):
        words = "\n".join(line for line in text.splitlines() if not line.startswith("-- "))
        if (
            file == _PSQL
            or "{" in words.replace("'{}'", "").replace("'{", "")
            or not any(one in words for one in tables)
        ):
            continue
        await connection.execute(f"PREPARE s{number} AS {words}")
        count = await connection.fetchval(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1", f"s{number}"
        )
        arguments = f"({', '.join(['NULL'] * count)})" if count else ""
        plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE s{number}{arguments}"))
        yield f"{file}: {name}", list(_nodes(plan[0]["Plan"]))


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
