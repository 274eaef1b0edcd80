"""The example provider, served by uvicorn: what it accepts, refuses and reports."""

import asyncio
import hashlib
import hmac
import importlib.util
import json
import socket
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
import uvicorn
from aiohttp import web

SOURCE = Path(__file__).parents[2] / "examples" / "provider" / "provider.py"
KEY = b"thirty-two bytes of a test's own"
SECRET = "whsec_" + b64encode(KEY).decode()
POST = "sp_0199f0c2-7a51-7c3e-9d54-5a1f0c7e2b11"


def loaded() -> ModuleType:
    """Import the example from its file, because it is not a package."""
    spec = importlib.util.spec_from_file_location("example_provider", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def signed(message_id: str, body: bytes, *, key: bytes = KEY, age_seconds: int = 0) -> dict[str, str]:
    """Return the headers of a signed request, computed independently of the example."""
    stamp = str(int(time.time()) - age_seconds)
    digest = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    value = "v0,other v1," + b64encode(digest).decode()
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": value}


def payload(callback: str | None, **changes: object) -> dict[str, Any]:
    """Return the body of a dispatch."""
    now = datetime.now(UTC)
    medium = {"url": "https://p.example/m?s=1", "contentType": "video/mp4", "sha256": "0" * 64, "sizeBytes": 9}
    medium |= {"width": 1080, "height": 1920, "durationSeconds": 3.0}
    return {
        "postId": POST,
        "account": {"platform": "tiktok", "handle": "luna", "externalId": None},
        "mediaType": "video",
        "media": [medium],
        "caption": "First snow",
        "firstComment": None,
        "requestedAt": now.isoformat(),
        "deadline": (now + timedelta(hours=1)).isoformat(),
        "callbackUrl": callback,
        **changes,
    }


@dataclass
class Callbacks:
    """Receives reports."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        """Check the signature and store the report."""
        body, given = await request.read(), request.headers
        content = f"{given['webhook-id']}.{given['webhook-timestamp']}.".encode() + body
        right = "v1," + b64encode(hmac.new(KEY, content, hashlib.sha256).digest()).decode()
        assert given["webhook-signature"] == right
        self.bodies.append(json.loads(body))
        if self.bodies[-1]["status"] not in {"accepted", "working"}:
            self.enough.set()
        return web.Response()


def listening() -> socket.socket:
    """Return a socket on a free port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener


@pytest.fixture
async def callbacks() -> AsyncIterator[Callbacks]:
    """A receiver of reports, in the role of Presswork."""
    taker, app = Callbacks(), web.Application()
    app.router.add_post("/callback", taker.answer)
    runner, listener = web.AppRunner(app), listening()
    await runner.setup()
    await web.SockSite(runner, listener).start()
    taker.url = f"http://127.0.0.1:{listener.getsockname()[1]}/callback"
    yield taker
    await runner.cleanup()


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """The example, served by uvicorn, and an HTTP client for it."""
    monkeypatch.setenv("PROVIDER_SECRET", SECRET)
    monkeypatch.setenv("PROVIDER_DB", str(tmp_path / "provider.sqlite3"))
    module, made = loaded(), list[Any]()
    original = module.Provider

    def kept(*parts: str) -> object:
        made.append(original(*parts))
        return made[0]

    monkeypatch.setattr(module, "Provider", kept)
    config = uvicorn.Config(module.create_app(), log_level="critical", lifespan="off")
    config.load()
    server, listener = uvicorn.Server(config), listening()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with httpx2.AsyncClient(base_url=address, timeout=20) as client:
        yield client
    await server.shutdown(sockets=[listener])
    made[0].db.close()


async def dispatch(provider: httpx2.AsyncClient, body: dict[str, Any]) -> httpx2.Response:
    """POST a dispatch."""
    data = json.dumps(body).encode()
    return await provider.post("/dispatches", content=data, headers=signed(body["postId"], data))


async def test_post_is_published_once_and_reported(provider: httpx2.AsyncClient, callbacks: Callbacks) -> None:
    """A dispatch is accepted, published and reported in order; sending it again changes nothing."""
    post = payload(callbacks.url)
    first = await dispatch(provider, post)
    assert (first.status_code, first.json()["status"], first.json()["sequence"]) == (201, "accepted", 1)
    async with asyncio.timeout(60):
        await callbacks.enough.wait()
    assert [(report["sequence"], report["status"]) for report in callbacks.bodies] == [(2, "working"), (3, "published")]
    fresh = payload(callbacks.url)
    fresh["media"][0]["url"] = "https://p.example/m?s=2"
    again = await dispatch(provider, fresh)
    assert (again.status_code, again.json()["status"]) == (200, "published")
    assert again.json() == callbacks.bodies[-1]
    asked = await provider.get(f"/dispatches/{POST}", headers=signed(POST, b""))
    assert (asked.status_code, asked.json()) == (200, again.json())
    other = await dispatch(provider, payload(callbacks.url, caption="Another"))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "different_content")
    reason = json.dumps({"postId": POST}).encode()
    late = await provider.post(f"/dispatches/{POST}/cancel", content=reason, headers=signed(POST, reason))
    assert (late.status_code, late.json()["error"]["code"]) == (409, "too_late")
    assert len(callbacks.bodies) == 2


async def test_a_late_dispatch_fails(provider: httpx2.AsyncClient, callbacks: Callbacks) -> None:
    """A dispatch that arrives after its deadline fails and is never published."""
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    assert (await dispatch(provider, payload(callbacks.url, deadline=past))).status_code == 201
    async with asyncio.timeout(60):
        await callbacks.enough.wait()
    assert [report["status"] for report in callbacks.bodies] == ["failed"]
    assert callbacks.bodies[0]["error"]["code"] == "deadline_passed"


async def test_unsigned_calls_are_refused(provider: httpx2.AsyncClient) -> None:
    """A missing, foreign or old signature, or one for another post, returns 401, and nothing is stored."""
    data = json.dumps(payload(None)).encode()
    bad: list[dict[str, str]] = [
        {},
        signed(POST, data, key=b"another key of about thirty bytes"),
        signed(POST, data, age_seconds=400),
        signed(POST, data + b" "),
        signed("sp_other", data),
    ]
    for headers in bad:
        answer = await provider.post("/dispatches", content=data, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_signature")
    assert (await provider.get(f"/dispatches/{POST}", headers=signed("sp_other", b""))).status_code == 401
    unknown = await provider.get(f"/dispatches/{POST}", headers=signed(POST, b""))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_post")


async def test_provider_identity(provider: httpx2.AsyncClient) -> None:
    """The identity endpoint returns the name of the provider."""
    answer = await provider.get("/", headers=signed("doctor", b""))
    assert (answer.status_code, answer.json()["protocol"], answer.json()["signature"]) == (200, 1, "verified")
