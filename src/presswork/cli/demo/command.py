"""`presswork demo`: runs a temporary server and shows on it how content is published."""

import asyncio
from typing import Annotated, Final

import typer

from presswork.cli.demo.process import own_folder, own_settings, running_up
from presswork.cli.options import DataDir
from presswork.cli.output import plain_refusals
from presswork.cli.run.processes import stop_as_interrupt
from presswork.cli.run.setup import set_up_admin

app: Final = typer.Typer(add_completion=False)


@app.command()
def main(
    approval: Annotated[
        bool,
        typer.Option("--approval", help="Show how content waits until a reviewer approves or rejects it."),
    ] = False,
    is_all: Annotated[
        bool, typer.Option("--all", help="Show every delivery mode on both platforms, and approval.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the server running afterwards, until Ctrl-C.")] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of the demo's API; 0 selects a free one.")
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Publish a video, a picture and a slideshow to six sandbox accounts, and show how each post goes live.

    The demo runs offline in a temporary folder (or in --data-dir) and does not use your own installation. Exit status 0
    means that every post is live exactly once; with --approval, that only approved content is live; with --all, that
    every post of every mode ended as expected. Otherwise the status is 1.
    """
    if approval and is_all:
        raise typer.BadParameter("--all includes the approval chapter. Use one of the two.", param_hint="--approval")
    stop_as_interrupt()
    option = "--all" if is_all else "--approval" if approval else ""
    with plain_refusals(), own_folder(data_dir) as folder:
        settings = own_settings(folder)
        set_up_admin(settings)
        with running_up(settings, port) as server:
            from presswork.cli.demo.show import show  # noqa: PLC0415 - this takes long, so the server starts meanwhile

            is_good = asyncio.run(show(settings, server, option, is_kept=keep))
    if not is_good:
        raise typer.Exit(1)
