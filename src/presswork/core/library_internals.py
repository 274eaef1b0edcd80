"""Check at start-up that the private attributes of libraries on which Presswork depends exist.

Upper bounds in `pyproject.toml` limit the versions to tested ones; this check covers installations that ignore them.
"""

import asyncio
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import aiohttp
import asyncpg
from aiohttp.client_proto import ResponseHandler
from asyncpg.pool import PoolConnectionHolder, PoolConnectionProxy
from asyncpg.protocol.protocol import BaseProtocol

from presswork.core.errors import Unavailable

_SUPPORTED: Final = {"aiohttp": ">=3.14,<3.15", "asyncpg": ">=0.32,<0.33", "uvicorn": ">=0.54,<0.55"}


async def missing_internals() -> Sequence[str]:
    """Return a message for each private attribute that an installed library does not have."""
    connector = aiohttp.TCPConnector()
    session = aiohttp.ClientSession(connector=connector)
    try:
        handler = ResponseHandler(asyncio.get_running_loop())
        wanted: tuple[tuple[str, object, str, tuple[str, ...]], ...] = (
            # safe_http/connection.py: limits what an untrusted server may send besides the response body
            ("aiohttp", connector, "TCPConnector", ("_factory", "_loop")),
            # platforms/transport.py: keeps a request from being sent twice
            ("aiohttp", session, "ClientSession", ("_retry_connection",)),
            ("aiohttp", handler, "ResponseHandler", ("_payload", "_parser", "feed_data", "data_received")),
            # db/pool.py: counts the tasks that wait for a connection, and releases connections
            ("asyncpg", asyncpg.Pool, "Pool", ("_queue", "_holders")),
            ("asyncpg", PoolConnectionProxy, "PoolConnectionProxy", ("_con", "_holder")),
            ("asyncpg", PoolConnectionHolder, "PoolConnectionHolder", ("is_connected", "is_idle", "release")),
            ("asyncpg", asyncpg.Connection, "Connection", ("_on_release", "_protocol")),
            ("asyncpg", BaseProtocol, "BaseProtocol", ("_is_cancelling",)),
            ("asyncpg", asyncio.Queue(), "Queue", ("_getters",)),
        )
    finally:
        await session.close()
    return [
        missing_message(library, f"{owner}.{name}")
        for library, holder, owner, names in wanted
        for name in names
        if not hasattr(holder, name)
    ]


def missing_message(library: str, attribute: str) -> str:
    """Return the message about an attribute that an installed library does not have."""
    return (
        f"{library} {version(library)} has no {attribute}, which Presswork requires. "
        f"Install a supported version: {library}{_SUPPORTED[library]}."
    )


async def require_internals(also_missing: Sequence[str] = ()) -> None:
    """Raise Unavailable with the library and its supported versions if an attribute is missing.

    `also_missing` has the messages about libraries that only one part of Presswork uses.
    """
    if missing := [*await missing_internals(), *also_missing]:
        raise Unavailable(" ".join(missing))
