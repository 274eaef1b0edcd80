"""The progress of transfers, on a terminal. Apart from the other output, because few commands need it."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from presswork.cli.output import console


class AddBytes(Protocol):
    """Adds bytes to the progress of a part; its total, where it is known, counts the first time."""

    def __call__(self, part: str, size_bytes: int, total_bytes: int | None = None, /) -> None:
        """Add bytes."""
        ...


@contextlib.contextmanager
def byte_counts(names: Mapping[str, str]) -> Iterator[AddBytes]:
    """Yield a function that adds bytes to the progress of a part, which a terminal shows.

    `names` has the labels of the parts; others are not shown.
    """
    out = console(sys.stderr)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as progress:
        tasks = {}

        def add(part: str, size_bytes: int, total_bytes: int | None = None) -> None:
            if part not in tasks and part in names:
                tasks[part] = progress.add_task(names[part], total=total_bytes)
            if part in tasks:
                progress.advance(tasks[part], size_bytes)

        yield add


@contextlib.contextmanager
def counted(label: str) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function that shows how many of how many are done; a terminal shows it."""
    out = console(sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
