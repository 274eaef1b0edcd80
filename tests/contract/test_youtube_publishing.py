"""Publishing at the sandbox's YouTube: what a viewer sees, options, visibility, comments."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.job import Sample
from tests.contract.on_youtube import CAPTION, TITLE, OnYouTube, part_of, privacy_of
from tests.contract.test_tiktok_publishing import padded
from tests.platforms.drafts import youtube

from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.port import Present, draft_of
from presswork.platforms.youtube.prepare import CHUNK_UNIT


async def test_video(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A video is public with its title, its description and its bytes, and the address leads to it."""
    job = await on_youtube.job(sample_clip)
    end, post = await on_youtube.publish(job)
    assert (post["kind"], post["externalId"]) == ("youtube_video", end.external_id)
    assert end.external_url == f"https://www.youtube.com/shorts/{end.external_id}"
    assert part_of(post, "snippet")["title"] == TITLE
    assert part_of(post, "snippet")["description"] == CAPTION
    assert part_of(post, "status")["selfDeclaredMadeForKids"] is False
    assert [media["sha256"] for media in post["media"]] == [sample_clip.media.sha256]  # type: ignore[index, union-attr, call-overload]  # a list


async def test_many_chunks(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A video of several chunks arrives as it is."""
    big = padded(sample_clip, 3 * CHUNK_UNIT + 17)
    _, post = await on_youtube.publish(await on_youtube.job(big))
    assert [media["sha256"] for media in post["media"]] == [big.media.sha256]  # type: ignore[index, union-attr, call-overload]  # a list
    assert await on_youtube.calls("upload") == 4


async def test_options(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """Each option reaches YouTube, and the update that makes the video visible keeps all of them."""
    options = youtube(
        title="Three loaves",
        privacy="unlisted",
        tags=["bread", "three loaves"],
        category_id="26",
        made_for_kids=True,
        contains_synthetic_media=True,
        license="creativeCommon",
        embeddable=False,
        default_language="en",
    )
    _, post = await on_youtube.publish(await on_youtube.job(sample_clip, options=options))
    snippet, status = part_of(post, "snippet"), part_of(post, "status")
    assert {"title": "Three loaves", "tags": ["bread", "three loaves"], "categoryId": "26"}.items() <= snippet.items()
    assert {
        "privacyStatus": "unlisted",
        "selfDeclaredMadeForKids": True,
        "containsSyntheticMedia": True,
        "license": "creativeCommon",
        "embeddable": False,
    }.items() <= status.items()


async def test_private_video(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A private video is a success that no one else sees, and has no comment."""
    job = await on_youtube.job(sample_clip, options=youtube(privacy="private"))
    end = await on_youtube.drive(job)
    assert isinstance(end, Present)
    assert end.external_id is not None
    assert [privacy_of(video) for video in await on_youtube.videos()] == ["private"]
    with pytest.raises(Rejected, match="no comments on private videos"):
        await on_youtube.platform.connector.comment(job, end.external_id, "First!", may_be_there=False)


async def test_nothing_is_visible_before_the_live_call(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """After everything that can be repeated, the video is there, and private."""
    job = await on_youtube.job(sample_clip)
    await on_youtube.platform.connector.prepare(job)
    assert await on_youtube.live() == []
    assert await on_youtube.calls("videos_update") == 0


async def test_first_comment(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """The channel's own comment is under the video once, also when it is written again after a look."""
    job = await on_youtube.job(sample_clip)
    end, _ = await on_youtube.publish(job)
    assert end.external_id is not None
    for may_be_there in (False, True):
        await on_youtube.platform.connector.comment(job, end.external_id, "First!", may_be_there=may_be_there)
    [post] = await on_youtube.live()
    assert post["comments"] == ["First!"]


async def test_project_without_an_audit(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """YouTube keeps the video private: the post fails, says why, and nothing is visible."""
    await on_youtube.sandbox.account("youtube", "brand", audited=False)
    end = await on_youtube.drive(await on_youtube.job(sample_clip))
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE
    assert "audit" in end.message
    assert await on_youtube.live() == []


async def test_preflight_knows_what_the_channel_may_upload(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """The channel is read without changing anything, and a short video passes."""
    job = await on_youtube.job(sample_clip)
    validate = await on_youtube.platform.connector.fetch_constraints(job.account, job)
    assert validate(draft_of(job)).errors == ()
    assert await on_youtube.calls("videos_insert") == 0


async def test_video_of_20_minutes(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A channel that is not verified may upload 15 minutes: preflight and the post say so before the upload."""
    await on_youtube.sandbox.account("youtube", "brand", longUploadsStatus="eligible")
    long = replace(sample_clip, media=replace(sample_clip.media, duration=timedelta(minutes=20)))
    job = await on_youtube.job(long)
    validate = await on_youtube.platform.connector.fetch_constraints(job.account, job)
    assert [error.details["reason"] for error in validate(draft_of(job)).errors] == ["duration"]
    end = await on_youtube.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.PLATFORM_LIMIT
    assert await on_youtube.calls("videos_insert") == 0


async def test_channel_without_comments(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """A channel that has turned comments off keeps the video, and the comment's failure says why."""
    await on_youtube.sandbox.account("youtube", "brand", commentsDisabled=True)
    job = await on_youtube.job(sample_clip)
    end, _ = await on_youtube.publish(job)
    assert end.external_id is not None
    with pytest.raises(Rejected, match="turned off") as refused:
        await on_youtube.platform.connector.comment(job, end.external_id, "First!", may_be_there=False)
    assert refused.value.platform_code == "commentsDisabled"


async def test_duplicate_is_rejected(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """YouTube rejects a video that the channel has already: the post says so, and the second upload is deleted."""
    await on_youtube.sandbox.account("youtube", "brand", rejectDuplicates=True)
    await on_youtube.publish(await on_youtube.job(sample_clip))
    end = await on_youtube.drive(await on_youtube.job(sample_clip))
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.MEDIA_REJECTED, "duplicate")
    assert await on_youtube.calls("videos_delete") == 1
    assert len(await on_youtube.videos()) == 1


async def test_hundred_uploads_of_a_day(on_youtube: OnYouTube, sample_clip: Sample) -> None:
    """YouTube refuses the 101st upload of the project until midnight Pacific time; then it goes out."""
    grant = await on_youtube.connect()
    for _ in range(100):
        job = await on_youtube.job(sample_clip, grant=grant)
        await on_youtube.fault("upload", "platform_error", value={"code": "invalidTitle"})
        assert isinstance(await on_youtube.drive(job), Rejected)
    job, began = await on_youtube.job(sample_clip, grant=grant), on_youtube.clock.now()
    await on_youtube.publish(job)
    waited = on_youtube.clock.now() - began
    assert timedelta() < waited <= timedelta(hours=25, minutes=5)
