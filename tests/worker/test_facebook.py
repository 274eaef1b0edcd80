"""A post to an account that was connected by Facebook, from the call to the feed, by a real worker."""

from tests.worker.conftest import Works


async def test_a_video_and_a_picture_go_live(works: Works, video: bytes, picture: bytes) -> None:
    """The video is sent as bytes out of the store, the picture is fetched; each is live once, with its first comment."""
    stage = works.stage
    project = await stage.project()
    account = await stage.account(project, "instagram", "bakery", login="facebook")
    reel = await stage.content(project, video, content_type="video/mp4", caption="Reel", comment="First!")
    image = await stage.content(project, picture, caption="Picture", comment="First!")
    for container in (reel, image):
        (post,) = await works.deliver(container, account)
        assert (post["status"], post["firstCommentStatus"]) == ("published", "posted"), post
        assert post["externalUrl"]
    live = await stage.live(platform="instagram", handle="bakery")
    assert [(post["kind"], post["comments"]) for post in live] == [("reel", ["First!"]), ("feed_image", ["First!"])]
    browser = await stage.api.anonymous()
    calls = (await browser.get("/sandbox/control/requests", params={"platform": "instagram"})).json()["items"]
    assert {call["host"] for call in calls if call["operation"] in {"media", "media_publish"}} == {"graph.facebook.com"}
    assert len([call for call in calls if call["operation"] == "upload"]) == 1


async def test_a_dead_page_token_asks_for_a_new_login(works: Works, picture: bytes) -> None:
    """The post fails as CREDENTIAL_INVALID, the account is reauth_required, and nothing is live."""
    stage = works.stage
    project = await stage.project()
    account = await stage.account(project, "instagram", "bakery", login="facebook")
    container = await stage.content(project, picture)
    await stage.fault(platform="instagram", operation="media", fault="token_expired")
    (post,) = await works.deliver(container, account)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "CREDENTIAL_INVALID")
    shown = (await stage.client.get(f"/v1/social-accounts/{account}")).json()
    assert (shown["status"], shown["login"]) == ("reauth_required", "facebook")
    assert await stage.live(platform="instagram") == []
