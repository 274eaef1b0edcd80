"""The sources that a run uses: a copy of this version, and an older version with the same database schema."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[1]
_MIGRATIONS: Final = "src/presswork/db/migrations"
_SOURCES: Final = ("src", "packages/sandbox/src")
_SEARCHED: Final = 500
"""How many commits are searched for the oldest one with the same schema."""


class NoOlderVersion(Exception):
    """There is no version to run beside this one. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderVersion:
    """The sources of an earlier commit."""

    commit: str
    """Its abbreviated name."""
    python_path: str
    """The value of PYTHONPATH with which the program is this version."""


def copy_sources(folder: Path) -> str:
    """Copy the sources of this version into a new folder, so that a run is not changed by an edit. Return its PYTHONPATH."""
    for source in (*_SOURCES, "chaos"):
        shutil.copytree(REPOSITORY / source, folder / source)
    return ":".join(str(folder / source) for source in (*_SOURCES, "."))


def open_older(folder: Path, commit: str | None = None) -> OlderVersion:
    """Write the sources of a commit into a new folder. Default: the oldest ancestor in a row that has the same schema.

    Raises NoOlderVersion outside a Git repository, and for a commit with another schema: a rolling upgrade across a migration is
    not supported (docs/scaling.md).
    """
    try:
        schema = _git("rev-parse", f"HEAD:{_MIGRATIONS}")
        name = _git("rev-parse", "--short=10", f"{commit}^{{commit}}" if commit else _oldest_with(schema))
        if _git("rev-parse", f"{name}:{_MIGRATIONS}") != schema:
            raise NoOlderVersion(
                f"Commit {name} has other migrations than this one, and versions with different schemas do not run side by"
                f" side. The oldest commit with this schema is {_oldest_with(schema)[:10]}."
            )
        if name == _git("rev-parse", "--short=10", "HEAD"):
            raise NoOlderVersion(
                "This commit is the first one with its database schema, so that there is no older version."
            )
        folder.mkdir(parents=True)
        archive = folder / "sources.tar"
        _git("archive", "--output", str(archive), name, *_SOURCES)
        subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)  # noqa: S603, S607  fixed arguments
        archive.unlink()
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoOlderVersion("The sources of an older version can't be read with git.") from error
    return OlderVersion(commit=name, python_path=":".join(str(folder / source) for source in _SOURCES))


def current_commit() -> str:
    """Return the abbreviated name of the current commit, with a `+` if the sources differ from it, or `unknown`."""
    try:
        changed = _git("status", "--porcelain", "--", *_SOURCES)
        return _git("rev-parse", "--short=10", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _oldest_with(schema: str) -> str:
    """Return the oldest commit of the row of first parents that has this schema."""
    found = ""
    for commit in _git("rev-list", "--first-parent", "-n", str(_SEARCHED), "HEAD").splitlines():
        if _git("rev-parse", f"{commit}:{_MIGRATIONS}") != schema:
            break
        found = commit
    return found


def _git(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  fixed arguments
        ["git", *arguments],  # noqa: S607  the one in PATH
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
