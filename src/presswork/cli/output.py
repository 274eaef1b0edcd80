"""The output of commands: results on standard output, errors and logs on standard error."""

import contextlib
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO, Unpack

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from presswork.cli.table import Layout, Table
from presswork.core.errors import PressworkError
from presswork.core.timestamps import write_instant
from presswork.core.visible import visible, visible_json, visible_line

_WIDE: Final = 400
"""Line width where there is no terminal, so that ids in a pipe are not broken."""


class _SafeConsole(Console):
    """A console that shows control characters of its texts as escapes instead of sending them to the terminal."""

    def print(self, *objects: Any, **options: Any) -> None:  # Any: Rich's signature
        """Print. Escapes first: Rich would drop some control characters, and count the width of others as zero."""
        super().print(*(visible(one) if isinstance(one, str) else one for one in objects), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render. Segments that Rich marks as control codes, such as cursor movements, are its own."""
        for segment in super().render(renderable, options):
            text = segment.text if segment.control else visible(segment.text)
            yield segment if text == segment.text else Segment(text, segment.style)


def console(stream: TextIO | None = None) -> Console:
    """Return a console for standard output or another stream; lines wrap at the width of a terminal only.

    It shows control characters in any text as escapes.
    """
    target = sys.stdout if stream is None else stream
    return _SafeConsole(file=target, width=None if target.isatty() else _WIDE, highlight=False, soft_wrap=True)


def own_command() -> str:
    """Return the command that starts this program: its name, or its path if it is not on PATH."""
    typed = Path(sys.argv[0])
    found = shutil.which("presswork")
    is_on_path = found is not None and Path(found).resolve() == typed.resolve()
    return "presswork" if is_on_path or typed.name != "presswork" else str(typed)


def print_json(document: object) -> None:
    """Print one JSON document, with control characters as JSON escapes. Instants are UTC."""
    typer.echo(visible_json(json.dumps(document, indent=2, ensure_ascii=False, default=write_instant)))


def print_alone(value: str, sentence: str) -> None:
    """Print a secret or an id alone on standard output, so that a shell can capture it, and a sentence on standard error."""
    console().print(visible_line(value), markup=False)
    sys.stdout.flush()
    say(sentence)


def say(sentence: str) -> None:
    """Print a sentence for people on standard error, apart from the result."""
    console(sys.stderr).print(visible_line(sentence), style="dim", markup=False)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    empty: str,
    wide: bool = False,
    **layout: Unpack[Layout],
) -> None:
    """Print a table, or the sentence `empty` if there are no rows. In a pipe, a header and tab-separated values."""
    table = Table(columns, rows, layout)
    if not sys.stdout.isatty():
        for row in table.tab_separated():
            typer.echo(row)
    if not rows:
        (console() if sys.stdout.isatty() else console(sys.stderr)).print(escape(empty))
    elif sys.stdout.isatty():
        out = console()
        for line in table.lines(None if wide else out.width):
            out.print(line)


def refuse(error: PressworkError, *, as_json: bool) -> NoReturn:
    """Print an error on standard error and exit with status 1."""
    print_refusal(error.code.value, error.message, error.details, as_json=as_json)


def print_refusal(
    code: str, message: str, details: Mapping[str, object], *, as_json: bool, doc_url: str | None = None
) -> NoReturn:
    """Print an error of this program or of the server on standard error and exit with status 1.

    `doc_url` is the server's page about the code.
    """
    if as_json:
        more = {} if doc_url is None else {"docUrl": doc_url}
        body = {"error": {"code": code, "message": message, "details": details, **more}}
        typer.echo(visible_json(json.dumps(body, indent=2, ensure_ascii=False, default=str)), err=True)
    else:
        console(sys.stderr).print(f"[bold red]Error:[/] {escape(message)}")
        if doc_url is not None:
            console(sys.stderr).print(f"[dim]More about this:[/] {escape(doc_url)}")
    raise typer.Exit(1)


@contextlib.contextmanager
def plain_refusals(*, as_json: bool = False) -> Iterator[None]:
    """Print an error raised in the block as one sentence (or JSON object) and exit with status 1."""
    try:
        yield
    except PressworkError as error:
        refuse(error, as_json=as_json)
