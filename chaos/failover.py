"""`python -m chaos.failover`: measure how long database outages affect callers and posts. See docs/scaling.md."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final

import aiohttp
from rich.console import Console
from rich.table import Table

from chaos.machines import Machines, open_machines
from chaos.outage import Callers, create_world, now
from chaos.pair import open_pair

_LEASE: Final = timedelta(seconds=30)
"""The default."""
_BEFORE_SECONDS: Final = 2
_MORE: Final = 20
_WITHIN: Final = timedelta(minutes=3)


def _restart(machines: Machines) -> None:
    machines.pair.restart(machines.pair.primary)


def _crash(machines: Machines) -> None:
    machines.pair.stop(machines.pair.primary, signal.SIGKILL)
    machines.pair.start(machines.pair.primary, until_ready=False)


def _fail_over(machines: Machines) -> None:
    machines.pair.stop(machines.pair.primary, signal.SIGKILL)
    machines.pair.promote()


def _fail_over_silently(machines: Machines) -> None:
    machines.cut_from_primary()
    _fail_over(machines)


OUTAGES: Final[dict[str, Callable[[Machines], None]]] = {
    "restart": _restart,
    "crash": _crash,
    "failover": _fail_over,
    "silent-failover": _fail_over_silently,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One run. Times count from the start of the outage."""

    command_took: timedelta
    calls_after: timedelta
    posts_after: timedelta
    posts: int
    slowest_call: timedelta
    faults: Sequence[str]


async def _run(machines: Machines, cause_outage: Callable[[Machines], None]) -> Outage:
    async with aiohttp.ClientSession(headers=machines.sandbox_headers) as session:
        callers = Callers(machines, session, await create_world(machines, session, accounts=6))
        stop = asyncio.Event()
        publishing = asyncio.create_task(callers.keep_publishing(stop, every=timedelta(milliseconds=100)))
        await callers.wait_until_accepted(_MORE)
        await asyncio.sleep(_BEFORE_SECONDS)
        began = now()
        await asyncio.to_thread(cause_outage, machines)
        ended = now()
        await callers.wait_until_accepted(_MORE)
        stop.set()
        await publishing
        dsn = machines.cluster.dsn
        states, shown = await callers.wait_until_final(dsn, within=_WITHIN), await callers.shown()
        calls, posts = await callers.recovery_times(dsn, began=began, ended=ended)
    faults = [
        f"{caption} is {states.get(caption)}" for caption in callers.accepted if states.get(caption) != "published"
    ]
    faults += [f"{caption} was published {shown[caption]} times" for caption in callers.accepted if shown[caption] != 1]
    faults += [f"a call returned {one.status}" for one in callers.attempts if one.status not in (200, 503)]
    return Outage(
        command_took=timedelta(seconds=ended[0] - began[0]),
        calls_after=calls,
        posts_after=posts,
        posts=len(callers.accepted),
        slowest_call=timedelta(seconds=max(one.took_seconds for one in callers.attempts)),
        faults=faults,
    )


def measure(name: str) -> Outage:
    """Run one outage on new machines."""
    with (
        tempfile.TemporaryDirectory(prefix="presswork-failover-") as folder,
        open_pair() as pair,
        open_machines(Path(folder), pair, lease=_LEASE) as machines,
    ):
        return asyncio.run(_run(machines, OUTAGES[name]))


def _shown(outages: Sequence[Outage], seconds: Callable[[Outage], timedelta]) -> str:
    values = sorted(seconds(one).total_seconds() for one in outages)
    return f"{median(values):.1f} ({values[0]:.1f}-{values[-1]:.1f})"


def main() -> int:
    """Run the selected outages. Return 0 only if no post was lost or duplicated and every response was 200 or 503."""
    parser = argparse.ArgumentParser(prog="python -m chaos.failover", description=__doc__)
    parser.add_argument(
        "--only", choices=sorted(OUTAGES), action="append", help="only this outage (repeatable; default: all)"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs per outage (3)")
    options = parser.parse_args()
    console = Console()
    table = Table(
        "outage", "runs", "the outage itself, s", "call succeeds after, s", "post live after, s", "slowest call, s"
    )
    faults: list[str] = []
    for name in options.only or OUTAGES:
        outages = [measure(name) for _ in range(options.runs)]
        faults += [f"{name}: {fault}" for one in outages for fault in one.faults]
        columns = (
            _shown(outages, lambda one: one.command_took),
            _shown(outages, lambda one: one.calls_after),
            _shown(outages, lambda one: one.posts_after),
            _shown(outages, lambda one: one.slowest_call),
        )
        table.add_row(name, str(len(outages)), *columns)
        console.print(f"{name}: {columns[1]} s, {columns[2]} s", markup=False)
    console.print(table)
    for fault in faults:
        console.print(fault, style="bold red", markup=False)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
