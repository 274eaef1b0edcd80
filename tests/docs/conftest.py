"""Fixtures of the documentation tests: a reader with a running `presswork up`."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.cli.program import PATIENCE_SECONDS, Up, environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A reader of the documentation, in a folder like a fresh clone, with a running server."""

    url: str
    folder: Path
    environment: dict[str, str]

    def type(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script in one bash session that ends at the first failing command."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )


def reader_of(up: Up, folder: Path) -> Reader:
    """Return a reader who has cloned the repository into an empty folder and started a server."""
    (folder / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    # The environment names the data folder, so that the documented commands need no flag.
    variables = environment(data_dir=str(up.data_dir)) | {"no_proxy": "*", "NO_PROXY": "*"}
    return Reader(url=up.url, folder=folder, environment=variables)


@pytest.fixture(scope="session")
def reader(up: Up, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader with the server that all tests share."""
    return reader_of(up, tmp_path_factory.mktemp("clone"))
