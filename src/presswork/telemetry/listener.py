"""The worker's HTTP listener: `/metrics` and `/healthz`."""

import contextlib
import socket
from collections.abc import AsyncIterator

from aiohttp import web
from pydantic import SecretStr

from presswork.telemetry import meters
from presswork.telemetry.metrics_auth import has_valid_token
from presswork.telemetry.process import CONTENT_TYPE, render_in_thread


@contextlib.asynccontextmanager
async def serve_metrics(listener: socket.socket | None, *, token: SecretStr | None) -> AsyncIterator[None]:
    """Serve this worker's metrics on a listening socket; if there is a token, scrapers must send it."""
    if listener is None:
        yield
        return
    runner = web.AppRunner(_application(token), access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()


def _application(token: SecretStr | None) -> web.Application:
    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def metrics(request: web.Request) -> web.Response:
        if token is not None and not has_valid_token(request.headers.get("Authorization", ""), token):
            return web.Response(status=401, text="Send PRESSWORK_METRICS_TOKEN as `Authorization: Bearer …`.\n")
        body = await render_in_thread(meters.WORKER, meters.EVERY)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    application = web.Application()
    application.add_routes([web.get("/healthz", healthz), web.get("/metrics", metrics)])
    return application
