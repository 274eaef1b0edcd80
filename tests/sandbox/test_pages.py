"""The HTML pages: contents, links, and that they load nothing from other hosts."""

import re

from tests.sandbox.running_sandbox import IG_SCOPES, RunningSandbox, picture

HOSTILE = '<script>alert("x")</script> & "quotes"'


async def test_accounts_and_feeds(sandbox: RunningSandbox, reel: bytes) -> None:
    """The start page lists accounts by handle with their posts; a feed shows caption, comments, time, id and media."""
    token = await sandbox.graph_login("zebra")
    media_id = await sandbox.post_picture(token, caption=HOSTILE)
    await sandbox.graph(token, "POST", f"{media_id}/comments", message="Nice " + HOSTILE)
    await sandbox.account("tiktok", "ant")
    index = (await sandbox.http.get("/sandbox/")).text
    assert index.index("ant") < index.index("zebra")
    assert "/sandbox/feed/instagram/zebra" in index
    feed = (await sandbox.http.get("/sandbox/feed/instagram/zebra")).text
    assert "<script>" not in feed
    assert feed.count("&lt;script&gt;alert(") == 2
    assert media_id in feed
    poster = re.search(r'src="(/sandbox/media/poster/\d+\.jpg)"', feed)
    assert poster is not None
    image = await sandbox.http.get(poster.group(1))
    assert (image.status_code, image.headers["content-type"]) == (200, "image/jpeg")
    assert (await sandbox.http.get("/sandbox/feed/instagram/unknown")).status_code == 404


async def test_permalinks_resolve_in_the_sandbox(sandbox: RunningSandbox, reel: bytes) -> None:
    """The permalink of each post after /sandbox/ is a page; with another handle or kind it is 404."""
    token = await sandbox.graph_login("brand")
    await sandbox.post_picture(token, caption="picture")
    container = await sandbox.container(
        token, media_type="REELS", video_url=sandbox.media.put("c.mp4", reel), caption="reel"
    )
    await sandbox.finished(token, container)
    await sandbox.publish(token, container)
    await sandbox.post_clip((await sandbox.tiktok_login("brand"))["access_token"], reel, title="clip")
    page = await sandbox.http.get("/sandbox/")
    for post in await sandbox.items("posts"):
        place = post["url"].replace("https://", "/sandbox/")
        page = await sandbox.http.get(place)
        assert page.status_code == 200, place
        assert post["caption"] in page.text
        assert post["media"][0]["sha256"] in page.text
        if post["platform"] == "tiktok":
            assert (await sandbox.http.get(place.replace("@brand", "@other"))).status_code == 404
    video = re.search(r'src="(/sandbox/media/[0-9a-f]+\.mp4)"', page.text)
    assert video is not None
    assert (await sandbox.http.get(video.group(1))).content == reel
    assert (await sandbox.http.get("/sandbox/media/state.mp4")).status_code == 404
    assert (await sandbox.http.get("/sandbox/media/..%2Fsandbox.sqlite3")).status_code == 404


async def test_feed_page_posts_a_draft(sandbox: RunningSandbox, reel: bytes) -> None:
    """The feed page lists a draft in the inbox, with a button that posts it."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    begun = await sandbox.video_init(token, len(reel), inbox=True)
    await sandbox.put(begun["upload_url"], reel)
    await sandbox.over(token, begun["publish_id"])
    feed = (await sandbox.http.get("/sandbox/feed/tiktok/brand")).text
    action = re.search(r'action="(/sandbox/drafts/[^"]+/publish)"', feed)
    assert action is not None
    assert (await sandbox.http.post(action.group(1))).status_code == 303
    assert (await sandbox.http.post(action.group(1))).status_code == 404
    assert len(await sandbox.items("posts")) == 1


async def test_phone_page_shows_drafts_and_messages(sandbox: RunningSandbox, reel: bytes) -> None:
    """The phone page lists drafts and SMS, escaped, and can post or discard a draft."""
    assert "No messages yet" in (await sandbox.http.get("/sandbox/phone")).text
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    for _ in range(2):
        begun = await sandbox.video_init(token, len(reel), inbox=True)
        await sandbox.put(begun["upload_url"], reel)
        await sandbox.over(token, begun["publish_id"])
    link = "http://127.0.0.1:8000/handover/sp_1?expires=1&signature=a"
    form = {
        "To": "+15551230001",
        "From": "+15550006789",
        "Body": f"{HOSTILE} {link}",
        "MediaUrl": sandbox.media.put("c.mp4", reel),
    }
    url = "/sandbox/api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
    await sandbox.http.post(url, data=form, auth=("AC1", "token"))
    page = ""
    for _ in range(400):
        page = (await sandbox.http.get("/sandbox/phone")).text
        if page.count("/sandbox/media/poster/") == 3:
            break
    assert "+15551230001" in page
    assert "&lt;script&gt;alert(" in page
    assert "<script" not in page
    assert f'<a href="{link.replace("&", "&amp;")}" rel="noopener">' in page
    assert ": 2 drafts" in page
    discard, post = (re.search(rf'action="(/sandbox/drafts/[^"]+/{what})"', page) for what in ("discard", "publish"))
    assert discard is not None
    assert post is not None
    assert (await sandbox.http.post(discard.group(1))).status_code == 303
    assert (await sandbox.http.post(discard.group(1))).status_code == 404
    assert ": 1 draft<" in (await sandbox.http.get("/sandbox/phone")).text


async def test_pages_load_nothing_from_other_hosts(sandbox: RunningSandbox) -> None:
    """No page loads a resource from another host, has a script or may be framed, refusals of a login included."""
    token = await sandbox.graph_login("brand")
    await sandbox.post_picture(token)
    ask = f"client_id=1&redirect_uri=http://x/y&response_type=code&scope={IG_SCOPES}"
    facebook = "client_id=1&redirect_uri=http://x/y"
    for path in (
        "",
        "phone",
        f"www.facebook.com/dialog/oauth?{facebook}",
        "feed/instagram/brand",
        f"www.instagram.com/oauth/authorize?{ask}",
        f"www.instagram.com/oauth/authorize?{ask}&decision=later",
        "www.instagram.com/oauth/authorize",
        "feed/tiktok/unknown",
    ):
        answer = await sandbox.http.get(f"/sandbox/{path}")
        text, policy = answer.text, answer.headers["content-security-policy"]
        assert "script-src" not in policy
        assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r'(src|href|action)="(https?:)?//', text)
        assert "<script" not in text
        assert "url(" not in text


async def test_start_pages(sandbox: RunningSandbox) -> None:
    """/ and /sandbox redirect to the accounts; the URL of a profile redirects to its feed."""
    assert (await sandbox.http.get("/")).headers["location"] == "/sandbox/"
    assert (await sandbox.http.get("/sandbox", follow_redirects=True)).status_code == 200
    await sandbox.account("tiktok", "brand")
    assert (await sandbox.http.get("/sandbox/www.tiktok.com/@brand", follow_redirects=True)).status_code == 200
    await sandbox.account("instagram", "brand")
    assert (await sandbox.http.get("/sandbox/www.instagram.com/brand/", follow_redirects=True)).status_code == 200


async def test_pictures_in_a_feed_are_small(sandbox: RunningSandbox) -> None:
    """Pages show a JPEG of at most 480 pixels instead of the original picture."""
    token = await sandbox.graph_login("brand")
    await sandbox.post_picture(token)
    data = (await sandbox.http.get("/sandbox/media/poster/1.jpg")).content
    assert len(data) < len(picture()) * 2
    assert data[:3] == b"\xff\xd8\xff"
