"""One connection for a short piece of work, with an error that says why there is none and what to do."""

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from presswork.core.errors import Unavailable
from presswork.db.connect import CONNECT_WITHIN, Connector
from presswork.db.dsn import authority_of
from presswork.db.errors import DATABASE_ERRORS

OLDEST_MAJOR: Final = 15
"""The oldest supported major version of PostgreSQL."""


@contextlib.asynccontextmanager
async def connected(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Open one connection. Raises Unavailable when the server can't be reached or is too old."""
    try:
        connection = await Connector(dsn).connect(
            statement_cache_size=0,  # few statements repeat, and there may be a pooler
            server_settings={"application_name": "presswork command", "timezone": "UTC"},
        )
    except (ValueError, *DATABASE_ERRORS) as error:
        raise Unavailable(not_reached(error, dsn)) from error
    try:
        major = connection.get_server_version().major
        if major < OLDEST_MAJOR:
            raise Unavailable(f"The database is PostgreSQL {major}; Presswork needs {OLDEST_MAJOR} or newer.")
        yield connection
    finally:
        with contextlib.suppress(*DATABASE_ERRORS):
            await connection.close(timeout=5)


def not_reached(error: Exception, dsn: str) -> str:
    """Return why there is no connection, in one sentence, then what to do. No user name or password of the URL is in it."""
    reason = (str(error) or type(error).__name__).rstrip(".")
    if isinstance(error, TimeoutError):
        reason = f"no answer within {CONNECT_WITHIN.seconds} s"
    elif isinstance(error, OSError) and (error.errno or 0) > 0:
        reason = os.strerror(error.errno or 0)
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"The database server answers, but {reason}. Create it, or correct the name in PRESSWORK_DATABASE_URL."
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"The database server refuses the login: {reason}. Correct user and password in PRESSWORK_DATABASE_URL."
    if isinstance(error, ValueError):
        return f"The database can't be reached: {reason}. Correct PRESSWORK_DATABASE_URL."
    login = authority_of(urlsplit(dsn).netloc)
    servers = ", ".join(
        f"{host}:{port}" if port else host for host, port in zip(login.hosts, login.ports, strict=True) if host
    )
    at = f" at {servers}" if servers else ""
    return f"The database{at} can't be reached: {reason}. Check PRESSWORK_DATABASE_URL, and that the server is running."
