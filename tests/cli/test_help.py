"""Every command has help, and `presswork --help` imports no heavy library."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from tests.cli.program import PATIENCE_SECONDS, PROGRAM, Presswork, environment
from tests.cli.terminal import COLUMNS, output_of

from presswork import __version__
from presswork.cli.main import COMMANDS


def test_first_page_imports_nothing_heavy() -> None:
    """`presswork --help` imports none of the libraries of the commands."""
    code = (
        "import sys\nfrom presswork.cli.main import app\n"
        "try:\n app(['--help'], prog_name='presswork')\nexcept SystemExit as end:\n assert end.code == 0\n"
        "heavy = {'pydantic', 'asyncpg', 'fastapi', 'uvicorn', 'aiohttp', 'httpx2', 'av', 'PIL', 'obstore', 'structlog'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    assert done.stderr == "[]\n"
    assert all(name in done.stdout for name in COMMANDS)


def test_demo_starts_its_server_before_its_own_imports() -> None:
    """What `presswork demo` imports before it starts the server includes no library of its chapters."""
    code = (
        "import sys, presswork.cli.demo.command\n"
        "print(sorted({'presswork_client', 'asyncpg', 'httpx2', 'av', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    assert done.stdout == "[]\n"


def test_api_and_worker_load_what_they_need() -> None:
    """Codecs are of the child processes; the libraries of OpenID Connect, agents, SCIM and passkeys are loaded when they are needed.

    Bluesky's connector signs with joserfc, so that is loaded in any case.
    """
    code = (
        "import sys, presswork.api.runtime, presswork.worker.main\n"
        "print(sorted({'av', 'PIL', 'authlib', 'mcp', 'scim2_models', 'webauthn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    assert done.stdout == "[]\n"


CLIENT: Final = frozenset(name for name, (panel, _) in COMMANDS.items() if panel == "Publish")
"""Commands that only call the API and have no data folder."""


def test_client_commands_import_no_part_of_the_service() -> None:
    """A command that only calls the API loads no event loop, settings, database or codec, so it starts at once; its help does
    not even load the HTTP client and the objects that calls return.
    """
    heavy = {
        "asyncio",
        "asyncpg",
        "pydantic_settings",
        "structlog",
        "fastapi",
        "uvicorn",
        "aiohttp",
        "av",
        "PIL",
        "mcp",
        "httpx2",
        "presswork_client.models",
    }
    code = (
        "import sys\nfrom presswork.cli.main import command_named\n"
        f"for name in {sorted(CLIENT)}:\n"
        f" command_named(name)\n print(name, sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    assert done.stdout.splitlines() == [f"{name} []" for name in sorted(CLIENT)]


BELOW: Final[Mapping[str, Sequence[str]]] = {
    "app": ("list", "add", "change", "reconnect", "remove"),
    "audit": ("list", "prune"),
    "key": ("create", "list", "revoke", "kill", "revive"),
    "layer": ("create", "list"),
    "music": ("import", "list"),
    "operator": ("create", "list", "set-primary", "verify", "confirm"),
    "org": ("create", "list"),
    "project": ("create", "list", "archive"),
    "provider": ("add", "list", "remove", "rotate-secret"),
    "secrets": ("status", "rotate", "re-encrypt", "retire"),
    "user": ("invite", "link", "disable", "enable", "list"),
    "webhooks": ("list", "create", "delete", "resume", "test", "deliveries", "replay", "listen"),
}
"""Commands with subcommands."""


def test_every_command_has_help(presswork: Presswork) -> None:
    """`--help` lists the subcommands of each command, and --data-dir unless the command only calls the API."""
    wrong = []
    for name in COMMANDS:
        page = presswork.run(*name.split(), "--help")
        wrong += [f"{name}: {page.stderr}"] if page.status != 0 else []
        wrong += [f"{name}: no {below}" for below in BELOW.get(name, ()) if below not in page.stdout]
        if (name in CLIENT or name not in BELOW) and ("--data-dir" in page.stdout) is (name in CLIENT):
            wrong.append(f"{name}: --data-dir")
    assert wrong == []


@pytest.mark.exhaustive
def test_help_in_a_terminal_breaks_no_word(presswork: Presswork) -> None:
    """At 80 columns, paragraphs fill their lines, no metavar is broken, and flags show no type."""
    presswork.cwd.mkdir(exist_ok=True)
    shown = output_of("key", "create", "--help", environment=environment(), cwd=presswork.cwd)
    assert [line for line in shown.lines if len(line.rstrip()) > COLUMNS] == []
    assert " The key is shown only once, as the only line on standard output; a hash of it" in shown.text
    assert "TIER         Rate limit of the key: standard," in shown.text
    assert "<bool>" not in shown.text
    widest = output_of("publish", "--help", environment=environment(), cwd=presswork.cwd)
    assert [line for line in widest.lines if "…" in line.replace("cnt_…", "").replace("sa_…", "")] == []
    assert "ORDER    With --csv, day_first or month_first:" in widest.text


def test_the_demo_imports_little_before_its_first_line() -> None:
    """`presswork demo` prints that it starts before it imports what takes long, so within a second."""
    code = (
        "import sys, presswork.cli.main, presswork.cli.demo.command\n"
        "print(sorted({'pydantic', 'pydantic_settings', 'structlog', 'rich.console'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    assert done.stdout == "[]\n"


def test_version(presswork: Presswork) -> None:
    """`--version` prints the version and nothing else."""
    assert presswork.run("--version").stdout == f"{__version__}\n"


def test_usage_errors_exit_with_two(presswork: Presswork) -> None:
    """An unknown command, an unknown option and an invalid value exit with 2; a misspelt command gets a suggestion."""
    misspelt = presswork.run("doktor")
    assert (misspelt.status, misspelt.stdout) == (2, "")
    assert "doctor" in misspelt.stderr
    assert presswork.run("migrate", "--nonsense").status == 2
    assert presswork.run("key", "create", "--org", "Acme", "--env", "moon").status == 2


def test_module_runs_like_the_command() -> None:
    """`python -m presswork.cli` runs the command; `presswork up` starts its parts with it."""
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True)
    assert done.stdout == f"{__version__}\n"
