"""Fixtures of the sandbox tests: a sandbox on a real port, a media server and a webhook receiver."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from tests.sandbox.running_sandbox import MediaServer, RunningSandbox, Sandboxes, WebhookReceiver, clip, listening


@pytest.fixture
def running_clock() -> None:
    """The clock is not stopped: for tests of what the sandbox does by itself while real time passes."""


@pytest.fixture(autouse=True)
def stopped_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop time.time(), so that a slow machine can't end a wait of the sandbox: only `advance` moves its time.

    Sandboxes and clients in the process of the test share the stopped clock: clients compute expiry times from it.
    """
    if "running_clock" not in request.fixturenames:
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now)


@pytest.fixture(scope="session")
def reel() -> bytes:
    """A video that both platforms accept: three seconds of H.264, 360 by 640."""
    return clip()


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    """A web server for media."""
    server = MediaServer(address="")
    app = web.Application()
    app.router.add_get("/{name}", server.answer)
    app.router.add_get("/moved/{name}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = listening()
    await web.SockSite(runner, listener).start()
    server.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield server
    for waiting in server.never.values():
        waiting.set()
    await runner.cleanup()


@pytest.fixture
async def webhook_receiver() -> AsyncIterator[WebhookReceiver]:
    """A receiver of the webhooks and status callbacks of the fake platforms."""
    receiver = WebhookReceiver(address="")
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = listening()
    await web.SockSite(runner, listener).start()
    receiver.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def sandboxes(media: MediaServer) -> AsyncIterator[Sandboxes]:
    """Starts sandboxes and stops them after the test."""
    sandboxes = Sandboxes(media)
    yield sandboxes
    await sandboxes.stop_all()


@pytest.fixture
async def sandbox(sandboxes: Sandboxes, tmp_path: Path) -> RunningSandbox:
    """A new sandbox."""
    return await sandboxes.start(tmp_path / "sandbox.sqlite3")
