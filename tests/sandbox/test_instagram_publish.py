"""Instagram: from a media URL to a live post, as a client of the real API sees it."""

import hashlib
import json

import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox, clip, picture

from presswork_sandbox.instagram import containers


async def test_picture_from_consent_to_permalink(sandbox: RunningSandbox) -> None:
    """A picture is published from the consent page to a permalink, and is listed once with the served bytes."""
    token = await sandbox.graph_login("brand")
    media_id = await sandbox.post_picture(token, caption="Hello #world")
    answer = await sandbox.graph(token, "GET", media_id, fields="id,permalink,shortcode,media_type,timestamp,username")
    read = answer.json()
    assert read["permalink"] == f"https://www.instagram.com/p/{read['shortcode']}/"
    assert (read["media_type"], read["username"], read["timestamp"][-5:]) == ("IMAGE", "brand", "+0000")
    [post] = await sandbox.items("posts?platform=instagram&handle=brand")
    assert (post["kind"], post["externalId"], post["url"]) == ("feed_image", media_id, read["permalink"])
    assert post["caption"] == "Hello #world"
    assert post["media"] == [
        {
            "sha256": hashlib.sha256(picture()).hexdigest(),
            "contentType": "image/jpeg",
            "width": 1080,
            "height": 1080,
        }
    ]
    assert post["params"] == {"image_url": f"{sandbox.media.address}/picture.jpg", "caption": "Hello #world"}
    assert (post["comments"], post["createdAt"][-1]) == ([], "Z")


async def test_ids_are_unique_strings_of_17_digits(sandbox: RunningSandbox) -> None:
    """Container, media and account ids are different JSON strings of 17 digits, even after a reset."""
    seen: set[str] = set()
    for _ in range(2):
        token = await sandbox.graph_login("brand")
        person = (await sandbox.graph(token, "GET", "me", fields="user_id,id,username")).json()
        url = sandbox.media.put("picture.jpg", picture())
        container = await sandbox.container(token, image_url=url)
        await sandbox.finished(token, container)
        media_id = (await sandbox.publish(token, container)).json()["id"]
        for one in (person["user_id"], person["id"], container, media_id):
            assert isinstance(one, str)
            assert len(one) == 17
            assert one not in seen
            seen.add(one)
        await sandbox.control("POST", "reset")


async def test_reel(sandbox: RunningSandbox, reel: bytes) -> None:
    """A reel is finished at the second status call, and its permalink has /reel/."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("clip.mp4", reel)
    container = await sandbox.container(token, media_type="REELS", video_url=url, share_to_feed="true")
    seen = await sandbox.finished(token, container)
    assert (seen[0], seen[-1]) == ("IN_PROGRESS", "FINISHED")
    media_id = (await sandbox.publish(token, container)).json()["id"]
    fields = "permalink,media_type,media_product_type,thumbnail_url,media_url,is_shared_to_feed"
    read = (await sandbox.graph(token, "GET", media_id, fields=fields)).json()
    assert read["permalink"].startswith("https://www.instagram.com/reel/")
    assert (read["media_type"], read["media_product_type"], read["is_shared_to_feed"]) == ("VIDEO", "REELS", True)
    assert (await sandbox.http.get(read["media_url"])).content == reel
    assert (await sandbox.http.get(read["thumbnail_url"])).headers["content-type"] == "image/jpeg"
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["media"][0]["contentType"]) == ("reel", "video/mp4")


@pytest.mark.parametrize("form", ["comma", "list", "text"])
async def test_carousel(sandbox: RunningSandbox, reel: bytes, form: str) -> None:
    """Pictures and a video become one post; children are a comma-separated string, a JSON list or a list in a string."""
    token = await sandbox.graph_login("brand")
    children = []
    for hue in (10, 90):
        url = sandbox.media.put(f"{hue}.jpg", picture(hue=hue))
        children.append(await sandbox.container(token, image_url=url, is_carousel_item=True))
    video = await sandbox.container(
        token, video_url=sandbox.media.put("c.mp4", reel), media_type="VIDEO", is_carousel_item="true"
    )
    children.append(video)
    value: object = {"comma": ",".join(children), "list": children, "text": json.dumps(children)}[form]
    early = await sandbox.graph(token, "POST", "me/media", media_type="CAROUSEL", children=value)
    assert early.json()["error"]["code"] == 2, "a video child is unfinished"
    assert (await sandbox.finished(token, video))[-1] == "FINISHED"
    parent = await sandbox.container(token, media_type="CAROUSEL", children=value, caption="Three")
    assert await sandbox.finished(token, parent) == ["FINISHED"]
    child = await sandbox.publish(token, children[0])
    assert child.json()["error"]["code"] == 100, "a child can't be published by itself"
    media_id = (await sandbox.publish(token, parent)).json()["id"]
    read = (await sandbox.graph(token, "GET", media_id, fields="media_type,children{id,media_type,media_url}")).json()
    assert read["media_type"] == "CAROUSEL_ALBUM"
    assert [one["media_type"] for one in read["children"]["data"]] == ["IMAGE", "IMAGE", "VIDEO"]
    [post] = await sandbox.items("posts")
    assert (post["kind"], len(post["media"]), post["caption"]) == ("carousel", 3, "Three")
    limit = (await sandbox.graph(token, "GET", "me/content_publishing_limit")).json()
    assert limit == {"data": [{"quota_usage": 1}]}, "a carousel counts once"


async def test_story_is_not_in_the_media_list(sandbox: RunningSandbox) -> None:
    """A story has no caption and is listed in the stories of the account, not in its media."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("tall.jpg", picture(1080, 1920))
    container = await sandbox.container(token, media_type="STORIES", image_url=url, caption="ignored")
    assert await sandbox.finished(token, container) == ["FINISHED"]
    media_id = (await sandbox.publish(token, container)).json()["id"]
    assert (await sandbox.graph(token, "GET", "me/media")).json() == {"data": []}
    assert (await sandbox.graph(token, "GET", "me/stories")).json()["data"] == [{"id": media_id}]
    [post] = await sandbox.items("posts")
    assert (post["kind"], post["caption"]) == ("story", "")


async def test_early_repeated_and_late_publishing(sandbox: RunningSandbox) -> None:
    """9007/2207027 before the first poll, 24/2207008 for a repetition and after 24 hours, and never a second post."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("picture.jpg", picture())
    container = await sandbox.container(token, image_url=url)
    early = (await sandbox.publish(token, container)).json()["error"]
    assert (early["code"], early["error_subcode"], early["message"]) == (9007, 2207027, "Media ID is not available")
    await sandbox.finished(token, container)
    assert (await sandbox.publish(token, container)).status_code == 200
    assert await sandbox.finished(token, container) == ["PUBLISHED"]
    again = (await sandbox.publish(token, container)).json()["error"]
    assert (again["code"], again["error_subcode"]) == (24, 2207008)
    assert len(await sandbox.items("posts")) == 1
    old = await sandbox.container(token, image_url=url)
    await sandbox.advance(86_400)
    assert await sandbox.finished(token, old) == ["EXPIRED"]
    late = (await sandbox.publish(token, old)).json()["error"]
    assert (late["code"], late["error_subcode"]) == (24, 2207008)


async def test_container_finishes_without_polls(sandbox: RunningSandbox) -> None:
    """A picture container can be published one second after its creation without a poll."""
    token = await sandbox.graph_login("brand")
    container = await sandbox.container(token, image_url=sandbox.media.put("picture.jpg", picture()))
    await sandbox.advance(2)
    assert (await sandbox.publish(token, container)).status_code == 200


CREATE_ERRORS: list[tuple[JSON, int, int | None]] = [
    ({}, 100, None),
    ({"media_type": "PAINTING"}, 100, 2207023),
    ({"media_type": "REELS"}, 100, None),
    ({"media_type": "VIDEO", "video_url": "http://x/y"}, 100, 2207067),
    ({"media_type": "REELS", "video_url": "http://x/y", "is_carousel_item": "true"}, 100, None),
    ({"media_type": "CAROUSEL", "children": "1"}, 100, 2207028),
    ({"media_type": "CAROUSEL", "children": [str(number) for number in range(11)]}, 100, 2207028),
    ({"media_type": "CAROUSEL", "children": "17889000000000001,17889000000000002"}, 100, None),
    ({"image_url": "{good}", "caption": "x" * 2201}, 36004, 2207010),
    ({"image_url": "{good}", "caption": "#a " * 31}, 36004, 2207010),
    ({"image_url": "{good}", "caption": "@a " * 21}, 100, 2207040),
    ({"image_url": "{good}", "is_carousel_item": True, "collaborators": ["a"]}, 100, None),
    ({"image_url": "{missing}"}, 9004, 2207052),
    ({"image_url": "{moved}"}, 9004, 2207052),
    ({"image_url": "{page}"}, 9004, 2207052),
    ({"image_url": "http://127.0.0.1:9/x.jpg"}, 9004, 2207052),
    ({"image_url": "http://bücher.example/x.jpg"}, 9004, 2207052),
    ({"image_url": "ftp://x/y.jpg"}, 9004, 2207052),
    ({"image_url": "{png}"}, 36001, 2207005),
    ({"image_url": "{wide}"}, 36003, 2207009),
    ({"image_url": "{big}"}, 36000, 2207004),
]


async def test_invalid_containers_are_refused(sandbox: RunningSandbox) -> None:
    """The checks of Graph at creation return the documented code and subcode."""
    with every_row() as row:
        for params, code, subcode in CREATE_ERRORS:
            with row(params, code, subcode):
                token = await sandbox.graph_login("brand")
                good = sandbox.media.put("good.jpg", picture())
                places = {
                    "{good}": good,
                    "{missing}": f"{sandbox.media.address}/none.jpg",
                    "{moved}": f"{sandbox.media.address}/moved/good.jpg",
                    "{page}": sandbox.media.put("page.jpg", b"<html>hello</html>"),
                    "{png}": sandbox.media.put("one.png", picture(kind="PNG")),
                    "{wide}": sandbox.media.put("wide.jpg", picture(1400, 500)),
                    "{big}": sandbox.media.put("big.jpg", picture() + bytes(8 * 1024 * 1024)),
                }
                sent = {name: places.get(str(value), value) for name, value in params.items()}
                answer = await sandbox.graph(token, "POST", "me/media", **sent)
                error = answer.json()["error"]
                assert (answer.status_code, error["code"], error.get("error_subcode")) == (400, code, subcode)
                assert error["message"]
                assert error["fbtrace_id"]


async def test_invalid_videos_fail_in_their_status(sandbox: RunningSandbox) -> None:
    """An invalid video is accepted at creation and fails in the status text of its container."""
    rows: list[tuple[JSON | None, int]] = [
        ({"seconds": 1.0}, 2207026),
        ({"codec": "mpeg4"}, 2207026),
        ({"fps": 10}, 2207026),
        ({"width": 1024, "height": 64, "kind": "matroska"}, 2207026),
        ({}, 2207057),
        (None, 2207052),
    ]
    with every_row() as row:
        for made, subcode in rows:
            with row(made, subcode):
                token = await sandbox.graph_login("brand")
                url = f"{sandbox.media.address}/none.mp4" if made is None else sandbox.media.put("v.mp4", clip(**made))
                container = await sandbox.container(token, media_type="REELS", video_url=url, thumb_offset=3500)
                assert (await sandbox.finished(token, container))[-1] == "ERROR"
                answer = (await sandbox.graph(token, "GET", container, fields="status")).json()
                assert answer["status"].endswith(f"error code {subcode}")
                assert (await sandbox.publish(token, container)).json()["error"]["code"] == 9007


async def test_personal_account_connects_but_can_not_publish(sandbox: RunningSandbox) -> None:
    """A personal account gets a token; Graph refuses its containers with its documented error."""
    await sandbox.account("instagram", "me.private", tier="personal")
    token = await sandbox.graph_login("me.private")
    assert (await sandbox.graph(token, "GET", "me", fields="account_type")).json()["account_type"] == "PERSONAL"
    answer = await sandbox.graph(token, "POST", "me/media", image_url="http://x/y.jpg")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["type"]) == (403, 10, "OAuthException")
    assert error["message"] == "The user is not an Instagram Business"


async def test_quota_over_24_hours(sandbox: RunningSandbox) -> None:
    """The quota counts posts of the last 24 hours; a post above it is refused with 9/2207042."""
    await sandbox.account("instagram", "brand", quotaTotal=2)
    token = await sandbox.graph_login("brand")
    for _ in range(2):
        await sandbox.post_picture(token)
    limit = await sandbox.graph(token, "GET", "me/content_publishing_limit", fields="quota_usage,config")
    assert limit.json() == {"data": [{"quota_usage": 2, "config": {"quota_total": 2, "quota_duration": 86400}}]}
    container = await sandbox.container(token, image_url=sandbox.media.put("picture.jpg", picture()))
    await sandbox.finished(token, container)
    error = (await sandbox.publish(token, container)).json()["error"]
    assert (error["code"], error["error_subcode"]) == (9, 2207042)
    await sandbox.advance(86_400)
    await sandbox.post_picture(token)


async def test_no_more_than_400_containers_in_24_hours(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container above the limit of 24 hours is refused; a day later creation works again. Tried with a limit of 4."""
    assert containers.CONTAINERS_PER_DAY == 400
    monkeypatch.setattr(containers, "CONTAINERS_PER_DAY", 4)
    token = await sandbox.graph_login("brand")
    body = {"media_type": "REELS", "video_url": f"{sandbox.media.address}/none.mp4"}
    for _ in range(4):
        await sandbox.container(token, **body)
    assert (await sandbox.graph(token, "POST", "me/media", **body)).json()["error"]["code"] == 9
    await sandbox.advance(86_401)
    await sandbox.container(token, **body)


async def test_first_comment(sandbox: RunningSandbox) -> None:
    """A comment is sent as `message` and returned as `text`; it needs its scope and enabled comments."""
    token = await sandbox.graph_login("brand")
    media_id = await sandbox.post_picture(token)
    made = await sandbox.graph(token, "POST", f"{media_id}/comments", message="First!")
    read = (await sandbox.graph(token, "GET", f"{media_id}/comments", fields="id,text,username")).json()
    assert read["data"] == [{"id": made.json()["id"], "text": "First!", "username": "brand"}]
    [post] = await sandbox.items("posts")
    assert post["comments"] == ["First!"]
    few = await sandbox.graph_login("brand", "instagram_business_basic,instagram_business_content_publish")
    refused = await sandbox.graph(few, "POST", f"{media_id}/comments", message="Second!")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, 10)
    await sandbox.graph(token, "POST", media_id, comment_enabled=False)
    assert (await sandbox.graph(token, "POST", f"{media_id}/comments", message="x")).status_code == 400
    assert len((await sandbox.items("posts"))[0]["comments"]) == 1


async def test_parameters_and_paths_in_every_form(sandbox: RunningSandbox) -> None:
    """Query, form, multipart and JSON, with and without version, with any number of slashes: no redirect."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("picture.jpg", picture())
    me = (await sandbox.graph(token, "GET", "me", fields="user_id")).json()["user_id"]
    base, body = "/sandbox/graph.instagram.com", {"image_url": url, "access_token": token}
    post = sandbox.http.post
    for answer in (
        await post(f"{base}/me/media", params=body),
        await post(f"{base}/v21.0/{me}/media/", data=body),
        await post(f"{base}//v27.0//{me}//media", files={name: (None, text) for name, text in body.items()}),
        await post(f"{base}/{me}/media?access_token={token}&summary=1&appsecret_proof=x", json={"image_url": url}),
        await post(f"{base}/v25.0/{me}/media", json=body | {"media_type": "IMAGE"}),
    ):
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"].isdigit()
    for version in ("v20.0", "v28.0", "v25.1"):
        assert (await post(f"{base}/{version}/me/media", data=body)).status_code == 400
    for broken in (b"{", b"[1]", b'{"a": "\\ud800"}', b"[" * 100_000, b"\xff\xfe"):
        answer = await post(
            f"{base}/me/media?access_token={token}", content=broken, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


async def test_only_container_fields_on_containers(sandbox: RunningSandbox) -> None:
    """A permalink of a container, unbalanced braces and unknown fields are errors."""
    token = await sandbox.graph_login("brand")
    container = await sandbox.container(token, image_url=sandbox.media.put("picture.jpg", picture()))
    for fields in ("permalink", "status_code,timestamp", "id{", "}", "nonsense"):
        answer = await sandbox.graph(token, "GET", container, fields=fields)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100), fields
    answer = await sandbox.graph(token, "GET", container)
    assert answer.json() == {"id": container}


async def test_objects_of_other_accounts_do_not_exist(sandbox: RunningSandbox) -> None:
    """Containers, media and paths of another account return 100/33 or 24/2207008, like unknown ones."""
    mine, other = await sandbox.graph_login("mine"), await sandbox.graph_login("other")
    media_id = await sandbox.post_picture(mine)
    container = await sandbox.container(mine, image_url=sandbox.media.put("picture.jpg", picture()))
    me = (await sandbox.graph(mine, "GET", "me", fields="user_id")).json()["user_id"]
    for path in (container, media_id, "17899999999999999", f"{me}/media", f"{media_id}/comments", "nonsense"):
        answer = await sandbox.graph(other, "GET", path)
        assert answer.status_code == 400, path
        assert answer.json()["error"]["code"] in {100, 2500}, path
    error = (await sandbox.publish(other, container)).json()["error"]
    assert (error["code"], error["error_subcode"]) == (24, 2207008)


async def test_media_list_is_paged_newest_first(sandbox: RunningSandbox) -> None:
    """Following the absolute `next` URLs lists each post once, newest first, while new posts appear."""
    token = await sandbox.graph_login("brand")
    posted = [await sandbox.post_picture(token, caption=str(number)) for number in range(5)]
    answer = await sandbox.graph(token, "GET", "me/media", fields="id,caption", limit=2)
    seen = [one["id"] for one in answer.json()["data"]]
    await sandbox.post_picture(token)
    before = answer
    while "next" in answer.json()["paging"]:
        assert answer.json()["paging"]["next"].startswith(
            f"{sandbox.address}/sandbox/graph.instagram.com/v25.0/me/media?"
        )
        before = answer
        answer = await sandbox.http.get(answer.json()["paging"]["next"], headers={"authorization": f"Bearer {token}"})
        seen += [one["id"] for one in answer.json()["data"]]
    assert seen == posted[::-1]
    back = await sandbox.graph(
        token, "GET", "me/media", limit=2, before=answer.json()["paging"]["cursors"]["before"], fields="id"
    )
    assert [one["id"] for one in back.json()["data"]] == [one["id"] for one in before.json()["data"]]
    assert (await sandbox.graph(token, "GET", "me/media", after="nonsense")).status_code == 400
