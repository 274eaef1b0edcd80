"""Threads: from a container to a live post, its reply, its list and its deletion, with the calls of the documentation."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
from tests.sandbox.running_sandbox import JSON, RunningSandbox, Sandboxes, picture
from tests.sandbox.threads_client import GRAPH, SCOPES, Threads, login, refusal

DAY = 86_400
NOT_FOUND = (24, 4279009)
FIELDS = "id,permalink,shortcode,media_type,media_product_type,text,timestamp,username"


async def test_text_from_login_to_permalink(sandbox: RunningSandbox) -> None:
    """A text is published from the login to a permalink; the post has another id than its container."""
    threads = await login(sandbox)
    container = await threads.container(media_type="TEXT", text="Hello #world")
    assert await threads.status(container) == {"status": "FINISHED", "id": container}
    media_id = (await threads.publish(container)).json()["id"]
    assert await threads.status(container) == {"status": "PUBLISHED", "id": container}
    assert media_id != container
    read = await threads.read(media_id, f"{FIELDS},topic_tag,is_reply")
    assert read["permalink"] == f"https://www.threads.com/@brand/post/{read['shortcode']}"
    assert (read["id"], read["media_type"], read["media_product_type"]) == (media_id, "TEXT_POST", "THREADS")
    assert (read["text"], read["username"], read["timestamp"][-5:]) == ("Hello #world", "brand", "+0000")
    assert (read["topic_tag"], read["is_reply"]) == ("world", False)
    [post] = await sandbox.items("posts?platform=threads&handle=brand")
    assert (post["kind"], post["externalId"], post["url"]) == ("text", media_id, read["permalink"])
    assert post["params"] == {"media_type": "TEXT", "text": "Hello #world"}
    assert (post["caption"], post["media"], post["comments"], post["children"]) == ("Hello #world", [], [], [])


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_picture(sandbox: RunningSandbox, kind: str) -> None:
    """JPEG and PNG are fetched by Meta's crawler and published."""
    threads = await login(sandbox)
    data = picture(kind=kind)
    url = sandbox.media.put("picture", data)
    media_id = await threads.post(media_type="IMAGE", image_url=url, text="Look", alt_text="A circle")
    read = await threads.read(media_id, "media_type,media_url,alt_text,thumbnail_url,children")
    assert (read["media_type"], read["alt_text"]) == ("IMAGE", "A circle")
    assert not {"thumbnail_url", "children"} & set(read)
    assert (await sandbox.http.get(read["media_url"])).status_code == 200
    assert sandbox.media.agents[-1].startswith("facebookexternalhit/1.1")
    [post] = await sandbox.items("posts")
    assert [one["sha256"] for one in post["media"]] == [hashlib.sha256(data).hexdigest()]


async def test_video(sandbox: RunningSandbox, reel: bytes) -> None:
    """A video is finished at the second status call at the earliest."""
    threads = await login(sandbox)
    container = await threads.container(media_type="VIDEO", video_url=sandbox.media.put("c.mp4", reel), text="Move")
    seen = await threads.finished(container)
    assert (seen[0], seen[-1]) == ("IN_PROGRESS", "FINISHED")
    media_id = (await threads.publish(container)).json()["id"]
    read = await threads.read(media_id, "media_type,media_url,thumbnail_url")
    assert read["media_type"] == "VIDEO"
    assert (await sandbox.http.get(read["media_url"])).content == reel
    assert (await sandbox.http.get(read["thumbnail_url"])).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("form", ["comma", "text"])
async def test_carousel(sandbox: RunningSandbox, reel: bytes, form: str) -> None:
    """Pictures and a video become one post, once all of them are finished; a child can't be published by itself."""
    threads = await login(sandbox)
    children = []
    for hue in (10, 90):
        url = sandbox.media.put(f"{hue}.jpg", picture(hue=hue))
        child = {"media_type": "IMAGE", "image_url": url, "is_carousel_item": "true", "alt_text": f"Hue {hue}"}
        children.append(await threads.container(**child))
    clip_url = sandbox.media.put("c.mp4", reel)
    video = await threads.container(media_type="VIDEO", video_url=clip_url, is_carousel_item="true")
    children.append(video)
    value = {"comma": ",".join(children), "text": json.dumps(children)}[form]
    assert (await threads.finished(children[0]))[-1] == "FINISHED"
    early = await threads.create(media_type="CAROUSEL", children=value)
    assert refusal(early) == (100, 4279004)
    assert early.json()["error"]["error_user_title"] == "Invalid Carousel Children"
    assert early.json()["error"]["error_user_msg"].startswith(f"The children with IDs {children[1]}, {video} are")
    for child_id in children[1:]:
        assert (await threads.finished(child_id))[-1] == "FINISHED"
    parent = await threads.container(media_type="CAROUSEL", children=value, text="Three")
    assert refusal(await threads.publish(parent)) == NOT_FOUND
    assert await threads.finished(parent) == ["FINISHED"]
    assert refusal(await threads.publish(children[0])) == (100, None)
    media_id = (await threads.publish(parent)).json()["id"]
    read = await threads.read(media_id, "media_type,children{id,media_type,media_url,alt_text}")
    assert read["media_type"] == "CAROUSEL_ALBUM"
    assert [(one["media_type"], one.get("alt_text")) for one in read["children"]["data"]] == [
        ("IMAGE", "Hue 10"),
        ("IMAGE", "Hue 90"),
        ("VIDEO", None),
    ]
    [post] = await sandbox.items("posts")
    assert (len(post["media"]), post["caption"], post["params"]["children"]) == (3, "Three", children)
    assert [one["params"].get("alt_text") for one in post["children"]] == ["Hue 10", "Hue 90", None]
    assert (await threads.read_limit("quota_usage")).json() == {"data": [{"quota_usage": 1}]}, "a carousel counts once"
    again = await threads.create(media_type="CAROUSEL", children=value)
    assert refusal(again) == (100, 4279004), "children are of one post"


async def test_early_repeated_late_and_foreign_publishing(sandbox: RunningSandbox) -> None:
    """24/4279009 before a status call or a second, for a repetition, after 24 hours and for another's container."""
    threads = await login(sandbox)
    container = await threads.container(media_type="TEXT", text="Once")
    early = await threads.publish(container)
    error = early.json()["error"]
    assert (refusal(early), early.status_code) == (NOT_FOUND, 400)
    assert (error["message"], error["type"]) == ("The requested resource does not exist", "OAuthException")
    assert (error["error_user_title"], error["is_transient"]) == ("Media Not Found", False)
    assert error["error_user_msg"] == f"The media with id {container} cannot be found."
    other = await login(sandbox, "other")
    await sandbox.advance(1)
    assert refusal(await other.publish(container)) == NOT_FOUND
    assert (await threads.publish(container)).status_code == 200, "a second is enough without a status call"
    assert refusal(await threads.publish(container)) == NOT_FOUND
    late = await threads.container(media_type="TEXT", text="Late")
    assert await threads.finished(late) == ["FINISHED"]
    await sandbox.advance(DAY)
    assert (await threads.status(late))["status"] == "EXPIRED"
    for wrong in (late, "17889", "x", "9" * 30):
        assert refusal(await threads.publish(wrong)) == NOT_FOUND
    assert refusal(await threads.call("POST", "me/threads_publish")) == (100, None)
    assert len(await sandbox.items("posts")) == 1


async def test_parameters_in_query_form_and_json(sandbox: RunningSandbox) -> None:
    """All three work, with the token as a parameter or in the header, and paths with the user's id as well as me."""
    threads = await login(sandbox)
    user_id = (await threads.read("me", "id"))["id"]
    params = {"media_type": "TEXT", "text": "Same", "access_token": threads.token}
    url = f"{GRAPH}/v1.0/{user_id}/threads"
    calls = (
        await sandbox.http.post(url, params=params),
        await sandbox.http.post(url, data=params),
        await sandbox.http.post(url, json=params),
        await sandbox.http.post(url, files={name: (None, value) for name, value in params.items()}),
    )
    assert [call.status_code for call in calls] == [200] * 4
    assert len({call.json()["id"] for call in calls}) == 4
    missing = await threads.call("POST", "27854000000000001/threads", {"media_type": "TEXT", "text": "x"})
    assert refusal(missing) == (100, 33)


async def test_a_reply_is_a_comment_of_its_post(sandbox: RunningSandbox) -> None:
    """A reply, and a reply to it, are comments of the root post, and media with permalinks of their own."""
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="Root")
    first = await threads.post(media_type="TEXT", text="First", reply_to_id=root)
    url = sandbox.media.put("p.jpg", picture())
    second = await threads.post(media_type="IMAGE", image_url=url, text="Second", reply_to_id=first)
    [post] = await sandbox.items("posts")
    assert (post["externalId"], post["comments"]) == (root, ["First", "Second"])
    fields = "id,text,username,timestamp,permalink,is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status"
    [read] = (await threads.read(f"{root}/replies", fields))["data"]
    assert (read["id"], read["text"], read["is_reply_owned_by_me"]) == (first, "First", True)
    assert (read["root_post"], read["replied_to"]) == ({"id": root}, {"id": root})
    nested = await threads.read(second, f"{fields},media_type")
    assert (nested["media_type"], nested["root_post"], nested["replied_to"]) == ("IMAGE", {"id": root}, {"id": first})
    assert (await threads.read(root, "has_replies"))["has_replies"] is True
    whole = (await threads.read(f"{root}/conversation", "text"))["data"]
    assert [one["text"] for one in whole] == ["Second", "First"]
    mine = (await threads.read("me/replies", "text", reverse="false"))["data"]
    assert [one["text"] for one in mine] == ["First", "Second"]
    assert [one["id"] for one in (await threads.read("me/threads", "id"))["data"]] == [root], "replies are no posts"


async def test_replies_of_others(sandbox: RunningSandbox) -> None:
    """Who may find posts of others may reply to them; the owner of the post sees that the reply is not its own.

    The owner may reply to the reply, and its author may go on below it.
    """
    threads, guest = await login(sandbox), await login(sandbox, "guest")
    root = await threads.post(media_type="TEXT", text="Root")
    assert refusal(await guest.create(media_type="TEXT", text="Nice", reply_to_id=root)) == (10, None)
    finder = await login(sandbox, "guest", f"{SCOPES},threads_manage_mentions")
    nice = await finder.post(media_type="TEXT", text="Nice", reply_to_id=root)
    for owner in (threads, guest):
        assert (await owner.create(media_type="TEXT", text="More", reply_to_id=nice)).status_code == 200
    [entry] = await sandbox.items("posts?replies=true")
    assert (entry["externalId"], entry["comments"]) == (root, ["Nice"]), "only what the author replied is part of it"
    [reply] = (await threads.read(f"{root}/replies", "username,is_reply_owned_by_me"))["data"]
    assert (reply["username"], reply["is_reply_owned_by_me"]) == ("guest", False)
    assert refusal(await guest.call("GET", f"{root}/replies")) == (100, 33), "replies to one's own posts only"


async def test_replies_to_nothing(sandbox: RunningSandbox) -> None:
    """An unknown id, the id of the root's container, and a post that is too new for its account's setting are refused."""
    threads = await login(sandbox)
    assert refusal(await threads.create(media_type="TEXT", text="x", reply_to_id="18090000000000001")) == NOT_FOUND
    assert refusal(await threads.create(media_type="TEXT", text="x", reply_to_id="x")) == (100, None)
    container = await threads.container(media_type="TEXT", text="Root")
    assert await threads.finished(container) == ["FINISHED"]
    root = (await threads.publish(container)).json()["id"]
    assert refusal(await threads.create(media_type="TEXT", text="x", reply_to_id=container)) == NOT_FOUND
    await sandbox.account("threads", "brand", replyDelaySeconds=10)
    assert (await threads.create(media_type="TEXT", text="x", reply_to_id=root)).status_code == 400
    await sandbox.advance(9)
    assert refusal(await threads.create(media_type="TEXT", text="x", reply_to_id=root)) == NOT_FOUND
    await sandbox.advance(1)
    assert (await threads.create(media_type="TEXT", text="x", reply_to_id=root)).status_code == 200


async def test_a_thread_of_parts(sandbox: RunningSandbox) -> None:
    """Each part replies to the one before; the control surface lists them as posts of their own if it is asked to.

    Only the first part counts as a post, and after a lost answer the conversation names the part by its parent and its text.
    """
    threads = await login(sandbox)
    image = {"media_type": "IMAGE", "image_url": sandbox.media.put("p.jpg", picture())}
    items = [await threads.container(**image, is_carousel_item="true") for _ in range(2)]
    await sandbox.advance(1)
    parts: list[tuple[JSON, str]] = [
        ({"media_type": "TEXT", "text": "1/4 Spring"}, "text"),
        ({**image, "text": "2/4 Rye"}, "threads_post"),
        ({"media_type": "CAROUSEL", "children": ",".join(items), "text": "3/4 Two"}, "threads_post"),
        ({"media_type": "TEXT", "text": "4/4 https://bakery.example"}, "link"),
    ]
    made: list[str] = []
    for params, _ in parts:
        made.append(await threads.post(**params, **({"reply_to_id": made[-1]} if made else {})))
    entries = await sandbox.items("posts?platform=threads&handle=brand&replies=true")
    assert [entry["externalId"] for entry in entries] == made
    assert [entry.get("replyTo") for entry in entries] == [None, *made[:-1]]
    assert [(entry["caption"], entry["kind"]) for entry in entries] == [
        (params["text"], kind) for params, kind in parts
    ]
    assert [len(entry["media"]) for entry in entries] == [0, 1, 2, 0]
    assert [child["id"] for child in entries[2]["children"]] == items
    urls = [(await threads.read(media_id, "permalink"))["permalink"] for media_id in made]
    assert [entry["url"] for entry in entries] == urls
    page = (await sandbox.http.get("/sandbox/" + urls[2].removeprefix("https://"))).text
    assert (page.count("<article"), page.count("<figure")) == (4, 3), "each part with its pictures"
    assert all(page.count(params["text"]) == 1 for params, _ in parts[:3])
    [root] = await sandbox.items("posts?platform=threads&handle=brand")
    assert (root["externalId"], len(root["comments"])) == (made[0], 3), "one entry a thread, otherwise"
    fields = "id,text,replied_to{id},timestamp,is_reply_owned_by_me"
    listed = (await threads.read(f"{made[0]}/conversation", fields, reverse="false"))["data"]
    assert [(one["id"], one["text"], one["replied_to"]["id"]) for one in listed] == [
        (media_id, params["text"], before)
        for media_id, before, (params, _) in zip(made[1:], made, parts[1:], strict=False)
    ]
    usage = (await threads.read_limit("quota_usage,reply_quota_usage,config,reply_config")).json()["data"][0]
    assert (usage["quota_usage"], usage["reply_quota_usage"]) == (1, 3)
    assert (usage["config"]["quota_total"], usage["reply_config"]["quota_total"]) == (250, 1000)
    for fault, more in (("drop_after_effect", {}), ("late_effect", {"value": {"ms": 500}})):
        container = await threads.container(media_type="TEXT", text=fault, reply_to_id=made[-1])
        await threads.finished(container)
        await sandbox.fault("threads", "threads_publish", fault, **more)
        with pytest.raises(httpx2.TransportError):
            await threads.publish(container)
        await sandbox.advance(1)
        assert (await threads.status(container))["status"] == "PUBLISHED"
        newest, own = [
            (await threads.read(path, fields))["data"][0] for path in (f"{made[0]}/conversation", "me/replies")
        ]
        assert own == newest
        assert (newest["text"], newest["replied_to"]["id"]) == (fault, made[-1])
        made.append(newest["id"])
    await threads.call("DELETE", made.pop())
    entries = await sandbox.items("posts?replies=true")
    assert [entry["externalId"] for entry in entries] == made


async def test_a_poll(sandbox: RunningSandbox) -> None:
    """A poll is a text with two to four options, which are read back with their votes: none."""
    threads = await login(sandbox)
    options = {"option_a": "Rye", "option_b": "Spelt", "option_c": "x" * 25}
    media_id = await threads.post(media_type="TEXT", text="Which loaf?", poll_attachment=json.dumps(options))
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["caption"], post["params"]["poll_attachment"]) == ("poll", "Which loaf?", options)
    assert "Rye / Spelt / " in (await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))).text
    assert (await threads.read(media_id, "poll_attachment"))["poll_attachment"] == options
    asked = "option_a,option_d,option_a_votes_percentage,option_d_votes_percentage,total_votes,expiration_timestamp"
    read = await threads.read(media_id, f"timestamp,poll_attachment{{{asked}}}")
    ends = read["poll_attachment"].pop("expiration_timestamp")
    assert read["poll_attachment"] == {"option_a": "Rye", "option_a_votes_percentage": 0.0, "total_votes": 0}
    start, end = (datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z") for text in (read["timestamp"], ends))
    assert (end - start).total_seconds() == DAY
    unknown = await threads.call("GET", media_id, {"fields": "poll_attachment{votes}"})
    assert refusal(unknown) == (100, None)
    plain = await threads.post(media_type="TEXT", text="No poll")
    assert set(await threads.read(plain, "poll_attachment{option_a}")) == {"id"}


async def test_list_of_own_posts(sandbox: RunningSandbox) -> None:
    """Newest first, in pages with cursors and no address of the next one, between since and until."""
    threads = await login(sandbox)
    made = []
    for number in range(3):
        made.append(await threads.post(media_type="TEXT", text=f"Number {number}"))
        await sandbox.advance(60)
    page = await threads.read("me/threads", "id,text,permalink,timestamp,media_type,shortcode", limit=2)
    assert [one["id"] for one in page["data"]] == made[:0:-1]
    assert set(page["paging"]) == {"cursors"}
    after = page["paging"]["cursors"]["after"]
    assert [one["id"] for one in (await threads.read("me/threads", "id", after=after))["data"]] == made[:1]
    now = (await sandbox.control("GET", "clock")).json()["now"]
    at = int(datetime.fromisoformat(now).timestamp())
    recent = await threads.read("me/threads", "text", since=at - 90)
    assert [one["text"] for one in recent["data"]] == ["Number 2"]
    older = await threads.read("me/threads", "text", until=at - 90, since="2020-01-01")
    assert [one["text"] for one in older["data"]] == ["Number 1", "Number 0"]
    assert refusal(await threads.call("GET", "me/threads", {"since": "yesterday"})) == (100, None)
    assert refusal(await threads.call("GET", "me/threads", {"fields": "caption"})) == (100, None)


async def test_the_list_can_lag(sandbox: RunningSandbox) -> None:
    """With listDelaySeconds a new post is missing in the list, while its container and its id are readable."""
    await sandbox.account("threads", "brand", listDelaySeconds=30)
    threads = await login(sandbox)
    container = await threads.container(media_type="TEXT", text="Late")
    await threads.finished(container)
    media_id = (await threads.publish(container)).json()["id"]
    assert (await threads.read("me/threads", "id"))["data"] == []
    assert (await threads.status(container))["status"] == "PUBLISHED"
    assert (await threads.read(media_id, "id"))["id"] == media_id
    await sandbox.advance(30)
    assert [one["id"] for one in (await threads.read("me/threads", "id"))["data"]] == [media_id]
    await sandbox.account("threads", "brand", listDelaySeconds=0)
    newer = await threads.post(media_type="TEXT", text="At once")
    assert (await threads.read("me/threads", "id"))["data"][0]["id"] == newer


async def test_what_is_below_a_deleted_post_stays(sandbox: RunningSandbox) -> None:
    """Without its first part, the rest of a thread is live: it is read, listed, and has a page of its own."""
    threads = await login(sandbox)
    made: list[str] = []
    for text in ("1/3 Spring", "2/3 Rye", "3/3 Spelt"):
        made.append(await threads.post(media_type="TEXT", text=text, **({"reply_to_id": made[-1]} if made else {})))
    assert (await threads.call("DELETE", made[0])).json() == {"success": True, "deleted_id": made[0]}
    assert await sandbox.items("posts") == []
    live = await sandbox.items("posts?platform=threads&handle=brand&replies=true")
    assert [(one["externalId"], one["replyTo"]) for one in live] == [(made[1], made[0]), (made[2], made[1])]
    assert (await threads.read(made[2], "text"))["text"] == "3/3 Spelt"
    page = (await sandbox.http.get("/sandbox/" + live[0]["url"].removeprefix("https://"))).text
    assert ("2/3 Rye" in page, "1/3 Spring" in page) == (True, False)
    assert (await threads.call("DELETE", made[1])).status_code == 200
    [left] = await sandbox.items("posts?replies=true")
    assert left["externalId"] == made[2]
    deleted = await sandbox.items("posts?deleted=true&replies=true")
    assert [one["externalId"] for one in deleted] == made[:2]
    assert all(one["deletedAt"] for one in deleted)
    query = f"posts?platform=threads&handle=brand&externalId={made[2]}"
    assert (await sandbox.control("DELETE", query)).json() == {"externalId": made[2]}
    assert await sandbox.items("posts?replies=true") == []
    usage = (await threads.read_limit("reply_quota_usage,delete_quota_usage")).json()["data"]
    assert usage == [{"reply_quota_usage": 2, "delete_quota_usage": 2}], "what the person deletes costs the app nothing"


async def test_delete(sandbox: RunningSandbox) -> None:
    """A deleted post and a deleted reply are gone everywhere; only the owner can delete."""
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="Root")
    keep = await threads.post(media_type="TEXT", text="Keep")
    reply = await threads.post(media_type="TEXT", text="Reply", reply_to_id=keep)
    other = await login(sandbox, "other")
    assert refusal(await other.call("DELETE", root)) == (100, 33)
    for media_id in (root, reply):
        answer = await threads.call("DELETE", media_id)
        assert answer.json() == {"success": True, "deleted_id": media_id}
        assert refusal(await threads.call("DELETE", media_id)) == (100, 33)
        assert refusal(await threads.call("GET", media_id)) == (100, 33)
        assert refusal(await threads.create(media_type="TEXT", text="x", reply_to_id=media_id)) == NOT_FOUND
    [post] = await sandbox.items("posts")
    assert (post["externalId"], post["comments"]) == (keep, [])
    limit = (await threads.read_limit("quota_usage,reply_quota_usage,delete_quota_usage,delete_config")).json()
    assert limit["data"][0] == {
        "quota_usage": 2,
        "reply_quota_usage": 1,
        "delete_quota_usage": 2,
        "delete_config": {"quota_total": 100, "quota_duration": DAY},
    }


async def test_auto_publish_text_is_the_live_call(sandbox: RunningSandbox) -> None:
    """The create call makes the post live and returns its id; there is no container to ask."""
    threads = await login(sandbox)
    media_id = (await threads.create(media_type="TEXT", text="Now", auto_publish_text="true")).json()["id"]
    [post] = await sandbox.items("posts")
    assert post["externalId"] == media_id
    assert (await threads.read(media_id, "text"))["text"] == "Now"
    assert refusal(await threads.publish(media_id)) == NOT_FOUND


async def test_texts_and_links(sandbox: RunningSandbox) -> None:
    """A text is a post without media; a URL is its card: the attached one, or else the first of the text."""
    threads = await login(sandbox)
    menu = "https://bakery.example/menu"
    cases: list[tuple[JSON, str, str | None]] = [
        ({"text": "Spring menu"}, "text", None),
        ({"text": "Spring menu", "link_attachment": menu}, "link", menu),
        ({"text": f"See {menu}, https://bakery.example/b", "link_attachment": "https://a.b"}, "link", "https://a.b"),
        ({"text": f"See {menu}, https://bakery.example/b"}, "link", menu),
    ]
    made = [await threads.post(media_type="TEXT", **params) for params, _, _ in cases]
    image = {"media_type": "IMAGE", "image_url": sandbox.media.put("p.jpg", picture())}
    made.append(await threads.post(**image, text=f"See {menu}"))
    cases.append(({"text": f"See {menu}"}, "threads_post", None))
    posts = await sandbox.items("posts?platform=threads")
    listed = (await threads.read("me/threads", "id,text,media_type,link_attachment_url"))["data"][::-1]
    feed = (await sandbox.http.get("/sandbox/feed/threads/brand")).text
    for media_id, post, found, (params, kind, link) in zip(made, posts, listed, cases, strict=True):
        assert (post["externalId"], post["kind"], post["caption"]) == (media_id, kind, params["text"])
        assert (post["media"] == [], found["media_type"]) == (
            kind != "threads_post",
            "IMAGE" if kind == "threads_post" else "TEXT_POST",
        )
        assert (found["id"], found["text"], found.get("link_attachment_url")) == (media_id, params["text"], link)
        assert {**post["params"], **params} == post["params"]
        assert link is None or f'<div class="link"><div><small>{link}</small>' in feed
    assert feed.count('<div class="link">') == 3


async def test_a_lost_text_is_found_by_its_words(sandbox: RunningSandbox) -> None:
    """After a lost call the container says what happened, and the list names the post by its text and its card."""
    threads = await login(sandbox)
    for fault, value, is_live in (
        ("drop_before_effect", {}, False),
        ("drop_after_effect", {}, True),
        ("late_effect", {"ms": 500}, False),
    ):
        params = {"media_type": "TEXT", "text": fault, "link_attachment": f"https://bakery.example/{fault}"}
        container = await threads.container(**params)
        await threads.finished(container)
        await sandbox.fault("threads", "threads_publish", fault, value=value)
        with pytest.raises(httpx2.TransportError):
            await threads.publish(container)
        assert ((await threads.status(container))["status"] == "PUBLISHED") is is_live
        await sandbox.advance(1)
        is_live_now = is_live or fault == "late_effect"
        assert ((await threads.status(container))["status"] == "PUBLISHED") is is_live_now
        listed = (await threads.read("me/threads", "text,link_attachment_url"))["data"]
        match = [one for one in listed if one["text"] == fault]
        assert [one["link_attachment_url"] for one in match] == [params["link_attachment"]] * is_live_now


async def test_shared_to_instagram(sandbox: RunningSandbox) -> None:
    """With crossreshare_to_ig the publish call says what became of it."""
    threads = await login(sandbox, scope="threads_basic,threads_content_publish,threads_share_to_instagram")
    container = await threads.container(media_type="TEXT", text="Both", crossreshare_to_ig="true")
    await threads.finished(container)
    assert (await threads.publish(container)).json()["crossreshare_to_ig_status"] == "SUCCESS"


async def test_container_fields(sandbox: RunningSandbox) -> None:
    """A container has three fields, a post does not have them; another's container does not exist."""
    threads, other = await login(sandbox), await login(sandbox, "other")
    container = await threads.container(media_type="TEXT", text="x")
    answer = await threads.call("GET", container, {"fields": "permalink"})
    assert refusal(answer) == (100, None)
    error = answer.json()["error"]
    assert (error["type"], error["message"]) == (
        "THApiException",
        "(#100) Tried accessing nonexisting field (permalink)",
    )
    assert set((await threads.call("GET", container)).json()) == {"id", "status"}
    assert set((await threads.call("GET", container, {"fields": "status"})).json()) == {"id", "status"}
    assert refusal(await other.call("GET", container, {"fields": "status"})) == (100, 33)
    assert refusal(await threads.call("GET", "17880000000000009", {"fields": "status"})) == (100, 33)
    media_id = await threads.post(media_type="TEXT", text="y")
    answer = await threads.call("GET", media_id, {"fields": "id,status"})
    assert answer.json()["error"]["message"].startswith("(#100) Tried accessing nonexisting field (status)")
    assert answer.json()["error"]["type"] == "THApiException"


async def test_ids_are_unique_even_after_a_reset(sandbox: RunningSandbox) -> None:
    """Profile, container and media ids are different strings of 17 digits."""
    seen: set[str] = set()
    for _ in range(2):
        threads = await login(sandbox)
        user_id = (await threads.read("me", "id"))["id"]
        container = await threads.container(media_type="TEXT", text="x")
        await threads.finished(container)
        media_id = (await threads.publish(container)).json()["id"]
        for one in (user_id, container, media_id):
            assert (len(one), one in seen) == (17, False)
            seen.add(one)
        await sandbox.control("POST", "reset")


async def test_a_flagged_post_has_no_permalink(sandbox: RunningSandbox) -> None:
    """With copyrightFlagged the field is left out, as for media that are flagged for copyright."""
    await sandbox.account("threads", "brand", copyrightFlagged=True)
    threads = await login(sandbox)
    media_id = await threads.post(media_type="TEXT", text="x")
    read = await threads.read(media_id, "permalink,shortcode")
    assert set(read) == {"id", "shortcode"}


async def test_a_restart_resumes_a_video(sandboxes: Sandboxes, tmp_path: Path, reel: bytes) -> None:
    """A video whose download was under way when the sandbox stopped is fetched by the next one."""
    first = await sandboxes.start(tmp_path / "state")
    threads = await login(first)
    url = await first.media.hang("c.mp4")
    container = await threads.container(media_type="VIDEO", video_url=url)
    assert (await threads.status(container))["status"] == "IN_PROGRESS"
    await sandboxes.stop(first)
    first.media.never.pop("c.mp4").set()
    first.media.put("c.mp4", reel)
    again = Threads(await sandboxes.start(tmp_path / "state"), threads.token)
    assert (await again.status(container))["status"] == "IN_PROGRESS"
    assert (await again.finished(container))[-1] == "FINISHED"
