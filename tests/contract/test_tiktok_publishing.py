"""Publishing on the sandbox's TikTok: what is sent, what is returned, and what a viewer sees."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue
from tests.contract.job import Sample, picture, sample, slideshow
from tests.contract.on_tiktok import CAPTION, OnTikTok
from tests.platforms.drafts import tiktok

from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.port import Present

PLAIN = {
    "privacy_level": "PUBLIC_TO_EVERYONE",
    "disable_comment": False,
    "brand_content_toggle": False,
    "brand_organic_toggle": False,
}
PLAIN_VIDEO = PLAIN | {"disable_duet": False, "disable_stitch": False}


def padded(clip: Sample, size_bytes: int) -> Sample:
    """Return the clip with a free box appended, which players skip, so that it has this size."""
    fill = size_bytes - len(clip.body)
    body = clip.body + fill.to_bytes(4, "big") + b"free" + bytes(fill - 8)
    return sample(body, "video/mp4", width=clip.media.width, height=clip.media.height)


def sent(post: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the `post_info` that was sent."""
    params = post["params"]
    assert isinstance(params, dict)
    info = params["post_info"]
    assert isinstance(info, dict)
    return info


def hashes(post: dict[str, JsonValue]) -> list[JsonValue]:
    """Return the digests of the media that a viewer gets, in order."""
    media = post["media"]
    assert isinstance(media, list)
    return [item["sha256"] for item in media if isinstance(item, dict)]


async def test_video(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """A small video is one chunk, arrives byte for byte, and has its caption as the title."""
    job = await on_tiktok.job(sample_clip)
    end, post = await on_tiktok.publish(job)
    assert (post["kind"], post["caption"]) == ("tiktok_video", CAPTION)
    assert sent(post) == {"title": CAPTION, **PLAIN_VIDEO}
    assert hashes(post) == [sample_clip.media.sha256]
    assert await on_tiktok.calls("upload") == 1
    if end.external_id is not None:
        assert end.external_id == post["externalId"]
        assert end.external_url == f"https://www.tiktok.com/@brand/video/{end.external_id}"


async def test_video_in_chunks(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """12 MB are sent in two chunks, the second of which contains the rest, and arrive unchanged."""
    big = padded(sample_clip, 12_000_000)
    _, post = await on_tiktok.publish(await on_tiktok.job(big))
    assert hashes(post) == [big.media.sha256]
    assert await on_tiktok.calls("upload") == 2


async def test_photo(on_tiktok: OnTikTok) -> None:
    """One picture is a photo post: its caption is the description, and no title and no music are sent."""
    image = picture()
    end, post = await on_tiktok.publish(await on_tiktok.job(image))
    assert (post["kind"], post["caption"]) == ("tiktok_photo", CAPTION)
    assert sent(post) == {"description": CAPTION, **PLAIN}
    assert hashes(post) == [image.media.sha256]
    if end.external_id is not None:
        assert end.external_url == f"https://www.tiktok.com/@brand/photo/{end.external_id}"


async def test_slideshow(on_tiktok: OnTikTok) -> None:
    """Five pictures arrive in their order."""
    pictures = slideshow(5)
    _, post = await on_tiktok.publish(await on_tiktok.job(pictures))
    assert hashes(post) == [one.media.sha256 for one in pictures]


async def test_pictures_that_tiktok_does_not_accept_are_sent_as_copies(on_tiktok: OnTikTok) -> None:
    """PNG and more than 1080p are converted for TikTok; WebP is sent unchanged."""
    pictures = [picture("PNG"), picture("WEBP", seed=1, position=1), picture(width=2000, height=2400, position=2)]
    _, post = await on_tiktok.publish(await on_tiktok.job(pictures))
    media = post["media"]
    assert isinstance(media, list)
    seen = [(one["contentType"], one["width"], one["height"]) for one in media if isinstance(one, dict)]
    assert seen == [("image/jpeg", 640, 640), ("image/webp", 640, 640), ("image/jpeg", 1080, 1296)]
    assert hashes(post)[1] == pictures[1].media.sha256


async def test_the_id_may_come_later(on_tiktok: OnTikTok) -> None:
    """A live post whose id TikTok has not returned yet is found by a later call, and its link is the real one."""
    connector = on_tiktok.platform.connector
    job = await on_tiktok.job(picture())
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    outcome: object = await connector.make_live(job, prepared)
    while not isinstance(outcome, Present):
        await job.sleep(timedelta(seconds=3))
        outcome = await connector.look_up(job, prepared)
    located = await connector.locate(job, prepared, outcome.external_id)
    for _ in range(200):
        if located.external_id is not None:
            break
        await job.sleep(timedelta(minutes=1))
        located = await connector.locate(job, prepared, None)
    [post] = await on_tiktok.live()
    assert located.external_id == post["externalId"]
    assert located.external_url == f"https://www.tiktok.com/@brand/photo/{located.external_id}"
    assert located.external_url == post["url"]


async def test_settings_reach_tiktok(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """Each setting arrives under the platform's own name."""
    options = tiktok(
        privacy_level="MUTUAL_FOLLOW_FRIENDS",
        disable_comment=True,
        disable_duet=True,
        disable_stitch=False,
        is_brand_organic=True,
        is_branded_content=True,
        music_mode="auto",
    )
    job = await on_tiktok.job(sample_clip, options=options)
    _, post = await on_tiktok.publish(job)
    assert sent(post) == {
        "title": CAPTION,
        "privacy_level": "MUTUAL_FOLLOW_FRIENDS",
        "disable_comment": True,
        "disable_duet": True,
        "disable_stitch": False,
        "brand_content_toggle": True,
        "brand_organic_toggle": True,
    }


async def test_label_and_cover_of_a_video(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """A video has the AI label and the cover frame in post_info."""
    options = tiktok(is_ai_generated=True, cover_timestamp_ms=1500)
    _, post = await on_tiktok.publish(await on_tiktok.job(sample_clip, options=options))
    assert {"is_aigc": True, "video_cover_timestamp_ms": 1500}.items() <= sent(post).items()


async def test_label_cover_and_title_of_pictures(on_tiktok: OnTikTok) -> None:
    """A photo post has the title in post_info, the cover in source_info, and the AI label beside both."""
    options = tiktok(is_ai_generated=False, cover_index=1, title="Three loaves")
    _, post = await on_tiktok.publish(await on_tiktok.job(slideshow(3), options=options))
    assert {"title": "Three loaves", "description": CAPTION}.items() <= sent(post).items()
    params: Any = post["params"]
    assert (params["is_aigc"], params["source_info"]["photo_cover_index"]) == (False, 1)
    assert "is_aigc" not in params["post_info"]


@pytest.mark.parametrize(("mode", "is_added"), [("none", False), ("auto", True), ("manual", True)])
async def test_music_of_a_photo_post(on_tiktok: OnTikTok, mode: str, *, is_added: bool) -> None:
    """TikTok chooses the music or there is none; a specific track can't be requested."""
    _, post = await on_tiktok.publish(await on_tiktok.job(picture(), options=tiktok(music_mode=mode)))
    assert sent(post)["auto_add_music"] is is_added


async def test_private_account(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """A private account offers no public level and forbids duets: the most open level is chosen, duets stay off."""
    await on_tiktok.sandbox.account(
        "tiktok",
        "brand",
        creatorInfo={
            "privacy_level_options": ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
            "comment_disabled": False,
            "duet_disabled": True,
            "stitch_disabled": True,
        },
    )
    grant = await on_tiktok.connect()
    job = await on_tiktok.job(sample_clip, grant=grant)
    _, post = await on_tiktok.publish(job)
    assert sent(post) == {
        "title": CAPTION,
        **PLAIN_VIDEO,
        "privacy_level": "FOLLOWER_OF_CREATOR",
        "disable_duet": True,
        "disable_stitch": True,
    }
    said = [note.detail["privacyLevel"] for note in job.notes if "no public posts" in note.message]
    assert (said, grant.reduced_privacy, job.reduced_privacy) == (["FOLLOWER_OF_CREATOR"], *["FOLLOWER_OF_CREATOR"] * 2)


async def test_private_post_has_no_link(on_tiktok: OnTikTok) -> None:
    """TikTok returns no id of a post that only its author sees, so there is none to report."""
    options = tiktok(privacy_level="SELF_ONLY")
    end, post = await on_tiktok.publish(await on_tiktok.job(picture(), options=options))
    assert (end.external_id, end.external_url) == (None, None)
    assert sent(post)["privacy_level"] == "SELF_ONLY"


async def test_level_that_is_not_offered(on_tiktok: OnTikTok) -> None:
    """Refused before anything is sent; the message names what is offered."""
    options = tiktok(privacy_level="FOLLOWER_OF_CREATOR")
    end = await on_tiktok.drive(await on_tiktok.job(picture(), options=options))
    assert isinstance(end, Rejected)
    assert "PUBLIC_TO_EVERYONE" in end.message
    assert await on_tiktok.calls("content_init") == 0


async def test_video_longer_than_the_account_may_post(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """Refused before anything is uploaded, with both lengths."""
    await on_tiktok.sandbox.account("tiktok", "brand", creatorInfo={"max_video_post_duration_sec": 3})
    end = await on_tiktok.drive(await on_tiktok.job(sample_clip))
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.MEDIA_REJECTED
    assert "The video is 4 s; this account may post up to 3 s" in end.message
    assert await on_tiktok.calls("video_init") == 0


async def test_media_that_tiktok_fails(on_tiktok: OnTikTok) -> None:
    """Bytes that are no video fail at TikTok, and the post says why."""
    broken = sample(b"\x00\x00\x00\x18ftypmp42" + bytes(4000), "video/mp4", width=720, height=1280)
    job = await on_tiktok.job(broken)
    job.convert = None
    end = await on_tiktok.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.MEDIA_REJECTED
    assert end.platform_code == "file_format_check_failed"
    assert await on_tiktok.live() == []


async def test_six_inits_a_minute(on_tiktok: OnTikTok) -> None:
    """The seventh post within a minute reaches TikTok's limit, waits for it to pass, and is published."""
    grant = await on_tiktok.connect()
    waits = []
    for number in range(7):
        job = await on_tiktok.job(picture(seed=number), grant=grant)
        assert isinstance(await on_tiktok.drive(job), Present)
        waits.append(max(on_tiktok.clock.waits, default=timedelta()))
    assert len(await on_tiktok.live()) == 7
    assert waits[-1] >= timedelta(seconds=60)


async def test_cap_of_posts_in_a_day(on_tiktok: OnTikTok) -> None:
    """Past the cap a post waits: first an hour, since the end is unknown, and until an own post is a day old at most."""
    grant = await on_tiktok.connect()
    await on_tiktok.fault("creator_info", "platform_error", times=1, value={"code": "spam_risk_too_many_posts"})
    job = await on_tiktok.job(picture(), grant=grant)
    job.published = [job.now() - timedelta(hours=4)]
    with pytest.raises(TryLater, match="24 hours") as waiting:
        await on_tiktok.platform.connector.prepare(job)
    assert (waiting.value.retry_after, waiting.value.first_wait) == (None, timedelta(hours=1))
    assert waiting.value.at_latest is not None
    assert abs(waiting.value.at_latest - timedelta(hours=20)) < timedelta(seconds=5)
    assert waiting.value.is_throttled
    assert isinstance(await on_tiktok.drive(job), Present)


async def test_same_post_twice_is_two_posts(on_tiktok: OnTikTok) -> None:
    """Two jobs with the same picture and caption are two posts: nothing of one counts as the other."""
    grant = await on_tiktok.connect()
    ends = [await on_tiktok.drive(await on_tiktok.job(picture(), grant=grant)) for _ in range(2)]
    assert all(isinstance(end, Present) for end in ends)
    assert len(await on_tiktok.live()) == 2
