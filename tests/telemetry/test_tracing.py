"""Tracing: one publish call is one trace from the caller's span through API and worker to each platform call."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.api_server import Api
from tests.posts.conftest import ReadyProject, bare
from tests.posts.conftest import ready_project as ready_project
from tests.telemetry.collector import Collector, collecting
from tests.worker.conftest import WorkerWorld
from tests.worker.conftest import worker_world as worker_world

from presswork.cli.sockets import listen_on, url_of
from presswork.core.errors import Unavailable
from presswork.platforms.settings import Settings
from presswork.telemetry import otel, tracing
from presswork.telemetry.tracing import traced

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
UNSAMPLED = f"{CALLER[:-1]}0"


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    """A running collector."""
    async with collecting() as collector:
        yield collector


async def test_a_publish_call_is_one_trace(worker_world: WorkerWorld, collector: Collector, picture: bytes) -> None:
    """All spans of two posts, one of which fails, descend from the caller's span, and no span has a secret."""
    project = await worker_world.world.project()
    container = await worker_world.world.content(project, picture)
    accounts = [
        await worker_world.world.account(project, "instagram", "good"),
        await worker_world.world.account(project, "tiktok", "bad"),
    ]
    await worker_world.world.fault(platform="instagram", operation="media", handle="good", fault="http_500")
    await worker_world.world.fault(
        platform="tiktok",
        operation="content_init",
        handle="bad",
        fault="platform_error",
        value={"code": "spam_risk"},
        times=-1,
    )
    worker_world.world.client.headers["traceparent"] = CALLER
    async with traced(worker_world.settings.model_copy(update={"otel_endpoint": collector.url}), part="test"):
        posts = await worker_world.deliver(container, *accounts)
    assert [post["status"] for post in posts] == ["published", "failed"]

    (publish,) = collector.named("POST /v1/content/{containerId}/publish")
    assert (publish.kind, publish.trace, publish.parent) == ("SPAN_KIND_SERVER", *CALLER.split("-")[1:3])
    assert publish.attributes["http.response.status_code"] == 200
    attempts = {str(span.attributes["presswork.post"]): span for span in collector.named("attempt")}
    assert set(attempts) == {post["id"] for post in posts}
    for post, result in zip(posts, ("published", "failed"), strict=True):
        attempt = attempts[post["id"]]
        assert (attempt.kind, attempt.trace, attempt.parent) == ("SPAN_KIND_CONSUMER", publish.trace, publish.id)
        assert (attempt.attributes["presswork.result"], attempt.is_error) == (result, result == "failed")
        assert attempt.attributes["presswork.request"] == publish.attributes["presswork.request"]
        calls = [span for span in collector.spans if span.parent == attempt.id]
        assert calls
        assert {span.kind for span in calls} == {"SPAN_KIND_CLIENT"}
        assert {span.trace for span in calls} == {publish.trace}
    refused, taken = collector.named("instagram media")
    assert (refused.attributes["http.response.status_code"], refused.is_error) == (500, True)
    assert (taken.attributes["http.response.status_code"], taken.is_error) == (200, False)
    everything = b"".join(collector.bodies)
    for secret in (b"access_token", b"lp_test_", b"http://", b"signature", b"Bearer"):
        assert secret not in everything.replace(collector.url.encode(), b"")


async def test_an_unsampled_trace_is_not_recorded(ready_project: ReadyProject, api: Api, collector: Collector) -> None:
    """If the caller's trace is not sampled, there is no span, and the row of the post has only the request id."""
    ready_project.client.headers["traceparent"] = UNSAMPLED
    settings = api.context.settings.model_copy(update={"otel_endpoint": collector.url})
    async with traced(settings, part="test"):
        answer = await ready_project.publish(
            ready_project.image, {"socialAccountId": ready_project.tiktok, "mode": "publish"}
        )
        ready_project.client.headers["traceparent"] = "garbage"
        assert (await ready_project.client.get("/v1/whoami")).status_code == 200
    (post,) = answer.json()["scheduledPostIds"]
    state = await ready_project.pool.fetchval("SELECT platform_state FROM scheduled_posts WHERE id = $1", bare(post))
    assert json.loads(state) == {"keep_request": answer.headers["x-request-id"]}
    (alone,) = collector.spans
    assert (alone.name, alone.parent) == ("GET /v1/whoami", "")


async def test_exception_messages_are_not_recorded(settings: Settings, collector: Collector) -> None:
    """An exception may contain a URL or a token, so a span has neither its message nor its traceback."""
    settings = settings.model_copy(update={"otel_endpoint": collector.url})
    async with traced(settings, part="test"):
        with pytest.raises(ValueError, match="hush"), tracing.span("work", tracing.Kind.CONSUMER):
            raise ValueError("hush-9f2c")
    assert [span.name for span in collector.spans] == ["work"]
    assert b"hush" not in b"".join(collector.bodies)


@pytest.mark.exhaustive
async def test_a_hanging_collector_blocks_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a collector that never answers, work continues, and shutdown drops the remaining spans."""
    monkeypatch.setattr(otel, "_ENDED_WITHIN", timedelta(seconds=0.1))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "5")
    with listen_on("127.0.0.1", 0) as deaf:
        async with traced(settings.model_copy(update={"otel_endpoint": url_of(deaf)}), part="test"):
            with tracing.span("work", tracing.Kind.CONSUMER):
                assert tracing.traceparent() is not None
        waiting = [thread for thread in threading.enumerate() if thread.name == "presswork-traces"]
        assert waiting, "the exporter waited for an answer"
    assert not tracing.is_on()
    for thread in waiting:
        await asyncio.to_thread(thread.join)  # it draws random numbers as it tries again, which Hypothesis forbids


async def test_missing_packages_are_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an endpoint but without OpenTelemetry, the process does not start, and the error names the package."""
    monkeypatch.setitem(sys.modules, "presswork.telemetry.otel", None)
    with pytest.raises(Unavailable, match=r"presswork\[otel\]"):
        async with traced(settings.model_copy(update={"otel_endpoint": "http://127.0.0.1:1"}), part="test"):
            pass


def test_without_an_endpoint_opentelemetry_is_not_imported() -> None:
    """The tracing of platform calls imports OpenTelemetry only if an endpoint is set."""
    code = "import sys, presswork.platforms.transport; sys.exit('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code], check=False).returncode == 0
