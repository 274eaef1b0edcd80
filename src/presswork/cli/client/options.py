"""Options and exit statuses of the client commands."""

from typing import Annotated, Final, TypeAlias

import typer

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

FAILED_STATUS: Final = 1
"""Exit status if the call was refused or a post failed."""
TIMEOUT_STATUS: Final = 3
"""Exit status if posts were not finished in time; the server continues to process them."""
