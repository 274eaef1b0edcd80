"""Runs `presswork verify-live` as a person with a key of a new organization."""

from pathlib import Path
from uuid import uuid4

import httpx2
from tests.cli.program import CommandProcess, Done, Up, environment
from tests.sdk.world import connect, made, make_key


class Owner:
    """A person with a key of a new organization, who runs the command."""

    def __init__(
        self, command_process: CommandProcess, up: Up, folder: Path, scopes: str, *, env: str = "test"
    ) -> None:
        self.key = make_key(command_process, up, folder, f"verify-{uuid4()}", scopes, env=env)
        self.url = up.url
        self._process = command_process
        self._folder = folder

    def connect(self, platform: str, handle: str, **more: str) -> str:
        """Connect an account of the sandbox to a new project, and return its id."""
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx2.Client(base_url=self.url, headers=headers, trust_env=False) as client:
            project = made(client.post("/v1/projects", json={"name": "Verify", "timezone": "UTC"}))
            return connect(client, project, platform, handle, **more)

    def run(self, *arguments: str, as_json: bool = True) -> Done:
        """Run the command in the folder."""
        settings = environment(api_key=self.key, base_url=self.url)
        shown = ["--json"] if as_json else []
        return self._process.run(["verify-live", *shown, *arguments], environment=settings, cwd=self._folder)
