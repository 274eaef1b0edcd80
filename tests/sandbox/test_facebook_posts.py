"""Posts of Facebook Pages: staged photos, feed posts, what reads say about them, comments, edits and deletion."""

import json
from html import escape
from urllib.parse import urlencode

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.facebook_pages import connect, error_of
from tests.sandbox.running_sandbox import JSON, RunningSandbox, picture


async def test_one_photo(sandbox: RunningSandbox) -> None:
    """A staged photo is nowhere to be seen until a post has it; the post has the Page's id in its own."""
    page = await connect(sandbox)
    photo = await page.photo(alt_text_custom="A white disc")
    assert await sandbox.items("posts") == []
    answer = await page.attach(photo, message="Hello")
    post_id = answer.json()["id"]
    assert answer.json() == {"id": post_id}
    assert post_id.startswith(f"{page.id}_")
    [post] = await sandbox.items("posts?platform=facebook&handle=luna")
    assert (post["kind"], post["externalId"], post["caption"]) == ("facebook_photo", post_id, "Hello")
    assert post["params"] == {"message": "Hello", "attached_media": [{"media_fbid": photo}]}
    [child] = post["children"]
    assert (child["id"], child["params"]["alt_text_custom"]) == (photo, "A white disc")
    assert [one["contentType"] for one in post["media"]] == ["image/jpeg"]
    found = await page.get(post_id, fields="permalink_url,message,created_time,is_published,from")
    assert found["permalink_url"] == post["url"] == f"https://www.facebook.com/{post_id.replace('_', '/posts/')}"
    assert (found["message"], found["is_published"], found["from"]["name"]) == ("Hello", True, "Luna")


@pytest.mark.parametrize("encoding", ["json", "json string", "indexed", "php"])
async def test_attached_media_in_every_encoding(sandbox: RunningSandbox, encoding: str) -> None:
    """Photos are attached in the order sent, as JSON, JSON in a form, indexed fields, or nested ones."""
    page = await connect(sandbox)
    photos = [await page.photo(f"{hue}.jpg", hue=hue) for hue in range(0, 120, 30)][::-1]
    media = [{"media_fbid": photo} for photo in photos]
    form = {
        "json string": {"attached_media": json.dumps(media)},
        "indexed": {f"attached_media[{place}]": json.dumps(item) for place, item in enumerate(media)},
        "php": {f"attached_media[{place}][media_fbid]": photo for place, photo in enumerate(photos)},
    }
    url = f"/sandbox/graph.facebook.com/v26.0/{page.id}/feed"
    headers = {"authorization": f"Bearer {page.token}"}
    if encoding == "json":
        answer = await sandbox.http.post(url, json={"attached_media": media}, headers=headers)
    else:
        answer = await sandbox.http.post(url, data=form[encoding], headers=headers)
    assert answer.status_code == 200, answer.text
    [post] = await sandbox.items("posts")
    assert post["params"] == {"attached_media": media}
    assert len({one["sha256"] for one in post["media"]}) == 4
    await sandbox.advance(3)
    fields = "attachments{media_type,subattachments{target,type}}"
    [album] = (await page.get(answer.json()["id"], fields=fields))["attachments"]["data"]
    assert album["media_type"] == "album"
    assert [one["target"]["id"] for one in album["subattachments"]["data"]] == photos


async def test_the_witness_of_a_lost_answer(sandbox: RunningSandbox) -> None:
    """page_story_id and published_posts name a post two seconds after it went live; its photos can't be posted again."""
    page = await connect(sandbox)
    photo = await page.photo()
    assert "page_story_id" not in await page.get(photo, fields="page_story_id")
    await sandbox.fault("facebook", "feed", "drop_after_effect")
    with pytest.raises(httpx2.TransportError):
        await page.attach(photo, message="Hello")
    assert await page.get(photo, fields="page_story_id") == {"id": photo}
    assert (await page.get(f"{page.id}/published_posts"))["data"] == []
    assert error_of(await page.attach(photo, message="Hello")) == (400, 100, 1366051)
    await sandbox.advance(2)
    [post] = await sandbox.items("posts")
    assert await page.get(photo, fields="page_story_id") == {"id": photo, "page_story_id": post["externalId"]}
    fields = "id,message,created_time,permalink_url,attachments{media_type,target}"
    [listed] = (await page.get(f"{page.id}/published_posts", fields=fields))["data"]
    assert (listed["id"], listed["permalink_url"]) == (post["externalId"], post["url"])
    assert listed["attachments"]["data"][0]["target"]["id"] == photo


async def test_a_post_can_stay_out_of_lists(sandbox: RunningSandbox) -> None:
    """How long lists lag is a setting of the Page; a stuck_processing fault keeps a post out until it is cleared."""
    page = await connect(sandbox)
    await sandbox.account("facebook", "luna", listDelaySeconds=300)
    late = await page.photo()
    await page.attach(late)
    await sandbox.advance(299)
    assert "page_story_id" not in await page.get(late, fields="page_story_id")
    await sandbox.advance(2)
    assert "page_story_id" in await page.get(late, fields="page_story_id")
    await sandbox.account("facebook", "luna", listDelaySeconds=0)
    await sandbox.fault("facebook", "feed", "stuck_processing")
    stuck = await page.photo()
    post_id = (await page.attach(stuck)).json()["id"]
    await sandbox.advance(86_400)
    assert "page_story_id" not in await page.get(stuck, fields="page_story_id")
    assert len((await page.get(f"{page.id}/published_posts"))["data"]) == 1
    assert (await page.get(post_id))["id"] == post_id
    await sandbox.control("DELETE", "faults")
    assert len((await page.get(f"{page.id}/published_posts"))["data"]) == 2


async def test_a_post_can_be_taken_down(sandbox: RunningSandbox) -> None:
    """A media_error on feed answers with an id, and the post is gone."""
    page = await connect(sandbox)
    await sandbox.fault("facebook", "feed", "media_error")
    answer = await page.attach(await page.photo())
    assert answer.status_code == 200
    assert error_of(await page.call("GET", answer.json()["id"])) == (400, 100, 33)
    assert await sandbox.items("posts") == []


async def test_code_2_after_the_effect(sandbox: RunningSandbox) -> None:
    """HTTP 500 with code 2 can hide a live post."""
    page = await connect(sandbox)
    await sandbox.fault("facebook", "photos", "http_500", value={"afterEffect": True})
    url = sandbox.media.put("a.jpg", picture())
    answer = await page.call("POST", f"{page.id}/photos", url=url, message="Hello")
    assert error_of(answer) == (500, 2, None)
    assert len(await sandbox.items("posts")) == 1


async def test_unpublished_photos_live_a_day(sandbox: RunningSandbox) -> None:
    """After 24 hours a staged photo that no post has is gone; one that a post has stays."""
    page = await connect(sandbox)
    used, unused = await page.photo(), await page.photo()
    await page.attach(used)
    await sandbox.advance(86_390)
    assert (await page.get(unused))["id"] == unused
    await sandbox.advance(20)
    assert error_of(await page.attach(unused)) == (400, 100, None)
    assert error_of(await page.call("GET", unused)) == (400, 100, 33)
    assert "page_story_id" in await page.get(used, fields="page_story_id")


async def test_photos_that_cannot_be_attached(sandbox: RunningSandbox) -> None:
    """Photos of another Page, unknown ones, videos, the same one twice, eleven of them, and malformed lists are refused."""
    page, other = await connect(sandbox), await connect(sandbox, "nova")
    mine, foreign = await page.photo(), await other.photo()
    video, _ = await page.reel()
    for photos in ([foreign], ["123"], [mine, mine], [mine, foreign], [video], [mine] * 11):
        assert error_of(await page.attach(*photos))[:2] == (400, 100)
    for media in ("nonsense", [mine], [{"id": mine}], {"media_fbid": mine}):
        answer = await page.call("POST", f"{page.id}/feed", attached_media=media)
        assert error_of(answer)[:2] == (400, 100)
    assert (await page.attach(mine)).status_code == 200
    assert error_of(await page.attach(mine, await page.photo())) == (400, 100, 1366051)


async def test_unsuitable_pictures(sandbox: RunningSandbox) -> None:
    """What is not there or no picture is 324, what is too large or of another format 1366046."""
    rows: list[tuple[str, bytes | None, tuple[int, int, int]]] = [
        ("none", None, (400, 324, 2069019)),
        ("page.html", b"<html>", (400, 324, 2069019)),
        ("big.bmp", picture(1300, 1300, "BMP"), (400, 100, 1366046)),
        ("a.ico", picture(64, 64, "ICO"), (400, 100, 1366046)),
    ]
    with every_row() as row:
        for name, data, expected in rows:
            with row(name, data, expected):
                await sandbox.reset()
                page = await connect(sandbox)
                url = f"{sandbox.media.address}/{name}" if data is None else sandbox.media.put(name, data)
                assert error_of(await page.call("POST", f"{page.id}/photos", url=url, published=False)) == expected


async def test_pictures_of_every_format(sandbox: RunningSandbox) -> None:
    """JPEG, PNG, GIF and WebP are accepted, by URL or as a file of the form, which Facebook's crawler fetches."""
    page = await connect(sandbox)
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        url = sandbox.media.put(kind, picture(400, 300, kind))
        answer = await page.call("POST", f"{page.id}/photos", url=url, published="false")
        assert answer.status_code == 200, kind
    assert sandbox.media.agents[-1].startswith("facebookexternalhit/1.1")
    place = f"/sandbox/graph.facebook.com/{page.id}/photos?access_token={page.token}&published=false"
    sent = await sandbox.http.post(place, files={"source": ("a.jpg", picture())})
    assert sent.status_code == 200, sent.text
    assert (await page.attach(sent.json()["id"])).status_code == 200
    neither = await page.call("POST", f"{page.id}/photos", published=False)
    assert error_of(neither)[1] == 324
    assert list(sandbox.state_file.with_name(sandbox.state_file.name + ".media").glob("form-*")) == []


async def test_a_photo_in_one_call(sandbox: RunningSandbox) -> None:
    """Without published=false a photo is live at once, and both ids come back."""
    page = await connect(sandbox)
    url = sandbox.media.put("a.jpg", picture())
    made = (await page.call("POST", f"{page.id}/photos", url=url, message="Hello", alt_text_custom="Disc")).json()
    assert set(made) == {"id", "post_id"}
    [post] = await sandbox.items("posts")
    assert (post["externalId"], post["caption"], post["kind"]) == (made["post_id"], "Hello", "facebook_photo")
    assert error_of(await page.attach(made["id"])) == (400, 100, 1366051)
    assert (await page.get(made["id"], fields="alt_text"))["alt_text"] == "Disc"


async def test_texts_and_links(sandbox: RunningSandbox) -> None:
    """A text or a link alone is a post; an empty one, one that is too long, and the same text again at once are refused."""
    page = await connect(sandbox)
    feed = f"{page.id}/feed"
    assert error_of(await page.call("POST", feed, message=" ")) == (400, 100, 1349125)
    assert error_of(await page.call("POST", feed, message="x" * 63_207)) == (400, 100, None)
    assert (await page.call("POST", feed, message="x" * 63_206)).status_code == 200
    assert (await page.call("POST", feed, link="https://example.com")).status_code == 200
    assert (await page.call("POST", feed, message="Same")).status_code == 200
    assert error_of(await page.call("POST", feed, message="Same")) == (400, 506, None)
    assert (await page.attach(await page.photo(), message="Same")).status_code == 200
    await sandbox.advance(3600)
    assert (await page.call("POST", feed, message="Same")).status_code == 200
    both = await page.call("POST", feed, link="https://x.example", attached_media=[{"media_fbid": await page.photo()}])
    assert error_of(both)[1] == 100
    later = await page.call("POST", feed, message="Later", scheduled_publish_time=1)
    assert error_of(later)[1] == 100
    kinds = [post["kind"] for post in await sandbox.items("posts")]
    assert kinds == ["text", "link", "text", "facebook_photo", "text"]


async def test_links(sandbox: RunningSandbox) -> None:
    """A link is a card on the page and an attachment in reads; no URL, and one of facebook.com, is refused by its subcode.

    The same text with another link is another post.
    """
    page = await connect(sandbox)
    feed, link = f"{page.id}/feed", "https://bakery.example/menu?a=b&c"
    post_id = (await page.call("POST", feed, message="Spring menu", link=link)).json()["id"]
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["media"], post["caption"]) == ("link", [], "Spring menu")
    assert post["params"] == {"message": "Spring menu", "link": link}
    [attachment] = (await page.get(post_id, fields="attachments"))["attachments"]["data"]
    assert attachment["type"] == "share"
    fields = "attachments{media_type,unshimmed_url}"
    [attachment] = (await page.get(post_id, fields=fields))["attachments"]["data"]
    assert attachment == {"media_type": "link", "unshimmed_url": link}
    for place in ("/sandbox/feed/facebook/luna", "/sandbox/" + post["url"].removeprefix("https://")):
        shown = (await sandbox.http.get(place)).text
        assert f'<div class="link"><div><small>{escape(link)}</small>' in shown
    assert error_of(await page.call("POST", feed, message="Spring menu", link=link)) == (400, 506, None)
    for other, subcode in (
        ("https://bakery.example/other", None),
        ("", None),
        ("bakery.example", 2061006),
        ("ftp://bakery.example", 2061006),
        ("https://bakery.example/a b", 2061006),
        ("https://[", 2061006),
        ("https://www.facebook.com/bakery", 1609008),
        ("HTTPS://FACEBOOK.COM", 1609008),
        ("https://notfacebook.com", None),
    ):
        answer = await page.call("POST", feed, message="Spring menu", link=other)
        if subcode is None:
            assert answer.status_code == 200, other
        else:
            assert error_of(answer) == (400, 100, subcode), other


async def test_a_text_in_two_steps(sandbox: RunningSandbox) -> None:
    """An unpublished text has an id and stands nowhere; is_published makes it live once, and a repeat changes nothing."""
    page = await connect(sandbox)
    draft: JSON = {"message": "Spring menu", "link": "https://bakery.example/menu", "published": False}
    post_id = (await page.call("POST", f"{page.id}/feed", **draft)).json()["id"]
    fields = "id,message,is_published,created_time,permalink_url"
    found = await page.get(post_id, fields=fields)
    assert (found["message"], found["is_published"]) == ("Spring menu", False)
    lists = ("published_posts", "feed", "posts")
    await sandbox.advance(10)
    assert await sandbox.items("posts") == []
    assert [(await page.get(f"{page.id}/{name}"))["data"] for name in lists] == [[], [], []]
    assert "Spring menu" not in (await sandbox.http.get("/sandbox/feed/facebook/luna")).text
    assert error_of(await page.call("POST", f"{post_id}/comments", message="Early")) == (400, 100, 33)
    other = await connect(sandbox, "nova")
    assert error_of(await other.call("POST", post_id, is_published=True)) == (400, 100, 33)
    for wrong in (False, "", "soon"):
        assert error_of(await page.call("POST", post_id, is_published=wrong)) == (400, 100, None)
    assert (await page.call("POST", post_id, message="Summer menu")).json() == {"success": True}
    for _ in range(3):
        assert (await page.call("POST", post_id, is_published=True)).json() == {"success": True}
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["externalId"], post["caption"]) == ("link", post_id, "Summer menu")
    live = await page.get(post_id, fields=fields)
    assert (live["is_published"], live["permalink_url"]) == (True, post["url"])
    assert live["created_time"] > found["created_time"]
    assert error_of(await page.call("POST", post_id, is_published=False)) == (400, 100, None)
    await sandbox.advance(2)
    assert [(await page.get(f"{page.id}/{name}", fields="id"))["data"] for name in lists] == [[{"id": post_id}]] * 3
    calls = [call["operation"] for call in await sandbox.calls(platform="facebook") if call["path"].endswith(post_id)]
    assert [calls.count(name) for name in ("publish_post", "post_update")] == [8, 1]


async def test_an_unpublished_text_and_its_double(sandbox: RunningSandbox) -> None:
    """Two drafts may have one text; the second that goes live too soon is 506, and a text can't be edited away."""
    page = await connect(sandbox)
    feed = f"{page.id}/feed"
    drafts = [(await page.call("POST", feed, message="Twice", published=False)).json()["id"] for _ in range(2)]
    assert (await page.call("POST", drafts[0], is_published=True)).status_code == 200
    assert error_of(await page.call("POST", drafts[1], is_published=True)) == (400, 506, None)
    assert error_of(await page.call("POST", feed, message="Twice")) == (400, 506, None)
    assert (await page.call("POST", drafts[0], is_published=True)).status_code == 200, "a repeat is no double"
    assert error_of(await page.call("POST", drafts[1], message=" ")) == (400, 100, 1349125)
    assert (await page.call("POST", drafts[1], is_published=True, message="Once more")).status_code == 200
    assert [post["caption"] for post in await sandbox.items("posts")] == ["Twice", "Once more"]


async def test_an_unpublished_text_lives_30_days(sandbox: RunningSandbox) -> None:
    """Then it can't be read or published any more; a published one stays."""
    page = await connect(sandbox)
    kept, lost = [
        (await page.call("POST", f"{page.id}/feed", message=text, published=False)).json()["id"]
        for text in ("Kept", "Lost")
    ]
    await page.call("POST", kept, is_published=True)
    await sandbox.advance(30 * 86_400 - 1)
    assert (await page.get(lost, fields="is_published"))["is_published"] is False
    await sandbox.advance(1)
    for method in ("GET", "POST", "DELETE"):
        assert error_of(await page.call(method, lost, is_published=True)) == (400, 100, 33)
    assert (await page.get(kept, fields="is_published"))["is_published"] is True


async def test_a_lost_answer_of_a_text_in_two_steps(sandbox: RunningSandbox) -> None:
    """is_published shows whether the lost call went through, before, after or later; a repeat makes no second post."""
    page = await connect(sandbox)
    for fault, value, is_live in (
        ("drop_before_effect", {}, False),
        ("drop_after_effect", {}, True),
        ("late_effect", {"ms": 500}, False),
    ):
        post_id = (await page.call("POST", f"{page.id}/feed", message=fault, published=False)).json()["id"]
        await sandbox.fault("facebook", "publish_post", fault, value=value)
        with pytest.raises(httpx2.TransportError):
            await page.call("POST", post_id, is_published=True)
        assert (await page.get(post_id, fields="is_published"))["is_published"] is is_live
        await sandbox.advance(1)
        expected = is_live or fault == "late_effect"
        assert (await page.get(post_id, fields="is_published"))["is_published"] is expected
        assert (await page.call("POST", post_id, is_published=True)).status_code == 200
    assert [post["caption"] for post in await sandbox.items("posts")] == [
        "drop_before_effect",
        "drop_after_effect",
        "late_effect",
    ]
    await sandbox.fault("facebook", "publish_post", "media_error")
    gone = (await page.call("POST", f"{page.id}/feed", message="Gone", published=False)).json()["id"]
    assert (await page.call("POST", gone, is_published=True)).status_code == 200
    assert error_of(await page.call("GET", gone)) == (400, 100, 33), "Facebook took it down at once"


async def test_an_unpublished_post(sandbox: RunningSandbox) -> None:
    """With published=false a post has an id and uses up its photos, but is not live; it can be deleted."""
    page = await connect(sandbox)
    photo = await page.photo()
    post_id = (await page.attach(photo, message="Draft", published=False)).json()["id"]
    found = await page.get(post_id, fields="is_published,message")
    assert (found["is_published"], found["message"]) == (False, "Draft")
    assert await sandbox.items("posts") == []
    await sandbox.advance(10)
    assert "page_story_id" not in await page.get(photo, fields="page_story_id")
    assert error_of(await page.attach(photo)) == (400, 100, 1366051)
    assert (await page.call("DELETE", post_id)).json() == {"success": True}
    assert error_of(await page.call("GET", post_id)) == (400, 100, 33)


async def test_lists_of_posts(sandbox: RunningSandbox) -> None:
    """published_posts is newest first, paged with cursors, and takes since and until, as numbers or ISO 8601."""
    page = await connect(sandbox)
    ids: list[str] = []
    for _ in range(5):
        ids.append(await page.post())
        await sandbox.advance(100)
    for path in ("published_posts", "posts", "feed"):
        assert [one["id"] for one in (await page.get(f"{page.id}/{path}"))["data"]] == ids[::-1]
    answer, found = await page.get(f"{page.id}/published_posts", limit=2, fields="id"), []
    while True:
        found += [one["id"] for one in answer["data"]]
        following = answer.get("paging", {}).get("next")
        if following is None:
            break
        next_page = await sandbox.http.get(following, headers={"authorization": f"Bearer {page.token}"})
        answer = next_page.json()
    assert found == ids[::-1]
    third = await page.get(ids[2], fields="created_time")
    since = third["created_time"].replace("+0000", "+00:00")
    recent = await page.get(f"{page.id}/published_posts", since=since)
    assert [one["id"] for one in recent["data"]] == ids[:1:-1]
    assert (await page.get(f"{page.id}/published_posts", until=1_000))["data"] == []
    assert error_of(await page.call("GET", f"{page.id}/published_posts", since="soon"))[1] == 100
    unknown = await page.call("GET", f"{page.id}/published_posts", fields="nonsense")
    assert error_of(unknown)[1] == 100


async def test_comments(sandbox: RunningSandbox) -> None:
    """A comment goes on a post's id, and is found in the list in either order; an empty one is refused."""
    page = await connect(sandbox)
    post = await page.post()
    made = [(await page.call("POST", f"{post}/comments", message=text)).json()["id"] for text in ("First", "Second")]
    assert made[0].startswith(post.partition("_")[2] + "_")
    listed = await page.get(f"{post}/comments", fields="id,message,from", filter="stream")
    assert [(one["id"], one["message"]) for one in listed["data"]] == [(made[0], "First"), (made[1], "Second")]
    assert listed["data"][0]["from"] == {"id": page.id, "name": "Luna"}
    newest = await page.get(f"{post}/comments", order="reverse_chronological", limit=1)
    assert newest["data"][0]["message"] == "Second"
    following = await sandbox.http.get(newest["paging"]["next"], headers={"authorization": f"Bearer {page.token}"})
    assert [one["message"] for one in following.json()["data"]] == ["First"]
    assert error_of(await page.call("POST", f"{post}/comments", message=" "))[1] == 100
    assert error_of(await page.call("POST", f"{page.id}_1/comments", message="No")) == (400, 100, 33)
    assert (await sandbox.items("posts"))[0]["comments"] == ["First", "Second"]


async def test_comments_need_their_permissions(sandbox: RunningSandbox) -> None:
    """Writing needs pages_manage_engagement, reading pages_read_user_content."""
    page = await connect(sandbox, scope="pages_show_list,pages_read_engagement,pages_manage_posts")
    post = await page.post()
    assert error_of(await page.call("POST", f"{post}/comments", message="No")) == (403, 200, None)
    assert error_of(await page.call("GET", f"{post}/comments")) == (403, 10, None)


async def test_editing_and_deleting(sandbox: RunningSandbox) -> None:
    """A post's text can be changed by the app that made it; a deleted post is gone, its photo stays used."""
    page = await connect(sandbox)
    photo = await page.photo()
    post = (await page.attach(photo, message="Helo")).json()["id"]
    assert (await page.call("POST", post, message="Hello")).json() == {"success": True}
    [shown] = await sandbox.items("posts")
    assert (shown["caption"], shown["editedAt"], shown["deletedAt"]) == ("Hello", shown["createdAt"], None)
    assert error_of(await page.call("POST", post))[1] == 100
    other = await connect(sandbox, "nova")
    for method in ("POST", "DELETE"):
        assert error_of(await other.call(method, post, message="No")) == (400, 100, 33)
    assert (await page.call("DELETE", post)).json() == {"success": True}
    assert await sandbox.items("posts") == []
    for method in ("GET", "POST", "DELETE"):
        assert error_of(await page.call(method, post, message="No")) == (400, 100, 33)
    [deleted] = await sandbox.items("posts?deleted=true")
    assert (deleted["externalId"], deleted["caption"], deleted["deletedAt"]) == (post, "Hello", shown["createdAt"])
    assert error_of(await page.attach(photo)) == (400, 100, 1366051)
    staged = await page.photo()
    assert (await page.call("DELETE", staged)).json() == {"success": True}
    assert error_of(await page.attach(staged)) == (400, 100, None)


async def test_only_the_app_that_made_a_post_edits_it(sandbox: RunningSandbox) -> None:
    """The token of another app may read a post and delete it, but not change it."""
    page = await connect(sandbox)
    post = await page.post(message="Mine")
    other = await connect(sandbox, app="2")
    assert error_of(await other.call("POST", post, message="Theirs")) == (403, 200, None)
    assert (await other.call("GET", post)).status_code == 200
    assert (await other.call("DELETE", post)).json() == {"success": True}


async def test_pages_for_people(sandbox: RunningSandbox) -> None:
    """A post's permalink is its page, with alternative texts; its id and the Page's address lead to the right place."""
    page = await connect(sandbox)
    photos = [await page.photo(hue=hue, name=f"{hue}.jpg", alt_text_custom=f"Disc {hue}") for hue in (10, 200)]
    post_id = (await page.attach(*photos, message="Two discs")).json()["id"]
    [post] = await sandbox.items("posts")
    place = "/sandbox/" + post["url"].removeprefix("https://")
    shown = await sandbox.http.get(place)
    assert shown.status_code == 200
    for text in ("Two discs", "Disc 10", "Disc 200", "Photo", post_id, "luna"):
        assert text in shown.text
    by_id = await sandbox.http.get(f"/sandbox/www.facebook.com/{post_id}")
    assert by_id.headers["location"] == place
    for name in (page.id, "luna"):
        to_feed = await sandbox.http.get(f"/sandbox/www.facebook.com/{name}")
        assert to_feed.headers["location"] == "/sandbox/feed/facebook/luna"
    feed = (await sandbox.http.get("/sandbox/feed/facebook/luna")).text
    assert "Two discs" in feed
    assert "Facebook" in feed
    assert (await sandbox.http.get(f"{place}9")).status_code == 404
    index = (await sandbox.http.get("/sandbox/")).text
    assert "/sandbox/feed/facebook/luna" in index


async def test_options_are_shown(sandbox: RunningSandbox) -> None:
    """Who sees a post, and where it is, are on its card."""
    page = await connect(sandbox)
    targeting = {"geo_locations": {"countries": ["DE", "AT"]}}
    await page.post(message="Hello", targeting=targeting, place="1234")
    [post] = await sandbox.items("posts")
    assert post["params"]["targeting"] == targeting
    shown = (await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))).text
    assert "DE, AT" in shown
    assert "1234" in shown


async def test_what_graph_bars_for_new_apps_is_refused(sandbox: RunningSandbox) -> None:
    """Multi-ID reads, field aliases, date_format, method override, JSONP and asynchronous batches, in every version."""
    page = await connect(sandbox)
    for version in ("", "v21.0/", "v27.0/"):
        root = f"/sandbox/graph.facebook.com/{version}"
        for path, more in (
            ("", {"ids": f"{page.id},{page.id}"}),
            (page.id, {"fields": "name.as(title)"}),
            (page.id, {"date_format": "U"}),
            (page.id, {"method": "delete"}),
            (page.id, {"callback": "show"}),
            ("", {"is_async": "true", "batch": "[]"}),
        ):
            answer = await sandbox.http.get(f"{root}{path}", params={"access_token": page.token, **more})
            assert error_of(answer)[1] == 100, (path, more, answer.text)
            assert "may not use it in any version" in answer.text
        query = {"access_token": page.token}
        override = {"X-HTTP-Method-Override": "DELETE"}
        assert error_of(await sandbox.http.post(f"{root}{page.id}", params=query, headers=override))[1] == 100
        assert (await sandbox.http.get(f"{root}{page.id}", params=query)).status_code == 200


async def test_paths_and_versions(sandbox: RunningSandbox) -> None:
    """A version is optional but must exist; unknown edges are 2500; `me` is the Page with its own token."""
    page = await connect(sandbox)
    query = urlencode({"access_token": page.token})
    for base in ("graph.facebook.com", "graph.facebook.com//v26.0/", "graph-video.facebook.com"):
        answer = await sandbox.http.post(f"/sandbox/{base}/me/feed?{query}", data={"message": base})
        assert answer.status_code == 200, answer.text
    old = await sandbox.http.get(f"/sandbox/graph.facebook.com/v5.0/{page.id}?{query}")
    assert error_of(old)[1] == 2500
    assert error_of(await page.call("POST", f"{page.id}/nonsense"))[1] == 2500
    assert error_of(await page.call("GET", "me/photos"))[1] == 2500
