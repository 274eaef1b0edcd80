"""`presswork doctor` on broken installations: database server, queue, secret keys."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr
from tests.databases import owner_of
from tests.worker.rows import insert_account, insert_post, owner_of_project

from presswork.accounts.vault import seal_tokens
from presswork.core.errors import Unavailable
from presswork.crypto.keyring import load_keyring, new_key_text
from presswork.db.one_connection import connected
from presswork.db.pool import Pool
from presswork.doctor.checks.database import (
    check_server,
    clocks,
    connections,
    durability,
    grants,
    locks,
    not_reached,
    vacuum,
)
from presswork.doctor.checks.work import MediaUse, check_work, media_use, removed_metrics
from presswork.doctor.model import CheckStatus, Finding
from presswork.insights.store import RemovedMetric
from presswork.platforms.port import Tokens
from presswork.platforms.settings import Settings

SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
NEVER, AT_ONCE = timedelta(days=1), timedelta(0)


async def _work(settings: Settings, dsn: str) -> dict[str, Finding]:
    async with connected(dsn) as connection:
        return {found.name: found for found in await check_work(settings, connection)}


@pytest.fixture
async def account(pool: Pool) -> UUID:
    """A connected account."""
    await owner_of_project(pool)
    return await insert_account(pool)


async def test_each_connection_error_has_its_fix(dsn: str) -> None:
    """A wrong password, a missing database and a stopped server each have a different fix."""
    parts = urlsplit(dsn)
    user, _, rest = parts.netloc.partition(":")
    wrong = urlunsplit(parts._replace(netloc=f"{user}:wrong@{rest.partition('@')[2]}"))
    missing = urlunsplit(parts._replace(path="/missing_database"))
    found = []
    for address in (wrong, missing, "postgresql://127.0.0.1:1/none"):
        with pytest.raises(Unavailable) as refusal:
            async with connected(address):
                pass
        found.append(not_reached(refusal.value).fix or "")
    assert ["password" in found[0], "createdb" in found[1], "Start the server" in found[2]] == [True] * 3


async def test_a_read_only_database_fails(dsn: str, owner_dsn: str, settings: Settings) -> None:
    """A standby or a read-only server fails."""
    async with connected(owner_dsn) as connection:
        await connection.execute(f"ALTER DATABASE {urlsplit(dsn).path[1:]} SET default_transaction_read_only = on")
    async with connected(dsn) as connection:
        found = {one.name: one for one in await check_server(settings, connection)}
    assert found["database"].status is CheckStatus.FAIL
    assert "primary" in (found["database"].fix or "")


async def test_a_table_without_a_grant_fails(dsn: str, owner_dsn: str) -> None:
    """A separate role needs a grant for each new table; a role that could change the audit log is reported."""
    async with connected(owner_dsn) as owner, connected(dsn) as connection:
        granted, as_owner = await grants(connection), await grants(owner)
        assert (granted.status, as_owner.status) == (CheckStatus.OK, CheckStatus.OK)
        assert ("append-only" in granted.message, "could change" in as_owner.message) == (True, True)
        await owner.execute("CREATE TABLE newer (id int)")
        found = await grants(connection)
        await owner.execute("GRANT SELECT, INSERT, UPDATE ON newer TO PUBLIC")
        half = await grants(connection)
    assert (found.status, half.status, "newer" in found.message) == (CheckStatus.FAIL, CheckStatus.FAIL, True)
    assert "--grant-to" in (found.fix or "")


@pytest.mark.parametrize("name", list(SAFE))
def test_unsafe_durability_settings_fail(name: str) -> None:
    """Each of the three settings fails when it is off, and the message names it."""
    assert durability(SAFE).status is CheckStatus.OK
    found = durability({**SAFE, name: "off"})
    assert (found.status, name in found.message) == (CheckStatus.FAIL, True)


def test_too_few_connections_warn_before_they_run_out() -> None:
    """The pools of all processes are compared with the connections of the server."""
    assert connections(max_connections=97, in_use=40, processes=2).status is CheckStatus.OK
    assert connections(max_connections=97, in_use=40, processes=3).status is CheckStatus.WARN
    assert connections(max_connections=30, in_use=1, processes=0).status is CheckStatus.WARN
    assert connections(max_connections=97, in_use=97, processes=2).status is CheckStatus.FAIL


def test_clock_skew_is_reported() -> None:
    """A skew of seconds is a warning, half a minute is a failure."""
    assert [clocks(timedelta(seconds=apart)).status for apart in (1, 10, 60)] == [
        CheckStatus.OK,
        CheckStatus.WARN,
        CheckStatus.FAIL,
    ]


@contextlib.asynccontextmanager
async def _stuck(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Hold an exclusive lock on the posts in an idle transaction."""
    holder = await asyncpg.connect(dsn, server_settings={"application_name": "forgotten psql"})
    try:
        await holder.execute("BEGIN; LOCK TABLE scheduled_posts IN ACCESS EXCLUSIVE MODE")
        yield holder
    finally:
        await holder.close()


async def test_lock_holders_and_waiters_are_reported(dsn: str) -> None:
    """`doctor` names the idle transaction that holds the lock, the waiting statement, and the command that ends it."""
    async with _stuck(dsn) as holder, connected(dsn) as connection, connected(dsn) as other:
        assert [one.status for one in await locks(connection, idle_for=NEVER, blocked_for=NEVER)] == [CheckStatus.OK]
        waiting = asyncio.create_task(other.fetchval("SELECT count(*) FROM scheduled_posts"))
        pid = holder.get_server_pid()
        async with asyncio.timeout(60):
            while len(found := await locks(connection, idle_for=AT_ONCE, blocked_for=AT_ONCE)) < 2:
                pass  # each call is a round trip, so the other statement reaches its wait
        await holder.execute("ROLLBACK")
        await waiting
    blocked, idle = found
    assert (blocked.status, idle.status) == (CheckStatus.FAIL, CheckStatus.WARN)
    assert all(f"pg_terminate_backend({pid})" in (one.fix or "") for one in found)
    assert "forgotten psql" in idle.message


async def test_a_long_transaction_at_work_is_reported(dsn: str) -> None:
    """A dump, for example, is not idle, but posts that end meanwhile stay in the indexes."""
    async with connected(dsn) as connection, connected(dsn) as dump:
        working = asyncio.create_task(dump.execute("SELECT count(*) FROM generate_series(1, 1e12)"))
        async with asyncio.timeout(60):
            while len(found := await locks(connection, idle_for=NEVER, blocked_for=NEVER, open_for=AT_ONCE)) != 1 or (
                found[0].status is not CheckStatus.WARN
            ):
                pass  # each call is a round trip
        (one,) = found
        assert (str(dump.get_server_pid()) in one.name, "standby" in (one.fix or "")) == (True, True)
        await connection.execute("SELECT pg_cancel_backend($1)", dump.get_server_pid())
        with pytest.raises(asyncpg.QueryCanceledError):
            await working


async def test_an_audit_log_that_workers_may_not_prune_is_reported(
    dsn: str, pool: Pool, settings: Settings, account: UUID
) -> None:
    """Only if the setting wants entries deleted, and only for the role that may only append."""
    await pool.execute(
        """INSERT INTO audit_log (id, at, action, actor, detail)
           SELECT gen_random_uuid(), now() - interval '50 days', 'music.import', 'command_line', '{}'"""
    )
    assert "audit log" not in await _work(settings, dsn)
    keeping = settings.model_copy(update={"keep_audit_log": timedelta(days=45)})
    finding = (await _work(keeping, dsn))["audit log"]
    assert (finding.status, "5 days" in finding.message) == (CheckStatus.WARN, True)
    assert "audit log" not in await _work(keeping, owner_of(dsn))


def test_media_that_could_go_and_objects_that_stay_are_reported() -> None:
    """How much there is, what a setting could remove while it is not set, and a store that refuses to delete for a day."""
    now = datetime(2026, 12, 2, tzinfo=UTC)
    gib = 1024**3
    use = MediaUse(
        bytes=5 * gib, rendition_bytes=gib, containers=12, old_bytes=2 * gib, removals=3, oldest_at=now, now=now
    )
    found = media_use(use, keeps_all=True)
    assert found.status is CheckStatus.OK
    assert "4.0 GiB of originals, 1.0 GiB of conversions. 2.0 GiB of them" in found.message
    assert "PRESSWORK_KEEP_MEDIA" not in media_use(use, keeps_all=False).message
    stuck = media_use(replace(use, now=now + timedelta(days=2)), keeps_all=True)
    assert (stuck.status, "3 objects" in stuck.message) == (CheckStatus.WARN, True)


def test_metrics_that_platforms_have_removed_are_named() -> None:
    """A few of many, and how to ask for them again."""
    found = [
        RemovedMetric(login="instagram", environment="live", api_version="v27.0", metric=f"metric_{number}")
        for number in range(12)
    ]
    assert removed_metrics([]) == []
    (finding,) = removed_metrics(found)
    assert finding.status is CheckStatus.WARN
    assert "metric_9 (instagram, live) and 2 more" in finding.message
    assert "presswork insights ask-again" in str(finding.fix)


async def test_many_dead_rows_are_reported(owner_dsn: str, dsn: str, pool: Pool, account: UUID) -> None:
    """A table of mostly dead rows is a warning; autovacuum that is off is a failure."""
    async with connected(owner_dsn) as owner:
        await owner.execute("VACUUM")  # the database may have served other tests, and only three tables are named
    async with connected(dsn) as connection:
        for _ in range(5):
            await connection.execute("UPDATE social_accounts SET updated_at = updated_at")
        await connection.execute("SELECT pg_stat_force_next_flush()")
        (found,) = await vacuum(connection, {"autovacuum": "on"}, many=3)
        assert (found.status, "social_accounts" in found.message) == (CheckStatus.WARN, True)
        assert [one.status for one in await vacuum(connection, {"autovacuum": "on"}, many=10**6)] == [CheckStatus.OK]
        assert [one.status for one in await vacuum(connection, {"autovacuum": "off"}, many=3)] == [CheckStatus.FAIL]


async def test_a_queue_without_workers_fails(dsn: str, pool: Pool, account: UUID, settings: Settings) -> None:
    """Without a worker: a warning while no post is due, a failure once one is; after two minutes the queue fails too."""
    now = datetime.now(UTC)
    found = await _work(settings, dsn)
    assert (found["workers"].status, found["queue"].status) == (CheckStatus.WARN, CheckStatus.OK)
    post = await insert_post(pool, account, due=now, accepted=now)
    found = await _work(settings, dsn)
    assert (found["workers"].status, found["queue"].status) == (CheckStatus.FAIL, CheckStatus.OK)
    await pool.execute("UPDATE scheduled_posts SET run_at = $2 WHERE id = $1", post, now - timedelta(minutes=3))
    assert (await _work(settings, dsn))["queue"].status is CheckStatus.FAIL
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_by = 'dead', leased_until = $2 WHERE id = $1",
        post,
        now - timedelta(minutes=3),
    )
    queue = (await _work(settings, dsn))["queue"]
    assert (queue.status, "no worker takes" in queue.message) == (CheckStatus.FAIL, True)
    await pool.execute("INSERT INTO workers (id, started_at, seen_at) VALUES ('w', $1, $1)", now)
    assert (await _work(settings, dsn))["workers"].status is CheckStatus.OK


async def test_a_worker_with_a_fast_clock_is_named(dsn: str, pool: Pool, settings: Settings) -> None:
    """A worker whose clock is five minutes ahead of the database fails its check."""
    later = datetime.now(UTC) + timedelta(minutes=5)
    await pool.execute("INSERT INTO workers (id, started_at, seen_at) VALUES ('box-7', $1, $1)", later)
    assert (await _work(settings, dsn))["clock of worker box-7"].status is CheckStatus.FAIL


async def test_reasons_why_posts_wait_are_reported(dsn: str, pool: Pool, account: UUID, settings: Settings) -> None:
    """A missing setting fails; a platform error is a warning with its message; accounts to reconnect are counted."""
    now = datetime.now(UTC)
    later = now + timedelta(hours=1)
    unset = await insert_post(pool, account, due=now, accepted=now)
    other = await insert_account(pool)
    await pool.execute("UPDATE social_accounts SET status = 'reauth_required' WHERE id = $1", other)
    retrying = await insert_post(pool, other, due=now, accepted=now)
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_until = $2, missing_since = $3, waits_for = 'Set X.' WHERE id = $1",
        unset,
        later,
        now,
    )
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_until = $2, last_error_at = $3, error_count = 1 WHERE id = $1",
        retrying,
        later,
        now,
    )
    await pool.execute(
        "INSERT INTO post_events (post_id, at, event, message, detail) VALUES ($1, $2, 'retrying', 'TikTok is down.', '{}')",
        retrying,
        now,
    )
    found = await _work(settings, dsn)
    assert (found["missing setting"].status, "Set X." in found["missing setting"].message) == (CheckStatus.FAIL, True)
    found_retrying = found["retrying posts on tiktok"]
    assert (found_retrying.status, "TikTok is down." in found_retrying.message) == (CheckStatus.WARN, True)
    assert found["accounts"].status is CheckStatus.WARN


async def test_keys_that_can_not_decrypt_fail(dsn: str, pool: Pool, account: UUID, settings: Settings) -> None:
    """With encrypted tokens in the database, no key and another key fail; the right key passes."""
    keys = new_key_text()
    right = settings.model_copy(update={"secret_keys": SecretStr(keys)})
    sealed = seal_tokens(load_keyring(right), Tokens(access_token="t", issued_at=datetime.now(UTC), expires_at=None))
    await pool.execute("UPDATE social_accounts SET sealed_tokens = $1", sealed)
    assert (await _work(settings, dsn))["encrypted values"].status is CheckStatus.FAIL
    wrong = settings.model_copy(update={"secret_keys": SecretStr(new_key_text())})
    assert (await _work(wrong, dsn))["encrypted values"].status is CheckStatus.FAIL
    both = settings.model_copy(update={"secret_keys": SecretStr(f"{new_key_text()},{keys}")})
    assert (await _work(both, dsn))["encrypted values"].status is CheckStatus.OK
    assert not settings.data_dir.exists(), "`doctor` created a key"
