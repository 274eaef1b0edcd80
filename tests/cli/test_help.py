"""Every command has help, and the first page is fast."""

import subprocess
import sys
from typing import Final

import pytest
from tests.cli.program import PROGRAM, Presswork

from presswork import __version__
from presswork.cli.main import COMMANDS


def test_first_page_imports_nothing_heavy() -> None:
    """`presswork --help` needs none of the libraries that the commands need."""
    code = (
        "import sys\nfrom presswork.cli.main import app\n"
        "try:\n app(['--help'], prog_name='presswork')\nexcept SystemExit as end:\n assert end.code == 0\n"
        "heavy = {'pydantic', 'asyncpg', 'fastapi', 'uvicorn', 'aiohttp', 'httpx2', 'av', 'PIL', 'obstore', 'structlog'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == "[]\n"
    assert all(name in done.stdout for name in COMMANDS)


CLIENT: Final = frozenset(name for name, (panel, _) in COMMANDS.items() if panel == "Publish")
"""Commands that call the API of a server, and have no data folder."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(presswork: Presswork, name: str) -> None:
    """Each command and subcommand prints its help, and has --data-dir unless it only calls the API."""
    page = presswork.run(name, "--help")
    assert page.status == 0, page.stderr
    below = {"org": ("create", "list"), "project": ("create", "list", "archive")}
    below["operator"] = ("create", "list", "set-primary", "verify", "confirm")
    below["music"] = ("import", "list")
    below["secrets"] = ("status", "rotate", "re-encrypt", "retire")
    below["key"] = ("create", "list", "revoke", "kill", "revive")
    below["audit"] = ("list", "prune")
    below |= {"layer": ("create", "list"), "provider": ("add", "list", "remove", "rotate-secret")}
    for sub in below.get(name, ()):
        assert sub in page.stdout
    if name in CLIENT:
        assert "--data-dir" not in page.stdout
    elif name not in below:
        assert "--data-dir" in page.stdout


def test_version(presswork: Presswork) -> None:
    """`--version` prints the version and nothing else."""
    assert presswork.run("--version").stdout == f"{__version__}\n"


def test_wrong_usage_ends_with_two(presswork: Presswork) -> None:
    """An unknown command, an unknown option and a bad value are usage errors, with a hint."""
    misspelt = presswork.run("doktor")
    assert (misspelt.status, misspelt.stdout) == (2, "")
    assert "doctor" in misspelt.stderr
    assert presswork.run("migrate", "--nonsense").status == 2
    assert presswork.run("key", "create", "--org", "Acme", "--env", "moon").status == 2


def test_module_runs_like_the_command() -> None:
    """`python -m presswork.cli` is how the program starts its own parts."""
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == f"{__version__}\n"
