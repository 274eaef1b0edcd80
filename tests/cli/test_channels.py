"""`presswork channels` against a running server."""

import subprocess
from typing import Any

import pytest
from tests.cli.person import Person
from tests.cli.program import PROGRAM

pytestmark = pytest.mark.slow


@pytest.mark.exhaustive
def test_channels_are_created_tested_changed_and_deleted(person: Person) -> None:
    """The URL is asked for and never printed; a test shows why it was not accepted."""
    url = "https://presswork-test.invalid/services/a-secret-path"
    with person.in_terminal("channels", "create", "slack", "--events", "post.failed,content.pending") as terminal:
        terminal.wait_for("URL of the webhook: ")
        terminal.type(f"{url}\n")
        assert terminal.wait() == 0
    assert "a-secret" not in terminal.text
    listed: Any = person.json("channels", "list")["items"]  # Any: a JSON document
    (channel,) = listed
    assert channel["id"] in terminal.text
    tested = person.run("channels", "test", channel["id"])
    assert (tested.status, "Not sent: The host name presswork-test.invalid" in tested.stdout) == (1, True), tested
    paused = person.json("channels", "change", channel["id"], "--status", "paused", "--events", "post.failed")
    assert (paused["status"], paused["events"]) == ("paused", ["post.failed"])
    for arguments, sentence in (
        (("change", channel["id"]), "Nothing to change"),
        (("change", channel["id"], "--status", "asleep"), "There is no status asleep"),
        (("create", "pager"), "There is no kind pager"),
        (("create", "email", "--events", "post.exploded"), "There is no event post.exploded"),
    ):
        refused = person.run("channels", *arguments)
        assert (refused.status, sentence in refused.stderr) == (1, True), refused
    create = [*PROGRAM, "channels", "create", "email"]
    empty = subprocess.run(create, input="", env=person.environment(), capture_output=True, text=True, check=False)
    assert (empty.returncode, "Standard input is empty" in empty.stderr) == (1, True), empty
    assert person.json("channels", "delete", channel["id"])["id"] == channel["id"]
    assert "channels create" in person.run("channels", "list").stderr
