"""Measure what an installation that does nothing costs: the processes and memory of `presswork up`, and its start.

`python -m bench.footprint` runs this measure alone, without the database server of the other benchmarks. Memory is the sum of
the processes' PSS (proc_pid_smaps_rollup(5)): a page that several processes share counts once in total. Linux only.
"""

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import psutil
import typer
from rich.console import Console
from rich.table import Table

from bench.child import ended
from bench.figures import Budget, Figure, Finding, print_table
from bench.site import Scale, Site, wait_for
from presswork.cli.run.data_dir_lock import find_running

_PROGRAM: Final = (sys.executable, "-P", "-m", "presswork.cli")
_STARTS: Final = 3
"""Warm starts, of which the fastest counts: other load only makes a start slower."""
_MAX_PROCESSES: Final = Budget(of="value", sign="≤", limit=14)
_FRESH_MIB: Final = Budget(of="value", sign="≤", limit=200)
_AFTER_POSTS_MIB: Final = Budget(of="value", sign="≤", limit=250)
_WARM_SECONDS: Final = Budget(of="value", sign="≤", limit=3)
_START_SECONDS: Final = 120
_UNTIL_FRESH_SECONDS: Final = 10
"""After the server is ready, unless a run settles for less: its parts have closed the connections that only their start
needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMemory:
    """The memory of one process, in MiB."""

    name: str
    pss: float
    private: float  # anonymous pages, for which it alone needs memory


def memory_of(root: psutil.Process) -> Sequence[ProcessMemory]:
    """Return the memory of a process and of all its descendants."""
    found = []
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii")
            sizes = {line.partition(":")[0]: line.split()[1] for line in rollup.splitlines()[1:]}
            found.append(
                ProcessMemory(
                    name=_name_of(process),
                    pss=int(sizes["Pss"]) / 1024,
                    private=int(sizes["Private_Dirty"]) / 1024,
                )
            )
    return found


def _name_of(process: psutil.Process) -> str:
    """Return what a process is, without its paths, options and numbers."""
    line = " ".join(process.cmdline()).strip()
    words = line.split()  # a forked part shows its command as one text
    if (server := re.match(r"postgres: presswork: (.*)", line)) is not None:
        is_session = "presswork presswork" in line or "presswork_app presswork" in line
        return "PostgreSQL: connection" if is_session else f"PostgreSQL: {re.sub(r' [0-9]+$', '', server[1].strip())}"
    if words and words[0].endswith("/postgres"):
        return "PostgreSQL: postmaster"
    if "presswork.cli" in words or words[:1] == ["presswork"]:
        return f"presswork {words[words.index('presswork.cli' if 'presswork.cli' in words else 'presswork') + 1]}"
    return next((word for word in words if word.startswith("presswork")), line)


@contextlib.contextmanager
def _running_up(folder: Path) -> Iterator[tuple[psutil.Process, float]]:
    """Run `presswork up` on a folder; yields its process, and the seconds until it was ready."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWORK_")}
    began = time.monotonic()
    with (folder / "up.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  Presswork's command
            [*_PROGRAM, "up", "--port", "0", "--data-dir", str(folder)],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    with ended(process):
        while (running := find_running(folder)) is None or running.url is None:
            if process.poll() is not None or time.monotonic() - began > _START_SECONDS:
                raise RuntimeError(f"presswork up did not start: {(folder / 'up.log').read_text('utf-8')[-2000:]}")
            time.sleep(0.01)
        wait_for(f"{running.url}/readyz")
        yield psutil.Process(process.pid), time.monotonic() - began


def _publish(folder: Path) -> None:
    """Publish what the demo publishes, through the API of the server on the folder."""
    subprocess.run(  # noqa: S603  Presswork's command
        [*_PROGRAM, "demo", "--data-dir", str(folder)], check=True, cwd=folder, stdout=subprocess.DEVNULL
    )


def measure_up(folder: Path, *, settle_seconds: float, console: Console) -> Sequence[Figure]:
    """Measure `presswork up` on an empty folder, and print the memory of each process."""
    folder.mkdir(parents=True, exist_ok=True)
    with _running_up(folder) as (root, cold_seconds):
        time.sleep(min(_UNTIL_FRESH_SECONDS, settle_seconds))
        fresh = memory_of(root)
        _publish(folder)
        time.sleep(settle_seconds)
        after = memory_of(root)
    warm = []
    for _ in range(_STARTS):
        with _running_up(folder) as (_, seconds):
            warm.append(seconds)
    _print_processes(console, fresh, after)
    title, later = "presswork up, fresh", f"presswork up, {settle_seconds:g} s after the last post"
    return [
        Figure(measure=f"{title}: processes", value=len(fresh), unit="", budget=_MAX_PROCESSES),
        Figure(measure=f"{title}: memory", value=_total(fresh), unit="MiB", budget=_FRESH_MIB),
        Figure(measure=f"{later}: processes", value=len(after), unit="", budget=_MAX_PROCESSES),
        Figure(measure=f"{later}: memory", value=_total(after), unit="MiB", budget=_AFTER_POSTS_MIB),
        Figure(measure="presswork up, first start: ready after", value=cold_seconds, unit="s"),
        Figure(
            measure=f"presswork up, fastest of {_STARTS} later starts: ready after",
            value=min(warm),
            unit="s",
            budget=_WARM_SECONDS,
        ),
    ]


def _total(processes: Sequence[ProcessMemory]) -> float:
    return sum(process.pss for process in processes)


def _print_processes(console: Console, fresh: Sequence[ProcessMemory], after: Sequence[ProcessMemory]) -> None:
    table = Table("process", "fresh", "private", "after posts", "private", title="MiB of memory", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    counts = [Counter(process.name for process in state) for state in (fresh, after)]
    for name in dict.fromkeys(process.name for process in (*fresh, *after)):
        row = []
        for state, count in zip((fresh, after), counts, strict=True):
            ones = [process for process in state if process.name == name]
            times = f"{count[name]} × " if count[name] > 1 else ""
            row += [f"{times}{_total(ones) / max(1, count[name]):.1f}", f"{sum(one.private for one in ones):.1f}"]
        table.add_row(name, *row)
    table.add_section()
    table.add_row(
        "all",
        *(
            cell
            for state in (fresh, after)
            for cell in (f"{len(state)}: {_total(state):.1f}", f"{sum(one.private for one in state):.1f}")
        ),
    )
    console.print(table)


async def measure(site: Site, scale: Scale) -> Sequence[Finding]:
    """Measure `presswork up` in the folder of the run."""
    return await asyncio.to_thread(
        measure_up, site.folder / "footprint", settle_seconds=scale.settle_seconds, console=Console()
    )


def main(
    settle: Annotated[float, typer.Option(min=0, help="Seconds between the last post and the measurement.")] = 60,
) -> None:
    """Measure the processes, the memory and the start of `presswork up` in a temporary folder."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="presswork-bench-") as folder:
        figures = measure_up(Path(folder) / "footprint", settle_seconds=settle, console=console)
    print_table(console, figures)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
