"""How client commands run, and the options and exit statuses that they share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, TypeVar

from presswork.cli.client.login import Login, NotPossible
from presswork.cli.command import Finish, Output
from presswork.cli.options import AsJSON, option
from presswork_client import NOT_GIVEN, NotGiven

if TYPE_CHECKING:
    from presswork_client import Presswork

Choice = TypeVar("Choice", bound=str)
Value = TypeVar("Value")

Project: TypeAlias = Annotated[
    str | None, option("--project PROJECT", "Id or name of the project. Overrides the one of `presswork login`.", ...)
]
Revision: TypeAlias = Annotated[
    int | None,
    option(
        "--revision NUMBER", "The revision that you have seen: refused if the content was edited since.", ..., min=1
    ),
]
Limit: TypeAlias = Annotated[int, option("--limit N", "Maximum number of rows, up to 200.", ..., min=1, max=200)]

FAILED_STATUS: Final = 1
"""Exit status if the call was refused or a post failed."""
TIMEOUT_STATUS: Final = 3
"""Exit status if posts were not finished in time; the server continues to process them."""
INTERRUPTED_STATUS: Final = 130
"""Exit status if Ctrl-C ended the command before it was done, as shells report it."""


def calling(login: Login | None = None, *, as_json: bool) -> AbstractContextManager[Presswork]:
    """Return the client of a server, as `connection.calling` does."""
    from presswork.cli.client import connection  # noqa: PLC0415 - loads the client, which help does not need

    return connection.calling(login, as_json=as_json)


def on_server(work: Callable[[Presswork], Output | None], finish: Finish, *, as_json: AsJSON = False) -> None:
    """Call a function with a client of the server of the stored login, as a kind of `Commands`."""
    with calling(as_json=as_json) as client:
        finish(work(client))


def given(value: Value | None) -> Value | NotGiven:
    """Return what a call sends for an option: nothing if it was not given."""
    return NOT_GIVEN if value is None else value


def one_of(known: Sequence[Choice], text: str, name: str) -> Choice:
    """Return the choice that a text names. Raises NotPossible with the choices."""
    for choice in known:
        if choice == text:
            return choice
    raise NotPossible(f"There is no {name} {text}. Use {', '.join(known)}.")


def one_if_given(known: Sequence[Choice], text: str | None, name: str) -> Choice | NotGiven:
    """Return the choice that a text names, as `given` does. Raises NotPossible with the choices."""
    return NOT_GIVEN if text is None else one_of(known, text, name)


def read_options(text: str) -> Mapping[str, object]:
    """Parse fields of a target: JSON, or `@` and the name of a file with JSON. Raises NotPossible for anything else."""
    try:
        read = json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except (OSError, ValueError) as error:
        raise NotPossible(f"--options can't be read: {error}. Pass JSON, or @ and the name of a file.") from error
    if not isinstance(read, dict):
        raise NotPossible(
            '--options is not a JSON object. Pass one like {"tiktokPostSettings": {"disableDuet": true}}.'
        )
    return read
