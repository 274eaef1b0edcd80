"""What the tests of the documents share: a `presswork up` as a reader has it running."""

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
    """Someone who follows the documents: in a folder like a fresh clone, with everything running."""

    url: str
    folder: Path
    environment: dict[str, str]

    def type(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script in one bash session; it ends at the first command that fails."""
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
    """Run `presswork up` on a free port and a data folder of its own, until the tests are over."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    # The data folder is told by the environment, so that the documents' commands find it without a flag.
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
            said = []
            for line in process.stdout:
                said.append(line)
                if line.startswith("Presswork is up"):
                    break
            assert process.poll() is None, log.read_text()
            (url,) = (line.split()[1] for line in said if line.startswith("API:"))
            yield Reader(url=url, folder=folder, environment=environment)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
