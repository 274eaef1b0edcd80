"""The version that runs beside this one has the same database schema, or is refused."""

import subprocess
from pathlib import Path

import pytest
from chaos.older import NoOlderVersion, open_older

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


@pytest.fixture
def commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A repository of four commits; the second one has changed the schema."""
    folder = tmp_path / "repository"
    migrations, program = folder / "src/presswork/db/migrations", folder / "src/presswork/program.py"
    for place in (migrations, folder / "packages/sandbox/src"):
        place.mkdir(parents=True)
    (folder / "packages/sandbox/src/sandbox.py").touch()
    git(folder, "init", "-q")
    made = []
    for number in range(4):
        (migrations / f"{min(number, 1)}.sql").write_text("SELECT 1")
        program.write_text(f"{number}")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"{number}")
        made.append(git(folder, "rev-parse", "--short=10", "HEAD"))
    monkeypatch.setattr(older, "REPOSITORY", folder)
    return made


def test_the_default_is_the_oldest_version_with_this_schema(tmp_path: Path, commits: list[str]) -> None:
    """Without a commit it is the one that changed the schema last; a commit after it can be named."""
    for place, (name, expected) in enumerate([(None, 1), (commits[2], 2)]):
        version = open_older(tmp_path / str(place), name)
        assert version.commit == commits[expected]
        program = Path(version.python_path.split(":")[0]) / "presswork/program.py"
        assert program.read_text() == f"{expected}"


def test_a_version_with_another_schema_is_refused(tmp_path: Path, commits: list[str]) -> None:
    """The message names the oldest commit that can be used."""
    with pytest.raises(NoOlderVersion, match=f"other migrations.*with this schema is {commits[1]}"):
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
