"""`presswork verify-live` against a running server and its sandbox."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import httpx2
import pytest
from chaos.ports import free_port
from tests.cli.program import CommandProcess, Up, environment, running_up
from tests.cli.terminal import in_terminal
from tests.posts.conftest import insert_account
from tests.recorded.verifying import Owner
from tests.sdk.world import made

from presswork.db.embedded.folder import find_folder
from presswork.db.pool import pool_of
from presswork.platforms.youtube.description import REQUESTED
from presswork_client import choices

pytestmark = pytest.mark.slow


def _outcomes(account: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """Return the outcome of each step of each kind of content."""
    return {post["content"]: {step["step"]: step["outcome"] for step in post["steps"]} for post in account["posts"]}


def _list_live(up: Up, handle: str) -> Sequence[object]:
    found = httpx2.get(f"{up.url}/sandbox/control/posts", params={"handle": handle}, trust_env=False)
    return list(found.json()["items"])


def test_an_account_is_tried_out_and_nothing_stays(command_process: CommandProcess, up: Up, tmp_path: Path) -> None:
    """Each post is published to the smallest audience that its comment allows, changed and taken down; a lost one is found again."""
    owner = Owner(command_process, up, tmp_path, "*,org:admin")
    handle = f"verify.{uuid4().hex[:8]}"
    done = owner.run("--account", owner.connect("youtube", handle), "--out", "report", "--app-tier", "audited|500")
    assert done.status == 0, done.stderr
    document = json.loads(done.stdout)
    (account,) = document["accounts"]
    assert _outcomes(account) == {
        "video": dict.fromkeys(("publish", "read back", "comment", "edit", "take down"), "passed"),
        "lost response": dict.fromkeys(("find again", "read back", "take down"), "passed"),
    }
    assert [next(iter(one["audience"].values()))["privacy"] for one in account["posts"]] == ["unlisted", "private"]
    assert account["differences"] == []
    assert _list_live(up, handle) == []
    written = (tmp_path / "report" / "verified-live.json").read_text()
    assert json.loads(written) == document
    assert handle not in written
    row = (tmp_path / "report" / "verified-live.md").read_text().splitlines()[-1]
    assert "| youtube (youtube, sandbox) |" in row
    assert "| audited/500 |" in row


def test_what_fails_is_in_the_report(command_process: CommandProcess, up: Up, tmp_path: Path) -> None:
    """A comment that the platform refuses: the status is 1, the report has the platform's reason, and the post stays with --keep.
    Without org:admin, no response is lost.
    """
    owner = Owner(command_process, up, tmp_path, "*")
    handle = f"verify.{uuid4().hex[:8]}"
    account_id = owner.connect("youtube", handle)
    fault = {
        "platform": "youtube",
        "operation": "comment_threads_insert",
        "handle": handle,
        "fault": "platform_error",
        "value": {"code": "commentsDisabled"},
    }
    httpx2.post(f"{up.url}/sandbox/control/faults", json=fault, trust_env=False).raise_for_status()
    done = owner.run("--account", account_id, "--keep")
    assert done.status == 1, done.stderr
    (account,) = json.loads(done.stdout)["accounts"]
    assert _outcomes(account) == {
        "video": {"publish": "passed", "read back": "passed", "comment": "failed", "edit": "passed"}
    }
    (difference,) = account["differences"]
    assert difference.startswith("video, comment: "), difference
    assert len(difference) > len("video, comment: ") + 10, difference
    assert len(_list_live(up, handle)) == 1


@pytest.mark.exhaustive
def test_every_platform_of_the_sandbox_passes(command_process: CommandProcess, up: Up, tmp_path: Path) -> None:
    """Without an account, the command connects one on each platform. No step fails, and only what lets no program read a channel leaves
    an outcome unknown.
    """
    owner = Owner(command_process, up, tmp_path, "*,org:admin")
    done = owner.run("--env", "test")
    assert done.status == 0, done.stdout
    accounts = json.loads(done.stdout)["accounts"]
    assert [one["platform"] for one in accounts] == list(get_args(choices.PlatformName))
    assert [one["differences"] for one in accounts] == [[]] * len(accounts)
    found = {one["platform"]: _outcomes(one)["lost response"]["find again"] for one in accounts}
    assert {name for name, outcome in found.items() if outcome != "passed"} == {"telegram"}
    assert found["telegram"] == "unknown"


def test_what_costs_money_is_listed_and_a_choice_is_made(
    command_process: CommandProcess, up: Up, tmp_path: Path
) -> None:
    """Before anything is posted, people read what the posts cost and the budget; what a platform asks for is chosen of the account's."""
    owner = Owner(command_process, up, tmp_path, "*")
    handle = f"verify{uuid4().hex[:8]}"
    accounts = [owner.connect(platform, handle) for platform in ("x", "pinterest")]
    done = owner.run("--account", accounts[0], "--account", accounts[1], as_json=False)
    assert done.status == 0, done.stderr
    before, _, after = done.stderr.partition("X charges up to 0.1")
    assert "published, looked for" in before
    assert "passed" not in before
    assert after.partition(" for 5 of these posts. The project has no budget for it.")[1]
    assert "boardId" in done.stdout


@pytest.mark.exhaustive
async def test_a_person_who_declines_has_posted_nothing(command_process: CommandProcess, tmp_path: Path) -> None:
    """On a terminal, the posts for a live account are shown before the question; after a no, neither posts nor content are left."""
    report = tmp_path / "report"
    report.mkdir()
    port = str(free_port())
    live = {"public_url": f"http://127.0.0.1:{port}", "youtube_client_id": "id", "youtube_client_secret": "s"}
    with running_up(tmp_path / "data", "--port", port, **live) as up:
        owner = Owner(command_process, up, tmp_path, "*", env="live")
        headers = {"Authorization": f"Bearer {owner.key}"}
        with httpx2.Client(base_url=up.url, headers=headers, trust_env=False) as client:
            project = made(client.post("/v1/projects", json={"name": "Bakery", "timezone": "UTC"}))
            folder = find_folder(up.data_dir)
            assert folder is not None
            async with pool_of(folder.dsn, max_size=1) as pool:  # no login at a real platform is possible here
                account = await insert_account(pool, project, "youtube", [*REQUESTED])
            settings = environment(api_key=owner.key, base_url=owner.url)
            with in_terminal("verify-live", "--account", account, environment=settings, cwd=report) as terminal:
                terminal.wait_for(r"Publish \d+ test posts now\? \[y/N\]: ")
                assert "privacy unlisted  A test post of Presswork" in terminal.text
                terminal.type("n")
                assert terminal.wait() == 1
            assert terminal.lines[-1] == "Aborted."
            for path in ("/v1/content", "/v1/scheduled-posts"):
                assert client.get(path).raise_for_status().json()["items"] == []
    report.rmdir()  # nothing was written


def test_live_accounts_need_a_confirmation(command_process: CommandProcess, up: Up, tmp_path: Path) -> None:
    """Where no person can answer, nothing is read or posted without --yes; a key of another environment than the named one is refused."""
    live = Owner(command_process, up, tmp_path, "*", env="live")
    test = Owner(command_process, up, tmp_path, "*")
    for owner, arguments, reason in (
        (live, ("--account", f"sa_{uuid4()}"), "Pass --yes"),
        (test, ("--env", "live"), "not of the environment live"),
        (test, ("--record",), "org:admin"),
    ):
        done = owner.run(*arguments)
        assert done.status == 1
        assert reason in json.loads(done.stderr)["error"]["message"], done.stderr
