"""Filling the music catalogue from the command line."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from tests.cli.program import Presswork

FIRST = {"id": str(UUID(int=1)), "title": "Morning [Light]", "userCount": 5, "link": "https://www.tiktok.com/music/1"}
SECOND = {"id": str(UUID(int=2)), "title": "Evening", "author": "Bakers", "userCount": 9}


def written(folder: Path, text: str) -> str:
    """Return the path of a file with this text."""
    path = folder / "tracks"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_imported_and_listed(admin: Presswork, tmp_path: Path) -> None:
    """Tracks come most used first, with their links, and a search finds one."""
    report = admin.json("music", "import", written(tmp_path, json.dumps([FIRST, SECOND])))
    assert report == {"added": 2, "updated": 0, "repeated": 0, "bad": 0, "errors": [], "ignoredNames": []}
    listed = admin.json("music", "list")
    assert [item["title"] for item in listed["items"]] == ["Evening", "Morning [Light]"]
    assert (listed["total"], listed["items"][1]["link"]) == (2, FIRST["link"])
    assert [item["title"] for item in admin.json("music", "list", "--q", "BAKER")["items"]] == ["Evening"]
    table = admin.run("music", "list", "--limit", "1").stdout
    assert "Evening" in table
    assert "1 of 2" in table
    assert "Morning [Light]" in admin.run("music", "list").stdout


def test_a_bad_line_is_told_and_the_rest_is_taken(admin: Presswork, tmp_path: Path) -> None:
    """Status 1, the line's number and the reason; for programs the same as JSON on standard output."""
    path = written(tmp_path, f"id,title\nnobody,Song\n{UUID(int=1)},Song\n")
    done = admin.run("music", "import", path)
    assert done.status == 1
    assert "1 added" in done.stdout
    assert "line 2: id:" in done.stderr
    again = admin.run("music", "import", path, "--json")
    report = json.loads(again.stdout)
    assert (again.status, report["updated"], report["bad"]) == (1, 1, 1)
    assert [error["line"] for error in report["errors"]] == [2]


@pytest.mark.parametrize("text", ["", '{"id": 1}', "title\nSong\n"])
def test_a_file_of_something_else_is_one_sentence(admin: Presswork, tmp_path: Path, text: str) -> None:
    """Nothing is taken, and the sentence says what a file must hold."""
    done = admin.run("music", "import", written(tmp_path, text), "--json")
    assert (done.status, done.stdout) == (1, "")
    assert json.loads(done.stderr)["error"]["code"] == "VALIDATION"


def test_a_file_that_is_not_there(admin: Presswork, tmp_path: Path) -> None:
    """So is a folder."""
    for path in (tmp_path / "none", tmp_path):
        done = admin.run("music", "import", str(path))
        assert done.status == 1
        assert done.stderr.startswith("Error: ")
        assert "can't be read" in done.stderr.replace("\n", " ")
