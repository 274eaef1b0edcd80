"""`presswork connect`: from the command to a connected account, with the browser's part played by the test."""

import json
import re
import subprocess

import httpx2
import pytest
from tests.cli.person import Person
from tests.cli.program import PATIENCE_SECONDS, PROGRAM, killed_if_silent

pytestmark = pytest.mark.slow
PAGE = r"(http://\S+/sandbox/\S+)\n"


def decide(page: str, decision: str, *, handle: str = "cli.connected") -> str:
    """Approve or deny a login as the account's owner does, and return the page that the owner sees at the end."""
    answer = httpx2.get(f"{page}&account={handle}&decision={decision}", trust_env=False, follow_redirects=True)
    assert answer.status_code < 500, answer.text
    return answer.text


def test_an_approved_account_is_printed(person: Person) -> None:
    """The page is one line that is not broken; after the approval, the account's id and name are printed."""
    with person.in_terminal("connect", "--platform", "instagram") as terminal:
        page = terminal.wait_for(PAGE)[1]
        terminal.wait_for(r"Waiting until .*; Ctrl-C stops\.\n")
        decide(page, "approve")
        assert terminal.wait() == 0
    account = re.search(r"\n(sa_[0-9a-f-]{36})\n", terminal.text)
    assert account
    assert "Connected instagram @cli.connected, ready for publish, draft." in terminal.text
    (listed,) = (one for one in json_items(person) if one["socialAccountId"] == account[1])
    assert (listed["handle"], listed["status"]) == ("cli.connected", "connected")


@pytest.mark.exhaustive
def test_the_account_can_be_captured(person: Person) -> None:
    """In a pipe, the id is the only line on standard output."""
    with subprocess.Popen(
        [*PROGRAM, "connect", "--platform", "tiktok"],
        env=person.environment(),
        cwd=person.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        with killed_if_silent(process):
            page = next(line for line in process.stderr if line.startswith("http")).strip()
        decide(page, "approve", handle="cli.captured")
        captured, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    assert re.fullmatch(r"sa_[0-9a-f-]{36}\n", captured)
    assert "Connected tiktok @cli.captured" in said


@pytest.mark.exhaustive
def test_a_denied_login_is_an_error(person: Person) -> None:
    """The error says that it was denied and what to do; with --json it has the code."""
    with person.in_terminal("connect", "--platform", "tiktok", "--json") as terminal:
        decide(terminal.wait_for(PAGE)[1], "deny")
        assert terminal.wait() == 1
    error = json.loads(terminal.text[terminal.text.index("{") :])["error"]
    assert error["details"] == {"error": "access_denied"}
    assert "denied on the platform's page. Run the command again" in error["message"]


def test_ctrl_c_stops_waiting(person: Person) -> None:
    """Exit status 130, one sentence, no traceback; the platform is prompted for."""
    with person.in_terminal("connect") as terminal:
        terminal.wait_for(
            r"Platform \(instagram, tiktok, threads, facebook, youtube, linkedin, bluesky, mastodon, x, telegram, pinterest\): "
        )
        terminal.type("instagram")
        terminal.wait_for(PAGE)
        terminal.wait_for("Ctrl-C stops")
        terminal.interrupt()
        assert terminal.wait() == 130
    assert "Stopped waiting." in terminal.text
    assert "Traceback" not in terminal.text


def test_wrong_arguments_are_refused(person: Person) -> None:
    """Without a terminal the platform must be given; an unknown one is refused with the known ones."""
    missing = person.run("connect")
    assert (missing.status, "--platform instagram" in missing.stderr) == (1, True)
    unknown = person.run("connect", "--platform", "myspace")
    assert (unknown.status, "instagram, tiktok" in unknown.stderr) == (1, True)


def json_items(person: Person) -> list[dict[str, object]]:
    """Return the accounts of the project."""
    items = person.json("accounts")["items"]
    assert isinstance(items, list)
    return items
