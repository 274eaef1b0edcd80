"""`presswork sandbox`: the fake platforms alone."""

import socket
from typing import Final

import structlog
import typer

from presswork.api.http.request_guard import RequestGuard
from presswork.api.runtime import server_for
from presswork.cli.options import DataDir, Host, Parent, option
from presswork.cli.output import console, plain_refusals
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.run.processes import die_with, on_stop_signals, run
from presswork.cli.run.setup import read_settings
from presswork.cli.sockets import base_url, listen_on, url_of
from presswork.core.logging import set_up_logs
from presswork.core.sandbox_package import require_sandbox
from presswork.crypto.keyring import load_keyring
from presswork.platforms.settings import Settings

app: Final = typer.Typer(add_completion=False)
log = structlog.get_logger()

PORT: Final = 8001
"""The default port, next to the API's."""


@app.command()
def main(
    host: Host = None,
    port: int = option("--port PORT", "Port to listen on; 0 selects a free one.", PORT, min=0, max=65535),
    data_dir: DataDir = None,
    parent: Parent = None,
) -> None:
    """Run the sandbox alone: fake platforms, for test projects and for other clients.

    Set PRESSWORK_SANDBOX_URL=http://HOST:PORT/sandbox for the API and the workers. The sandbox needs no database. If it
    listens on more than loopback, it requires a token, which it prints: give it the secret keys or the
    PRESSWORK_SANDBOX_TOKEN of the API and the workers.
    """
    if parent is not None:
        die_with(parent)
    stop_as_interrupt()
    with plain_refusals():
        settings = read_settings(data_dir=data_dir, host=host)
        set_up_logs(settings)
        structlog.contextvars.bind_contextvars(part="sandbox")
        require_sandbox("`presswork sandbox` runs the sandbox")
        with listen_on(settings.host, port) as listener:
            run(serve_sandbox(settings, listener))


async def serve_sandbox(settings: Settings, listener: socket.socket) -> None:
    """Serve on a listening socket until SIGTERM or SIGINT."""
    from presswork.cli.run.sandbox_app import open_standalone_sandbox, printed_token, sandbox_access  # noqa: PLC0415 - may be missing

    access = sandbox_access(
        settings, load_keyring(settings), listener, base_url=base_url(settings), is_served_by_api=False
    )
    sandbox = open_standalone_sandbox(settings, access)
    server = server_for(RequestGuard(sandbox))
    on_stop_signals(server.stop, server.stop_now)
    log.info("sandbox listens", url=f"{url_of(listener)}/sandbox/")
    if (token := printed_token(access)) is not None:
        console().print(f"Sandbox token: {token}", markup=False, highlight=False, soft_wrap=True)
    async with sandbox.router.lifespan_context(sandbox):
        await server.serve(sockets=[listener])
