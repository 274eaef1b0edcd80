"""Options and arguments in one line each, and the options that many commands share."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from presswork.core.enums import Environment


def option(declaration: str, meaning: str, default: object = None, **more: Any) -> Any:  # Any: as Typer declares them
    """Return an option. `declaration` is its name, and the placeholder of its value, as help shows them: `--note TEXT`.

    As in Typer, the default `...` stands for none: the option is required, or the function has the default.
    """
    name, _, placeholder = declaration.partition(" ")
    return typer.Option(default, name, metavar=placeholder or None, help=meaning, **more)


def argument(placeholder: str, meaning: str, default: object = None, **more: Any) -> Any:  # Any: as above
    """Return an argument. `placeholder` is what help shows for it."""
    return typer.Argument(default, metavar=placeholder, help=meaning, **more)


DataDir: TypeAlias = Annotated[
    Path | None,
    option(
        "--data-dir FOLDER",
        "Folder of the embedded database, local media and the secret key. Overrides PRESSWORK_DATA_DIR.",
        ...,
    ),
]
AsJSON: TypeAlias = Annotated[bool, option("--json", "Print a JSON document.", ...)]
Wide: TypeAlias = Annotated[bool, option("--wide", "Show every column, however wide the terminal is.", ...)]
OnlyOrg: TypeAlias = Annotated[str | None, option("--org NAME", "Show this organization only.", ...)]
OnlyEnv: TypeAlias = Annotated[Environment | None, option("--env", "Show this environment only.", ...)]
Host: TypeAlias = Annotated[str | None, option("--host HOST", "Address to listen on. Overrides PRESSWORK_HOST.", ...)]
Port: TypeAlias = Annotated[
    int | None,
    option("--port PORT", "Port to listen on; 0 selects a free one. Overrides PRESSWORK_PORT.", ..., min=0, max=65535),
]
Parent: TypeAlias = Annotated[
    int | None,
    option(
        "--parent", "Id of the parent process, whose end ends this process; set by `presswork up`.", ..., hidden=True
    ),
]
