"""Fixtures of the sandbox's tests: a sandbox on a real port and a little web server with media."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from tests.sandbox.running_sandbox import MediaServer, RunningSandbox, Sandboxes, WebhookReceiver, clip, listening


@pytest.fixture(scope="session")
def reel() -> bytes:
    """A video that both platforms take: three seconds of H.264, 360 by 640."""
    return clip()


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    """The little web server."""
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
    """Takes what the fake platforms report by themselves."""
    taker = WebhookReceiver(address="")
    app = web.Application()
    app.router.add_post("/{path:.*}", taker.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = listening()
    await web.SockSite(runner, listener).start()
    taker.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield taker
    await runner.cleanup()


@pytest.fixture
async def sandboxes(media: MediaServer) -> AsyncIterator[Sandboxes]:
    """Starts sandboxes, and stops them after the test."""
    made = Sandboxes(media)
    yield made
    await made.stop_all()


@pytest.fixture
async def sandbox(sandboxes: Sandboxes, tmp_path: Path) -> RunningSandbox:
    """A fresh sandbox."""
    return await sandboxes.start(tmp_path / "sandbox.sqlite3")
