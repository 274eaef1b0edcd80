"""Serve one message with the SDK's streamable HTTP transport: stateless, with JSON responses."""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from presswork.agents.mcp_server import server_of
from presswork.agents.run_tool import ToolRunner
from presswork.agents.tools import TOOLS

Scope = MutableMapping[str, Any]  # Any: as ASGI declares them
Message = MutableMapping[str, Any]
logging.getLogger("mcp").setLevel(logging.WARNING)

_RUNNER: Final[ContextVar[ToolRunner]] = ContextVar("runner")
_SERVER: Final = server_of(lambda _context: _RUNNER.get(), list(TOOLS.values()))


async def serve(
    runner: ToolRunner,
    scope: Scope,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Answer one request; its calls use `runner`. Tasks of the SDK inherit the context in which they are started."""
    held = _RUNNER.set(runner)
    manager = StreamableHTTPSessionManager(_SERVER, json_response=True, stateless=True)
    try:
        async with manager.run():
            await manager.handle_request(scope, receive, send)
    finally:
        _RUNNER.reset(held)
