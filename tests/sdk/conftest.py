"""What the tests of the SDKs share."""

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

TYPESCRIPT: Final = Path(__file__).parents[2] / "sdk" / "typescript"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The TypeScript package with what it is built with, installed from its lock file where that has not been done."""
    modules = TYPESCRIPT / "node_modules"
    lock, done = TYPESCRIPT / "package-lock.json", modules / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        _run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        os.utime(done)
    return modules


@pytest.fixture(scope="session")
def built(node_modules: Path) -> Path:
    """The TypeScript package, built; the folder with `esm` and `cjs`."""
    _run("node", "build.mjs")
    return TYPESCRIPT / "dist"


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=TYPESCRIPT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
