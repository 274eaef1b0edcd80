"""The optional parameters of Instagram's containers, behind both logins: accepted, echoed, or refused as Graph refuses."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2
import pytest
from tests.sandbox.running_sandbox import JSON, RunningSandbox, clip, picture, polls

LOCATION = "INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID"
TAG = {"username": "luna", "x": 0.25, "y": 1}


@dataclass(frozen=True)
class Client:
    """A logged-in client of one of the two hosts."""

    sandbox: RunningSandbox
    call: Callable[..., Awaitable[httpx2.Response]]
    token: str
    user: str

    async def get(self, path: str, **params: object) -> JSON:
        """Read something."""
        answer = await self.call(self.token, "GET", path, **params)
        assert answer.status_code == 200, answer.text
        read: JSON = answer.json()
        return read

    async def make(self, **params: object) -> httpx2.Response:
        """Ask for a container."""
        return await self.call(self.token, "POST", f"{self.user}/media", **params)

    async def made(self, **params: object) -> str:
        """Make a container that is accepted, and return its id."""
        answer = await self.make(**params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def finished(self, container: str) -> JSON:
        """Poll a container until it is no longer in progress; return its status."""
        status: JSON = {"status_code": "IN_PROGRESS"}
        async for _ in polls():
            if status["status_code"] != "IN_PROGRESS":
                break
            status = await self.get(container, fields="status_code,status")
        return status

    async def post(self, **params: object) -> JSON:
        """Publish a container and return the post as the control surface shows it."""
        container = await self.made(**params)
        assert (await self.finished(container))["status_code"] == "FINISHED"
        answer = await self.call(self.token, "POST", f"{self.user}/media_publish", creation_id=container)
        assert answer.status_code == 200, answer.text
        posts = await self.sandbox.items("posts")
        assert posts[-1]["externalId"] == answer.json()["id"]
        return posts[-1]

    async def image(self, **params: object) -> JSON:
        """Publish a picture."""
        return await self.post(image_url=self.sandbox.media.put("picture.jpg", picture()), **params)


@pytest.fixture(params=["instagram", "facebook"])
async def client(request: pytest.FixtureRequest, sandbox: RunningSandbox) -> Client:
    """A client behind each login."""
    if request.param == "instagram":
        token = await sandbox.graph_login("brand")
        user = (await sandbox.graph(token, "GET", "me", fields="user_id")).json()["user_id"]
        return Client(sandbox, sandbox.graph, token, user)
    token = await sandbox.facebook_login("brand")
    pages = (await sandbox.facebook(token, "GET", "me/accounts", fields="instagram_business_account")).json()
    return Client(sandbox, sandbox.facebook, token, pages["data"][0]["instagram_business_account"]["id"])


async def test_picture_with_every_option(client: Client) -> None:
    """What was sent is in the post's params: lists and objects as such, also those that came as JSON in a string."""
    options: JSON = {
        "alt_text": "A cat",
        "is_ai_generated": True,
        "location_id": "7640348500",
        "collaborators": ["nova", "sol_1"],
        "user_tags": [TAG, {"username": "nova", "x": 0, "y": 0.5}],
    }
    post = await client.image(caption="Hello", **options)
    assert {name: post["params"][name] for name in options} == options
    assert (post["kind"], post["children"]) == ("feed_image", [])
    as_text = {name: json.dumps(value) if isinstance(value, list) else value for name, value in options.items()}
    again = await client.image(**as_text)
    assert {name: again["params"][name] for name in options} == options
    by_comma = await client.image(collaborators="nova,sol_1")
    assert by_comma["params"]["collaborators"] == ["nova", "sol_1"]
    read = await client.get(post["externalId"], fields="alt_text,collaborators")
    pending = [{"username": name, "invite_status": "Pending"} for name in ("nova", "sol_1")]
    assert (read["alt_text"], read["collaborators"]) == ("A cat", {"data": pending})
    [first, *_] = await client.sandbox.calls(operation="media")
    assert first["request"]["user_tags"] == options["user_tags"]


async def test_reel_with_every_option(client: Client, reel: bytes) -> None:
    """A reel's cover is fetched and becomes its thumbnail; a cover_url wins over a thumb_offset outside the video."""
    video, cover = client.sandbox.media.put("clip.mp4", reel), client.sandbox.media.put("cover.jpg", picture(90, 160))
    options: JSON = {
        "is_ai_generated": "true",
        "location_id": "7640348500",
        "collaborators": ["nova"],
        "user_tags": [{"username": "luna"}],
        "cover_url": cover,
        "thumb_offset": 99_000,
        "audio_name": "Snow",
        "share_to_feed": "true",
    }
    post = await client.post(media_type="REELS", video_url=video, **options)
    assert {name: post["params"][name] for name in options} == options
    assert "cover.jpg" in client.sandbox.media.fetched
    read = await client.get(post["externalId"], fields="thumbnail_url,media_product_type,is_shared_to_feed")
    assert (read["media_product_type"], read["is_shared_to_feed"]) == ("REELS", True)
    shown = await client.sandbox.http.get(read["thumbnail_url"])
    plain = await client.post(media_type="REELS", video_url=video, thumb_offset=1500)
    other = await client.get(plain["externalId"], fields="thumbnail_url")
    assert shown.content != (await client.sandbox.http.get(other["thumbnail_url"])).content


async def test_trial_reel(client: Client, reel: bytes) -> None:
    """Both strategies are accepted; an account that can't have trial reels finds out in the container's status."""
    video = client.sandbox.media.put("clip.mp4", reel)
    for strategy in ("MANUAL", "SS_PERFORMANCE"):
        params = {"graduation_strategy": strategy}
        post = await client.post(media_type="REELS", video_url=video, trial_params=json.dumps(params))
        assert post["params"]["trial_params"] == params
    await client.sandbox.account("instagram", "brand", trialReels=False)
    container = await client.made(media_type="REELS", video_url=video, trial_params={"graduation_strategy": "MANUAL"})
    status = await client.finished(container)
    assert (status["status_code"], status["status"][-7:]) == ("ERROR", "2207081")
    assert (await client.post(media_type="REELS", video_url=video))["kind"] == "reel"


async def test_items_of_a_carousel_have_their_own_options(client: Client, reel: bytes) -> None:
    """Tags and alt texts are sent with the items, the rest with the parent; the post shows both."""
    url, video = client.sandbox.media.put("picture.jpg", picture()), client.sandbox.media.put("clip.mp4", reel)
    tagged = await client.made(image_url=url, is_carousel_item=True, user_tags=[TAG], alt_text="One")
    film = await client.made(media_type="VIDEO", video_url=video, is_carousel_item=True, thumb_offset=500)
    for item in (tagged, film):
        assert (await client.finished(item))["status_code"] == "FINISHED"
    options: JSON = {"collaborators": ["nova"], "location_id": 7640348500, "is_ai_generated": True}
    post = await client.post(media_type="CAROUSEL", children=[tagged, film], **options)
    assert {name: post["params"][name] for name in options} == options
    assert [item["id"] for item in post["children"]] == [tagged, film]
    assert post["children"][0]["params"]["user_tags"] == [TAG]
    assert post["children"][1]["params"]["thumb_offset"] == 500
    read = await client.get(post["externalId"], fields="children{alt_text}")
    assert [item.get("alt_text") for item in read["children"]["data"]] == ["One", None]


async def test_stories_of_both_kinds(client: Client, reel: bytes) -> None:
    """A picture or video becomes a story: any ratio, no caption, no comments, its own permalink and list, for a day."""
    sandbox = client.sandbox
    url, video = sandbox.media.put("tall.jpg", picture(600, 1800)), sandbox.media.put("clip.mp4", reel)
    tags = [{"username": "luna"}, TAG]
    image = await client.post(media_type="STORIES", image_url=url, user_tags=tags, is_ai_generated=True, caption="no")
    moving = await client.post(media_type="STORIES", video_url=video, user_tags=tags, thumb_offset=99_000)
    for post in (image, moving):
        assert (post["kind"], post["caption"], post["params"]["user_tags"]) == ("story", "", tags)
        read = await client.get(post["externalId"], fields="permalink,media_product_type,media_type,caption")
        assert read["permalink"] == post["url"] == f"https://www.instagram.com/stories/brand/{post['externalId']}/"
        assert (read["media_product_type"], "caption" in read) == ("STORY", False)
        assert (await sandbox.http.get(post["url"].replace("https://", "/sandbox/"))).status_code == 200
        refused = await client.call(client.token, "POST", f"{post['externalId']}/comments", message="First")
        error = refused.json()["error"]
        assert (error["code"], error["error_subcode"]) == (100, 33)
    stories = (await client.get(f"{client.user}/stories"))["data"]
    assert [one["id"] for one in stories] == [moving["externalId"], image["externalId"]]
    assert (await client.get(f"{client.user}/media"))["data"] == []
    await sandbox.advance(86_401)
    assert (await client.get(f"{client.user}/stories"))["data"] == []


async def test_story_videos_have_their_own_limits(sandbox: RunningSandbox) -> None:
    """A video that is narrower than 1:10 or longer than a minute can be a reel, not a story."""
    token = await sandbox.graph_login("brand")
    for data in (clip(width=64, height=700), clip(62, width=64, height=64)):
        video = sandbox.media.put("clip.mp4", data)
        story = await sandbox.container(token, media_type="STORIES", video_url=video)
        assert (await sandbox.finished(token, story))[-1] == "ERROR"
        status = (await sandbox.graph(token, "GET", story, fields="status")).json()["status"]
        assert status.endswith("error code 2207026")
        reel = await sandbox.container(token, media_type="REELS", video_url=video)
        assert (await sandbox.finished(token, reel))[-1] == "FINISHED"


IMAGE = {"image_url": "{image}"}
REEL = {"media_type": "REELS", "video_url": "{video}"}
STORY = {"media_type": "STORIES", "image_url": "{image}"}
IMAGE_ITEM = {"image_url": "{image}", "is_carousel_item": True}
VIDEO_ITEM = {"media_type": "VIDEO", "video_url": "{video}", "is_carousel_item": True}
CAROUSEL = {"media_type": "CAROUSEL", "children": "17889000000000001,17889000000000002"}
TRIAL = {"trial_params": {"graduation_strategy": "MANUAL"}}

REFUSED: list[tuple[JSON, JSON, int, int | None, str]] = [
    *(
        (base, {"alt_text": "A cat"}, 100, None, "alt_text is not allowed")
        for base in (REEL, STORY, VIDEO_ITEM, CAROUSEL)
    ),
    *(
        (base, {"location_id": "1"}, 100, None, "location_id is not allowed")
        for base in (STORY, IMAGE_ITEM, VIDEO_ITEM)
    ),
    *((base, {"collaborators": ["a"]}, 100, None, "collaborators is not allowed") for base in (STORY, IMAGE_ITEM)),
    *((base, {"user_tags": [TAG]}, 100, None, "user_tags is not allowed") for base in (VIDEO_ITEM, CAROUSEL)),
    *(
        (base, {"is_ai_generated": True}, 100, None, "is_ai_generated is not allowed")
        for base in (IMAGE_ITEM, VIDEO_ITEM)
    ),
    *((base, {"cover_url": "{image}"}, 100, None, "cover_url is not allowed") for base in (IMAGE, STORY, VIDEO_ITEM)),
    *((base, TRIAL, 100, None, "trial_params is not allowed") for base in (IMAGE, STORY, CAROUSEL)),
    *((base, {"audio_name": "Snow"}, 100, None, "audio_name is not allowed") for base in (IMAGE, STORY)),
    (IMAGE, {"alt_text": "x" * 1001}, 100, None, "1000 characters"),
    (IMAGE, {"is_ai_generated": "perhaps"}, 100, None, "is_ai_generated must be a boolean"),
    (REEL, {"share_to_feed": 2}, 100, None, "share_to_feed must be a boolean"),
    (IMAGE, {"collaborators": ["a", "b", "c", "d"]}, 100, None, "at most 3"),
    (IMAGE, {"collaborators": ["@a"]}, 100, None, "without @"),
    (REEL, TRIAL | {"collaborators": ["a"]}, 100, None, "collaborators is not allowed"),
    (REEL, {"trial_params": {"graduation_strategy": "LATER"}}, 100, None, "MANUAL"),
    (REEL, {"trial_params": "MANUAL"}, 100, None, "must be an object"),
    (IMAGE, {"location_id": "Paris"}, 100, None, LOCATION),
    (REEL, {"location_id": "4041"}, 100, None, LOCATION),
    (IMAGE, {"user_tags": "luna"}, 100, None, "must be an array"),
    (IMAGE, {"user_tags": "[luna"}, 100, None, "must be an array"),
    (IMAGE, {"user_tags": '[{"username": "luna", "x": 0, "y": 0, "z": NaN}]'}, 100, None, "must be an array"),
    (IMAGE, {"user_tags": '[{"username": "luna", "x": 0, "y": 0, "z": "\\ud800"}]'}, 100, None, "must be an array"),
    (IMAGE, {"user_tags": "[" * 5000}, 100, None, "must be an array"),
    (IMAGE, {"user_tags": [{"username": "luna"}]}, 100, None, "x and y"),
    (IMAGE_ITEM, {"user_tags": [{"username": "luna"}]}, 100, None, "x and y"),
    (STORY, {"user_tags": [{"username": "luna", "x": 0.5}]}, 100, None, "x and y"),
    (IMAGE, {"user_tags": [TAG | {"x": 1.01}]}, 100, None, "between 0.0 and 1.0"),
    (IMAGE, {"user_tags": [TAG | {"y": "left"}]}, 100, None, "between 0.0 and 1.0"),
    (IMAGE, {"user_tags": [{"x": 0, "y": 0}]}, 100, None, "usernames"),
    (IMAGE, {"user_tags": [TAG] * 21}, 100, 2207040, "20"),
    (REEL, {"user_tags": [TAG]}, 100, None, "no position"),
    (REEL, {"thumb_offset": "-1"}, 1, 2207057, "outside the video"),
    (REEL, {"thumb_offset": "0" * 5000}, 1, 2207057, "outside the video"),
    (VIDEO_ITEM, {"thumb_offset": "soon"}, 1, 2207057, "outside the video"),
    (REEL, {"cover_url": "{png}"}, 36001, 2207005, "JPEG"),
    (REEL, {"cover_url": "{big}"}, 36000, 2207004, "8 MiB"),
    (REEL, {"cover_url": "{missing}"}, 9004, 2207052, "photo or video"),
    (REEL, {"cover_url": "{video}"}, 9004, 2207052, "photo or video"),
    (REEL, {"audio_name": " "}, 100, None, "audio_name"),
    (IMAGE, {"branded_content_sponsor_ids": ["1", "2", "3"]}, 100, None, "at most 2"),
]


async def test_options_are_refused_with_the_words_of_graph(client: Client, reel: bytes) -> None:
    """A parameter that a media type does not have, and a wrong value, end the call; no container is made."""
    media = client.sandbox.media
    places = {
        "{image}": media.put("picture.jpg", picture()),
        "{video}": media.put("clip.mp4", reel),
        "{png}": media.put("one.png", picture(kind="PNG")),
        "{big}": media.put("big.jpg", picture() + bytes(8 * 1024 * 1024)),
        "{missing}": f"{media.address}/none.jpg",
    }
    for base, option, code, subcode, words in REFUSED:
        sent = {name: places.get(str(value), value) for name, value in (base | option).items()}
        answer = await client.make(**sent)
        error = answer.json().get("error", answer.json())
        found = (answer.status_code, error.get("code"), error.get("error_subcode"))
        assert found == (400, code, subcode), (base, option, error)
        assert words in error["message"], (base, option, error)


async def test_options_that_are_off_or_empty_are_not_refused(client: Client) -> None:
    """A flag that says no, and an empty value, are as good as not sent."""
    url = client.sandbox.media.put("picture.jpg", picture())
    await client.made(image_url=url, is_carousel_item=True, is_ai_generated=False, collaborators=[], location_id="")
    await client.made(image_url=url, is_ai_generated="false", user_tags="", trial_params=None, share_to_feed=False)


async def test_options_of_one_login(client: Client, reel: bytes) -> None:
    """Licensed audio, the paid partnership flag and product tags exist with Facebook Login only."""
    video = client.sandbox.media.put("clip.mp4", reel)
    base: JSON = {"media_type": "REELS", "video_url": video}
    audio = {"audio_configuration": {"audio_id": "123", "audio_volume": 0.5, "video_volume": 1}}
    answers = [await client.make(**base, **option) for option in (audio, {"is_paid_partnership": True})]
    product = await client.make(**base, product_tags=[{"product_id": "1"}])
    if client.call == client.sandbox.facebook:
        assert [answer.status_code for answer in answers] == [200, 200]
        assert product.json()["error"]["error_subcode"] == 2207037, "no account has a shop"
    else:
        for answer in (*answers, product):
            assert "is not available with this login" in answer.json()["error"]["message"]
