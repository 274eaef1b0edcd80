"""Liveness and readiness."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest
from tests.api.wire import REQUEST_ID
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.databases import as_owner

from presswork.db.pool import Pool


@pytest.fixture
async def browser(api: Api) -> httpx2.AsyncClient:
    """A client without a key."""
    return await api.anonymous()


async def _see_worker(pool: Pool, clock: MovableClock) -> None:
    await pool.execute("INSERT INTO workers (id, started_at, seen_at) VALUES ('w', $1, $1)", clock.now())


def _failed(answer: httpx2.Response) -> dict[str, str]:
    """Return the failed checks; assert that the error message lists the same ones."""
    assert answer.status_code == 503
    body = answer.json()
    failed = {check["name"]: check["message"] for check in body["checks"] if not check["ok"]}
    assert (body["status"], body["error"]["code"]) == ("not_ready", "UNAVAILABLE")
    assert body["error"]["message"] == "; ".join(f"{name}: {message}" for name, message in failed.items())
    assert REQUEST_ID.fullmatch(body["error"]["requestId"])
    assert answer.headers["x-request-id"] == body["error"]["requestId"]
    return failed


async def test_the_process_is_alive(browser: httpx2.AsyncClient) -> None:
    """/healthz returns only ok."""
    answer = await browser.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_readiness_requires_a_recent_worker_heartbeat(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """Without a worker, or with an old heartbeat, the API is not ready and says what to do."""
    assert _failed(await browser.get("/readyz")) == {
        "worker": "no recent heartbeat; start a worker with `presswork worker`"
    }
    await _see_worker(api.context.pool, clock)
    clock.advance(timedelta(seconds=15))
    answer = await browser.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert [(check["name"], check["ok"]) for check in answer.json()["checks"]] == [
        ("database", True),
        ("migrations", True),
        ("worker", True),
        ("queue", True),
    ]
    clock.advance(timedelta(microseconds=1))
    assert list(_failed(await browser.get("/readyz"))) == ["worker"]


async def test_readiness_requires_the_current_schema(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """Pending migrations and those of a newer version fail the check with different messages."""
    await _see_worker(api.context.pool, clock)
    await as_owner(api.context.pool, "INSERT INTO schema_migrations (version) VALUES ('99990101000000')")
    assert "newer version of Presswork" in _failed(await browser.get("/readyz"))["migrations"]
    await as_owner(
        api.context.pool,
        "DELETE FROM schema_migrations WHERE version IN (SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 2)",
    )
    pending = _failed(await browser.get("/readyz"))
    assert (list(pending), pending["migrations"]) == (["migrations", "worker"], "1 pending; run `presswork migrate`")
    await as_owner(api.context.pool, "DROP TABLE schema_migrations")
    assert "belongs to another program" in _failed(await browser.get("/readyz"))["migrations"]


async def test_database_outage_affects_readiness_only(
    api: Api, browser: httpx2.AsyncClient, server_dsn: str, dsn: str, clock: MovableClock
) -> None:
    """During a database outage the process stays alive but not ready, and becomes ready again afterwards."""
    await _see_worker(api.context.pool, clock)
    name = urlsplit(dsn).path.removeprefix("/")
    admin = await asyncpg.connect(server_dsn)
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        assert list(_failed(await browser.get("/readyz"))) == ["database"]
        assert (await browser.get("/healthz")).status_code == 200
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    finally:
        await admin.close()
    async with asyncio.timeout(20):
        while (await browser.get("/readyz")).status_code != 200:
            pass  # each query is a round trip, so other tasks run
