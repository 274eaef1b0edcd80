"""A loopback server that responds like a host of a platform, as scripted by a test."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from pydantic import JsonValue


@dataclass(slots=True)
class Answers:
    """Scripted responses by path, in order (the last one repeats), and the recorded requests."""

    address: str = ""
    by_path: dict[str, list[tuple[int, JsonValue]]] = field(default_factory=dict)
    seen: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = field(default_factory=list)
    """Path, parameters (query and form together) and headers."""

    def give(self, path: str, body: JsonValue, *, status: int = 200) -> None:
        """Script the response to the next call of this path."""
        self.by_path.setdefault(path, []).append((status, body))

    async def serve(self, request: web.Request) -> web.Response:
        """Respond to one request."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.seen.append((request.path, dict(request.query) | form, dict(request.headers)))
        waiting = self.by_path[request.path]
        status, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return web.json_response(body, status=status)


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    """The listening server."""
    given = Answers()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", given.serve)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    given.address = f"http://{host}:{port}"
    yield given
    await runner.cleanup()
