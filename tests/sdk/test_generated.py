"""The generated code is up to date and typed, its references are complete, and other generators accept the OpenAPI document."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.api_server import shared_routes
from tests.docs.pages import DOCS, anchors, code_blocks
from tests.sdk.conftest import Install

from generator.__main__ import HERE, out_of_date
from generator.names import EXTRA_METHODS, METHODS
from generator.openapi import read
from generator.reference import LANGUAGES, write

THIRD_PARTY: Final = Path(__file__).with_name("third-party")


def test_generated_files_are_up_to_date() -> None:
    """`python -m generator` in sdk/ would change nothing. Run it if this test fails."""
    assert [str(path.relative_to(HERE.parent)) for path in out_of_date()] == []


def test_the_references_have_each_method(tmp_path: Path) -> None:
    """That of each client describes every method, and links only its own headings and the guide, which names it."""
    api = read(shared_routes().openapi())
    for language in LANGUAGES:
        page = tmp_path / language.page
        page.write_text(write(api, language))
        text = page.read_text()
        for name in (*METHODS.values(), *EXTRA_METHODS):
            resource, _, method = name.partition(".")
            assert f"\n### {language.spelled(resource)}.{language.spelled(method)}\n" in text, name
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) - anchors(page) == set()
        assert set(re.findall(r"\]\(([^)#]+)\)", text)) == {language.guide}
        assert "reference" in anchors(DOCS / language.guide)


def test_methods_are_named_once() -> None:
    """No two operations share a method name."""
    assert len(set(METHODS.values())) == len(METHODS)


def test_typescript_types_are_as_expected(node_modules: Path) -> None:
    """The compiler accepts test/typed.ts: every result is typed, and every deliberate mistake is an error."""
    done = subprocess.run(
        ["npm", "run", "-s", "types"], cwd=node_modules.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.exhaustive
@pytest.mark.slow
def test_pyright_accepts_what_users_write(tmp_path: Path, install_node: Install) -> None:
    """Pyright finds nothing in typed_user.py and in the README's program, in its strict mode."""
    install_node(THIRD_PARTY)
    (tmp_path / "typed_user.py").write_text(Path(__file__).with_name("typed_user.py").read_text())
    (tmp_path / "readme.py").write_text("\n".join(code_blocks(HERE / "python" / "README.md", "python")))
    config = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(HERE / "python" / "src")]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    pyright = THIRD_PARTY / "node_modules" / ".bin" / "pyright"
    done = subprocess.run(
        [pyright, "--project", tmp_path, "--pythonpath", sys.executable], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors, 0 warnings" in done.stdout


@pytest.mark.exhaustive
@pytest.mark.slow
def test_another_generator_accepts_the_document(tmp_path: Path, install_node: Install) -> None:
    """openapi-typescript reads the document without a warning, and its output compiles."""
    install_node(THIRD_PARTY)
    (tmp_path / "openapi.json").write_text(json.dumps(shared_routes().openapi()))
    tools = THIRD_PARTY / "node_modules" / ".bin"
    done = subprocess.run(
        [tools / "openapi-typescript", tmp_path / "openapi.json", "-o", tmp_path / "api.d.ts"],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "warn" not in (done.stdout + done.stderr).lower(), done.stderr
    done = subprocess.run(
        [tools / "tsc", "--noEmit", "--strict", tmp_path / "api.d.ts"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
