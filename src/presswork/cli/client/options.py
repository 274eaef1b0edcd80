"""Options and exit statuses of the client commands."""

from collections.abc import Sequence
from typing import Annotated, Final, TypeAlias, TypeVar

import typer

from presswork.cli.client.login import NotPossible

Choice = TypeVar("Choice", bound=str)

Project: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--project",
        metavar="PROJECT",
        help="Id or name of the project. Overrides the one of `presswork login`.",
        show_default=False,
    ),
]

Revision: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--revision",
        min=1,
        metavar="NUMBER",
        help="The revision that you have seen: refused if the content was edited since.",
        show_default=False,
    ),
]

Limit: TypeAlias = Annotated[
    int, typer.Option("--limit", metavar="N", min=1, max=200, help="Maximum number of rows, up to 200.")
]

FAILED_STATUS: Final = 1
"""Exit status if the call was refused or a post failed."""
TIMEOUT_STATUS: Final = 3
"""Exit status if posts were not finished in time; the server continues to process them."""
INTERRUPTED_STATUS: Final = 130
"""Exit status if Ctrl-C ended the command before it was done, as shells report it."""


def one_of(known: Sequence[Choice], text: str, name: str) -> Choice:
    """Return the choice that a text names. Raises NotPossible with the choices."""
    for choice in known:
        if choice == text:
            return choice
    raise NotPossible(f"There is no {name} {text}. Use {', '.join(known)}.")
