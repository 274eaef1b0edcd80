"""Build the container image of `deploy/Containerfile` from our wheel and the packages of uv.lock, without a network in the build."""

import os
import platform
import re
import resource
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from release.build import PYTHON, UV, locked_build, run
from release.versions import ROOT, current

CONTEXT: Final = ROOT / "build" / "image"
PACKAGES: Final = CONTEXT / "packages"
DEBIAN: Final = "trixie"
DEBIAN_BASE: Final = "localhost/presswork-base"
PYTHON_VERSION: Final = "3.13"  # of the base images: python:3.13-slim, and Debian trixie
LARGEST_MB: Final = 250
# What is in the base besides Debian's essential packages. Manuals and translations are left out.
DEBIAN_PACKAGES: Final = "ca-certificates,media-types,passwd,python3,tzdata"
_LEFT_OUT: Final = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/doc/*")


def build_image(*, base: str, archive: Path) -> str:
    """Build the image `presswork`, and write it to an OCI archive. Return its size. `base`: `python`, or `debian`.

    Exits if a program is missing or fails, and if the archive is larger than LARGEST_MB.
    """
    arguments = ["--build-arg", "PACKAGES=local"]
    collect_packages()
    if base == "debian":
        make_debian_base()
        arguments += ["--build-arg", f"BASE={DEBIAN_BASE}"]
    tags = ["--tag", "presswork", "--tag", f"presswork:{current()}"]
    # The format of Docker has health checks; that of OCI has not.
    buildah("build", "--format", "docker", "--file", "deploy/Containerfile", *arguments, *tags, str(ROOT))
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.unlink(missing_ok=True)
    buildah("push", "--quiet", "presswork", f"docker-archive:{archive}:presswork:{current()}")
    run("gzip", "--force", str(archive))
    size_mb = Path(f"{archive}.gz").stat().st_size / 1e6
    if size_mb > LARGEST_MB:
        sys.exit(f"The image is {size_mb:.0f} MB compressed, more than {LARGEST_MB}.")
    return f"{archive.name}.gz: {size_mb:.0f} MB. Load it with `podman load -i {archive}.gz` (or docker)."


def collect_packages() -> None:
    """Put our wheel and the packages of uv.lock, each checked by its hash, into the build context.

    With the variable WITHOUT_SANDBOX the wheel has no sandbox, and nothing that only the sandbox needs is among them.
    """
    shutil.rmtree(CONTEXT, ignore_errors=True)
    PACKAGES.mkdir(parents=True)
    requirements = CONTEXT / "requirements.txt"
    export = ("export", "--frozen", "--quiet", "--no-dev", "--all-extras", "--no-emit-workspace")
    run(UV, *export, *leave_out_sandbox(), "--output-file", str(requirements))
    run(UV, "build", "--quiet", "--wheel", "--python", PYTHON, *locked_build(), "--out-dir", str(CONTEXT / "wheels"))
    (wheel,) = (CONTEXT / "wheels").glob("presswork-*.whl")
    target = ("--quiet", "--target", str(PACKAGES), "--python-version", PYTHON_VERSION, "--link-mode", "copy")
    install = (UV, "pip", "install", *target, "--python-platform", f"{platform.machine()}-manylinux_2_28")
    run(*install, "--only-binary", ":all:", "--require-hashes", "--requirement", str(requirements))
    run(*install, "--no-deps", str(wheel))


def leave_out_sandbox() -> Sequence[str]:
    """Return the options of `uv export` that leave out what only the sandbox needs, if hatch_build.py leaves the sandbox out."""
    if not os.environ.get("WITHOUT_SANDBOX"):
        return ()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[<>=~!;\[ ]", one)[0] for one in project["optional-dependencies"]["sandbox"]]
    return [word for name in names for word in ("--no-emit-package", name)]


def make_debian_base() -> None:
    """Make a base image of Debian's packages with mmdebstrap."""
    need("mmdebstrap")
    flags = [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
    flags.append("--dpkgopt=path-include=/usr/share/doc/*/copyright")
    with tempfile.TemporaryDirectory(prefix="presswork-base-") as folder:
        tar = Path(folder) / "base.tar"
        run("mmdebstrap", "--variant=essential", f"--include={DEBIAN_PACKAGES}", *flags, DEBIAN, str(tar))
        container = buildah("from", "scratch").strip()
        buildah("add", "--quiet", container, str(tar), "/")
        buildah("config", "--env", "LANG=C.UTF-8", container)
        buildah("commit", "--quiet", "--rm", container, DEBIAN_BASE)


def buildah(command: str, *arguments: str) -> str:
    """Run buildah. What a build starts needs no network, and no privileges that a chroot does not need."""
    need("buildah")
    if command in {"build", "from"}:
        # By default it would raise the limits, which not everyone may.
        limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
        isolation = ["--isolation", "chroot", "--network", "host"]
        for name, limit in limits.items():
            soft, hard = resource.getrlimit(limit)
            isolation += ["--ulimit", f"{name}={soft}:{hard}"]
        arguments = (*isolation, *arguments)
    return run("buildah", command, *arguments)


def need(program: str) -> None:
    """Exit unless a program is installed."""
    if shutil.which(program) is None:
        sys.exit(f"`{program}` is not installed. On Debian: apt-get install {program}")
