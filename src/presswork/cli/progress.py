"""The progress of transfers, on a terminal. Apart from the other output, because few commands need it."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping

from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from presswork.cli.output import console


@contextlib.contextmanager
def byte_counts(names: Mapping[str, str]) -> Iterator[Callable[[str, int], None]]:
    """Yield a function that adds bytes to the progress of a part, which a terminal shows.

    `names` has the labels of the parts; others are not shown.
    """
    out = console(sys.stderr)
    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as progress:
        tasks = {}

        def add(part: str, size_bytes: int) -> None:
            if part not in tasks and part in names:
                tasks[part] = progress.add_task(names[part], total=None)
            if part in tasks:
                progress.advance(tasks[part], size_bytes)

        yield add
