"""What commands print: answers on standard output, refusals and logs on standard error."""

import contextlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from presswork.core.errors import PressworkError

_WIDE: Final = 400
"""Columns where nobody's terminal sets a limit: an id in a pipe is never broken."""


def console(stream: TextIO | None = None) -> Console:
    """Return a console on standard output (or another stream) that breaks no line unless a terminal is that narrow."""
    target = sys.stdout if stream is None else stream
    return Console(file=target, width=None if target.isatty() else _WIDE, highlight=False, soft_wrap=True)


def own_command() -> str:
    """Return how this program is called from where the person sits: by its name, or by its path if it has to be."""
    typed = Path(sys.argv[0])
    found = shutil.which("presswork")
    is_on_path = found is not None and Path(found).resolve() == typed.resolve()
    return "presswork" if is_on_path or typed.name != "presswork" else str(typed)


def print_json(document: object) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows under their columns, or the sentence `empty` if there are none."""
    lines = [[_cell(value) for value in row] for row in rows]
    if not lines:
        console().print(escape(empty))
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*line)
    console().print(table)


def _cell(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return escape(", ".join(str(item) for item in value))
    return escape(str(value))


@contextlib.contextmanager
def byte_counts(names: Mapping[str, str]) -> Iterator[Callable[[str, int], None]]:
    """Yield a function that is told a part and how many bytes more of it are done; a person at a terminal sees the sums.

    `names` says how each part is called; others are not shown.
    """
    out = console(sys.stderr)
    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as progress:
        tasks = {}

        def told(part: str, size_bytes: int) -> None:
            if part not in tasks and part in names:
                tasks[part] = progress.add_task(names[part], total=None)
            if part in tasks:
                progress.advance(tasks[part], size_bytes)

        yield told


def refuse(error: PressworkError, *, as_json: bool) -> NoReturn:
    """Print what is wrong on standard error and end with status 1."""
    print_refusal(error.code.value, error.message, error.details, as_json=as_json)


def print_refusal(code: str, message: str, details: Mapping[str, object], *, as_json: bool) -> NoReturn:
    """Print a refusal, ours or a server's, on standard error and end with status 1."""
    if as_json:
        body = {"error": {"code": code, "message": message, "details": details}}
        typer.echo(json.dumps(body, indent=2, ensure_ascii=False, default=str), err=True)
    else:
        console(sys.stderr).print(f"[bold red]Error:[/] {escape(message)}")
    raise typer.Exit(1)


@contextlib.contextmanager
def plain_refusals(*, as_json: bool = False) -> Iterator[None]:
    """Turn a refusal inside the block into one sentence (or JSON object) on standard error and exit status 1."""
    try:
        yield
    except PressworkError as error:
        refuse(error, as_json=as_json)
