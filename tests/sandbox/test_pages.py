"""The HTML pages: contents, links, and that they load nothing from other hosts."""

import io
import re

from PIL import Image
from tests.sandbox.running_sandbox import IG_SCOPES, RunningSandbox, picture, polls

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
    assert "PUBLIC_TO_EVERYONE" not in feed
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
    async for _ in polls():
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


async def test_pages_show_what_was_sent_with_an_instagram_post(sandbox: RunningSandbox, reel: bytes) -> None:
    """Labels, collaborators, tags where they are, the alt text as `alt`, a cover in place of the first frame, escaped."""
    token = await sandbox.graph_login("brand")
    tags = [{"username": "luna", "x": 0.25, "y": 0.5}]
    await sandbox.post_picture(
        token, alt_text=HOSTILE, user_tags=tags, collaborators=["nova", "sol"], is_ai_generated=True, location_id="77"
    )
    feed = (await sandbox.http.get("/sandbox/feed/instagram/brand")).text
    [post] = await sandbox.items("posts")
    page = (await sandbox.http.get(post["url"].replace("https://", "/sandbox/"))).text
    for text in (feed, page):
        assert "and nova, sol" in text
        assert '<span class="pill">AI info</span>' in text
        assert 'alt="&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &#34;quotes&#34;"' in text
        assert "<script" not in text
    assert '<span class="tag" style="left:25.0%;top:50.0%">luna</span>' in page
    assert "<dt>Location</dt><dd>77</dd>" in page
    assert "Tagged: luna" in page
    cover = sandbox.media.put("cover.jpg", picture(90, 160))
    video = sandbox.media.put("clip.mp4", reel)
    for options in ({"cover_url": cover}, {"thumb_offset": 1500, "trial_params": {"graduation_strategy": "MANUAL"}}):
        container = await sandbox.container(token, media_type="REELS", video_url=video, audio_name="Snow", **options)
        await sandbox.finished(token, container)
        await sandbox.publish(token, container)
    _, covered, trial = await sandbox.items("posts")
    page = (await sandbox.http.get(covered["url"].replace("https://", "/sandbox/"))).text
    poster = re.search(r'poster="(/sandbox/media/poster/\d+\.jpg)"', page)
    assert poster is not None
    assert Image.open(io.BytesIO((await sandbox.http.get(poster.group(1))).content)).size == (90, 160)
    assert "<dt>Audio</dt><dd>Snow</dd>" in page
    page = (await sandbox.http.get(trial["url"].replace("https://", "/sandbox/"))).text
    assert '<span class="pill">Trial reel</span>' in page
    assert "The frame at 1.5 s" in page


async def test_pages_mark_stories_and_show_items_of_a_carousel(sandbox: RunningSandbox) -> None:
    """A story is marked; each item of a carousel has its own alt text and tags."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("picture.jpg", picture())
    story = await sandbox.container(token, media_type="STORIES", image_url=url)
    one = await sandbox.container(token, image_url=url, is_carousel_item=True, alt_text="A red cat")
    tags = [{"username": "luna", "x": 0, "y": 1}]
    two = await sandbox.container(token, image_url=url, is_carousel_item=True, user_tags=tags)
    for container in (story, one, two):
        await sandbox.finished(token, container)
    parent = await sandbox.container(token, media_type="CAROUSEL", children=[one, two])
    await sandbox.finished(token, parent)
    for container in (story, parent):
        await sandbox.publish(token, container)
    feed = (await sandbox.http.get("/sandbox/feed/instagram/brand")).text
    assert feed.count('<article class="card instagram story">') == 1
    assert 'alt="Story by brand"' in feed
    assert 'alt="A red cat"' in feed
    assert 'alt="Item 2 of 2"' in feed
    post = (await sandbox.items("posts"))[-1]
    page = (await sandbox.http.get(post["url"].replace("https://", "/sandbox/"))).text
    assert page.count('class="tag"') == 1
    assert "Alt text: A red cat" in page


async def test_pages_show_what_was_sent_with_a_tiktok_post(sandbox: RunningSandbox, reel: bytes) -> None:
    """The AI label where TikTok reads it, the title above the description, and the cover; nothing of a draft's."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    await sandbox.post_clip(token, reel, is_aigc=True, video_cover_timestamp_ms=1500)
    await sandbox.post_clip(token, reel, video_cover_timestamp_ms=99_000)
    urls = [sandbox.media.put("picture.jpg", picture()), sandbox.media.put("other.jpg", picture(hue=20))]
    photos = {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "post_info": {"title": "Snow", "description": "Much of it", "privacy_level": "SELF_ONLY"},
        "source_info": {"source": "PULL_FROM_URL", "photo_images": urls, "photo_cover_index": 1},
        "is_aigc": True,
    }
    for body in (photos, photos | {"post_mode": "MEDIA_UPLOAD"}):
        answer = await sandbox.tiktok(token, "post/publish/content/init", body)
        await sandbox.over(token, answer.json()["data"]["publish_id"])
    [draft] = await sandbox.items("drafts")
    await sandbox.control("POST", f"drafts/{draft['publishId']}/post")
    video, late, photo, posted_draft = await sandbox.items("posts")
    assert (video["params"]["post_info"]["is_aigc"], photo["params"]["is_aigc"]) == (True, True)
    assert photo["params"]["source_info"]["photo_cover_index"] == 1
    pages = [
        (await sandbox.http.get(post["url"].replace("https://", "/sandbox/"))).text
        for post in (video, late, photo, posted_draft)
    ]
    assert ["AI-generated" in page for page in pages] == [True, False, True, False]
    assert "The frame at 1.5 s" in pages[0]
    assert "The frame at 0 s" in pages[1], "TikTok takes the first one if there is none at that time"
    assert '<p class="title">Snow</p>' in pages[2]
    assert pages[2].index('alt="Item 2 of 2"') < pages[2].index('<span class="cover">Cover</span>')


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
    await sandbox.post_picture(await sandbox.graph_login("brand"))
    [post] = await sandbox.items("feed")
    poster = await sandbox.http.get(f"/sandbox/media/poster/{post['media'][0]['poster']}.jpg")
    assert poster.status_code == 200, poster.text
    with Image.open(io.BytesIO(poster.content)) as shown:
        assert (shown.format, max(shown.size)) == ("JPEG", 480)
