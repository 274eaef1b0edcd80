"""The sandbox, started once and reset before each test, and what the contract tests of every connector need."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import uvicorn
from presswork.sandbox.app import create_standalone_app
from pydantic import JsonValue, TypeAdapter
from tests.contract.job import MediaHost, MovableClock, Sample, clip

from presswork.platforms.port import Pace

_ITEMS: Final[TypeAdapter[list[dict[str, JsonValue]]]] = TypeAdapter(list[dict[str, JsonValue]])


class _Server(uvicorn.Server):
    """A uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_listening.set()


@pytest.fixture(scope="session")
def sandbox_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sandbox alone, on a free loopback port, in a thread; returns its address, like http://127.0.0.1:1234/sandbox."""
    state_file: Path = tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3"
    server = _Server(
        uvicorn.Config(create_standalone_app(state_file), log_level="error", ws="none", timeout_graceful_shutdown=1)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        if not server.is_listening.wait(timeout=20):
            raise RuntimeError("the sandbox did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/sandbox"
        server.should_exit = True
        thread.join(timeout=20)


class SandboxControl:
    """The sandbox's control surface, for one platform's tests: faults in, live posts out."""

    def __init__(self, address: str, client: httpx2.AsyncClient) -> None:
        """Take the sandbox's address and a client to reach it."""
        self.address = address
        self._client = client

    def host(self, name: str) -> str:
        """Return the base address that stands for a platform's host, like graph.instagram.com."""
        return f"{self.address}/{name}"

    async def _post(self, path: str, body: dict[str, JsonValue]) -> httpx2.Response:
        answer = await self._client.post(f"{self.address}/control/{path}", json=body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer

    async def reset(self) -> None:
        """Forget everything."""
        await self._post("reset", {})

    async def advance(self, duration: timedelta) -> None:
        """Move the sandbox's clock ahead."""
        await self._post("clock", {"advanceSeconds": duration.total_seconds()})

    async def account(self, platform: str, handle: str, **more: JsonValue) -> None:
        """Make (or change) a fake account; `more` by the control surface's own names."""
        await self._post("accounts", {"platform": platform, "handle": handle, **more})

    async def fault(self, platform: str, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault; `more`: handle, times, skip, value."""
        await self._post("faults", {"platform": platform, "operation": operation, "fault": fault, **more})

    async def clear_faults(self) -> None:
        """Disarm every fault."""
        answer = await self._client.delete(f"{self.address}/control/faults")
        assert answer.is_success, answer.text

    async def _items(self, what: str, platform: str, handle: str | None) -> list[dict[str, JsonValue]]:
        params = {"platform": platform} | ({"handle": handle} if handle else {})
        answer = await self._client.get(f"{self.address}/control/{what}", params=params)
        assert answer.is_success, f"{what}: {answer.status_code} {answer.text}"
        return _ITEMS.validate_python(answer.json()["items"])

    async def posts(self, platform: str, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return what is live."""
        return await self._items("posts", platform, handle)

    async def drafts(self, platform: str, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return what lies in inboxes."""
        return await self._items("drafts", platform, handle)

    async def requests(self, platform: str, operation: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the journal of calls, of one operation if asked."""
        items = await self._items("requests", platform, None)
        return [item for item in items if operation is None or item["operation"] == operation]

    async def approve(self, authorize_url: str, *, account: str, decision: str = "approve", **more: str) -> str:
        """Visit an authorize address as the account's owner and return the address that it redirects to."""
        extra = httpx2.QueryParams({"account": account, "decision": decision, **more})
        answer = await self._client.get(f"{authorize_url}&{extra}", follow_redirects=False)
        assert answer.is_redirect, f"authorize: {answer.status_code} {answer.text}"
        return str(answer.headers["location"])

    async def code(self, authorize_url: str, *, account: str) -> str:
        """Visit an authorize address, approve, and return the code of the redirect."""
        location = await self.approve(authorize_url, account=account)
        return parse_qs(urlsplit(location).query)["code"][0]


@pytest.fixture
async def sandbox(sandbox_address: str) -> AsyncIterator[SandboxControl]:
    """The control surface of an empty sandbox."""
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as client:
        control = SandboxControl(sandbox_address, client)
        await control.reset()
        yield control


@pytest.fixture
def clock(sandbox: SandboxControl) -> MovableClock:
    """A clock whose waits are jumps that the sandbox makes too."""
    return MovableClock(sandbox.advance)


@pytest.fixture
async def media_host() -> AsyncIterator[MediaHost]:
    """A place that serves media to the sandbox."""
    async with MediaHost() as host:
        yield host


@pytest.fixture(scope="session")
def sample_clip() -> Sample:
    """A four-second vertical video, made once."""
    return clip()


@pytest.fixture
def pace() -> Pace:
    """Patience as for test projects; waits are jumps of the clock, so their length costs nothing."""
    return Pace(
        poll_first=timedelta(milliseconds=200),
        poll_max=timedelta(seconds=5),
        processing_limit=timedelta(minutes=10),
        republish_after=timedelta(seconds=2),
        unknown_after=timedelta(minutes=2),
        backoff_first=timedelta(seconds=1),
        backoff_max=timedelta(seconds=10),
        fault_limit=timedelta(minutes=5),
        call_timeout=timedelta(seconds=5),
        upload_timeout=timedelta(seconds=20),
    )
