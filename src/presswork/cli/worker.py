"""`presswork worker`: a worker alone."""

import asyncio
from typing import Final

import structlog
import typer

from presswork.cli.address import base_url
from presswork.cli.database import database, settle_schema
from presswork.cli.loop import run
from presswork.cli.options import DataDir, Parent
from presswork.cli.output import plain_refusals
from presswork.cli.processes import die_with, on_stop_signals, set_up_memory, stop_as_interrupt
from presswork.cli.setup import read_settings
from presswork.cli.shared import check_shared
from presswork.clock import SystemClock
from presswork.logs import set_up_logs
from presswork.settings import Settings
from presswork.worker.runtime import run_worker

app: Final = typer.Typer(add_completion=False)
log = structlog.get_logger()


@app.command()
def main(data_dir: DataDir = None, parent: Parent = None) -> None:
    """Run a worker alone; run as many as wanted, on as many machines as wanted, against one PostgreSQL.

    It hands platforms media under PRESSWORK_PUBLIC_URL, or else under the address that PRESSWORK_HOST and
    PRESSWORK_PORT give, so these say where the API is. SIGTERM ends it within seconds: what is under way is finished
    or handed over.
    """
    if parent is not None:
        die_with(parent)
    stop_as_interrupt()
    with plain_refusals():
        settings = read_settings(data_dir=data_dir)
        set_up_logs(settings)
        structlog.contextvars.bind_contextvars(part="worker")
        with database(settings) as dsn:
            run(work(settings, dsn=dsn, is_alone=parent is None))


async def work(settings: Settings, *, dsn: str, is_alone: bool) -> None:
    """Work until SIGTERM or SIGINT; a second one ends the process at once, and the next worker takes over.

    `is_alone`: nobody who has looked at the set-up before, as `up` does, has started this process.
    """
    dsn = await settle_schema(settings, dsn)
    if is_alone:
        await check_shared(settings, dsn)
    set_up_memory()
    stop = asyncio.Event()
    task = asyncio.create_task(
        run_worker(settings, dsn=dsn, base_url=base_url(settings), clock=SystemClock(), stop=stop)
    )

    def hurry() -> None:
        task.cancel()

    on_stop_signals(stop.set, hurry)
    try:
        await task
    except asyncio.CancelledError:
        log.warning("worker was hurried; what was under way is taken up by the next one")
