"""`presswork demo`: the main job, end to end, through the public API only."""

import re
import signal
import subprocess
from pathlib import Path

import httpx2
import psutil
import pytest
from tests.cli.program import PATIENCE_SECONDS, PROGRAM, Up, all_gone, environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("up")]


def test_demo_publishes_everything_once(tmp_path: Path) -> None:
    """Three pieces of content go live on six accounts; with --keep the server stays until Ctrl-C, then all is gone."""
    with subprocess.Popen(
        [*PROGRAM, "demo", "--keep"],
        env=environment(database_url="postgresql://127.0.0.1:1/not-used") | {"TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        try:
            said = []
            for line in demo.stdout:
                said.append(line)
                if line.startswith("Everything keeps running"):
                    break
            text = "".join(said)
            assert "All 18 posts are live, each exactly once" in text, text
            assert text.count("/sandbox/feed/") == 6
            (key,) = set(re.findall(r"lp_test_[A-Z2-7]{16}_[A-Za-z0-9_-]{43}", text))
            (url,) = set(re.findall(r"Presswork is up at (http://\S+)", text))
            with httpx2.Client(base_url=url, trust_env=False, headers={"Authorization": f"Bearer {key}"}) as client:
                posts = client.get("/sandbox/control/posts").json()["items"]
                assert client.get("/v1/whoami").status_code == 200
                assert {client.get(link).status_code for link in re.findall(r"http://\S+/sandbox/\S+", text)} == {200}
            assert len({post["externalId"] for post in posts}) == len(posts) == 18
            assert sum(len(post["comments"]) for post in posts) == 9
            processes = psutil.Process(demo.pid).children(recursive=True)
            demo.send_signal(signal.SIGINT)
            assert demo.wait(PATIENCE_SECONDS) == 0
            assert all_gone(processes)
            assert not list(tmp_path.glob("presswork-demo-*"))
        finally:
            demo.kill()


def test_demo_tells_what_failed(up: Up) -> None:
    """A post that its platform refuses makes the demo end with 1 and show that post's timeline; the rest is live.

    It runs on the folder of a server that is up already, and leaves that one alone.
    """
    fault = {
        "platform": "instagram",
        "operation": "media_publish",
        "handle": "corner.bakery",
        "fault": "platform_error",
        "value": {"code": 100, "message": "Not today"},
    }
    assert httpx2.post(f"{up.url}/sandbox/control/faults", json=fault, trust_env=False).is_success
    done = subprocess.run(
        [*PROGRAM, "demo", "--data-dir", str(up.data_dir)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "17 of 18 posts are live" in done.stdout
    assert re.search(r"→ instagram @corner\.bakery \(sp_", done.stdout)
    assert "Not today" in done.stdout
    assert httpx2.get(f"{up.url}/readyz", trust_env=False).status_code == 200


def test_demo_says_why_the_server_does_not_start(tmp_path: Path) -> None:
    """When its server can't start, the demo shows that server's last words and ends with 1."""
    (tmp_path / "postgres").write_text("in the way")
    done = subprocess.run(
        [*PROGRAM, "demo", "--data-dir", str(tmp_path)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert "The server did not start" in done.stderr
    assert "postgres" in done.stderr
    assert "Traceback" not in done.stderr
