"""A post to an account that was connected by Facebook, from the call to the feed, by a real worker."""

from tests.worker.conftest import WorkerWorld


async def test_a_video_and_a_picture_go_live(worker_world: WorkerWorld, video: bytes, picture: bytes) -> None:
    """The video is sent as bytes out of the store, the picture is fetched; each is live once, with its first comment."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "instagram", "bakery", login="facebook")
    reel = await world.content(project, video, content_type="video/mp4", caption="Reel", comment="First!")
    image = await world.content(project, picture, caption="Picture", comment="First!")
    for container in (reel, image):
        (post,) = await worker_world.deliver(container, account)
        assert (post["status"], post["firstCommentStatus"]) == ("published", "posted"), post
        assert post["externalUrl"]
    live = await world.live(platform="instagram", handle="bakery")
    assert [(post["kind"], post["comments"]) for post in live] == [("reel", ["First!"]), ("feed_image", ["First!"])]
    browser = await world.api.anonymous()
    calls = (await browser.get("/sandbox/control/requests", params={"platform": "instagram"})).json()["items"]
    assert {call["host"] for call in calls if call["operation"] in {"media", "media_publish"}} == {"graph.facebook.com"}
    assert len([call for call in calls if call["operation"] == "upload"]) == 1


async def test_a_dead_page_token_asks_for_a_new_login(worker_world: WorkerWorld, picture: bytes) -> None:
    """The post fails as CREDENTIAL_INVALID, the account is reauth_required, and nothing is live."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "instagram", "bakery", login="facebook")
    container = await world.content(project, picture)
    await world.fault(platform="instagram", operation="media", fault="token_expired")
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "CREDENTIAL_INVALID")
    shown = (await world.client.get(f"/v1/social-accounts/{account}")).json()
    assert (shown["status"], shown["login"]) == ("reauth_required", "facebook")
    assert await world.live(platform="instagram") == []
