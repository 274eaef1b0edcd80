"""The tools of agents on standard input and output: each calls the API, and files of this machine are uploaded."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
from mcp.server.stdio import stdio_server

from presswork.agents.mcp_server import server_of
from presswork.agents.run_tool import ToolRunner
from presswork.agents.tool_model import JSON, ToolRefused
from presswork.agents.tools import tools_for
from presswork.cli.client.login import Login
from presswork_client import NOT_GIVEN, AsyncPresswork, PressworkError

_TIMEOUT_SECONDS: Final = 300.0
"""Of a call: an upload by URL fetches and probes the media."""


async def serve(login: Login) -> None:
    """Serve the tools on standard input and output, until the agent closes them."""
    tools = tools_for(has_local_files=True)
    headers = {"Authorization": f"Bearer {login.key}"}
    async with (
        httpx2.AsyncClient(base_url=login.url, headers=headers, timeout=_TIMEOUT_SECONDS) as http,
        AsyncPresswork(api_key=login.key, base_url=login.url, timeout_seconds=_TIMEOUT_SECONDS) as client,
        stdio_server() as (messages, replies),
    ):
        runner = ToolRunner(http=http, tools=tools, local_files=_Upload(client))
        server = server_of(lambda _context: runner, list(tools.values()))
        await server.run(messages, replies, server.create_initialization_options())


@dataclass(frozen=True, slots=True)
class _Upload:
    """Uploads files of this machine with the Python client."""

    client: AsyncPresswork

    async def __call__(self, arguments: Mapping[str, Any], *, idempotency_key: str) -> JSON:
        """Return the new content. Raises ToolRefused."""
        paths, version = await asyncio.to_thread(_find_files, [str(one["path"]) for one in arguments["media"]])
        try:
            content = await self.client.content.upload_files(
                paths,
                project_id=str(arguments["projectId"]),
                caption=str(arguments["caption"]),
                first_comment=arguments.get("firstComment", NOT_GIVEN),
                labels=arguments.get("labels", NOT_GIVEN),
                idempotency_key=f"{idempotency_key}-{version}",
            )
        except PressworkError as error:
            raise ToolRefused(str(error)) from error
        return dict(content.raw)


def _find_files(named: Sequence[str]) -> tuple[Sequence[Path], str]:
    """Return files, and a text that changes with them: an edited file is new content, although its path is the same."""
    paths = [Path(name).expanduser() for name in named]
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths if path.exists()]
    return paths, hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
