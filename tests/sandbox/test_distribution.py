"""The sandbox as a distribution: its wheel, installed without Presswork, serves the fake platforms alone."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution, requires
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from packaging.requirements import Requirement
from tests.sandbox.running_sandbox import BACK, IG_SCOPES, MediaServer, picture

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "packages" / "sandbox"
UV = Path(sys.executable).with_name("uv")
NAME = "presswork-sandbox"


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it into a new environment with copies of its dependencies, and return its command.

    Needs no network: the build backend runs in this environment, and the dependencies are copied from it.
    """
    folder = tmp_path_factory.mktemp("distribution")
    run(
        UV,
        "build",
        "--wheel",
        "--no-build-isolation",
        "--offline",
        "--python",
        sys.executable,
        "--out-dir",
        folder,
        PACKAGE,
    )
    (wheel,) = folder.glob("*.whl")
    run(UV, "venv", "--offline", "--no-project", "--python", sys.executable, folder / "venv")
    python = folder / "venv" / "bin" / "python"
    run(UV, "pip", "install", "--offline", "--no-deps", "--python", python, wheel)
    packages = next((folder / "venv" / "lib").iterdir()) / "site-packages"
    for name in sorted(dependencies_of(NAME)):
        copy_distribution(name, packages)
    return python.with_name(NAME)


def run(*command: str | Path) -> None:
    """Run a command without the uv settings of this environment; fail with its output."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "VIRTUAL_ENV"))}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=PACKAGE)
    assert done.returncode == 0, done.stdout + done.stderr


def dependencies_of(name: str) -> set[str]:
    """Return the names of the direct and indirect dependencies of a distribution."""
    found: set[str] = set()
    ahead = [name]
    while ahead:
        for text in requires(ahead.pop()) or []:
            needed = Requirement(text)
            if needed.name not in found and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                found.add(needed.name)
                ahead.append(needed.name)
    return found


def copy_distribution(name: str, target: Path) -> None:
    """Copy the files of an installed distribution, except scripts outside site-packages."""
    for file in distribution(name).files or []:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            (target / file.parent).mkdir(parents=True, exist_ok=True)
            shutil.copy2(Path(str(file.locate())), target / file)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the running command."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def address(command: Path, data_dir: Path) -> Iterator[str]:
    """Start the installed command on a free port; return the address that it prints."""
    started = [str(command), "--port", "0", "--data-dir", str(data_dir)]
    env = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(started, env=env, cwd=data_dir, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"Sandbox: (http://127\.0\.0\.1:\d+)/sandbox/ ", line)
        assert found is not None, line
        yield found[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.exhaustive
def test_presswork_is_not_installed(command: Path) -> None:
    """The new environment has the sandbox and its dependencies, and nothing of Presswork."""
    find = (
        "import importlib.util as u; print(*[bool(u.find_spec(name)) for name in ('presswork_sandbox', 'presswork')])"
    )
    done = subprocess.run([command.with_name("python"), "-c", find], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


@pytest.mark.exhaustive
async def test_installed_command_publishes_a_picture(address: str, media: MediaServer) -> None:
    """An HTTP client logs in, creates a container and publishes it; the post is listed as live."""
    async with httpx2.AsyncClient(base_url=f"{address}/sandbox", timeout=30) as http:
        ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": IG_SCOPES, "state": "s"}
        consent = await http.get(
            "/www.instagram.com/oauth/authorize", params=ask | {"account": "luna", "decision": "approve"}
        )
        code = parse_qs(urlsplit(consent.headers["location"]).query)["code"][0]
        form = {"client_id": "1", "client_secret": "x", "grant_type": "authorization_code", "redirect_uri": BACK}
        token = (await post(http, "/api.instagram.com/oauth/access_token", form | {"code": code}))["access_token"]
        graph = "/graph.instagram.com/v25.0/me"
        image = {"access_token": token, "image_url": media.put("picture.jpg", picture())}
        container = (await post(http, f"{graph}/media", image))["id"]
        status = {"access_token": token, "fields": "status_code"}
        assert (await http.get(f"/graph.instagram.com/{container}", params=status)).json()["status_code"] == "FINISHED"
        published = (await post(http, f"{graph}/media_publish", {"access_token": token, "creation_id": container}))[
            "id"
        ]
        posts = (await http.get("/control/posts")).json()["items"]
        assert [(one["handle"], one["externalId"]) for one in posts] == [("luna", published)]
        assert (await http.get("/")).status_code == 200  # templates are in the wheel
        # The command begins with accounts to choose from; "luna" came with the login.
        handles = [one["handle"] for one in (await http.get("/control/accounts")).json()["items"]]
        assert (handles[0], handles[-1]) == ("fernhill.coffee", "luna")


async def post(http: httpx2.AsyncClient, path: str, form: Mapping[str, object]) -> Mapping[str, str]:
    """Post a form and return the JSON of a 200."""
    answer = await http.post(path, data=dict(form))
    assert answer.status_code == 200, answer.text
    read: Mapping[str, str] = answer.json()
    return read


def test_second_command_on_the_same_folder_is_refused(command: Path, address: str, data_dir: Path) -> None:
    """A second command on a locked state file names the folder and exits with 1."""
    _ = address
    again = [str(command), "--port", "0", "--data-dir", str(data_dir)]
    done = subprocess.run(again, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert str(data_dir) in done.stderr
    assert "--data-dir" in done.stderr


def test_a_port_in_use_is_refused(command: Path, address: str, tmp_path: Path) -> None:
    """If the port is in use, the command names the flag to change and exits with 1."""
    port = address.rpartition(":")[2]
    again = [str(command), "--port", port, "--data-dir", str(tmp_path / "other")]
    done = subprocess.run(again, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "--port" in done.stderr
