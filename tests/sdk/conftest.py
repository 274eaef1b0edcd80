"""Fixtures of the SDK tests."""

import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from tests.cli.program import CommandProcess, Up
from tests.sdk.world import world

TYPESCRIPT: Final = Path(__file__).parents[2] / "sdk" / "typescript"
Install: TypeAlias = Callable[[Path], Path]


@pytest.fixture(scope="session")
def install_node() -> Install:
    """Installs the tools of a Node package from its lock file, once, by one test process at a time."""

    def install(package: Path) -> Path:
        modules = package / "node_modules"
        lock, done = package / "package-lock.json", modules / ".package-lock.json"
        with (package / "package.json").open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
                _run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=package)
                os.utime(done)
        return modules

    return install


@pytest.fixture(scope="session")
def names(
    tmp_path_factory: pytest.TempPathFactory, command_process: CommandProcess, up: Up
) -> Iterator[Mapping[str, str]]:
    """The server behind a lossy proxy, with keys, a project, accounts and files, by the names that cases use."""
    folder = tmp_path_factory.mktemp("sdk")
    with world(folder, command_process, up, "sdk", more_clients=("async", "typescript")) as names:
        yield names


@pytest.fixture(scope="session")
def node_modules(install_node: Install) -> Path:
    """The build tools of the TypeScript package."""
    return install_node(TYPESCRIPT)


@pytest.fixture(scope="session")
def built(node_modules: Path) -> Path:
    """The built TypeScript package: the folder with `esm` and `cjs`."""
    dist = TYPESCRIPT / "dist"
    with (TYPESCRIPT / "tsconfig.json").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        newest = max(path.stat().st_mtime for path in (TYPESCRIPT / "src").rglob("*.ts"))
        if not (dist / "cjs" / "index.js").exists() or (dist / "cjs" / "index.js").stat().st_mtime < newest:
            _run("node", "build.mjs", cwd=TYPESCRIPT)
    return dist


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
