"""`presswork up`: the whole service in one process tree, which restarts parts that die and leaves no process behind."""

import asyncio
import shlex
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import typer
from rich.panel import Panel
from rich.table import Table

from presswork.cli.database import database, public_url_of, settle_schema
from presswork.cli.options import DataDir, Host, Parent, Port, option
from presswork.cli.output import console, own_command, plain_refusals
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.run.data_dir_lock import Claim, claimed
from presswork.cli.run.parts import WORKER, api_names, api_parts, worker_part
from presswork.cli.run.prefork import PreforkedProcess, preforked
from presswork.cli.run.processes import die_with, on_stop_signals
from presswork.cli.run.setup import read_settings, require_served_sandbox
from presswork.cli.run.supervisor import ProcessSupervisor
from presswork.cli.sockets import base_url, listen_for_metrics, listening_on, url_of
from presswork.core.clock import SystemClock
from presswork.core.logging import set_up_logs
from presswork.crypto.keyring import find_keyring, load_keyring
from presswork.db.migrate import migrate
from presswork.db.one_connection import connected
from presswork.doctor.cluster_check import check_shared
from presswork.people.invite import first_admin_link, link_of
from presswork.platforms.settings import Settings
from presswork.secretkeys.primary import require_recorded_key

app: Final = typer.Typer(add_completion=False)

_FIRST_ADMIN: Final = "Become the administrator (works once, for 72 hours):"
_FRAME_COLUMNS: Final = 8
"""The columns of the frame around the URLs and of the gaps in it."""


@app.command()
def main(
    host: Host = None,
    port: Port = None,
    sandbox: bool | None = option("--sandbox/--no-sandbox", "Serve the sandbox or not. Overrides PRESSWORK_SANDBOX."),
    data_dir: DataDir = None,
    parent: Parent = None,
) -> None:
    """Run the API, a worker, the sandbox and, unless PRESSWORK_DATABASE_URL is set, the embedded database.

    PRESSWORK_API_PROCESSES runs several API processes on the port. Ctrl-C stops the parts in order; a second Ctrl-C stops them at once. A part that dies is restarted.
    """
    if parent is not None:
        die_with(parent)
    stop_as_interrupt()
    with plain_refusals():
        settings = read_settings(data_dir=data_dir, host=host, port=port, sandbox=sandbox)
        set_up_logs(settings)
        require_served_sandbox(settings)
        with (
            preforked((WORKER, *api_names(settings))) as forked,
            claimed(settings.data_dir) as claim,
            listening_on(settings.host, settings.port, sockets=settings.api_processes) as listeners,
            listen_for_metrics(settings) as metrics,
            database(settings) as dsn,
        ):
            asyncio.run(_run_parts(settings, dsn, listeners, metrics, claim, forked))


async def _run_parts(
    settings: Settings,
    dsn: str,
    listeners: Sequence[socket.socket],
    metrics: socket.socket,
    claim: Claim,
    forked: Mapping[str, PreforkedProcess],
) -> None:
    if settings.database_url is not None:  # only this machine uses the embedded database
        await check_shared(settings, dsn)
    async with connected(dsn) as connection:
        await require_recorded_key(connection, find_keyring(settings))
        await migrate(connection)
    if settings.database_url is not None:  # some of it is known only now
        await check_shared(settings, dsn)
    dsn = await settle_schema(settings, dsn)
    here = (await public_url_of(settings, dsn)).put_into(settings)
    async with connected(dsn) as connection:
        token = await first_admin_link(connection, now=SystemClock().now())
    listener = listeners[0]
    # The worker stops first: while it drains, platforms fetch media from the API, which also serves the sandbox.
    worker = worker_part(settings, dsn, listener, metrics, forked)
    supervisor = ProcessSupervisor([worker, *api_parts(settings, dsn, listeners, forked)])
    on_stop_signals(supervisor.stop, supervisor.stop_now)
    claim.announce(url_of(listener))
    printing = asyncio.create_task(_print_urls(here, listener, url_of(metrics), token))
    try:
        await supervisor.run()
    finally:
        printing.cancel()
        await asyncio.gather(printing, return_exceptions=True)


async def _print_urls(settings: Settings, listener: socket.socket, metrics_url: str, first_admin: str | None) -> None:
    """Print the URLs once the service is ready, with the link of the first administrator while there is none."""
    from presswork.cli.run.readiness import wait_until_ready  # noqa: PLC0415 - the children start meanwhile

    url = url_of(listener)
    await wait_until_ready(url)
    pages = {"Console": f"{base_url(settings, otherwise=url)}/console", "API": url, "Docs": f"{url}/docs"}
    if settings.serves_sandbox:
        from presswork.cli.run.sandbox_app import printed_token, sandbox_access  # noqa: PLC0415 - may be missing

        pages["Sandbox feeds"] = f"{url}/sandbox/"
        access = sandbox_access(settings, load_keyring(settings), listener, base_url=url)
        if (token := printed_token(access)) is not None:
            pages["Sandbox token"] = token
    pages |= {"Metrics": f"{url}/metrics", "Metrics of the worker": f"{metrics_url}/metrics"}
    command = [own_command(), "key", "create", "--org", "demo", "--env", "test", "--return-domain", "localhost"]
    if settings.data_dir != read_settings().data_dir:
        command += ["--data-dir", str(settings.data_dir)]
    welcome = None if first_admin is None else link_of(base_url(settings, otherwise=url), first_admin, is_first=True)
    out = console()
    framed = max(map(len, pages)) + max(map(len, pages.values())) + _FRAME_COLUMNS
    if not out.is_terminal or framed > out.width:  # a frame would break a long URL or token
        for name, text in (*pages.items(), ("Create an API key", shlex.join(command))):
            out.print(f"{name}: {text}", markup=False)
        if welcome is not None:
            out.print(f"{_FIRST_ADMIN} {welcome}", markup=False)
        out.print("Presswork is up.")
        sys.stdout.flush()
        return
    table = Table.grid(padding=(0, 2))
    for name, text in pages.items():
        table.add_row(f"[bold]{name}[/]", text)
    out.print(Panel(table, title="Presswork is up", subtitle="Ctrl-C stops it", border_style="green", expand=False))
    if welcome is not None:
        out.print(_FIRST_ADMIN, style="bold")
        out.print(welcome, markup=False)
    out.print("Create an API key:", style="bold")
    out.print(shlex.join(command), markup=False)  # outside the frame, so that it can be copied
