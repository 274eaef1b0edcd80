"""An installation without the package of the sandbox runs, publishes no test posts, and says what to install."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx2
import pytest
from tests.cli.program import PATIENCE_SECONDS, CommandProcess, Presswork, environment, running_up

from presswork.cli.run.setup import read_settings, sandbox_file
from presswork_sandbox.store import state_file_in

_HIDE: Final = "import sys\nsys.modules['presswork_sandbox'] = None\n"
"""Makes the package missing for Python: it can't be found, and importing it raises ModuleNotFoundError."""
PROGRAM: Final = (sys.executable, "-P", "-c", f"{_HIDE}from presswork.cli.main import app\napp(prog_name='presswork')")
EACH_MODULE: Final = (
    _HIDE
    + """
import pkgutil, presswork
from importlib import import_module
for found in pkgutil.walk_packages(presswork.__path__, "presswork."):
    if found.name not in {"presswork.cli.__main__", "presswork.cli.run.sandbox_app"}:
        import_module(found.name)
"""
)


def _run(*arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command without the sandbox's package, and return its status and what it prints."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.exhaustive
def test_each_module_but_that_of_the_sandbox_is_imported_without_it() -> None:
    """No module needs the package when it is imported, except the one that serves the sandbox."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", EACH_MODULE],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.exhaustive
def test_a_command_that_serves_the_sandbox_says_what_to_install(tmp_path: Path) -> None:
    """It ends with status 1 before it starts anything; help lists it all the same."""
    settings = {"data_dir": str(tmp_path / "data")}
    refused = {
        ("sandbox", "--port", "0"): {},
        ("demo",): {},
        ("up", "--sandbox", "--port", "0"): {},
        ("api", "--port", "0"): {"sandbox": "true"},
    }
    for command, more in refused.items():
        status, printed = _run(*command, **settings, **more)
        assert (status, "Traceback" in printed) == (1, False), printed
        assert "not installed. Install Presswork as `presswork[sandbox]`" in printed, command
    assert not (tmp_path / "data").exists()
    status, printed = _run("--help")
    assert (status, "Run the sandbox only." in printed) == (0, True)


@pytest.mark.exhaustive
@pytest.mark.slow
def test_up_runs_without_the_sandbox(tmp_path: Path, command_process: CommandProcess) -> None:
    """API and worker are ready, nothing is under /sandbox, and a test project is refused with what it needs."""
    with (
        running_up(tmp_path / "data", program=PROGRAM) as up,
        httpx2.Client(base_url=up.url, trust_env=False) as http,
    ):
        assert "sandbox feeds" not in up.printed
        assert (http.get("/readyz").status_code, http.get("/sandbox/").status_code) == (200, 404)
        admin = Presswork(command_process, up.data_dir, tmp_path / "cwd", {})
        key = admin.json("key", "create", "--org", "acme", "--env", "test", "--return-domain", "localhost")["key"]
        http.headers["Authorization"] = f"Bearer {key}"
        project = http.post("/v1/projects", json={"name": "Bakery", "timezone": "UTC"}).json()["id"]
        login = {"platform": "instagram", "returnUrl": "http://localhost/connected"}
        refused = http.post(f"/v1/projects/{project}/social/oauth-url", json=login)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "UNAVAILABLE")
        assert "Test projects need the sandbox" in refused.json()["error"]["message"]
        status, printed = _run("doctor", "--json", data_dir=str(up.data_dir))
        assert (status, "not installed; test projects can't publish" in printed) == (0, True)
        assert up.stop() == 0


def test_the_folder_of_the_sandbox_is_known_without_it(tmp_path: Path) -> None:
    """Backups contain the state of a sandbox, also where it is not installed any more: the path is the package's."""
    settings = read_settings(data_dir=tmp_path)
    assert sandbox_file(settings) == state_file_in(tmp_path)
