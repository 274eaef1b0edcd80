"""The demo's server: its start, and the set-up that only the command line can do."""

import asyncio
import io
import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from presswork.callers.model import Tier
from presswork.cli.actor import here
from presswork.cli.database import database
from presswork.cli.demo.process import server_log
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.run.readiness import is_ready, open_client
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.settings import Settings
from presswork.db.one_connection import connected
from presswork.music.import_tracks import import_tracks
from presswork.orgs.keys import create_key, ensure_organization
from presswork.orgs.operators import create_operator
from presswork.people.invite import first_admin_link, link_of

RETURN_DOMAIN: Final = "localhost"
RETURN_URL: Final = f"http://{RETURN_DOMAIN}/connected"
_START_TIMEOUT: Final = timedelta(seconds=60)
_POLL_EVERY: Final = timedelta(milliseconds=50)
_LOG_TAIL_CHARACTERS: Final = 3000
_ORGANIZATION: Final = "Demo"


class DemoFailed(Unavailable):
    """The demo can't continue; the message says at which step, and why."""


async def started(settings: Settings, server: subprocess.Popen[bytes] | None) -> str:
    """Return the server's address once it is ready. Raises DemoFailed with the end of its log if it does not start."""
    end = time.monotonic() + _START_TIMEOUT.total_seconds()
    async with open_client() as client:
        while time.monotonic() < end:
            if server is not None and server.poll() is not None:
                raise DemoFailed(f"The server did not start. The end of its log:\n{_log_tail(settings)}")
            running = find_running(settings.data_dir)
            if running is not None and running.url is not None and await is_ready(client, running.url):
                return running.url
            await asyncio.sleep(_POLL_EVERY.total_seconds())
    seconds = f"{_START_TIMEOUT.total_seconds():g}"
    raise DemoFailed(f"The server is not ready after {seconds} s. The end of its log:\n{_log_tail(settings)}")


def _log_tail(settings: Settings) -> str:
    try:
        return server_log(settings).read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL_CHARACTERS:].strip()
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


async def create_admin_link(settings: Settings, url: str) -> str | None:
    """Create the link with which a person becomes the administrator, and so joins the organization `Demo`, the first one.

    It replaces the one in the server's log. None: there is an administrator.
    """
    with database(settings) as dsn:
        async with connected(dsn) as connection:
            token = await first_admin_link(connection, now=SystemClock().now())
    return None if token is None else link_of(url, token, is_first=True)


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
