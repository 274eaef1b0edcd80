"""Stop a server that a test runs in its own process."""

import asyncio
import sys
from typing import Final

import uvicorn

_GRACE_SECONDS: Final = 10


async def shut(server: uvicorn.Server) -> None:
    """Stop as uvicorn does, without its waits, which together take 0.2 s: longer than most tests."""
    # A test of the sandbox alone must not wait for an import of the API.
    if (runtime := sys.modules.get("presswork.api.runtime")) is not None and isinstance(server, runtime.Server):
        server.end_streams()
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    if tasks := set(server.server_state.tasks):
        _, late = await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in late:
            task.cancel()
    await server.lifespan.shutdown()
