"""Options and exit statuses that the client commands share."""

from typing import Annotated, Final, TypeAlias

import typer

Project: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--project",
        metavar="PROJECT",
        help="Id or name of the project. Over the one of `presswork login`.",
        show_default=False,
    ),
]

NOT_ALL_WELL: Final = 1
"""Status of a command that was refused, or some of whose posts failed."""
IN_TIME: Final = 3
"""Status of a command that stopped waiting: its posts go on by themselves."""
