"""`presswork insights` against a running server, whose worker takes the numbers from the sandbox."""

import csv
import time
from pathlib import Path
from typing import Any, cast

import pytest
from tests.cli.person import Person
from tests.cli.program import Presswork, Up

pytestmark = pytest.mark.slow


@pytest.fixture
def server(up: Up, person: Person, tmp_path: Path) -> Presswork:
    """The commands on the server, with the settings of its data folder."""
    return Presswork(person.command_process, up.data_dir, tmp_path, {})


def taken(person: Person, post: str) -> dict[str, Any]:
    """Return the numbers of a post as soon as they were taken."""
    while True:
        found = cast("dict[str, Any]", person.json("insights", "post", post))
        if found["takenAt"] is not None:
            return found
        time.sleep(0.2)  # the worker is another process


def test_numbers_are_shown_summed_up_and_exported(server: Presswork, person: Person) -> None:
    """Of a post that goes live: none at first, then those that its refresh takes. A second refresh is too soon."""
    published = person.run("publish", "a.jpg", "--to", "instagram:@cli.shop", "--caption", "Numbers")
    post = next(line.split("\t")[0] for line in published.stdout.splitlines() if line.startswith("sp_"))
    assert "not taken yet" in person.run("insights", "post", post).stderr.replace("\n", " ")
    assert person.json("insights", "post", post, "--refresh")["postId"] == post
    found = taken(person, post)
    assert isinstance(found["metrics"]["likes"], int)
    shown = person.run("insights", "post", post).stdout.splitlines()
    assert shown[0] == "metric\tvalue\tnot known because"
    assert f"likes\t{found['metrics']['likes']}\t" in shown
    again = person.run("insights", "post", post, "--refresh")
    assert (again.status, "once in 15 minutes" in again.stderr.replace("\n", " ")) == (1, True)
    keys = [line.split("\t")[0] for line in person.run("insights", "show", "--by", "post").stdout.splitlines()]
    assert post in keys
    (row,) = [
        row for row in csv.DictReader(person.run("insights", "export").stdout.splitlines()) if row["postId"] == post
    ]
    assert (row["likes"], row["averageWatchSeconds"]) == (str(found["metrics"]["likes"]), "")
    account = person.run("insights", "account", "instagram:@cli.shop")
    assert account.stdout.splitlines()[0] == "day\tfollowers\tviews\treach"
    wrong = person.run("insights", "show", "--by", "week")
    assert (wrong.status, "platform" in wrong.stderr) == (1, True)
    assert server.json("insights", "ask-again") == {"items": []}
