"""/metrics: its samples, and who may read them."""

import asyncio
from itertools import product
from uuid import uuid4

import httpx2
import pytest
from pydantic import SecretStr
from tests.api.wire import refusal
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.telemetry.reading import samples, value
from tests.worker.conftest import WorkerWorld
from tests.worker.conftest import worker_world as worker_world

from presswork import __version__
from presswork.cli.sockets import listen_on, url_of
from presswork.core.enums import Environment, Mode
from presswork.core.host_names import host_names
from presswork.db.pool import pool_of, waiting_for
from presswork.platforms.errors import FailureCode
from presswork.platforms.names import PlatformName
from presswork.platforms.settings import Settings
from presswork.telemetry import meters
from presswork.telemetry.listener import serve_metrics
from presswork.telemetry.process import Families, Pools, render
from presswork.telemetry.queue_metrics import QueueMetrics

TOKEN = "scraper-3f8a"


def routes_in(text: str) -> set[str]:
    """Return the routes of the requests that were counted."""
    return {dict(labels)["route"] for name, labels in samples(text) if name == "presswork_http_requests_total"}


async def test_calls_are_counted_by_pattern_and_never_by_id(api: Api) -> None:
    """Calls are counted by route pattern, unknown paths as one route, sandbox calls by host."""
    client, browser = await api.client(), await api.anonymous()
    before = (await browser.get("/metrics")).text
    name, stranger = str(uuid4()), f"/x{uuid4().hex}/y"
    await client.get(f"/v1/scheduled-posts/sp_{name}")
    for _ in range(2):
        await browser.get(stranger)
    await browser.request("PROPFIND", "/healthz")
    await browser.get(f"/sandbox/graph.instagram.com/{name}")
    text = (await browser.get("/metrics")).text
    async with asyncio.timeout(20):
        # The sandbox ends a call a moment after its response; its route may be known from another test.
        while (
            "/sandbox/graph.instagram.com" not in routes_in(text)
            or value(text, "presswork_http_requests_in_flight") > 1
        ):
            text = (await browser.get("/metrics")).text

    def counted(**labels: str) -> float:
        return value(text, "presswork_http_requests_total", **labels) - value(
            before, "presswork_http_requests_total", **labels
        )

    assert counted(method="GET", route="/v1/scheduled-posts/{postId}", status="404") == 1
    assert counted(method="GET", route="unmatched", status="404") == 2
    assert counted(method="OTHER", route="/healthz", status="405") == 1
    assert name not in text
    assert stranger.split("/")[1] not in text
    assert value(text, "presswork_http_requests_in_flight") == 1


async def test_metrics_need_a_local_caller_or_a_key_with_the_scope(api: Api) -> None:
    """A local caller needs no key; a key needs `metrics:read`, and an invalid key is refused."""
    answer = await (await api.anonymous()).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert (await (await api.client(scopes=["metrics:read"])).get("/metrics")).status_code == 200
    assert refusal(await (await api.client(scopes=["publish:read"])).get("/metrics")) == (403, "FORBIDDEN_SCOPE")
    assert refusal(await (await api.client(scopes=["*", "org:admin"])).get("/metrics")) == (403, "FORBIDDEN_SCOPE")
    for header in ("Forwarded", "Via", "X-Forwarded-Host", "X-Real-IP"):
        forwarded = await api.anonymous(headers={header: "x"})
        assert refusal(await forwarded.get("/metrics")) == (401, "UNAUTHENTICATED"), header
    wrong = await api.anonymous(headers={"Authorization": "Bearer invalid"})
    assert refusal(await wrong.get("/metrics")) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("change", [{"public_url": "https://p.example"}, {"metrics_token": SecretStr(TOKEN)}])
async def test_with_a_public_url_metrics_need_a_token_or_key(
    settings: Settings, dsn: str, clock: MovableClock, change: dict[str, object]
) -> None:
    """With a public URL or a token, a local caller may be a proxy, so it needs the token or a key too."""
    settings = settings.model_copy(update=change)
    async with serving(settings, dsn=dsn, clock=clock) as api:
        assert refusal(await (await api.anonymous()).get("/metrics")) == (401, "UNAUTHENTICATED")
        assert (await (await api.client(scopes=["metrics:read"])).get("/metrics")).status_code == 200
        scraper = await api.anonymous(headers={"Authorization": f"Bearer {TOKEN}"})
        assert (await scraper.get("/metrics")).status_code == (200 if settings.metrics_token else 401)


async def test_without_a_database_process_metrics_remain(dsn: str, clock: MovableClock) -> None:
    """If the database is unreachable, queue metrics are omitted rather than zero, and a metric reports the outage."""
    async with pool_of(dsn, min_size=1) as pool:
        connected = render(Families(await QueueMetrics(pool, clock).families())).decode()
    disconnected = render(Families(await QueueMetrics(pool, clock).families())).decode()
    assert (value(connected, "presswork_database_up"), value(disconnected, "presswork_database_up")) == (1, 0)
    assert "presswork_queue_posts" in connected
    assert [name for name, _ in samples(disconnected)] == ["presswork_database_up"]


async def test_waiting_for_a_connection_is_counted(dsn: str) -> None:
    """With all connections in use, the next statement is counted as waiting until it gets one."""
    async with pool_of(dsn, min_size=1, max_size=1) as pool:
        async with pool.acquire():
            late = asyncio.create_task(pool.execute("SELECT 1"))
            await asyncio.sleep(0)
            text = render(Pools({"main": pool})).decode()
        await late
        assert value(text, "presswork_db_pool_waiting", pool="main") == 1
        assert value(text, "presswork_db_pool_connections", pool="main", state="in_use") == 1
        assert waiting_for(pool) == 0


async def test_a_worker_counts_the_outcomes_of_its_posts(worker_world: WorkerWorld, picture: bytes) -> None:
    """A live and a rejected post: attempts, failures by code, calls by status, and the delay of the first call."""
    project = await worker_world.world.project()
    container = await worker_world.world.content(project, picture)
    good, bad = [await worker_world.world.account(project, "instagram", handle) for handle in ("good", "bad")]
    before = render(meters.WORKER, meters.EVERY).decode()
    await worker_world.world.fault(
        platform="instagram", operation="media", handle="bad", fault="platform_error", value={"code": 100}, times=-1
    )
    posts = await worker_world.deliver(container, good, bad)
    assert [post["status"] for post in posts] == ["published", "failed"]
    text = render(meters.WORKER, meters.EVERY).decode()

    def grew(name: str, **labels: str) -> float:
        return value(text, name, **labels) - value(before, name, **labels)

    one = {"platform": "instagram", "environment": "test"}
    assert grew("presswork_attempts_total", **one, mode="publish", result="published") == 1
    assert grew("presswork_attempts_total", **one, mode="publish", result="failed") == 1
    assert grew("presswork_post_failures_total", **one, code=posts[1]["lastError"]["code"]) == 1
    assert grew("presswork_platform_calls_total", platform="instagram", operation="media_publish", code="200") == 1
    assert grew("presswork_platform_calls_total", platform="instagram", operation="media", code="400") >= 1
    assert grew("presswork_due_to_claim_seconds_count", environment="test") == 2
    assert grew("presswork_due_to_call_seconds_count", environment="test") == 2


async def test_counters_with_alerts_start_at_zero(worker_world: WorkerWorld) -> None:
    """A started worker exports what alerts wait for as zeros: `increase` does not count a series' first sample."""
    shown = samples(render(meters.WORKER).decode())
    for platform, environment in product(PlatformName, Environment):
        labels = {"platform": platform.value, "environment": environment.value}
        for code in FailureCode:
            failed = frozenset({**labels, "code": code.value}.items())
            assert ("presswork_post_failures_total", failed) in shown
        for mode in Mode:
            crashed = frozenset({**labels, "mode": mode.value, "result": "crashed"}.items())
            assert ("presswork_attempts_total", crashed) in shown


async def test_a_worker_serves_metrics_to_callers_with_the_token() -> None:
    """/metrics requires the token if one is set, /healthz is public, and every other path is 404."""
    listener = listen_on("127.0.0.1", 0)
    url = url_of(listener)
    async with (
        serve_metrics(listener, token=SecretStr(TOKEN)),
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        assert [(await client.get(path)).status_code for path in ("/healthz", "/metrics", "/")] == [200, 401, 404]
        answer = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert value(answer.text, "presswork_build_info", version=__version__) == 1
    assert "presswork_lease_losses_total" in answer.text


async def test_a_worker_without_a_token_serves_its_own_names_only() -> None:
    """A page whose name is made to resolve to the worker (DNS rebinding) reads no metrics; with a token the host is free."""
    hosts = {
        "127.0.0.1": 200,
        "localhost:9464": 200,
        "[::1]": 200,
        "worker.internal": 200,
        "evil.example": 400,
        "a b": 400,
    }
    for token in (None, SecretStr(TOKEN)):
        listener = listen_on("127.0.0.1", 0)
        async with (
            serve_metrics(listener, token=token, names=host_names("Worker.internal., 10.0.0.7")),
            httpx2.AsyncClient(base_url=url_of(listener), trust_env=False) as client,
        ):
            sent = {host: await client.get("/metrics", headers={"Host": host}) for host in hosts}
            assert (await client.get("/healthz", headers={"Host": "evil.example"})).status_code == 200
        assert {host: answer.status_code for host, answer in sent.items()} == (
            dict.fromkeys(hosts, 401) if token else hosts
        )
