"""Routes without a key: liveness, readiness, the start page and the API reference."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest
from tests.api.wire import REQUEST_ID
from tests.clocks import MovableClock
from tests.conftest import Api, as_owner

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
    await as_owner(api.context.pool, "DELETE FROM schema_migrations")
    assert "`presswork migrate`" in _failed(await browser.get("/readyz"))["migrations"]
    await as_owner(api.context.pool, "DROP TABLE schema_migrations")
    assert list(_failed(await browser.get("/readyz"))) == ["migrations", "worker"]


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


def _fetched(page: str) -> list[str]:
    """Return the URLs of all resources that a page loads."""
    found = re.findall(r'<(?:script|img|iframe)[^>]*\ssrc="([^"]*)"|<link[^>]*\shref="([^"]*)"', page)
    return [source or reference for source, reference in found]


async def test_the_reference_works_offline(browser: httpx2.AsyncClient) -> None:
    """/docs loads resources only from this server, and sends its document to no validator."""
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


def _policy(answer: httpx2.Response) -> dict[str, str]:
    """Return the directives of a page's content security policy."""
    directives = answer.headers["content-security-policy"].split("; ")
    return {name: sources for name, _, sources in (directive.partition(" ") for directive in directives)}


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_pages_can_not_be_framed(browser: httpx2.AsyncClient, path: str) -> None:
    """The policy of a page forbids frames and all scripts but those of this server."""
    answer = await browser.get(path)
    policy = _policy(answer)
    assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
    assert "unsafe" not in policy.get("script-src", "")
    assert "*" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_policies_allow_what_the_pages_contain(browser: httpx2.AsyncClient) -> None:
    """Inline scripts and styles have the nonce of the policy, which differs in each response."""
    nonces = set()
    for path, directive, tag in (("/", "style-src", "style"), ("/docs", "script-src", "script")):
        for _ in range(2):
            answer = await browser.get(path)
            (nonce,) = re.findall(r"'nonce-([^']+)'", _policy(answer)[directive])
            inline = re.findall(rf"<{tag}(?![^>]*\ssrc=)[^>]*>", answer.text)
            assert inline == [f'<{tag} nonce="{nonce}">']
            nonces.add(nonce)
    assert len(nonces) == 4


async def test_the_reference_does_not_store_the_key(browser: httpx2.AsyncClient) -> None:
    """Swagger UI forgets the key when the page is closed."""
    assert '"persistAuthorization": false' in (await browser.get("/docs")).text


async def test_links_of_the_start_page_work(api: Api, browser: httpx2.AsyncClient) -> None:
    """Every link on / works; the page loads nothing from other hosts and shows the URL of the request."""
    answer = await browser.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = answer.text
    assert _fetched(page) == []
    assert api.base_url in page
    links = re.findall(r'href="(/[^"]*)"', page)
    assert set(links) == {"/docs", "/sandbox/", "/readyz", "/openapi.json"}
    for link in links:
        assert (await browser.get(link)).status_code in {200, 503}, link
