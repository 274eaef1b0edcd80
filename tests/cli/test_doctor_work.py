"""The doctor on set-ups that are really broken: the database server, the queue, the keys."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr
from tests.worker.rows import insert_account, insert_post, owner_of_project

from presswork.accounts.vault import seal_tokens
from presswork.cli.database import connected
from presswork.cli.doctor.database import (
    check_server,
    clocks,
    connections,
    durability,
    grants,
    locks,
    not_reached,
    vacuum,
)
from presswork.cli.doctor.finding import Finding, Verdict
from presswork.cli.doctor.work import check_work
from presswork.core.errors import Unavailable
from presswork.core.settings import Settings
from presswork.crypto.keyring import load_keyring, new_key_text
from presswork.db.pool import Pool
from presswork.platforms.port import Tokens

SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
NEVER, AT_ONCE = timedelta(days=1), timedelta(0)


async def _work(settings: Settings, dsn: str) -> dict[str, Finding]:
    async with connected(dsn) as connection:
        return {found.name: found for found in await check_work(settings, connection)}


@pytest.fixture
async def account(pool: Pool) -> UUID:
    """An account."""
    await owner_of_project(pool)
    return await insert_account(pool)


async def test_a_wrong_password_and_a_missing_database_are_told_apart(dsn: str) -> None:
    """Each refusal of the server has its own remedy."""
    parts = urlsplit(dsn)
    user, _, rest = parts.netloc.partition(":")
    wrong = urlunsplit(parts._replace(netloc=f"{user}:wrong@{rest.partition('@')[2]}"))
    missing = urlunsplit(parts._replace(path="/nobody_made_this"))
    found = []
    for address in (wrong, missing, "postgresql://127.0.0.1:1/none"):
        with pytest.raises(Unavailable) as refusal:
            async with connected(address):
                pass
        found.append(not_reached(refusal.value).fix or "")
    assert ["password" in found[0], "createdb" in found[1], "Start the server" in found[2]] == [True] * 3


async def test_a_database_that_only_reads_fails(dsn: str, owner_dsn: str, settings: Settings) -> None:
    """A standby, or a read-only server, fails."""
    async with connected(owner_dsn) as connection:
        await connection.execute(f"ALTER DATABASE {urlsplit(dsn).path[1:]} SET default_transaction_read_only = on")
    async with connected(dsn) as connection:
        found = {one.name: one for one in await check_server(settings, connection)}
    assert found["database"].verdict is Verdict.FAIL
    assert "primary" in (found["database"].fix or "")


async def test_a_table_that_an_upgrade_added_without_a_grant_fails(dsn: str, owner_dsn: str) -> None:
    """A separate role needs a grant for each new table; a role that could change the audit log is reported."""
    async with connected(owner_dsn) as owner, connected(dsn) as connection:
        granted, as_owner = await grants(connection), await grants(owner)
        assert (granted.verdict, as_owner.verdict) == (Verdict.OK, Verdict.OK)
        assert ("append-only" in granted.message, "could change" in as_owner.message) == (True, True)
        await owner.execute("CREATE TABLE newer (id int)")
        found = await grants(connection)
        await owner.execute("GRANT SELECT, INSERT, UPDATE ON newer TO PUBLIC")
        half = await grants(connection)
    assert (found.verdict, half.verdict, "newer" in found.message) == (Verdict.FAIL, Verdict.FAIL, True)
    assert "--grant-to" in (found.fix or "")


@pytest.mark.parametrize("name", list(SAFE))
def test_settings_that_forget_what_was_answered_fail(name: str) -> None:
    """Each of the three is named."""
    assert durability(SAFE).verdict is Verdict.OK
    found = durability({**SAFE, name: "off"})
    assert (found.verdict, name in found.message) == (Verdict.FAIL, True)


def test_too_few_connections_are_told_before_they_run_out() -> None:
    """What all processes may take is compared with what there is."""
    assert connections(most=97, in_use=40, processes=2).verdict is Verdict.OK
    assert connections(most=97, in_use=40, processes=3).verdict is Verdict.WARN
    assert connections(most=30, in_use=1, processes=0).verdict is Verdict.WARN
    assert connections(most=97, in_use=97, processes=2).verdict is Verdict.FAIL


def test_clocks_that_are_apart_are_told() -> None:
    """Seconds are a warning, half a minute is a failure."""
    assert [clocks(timedelta(seconds=apart)).verdict for apart in (1, 10, 60)] == [
        Verdict.OK,
        Verdict.WARN,
        Verdict.FAIL,
    ]


@contextlib.asynccontextmanager
async def _stuck(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who locks the posts and goes away from the keyboard."""
    holder = await asyncpg.connect(dsn, server_settings={"application_name": "a person's psql"})
    try:
        await holder.execute("BEGIN; LOCK TABLE scheduled_posts IN ACCESS EXCLUSIVE MODE")
        yield holder
    finally:
        await holder.close()


async def test_who_holds_a_lock_and_who_waits_for_it_is_told(dsn: str) -> None:
    """A forgotten transaction holds the posts: the doctor names it, who waits, and how to end it."""
    async with _stuck(dsn) as holder, connected(dsn) as connection, connected(dsn) as other:
        assert [one.verdict for one in await locks(connection, idle_for=NEVER, blocked_for=NEVER)] == [Verdict.OK]
        waiting = asyncio.create_task(other.fetchval("SELECT count(*) FROM scheduled_posts"))
        pid = holder.get_server_pid()
        async with asyncio.timeout(20):
            while len(found := await locks(connection, idle_for=AT_ONCE, blocked_for=AT_ONCE)) < 2:
                pass  # each look is a round trip, so the other statement gets to its wait
        await holder.execute("ROLLBACK")
        await waiting
    blocked, idle = found
    assert (blocked.verdict, idle.verdict) == (Verdict.FAIL, Verdict.WARN)
    assert all(f"pg_terminate_backend({pid})" in (one.fix or "") for one in found)
    assert "a person's psql" in idle.message


async def test_dead_rows_that_pile_up_are_told(dsn: str, pool: Pool, account: UUID) -> None:
    """A table that is mostly dead rows is named; with autovacuum off, that is reported instead."""
    async with connected(dsn) as connection:
        for _ in range(5):
            await connection.execute("UPDATE social_accounts SET updated_at = updated_at")
        await connection.execute("SELECT pg_stat_force_next_flush()")
        (found,) = await vacuum(connection, {"autovacuum": "on"}, many=3)
        assert (found.verdict, "social_accounts" in found.message) == (Verdict.WARN, True)
        assert [one.verdict for one in await vacuum(connection, {"autovacuum": "on"}, many=10**6)] == [Verdict.OK]
        assert [one.verdict for one in await vacuum(connection, {"autovacuum": "off"}, many=3)] == [Verdict.FAIL]


async def test_a_queue_that_nobody_works_on_fails(dsn: str, pool: Pool, account: UUID, settings: Settings) -> None:
    """No worker: a warning while nothing is due, a failure once a post is, and late it is as well after two minutes."""
    now = datetime.now(UTC)
    found = await _work(settings, dsn)
    assert (found["workers"].verdict, found["queue"].verdict) == (Verdict.WARN, Verdict.OK)
    post = await insert_post(pool, account, due=now, accepted=now)
    found = await _work(settings, dsn)
    assert (found["workers"].verdict, found["queue"].verdict) == (Verdict.FAIL, Verdict.OK)
    await pool.execute("UPDATE scheduled_posts SET run_at = $2 WHERE id = $1", post, now - timedelta(minutes=3))
    assert (await _work(settings, dsn))["queue"].verdict is Verdict.FAIL
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_by = 'dead', leased_until = $2 WHERE id = $1",
        post,
        now - timedelta(minutes=3),
    )
    queue = (await _work(settings, dsn))["queue"]
    assert (queue.verdict, "no worker takes" in queue.message) == (Verdict.FAIL, True)
    await pool.execute("INSERT INTO workers (id, started_at, seen_at) VALUES ('w', $1, $1)", now)
    assert (await _work(settings, dsn))["workers"].verdict is Verdict.OK


async def test_a_worker_whose_clock_is_ahead_is_named(dsn: str, pool: Pool, settings: Settings) -> None:
    """Leases are compared between machines, so their clocks are too."""
    later = datetime.now(UTC) + timedelta(minutes=5)
    await pool.execute("INSERT INTO workers (id, started_at, seen_at) VALUES ('box-7', $1, $1)", later)
    assert (await _work(settings, dsn))["clock of worker box-7"].verdict is Verdict.FAIL


async def test_what_posts_wait_for_is_told(dsn: str, pool: Pool, account: UUID, settings: Settings) -> None:
    """A missing setting fails and is named, a platform error is a warning in its own words, accounts to reconnect are counted."""
    now = datetime.now(UTC)
    later = now + timedelta(hours=1)
    unset = await insert_post(pool, account, due=now, accepted=now)
    other = await insert_account(pool)
    await pool.execute("UPDATE social_accounts SET status = 'reauth_required' WHERE id = $1", other)
    troubled = await insert_post(pool, other, due=now, accepted=now)
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_until = $2, missing_since = $3, waits_for = 'Set X.' WHERE id = $1",
        unset,
        later,
        now,
    )
    await pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', leased_until = $2, last_error_at = $3, error_count = 1 WHERE id = $1",
        troubled,
        later,
        now,
    )
    await pool.execute(
        "INSERT INTO post_events (post_id, at, event, message, detail) VALUES ($1, $2, 'retrying', 'TikTok is down.', '{}')",
        troubled,
        now,
    )
    found = await _work(settings, dsn)
    assert (found["missing setting"].verdict, "Set X." in found["missing setting"].message) == (Verdict.FAIL, True)
    trouble = found["retrying posts on tiktok"]
    assert (trouble.verdict, "TikTok is down." in trouble.message) == (Verdict.WARN, True)
    assert found["accounts"].verdict is Verdict.WARN


async def test_keys_that_do_not_open_what_is_sealed_fail(
    dsn: str, pool: Pool, account: UUID, settings: Settings
) -> None:
    """No key beside a database with tokens, another key, and the right one: only that is well."""
    keys = new_key_text()
    right = settings.model_copy(update={"secret_keys": SecretStr(keys)})
    sealed = seal_tokens(load_keyring(right), Tokens(access_token="t", issued_at=datetime.now(UTC), expires_at=None))
    await pool.execute("UPDATE social_accounts SET sealed_tokens = $1", sealed)
    assert (await _work(settings, dsn))["encrypted values"].verdict is Verdict.FAIL
    wrong = settings.model_copy(update={"secret_keys": SecretStr(new_key_text())})
    assert (await _work(wrong, dsn))["encrypted values"].verdict is Verdict.FAIL
    both = settings.model_copy(update={"secret_keys": SecretStr(f"{new_key_text()},{keys}")})
    assert (await _work(both, dsn))["encrypted values"].verdict is Verdict.OK
    assert not settings.data_dir.exists(), "the doctor made a key"
