"""Makes the commands of the program from functions.

A function gets what it works with, such as a client or a connection, and the options of its command, and returns what the
command prints. What all commands of a kind share is written once: their options, what is opened for them, errors, output.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, TypeAlias, TypeVar, Unpack, get_type_hints

import typer

from presswork.cli.options import AsJSON, DataDir, Wide
from presswork.cli.output import console, plain_refusals, print_alone, print_json, print_table, say
from presswork.cli.table import Layout
from presswork.core.timestamps import write_instant
from presswork.core.visible import visible_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a command prints at its end, and its exit status."""

    document: object
    show: Callable[..., None]  # prints the same for people; called with `wide`, whether to show every column
    status: int = 0

    def print(self, *, as_json: bool, wide: bool = False) -> None:
        """Print it, and exit if the status is not 0."""
        if as_json:
            print_json(self.document)
        else:
            self.show(wide=wide)
        if self.status != 0:
            raise typer.Exit(self.status)


def sentences(document: object, *lines: str, status: int = 0) -> Output:
    """Return an output of sentences without markup."""

    def show(**_: bool) -> None:
        for line in lines:
            console().print(visible_line(line), markup=False)

    return Output(document=document, show=show, status=status)


def value_alone(document: object, value: str, sentence: str, *, status: int = 0) -> Output:
    """Return an output of `print_alone`."""
    return Output(document=document, show=lambda **_: print_alone(value, sentence), status=status)


def table_of_rows(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    document: object,
    empty: str,
    notes: Sequence[str] = (),
    status: int = 0,
    **layout: Unpack[Layout],
) -> Output:
    """Return a table, or the sentence `empty` if there are no rows. `notes`: sentences for people about it."""

    def show(*, wide: bool) -> None:
        print_table(columns, rows, empty=empty, wide=wide, **layout)
        for note in notes:
            say(note)

    return Output(document=document, show=show, status=status)


def table_of_objects(
    columns: Sequence[str], items: Sequence[Mapping[str, object]], *, empty: str, **layout: Unpack[Layout]
) -> Output:
    """Return a table of JSON objects, whose values are its cells. Instants are UTC there too."""
    rows = [[write_instant(one) if isinstance(one, datetime) else one for one in item.values()] for item in items]
    return table_of_rows(columns, rows, document={"items": items}, empty=empty, **layout)


Function = TypeVar("Function", bound=Callable[..., object])
Finish: TypeAlias = Callable[[Output | None], None]
"""Prints what a function returned; a function that has printed everything returns None."""
_KEYWORD: Final = inspect.Parameter.KEYWORD_ONLY
_WIDE: Final = {"wide": inspect.Parameter("wide", _KEYWORD, default=False, annotation=Wide)}


@dataclass(slots=True)
class Commands:
    """The commands of a module: a group, which has a help text, or commands of the program."""

    kind: Callable[..., None]
    """Calls a function with what it works with, and a `Finish` with the result; further parameters are options of each."""
    help: str | None = None
    app: typer.Typer = field(init=False)

    def __post_init__(self) -> None:
        self.app = typer.Typer(add_completion=False, no_args_is_help=self.help is not None, help=self.help)

    def command(self, name: str | None = None) -> Callable[[Function], Function]:
        """Make a command of a function; without a name, it has the function's."""
        return partial(self._add_command, name=name, is_listing=False)

    def listing(self, name: str) -> Callable[[Function], Function]:
        """Make a command of a function that returns a table."""
        return partial(self._add_command, name=name, is_listing=True)

    def _add_command(self, function: Function, *, name: str | None, is_listing: bool) -> Function:
        own = _list_options(function, skip=1)
        shared = _list_options(self.kind, skip=2)

        def run(**given: Any) -> None:  # Any: the values of the options
            def finish(output: Output | None) -> None:
                if output is not None:
                    output.print(as_json=given["as_json"], wide=given.get("wide", False))

            work = partial(function, **{option: given[option] for option in own})
            self.kind(work, finish, **{option: given[option] for option in shared})

        first = {option: parameter for option, parameter in own.items() if option not in shared}
        parameters = first | (_WIDE if is_listing else {}) | shared | own
        run.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]  # Typer reads it
        run.__doc__ = function.__doc__
        self.app.command(name or function.__name__)(run)
        return function


def on_machine(
    work: Callable[[Path | None], Output | None], finish: Finish, *, data_dir: DataDir = None, as_json: AsJSON = False
) -> None:
    """Call a function with --data-dir, as a kind of `Commands`."""
    with plain_refusals(as_json=as_json):
        finish(work(data_dir))


def _list_options(function: Callable[..., object], *, skip: int) -> dict[str, inspect.Parameter]:
    """Return the parameters after the first ones, whose types may be known to type checkers only."""
    parameters = dict(list(inspect.signature(function).parameters.items())[skip:])
    annotated = SimpleNamespace(__annotations__={name: one.annotation for name, one in parameters.items()})
    types = get_type_hints(annotated, inspect.unwrap(function).__globals__, include_extras=True)
    return {name: one.replace(kind=_KEYWORD, annotation=types[name]) for name, one in parameters.items()}
