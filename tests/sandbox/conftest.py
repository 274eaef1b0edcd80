"""Fixtures of the sandbox tests: a sandbox on a real port, a media server and a webhook receiver, shared by the session."""

import time
from collections.abc import AsyncIterator

import pytest
from tests.sandbox.running_sandbox import (
    MediaServer,
    PeerServer,
    RunningSandbox,
    Sandboxes,
    SharedSandbox,
    WebhookReceiver,
    clip,
)


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


@pytest.fixture(scope="session")
async def peers() -> AsyncIterator[PeerServer]:
    """The web server behind `media` and `webhook_receiver`, which the tests of this process share."""
    async with PeerServer.running() as server:
        yield server


@pytest.fixture
def media(peers: PeerServer) -> MediaServer:
    """A web server for media, under a URL of this test."""
    return peers.media()


@pytest.fixture
def webhook_receiver(peers: PeerServer) -> WebhookReceiver:
    """A receiver of the webhooks and status callbacks of the fake platforms, under a URL of this test."""
    return peers.webhook_receiver()


@pytest.fixture
async def sandboxes(media: MediaServer) -> AsyncIterator[Sandboxes]:
    """Starts sandboxes and stops them after the test."""
    sandboxes = Sandboxes(media)
    yield sandboxes
    await sandboxes.stop_all()


@pytest.fixture(scope="session")
async def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SharedSandbox]:
    """The sandbox that the tests of this process share; `sandbox` lends it."""
    shared = SharedSandbox(tmp_path_factory.mktemp("sandbox"))
    yield shared
    await shared.close()


@pytest.fixture
async def sandbox(shared_sandbox: SharedSandbox, media: MediaServer) -> AsyncIterator[RunningSandbox]:
    """A sandbox without data, on the clock of the machine; its counters of ids continue."""
    async with shared_sandbox.lend(media) as sandbox:
        yield sandbox
