"""`presswork mcp`: the tools over standard input and output, as an agent starts them."""

import os
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from tests.agents.conftest import Agent
from tests.api_server import Api
from tests.world import World


@pytest.mark.exhaustive
async def test_agent_uploads_a_file_of_its_machine_once(api: Api, world: World, picture: bytes, tmp_path: Path) -> None:
    """The command takes server and key from the environment; a file becomes content, and a repeated call no second one."""
    project = await world.project()
    file = tmp_path / "a.jpg"
    file.write_bytes(picture)
    key = str(world.client.headers["authorization"]).removeprefix("Bearer ")
    environment = {"PATH": os.environ["PATH"], "PRESSWORK_BASE_URL": api.base_url, "PRESSWORK_API_KEY": key}
    command = StdioServerParameters(command=sys.executable, args=["-m", "presswork.cli", "mcp"], env=environment)
    async with Client(command) as client:
        agent = Agent(client=client)
        assert (await agent.call("whoami"))["environment"] == "test"
        first = await agent.call("upload_content", projectId=project, media=[{"path": str(file)}], caption="Hello")
        again = await agent.call("upload_content", projectId=project, media=[{"path": str(file)}], caption="Hello")
        assert (first["status"], first["id"]) == ("completed", again["id"])
        missing = await agent.refusal("upload_content", projectId=project, media=[{"path": "/no.jpg"}], caption="")
        assert "does not exist" in missing
