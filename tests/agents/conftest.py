"""Fixtures of the tests about agents: clients made with the official SDK."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from tests.api_server import Api
from tests.people.people import People
from tests.posts.conftest import ready_project  # noqa: F401  a fixture


@dataclass(slots=True, kw_only=True)
class Agent:
    """A program that speaks the Model Context Protocol."""

    client: Client

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must not fail, and return its data. The SDK checks it against the tool's output schema."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return dict(result.structured_content)

    async def text(self, tool: str, **arguments: Any) -> str:
        """Call a tool that must not fail, and return what the model reads."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return str(result.content[0].text)  # type: ignore[union-attr]  # each result has one text

    async def refusal(self, tool: str, **arguments: Any) -> str:
        """Call a tool that must be refused, and return what the model reads."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.content
        return str(result.content[0].text)  # type: ignore[union-attr]  # as above


@contextlib.asynccontextmanager
async def connected(http: httpx2.AsyncClient, url: str) -> AsyncIterator[Agent]:
    """Connect the SDK's client over streamable HTTP."""
    async with Client(streamable_http_client(url, http_client=http)) as client:
        yield Agent(client=client)


@pytest.fixture
def people(api: Api) -> People:
    """Invites people and signs them in."""
    return People(api)
