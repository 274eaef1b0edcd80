"""Private attributes of libraries that Presswork depends on, checked at start-up.

Upper bounds in `pyproject.toml` keep the versions that the tests have seen; this check is for installations that were
put together without them.
"""

import asyncio
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import aiohttp
import asyncpg
from aiohttp.client_proto import ResponseHandler

from presswork.core.errors import Unavailable

_SUPPORTED: Final = {"aiohttp": ">=3.14,<3.15", "asyncpg": ">=0.32,<0.33"}


async def missing_internals() -> Sequence[str]:
    """Return a sentence for each private attribute that an installed library no longer has."""
    connector = aiohttp.TCPConnector()
    try:
        handler = ResponseHandler(asyncio.get_running_loop())
        wanted: tuple[tuple[str, object, str, tuple[str, ...]], ...] = (
            # safe_http/connection.py: bounds what an untrusted server may send besides the body of its response
            ("aiohttp", connector, "TCPConnector", ("_factory", "_loop")),
            ("aiohttp", handler, "ResponseHandler", ("_payload", "_parser", "feed_data", "data_received")),
            # db/pool.py: counts who waits for a connection
            ("asyncpg", asyncpg.Pool, "Pool", ("_queue",)),
            ("asyncpg", asyncio.Queue(), "Queue", ("_getters",)),
        )
    finally:
        await connector.close()
    return [
        f"{library} {version(library)} has no {owner}.{name}, which Presswork needs. "
        f"Install a supported version: {library}{_SUPPORTED[library]}."
        for library, holder, owner, names in wanted
        for name in names
        if not hasattr(holder, name)
    ]


async def require_internals() -> None:
    """Raise Unavailable, naming the library and the supported versions, where something is missing."""
    if missing := await missing_internals():
        raise Unavailable(" ".join(missing))
