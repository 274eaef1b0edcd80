"""`presswork demo --approval`: nothing goes out that nobody approved, end to end, and the demo sees it if something does."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx2
import pytest
from rich.console import Console
from tests.cli.lying import Document, Lie, lying, when
from tests.cli.program import Up, demo, kept_demo, url_of_demo, urls_of_feeds

from presswork.cli.demo import approval as demo_approval
from presswork.cli.demo.accounts import Outcome, Scene
from presswork.cli.demo.approval import show_approval
from presswork.cli.demo.client import DemoFailed
from presswork.cli.demo.samples import Samples
from presswork.cli.demo.server import own_settings
from presswork.cli.demo.view import View

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("up")]

CAPTION: Final = "Fresh out of the oven at six. #bakery"


def test_only_what_is_approved_goes_live(tmp_path: Path) -> None:
    """The refusals are shown in order, the video is live once on each platform, and Ctrl-C leaves nothing behind."""
    with kept_demo(tmp_path, "--approval") as text:
        assert "All 2 posts are live, each exactly once" in text, text
        assert "Only what was approved is live" in text
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


def test_an_approved_post_that_fails_is_told(up: Up) -> None:
    """A post that its platform refuses makes the demo end with 1 and show that post's timeline."""
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
    assert "Only what was approved" not in done.stdout


def _captioned(body: Document) -> Document:
    return {"items": [{**post, "caption": "Not approved"} for post in body["items"]]}


LIES: Final[dict[str, tuple[Lie, str]]] = {
    "the author may set the policy": (
        when("PATCH", "policy$", lambda _: {"policy": "review_all"}, status=200),
        r"PATCH .* was answered 200, not 403 FORBIDDEN_SCOPE",
    ),
    "the project is not gated": (
        when("GET", "/v1/projects/[^/]+$", lambda body: {**body, "requiresApproval": False}),
        "requiresApproval is False",
    ),
    "content is not held": (
        when("GET", "/v1/content/", lambda body: {**body, "approvalStatus": "not_required"}),
        "not_required after the upload",
    ),
    "what waits may be published": (
        when("POST", "/publish$", lambda _: {"scheduledPostIds": ["sp_1"]}, status=200),
        "publish was answered 200, not 403 APPROVAL_REQUIRED",
    ),
    "it is refused for another reason": (
        when("POST", "/publish$", lambda body: {"error": {**body["error"], "code": "FORBIDDEN_SCOPE"}}),
        "publish was answered 403, not 403 APPROVAL_REQUIRED",
    ),
    "what waits is queued": (
        when("POST", "/schedule$", lambda body: {**body, "gateStatus": "queued"}, status=200),
        "schedule was answered 200, not 202",
    ),
    "the author may approve": (
        when("POST", "/approve$", lambda body: {**body, "approvalStatus": "approved"}, status=200),
        "approve was answered 200, not 403 FORBIDDEN_SCOPE",
    ),
    "there are posts before the approval": (
        when("GET", "/scheduled-posts", lambda _: {"items": [{"id": "sp_1"}]}),
        "There are posts of the video, which was not approved",
    ),
    "rejecting keeps the waiting call": (
        when("POST", "/reject$", lambda body: {**body, "droppedScheduleCalls": 0}),
        "Rejecting the picture was answered",
    ),
    "what waited fails": (
        when("POST", "/approve$", lambda body: {**body, "pendingSchedulePromotion": None}),
        "Approving the video was answered",
    ),
}


@pytest.mark.parametrize("name", LIES)
async def test_a_hole_in_the_gate_ends_the_demo(
    up: Up, samples: Samples, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Wherever the API answers other than a closed gate does, the demo stops there and says so."""
    lie, message = LIES[name]
    async with lying(up, lie) as url:
        with pytest.raises(DemoFailed, match=message):
            await _play(up, url, samples, monkeypatch)


async def test_something_live_before_the_approval_ends_the_demo(
    up: Up, samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A post on an account that shows while everything waits is seen on the platform's side."""
    seen: list[str] = []

    def lie(method: str, path: str, status: int, body: Document) -> tuple[int, Document]:
        if path.startswith("/sandbox/control/posts"):
            seen.append(path)
            if len(seen) > 2:  # the first two are the look before
                body = {"items": [*body["items"], {"externalId": "1", "caption": "Not approved"}]}
        return status, body

    async with lying(up, lie) as url:
        with pytest.raises(DemoFailed, match="live that nobody has approved"):
            await _play(up, url, samples, monkeypatch)


async def test_other_content_on_a_feed_is_no_success(up: Up, samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right number of posts with other content than what was approved is told, and is not good."""
    async with lying(up, when("GET", "^/sandbox/control/posts", _captioned)) as url:
        outcome, said = await _play(up, url, samples, monkeypatch)
    assert not outcome.is_good
    assert said.count("not approved.") == 2
    assert "Only what was approved" not in said


async def test_a_second_post_is_no_success(up: Up, samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """Approved content that a feed shows twice is told, and is not good."""

    def twice(body: Document) -> Document:
        return {"items": [*body["items"], *({**post, "externalId": "1"} for post in body["items"])]}

    async with lying(up, when("GET", "^/sandbox/control/posts.*instagram", twice)) as url:
        outcome, said = await _play(up, url, samples, monkeypatch)
    assert not outcome.is_good
    assert "shows 2 new posts, not 1." in said
    assert "Only what was approved" not in said


async def _play(up: Up, url: str, samples: Samples, monkeypatch: pytest.MonkeyPatch) -> tuple[Outcome, str]:
    """Play the act against an address, without its waiting; returns its outcome and what it said.

    It has accounts of its own: what a play before this one left under way shows on other ones.
    """
    handle = f"shop{uuid4().hex[:12]}"
    monkeypatch.setattr(demo_approval, "HANDLES", {"instagram": [handle], "tiktok": [handle]})
    monkeypatch.setattr(demo_approval, "_AHEAD", timedelta())
    monkeypatch.setattr(demo_approval, "_GRACE", timedelta())
    out = io.StringIO()
    view = View(Console(file=out, width=400))
    scene = Scene(url=url, settings=own_settings(up.data_dir), samples=samples, view=view)
    return await show_approval(scene), out.getvalue()
