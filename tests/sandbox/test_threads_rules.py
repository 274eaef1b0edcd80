"""Threads: what a container may have, what is wrong with media, and the quotas."""

import json
from collections.abc import Callable

import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox, clip, picture
from tests.sandbox.threads_client import login, refusal
from tests.tiers import exhaustive

from presswork_sandbox.threads.options import FLAGS, PLACES

DAY = 86_400
PARAMETER = (100, None)
EVERYTHING = (
    "threads_basic,threads_content_publish,threads_manage_replies,threads_location_tagging,threads_share_to_instagram"
)


async def test_500_bytes_of_text(sandbox: RunningSandbox) -> None:
    """The limit counts bytes of UTF-8, whatever the message says."""
    rows: list[tuple[str, bool]] = [
        ("a" * 500, True),
        ("a" * 501, False),
        ("\N{RIGHT SINGLE QUOTATION MARK}" * 3 + "a" * 491, True),
        ("\N{RIGHT SINGLE QUOTATION MARK}" * 3 + "a" * 495, False),
        ("\N{CYRILLIC SMALL LETTER ZHE}" * 250, True),
        ("\N{CYRILLIC SMALL LETTER ZHE}" * 251, False),
        ("\N{GRINNING FACE}" * 125, True),
        ("\N{GRINNING FACE}" * 126, False),
    ]
    with every_row() as row:
        for text, fits in rows:
            with row(text, fits):
                answer = await (await login(sandbox)).create(media_type="TEXT", text=text)
                assert (answer.status_code == 200) is fits
                if not fits:
                    assert refusal(answer) == PARAMETER
                    assert answer.json()["error"]["message"] == "Param text must be at most 500 characters long."


async def test_five_links(sandbox: RunningSandbox) -> None:
    """Different URLs count, in the text and attached; the sixth is refused by name."""
    threads = await login(sandbox)
    five = " ".join(f"https://example.com/{number}." for number in range(5))
    cases: list[tuple[JSON, bool]] = [
        ({"text": five}, True),
        ({"text": f"{five} (https://example.com/0)"}, True),
        ({"text": five, "link_attachment": "https://example.com/4"}, True),
        ({"text": f"{five} www.example.org"}, False),
        ({"text": five, "link_attachment": "https://example.com/5"}, False),
        (
            {"text": five, "text_attachment": json.dumps({"plaintext": "x", "link_attachment_url": "https://a.b"})},
            False,
        ),
    ]
    for params, fits in cases:
        answer = await threads.create(media_type="TEXT", **params)
        assert (answer.status_code == 200) is fits, params
        if not fits:
            assert refusal(answer) == PARAMETER
            assert "THREADS_API__LINK_LIMIT_EXCEEDED" in answer.json()["error"]["message"]


async def test_required_and_unknown_media_types(sandbox: RunningSandbox) -> None:
    """media_type is required, and each has one parameter that it needs."""
    threads = await login(sandbox)
    for params in (
        {"text": "x"},
        {"media_type": "REELS", "video_url": "https://a.b/c"},
        {"media_type": "TEXT"},
        {"media_type": "TEXT", "text": "  "},
        {"media_type": "IMAGE", "text": "x"},
        {"media_type": "VIDEO", "text": "x"},
        {"media_type": "CAROUSEL", "text": "x"},
        {"media_type": "TEXT", "text": "x", "is_carousel_item": "true"},
        {"media_type": "CAROUSEL", "children": "1,2", "is_carousel_item": "true"},
    ):
        assert refusal(await threads.create(**params)) == PARAMETER, params


async def test_parameters_that_a_media_type_does_not_have(sandbox: RunningSandbox) -> None:
    """Each place has its parameters; false and empty ones count as not sent."""
    threads = await login(sandbox, scope=EVERYTHING)
    image = {"media_type": "IMAGE", "image_url": sandbox.media.put("p.jpg", picture())}
    text = {"media_type": "TEXT", "text": "x"}
    item = image | {"is_carousel_item": "true"}
    for base, name, value in (
        (image, "link_attachment", "https://a.b"),
        (image, "auto_publish_text", "true"),
        (image, "poll_attachment", '{"option_a": "1", "option_b": "2"}'),
        (image, "video_url", "https://a.b/c"),
        (text, "alt_text", "x"),
        (text, "is_spoiler_media", "true"),
        (text, "image_url", "https://a.b/c"),
        (item, "text", "x"),
        (item, "topic_tag", "x"),
        (item, "reply_control", "everyone"),
        (item, "reply_to_id", "1"),
    ):
        answer = await threads.create(**base, **{name: value})
        assert refusal(answer) == PARAMETER, name
        assert f"{name} is not allowed" in answer.json()["error"]["message"]
    assert (await threads.create(**text, alt_text="", is_spoiler_media="false")).status_code == 200


async def test_values_of_parameters(sandbox: RunningSandbox) -> None:
    """What Meta documents about each value: what fits is accepted, what does not is code 100."""
    threads = await login(sandbox, scope=EVERYTHING)
    quoted = await threads.post(media_type="TEXT", text="Quote me")
    url = sandbox.media.put("p.jpg", picture())
    media = {"media_type": "IMAGE", "image_url": url}
    text = {"media_type": "TEXT", "text": "x"}
    spoiler = {"entity_type": "SPOILER", "offset": 0, "length": 1}
    cases: list[tuple[JSON, str, object, object]] = [
        (text, "reply_control", "followers_only", "friends"),
        (text, "topic_tag", "t" * 50, "t" * 51),
        (text, "topic_tag", "two words", "a.b"),
        (text, "topic_tag", "x", "a&b"),
        (media, "alt_text", "a" * 1000, "a" * 1001),
        (media, "is_spoiler_media", "true", "perhaps"),
        (text, "location_id", "123", "here"),
        (text, "link_attachment", "https://example.com", "example"),
        (text, "link_attachment", "http://a.b/c?d#e", "https://a.b/c d"),
        (text, "allowlisted_country_codes", "US,DE", "us"),
        (text, "allowlisted_country_codes", '["US", "CA"]', "US,XX"),
        (text, "poll_attachment", '{"option_a": "1", "option_b": "2"}', '{"options": []}'),
        (text, "poll_attachment", {"option_a": "a" * 25, "option_b": "b"}, {"option_a": "a" * 26, "option_b": "b"}),
        (
            text,
            "poll_attachment",
            {f"option_{letter}": letter for letter in "abcd"},
            {"option_a": "a", "option_c": "c"},
        ),
        (text, "poll_attachment", {f"option_{letter}": letter for letter in "abc"}, {"option_a": "a", "option_b": " "}),
        (text, "poll_attachment", {f"option_{letter}": letter for letter in "ab"}, {"option_a": "a"}),
        (
            text,
            "poll_attachment",
            {"option_a": "1", "option_b": "2"},
            {f"option_{letter}": letter for letter in "abcde"},
        ),
        (text, "gif_attachment", '{"gif_id": "1", "provider": "GIPHY"}', "[]"),
        (text, "text_attachment", json.dumps({"plaintext": "a" * 10_000}), json.dumps({"plaintext": "a" * 10_001})),
        (text, "text_entities", json.dumps([spoiler] * 10), json.dumps([spoiler] * 11)),
        (text, "quote_post_id", quoted, "x"),
    ]
    for base, name, *values in cases:
        right, wrong = (json.dumps(value) if isinstance(value, dict) else value for value in values)
        assert (await threads.create(**base, **{name: right})).status_code == 200, name
        assert refusal(await threads.create(**base, **{name: wrong})) == PARAMETER, name
    both = {"poll_attachment": '{"option_a": "1", "option_b": "2"}', "text_attachment": '{"plaintext": "x"}'}
    assert refusal(await threads.create(**text, **both)) == PARAMETER
    assert refusal(await threads.create(**text, quote_post_id="18090000000000001")) == (24, 4279009)


@pytest.mark.parametrize(
    "value", [7, [[]], "\x00", *exhaustive([0.5, True, ["x"], {"a": {}}, [{"a": None}], "[", None])]
)
async def test_values_of_any_shape(sandbox: RunningSandbox, value: object) -> None:
    """Whatever JSON is sent as a parameter, the answer is the platform's own, and what was accepted can be published."""
    threads = await login(sandbox, scope=EVERYTHING)
    headers = {"authorization": f"Bearer {threads.token}"}
    for name in (*PLACES, *FLAGS, "media_type"):
        body = {"media_type": "TEXT", "text": "x", name: value}
        answer = await sandbox.http.post("/sandbox/graph.threads.net/v1.0/me/threads", json=body, headers=headers)
        assert answer.status_code in {200, 400}, name
        if answer.status_code == 200 and name != "auto_publish_text":
            await sandbox.advance(1)
            assert (await threads.publish(answer.json()["id"])).status_code == 200, name
    for name in ("fields", "since", "until", "limit", "after", "before", "reverse"):
        body = {"access_token": threads.token, name: value}
        for path in ("me", "me/threads", "me/threads_publishing_limit"):
            url = f"/sandbox/graph.threads.net/v1.0/{path}"
            assert (await sandbox.http.request("GET", url, json=body)).status_code in {200, 400}, name
    assert (await sandbox.http.get("/sandbox/feed/threads/brand")).status_code == 200


async def test_what_was_sent_is_read_back(sandbox: RunningSandbox) -> None:
    """Options are in the post's params, nested as lists and objects, and in the fields that the platform has for them."""
    threads = await login(sandbox, scope=EVERYTHING)
    quoted = await threads.post(media_type="TEXT", text="Quote me #1 #one")
    assert (await threads.read(quoted, "topic_tag"))["topic_tag"] == "one", "a number is no topic"
    media_id = await threads.post(
        media_type="TEXT",
        text="All #ignored",
        topic_tag="chosen",
        reply_control="mentioned_only",
        quote_post_id=quoted,
        allowlisted_country_codes="US,CA",
        link_attachment="https://example.com/a",
        poll_attachment='{"option_a": "Yes", "option_b": "No"}',
        enable_reply_approvals="true",
    )
    fields = "topic_tag,reply_audience,is_quote_post,quoted_post,allowlisted_country_codes,link_attachment_url"
    read = await threads.read(media_id, f"{fields},poll_attachment")
    assert read == {
        "topic_tag": "chosen",
        "reply_audience": "MENTIONED_ONLY",
        "is_quote_post": True,
        "quoted_post": {"id": quoted},
        "allowlisted_country_codes": ["US", "CA"],
        "link_attachment_url": "https://example.com/a",
        "poll_attachment": {"option_a": "Yes", "option_b": "No"},
        "id": media_id,
    }
    post = (await sandbox.items("posts"))[-1]
    assert post["params"]["poll_attachment"] == {"option_a": "Yes", "option_b": "No"}
    assert post["params"]["allowlisted_country_codes"] == ["US", "CA"]


async def test_geo_gating_by_name(sandbox: RunningSandbox) -> None:
    """Wrong countries and a profile without geo-gating are refused by the names of their errors."""
    threads = await login(sandbox)
    text = {"media_type": "TEXT", "text": "x", "allowlisted_country_codes": "ZZ"}
    message = (await threads.create(**text)).json()["error"]["message"]
    assert "THREADS_API__GEO_GATING_INVALID_COUNTRY_CODES" in message
    await sandbox.account("threads", "brand", geoGating=False)
    message = (await threads.create(**text | {"allowlisted_country_codes": "US"})).json()["error"]["message"]
    assert "THREADS_API__FEATURE_NOT_AVAILABLE" in message
    assert (await threads.read("me", "is_eligible_for_geo_gating"))["is_eligible_for_geo_gating"] is False


async def test_2_to_20_children(sandbox: RunningSandbox) -> None:
    """One child and 21 are refused, and so are children that are no carousel items, of another profile or unknown."""
    threads, other = await login(sandbox), await login(sandbox, "other")
    image = {"media_type": "IMAGE", "image_url": sandbox.media.put("p.jpg", picture())}
    film = {"media_type": "VIDEO", "video_url": sandbox.media.put("c.mp4", clip(1.0))}
    kinds = [image, film, *[image] * 18, film]
    made = [await threads.container(**kind, is_carousel_item="true") for kind in kinds]
    unfinished = await threads.create(media_type="CAROUSEL", children=",".join(made[:2]))
    assert refusal(unfinished) == (100, 4279004)
    await sandbox.advance(5)
    await sandbox.advance(1)

    async def carousel(*children: str) -> tuple[int, int | None] | None:
        answer = await threads.create(media_type="CAROUSEL", children=",".join(children))
        return None if answer.status_code == 200 else refusal(answer)

    assert await carousel(made[0]) == PARAMETER
    assert await carousel(*made) == PARAMETER
    assert await carousel(*made[:20]) is None
    alone = await threads.container(**image)
    foreign = await other.container(**image, is_carousel_item="true")
    await sandbox.advance(1)
    for wrong in (alone, foreign, "17880000000000009"):
        assert await carousel(made[0], wrong) == (100, 4279004)
    await sandbox.advance(DAY)
    assert await carousel(*made[:2]) == (100, 4279004), "expired"


async def test_pictures_that_are_refused(sandbox: RunningSandbox) -> None:
    """Format, ratio and size are looked at when the container is created."""
    rows: list[tuple[Callable[[], bytes], tuple[int, int]]] = [
        (lambda: picture(kind="WEBP"), (36001, 2207005)),
        (lambda: picture(kind="GIF"), (36001, 2207005)),
        (lambda: picture(3300, 300), (36003, 2207009)),
        (lambda: picture(300, 3300), (36003, 2207009)),
        (lambda: b"<html>", (9004, 2207052)),
        (lambda: picture() + b"\0" * 8 * 1024 * 1024, (36000, 2207004)),
    ]
    with every_row() as row:
        for make, expected in rows:
            with row(make, expected):
                await sandbox.reset()
                threads = await login(sandbox)
                url = sandbox.media.put("p", make())
                assert refusal(await threads.create(media_type="IMAGE", image_url=url)) == expected
                wide = sandbox.media.put("wide", picture(3000, 300))
                assert (await threads.create(media_type="IMAGE", image_url=wide)).status_code == 200, (
                    "10:1 is the limit"
                )


async def test_addresses_that_can_not_be_fetched(sandbox: RunningSandbox, reel: bytes) -> None:
    """An error page, a redirect and a video as a picture are 9004/2207052; of a video the container fails."""
    threads = await login(sandbox)
    clip_url = sandbox.media.put("c.mp4", reel)
    base = sandbox.media.address
    for url in (f"{base}/none.jpg", f"{base}/moved/c.mp4", clip_url, "ftp://a.b/c", "https://a b/\N{SNOWMAN}"):
        assert refusal(await threads.create(media_type="IMAGE", image_url=url)) == (9004, 2207052), url
    for url in (f"{base}/none.mp4", f"{base}/moved/c.mp4"):
        container = await threads.container(media_type="VIDEO", video_url=url)
        assert (await threads.finished(container))[-1] == "ERROR"
        state = await threads.status(container)
        assert state == {"status": "ERROR", "id": container, "error_message": "FAILED_DOWNLOADING_VIDEO"}
        assert refusal(await threads.publish(container)) == (24, 4279009)
    sandbox.media.refused_agent = "facebookexternalhit"
    answer = await threads.create(media_type="IMAGE", image_url=sandbox.media.put("p.jpg", picture()))
    assert refusal(answer) == (9004, 2207052)
    assert "403" in answer.json()["error"]["error_user_msg"]


async def test_what_is_wrong_with_a_video(sandbox: RunningSandbox) -> None:
    """The container's error_message names it, in Meta's spelling."""
    rows: list[tuple[Callable[[], bytes], str | None]] = [
        (lambda: clip(0.5, width=64, height=64, codec="libvpx", kind="webm"), "FAILED_PROCESSING_VIDEO"),
        (picture, "FAILED_PROCESSING_VIDEO"),
        (lambda: b"<html>", "FAILED_PROCESSING_VIDEO"),
        (lambda: clip(1.0, width=1922, height=32), "FAILED_PROCESSING_VIDEO"),
        (lambda: clip(1.0, fps=12), "INVALID_FRAME_RATE"),
        (lambda: clip(1.0, width=640, height=32), "INVALID_ASPEC_RATIO"),
        (lambda: clip(302, width=32, height=32, fps=1), "INVALID_DURATION"),
        (lambda: clip(1.0) + b"\0" * 13_000_000, "INVALID_BIT_RATE"),
        (lambda: clip(1.0), None),
    ]
    with every_row() as row:
        for make, problem in rows:
            with row(make, problem):
                threads = await login(sandbox)
                container = await threads.container(media_type="VIDEO", video_url=sandbox.media.put("c", make()))
                assert (await threads.finished(container))[-1] == ("FINISHED" if problem is None else "ERROR")
                assert (await threads.status(container)).get("error_message") == problem


async def test_posts_and_replies_have_quotas_of_their_own(sandbox: RunningSandbox) -> None:
    """The quota is enforced at threads_publish, over a rolling day; replies do not count as posts."""
    await sandbox.account("threads", "brand", quotaTotal=2, replyQuotaTotal=1)
    threads = await login(sandbox)
    root = await threads.post(media_type="TEXT", text="One")
    await threads.post(media_type="TEXT", text="Reply", reply_to_id=root)
    await sandbox.advance(3600)
    await threads.post(media_type="TEXT", text="Two")
    fields = "quota_usage,config,reply_quota_usage,reply_config"
    assert (await threads.read_limit(fields)).json()["data"] == [
        {
            "quota_usage": 2,
            "config": {"quota_total": 2, "quota_duration": DAY},
            "reply_quota_usage": 1,
            "reply_config": {"quota_total": 1, "quota_duration": DAY},
        }
    ]
    for more in ({}, {"reply_to_id": root}):
        container = await threads.container(media_type="TEXT", text="More", **more)
        assert await threads.finished(container) == ["FINISHED"]
        full = await threads.publish(container)
        assert refusal(full) == (613, 4279002)
        assert (await threads.status(container))["status"] == "FINISHED", "nothing happened to it"
    await sandbox.advance(DAY - 3600)
    assert (await threads.post(media_type="TEXT", text="Three")) != root
    assert (await threads.read_limit("quota_usage,reply_quota_usage")).json()["data"][0] == {
        "quota_usage": 2,
        "reply_quota_usage": 0,
    }


async def test_the_documented_quotas(sandbox: RunningSandbox) -> None:
    """250 posts and 1000 replies; without fields only the usage is returned, and an unknown field is refused."""
    threads = await login(sandbox)
    limits = (await threads.read_limit("config,reply_config")).json()["data"][0]
    assert (limits["config"]["quota_total"], limits["reply_config"]["quota_total"]) == (250, 1000)
    assert (await threads.read_limit("")).json() == {"data": [{"quota_usage": 0}]}
    assert refusal(await threads.read_limit("quota")) == PARAMETER


async def test_100_deletions(sandbox: RunningSandbox) -> None:
    """The 101st deletion of a day is refused, and the post stays."""
    await sandbox.account("threads", "brand", quotaTotal=1000)
    threads = await login(sandbox)
    made = [
        str((await threads.create(media_type="TEXT", text=str(number), auto_publish_text="true")).json()["id"])
        for number in range(101)
    ]
    for media_id in made[:100]:
        assert (await threads.call("DELETE", media_id)).status_code == 200
    assert refusal(await threads.call("DELETE", made[100])) == (613, 4279002)
    assert [post["externalId"] for post in await sandbox.items("posts")] == [made[100]]
    await sandbox.advance(DAY)
    assert (await threads.call("DELETE", made[100])).status_code == 200


async def test_settings_of_accounts(sandbox: RunningSandbox) -> None:
    """The control surface shows them, checks them, and knows them for Threads only."""
    settings = {"listDelaySeconds": 5, "replyQuotaTotal": 7, "privateProfile": True, "geoGating": False}
    account = await sandbox.account("threads", "brand", **settings)
    assert {name: account[name] for name in settings} == settings
    for bad in ({"listDelaySeconds": -1}, {"listDelaySeconds": "5"}, {"privateProfile": 1}):
        body = {"platform": "threads", "handle": "brand", **bad}
        assert (await sandbox.control("POST", "accounts", body)).status_code == 400
    body = {"platform": "instagram", "handle": "brand", "listDelaySeconds": 5}
    assert (await sandbox.control("POST", "accounts", body)).status_code == 400
