"""What a publish call asks of the worker so that a connector can be verified with a real platform."""

from typing import Final

from tests.worker.conftest import WorkerWorld

_LOSE: Final = {"Presswork-Verify": "lose-response"}
_READ_BACK: Final = ("instagram", "facebook", "threads", "youtube", "tiktok", "bluesky")
"""Platforms that can be asked about a video whose response was lost, whatever the login."""


async def test_a_response_is_lost_once_and_the_post_is_found(worker_world: WorkerWorld, video: bytes) -> None:
    """The platform has acted when the response is lost. The worker asks it, and the post is live exactly once."""
    world = worker_world.world
    admin = await world.api.client(scopes=("*", "org:admin"))
    project = await world.project()
    accounts = {name: await world.account(project, name, f"lost.{name}") for name in _READ_BACK}
    container = await world.content(project, video, content_type="video/mp4")
    targets = [{"socialAccountId": account, "mode": "publish"} for account in accounts.values()]
    path, body = f"/v1/content/{container}/publish", {"targets": targets}
    made = await admin.post(path, json=body, headers=_LOSE)
    assert made.status_code == 200, made.text
    await worker_world.worker.work_until_idle()
    wrong = []
    for name, post_id in zip(accounts, made.json()["scheduledPostIds"], strict=True):
        timeline = await world.timeline(post_id)
        reasons = [entry["message"] for entry in timeline if entry["event"] == "reconciled"]
        live = await world.live(platform=name, handle=f"lost.{name}")
        status = (await world.post(post_id))["status"]
        if status != "published" or len(live) != 1 or not any("cut on request" in reason for reason in reasons):
            wrong.append((name, status, len(live), reasons))
    assert wrong == []


async def test_only_an_administrator_can_have_a_response_lost(worker_world: WorkerWorld, picture: bytes) -> None:
    """A key without org:admin is refused, and so is a word that is not known; nothing is posted."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "threads", "not.lost")
    container = await world.content(project, picture)
    path = f"/v1/content/{container}/publish"
    body = {"targets": [{"socialAccountId": account, "mode": "publish"}]}
    refused = await world.client.post(path, json=body, headers=_LOSE)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN_SCOPE")
    admin = await world.api.client(scopes=("*", "org:admin"))
    unknown = await admin.post(path, json=body, headers={"Presswork-Verify": "lose-everything"})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (422, "VALIDATION")
    await worker_world.worker.work_until_idle()
    assert await world.live(platform="threads", handle="not.lost") == []
