"""`presswork demo`: runs a temporary server and shows on it how content is published."""

from typing import Annotated, Final

import typer

from presswork.cli.options import DataDir
from presswork.cli.run.data_dir_lock import find_running

app: Final = typer.Typer(add_completion=False)


@app.command()
def main(
    approval: Annotated[
        bool,
        typer.Option("--approval", help="Show how content waits until a reviewer approves or rejects it."),
    ] = False,
    is_all: Annotated[bool, typer.Option("--all", help="Show every delivery mode, and approval.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the server running afterwards, until Ctrl-C.")] = False,
    port: Annotated[
        int,
        typer.Option("--port", metavar="PORT", min=0, max=65535, help="Port of the demo's API; 0 selects a free one."),
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Publish a video, a picture and a slideshow to eleven sandbox accounts, and show how each post goes live.

    The demo runs offline in a temporary folder (or in --data-dir) and does not use your own installation.

    Exit status 0: every post is live exactly once; with --approval, only approved content is live; with --all, every post
    of every mode ended as expected. 1: something is not as expected.
    """
    if approval and is_all:
        raise typer.BadParameter("--all includes the approval chapter. Use one of the two.", param_hint="--approval")
    try:
        is_up = data_dir is not None and find_running(data_dir.expanduser()) is not None
    except RuntimeError as error:
        raise typer.BadParameter(f"The home folder in {data_dir} is unknown. Write the whole path.") from error
    typer.echo(
        f"Using the server that runs on {data_dir}."
        if is_up
        else "Starting a temporary server with its own database. This takes a few seconds."
    )
    from presswork.cli.demo.process import run_demo  # noqa: PLC0415 - takes long, so the first line is printed before

    if not run_demo("--all" if is_all else "--approval" if approval else "", data_dir, port, is_kept=keep):
        raise typer.Exit(1)
