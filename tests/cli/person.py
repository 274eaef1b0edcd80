"""A user of the client commands."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from tests.cli.program import CommandProcess, Done, environment
from tests.cli.terminal import Terminal, in_terminal


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a login, in a folder with a picture."""

    command_process: CommandProcess
    url: str
    key: str
    project: str
    folder: Path

    def environment(self, **settings: str) -> dict[str, str]:
        """Return the environment of the user's commands."""
        return environment(login_file=str(self.folder / "login.json"), **settings)

    def run(self, *arguments: str, **settings: str) -> Done:
        """Run a command until it ends."""
        return self.command_process.run(arguments, environment=self.environment(**settings), cwd=self.folder)

    @contextmanager
    def in_terminal(self, *arguments: str, **settings: str) -> Iterator[Terminal]:
        """Run a command in a terminal."""
        with in_terminal(*arguments, environment=self.environment(**settings), cwd=self.folder) as terminal:
            yield terminal

    def json(self, *arguments: str, status: int = 0) -> Mapping[str, object]:
        """Run a command with --json and return what it prints."""
        done = self.run(*arguments, "--json")
        assert done.status == status, done.stderr
        found: Mapping[str, object] = json.loads(done.stdout)
        return found

    def call(self, method: str, path: str, **body: object) -> httpx2.Response:
        """Call the API directly."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.request(method, f"{self.url}{path}", headers=headers, json=body or None, trust_env=False)
