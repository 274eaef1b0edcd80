"""`presswork api`: the API only, with the sandbox unless it is off or runs as its own process."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Final

import structlog
import typer
from starlette.types import ASGIApp

from presswork.api.app import create_app
from presswork.api.http.error_guide import ErrorLinks
from presswork.api.http.protocol import ConnectionLimits
from presswork.api.runtime import open_context, server_for
from presswork.cli.database import database, public_url_of, settle_schema
from presswork.cli.options import DataDir, Host, Parent, Port, option
from presswork.cli.output import plain_refusals
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.run.parts import api_parts
from presswork.cli.run.processes import allow_open_files, die_with, on_stop_signals, run, set_up_memory
from presswork.cli.run.setup import read_settings, require_served_sandbox
from presswork.cli.run.supervisor import ProcessSupervisor
from presswork.cli.sockets import base_url, inherited, listen_on, listening_on, url_of
from presswork.core.clock import SystemClock
from presswork.core.logging import set_up_logs
from presswork.crypto.keyring import Keyring
from presswork.doctor.cluster_check import check_shared
from presswork.events.feed import EventFeed
from presswork.platforms.settings import Settings
from presswork.telemetry.tracing import traced

app: Final = typer.Typer(add_completion=False)
log = structlog.get_logger()


@app.command()
def main(
    host: Host = None,
    port: Port = None,
    fd: int | None = option("--fd NUMBER", "Number of an inherited listening socket, instead of --host and --port."),
    processes: int | None = option(
        "--processes NUMBER",
        "Number of processes on the port; one uses one CPU core. Overrides PRESSWORK_API_PROCESSES.",
    ),
    data_dir: DataDir = None,
    parent: Parent = None,
) -> None:
    """Run the API only. Any number of API processes and machines can share one PostgreSQL.

    Posts are published only while a worker runs: `presswork worker`. SIGTERM finishes the calls in progress.
    """
    if parent is not None:
        die_with(parent)
    stop_as_interrupt()
    with plain_refusals():
        settings = read_settings(data_dir=data_dir, host=host, port=port, api_processes=processes)
        set_up_logs(settings)
        structlog.contextvars.bind_contextvars(part="api")
        require_served_sandbox(settings)
        if fd is None and settings.api_processes > 1:
            with (
                listening_on(settings.host, settings.port, sockets=settings.api_processes) as listeners,
                database(settings) as dsn,
            ):
                asyncio.run(_supervise(settings, dsn, listeners))
            return
        listening = listen_on(settings.host, settings.port) if fd is None else inherited(fd)
        with listening as listener, database(settings) as dsn:
            run(serve_api(settings, dsn=dsn, listener=listener, is_alone=parent is None))


async def _supervise(settings: Settings, dsn: str, listeners: Sequence[socket.socket]) -> None:
    """Run an API process for each socket, and restart those that die, until SIGTERM or SIGINT."""
    dsn = await _prepare_database(settings, dsn, is_alone=True)
    supervisor = ProcessSupervisor(api_parts(settings, dsn, listeners))
    on_stop_signals(supervisor.stop, supervisor.stop_now)
    await supervisor.run()


async def _prepare_database(settings: Settings, dsn: str, *, is_alone: bool) -> str:
    """Check the configuration and the schema, and return the database URL to use."""
    if is_alone:
        await check_shared(settings, dsn)
    dsn = await settle_schema(settings, dsn)
    if is_alone:  # some of it is known only of a current schema
        await check_shared(settings, dsn)
    return dsn


async def serve_api(settings: Settings, *, dsn: str, listener: socket.socket, is_alone: bool) -> None:
    """Serve the API on a listening socket until SIGTERM or SIGINT; a second signal drops the calls in progress.

    `is_alone`: the process was not started by another one, which has already checked the configuration.
    """
    dsn = await _prepare_database(settings, dsn, is_alone=is_alone)
    public_url = await public_url_of(settings, dsn)
    settings = public_url.put_into(settings)
    url = base_url(settings, otherwise=url_of(listener))
    limits = ConnectionLimits(total=settings.max_connections, per_address=settings.max_connections_per_address)
    allow_open_files(settings.max_connections)
    async with (
        traced(settings, part="api"),
        open_context(
            settings,
            dsn=dsn,
            base_url=url,
            clock=SystemClock(),
            local_url=url_of(listener),
            runs_checks=True,
            public_url=public_url,
        ) as context,
        _open_sandbox(settings, context.keyring, listener, base_url=url) as sandbox,
    ):
        server = server_for(
            create_app(context, sandbox=sandbox),
            limits,
            end_streams=context.part(EventFeed).stop,
            error_links=context.part(ErrorLinks),
        )
        on_stop_signals(server.stop, server.stop_now)
        set_up_memory()
        log.info("api listening", url=url_of(listener), base_url=url)
        await server.serve(sockets=[listener])
        log.info("api stopped")


@contextlib.asynccontextmanager
async def _open_sandbox(
    settings: Settings, keyring: Keyring, listener: socket.socket, *, base_url: str
) -> AsyncIterator[ASGIApp | None]:
    """Open the sandbox, or return None if it is off or another process serves it. Raises Unavailable."""
    if not settings.serves_sandbox:
        yield None
        return
    from presswork.cli.run.sandbox_app import open_mounted_sandbox, sandbox_access  # noqa: PLC0415 - may be missing

    sandbox = open_mounted_sandbox(settings, sandbox_access(settings, keyring, listener, base_url=base_url))
    try:
        yield sandbox
    finally:
        await sandbox.close()
