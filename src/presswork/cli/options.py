"""Options shared by many commands."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from presswork.core.enums import Environment

DataDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="FOLDER",
        help="Folder of the embedded database, local media and the secret key. Overrides PRESSWORK_DATA_DIR.",
        show_default=False,
    ),
]
AsJSON: TypeAlias = Annotated[bool, typer.Option("--json", help="Print a JSON document.")]
Wide: TypeAlias = Annotated[bool, typer.Option("--wide", help="Show every column, however wide the terminal is.")]
OnlyOrg: TypeAlias = Annotated[
    str | None, typer.Option("--org", metavar="NAME", help="Show this organization only.", show_default=False)
]
OnlyEnv: TypeAlias = Annotated[
    Environment | None, typer.Option("--env", help="Show this environment only.", show_default=False)
]
Host: TypeAlias = Annotated[
    str | None,
    typer.Option("--host", metavar="HOST", help="Address to listen on. Overrides PRESSWORK_HOST.", show_default=False),
]
Port: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="PORT",
        min=0,
        max=65535,
        help="Port to listen on; 0 selects a free one. Overrides PRESSWORK_PORT.",
        show_default=False,
    ),
]
Parent: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--parent", hidden=True, help="Id of the parent process, whose end ends this process; set by `presswork up`."
    ),
]
