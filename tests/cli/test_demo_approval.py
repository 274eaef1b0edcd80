"""`presswork demo --approval`: content that was not approved is not published."""

import re
from pathlib import Path
from typing import Final

import httpx2
import pytest
from tests.cli.program import Up, demo, kept_demo, url_of_demo, urls_of_feeds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CAPTION: Final = "Fresh out of the oven at six. #bakery"


@pytest.mark.exhaustive
def test_only_approved_content_goes_live(tmp_path: Path) -> None:
    """The demo shows the refused calls in order, the video is live once per platform, and Ctrl-C leaves nothing behind."""
    with kept_demo(tmp_path, "--approval") as text:
        assert "All 2 posts are live, each exactly once" in text, text
        assert "Only the approved content is live" in text
        assert re.findall(r": ((?:202|403|409) \w+)$", text, re.MULTILINE) == [
            "403 FORBIDDEN_SCOPE",
            "403 APPROVAL_REQUIRED",
            "202 blocked_on_approval",
            "202 blocked_on_approval",
            "403 FORBIDDEN_SCOPE",
            "409 CONTENT_REJECTED",
            "409 CONFLICT",
        ]
        url = url_of_demo(text)
        keys = dict(re.findall(r"^  (\w+): (lp_test_[A-Z2-7]{16}_[A-Za-z0-9_-]{43})$", text, re.MULTILINE))
        with httpx2.Client(base_url=url, trust_env=False) as client:
            posts = client.get("/sandbox/control/posts").json()["items"]
            assert sorted((post["platform"], post["caption"]) for post in posts) == [
                ("instagram", CAPTION),
                ("tiktok", CAPTION),
            ]
            assert {client.get(link).status_code for link in urls_of_feeds(text)} == {200}
            assert _scopes(client, keys["author"]) & _scopes(client, keys["reviewer"]) == {"content:read"}
            assert "content:approve" in _scopes(client, keys["reviewer"])


def _scopes(client: httpx2.Client, key: str) -> set[str]:
    return set(client.get("/v1/whoami", headers={"Authorization": f"Bearer {key}"}).json()["scopes"])


@pytest.mark.exhaustive
def test_an_approved_post_that_fails_is_reported(up: Up) -> None:
    """If a platform rejects a post, the demo exits with 1 and shows its timeline."""
    fault = {
        "platform": "instagram",
        "operation": "media_publish",
        "handle": "corner.bakery",
        "fault": "platform_error",
        "value": {"code": 100, "message": "Not today"},
    }
    assert httpx2.post(f"{up.url}/sandbox/control/faults", json=fault, trust_env=False).is_success
    done = demo("--approval", "--data-dir", str(up.data_dir))
    assert done.status == 1, done.stdout + done.stderr
    assert "1 of 2 posts are live" in done.stdout
    assert re.search(r"→ instagram @corner\.bakery \(sp_", done.stdout)
    assert "Not today" in done.stdout
    assert "Only the approved" not in done.stdout
