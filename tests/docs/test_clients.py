"""The code of the client guides runs unchanged against a server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from tests.cli.program import CommandProcess, Up
from tests.docs.pages import DOCS, ROOT, code_blocks
from tests.sdk.conftest import built, install_node, node_modules
from tests.sdk.world import world
from tests.tiers import exhaustive

from presswork_client import Presswork

__all__ = ["built", "install_node", "node_modules"]

PYTHON_README: Final = ROOT / "sdk" / "python" / "README.md"
TYPESCRIPT_README: Final = ROOT / "sdk" / "typescript" / "README.md"
READMES_SNIPPETS: Final = 10
COMING_FROM_LAYERS: Final = DOCS / "coming-from-layers.md"
SUFFIXES: Final = {"sh": ".sh", "python": ".py", "js": ".mjs"}
CALL_OF_THE_HANDLER: Final = """
import base64, hashlib, hmac, time
stamp, body = str(int(time.time())), b'{"id": "evt_1", "type": "post.published", "data": {"scheduledPostId": "sp_1"}}'
mac = hmac.digest(b"k" * 32, f"evt_1.{stamp}.".encode() + body, hashlib.sha256)
headers = {"webhook-id": "evt_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{base64.b64encode(mac).decode()}"}
print(post_of(body, headers, "whsec_" + base64.b64encode(b"k" * 32).decode()))
"""
"""Passes a signed event to the handler of the guide."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def names(
    tmp_path_factory: pytest.TempPathFactory, command_process: CommandProcess, up: Up
) -> Iterator[Mapping[str, str]]:
    """A server, a key, a project with two accounts, and a picture."""
    with world(tmp_path_factory.mktemp("clients"), command_process, up, "docs") as names:
        yield names


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


def _run(command: list[str], folder: Path, names: Mapping[str, str], **given: str) -> str:
    environment = {**_environment(names), **given}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.exhaustive
def test_the_python_guide_works_unchanged(folder: Path, names: Mapping[str, str]) -> None:
    """The code blocks of the guide form one program, whose output and errors are those of the guide."""
    (folder / "guide.py").write_text("\n".join(code_blocks(DOCS / "sdk-python.md", "python")))
    output = _run([sys.executable, "guide.py"], folder, names)
    assert "published http" in output
    assert "NOT_FOUND There is no such" in output


@pytest.mark.exhaustive
def test_the_javascript_guide_works_unchanged(folder: Path, names: Mapping[str, str]) -> None:
    """The code blocks of the guide form one program, whose output and errors are those of the guide."""
    (folder / "guide.mjs").write_text("\n".join(code_blocks(DOCS / "sdk-typescript.md", "js")))
    output = _run(["node", "guide.mjs"], folder, names)
    assert "published http" in output
    assert "NOT_FOUND There is no such" in output
    assert output.rstrip().endswith("true")


@pytest.mark.exhaustive
def test_the_readme_of_the_python_package_works_unchanged(folder: Path, names: Mapping[str, str]) -> None:
    """The README has ten snippets, which form one program; it publishes, repeats, waits, and prints an error."""
    snippets = code_blocks(PYTHON_README, "python")
    assert len(snippets) >= READMES_SNIPPETS
    (folder / "readme.py").write_text("\n".join(snippets))
    lines = _run([sys.executable, "readme.py"], folder, names).splitlines()
    assert sum("published http" in line for line in lines) == 3
    assert "multi ['picture.jpg', 'file-2.jpg', 'last.jpg']" in lines
    assert lines.count("['published', 'published']") == 2
    assert any(line.startswith("NOT_FOUND There is no such") for line in lines)
    assert lines[-1] == "400"


@pytest.mark.exhaustive
def test_the_readme_of_the_typescript_package_works_unchanged(folder: Path, names: Mapping[str, str]) -> None:
    """The README has ten snippets, which form one program; it publishes, repeats, waits, and prints an error."""
    snippets = code_blocks(TYPESCRIPT_README, "js")
    assert len(snippets) >= READMES_SNIPPETS
    (folder / "readme.mjs").write_text("\n".join(snippets))
    lines = _run(["node", "readme.mjs"], folder, names).splitlines()
    assert sum("published http" in line for line in lines) == 3
    assert "multi [ 'picture.jpg', 'second.jpg', 'last.jpg' ]" in lines
    assert "[ 'published', 'published' ]" in lines
    assert any(line.startswith("NOT_FOUND There is no such") for line in lines)
    assert lines[-1] == "400"
    assert "true" in lines


@pytest.fixture(scope="module")
def newcomer(
    tmp_path_factory: pytest.TempPathFactory, command_process: CommandProcess, up: Up
) -> Iterator[Mapping[str, str]]:
    """The same for the page about Layers, whose examples create another project."""
    with world(tmp_path_factory.mktemp("newcomer"), command_process, up, "layers") as names:
        yield names


@pytest.fixture(scope="module")
def content(newcomer: Mapping[str, str]) -> str:
    """A container with a picture."""
    with Presswork(api_key=newcomer["apiKey"], base_url=newcomer["directUrl"]) as client:
        return client.content.upload_files(
            newcomer["picture"], project_id=newcomer["project"], caption="From Layers"
        ).id


@pytest.mark.parametrize("kind", ["python", *exhaustive(["sh", "js"])])
def test_the_examples_of_coming_from_layers_work(
    kind: str, content: str, folder: Path, newcomer: Mapping[str, str]
) -> None:
    """Each example publishes with the address, the key and the ids of the reader, and the post goes live."""
    blocks = code_blocks(COMING_FROM_LAYERS, kind)
    program = "\n".join(line for block in blocks for line in block.splitlines() if not line.startswith("export "))
    if kind == "python":
        program += CALL_OF_THE_HANDLER
    given = {
        "URL": newcomer["directUrl"],
        "KEY": newcomer["apiKey"],
        "CONTENT": content,
        "ACCOUNT": newcomer["instagram"],
    }
    (folder / "example").with_suffix(SUFFIXES[kind]).write_text(program)
    command = {"sh": "bash", "python": sys.executable, "js": "node"}[kind]
    output = _run([command, f"example{SUFFIXES[kind]}"], folder, newcomer, **given)
    (post_id, *_) = re.findall(r"sp_[0-9a-f-]{36}", output)
    with Presswork(api_key=newcomer["apiKey"], base_url=newcomer["directUrl"]) as client:
        post = client.publishing.wait(post_id, timeout_seconds=60)
    assert (post.status, post.container_id, post.social_account_id) == ("published", content, newcomer["instagram"])
    if kind == "python":
        assert output.splitlines()[1:] == ["pt-PT pending False", "sp_1"]
