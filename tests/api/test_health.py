"""What a balancer, a person and a browser see without a key: health, readiness, the welcome page, the reference."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest
from tests.api.wire import REQUEST_ID
from tests.conftest import Api, MovableClock, as_owner

from presswork.db.pool import Pool


@pytest.fixture
async def browser(api: Api) -> httpx2.AsyncClient:
    """A client without a key."""
    return await api.anonymous()


async def _see_worker(pool: Pool, clock: MovableClock) -> None:
    await pool.execute("INSERT INTO workers (id, started_at, seen_at) VALUES ('w', $1, $1)", clock.now())


def _failed(answer: httpx2.Response) -> dict[str, str]:
    """Return what is not ready and why, having proved that the refusal is the envelope's and tells the same."""
    assert answer.status_code == 503
    body = answer.json()
    failed = {check["name"]: check["message"] for check in body["checks"] if not check["ok"]}
    assert (body["status"], body["error"]["code"]) == ("not_ready", "UNAVAILABLE")
    assert body["error"]["message"] == "; ".join(f"{name}: {message}" for name, message in failed.items())
    assert REQUEST_ID.fullmatch(body["error"]["requestId"])
    assert answer.headers["x-request-id"] == body["error"]["requestId"]
    return failed


async def test_the_process_is_alive(browser: httpx2.AsyncClient) -> None:
    """/healthz says ok, and nothing more."""
    answer = await browser.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_means_that_a_worker_was_seen_lately(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """Without a worker, or with one that has gone quiet, it is not ready and says what to do."""
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


async def test_a_schema_that_is_behind_or_ahead_is_not_ready(
    api: Api, browser: httpx2.AsyncClient, clock: MovableClock
) -> None:
    """Pending migrations, and those of a newer program, are told apart."""
    await _see_worker(api.context.pool, clock)
    await as_owner(api.context.pool, "INSERT INTO schema_migrations (version) VALUES ('99990101000000')")
    assert "newer Presswork" in _failed(await browser.get("/readyz"))["migrations"]
    await as_owner(api.context.pool, "DELETE FROM schema_migrations")
    assert "`presswork migrate`" in _failed(await browser.get("/readyz"))["migrations"]
    await as_owner(api.context.pool, "DROP TABLE schema_migrations")
    assert list(_failed(await browser.get("/readyz"))) == ["migrations", "worker"]


async def test_without_its_database_it_is_alive_but_not_ready(
    api: Api, browser: httpx2.AsyncClient, server_dsn: str, dsn: str, clock: MovableClock
) -> None:
    """The database goes away and comes back: so does readiness, and the process goes on."""
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
            pass  # each look is a round trip, so others run


def _fetched(page: str) -> list[str]:
    """Return everything that a browser fetches for a page by itself."""
    found = re.findall(r'<(?:script|img|iframe)[^>]*\ssrc="([^"]*)"|<link[^>]*\shref="([^"]*)"', page)
    return [source or reference for source, reference in found]


async def test_the_reference_works_offline(browser: httpx2.AsyncClient) -> None:
    """/docs fetches nothing but what this server serves, and asks nobody to look its document over."""
    page = (await browser.get("/docs")).text
    parts = _fetched(page)
    assert len(parts) >= 3
    for part in parts:
        assert part.startswith("/docs/static/"), part
        answer = await browser.get(part)
        assert answer.status_code == 200
        assert len(answer.content) > 500
    assert "url: '/openapi.json'" in page
    assert '"validatorUrl": null' in page
    assert not re.search(r"(?<!\w)https?://", page)


async def test_the_welcome_page_leads_to_what_is_there(api: Api, browser: httpx2.AsyncClient) -> None:
    """Every link on / works, it fetches nothing from elsewhere, and names the address it was reached under."""
    answer = await browser.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = answer.text
    assert _fetched(page) == []
    assert api.base_url in page
    links = re.findall(r'href="(/[^"]*)"', page)
    assert set(links) == {"/docs", "/sandbox/", "/readyz", "/openapi.json"}
    for link in links:
        assert (await browser.get(link)).status_code in {200, 503}, link
