"""`presswork demo`: publishing end to end, through the Python client."""

import re
from pathlib import Path

import httpx2
import pytest
from tests.cli.program import Up, demo, kept_demo, url_of_demo, urls_of_feeds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.exhaustive
def test_demo_publishes_everything_once(tmp_path: Path) -> None:
    """Three pieces of content go live on fifteen accounts; with --keep the server runs until Ctrl-C and leaves nothing."""
    with kept_demo(tmp_path) as text:
        assert text.startswith("Starting a temporary server with its own database.")
        assert "All 50 posts are live, each exactly once" in text, text
        assert text.count("/sandbox/feed/") == 15
        (key,) = set(re.findall(r"lp_test_[A-Z2-7]{16}_[A-Za-z0-9_-]{43}", text))
        url = url_of_demo(text)
        with httpx2.Client(base_url=url, trust_env=False, headers={"Authorization": f"Bearer {key}"}) as client:
            posts = client.get("/sandbox/control/posts").json()["items"]
            assert client.get("/v1/whoami").status_code == 200
            assert {client.get(link).status_code for link in urls_of_feeds(text)} == {200}
        assert len({post["externalId"] for post in posts}) == len(posts) == 50
        assert sum(len(post["comments"]) for post in posts) == 34
        _check_console(url, text)


def _check_console(url: str, text: str) -> None:
    """Assert that the printed link makes an administrator, who sees the demo's posts."""
    found = re.search(rf"^{url}/console/set-up#token=(\S+)$", text, re.MULTILINE)
    assert found is not None, text
    person = {"password": "a sentence to remember", "name": "Ada", "email": "ada@example.com"}
    headers = {"Origin": url, "X-Presswork-Console": "1"}
    with httpx2.Client(base_url=url, trust_env=False, headers=headers) as browser:
        accepted = browser.post("/v1/auth/accept", json={"token": found[1], **person})
        assert accepted.is_success, accepted.text
        assert accepted.json()["organization"]["name"] == "Demo"

        def posts(status: str) -> list[dict[str, object]]:
            query = {"status": status, "limit": "100", "since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
            return list(browser.get("/v1/scheduled-posts", params=query).json()["items"])

        assert (len(posts("published")), len(posts("queued"))) == (50, 60)
        (failed,) = posts("failed")
        assert failed["lastError"]["code"] == "ACCOUNT_NOT_ELIGIBLE"  # type: ignore[index]  # JSON
        pending = browser.get("/v1/content", params={"approvalStatus": "pending"}).json()["items"]
        assert [content["caption"] for content in pending] == ["Cinnamon, butter, patience. #bakery"]


@pytest.mark.exhaustive
def test_demo_reports_what_failed(up: Up) -> None:
    """If a platform rejects a post, the demo exits with 1 and shows its timeline; the other posts are live.

    The demo uses the data folder of a running server, and that server keeps running.
    """
    fault = {
        "platform": "instagram",
        "operation": "media_publish",
        "handle": "corner.bakery",
        "fault": "platform_error",
        "value": {"code": 100, "message": "Not today"},
    }
    assert httpx2.post(f"{up.url}/sandbox/control/faults", json=fault, trust_env=False).is_success
    done = demo("--data-dir", str(up.data_dir))
    assert done.status == 1, done.stdout + done.stderr
    assert "49 of 50 posts are live" in done.stdout
    assert re.search(r"→ instagram @corner\.bakery \(sp_", done.stdout)
    assert "Not today" in done.stdout
    assert httpx2.get(f"{up.url}/readyz", trust_env=False).status_code == 200


@pytest.mark.exhaustive
def test_demo_reports_why_the_server_does_not_start(tmp_path: Path) -> None:
    """When its server can't start, the demo shows the end of its log and exits with 1."""
    (tmp_path / "postgres").write_text("in the way")
    done = demo("--data-dir", str(tmp_path))
    assert done.status == 1
    assert "The server did not start" in done.stderr
    assert "postgres" in done.stderr
    assert "Traceback" not in done.stderr
