"""Publishing at the sandbox's LinkedIn: what a viewer sees, texts, options, comments, limits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.job import MemoryJob, Sample, picture, slideshow
from tests.contract.on_linkedin import CAPTION, PERSON, OnLinkedIn, content_of, params_of, sha256_of
from tests.contract.test_tiktok_publishing import padded
from tests.platforms.drafts import linkedin

from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.port import Present, draft_of
from presswork.worker.reconciliation import Unknown


async def test_picture(on_linkedin: OnLinkedIn) -> None:
    """A picture is live with its bytes, its alternative text and a caption that reads as it was written."""
    sample = picture()
    sample = replace(sample, media=replace(sample.media, alt_text="Three (3) loaves"))
    end, post = await on_linkedin.publish(await on_linkedin.job(sample))
    assert (post["kind"], post["externalId"], post["caption"]) == ("linkedin_post", end.external_id, CAPTION)
    assert end.external_url == f"https://www.linkedin.com/feed/update/{end.external_id}/"
    assert content_of(post, "media")["altText"] == "Three (3) loaves"
    assert sha256_of(post) == [sample.media.sha256]
    assert params_of(post)["visibility"] == "PUBLIC"


async def test_several_pictures(on_linkedin: OnLinkedIn) -> None:
    """Pictures are one post, in their order."""
    samples = slideshow(10)
    _, post = await on_linkedin.publish(await on_linkedin.job(samples))
    assert sha256_of(post) == [sample.media.sha256 for sample in samples]


async def test_webp_is_converted(on_linkedin: OnLinkedIn) -> None:
    """A format that LinkedIn does not take is sent as a JPEG."""
    _, post = await on_linkedin.publish(await on_linkedin.job(picture("WEBP")))
    assert [media["contentType"] for media in post["media"]] == ["image/jpeg"]  # type: ignore[index, union-attr, call-overload]  # a list


async def test_video_of_several_parts(on_linkedin: OnLinkedIn, sample_clip: Sample) -> None:
    """A video is sent in the parts that LinkedIn asks for, and arrives as it is."""
    big = padded(sample_clip, 9_000_000)
    job = await on_linkedin.job(big, options=linkedin(title="How we bake"))
    end, post = await on_linkedin.publish(job)
    assert sha256_of(post) == [big.media.sha256]
    assert content_of(post, "media")["title"] == "How we bake"
    assert await on_linkedin.calls("upload") == 3
    assert (end.external_id or "").startswith("urn:li:ugcPost:")


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "plain",
        "\\ | { } @ [ ] ( ) < > # * _ ~",
        "a(b)c_d~e*f{g}h[i]j<k>l|m\\n",
        "#one #two_three (#four) #5 #6th ##seven #",
        "mail@host https://example.com/a_b/(c)?d=#e",
        "@everyone @[no urn] 🎬 漢字 #漢字",
        "ends with \\",
    ],
)
async def test_captions_read_as_they_were_written(as_member: OnLinkedIn, caption: str) -> None:
    """No reserved character cuts or changes a text."""
    _, post = await as_member.publish(await as_member.job(picture(), caption=caption))
    assert post["caption"] == caption


async def test_options(as_either: OnLinkedIn) -> None:
    """Each option reaches LinkedIn."""
    audience = {} if as_either.is_page else {"visibility": "CONNECTIONS"}
    job = await as_either.job(picture(), options=linkedin(is_reshare_disabled=True, **audience))
    _, post = await as_either.publish(job)
    assert params_of(post)["isReshareDisabledByAuthor"] is True
    assert params_of(post)["visibility"] == audience.get("visibility", "PUBLIC")


async def test_page_posts_are_public(as_page: OnLinkedIn) -> None:
    """Another visibility is refused for a page, by preflight and before the upload."""
    job = await as_page.job(picture(), options=linkedin(visibility="CONNECTIONS"))
    validate = await as_page.platform.connector.fetch_constraints(job.account, job)
    assert [error.details["reason"] for error in validate(draft_of(job)).errors] == ["page_visibility"]
    end = await as_page.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.PLATFORM_LIMIT
    assert await as_page.calls("images_initialize") == 0


async def test_nothing_is_visible_before_the_live_call(on_linkedin: OnLinkedIn, sample_clip: Sample) -> None:
    """After everything that can be repeated, there is no post."""
    await on_linkedin.platform.connector.prepare(await on_linkedin.job(sample_clip))
    assert await on_linkedin.live() == []
    assert await on_linkedin.calls("posts") == 0


async def test_first_comment(on_linkedin: OnLinkedIn) -> None:
    """The account's own comment is below the post, as plain text."""
    job = await on_linkedin.job(picture())
    end, _ = await on_linkedin.publish(job)
    await comment(on_linkedin, job, end, "First! (a_b)")
    assert [post["comments"] for post in await on_linkedin.live()] == [["First! (a_b)"]]


async def comment(bench: OnLinkedIn, job: MemoryJob, end: Present, text: str, *, may_be_there: bool = False) -> None:
    """Write the first comment of a live post."""
    assert end.external_id is not None
    await bench.platform.connector.comment(job, end.external_id, text, may_be_there=may_be_there)


@pytest.mark.parametrize("text", ["First!", "First\x0b!"])
async def test_comment_that_may_be_there(as_either: OnLinkedIn, text: str) -> None:
    """A page looks for its comment and writes it once; a member's can't be looked for, so none is risked twice."""
    job = await as_either.job(picture())
    end, _ = await as_either.publish(job)
    await comment(as_either, job, end, text)
    if as_either.is_page:
        await comment(as_either, job, end, text, may_be_there=True)
    else:
        with pytest.raises(Rejected, match="lets no app read") as refused:
            await comment(as_either, job, end, text, may_be_there=True)
        assert refused.value.failure is FailureCode.OUTCOME_UNKNOWN
    assert [post["comments"] for post in await as_either.live()] == [[text]]


async def test_comment_below_many_others(as_page: OnLinkedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page finds its comment below any number of others; where there are too many to read, none is risked twice."""
    monkeypatch.setattr("presswork.platforms.linkedin.first_comment._A_READ", 2)
    job = await as_page.job(picture())
    end, _ = await as_page.publish(job)
    for text in ("One", "Two", "First!"):
        await comment(as_page, job, end, text)
    await comment(as_page, job, end, "First!", may_be_there=True)
    await comment(as_page, job, end, "Four", may_be_there=True)
    assert [post["comments"] for post in await as_page.live()] == [["One", "Two", "First!", "Four"]]
    monkeypatch.setattr("presswork.platforms.linkedin.first_comment._READS", 2)
    with pytest.raises(Rejected, match="not among the 4 comments") as refused:
        await comment(as_page, job, end, "Five", may_be_there=True)
    assert refused.value.failure is FailureCode.OUTCOME_UNKNOWN


async def test_comment_without_the_permission(on_linkedin: OnLinkedIn) -> None:
    """An app that may only post keeps the post, and the comment's failure says what is missing."""
    granted = "openid profile w_member_social w_organization_social r_organization_social rw_organization_admin"
    await on_linkedin.sandbox.account("linkedin", PERSON, grantedScopes=[*granted.split()])
    job = await on_linkedin.job(picture())
    assert not on_linkedin.platform.comment_scopes <= job.account.scopes
    end, _ = await on_linkedin.publish(job)
    with pytest.raises(Rejected, match="did not allow Presswork to comment") as refused:
        await comment(on_linkedin, job, end, "First!")
    assert refused.value.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE


async def test_same_content_twice(on_linkedin: OnLinkedIn) -> None:
    """What LinkedIn counts as a repeated post is refused at once, and is no second post."""
    await on_linkedin.sandbox.linkedin(duplicateIgnoresMedia=True)
    await on_linkedin.publish(await on_linkedin.job(picture()))
    end = await on_linkedin.drive(await on_linkedin.job(picture()))
    assert isinstance(end, Rejected)
    assert (end.platform_code, end.failure) == ("DUPLICATE_POST", FailureCode.PLATFORM_REJECTED)
    assert len(await on_linkedin.live()) == 1


async def test_same_text_with_other_media(as_either: OnLinkedIn) -> None:
    """Two posts with one text and the same picture, uploaded for each, are two posts, and each is found as itself."""
    first, _ = await as_either.publish(await as_either.job(picture()))
    await as_either.fault("posts", "drop_after_effect")
    second = await as_either.drive(await as_either.job(picture()))
    assert len(await as_either.live()) == 2
    if as_either.is_page:
        assert isinstance(second, Present)
        assert second.external_id not in (None, first.external_id)
    else:
        assert isinstance(second, Unknown)


async def test_calls_of_a_day_end_at_midnight(on_linkedin: OnLinkedIn) -> None:
    """Used-up calls wait until midnight UTC, and then the post goes out."""
    job = await on_linkedin.job(picture())
    await on_linkedin.fault("posts", "platform_error", value={"code": "TOO_MANY_REQUESTS"}, times=1)
    began = job.now()
    await on_linkedin.publish(job)
    assert timedelta() < job.now() - began <= timedelta(days=1, minutes=5)


async def test_calls_are_reserved_before_the_first_one(on_linkedin: OnLinkedIn, sample_clip: Sample) -> None:
    """A post reserves all calls that it needs, of the app and of the account, and a post that resumes reserves none again."""
    job = await on_linkedin.job(padded(sample_clip, 9_000_000))
    await on_linkedin.publish(job)
    assert job.turns == [("app", 10), ("member", 10)]
    made = sum([await on_linkedin.calls(one) for one in ("videos_initialize", "upload", "videos_finalize", "posts")])
    assert made == 6
    await on_linkedin.platform.connector.prepare(job)
    assert len(job.turns) == 2


async def test_picture_of_a_member_gets_time(as_member: OnLinkedIn) -> None:
    """A member's token can't read whether a picture is processed: it gets a fixed time, and is then posted."""
    job = await as_member.job(picture())
    began = job.now()
    await as_member.platform.connector.prepare(job)
    assert job.now() - began >= 5 * as_member.retry_policy.poll_first
    assert await as_member.calls("media_status") == 0


async def test_mention_of_an_organization(as_page: OnLinkedIn) -> None:
    """A mention by URN is sent as one, and reads as the name."""
    [_, page] = await as_page.grants()
    caption = f"Thanks @[Brand]({page.external_id})!"
    _, post = await as_page.publish(await as_page.job(picture(), caption=caption, grant=page))
    assert params_of(post)["commentary"] == caption
    assert "urn:li" not in str(post["caption"])
