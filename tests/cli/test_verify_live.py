"""`presswork verify-live` against a running server and its sandbox."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.cli.program import CommandProcess, Done, Up, environment
from tests.sdk.world import connect, made, make_key

from presswork_client import choices

pytestmark = pytest.mark.slow


class _Owner:
    """A person with a key of a new organization, who runs the command."""

    def __init__(self, command_process: CommandProcess, up: Up, folder: Path, scopes: str) -> None:
        self.key = make_key(command_process, up, folder, f"verify-{uuid4()}", scopes)
        self.url = up.url
        self._process = command_process
        self._folder = folder

    def connect(self, platform: str, handle: str) -> str:
        with httpx2.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, trust_env=False
        ) as client:
            project = made(client.post("/v1/projects", json={"name": "Verify", "timezone": "UTC"}))
            return connect(client, project, platform, handle)

    def run(self, *arguments: str) -> Done:
        settings = environment(api_key=self.key, base_url=self.url)
        return self._process.run(["verify-live", "--json", *arguments], environment=settings, cwd=self._folder)


def _outcomes(account: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """Return the outcome of each step of each kind of content."""
    return {post["content"]: {step["step"]: step["outcome"] for step in post["steps"]} for post in account["posts"]}


def _list_live(up: Up, handle: str) -> Sequence[object]:
    found = httpx2.get(f"{up.url}/sandbox/control/posts", params={"handle": handle}, trust_env=False)
    return list(found.json()["items"])


def test_an_account_is_tried_out_and_nothing_stays(command_process: CommandProcess, up: Up, tmp_path: Path) -> None:
    """Each post is published to the smallest audience that its comment allows, changed and taken down; a lost one is found again."""
    owner = _Owner(command_process, up, tmp_path, "*,org:admin")
    handle = f"verify.{uuid4().hex[:8]}"
    done = owner.run("--account", owner.connect("youtube", handle), "--out", "report", "--app-tier", "audited|500")
    assert done.status == 0, done.stderr
    document = json.loads(done.stdout)
    (account,) = document["accounts"]
    assert _outcomes(account) == {
        "video": dict.fromkeys(("publish", "read back", "comment", "edit", "take down"), "passed"),
        "lost response": dict.fromkeys(("find again", "read back", "take down"), "passed"),
    }
    assert [[*one["audience"].values()][0]["privacy"] for one in account["posts"]] == ["unlisted", "private"]
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
    owner = _Owner(command_process, up, tmp_path, "*")
    handle = f"verify.{uuid4().hex[:8]}"
    account_id = owner.connect("youtube", handle)
    fault = {"platform": "youtube", "operation": "comment_threads_insert", "fault": "permanent", "handle": handle}
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
    """Without an account, the command connects one on each platform. No step fails, and no outcome is unknown."""
    owner = _Owner(command_process, up, tmp_path, "*,org:admin")
    done = owner.run("--env", "test")
    assert done.status == 0, done.stdout
    accounts = json.loads(done.stdout)["accounts"]
    assert [one["platform"] for one in accounts] == list(choices.PlatformName.__args__)
    assert [one["differences"] for one in accounts] == [[]] * len(accounts)


def test_live_accounts_need_a_confirmation(command_process: CommandProcess, up: Up, tmp_path: Path) -> None:
    """A key of another environment than the named one is refused before anything is read."""
    owner = _Owner(command_process, up, tmp_path, "*")
    done = owner.run("--env", "live")
    assert done.status == 1
    assert "not of the environment live" in json.loads(done.stderr)["error"]["message"]
