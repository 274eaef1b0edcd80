"""Fixtures of the documentation tests: a running `presswork up`, as a reader has it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

_STOP_SECONDS: Final = 40


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
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Run `presswork up` on a free port with a new data folder until the tests end."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    # The environment names the data folder, so that the documented commands need no flag.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWORK_")}
    environment |= {"PRESSWORK_DATA_DIR": str(folder / "data"), "no_proxy": "*", "NO_PROXY": "*"}
    log = folder / "up.log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [".venv/bin/presswork", "up", "--port", "0"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            printed = []
            for line in process.stdout:
                printed.append(line)
                if line.startswith("Presswork is up"):
                    break
            assert process.poll() is None, log.read_text()
            (url,) = (line.split()[1] for line in printed if line.startswith("API:"))
            yield Reader(url=url, folder=folder, environment=environment)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
