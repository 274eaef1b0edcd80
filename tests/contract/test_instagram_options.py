"""Each option of an Instagram target reaches the platform under its own name, behind both logins."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any, Final

import pytest
from tests.contract.faults import LOST, Fault, assert_explained, matrix
from tests.contract.job import Sample, picture, slideshow
from tests.contract.on_instagram import OnInstagram
from tests.contract.test_instagram_faults import PUBLISHING
from tests.contract.test_instagram_publishing import params_of
from tests.platforms.drafts import instagram

from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.port import Present

OF_ALL: Final[Mapping[str, Any]] = {
    "is_ai_generated": True,
    "collaborators": ["@luna", "mira.paints"],
    "location_id": "213385402",
}
SENT_OF_ALL: Final = {
    "is_ai_generated": "true",
    "collaborators": ["luna", "mira.paints"],
    "location_id": "213385402",
}
TAG: Final = {"username": "luna", "x": 0.5, "y": 0.25}


async def test_options_of_a_picture(on_instagram: OnInstagram) -> None:
    """Label, collaborators, location, tags and the alternative text."""
    sample = picture()
    sample = replace(sample, media=replace(sample.media, alt_text="A loaf on a board"))
    job = await on_instagram.job(sample, options=instagram(**OF_ALL, user_tags=[TAG]))
    assert isinstance(await on_instagram.drive(job), Present)
    [post] = await on_instagram.live()
    assert SENT_OF_ALL.items() <= params_of(post).items()
    assert (params_of(post)["user_tags"], params_of(post)["alt_text"]) == ([TAG], "A loaf on a board")


async def test_options_of_a_reel(on_instagram: OnInstagram, sample_clip: Sample) -> None:
    """Label, collaborators, location, tags without a position, a cover frame, the audio's name."""
    options = instagram(**OF_ALL, user_tags=[{"username": "luna"}], cover_timestamp_ms=500, audio_name="Our song")
    assert isinstance(await on_instagram.drive(await on_instagram.job(sample_clip, options=options)), Present)
    [post] = await on_instagram.live()
    assert SENT_OF_ALL.items() <= params_of(post).items()
    sent = {name: params_of(post)[name] for name in ("user_tags", "thumb_offset", "audio_name", "share_to_feed")}
    assert sent == {
        "user_tags": [{"username": "luna"}],
        "thumb_offset": "500",
        "audio_name": "Our song",
        "share_to_feed": "true",
    }


@pytest.mark.parametrize(("graduation", "strategy"), [("manual", "MANUAL"), ("performance", "SS_PERFORMANCE")])
async def test_trial_reels(on_instagram: OnInstagram, sample_clip: Sample, graduation: str, strategy: str) -> None:
    """A trial Reel says how it becomes visible for followers."""
    options = instagram(trial_reel={"graduation": graduation})
    assert isinstance(await on_instagram.drive(await on_instagram.job(sample_clip, options=options)), Present)
    [post] = await on_instagram.live()
    assert params_of(post)["trial_params"] == {"graduation_strategy": strategy}


async def test_the_cover_of_a_reel(on_instagram: OnInstagram, sample_clip: Sample) -> None:
    """Instagram downloads the cover from the target's URL."""
    cover = picture()
    url = on_instagram.host.put(cover.body, "image/jpeg")
    job = await on_instagram.job(sample_clip, options=instagram(cover_url=url))
    assert isinstance(await on_instagram.drive(job), Present)
    [post] = await on_instagram.live()
    assert params_of(post)["cover_url"] == url
    assert on_instagram.host.fetches(url) == 1


async def test_options_of_a_carousel(on_instagram: OnInstagram) -> None:
    """Tags and alternative texts belong to the items, the other options to the carousel."""
    samples = slideshow(3)
    samples[1] = replace(samples[1], media=replace(samples[1].media, alt_text="The crumb"))
    tags = [{**TAG, "item": 2}, {**TAG, "username": "mira.paints"}]
    job = await on_instagram.job(samples, options=instagram(**OF_ALL, user_tags=tags))
    assert isinstance(await on_instagram.drive(job), Present)
    [post] = await on_instagram.live()
    assert SENT_OF_ALL.items() <= params_of(post).items()
    children: Any = post["children"]
    assert [child["params"].get("user_tags") for child in children] == [
        [{**TAG, "username": "mira.paints"}],
        None,
        [TAG],
    ]
    assert [child["params"].get("alt_text") for child in children] == [None, "The crumb", None]


async def test_stories(on_instagram: OnInstagram, sample_clip: Sample) -> None:
    """A picture and a video as stories: no caption, no share_to_feed, found and located after they are live."""
    options = instagram(placement="story", is_ai_generated=True, user_tags=[{"username": "luna"}])
    for sample in (picture(), sample_clip):
        job = await on_instagram.job(sample, caption="", options=options)
        end = await on_instagram.drive(job)
        assert isinstance(end, Present)
        post = next(one for one in await on_instagram.live() if one["externalId"] == end.external_id)
        assert (post["kind"], post["caption"]) == ("story", "")
        assert (params_of(post)["media_type"], params_of(post)["is_ai_generated"]) == ("STORIES", "true")
        assert {"share_to_feed", "caption"} & params_of(post).keys() == set()
        located = await on_instagram.platform.connector.locate(job, {"containerId": "0"}, end.external_id)
        assert located.external_url == post["url"]


async def test_a_story_whose_response_is_lost_is_found(on_instagram: OnInstagram) -> None:
    """The list of media has no stories, so the look-up reads that of stories; one story exists."""
    await on_instagram.fault("media_publish", "drop_after_effect")
    job = await on_instagram.job(picture(), caption="", options=instagram(placement="story"))
    end = await on_instagram.drive(job)
    assert isinstance(end, Present)
    [post] = await on_instagram.live()
    assert end.external_id == post["externalId"]


@pytest.mark.parametrize(
    ("operation", "fault"), matrix(product(PUBLISHING, LOST), publishing={"media_publish"}), ids=str
)
async def test_a_temporary_fault_costs_no_option(on_instagram: OnInstagram, operation: str, fault: Fault) -> None:
    """A story whose calls are repeated, or whose responses are lost, is live once, with its options."""
    options = instagram(placement="story", is_ai_generated=True, user_tags=[{"username": "luna"}])
    job = await on_instagram.job(picture(), caption="", options=options)
    await on_instagram.fault(operation, fault.name, **fault.more(times=1))
    end = await on_instagram.drive(job)
    assert isinstance(end, Present)
    [post] = await on_instagram.live()
    assert (post["kind"], params_of(post)["is_ai_generated"]) == ("story", "true")
    assert params_of(post)["user_tags"] == [{"username": "luna"}]
    assert_explained(end, job)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"user_tags": [{**TAG, "item": 1}]}, "item"),
        ({"cover_timestamp_ms": 60_000}, "The cover is at 60,000 ms"),
    ],
)
async def test_what_the_media_can_not_have_is_never_sent(
    on_instagram: OnInstagram, sample_clip: Sample, settings: Mapping[str, Any], reason: str
) -> None:
    """A tag on an item that does not exist, a cover after the end: refused before any container."""
    sample = picture() if "user_tags" in settings else sample_clip
    end = await on_instagram.drive(await on_instagram.job(sample, options=instagram(**settings)))
    assert isinstance(end, Rejected)
    assert (end.failure, reason in end.message) == (FailureCode.PLATFORM_LIMIT, True)
    assert await on_instagram.live() == []


async def test_a_location_that_instagram_refuses(on_instagram: OnInstagram) -> None:
    """The post fails with Instagram's own message."""
    end = await on_instagram.drive(await on_instagram.job(picture(), options=instagram(location_id="4041")))
    assert isinstance(end, Rejected)
    assert "INVALID_LOCATION_ID" in end.message
