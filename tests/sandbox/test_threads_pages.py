"""Threads on the pages for people: a feed, a post by its permalink, and a reply as a comment of its post."""

import pytest
from tests.sandbox.running_sandbox import RunningSandbox, picture
from tests.sandbox.threads_client import Threads, login


def place_of(url: str) -> str:
    """Return where the sandbox shows the page of a permalink."""
    return "/sandbox/" + url.removeprefix("https://")


async def permalink(threads: Threads, media_id: str) -> str:
    """Read the permalink of a post or reply."""
    return str((await threads.read(media_id, "permalink"))["permalink"])


async def test_a_post_by_its_permalink(sandbox: RunningSandbox) -> None:
    """The page shows text, topic, who can reply, alt texts and options, at each address of the site."""
    threads = await login(sandbox)
    children = []
    for hue in (10, 90):
        url = sandbox.media.put(f"{hue}.jpg", picture(hue=hue))
        child = {"media_type": "IMAGE", "image_url": url, "is_carousel_item": "true", "alt_text": f"Hue {hue}"}
        children.append(await threads.container(**child))
    await sandbox.advance(1)
    media_id = await threads.post(
        media_type="CAROUSEL",
        children=",".join(children),
        text="Two of <them>",
        topic_tag="Colours",
        reply_control="followers_only",
        is_spoiler_media="true",
        allowlisted_country_codes="US,CA",
    )
    url = await permalink(threads, media_id)
    places = [place_of(url), place_of(url) + "/", place_of(url).replace("www.", "")]
    for place in [*places, place_of(url).replace("threads.com", "threads.net")]:
        page = await sandbox.http.get(place)
        assert page.status_code == 200
        for words in ("Two of &lt;them&gt;", "Colours", "Followers can reply", "Spoiler", "Hue 90", "US, CA", media_id):
            assert words in page.text, words
    wrong = place_of(url).replace("@brand", "@other")
    assert (await sandbox.http.get(wrong)).status_code == 404


@pytest.mark.parametrize("site", ["threads.com", "www.threads.com", "threads.net", "www.threads.net"])
async def test_the_feed_of_a_profile(sandbox: RunningSandbox, site: str) -> None:
    """The profile's address leads to the feed, where a text stands alone and the newest post is first."""
    threads = await login(sandbox)
    for text in ("Older words", "Newer words"):
        await threads.post(media_type="TEXT", text=text)
    there = await sandbox.http.get(f"/sandbox/{site}/@brand")
    assert (there.status_code, there.headers["location"]) == (302, "/sandbox/feed/threads/brand")
    feed = (await sandbox.http.get("/sandbox/feed/threads/brand")).text
    assert feed.index("Newer words") < feed.index("Older words")
    assert "<img loading" not in feed
    assert "PUBLIC_TO_EVERYONE" not in feed, "every post is public"
    assert 'class="media' not in feed, "no room for media that is not there"
    assert "brand" in (await sandbox.http.get("/sandbox/")).text


async def test_a_reply_is_on_the_page_of_its_post(sandbox: RunningSandbox) -> None:
    """The permalink of a reply shows the root post with the reply as a comment, and the reply alone after the root is deleted."""
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="Root words")
    reply = await threads.post(media_type="TEXT", text="Reply words", reply_to_id=root)
    url = await permalink(threads, reply)
    page = await sandbox.http.get(place_of(url))
    assert "Root words" in page.text
    assert "Reply words" in page.text
    assert url != await permalink(threads, root)
    assert (await sandbox.http.get("/sandbox/feed/threads/brand")).text.count("<article") == 1
    await threads.call("DELETE", root)
    alone = await sandbox.http.get(place_of(url))
    assert (alone.status_code, "Reply words" in alone.text, "Root words" in alone.text) == (200, True, False)
    await threads.call("DELETE", reply)
    assert (await sandbox.http.get(place_of(url))).status_code == 404


async def test_a_shortcode_of_instagram_is_none_of_threads(sandbox: RunningSandbox) -> None:
    """Permalinks of the two platforms do not lead to each other's posts."""
    token = await sandbox.graph_login("brand")
    await sandbox.post_picture(token)
    threads = await login(sandbox)
    url = await permalink(threads, await threads.post(media_type="TEXT", text="Words"))
    instagram, _ = await sandbox.items("posts")
    code = instagram["url"].rstrip("/").rpartition("/")[2]
    assert (await sandbox.http.get(f"/sandbox/www.threads.com/@brand/post/{code}")).status_code == 404
    assert (await sandbox.http.get(f"/sandbox/www.instagram.com/p/{url.rpartition('/')[2]}/")).status_code == 404
