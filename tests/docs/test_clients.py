"""The code of the client guides runs unchanged against a server."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from tests.cli.program import CommandProcess
from tests.docs.pages import DOCS, ROOT, code_blocks
from tests.sdk.conftest import built, install_node, node_modules
from tests.sdk.world import world

__all__ = ["built", "install_node", "node_modules"]

PYTHON_README: Final = ROOT / "sdk" / "python" / "README.md"
TYPESCRIPT_README: Final = ROOT / "sdk" / "typescript" / "README.md"
READMES_SNIPPETS: Final = 10
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sdk")]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A server, a key, a project with two accounts, and a picture."""
    command_process = CommandProcess()
    with world(tmp_path_factory.mktemp("clients"), command_process) as names:
        yield names
    command_process.close()


@pytest.fixture
def folder(tmp_path: Path, names: Mapping[str, str], built: Path) -> Path:
    """A folder with a picture and the installed JavaScript client."""
    (tmp_path / "picture.jpg").write_bytes(Path(names["picture"]).read_bytes())
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "presswork-client").symlink_to(built.parent, target_is_directory=True)
    return tmp_path


def _environment(names: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWORK_")}
    key, url = names["apiKey"], names["directUrl"]
    return {**kept, "PRESSWORK_API_KEY": key, "PRESSWORK_BASE_URL": url, "NO_PROXY": "*"}


def _run(command: list[str], folder: Path, names: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=_environment(names), capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_guide_works_unchanged(folder: Path, names: Mapping[str, str]) -> None:
    """The code blocks of the guide form one program, whose output and errors are those of the guide."""
    (folder / "guide.py").write_text("\n".join(code_blocks(DOCS / "sdk-python.md", "python")))
    output = _run([sys.executable, "guide.py"], folder, names)
    assert "published http" in output
    assert "NOT_FOUND There is no such" in output


def test_the_javascript_guide_works_unchanged(folder: Path, names: Mapping[str, str]) -> None:
    """The code blocks of the guide form one program, whose output and errors are those of the guide."""
    (folder / "guide.mjs").write_text("\n".join(code_blocks(DOCS / "sdk-typescript.md", "js")))
    output = _run(["node", "guide.mjs"], folder, names)
    assert "published http" in output
    assert "NOT_FOUND There is no such" in output
    assert output.rstrip().endswith("true")


def test_the_readme_of_the_python_package_works_unchanged(folder: Path, names: Mapping[str, str]) -> None:
    """The README has ten snippets, which form one program; it publishes, repeats, waits, and prints an error."""
    snippets = code_blocks(PYTHON_README, "python")
    assert len(snippets) >= READMES_SNIPPETS
    (folder / "readme.py").write_text("\n".join(snippets))
    lines = _run([sys.executable, "readme.py"], folder, names).splitlines()
    assert sum("published http" in line for line in lines) == 2
    assert "multi ['picture.jpg', 'file-2.jpg', 'last.jpg']" in lines
    assert lines.count("['published', 'published']") == 2
    assert any(line.startswith("NOT_FOUND There is no such") for line in lines)
    assert lines[-1] == "400"


def test_the_readme_of_the_typescript_package_works_unchanged(folder: Path, names: Mapping[str, str]) -> None:
    """The README has ten snippets, which form one program; it publishes, repeats, waits, and prints an error."""
    snippets = code_blocks(TYPESCRIPT_README, "js")
    assert len(snippets) >= READMES_SNIPPETS
    (folder / "readme.mjs").write_text("\n".join(snippets))
    lines = _run(["node", "readme.mjs"], folder, names).splitlines()
    assert sum("published http" in line for line in lines) == 2
    assert "multi [ 'picture.jpg', 'second.jpg', 'last.jpg' ]" in lines
    assert "[ 'published', 'published' ]" in lines
    assert any(line.startswith("NOT_FOUND There is no such") for line in lines)
    assert lines[-1] == "400"
    assert "true" in lines
