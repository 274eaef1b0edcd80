"""The process of the demo's server: `presswork up` on its own data folder.

Imports little: what the chapters need is imported while the server starts.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from presswork.cli.output import plain_refusals
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.run.setup import absolute, read_settings, set_up_admin
from presswork.core.setting_values import PREFIX
from presswork.core.settings import Settings

_STOP_TIMEOUT: Final = timedelta(seconds=40)


def run_demo(option: str, data_dir: Path | None, port: int, *, is_kept: bool) -> bool:
    """Show the chapters of an option on a server and return whether all passed."""
    stop_as_interrupt()
    with plain_refusals(), own_folder(data_dir) as folder:
        settings = own_settings(folder)
        set_up_admin(settings)
        with running_up(settings, port) as server:
            from presswork.cli.demo.show import show  # noqa: PLC0415 - this takes long, so the server starts meanwhile

            return asyncio.run(show(settings, server, option, is_kept=is_kept))


@contextlib.contextmanager
def own_folder(data_dir: Path | None) -> Iterator[Path]:
    """Yield the given folder, created if it does not exist, or a temporary one that is removed afterwards."""
    if data_dir is not None:
        folder = absolute(data_dir)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="presswork-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def own_settings(folder: Path) -> Settings:
    """Return default settings with the environment's logging only, so that the demo uses no other installation."""
    given = read_settings()
    return Settings.model_construct(data_dir=folder, log_format=given.log_format, log_level=given.log_level)


@contextlib.contextmanager
def running_up(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes] | None]:
    """Run `presswork up` on the data folder for the length of the block; yields None if one already runs there."""
    if find_running(settings.data_dir) is not None:
        yield None
        return
    kept = {PREFIX + "LOG_LEVEL", PREFIX + "LOG_FORMAT"}
    environment = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX) or name in kept
    }
    argv = [sys.executable, "-P", "-m", "presswork.cli", "up", "--data-dir", str(settings.data_dir)]
    with server_log(settings).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own program
            [*argv, "--port", str(port), "--parent", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=settings.data_dir,  # an .env file of the current folder must not be read
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_TIMEOUT.total_seconds())
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def server_log(settings: Settings) -> Path:
    """Return the file with the server's output."""
    return settings.data_dir / "up.log"
