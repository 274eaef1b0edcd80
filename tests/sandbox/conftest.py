"""Fixtures of the sandbox tests: a sandbox on a real port, a media server and a webhook receiver."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from tests.sandbox.running_sandbox import MediaServer, RunningSandbox, Sandboxes, WebhookReceiver, clip, listening


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
