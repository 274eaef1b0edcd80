"""The wheel of Presswork, made from its sdist and installed alone, runs elsewhere: without Node, and without its repository."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parents[2]
UV: Final = Path(sys.executable).with_name("uv")
DEPENDENCIES: Final = Path(sysconfig.get_path("purelib"))
BUILD: Final = (UV, "build", "--no-build-isolation", "--offline", "--python", sys.executable, "--out-dir")
pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """Build the sdist, a wheel of it and an environment with the wheel. Yield the folder of the environment's commands.

    Needs no network. The dependencies are those of this environment, by their folder: what is installed here as editable, our
    packages, is not found that way. The folder is readable for other users.
    """
    with tempfile.TemporaryDirectory(prefix="presswork-wheel-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        run(*BUILD, folder, "--package", "presswork", ROOT, PATH=without_node(folder))
        yield install(*folder.glob("*.whl"))


def install(wheel: Path) -> Path:
    """Install a wheel into a new environment beside it, and return the folder of the environment's commands."""
    environment = wheel.parent / "environment"
    run(UV, "venv", "--offline", "--no-project", "--python", sys.executable, environment)
    run(UV, "pip", "install", "--offline", "--no-deps", "--python", environment / "bin" / "python", wheel)
    (packages,) = (environment / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{DEPENDENCIES}\n")
    return environment / "bin"


def without_node(folder: Path) -> str:
    """Return a PATH of the programs that a wheel needs, where Node is not."""
    programs = folder / "programs"
    if not programs.exists():
        programs.mkdir()
        for name in ("sh", "realpath", "dirname", "env"):
            (programs / name).symlink_to(str(shutil.which(name)))
    return str(programs)


def run(*command: str | Path, **variables: str) -> None:
    """Run a command without the uv settings of this environment; fail with its output."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "VIRTUAL_ENV"))}
    done = subprocess.run(command, env=env | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def user_for_the_demo() -> str | None:
    """Return an unprivileged user, if this is root and others can read this environment and its Python."""
    folders = (DEPENDENCIES, *DEPENDENCIES.parents, *Path(sys.executable).resolve().parents)
    readable = all(folder.stat().st_mode & 0o005 == 0o005 for folder in folders)
    return "nobody" if os.geteuid() == 0 and readable else None


@pytest.mark.slow
def test_the_wheel_alone_shows_the_demo(installed: Path, tmp_path: Path) -> None:
    """`presswork demo` in an empty folder ends with every post live: database, migrations, worker, sandbox, client, media."""
    user = user_for_the_demo()
    with tempfile.TemporaryDirectory(prefix="presswork-home-") as home:
        if user is not None:
            os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        done = subprocess.run(
            [installed / "presswork", "demo"],
            env={"HOME": home, "PATH": without_node(installed.parents[1]), "TMPDIR": home},
            cwd=home,
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 50 posts are live" in done.stdout


def test_the_wheel_uses_what_it_bundles(installed: Path) -> None:
    """Client and sandbox come from the wheel, and only for Presswork itself; the console and the migrations are in it."""
    program = """
import importlib.util as u
print([u.find_spec(name) for name in ("presswork_client", "presswork_sandbox")])
import presswork, presswork_client, presswork_sandbox
from pathlib import Path
here = Path(presswork.__file__).parent
print([Path(module.__file__).parent.relative_to(here).as_posix() for module in (presswork_client, presswork_sandbox)])
print((here / "console/static/index.html").is_file(), len(list((here / "db/migrations").glob("*.sql"))))
print({presswork.__version__, presswork_client.__version__, presswork_sandbox.__version__} == {presswork.__version__})
"""
    done = subprocess.run([installed / "python", "-c", program], capture_output=True, text=True, check=True, cwd="/")
    migrations = len(list((ROOT / "src/presswork/db/migrations").glob("*.sql")))
    assert done.stdout.splitlines() == [
        "[None, None]",
        "['_bundled/presswork_client', '_bundled/presswork_sandbox']",
        f"True {migrations}",
        "True",
    ]


def requirements_of(wheel: Path) -> set[str]:
    """Return the requirements in the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return set(message_from_bytes(archive.read(name)).get_all("Requires-Dist") or [])


def test_a_wheel_without_the_sandbox_has_it_as_an_extra(installed: Path, tmp_path: Path) -> None:
    """Built of the same sdist, it has no sandbox and requires nothing of it, unless the extra is named; the program runs."""
    (sdist,), (default,) = (installed.parents[1].glob(pattern) for pattern in ("*.tar.gz", "*.whl"))
    run(*BUILD, tmp_path, "--wheel", sdist, WITHOUT_SANDBOX="1", PATH=without_node(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {name.split("/")[2] for name in archive.namelist() if "/_bundled/" in name} == {"presswork_client"}
    version = wheel.name.split("-")[1]
    always, now = requirements_of(default), requirements_of(wheel)
    assert {Requirement(text).name for text in always - now} == {"regex"}
    assert now - always == {f"presswork-sandbox=={version}; extra == 'sandbox'"}
    command = install(wheel) / "presswork"
    done = subprocess.run([command, "sandbox"], capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, "`presswork[sandbox]`" in done.stderr) == (1, True)
    subprocess.run([command, "config"], capture_output=True, check=True, cwd="/")
