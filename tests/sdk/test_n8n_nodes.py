"""The n8n nodes: types, n8n's rules, the package, and a real server; the tests are in integrations/n8n/test."""

import fcntl
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

PACKAGE: Final = Path(__file__).parents[2] / "integrations" / "n8n"
LAST_BUILT: Final = PACKAGE / "dist" / "nodes" / "PressworkTrigger" / "PressworkTrigger.node.json"
pytestmark = pytest.mark.slow


def run(*command: str, **variables: str) -> str:
    """Run a command in the package's folder and return its output. Assert that it succeeds."""
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd=PACKAGE, env=environment, capture_output=True, text=True, check=False, timeout=170
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def nodes(install_node: Callable[[Path], Path]) -> Path:
    """The compiled package; compiling it checks the types."""
    install_node(PACKAGE)
    with (PACKAGE / "tsconfig.json").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        newest = max(path.stat().st_mtime for path in _sources())
        if not LAST_BUILT.exists() or LAST_BUILT.stat().st_mtime < newest:
            run("node", "build.mjs")
    return PACKAGE / "dist"


def _sources() -> Iterator[Path]:
    yield PACKAGE / "build.mjs"
    for folder in ("credentials", "icons", "nodes"):
        yield from (path for path in (PACKAGE / folder).rglob("*") if path.is_file())


@pytest.mark.exhaustive
def test_the_nodes_follow_the_rules_of_n8n(nodes: Path) -> None:
    """ESLint with n8n's own plugins reports nothing, warnings included."""
    assert nodes.exists()
    assert run("npm", "run", "--silent", "lint") == ""


@pytest.mark.exhaustive
def test_the_package_has_what_n8n_reads(nodes: Path) -> None:
    """It contains the nodes, the credential, icons and codex files, and depends on nothing but n8n."""
    (packed,) = json.loads(run("npm", "pack", "--dry-run", "--json", "--ignore-scripts"))
    files = {file["path"] for file in packed["files"]}
    package = json.loads((PACKAGE / "package.json").read_text())
    named = {*package["n8n"]["nodes"], *package["n8n"]["credentials"]}
    codex = {name.replace(".js", ".json") for name in package["n8n"]["nodes"]}
    icons = {"dist/icons/presswork.svg", "dist/icons/presswork.dark.svg"}
    assert (nodes / "icons" / "presswork.svg").exists()
    assert named | codex | icons | {"README.md", "LICENSE"} <= files
    assert not [name for name in files if name.startswith(("test/", "node_modules/"))]
    assert "dependencies" not in package
    assert package["peerDependencies"] == {"n8n-workflow": "*"}


@pytest.mark.exhaustive
def test_the_nodes(names: Mapping[str, str], nodes: Path) -> None:
    """Node's test runner passes each of their tests against a real server."""
    assert nodes.exists()
    printed = run("node", "--test", "--test-reporter=tap", "test/nodes.test.mjs", WORLD=json.dumps(dict(names)))
    assert "# fail 0" in printed
    assert "# skipped 0" in printed
