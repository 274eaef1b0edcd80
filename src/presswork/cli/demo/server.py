"""The demo's server: `presswork up` on its own data folder, and the set-up that only the command line can do."""

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from presswork.cli.actor import here
from presswork.cli.database import connected, database
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.run.setup import read_settings
from presswork.cli.run.up import wait_until_ready
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.settings import PREFIX, Settings
from presswork.music.import_tracks import import_tracks
from presswork.orgs.keys import create_key, ensure_organization
from presswork.orgs.model import Tier
from presswork.orgs.operators import create_operator

RETURN_DOMAIN: Final = "localhost"
RETURN_URL: Final = f"http://{RETURN_DOMAIN}/connected"
_START_TIMEOUT: Final = timedelta(seconds=60)
_STOP_TIMEOUT: Final = timedelta(seconds=40)
_POLL_EVERY: Final = timedelta(milliseconds=50)
_LOG_TAIL_CHARACTERS: Final = 3000
_ORGANIZATION: Final = "Demo"


class DemoFailed(Unavailable):
    """The demo can't continue; the message says at which step, and why."""


@contextlib.contextmanager
def own_folder(data_dir: Path | None) -> Iterator[Path]:
    """Yield the given folder, created if it does not exist, or a temporary one that is removed afterwards."""
    if data_dir is not None:
        folder = data_dir.expanduser().absolute()
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
    with _log(settings).open("wb") as log:
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


def _log(settings: Settings) -> Path:
    return settings.data_dir / "up.log"


async def started(settings: Settings, server: subprocess.Popen[bytes] | None) -> str:
    """Return the server's address once it is ready. Raises DemoFailed with the end of its log if it does not start."""
    ready = asyncio.create_task(_served(settings))
    end = time.monotonic() + _START_TIMEOUT.total_seconds()
    try:
        while not ready.done():
            if server is not None and server.poll() is not None:
                raise DemoFailed(f"The server did not start. The end of its log:\n{_log_tail(settings)}")
            if time.monotonic() > end:
                seconds = f"{_START_TIMEOUT.total_seconds():g}"
                raise DemoFailed(
                    f"The server is not ready after {seconds} s. The end of its log:\n{_log_tail(settings)}"
                )
            await asyncio.wait([ready], timeout=_POLL_EVERY.total_seconds())
        return ready.result()
    finally:
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)


async def _served(settings: Settings) -> str:
    """Wait until the folder's `presswork up` is ready and return its address."""
    while True:
        running = find_running(settings.data_dir)
        if running is not None and running.url is not None:
            await wait_until_ready(running.url)
            return running.url
        await asyncio.sleep(_POLL_EVERY.total_seconds())


def _log_tail(settings: Settings) -> str:
    try:
        return _log(settings).read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL_CHARACTERS:].strip()
    except OSError:
        return "(empty)"


async def create_demo_key(settings: Settings, name: str, scopes: Sequence[str]) -> str:
    """Create an API key of the organization `Demo` for the test environment, as `presswork key create` does."""
    with database(settings) as dsn:
        async with connected(dsn) as connection:
            key = await create_key(
                connection,
                organization=_ORGANIZATION,
                environment=Environment.TEST,
                scopes=scopes,
                tier=Tier.UNLIMITED,
                return_domains=[RETURN_DOMAIN],
                operator_id=None,
                name=name,
                now=SystemClock().now(),
                by=here(),
            )
    return key.token.text


async def import_track(settings: Settings, track: Mapping[str, object]) -> None:
    """Import a track into the music catalogue, as `presswork music import` does."""
    source: io.BufferedReader = io.BufferedReader(io.BytesIO(json.dumps([track]).encode()))
    with database(settings) as dsn:
        async with connected(dsn) as connection:
            report = await import_tracks(connection, source, SystemClock().now(), by=here())
    if report.bad:
        raise DemoFailed(f"The track was not imported: {report.faults[0].reason}")


async def create_primary_operator(settings: Settings, *, name: str, phone: str) -> None:
    """Create the organization's primary operator, with a phone that is verified for test projects."""
    now = SystemClock().now()
    with database(settings) as dsn:
        async with connected(dsn) as connection, connection.transaction():
            organization_id = await ensure_organization(connection, _ORGANIZATION, now=now, by=here())
            await create_operator(
                connection,
                organization_id,
                name=name,
                phone=phone,
                is_primary=True,
                verified_in=Environment.TEST,
                by=here(),
                now=now,
            )
