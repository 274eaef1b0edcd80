"""The worker's HTTP listener: `/metrics` and `/healthz`."""

import contextlib
import socket
from collections.abc import AsyncIterator, Set
from typing import Final

from aiohttp import web
from pydantic import SecretStr

from presswork.core.host_names import names_server
from presswork.telemetry import meters
from presswork.telemetry.metrics_auth import has_valid_token
from presswork.telemetry.process import CONTENT_TYPE, render_in_thread

_OTHER_HOST: Final = (
    "The Host header is missing or names another host. Scrape the address of the worker, or set PRESSWORK_ALLOWED_HOSTS or "
    "PRESSWORK_METRICS_TOKEN.\n"
)


@contextlib.asynccontextmanager
async def serve_metrics(
    listener: socket.socket | None, *, token: SecretStr | None, names: Set[str] = frozenset()
) -> AsyncIterator[None]:
    """Serve this worker's metrics on a listening socket.

    If there is a token, scrapers must send it. Otherwise a request must be for the address of the connection, or for one of
    `names` (core/host_names.py).
    """
    if listener is None:
        yield
        return
    runner = web.AppRunner(_application(token, names), access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()


def _application(token: SecretStr | None, names: Set[str]) -> web.Application:
    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def metrics(request: web.Request) -> web.Response:
        if token is None and not _is_for_this_server(request, names):
            return web.Response(status=400, text=_OTHER_HOST)
        if token is not None and not has_valid_token(request.headers.get("Authorization", ""), token):
            return web.Response(status=401, text="Send PRESSWORK_METRICS_TOKEN as `Authorization: Bearer …`.\n")
        body = await render_in_thread(meters.WORKER, meters.EVERY)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    application = web.Application()
    application.add_routes([web.get("/healthz", healthz), web.get("/metrics", metrics)])
    return application


def _is_for_this_server(request: web.Request, names: Set[str]) -> bool:
    bound = None if request.transport is None else request.transport.get_extra_info("sockname")
    arrived_at = bound[0] if isinstance(bound, tuple) else None  # a Unix socket has a path
    return names_server(request.headers.getall("Host", []), names, arrived_at=arrived_at)
