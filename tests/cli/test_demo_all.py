"""`presswork demo --all`: every delivery mode on one server, counted in the sandbox."""

import re
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from tests.cli.program import Presswork, Up, demo, kept_demo, url_of_demo, urls_of_feeds

from presswork.cli.demo.script import PHONE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CHAPTERS: Final = 8
"""Five chapters of `--all`, the one of the plain demo, approval, and the week for the console."""


@pytest.mark.exhaustive
def test_each_delivery_mode_delivers_once(tmp_path: Path) -> None:
    """Every chapter passes, the sandbox has each delivery once, and Ctrl-C leaves nothing behind."""
    with kept_demo(tmp_path, "--all") as text:
        assert len(re.findall(r"  passed *$", text, re.MULTILINE)) == CHAPTERS, text
        assert "FAILED" not in text
        url = url_of_demo(text)
        with httpx2.Client(base_url=url, trust_env=False) as client:
            _check_sandbox(client)
            assert {client.get(link).status_code for link in urls_of_feeds(text)} == {200}


def _check_sandbox(client: httpx2.Client) -> None:
    """Count the deliveries in the sandbox, independently of the demo."""

    def items(what: str) -> list[Any]:  # Any: each list has its own fields
        listed: list[Any] = client.get(f"/sandbox/control/{what}").json()["items"]
        return listed

    posts = items("posts")
    assert len({post["externalId"] for post in posts}) == len(posts) == 50 + 1 + 2 + 2 + 2
    assert sorted((draft["kind"], draft["status"]) for draft in items("drafts")) == [
        ("tiktok_photo", "PUBLISH_COMPLETE"),
        ("tiktok_video", "SEND_TO_USER_INBOX"),
    ]
    assert [(text["status"], len(text["mediaUrls"])) for text in items("messages")] == [
        ("delivered", 1),
        ("delivered", 3),
        ("delivered", 0),
        ("delivered", 0),
    ]
    links = {dispatch["platform"]: dispatch["payload"].get("tiktokMusicLink") for dispatch in items("dispatches")}
    assert links == {"tiktok": "https://www.tiktok.com/music/First-Snow-7301", "instagram": None}


@pytest.mark.exhaustive
def test_a_delivery_that_fails_is_reported(up: Up) -> None:
    """If the SMS service rejects a message, the demo exits with 1 and shows its timeline; the other chapters pass."""
    fault = {
        "platform": "sms",
        "operation": "messages",
        "handle": PHONE.removeprefix("+"),
        "fault": "platform_error",
        "value": {"code": 21610},
    }
    assert httpx2.post(f"{up.url}/sandbox/control/faults", json=fault, trust_env=False).is_success
    done = demo("--all", "--data-dir", str(up.data_dir))
    assert done.status == 1, done.stdout + done.stderr
    assert re.search(r"→ instagram @crumb\.and\.co \(sp_", done.stdout)
    assert "The phone has unsubscribed" in done.stdout
    assert done.stdout.count("FAILED") == 1
    assert re.search(r"^Drafts for Instagram by text message +FAILED", done.stdout, re.MULTILINE)


def test_all_and_approval_exclude_each_other(presswork: Presswork) -> None:
    """Both options together are a usage error, before anything starts."""
    done = presswork.run("demo", "--all", "--approval")
    assert done.status == 2
    assert "--all includes the approval chapter" in done.stderr
