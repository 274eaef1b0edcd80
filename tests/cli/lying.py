"""A service between a demo and its server that changes some answers, to see whether the demo notices."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from tests.cli.program import Up

Document = Any  # whatever JSON an answer holds
Lie = Callable[[str, str, int, Document], tuple[int, Document]]
"""Takes method, path, status and body of a true answer and returns what is told instead."""


def when(method: str, path: str, change: Callable[[Document], Document], *, status: int | None = None) -> Lie:
    """Tell another thing than what is true about calls whose path matches."""

    def lie(called: str, at: str, true_status: int, body: Document) -> tuple[int, Document]:
        if called == method and re.search(path, at):
            return status or true_status, change(body)
        return true_status, body

    return lie


@asynccontextmanager
async def lying(up: Up, lie: Lie) -> AsyncIterator[str]:
    """Serve the API of `up` with some answers changed."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def pass_on(request: web.Request) -> web.Response:
            kept = ("Authorization", "Content-Type", "Idempotency-Key")
            headers = {name: request.headers[name] for name in kept if name in request.headers}
            async with session.request(
                request.method, f"{up.url}{request.path_qs}", headers=headers, data=await request.read()
            ) as reply:
                status, body = lie(request.method, request.path_qs, reply.status, json.loads(await reply.read()))
            return web.json_response(body, status=status)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}"
        finally:
            await runner.cleanup()
