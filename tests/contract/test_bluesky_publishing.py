"""Posts on the sandbox's Bluesky: what each content and option becomes, as a viewer sees it."""

import pytest
from tests.contract.job import Sample, picture, slideshow
from tests.contract.on_bluesky import CAPTION, HANDLE, OnBluesky, items_of

from presswork.platforms.errors import Rejected
from presswork.platforms.findings import Findings
from presswork.platforms.port import Draft, MediaType, Mode, PostOptions, Present

PUT, UPLOAD, GET = "put_record", "upload_blob", "get_record"


async def test_a_picture(on_bluesky: OnBluesky) -> None:
    """A picture is live once, at the address that the connector returned, with its caption and one call that makes it live."""
    live, post = await on_bluesky.publish(await on_bluesky.job(picture()))
    assert post["kind"] == "bluesky_post"
    assert post["externalId"] == live.external_id
    assert post["url"] == live.external_url
    assert post["caption"] == CAPTION
    assert len(items_of(post["media"])) == 1
    assert await on_bluesky.calls(PUT) == 1


@pytest.mark.parametrize("count", [2, 4, 5, 10])
async def test_several_pictures(on_bluesky: OnBluesky, count: int) -> None:
    """Up to ten pictures are one post, in their order; more than four are a gallery."""
    job = await on_bluesky.job(slideshow(count))
    _, post = await on_bluesky.publish(job)
    assert len(items_of(post["media"])) == count


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_other_formats_are_converted(on_bluesky: OnBluesky, kind: str) -> None:
    """Pictures of other formats arrive as JPEG."""
    _, post = await on_bluesky.publish(await on_bluesky.job(picture(kind)))  # type: ignore[arg-type]  # a format
    [media] = items_of(post["media"])
    assert media["contentType"] == "image/jpeg"


async def test_a_video(on_bluesky: OnBluesky, sample_clip: Sample) -> None:
    """A video goes through the video service and is live once."""
    _, post = await on_bluesky.publish(await on_bluesky.job(sample_clip))
    [media] = items_of(post["media"])
    assert media["contentType"] == "video/mp4"


async def test_the_same_video_twice(on_bluesky: OnBluesky, sample_clip: Sample) -> None:
    """A video that the service already has becomes a second post, without a second upload being refused."""
    grant = await on_bluesky.connect()
    for count in (1, 2):
        assert isinstance(await on_bluesky.drive(await on_bluesky.job(sample_clip, grant=grant)), Present)
        assert len(await on_bluesky.live()) == count


async def test_options(on_bluesky: OnBluesky) -> None:
    """Languages, labels, tags and the limits on replies and quotes arrive."""
    options = PostOptions(
        {
            "blueskyPostSettings": {
                "languages": ["en"],
                "replyControl": ["mentioned"],
                "quoteControl": "none",
                "contentLabels": ["graphic-media"],
                "tags": ["bakery"],
            }
        }
    )
    _, post = await on_bluesky.publish(await on_bluesky.job(picture(), options=options))
    sent = repr(post)
    for part in ("bakery", "graphic-media", "'en'"):
        assert part in sent


async def test_a_first_comment_is_a_reply(on_bluesky: OnBluesky) -> None:
    """The comment is below the post once, however often it is written."""
    job = await on_bluesky.job(picture())
    live, _ = await on_bluesky.publish(job)
    assert live.external_id is not None
    for may_be_there in (False, True):
        await on_bluesky.platform.connector.comment(
            job, live.external_id, "More inside #bread", may_be_there=may_be_there
        )
    [post] = await on_bluesky.live()
    assert post["comments"] == ["More inside #bread"]


async def test_mentions_lead_to_accounts(on_bluesky: OnBluesky) -> None:
    """A mention of an account that exists becomes a link to it."""
    other = await on_bluesky.connect("sol.bsky.social")
    _, post = await on_bluesky.publish(
        await on_bluesky.job(picture(), caption="with @sol.bsky.social and @none.bsky.social")
    )
    assert repr(post).count(other.external_id) == 1


async def test_texts_at_the_limit(on_bluesky: OnBluesky) -> None:
    """What the rules accept, Bluesky accepts: 300 graphemes of several code points each."""
    text = "👍🏽" * 300
    _, post = await on_bluesky.publish(await on_bluesky.job(picture(), caption=text))
    assert post["caption"] == text


async def test_texts_beyond_the_limit_are_not_sent(on_bluesky: OnBluesky) -> None:
    """A text that is too long is refused before anything is uploaded."""
    end = await on_bluesky.drive(await on_bluesky.job(picture(), caption="a" * 301))
    assert isinstance(end, Rejected)
    assert await on_bluesky.calls(UPLOAD) == 0


async def test_preflight(on_bluesky: OnBluesky, sample_clip: Sample) -> None:
    """The quota of videos can be read, and an account with room may post one."""
    job = await on_bluesky.job(sample_clip)
    validate = await on_bluesky.platform.connector.fetch_constraints(job.account, job)
    draft = Draft(mode=Mode.PUBLISH, media_type=MediaType.VIDEO, caption="", media=job.media)
    assert validate(draft) == Findings()


async def test_the_handle_is_the_accounts_own(on_bluesky: OnBluesky) -> None:
    """The connected account has the handle that its page showed."""
    assert (await on_bluesky.connect()).handle == HANDLE
