"""`presswork music`: import tracks into the catalogue and list them."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from tests.cli.program import Presswork

FIRST = {"id": str(UUID(int=1)), "title": "Morning [Light]", "userCount": 5, "link": "https://www.tiktok.com/music/1"}
SECOND = {"id": str(UUID(int=2)), "title": "Evening", "author": "Bakers", "userCount": 9}


def written_file(folder: Path, text: str) -> str:
    """Write a file and return its path."""
    path = folder / "tracks"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_imported_and_listed(admin: Presswork, tmp_path: Path) -> None:
    """The list has the most used track first, with links; `--q` searches."""
    report = admin.json("music", "import", written_file(tmp_path, json.dumps([FIRST, SECOND])))
    assert report == {"added": 2, "updated": 0, "repeated": 0, "bad": 0, "errors": [], "ignoredNames": []}
    listed = admin.json("music", "list")
    assert [item["title"] for item in listed["items"]] == ["Evening", "Morning [Light]"]
    assert (listed["total"], listed["items"][1]["link"]) == (2, FIRST["link"])
    assert [item["title"] for item in admin.json("music", "list", "--q", "BAKER")["items"]] == ["Evening"]
    table = admin.run("music", "list", "--limit", "1")
    assert "Evening" in table.stdout
    assert "1 of 2" in table.stderr
    assert "Morning [Light]" in admin.run("music", "list").stdout


def test_an_invalid_line_is_reported_and_the_others_are_imported(admin: Presswork, tmp_path: Path) -> None:
    """The exit status is 1, and the output has line number and reason; --json has both on standard output."""
    path = written_file(tmp_path, f"id,title\ninvalid,Song\n{UUID(int=1)},Song\n")
    done = admin.run("music", "import", path)
    assert done.status == 1
    assert "1 added" in done.stdout
    assert "line 2: id:" in done.stderr
    again = admin.run("music", "import", path, "--json")
    report = json.loads(again.stdout)
    assert (again.status, report["updated"], report["bad"]) == (1, 1, 1)
    assert [error["line"] for error in report["errors"]] == [2]


def test_a_file_without_tracks_is_refused(admin: Presswork, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """No track is imported, and the error describes the required content."""
    for text in ("", '{"id": 1}', "title\nSong\n"):
        with subtests.test(text=text):
            done = admin.run("music", "import", written_file(tmp_path, text), "--json")
            assert (done.status, done.stdout) == (1, "")
            assert json.loads(done.stderr)["error"]["code"] == "VALIDATION"


def test_a_missing_file_is_an_error(admin: Presswork, tmp_path: Path) -> None:
    """A missing file and a folder exit with 1 and a sentence."""
    for path in (tmp_path / "none", tmp_path):
        done = admin.run("music", "import", str(path))
        assert done.status == 1
        assert done.stderr.startswith("Error: ")
        assert "can't be read" in done.stderr.replace("\n", " ")
