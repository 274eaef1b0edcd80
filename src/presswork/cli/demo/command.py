"""`presswork demo`: runs a temporary server, and shows on it how content is published.

It imports little: `script`, with what it shows, is imported while the server starts.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import typer

from presswork.cli.options import DataDir, option
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.run.data_dir_lock import find_running
from presswork.core.errors import Unavailable
from presswork.core.sandbox_package import is_sandbox_installed, require_sandbox

app: Final = typer.Typer(add_completion=False)

_PROGRAM: Final = (sys.executable, "-P", "-m", "presswork.cli")
_SERVER_LOG: Final = "up.log"
_STOP_TIMEOUT_SECONDS: Final = 40
_KEPT_VARIABLES: Final = frozenset({"PRESSWORK_LOG_LEVEL", "PRESSWORK_LOG_FORMAT"})


@app.command()
def main(
    approval: bool = option("--approval", "Show how content waits until a reviewer approves or rejects it.", False),
    is_all: bool = option("--all", "Show every delivery mode, and approval.", False),
    keep: bool = option("--keep", "Keep the server running afterwards, until Ctrl-C.", False),
    port: int = option("--port PORT", "Port of the demo's API; 0 selects a free one.", 0, min=0, max=65535),
    data_dir: DataDir = None,
) -> None:
    """Publish a video, a picture, a slideshow and a text to fifteen sandbox accounts, and show how each post goes live.

    The demo runs offline in a temporary folder (or in --data-dir) and does not use your own installation.

    Exit status 0: every post is live exactly once; with --approval, only approved content is live; with --all, every post
    of every mode ended as expected. 1: something is not as expected.
    """
    if approval and is_all:
        raise typer.BadParameter("--all includes the approval chapter. Use one of the two.", param_hint="--approval")
    try:
        folder = None if data_dir is None else data_dir.expanduser().absolute()
    except RuntimeError as error:
        raise typer.BadParameter(f"The home folder in {data_dir} is unknown. Write the whole path.") from error
    is_up = folder is not None and find_running(folder) is not None
    if not is_up and not is_sandbox_installed():
        from presswork.cli.output import plain_refusals  # noqa: PLC0415 - as below

        with plain_refusals():
            require_sandbox("The demo publishes to the sandbox")
    typer.echo(
        f"Using the server that runs on {data_dir}."
        if is_up
        else "Starting a temporary server with its own database. This takes a few seconds."
    )
    stop_as_interrupt()
    with ExitStack() as stack:
        if folder is None:
            temporary = tempfile.TemporaryDirectory(prefix="presswork-demo-", ignore_cleanup_errors=True)
            folder = Path(stack.enter_context(temporary))
        server = None if is_up else stack.enter_context(_run_up(folder, port))
        from presswork.cli.demo.script import run  # noqa: PLC0415 - this takes long, so the server starts meanwhile

        if not run(folder, server, "--all" if is_all else "--approval" if approval else "", is_kept=keep):
            raise typer.Exit(1)


@contextmanager
def _run_up(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `presswork up` on a data folder for the length of the block."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _SERVER_LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own program
            [*_PROGRAM, "up", "--data-dir", str(folder), "--port", str(port), "--parent", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_select_environment(),
            cwd=folder,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def read_server_log(folder: Path) -> str:
    """Return the output of the server on a data folder."""
    return (folder / _SERVER_LOG).read_text(encoding="utf-8", errors="replace")


def administer(folder: Path, *arguments: str) -> Any:  # Any: each command has its own document
    """Run another command of `presswork` on a data folder, and return its JSON."""
    argv = [*_PROGRAM, *arguments, "--json", "--data-dir", str(folder)]
    done = subprocess.run(  # noqa: S603  our own program
        argv, stdout=subprocess.PIPE, env=_select_environment(), cwd=folder, check=False
    )
    if done.returncode:
        raise Unavailable(f"`presswork {' '.join(arguments)}` failed.")
    return json.loads(done.stdout)


def _select_environment() -> Mapping[str, str]:
    """Return the environment with the settings of logs only, so that the demo uses no other installation.

    An `.env` of the current folder is not read either: programs run in the data folder.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("PRESSWORK_") or name in _KEPT_VARIABLES
    }
