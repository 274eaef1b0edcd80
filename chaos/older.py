"""The sources that a run uses: a copy of this version, and an older version that may serve the same clients beside it.

It has the same database schema, and knows the same platforms and options: it would refuse a call with a newer one.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[1]
_SAME: Final = (
    "src/presswork/db/migrations",
    "src/presswork/core/enums.py",
    "src/presswork/platforms/names.py",
    "src/presswork/platforms/option_registry.py",
)
"""What both versions have in common."""
_SOURCES: Final = ("src", "packages/sandbox/src")
_CORRECTED: Final = "116938ef38"
"""The default is not older than this commit: rounds of this version showed faults of those before it."""
_SEARCHED: Final = 500
"""How many commits are searched for the oldest one."""


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
    """Write the sources of a commit into a new folder. Default: the oldest ancestor in a row that is like this version and
    has none of the faults that rounds found.

    Raises NoOlderVersion outside a Git repository, and for a commit with another schema or other platforms: a rolling upgrade
    across a migration is not supported, and new platforms are used when it is over (docs/scaling.md).
    """
    try:
        name = _git("rev-parse", "--short=10", f"{commit}^{{commit}}" if commit else _oldest_like_head())
        if _common_parts(name) != _common_parts("HEAD"):
            raise NoOlderVersion(
                f"Commit {name} has other migrations, platforms or options than this one, so they do not serve the same clients"
                f" side by side. The default is {_oldest_like_head()[:10]}."
            )
        if name == _git("rev-parse", "--short=10", "HEAD"):
            raise NoOlderVersion(
                "This commit is the first one with its database schema and platforms, so that there is no older version."
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
    """Return the abbreviated name of the newest commit that changed the sources, with a `+` if they differ from it, or `unknown`.

    Commits of other files leave the version as it is, so that the rounds before and after them count together.
    """
    try:
        changed = _git("status", "--porcelain", "--", *_SOURCES)
        return _git("log", "-1", "--abbrev=10", "--format=%h", "--", *_SOURCES) + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _oldest_like_head() -> str:
    """Return the oldest commit of the row of first parents that has the common parts and is not older than _CORRECTED."""
    wanted, found = _common_parts("HEAD"), ""
    for commit in _git("rev-list", "--first-parent", "-n", str(_SEARCHED), "HEAD").splitlines():
        if _common_parts(commit) != wanted:
            break
        found = commit
        if commit.startswith(_CORRECTED):
            break
    return found


def _common_parts(commit: str) -> str:
    return _git("rev-parse", *(f"{commit}:{path}" for path in _SAME))


def _git(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  fixed arguments
        ["git", *arguments],  # noqa: S607  the one in PATH
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
