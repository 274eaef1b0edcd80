"""Instagram: from a media address to a live post, as a client of the real API sees it."""

import hashlib
import json

import pytest
from tests.sandbox.stage import JSON, Stage, clip, picture


async def test_picture_from_consent_to_permalink(stage: Stage) -> None:
    """A picture goes from the consent page to a permalink, and is listed once with the bytes that were served."""
    token = await stage.graph_login("brand")
    media_id = await stage.post_picture(token, caption="Hello #world")
    answer = await stage.graph(token, "GET", media_id, fields="id,permalink,shortcode,media_type,timestamp,username")
    read = answer.json()
    assert read["permalink"] == f"https://www.instagram.com/p/{read['shortcode']}/"
    assert (read["media_type"], read["username"], read["timestamp"][-5:]) == ("IMAGE", "brand", "+0000")
    [post] = await stage.items("posts?platform=instagram&handle=brand")
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
    assert post["params"] == {"image_url": f"{stage.media.address}/picture.jpg", "caption": "Hello #world"}
    assert (post["comments"], post["createdAt"][-1]) == ([], "Z")


async def test_ids_are_strings_of_17_digits_and_never_the_same(stage: Stage) -> None:
    """Container, media and account ids are JSON strings of 17 digits, all different, also after a reset."""
    seen: set[str] = set()
    for _ in range(2):
        token = await stage.graph_login("brand")
        person = (await stage.graph(token, "GET", "me", fields="user_id,id,username")).json()
        url = stage.media.put("picture.jpg", picture())
        container = await stage.container(token, image_url=url)
        await stage.finished(token, container)
        media_id = (await stage.publish(token, container)).json()["id"]
        for one in (person["user_id"], person["id"], container, media_id):
            assert isinstance(one, str)
            assert len(one) == 17
            assert one not in seen
            seen.add(one)
        await stage.control("POST", "reset")


async def test_reel(stage: Stage, reel: bytes) -> None:
    """A reel takes two status calls, and its permalink says reel."""
    token = await stage.graph_login("brand")
    url = stage.media.put("clip.mp4", reel)
    container = await stage.container(token, media_type="REELS", video_url=url, share_to_feed="true")
    seen = await stage.finished(token, container)
    assert (seen[0], seen[-1]) == ("IN_PROGRESS", "FINISHED")
    media_id = (await stage.publish(token, container)).json()["id"]
    fields = "permalink,media_type,media_product_type,thumbnail_url,media_url,is_shared_to_feed"
    read = (await stage.graph(token, "GET", media_id, fields=fields)).json()
    assert read["permalink"].startswith("https://www.instagram.com/reel/")
    assert (read["media_type"], read["media_product_type"], read["is_shared_to_feed"]) == ("VIDEO", "REELS", True)
    assert (await stage.http.get(read["media_url"])).content == reel
    assert (await stage.http.get(read["thumbnail_url"])).headers["content-type"] == "image/jpeg"
    [post] = await stage.items("posts")
    assert (post["kind"], post["media"][0]["contentType"]) == ("reel", "video/mp4")


@pytest.mark.parametrize("form", ["comma", "list", "text"])
async def test_carousel(stage: Stage, reel: bytes, form: str) -> None:
    """Pictures and a video become one post; children come as a comma string, a JSON list or that in a string."""
    token = await stage.graph_login("brand")
    children = []
    for hue in (10, 90):
        url = stage.media.put(f"{hue}.jpg", picture(hue=hue))
        children.append(await stage.container(token, image_url=url, is_carousel_item=True))
    video = await stage.container(
        token, video_url=stage.media.put("c.mp4", reel), media_type="VIDEO", is_carousel_item="true"
    )
    children.append(video)
    value: object = {"comma": ",".join(children), "list": children, "text": json.dumps(children)}[form]
    early = await stage.graph(token, "POST", "me/media", media_type="CAROUSEL", children=value)
    assert early.json()["error"]["code"] == 2, "a video child is unfinished"
    assert (await stage.finished(token, video))[-1] == "FINISHED"
    parent = await stage.container(token, media_type="CAROUSEL", children=value, caption="Three")
    assert await stage.finished(token, parent) == ["FINISHED"]
    child = await stage.publish(token, children[0])
    assert child.json()["error"]["code"] == 100, "a child can't be published by itself"
    media_id = (await stage.publish(token, parent)).json()["id"]
    read = (await stage.graph(token, "GET", media_id, fields="media_type,children{id,media_type,media_url}")).json()
    assert read["media_type"] == "CAROUSEL_ALBUM"
    assert [one["media_type"] for one in read["children"]["data"]] == ["IMAGE", "IMAGE", "VIDEO"]
    [post] = await stage.items("posts")
    assert (post["kind"], len(post["media"]), post["caption"]) == ("carousel", 3, "Three")
    limit = (await stage.graph(token, "GET", "me/content_publishing_limit")).json()
    assert limit == {"data": [{"quota_usage": 1}]}, "a carousel counts once"


async def test_story_is_not_in_the_media_list(stage: Stage) -> None:
    """A story has no caption and is not among the account's media, but among its stories."""
    token = await stage.graph_login("brand")
    url = stage.media.put("tall.jpg", picture(1080, 1920))
    container = await stage.container(token, media_type="STORIES", image_url=url, caption="ignored")
    assert await stage.finished(token, container) == ["FINISHED"]
    media_id = (await stage.publish(token, container)).json()["id"]
    assert (await stage.graph(token, "GET", "me/media")).json() == {"data": []}
    assert (await stage.graph(token, "GET", "me/stories")).json()["data"] == [{"id": media_id}]
    [post] = await stage.items("posts")
    assert (post["kind"], post["caption"]) == ("story", "")


async def test_publishing_too_early_twice_and_too_late(stage: Stage) -> None:
    """9007/2207027 before the first poll, 24/2207008 the second time and after 24 hours, and never a second post."""
    token = await stage.graph_login("brand")
    url = stage.media.put("picture.jpg", picture())
    container = await stage.container(token, image_url=url)
    early = (await stage.publish(token, container)).json()["error"]
    assert (early["code"], early["error_subcode"], early["message"]) == (9007, 2207027, "Media ID is not available")
    await stage.finished(token, container)
    assert (await stage.publish(token, container)).status_code == 200
    assert await stage.finished(token, container) == ["PUBLISHED"]
    again = (await stage.publish(token, container)).json()["error"]
    assert (again["code"], again["error_subcode"]) == (24, 2207008)
    assert len(await stage.items("posts")) == 1
    old = await stage.container(token, image_url=url)
    await stage.advance(86_400)
    assert await stage.finished(token, old) == ["EXPIRED"]
    late = (await stage.publish(token, old)).json()["error"]
    assert (late["code"], late["error_subcode"]) == (24, 2207008)


async def test_container_finishes_by_the_clock_alone(stage: Stage) -> None:
    """A picture container can be published a second after it was made, without any poll."""
    token = await stage.graph_login("brand")
    container = await stage.container(token, image_url=stage.media.put("picture.jpg", picture()))
    await stage.advance(2)
    assert (await stage.publish(token, container)).status_code == 200


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


@pytest.mark.parametrize(("params", "code", "subcode"), CREATE_ERRORS)
async def test_container_refused_at_once(stage: Stage, params: JSON, code: int, subcode: int | None) -> None:
    """What Graph checks when a container is made answers with the documented code and subcode."""
    token = await stage.graph_login("brand")
    good = stage.media.put("good.jpg", picture())
    places = {
        "{good}": good,
        "{missing}": f"{stage.media.address}/none.jpg",
        "{moved}": f"{stage.media.address}/moved/good.jpg",
        "{page}": stage.media.put("page.jpg", b"<html>hello</html>"),
        "{png}": stage.media.put("one.png", picture(kind="PNG")),
        "{wide}": stage.media.put("wide.jpg", picture(1400, 500)),
        "{big}": stage.media.put("big.jpg", picture() + bytes(8 * 1024 * 1024)),
    }
    sent = {name: places.get(str(value), value) for name, value in params.items()}
    answer = await stage.graph(token, "POST", "me/media", **sent)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("error_subcode")) == (400, code, subcode)
    assert error["message"]
    assert error["fbtrace_id"]


@pytest.mark.parametrize(
    ("made", "subcode"),
    [
        ({"seconds": 1.0}, 2207026),
        ({"codec": "mpeg4"}, 2207026),
        ({"fps": 10}, 2207026),
        ({"width": 1024, "height": 64, "kind": "matroska"}, 2207026),
        ({}, 2207057),
        (None, 2207052),
    ],
)
async def test_video_refused_in_its_status(stage: Stage, made: JSON | None, subcode: int) -> None:
    """What is wrong with a video shows in the container's status sentence, not in the create call."""
    token = await stage.graph_login("brand")
    url = f"{stage.media.address}/none.mp4" if made is None else stage.media.put("v.mp4", clip(**made))
    container = await stage.container(token, media_type="REELS", video_url=url, thumb_offset=3500)
    assert (await stage.finished(token, container))[-1] == "ERROR"
    answer = (await stage.graph(token, "GET", container, fields="status")).json()
    assert answer["status"].endswith(f"error code {subcode}")
    assert (await stage.publish(token, container)).json()["error"]["code"] == 9007


async def test_personal_account_connects_but_can_not_publish(stage: Stage) -> None:
    """A personal account gets a token; Graph refuses its containers with its own words."""
    await stage.account("instagram", "me.private", tier="personal")
    token = await stage.graph_login("me.private")
    assert (await stage.graph(token, "GET", "me", fields="account_type")).json()["account_type"] == "PERSONAL"
    answer = await stage.graph(token, "POST", "me/media", image_url="http://x/y.jpg")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["type"]) == (403, 10, "OAuthException")
    assert error["message"] == "The user is not an Instagram Business"


async def test_quota_over_24_hours(stage: Stage) -> None:
    """The account's quota counts posts of the last 24 hours; one more is 9/2207042 and not published."""
    await stage.account("instagram", "brand", quotaTotal=2)
    token = await stage.graph_login("brand")
    for _ in range(2):
        await stage.post_picture(token)
    limit = await stage.graph(token, "GET", "me/content_publishing_limit", fields="quota_usage,config")
    assert limit.json() == {"data": [{"quota_usage": 2, "config": {"quota_total": 2, "quota_duration": 86400}}]}
    container = await stage.container(token, image_url=stage.media.put("picture.jpg", picture()))
    await stage.finished(token, container)
    error = (await stage.publish(token, container)).json()["error"]
    assert (error["code"], error["error_subcode"]) == (9, 2207042)
    await stage.advance(86_400)
    await stage.post_picture(token)


async def test_no_more_than_400_containers_in_24_hours(stage: Stage) -> None:
    """The 401st container of a day is refused; a day later there is room again."""
    token = await stage.graph_login("brand")
    body = {"media_type": "REELS", "video_url": f"{stage.media.address}/none.mp4"}
    for _ in range(400):
        await stage.container(token, **body)
    assert (await stage.graph(token, "POST", "me/media", **body)).json()["error"]["code"] == 9
    await stage.advance(86_401)
    await stage.container(token, **body)


async def test_first_comment(stage: Stage) -> None:
    """A comment goes in as message and comes out as text; it needs its scope, and comments that are on."""
    token = await stage.graph_login("brand")
    media_id = await stage.post_picture(token)
    made = await stage.graph(token, "POST", f"{media_id}/comments", message="First!")
    read = (await stage.graph(token, "GET", f"{media_id}/comments", fields="id,text,username")).json()
    assert read["data"] == [{"id": made.json()["id"], "text": "First!", "username": "brand"}]
    [post] = await stage.items("posts")
    assert post["comments"] == ["First!"]
    few = await stage.graph_login("brand", "instagram_business_basic,instagram_business_content_publish")
    refused = await stage.graph(few, "POST", f"{media_id}/comments", message="Second!")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, 10)
    await stage.graph(token, "POST", media_id, comment_enabled=False)
    assert (await stage.graph(token, "POST", f"{media_id}/comments", message="x")).status_code == 400
    assert len((await stage.items("posts"))[0]["comments"]) == 1


async def test_parameters_and_paths_in_every_form(stage: Stage) -> None:
    """Query, form, multipart and JSON; with and without version; any number of slashes; no redirect anywhere."""
    token = await stage.graph_login("brand")
    url = stage.media.put("picture.jpg", picture())
    me = (await stage.graph(token, "GET", "me", fields="user_id")).json()["user_id"]
    base, body = "/sandbox/graph.instagram.com", {"image_url": url, "access_token": token}
    post = stage.http.post
    for answer in (
        await post(f"{base}/me/media", params=body),
        await post(f"{base}/v21.0/{me}/media/", data=body),
        await post(f"{base}//v26.0//{me}//media", files={name: (None, text) for name, text in body.items()}),
        await post(f"{base}/{me}/media?access_token={token}&summary=1&appsecret_proof=x", json={"image_url": url}),
        await post(f"{base}/v25.0/{me}/media", json=body | {"media_type": "IMAGE"}),
    ):
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"].isdigit()
    for version in ("v20.0", "v99.0", "v25.1"):
        assert (await post(f"{base}/{version}/me/media", data=body)).status_code == 400
    for broken in (b"{", b"[1]", b'{"a": "\\ud800"}', b"[" * 100_000, b"\xff\xfe"):
        answer = await post(
            f"{base}/me/media?access_token={token}", content=broken, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


async def test_only_container_fields_on_containers(stage: Stage) -> None:
    """Asking a container for a permalink is an error; so are braces that don't close, and fields that don't exist."""
    token = await stage.graph_login("brand")
    container = await stage.container(token, image_url=stage.media.put("picture.jpg", picture()))
    for fields in ("permalink", "status_code,timestamp", "id{", "}", "nonsense"):
        answer = await stage.graph(token, "GET", container, fields=fields)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100), fields
    answer = await stage.graph(token, "GET", container)
    assert answer.json() == {"id": container}


async def test_other_people_s_things_do_not_exist(stage: Stage) -> None:
    """Containers, media and account paths of another account answer 100/33 or 24/2207008, like unknown ones."""
    mine, other = await stage.graph_login("mine"), await stage.graph_login("other")
    media_id = await stage.post_picture(mine)
    container = await stage.container(mine, image_url=stage.media.put("picture.jpg", picture()))
    me = (await stage.graph(mine, "GET", "me", fields="user_id")).json()["user_id"]
    for path in (container, media_id, "17899999999999999", f"{me}/media", f"{media_id}/comments", "nonsense"):
        answer = await stage.graph(other, "GET", path)
        assert answer.status_code == 400, path
        assert answer.json()["error"]["code"] in {100, 2500}, path
    error = (await stage.publish(other, container)).json()["error"]
    assert (error["code"], error["error_subcode"]) == (24, 2207008)


async def test_media_list_is_paged_newest_first(stage: Stage) -> None:
    """The list is walked by absolute next addresses, newest first, each post once, even as new ones appear."""
    token = await stage.graph_login("brand")
    posted = [await stage.post_picture(token, caption=str(number)) for number in range(5)]
    answer = await stage.graph(token, "GET", "me/media", fields="id,caption", limit=2)
    seen = [one["id"] for one in answer.json()["data"]]
    await stage.post_picture(token)
    before = answer
    while "next" in answer.json()["paging"]:
        assert answer.json()["paging"]["next"].startswith(
            f"{stage.address}/sandbox/graph.instagram.com/v25.0/me/media?"
        )
        before = answer
        answer = await stage.http.get(answer.json()["paging"]["next"], headers={"authorization": f"Bearer {token}"})
        seen += [one["id"] for one in answer.json()["data"]]
    assert seen == posted[::-1]
    back = await stage.graph(
        token, "GET", "me/media", limit=2, before=answer.json()["paging"]["cursors"]["before"], fields="id"
    )
    assert [one["id"] for one in back.json()["data"]] == [one["id"] for one in before.json()["data"]]
    assert (await stage.graph(token, "GET", "me/media", after="nonsense")).status_code == 400
