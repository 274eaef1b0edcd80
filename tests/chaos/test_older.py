"""The version that runs beside this one has the same database schema, platforms and options, or is refused."""

import subprocess
from pathlib import Path

import pytest
from chaos.older import NoOlderVersion, current_commit, open_older

from chaos import older


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return its output."""
    name = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    done = subprocess.run(
        ["git", *name, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


CHANGES = ("db/migrations/1.sql", "core/enums.py", "platforms/names.py", "platforms/option_registry.py")


@pytest.fixture(params=CHANGES)
def commits(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A repository of four commits; the second one has changed the schema, or the platforms, or the options."""
    folder = tmp_path / "repository"
    program, changed = folder / "src/presswork/program.py", folder / "src/presswork" / request.param
    for place in (*(folder / "src/presswork" / path for path in CHANGES), folder / "packages/sandbox/src/sandbox.py"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    git(folder, "init", "-q")
    made = []
    for number in range(4):
        changed.write_text(f"{min(number, 1)}")
        program.write_text(f"{number}")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"{number}")
        made.append(git(folder, "rev-parse", "--short=10", "HEAD"))
    monkeypatch.setattr(older, "REPOSITORY", folder)
    return made


def test_the_default_is_the_oldest_version_like_this_one(tmp_path: Path, commits: list[str]) -> None:
    """Without a commit it is the one that last changed the schema, the platforms or the options; a commit after it can be named."""
    for place, (name, expected) in enumerate([(None, 1), (commits[2], 2)]):
        version = open_older(tmp_path / str(place), name)
        assert version.commit == commits[expected]
        program = Path(version.python_path.split(":")[0]) / "presswork/program.py"
        assert program.read_text() == f"{expected}"


def test_the_default_has_no_known_faults(tmp_path: Path, commits: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not older than the commit that corrected what rounds had found. An older one can be named."""
    monkeypatch.setattr(older, "_CORRECTED", commits[2])
    assert [open_older(tmp_path / str(name), name).commit for name in (None, commits[1])] == [commits[2], commits[1]]


def test_a_version_that_differs_is_refused(tmp_path: Path, commits: list[str]) -> None:
    """The message names the default."""
    with pytest.raises(NoOlderVersion, match=f"other migrations, platforms or options.*The default is {commits[1]}"):
        open_older(tmp_path / "older", commits[0])


def test_there_may_be_no_older_version(tmp_path: Path, commits: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first commit with a schema has none, and neither has a folder without Git; both say so."""
    git(older.REPOSITORY, "checkout", "-q", commits[1])
    with pytest.raises(NoOlderVersion, match="no older version"):
        open_older(tmp_path / "older")
    monkeypatch.setattr(older, "REPOSITORY", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NoOlderVersion, match="can't be read with git"):
        open_older(tmp_path / "older")


def test_the_version_is_the_newest_commit_of_the_sources(commits: list[str]) -> None:
    """A commit of other files leaves it as it is; a change that is not committed shows."""
    page = older.REPOSITORY / "docs.md"
    page.touch()
    git(older.REPOSITORY, "add", ".")
    git(older.REPOSITORY, "commit", "-q", "-m", "page")
    assert current_commit() == commits[3]
    (older.REPOSITORY / "src/presswork/program.py").write_text("5")
    assert current_commit() == f"{commits[3]}+"
