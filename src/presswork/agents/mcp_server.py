"""The tools as a server of the Model Context Protocol, made with the official SDK, for both transports."""

import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any, Final, TypeAlias

from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as WireTool

from presswork import __version__
from presswork.agents.run_tool import ToolRunner
from presswork.agents.tool_model import Tool, ToolRefused
from presswork.agents.tools import INSTRUCTIONS, TOOLS

Request: TypeAlias = Any  # Any: the SDK's context of a request, generic over what servers add to it
MAX_TEXT_CHARACTERS: Final = 40_000
"""Longest text of a result; the structured result has everything."""


def server_of(runner_of: Callable[[Request], ToolRunner], tools: list[Tool]) -> "Server[Any]":
    """Return a server whose calls are run by the runner of their request."""

    async def list_tools(_context: Request, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[on_the_wire(tool) for tool in tools])

    async def call_tool(context: Request, params: CallToolRequestParams) -> CallToolResult:
        return await run(runner_of(context), params.name, params.arguments or {})

    return Server(
        "presswork",
        title="Presswork",
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def on_the_wire(tool: Tool) -> WireTool:
    """Return a tool as the protocol describes it."""
    return WireTool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=ToolAnnotations(
            read_only_hint=tool.is_read_only,
            destructive_hint=tool.is_destructive,
            idempotent_hint=None if tool.is_read_only else tool.is_idempotent,  # which only concerns writes
        ),
    )


async def run(runner: ToolRunner, name: str, arguments: dict[str, Any]) -> CallToolResult:
    """Run a tool; a refusal is a result that says what to do, which a model reads."""
    try:
        result = await runner.run(name, arguments)
    except ToolRefused as refusal:
        tool = runner.tools.get(name)
        example = "" if tool is None else json.dumps(tool.example, ensure_ascii=False)
        return CallToolResult(content=[_text(refusal.text(tool, example))], is_error=True)
    return CallToolResult(content=[_text(result.text)], structured_content=result.data)


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text if len(text) <= MAX_TEXT_CHARACTERS else f"{text[:MAX_TEXT_CHARACTERS]}…")


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
