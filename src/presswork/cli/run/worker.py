"""`presswork worker`: a worker only."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import structlog
import typer

from presswork.cli.database import database, public_url_of, settle_schema
from presswork.cli.options import DataDir, Parent, option
from presswork.cli.output import plain_refusals
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.run.processes import die_with, on_stop_signals, run, set_up_memory
from presswork.cli.run.setup import read_settings
from presswork.cli.sockets import base_url, inherited, listen_for_metrics, url_of
from presswork.core.clock import SystemClock
from presswork.core.logging import set_up_logs
from presswork.doctor.cluster_check import check_shared
from presswork.platforms.settings import Settings
from presswork.telemetry.tracing import traced
from presswork.worker.main import run_worker

app: Final = typer.Typer(add_completion=False)
log = structlog.get_logger()


@app.command()
def main(
    metrics_fd: int | None = option(
        "--metrics-fd NUMBER", "Number of an inherited listening socket for metrics, instead of a port."
    ),
    data_dir: DataDir = None,
    parent: Parent = None,
) -> None:
    """Run a worker only. Any number of workers and machines can share one PostgreSQL.

    Platforms fetch media from the API at PRESSWORK_PUBLIC_URL, or else at PRESSWORK_HOST and PRESSWORK_PORT, so set them
    as for the API. SIGTERM stops the worker within seconds: it finishes its posts, or releases them.
    """
    if parent is not None:
        die_with(parent)
    stop_as_interrupt()
    with plain_refusals():
        settings = read_settings(data_dir=data_dir)
        set_up_logs(settings)
        structlog.contextvars.bind_contextvars(part="worker")
        with _open_metrics_socket(settings, metrics_fd) as listener, database(settings) as dsn:
            run(work(settings, dsn=dsn, listener=listener, is_alone=parent is None))


@contextlib.contextmanager
def _open_metrics_socket(settings: Settings, fd: int | None) -> Iterator[socket.socket | None]:
    if fd is None and settings.worker_metrics_port is None:
        yield None
        return
    with listen_for_metrics(settings) if fd is None else inherited(fd) as listener:
        log.info("worker metrics listening", url=f"{url_of(listener)}/metrics")
        yield listener


async def work(settings: Settings, *, dsn: str, is_alone: bool, listener: socket.socket | None = None) -> None:
    """Work until SIGTERM or SIGINT; a second signal ends the process at once, and another worker takes over.

    `is_alone`: the process was not started by `presswork up`, which has already checked the configuration.
    """
    if is_alone:
        await check_shared(settings, dsn)
    dsn = await settle_schema(settings, dsn)
    if is_alone:  # some of it is known only of a current schema
        await check_shared(settings, dsn)
    settings = (await public_url_of(settings, dsn)).put_into(settings)
    set_up_memory()
    stop = asyncio.Event()
    async with traced(settings, part="worker"):
        task = asyncio.create_task(
            run_worker(
                settings, dsn=dsn, base_url=base_url(settings), clock=SystemClock(), stop=stop, listener=listener
            )
        )

        def stop_now() -> None:
            task.cancel()

        on_stop_signals(stop.set, stop_now)
        try:
            await task
        except asyncio.CancelledError:
            log.warning("worker stopped without draining; another worker takes over its posts")
