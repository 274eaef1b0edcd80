"""Options that many commands share."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

DataDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="FOLDER",
        help="Folder of the embedded database, local media and the secret key. Over PRESSWORK_DATA_DIR.",
        show_default=False,
    ),
]
AsJSON: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document, for programs.")]
Host: TypeAlias = Annotated[
    str | None, typer.Option("--host", help="Address to listen on. Over PRESSWORK_HOST.", show_default=False)
]
Port: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=0,
        max=65535,
        help="Port to listen on; 0 takes a free one. Over PRESSWORK_PORT.",
        show_default=False,
    ),
]
Parent: TypeAlias = Annotated[
    int | None, typer.Option("--parent", hidden=True, help="Process to die with; `presswork up` sets it.")
]
