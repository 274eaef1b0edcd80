"""The connector of Facebook Pages against the sandbox, when all goes well, and what the platform refuses."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import JsonValue
from tests.contract.faults import LOST, Call, Fault, code, matrix
from tests.contract.job import Sample, picture, slideshow
from tests.contract.on_facebook import settings, uploads
from tests.contract.on_graph import CAPTION, REDIRECT, OnGraph
from tests.contract.on_threads import media_of, params_of

from presswork.platforms.errors import FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Mode, Present, Processing


async def test_picture(on_facebook: OnGraph) -> None:
    """A JPEG is uploaded unpublished and posted by one call, untouched, with its text; id and address are Facebook's own."""
    job = await on_facebook.job(picture())
    end = await on_facebook.drive(job)
    assert isinstance(end, Present)
    [post] = await on_facebook.live()
    assert (post["kind"], post["caption"], post["externalId"]) == ("facebook_photo", CAPTION, end.external_id)
    assert [item["sha256"] for item in media_of(post)] == [job.media[0].sha256]
    assert job.prepared is not None
    located = await on_facebook.platform.connector.locate(job, job.prepared, end.external_id)
    assert (located.external_id, located.external_url) == (end.external_id, post["url"])
    [upload] = await on_facebook.requests("photos")
    assert isinstance(upload["request"], dict)
    assert upload["request"]["published"] == "false"


async def test_png_becomes_a_jpeg(on_facebook: OnGraph) -> None:
    """Other formats are converted."""
    job = await on_facebook.job(picture("PNG"))
    assert isinstance(await on_facebook.drive(job), Present)
    [post] = await on_facebook.live()
    assert [item["contentType"] for item in media_of(post)] == ["image/jpeg"]


@pytest.mark.parametrize("count", [2, 10])
async def test_pictures_become_one_post(on_facebook: OnGraph, count: int) -> None:
    """Pictures are posted in their order, with one text, by one call."""
    job = await on_facebook.job(slideshow(count))
    assert isinstance(await on_facebook.drive(job), Present)
    [post] = await on_facebook.live()
    assert post["caption"] == CAPTION
    assert [item["sha256"] for item in media_of(post)] == [media.sha256 for media in job.media]
    assert await on_facebook.calls("feed") == 1


async def test_a_vertical_clip_becomes_a_reel(on_facebook: OnGraph, sample_clip: Sample) -> None:
    """Four seconds in 9:16 are uploaded as a reel, whose id is known before the call that publishes it."""
    job = await on_facebook.job(sample_clip, options=settings(title="From the press"))
    end = await on_facebook.drive(job)
    assert isinstance(end, Present)
    [post] = await on_facebook.live()
    assert (post["kind"], post["externalId"]) == ("facebook_reel", end.external_id)
    assert [item["sha256"] for item in media_of(post)] == [sample_clip.media.sha256]
    assert params_of(post)["title"] == "From the press"
    assert await on_facebook.calls("videos") == 0


async def test_another_clip_becomes_a_video(on_facebook: OnGraph, wide_clip: Sample) -> None:
    """A landscape clip is uploaded in the chunks that Facebook asks for, and published by the call that ends the upload."""
    job = await on_facebook.job(wide_clip, options=settings(title="From the press"))
    end = await on_facebook.drive(job)
    assert isinstance(end, Present)
    [post] = await on_facebook.live()
    assert (post["kind"], post["externalId"], post["caption"]) == ("facebook_video", end.external_id, CAPTION)
    assert [item["sha256"] for item in media_of(post)] == [wide_clip.media.sha256]
    assert params_of(post)["title"] == "From the press"
    assert await on_facebook.calls("video_start") == await on_facebook.calls("video_finish") == 1
    assert await on_facebook.calls("video_transfer") != 0
    assert job.prepared is not None
    located = await on_facebook.platform.connector.locate(job, job.prepared, end.external_id)
    assert located.external_url == post["url"]


async def test_no_text_is_sent_where_there_is_none(on_facebook: OnGraph) -> None:
    """A post without a caption has none."""
    job = await on_facebook.job(picture(), caption="")
    assert isinstance(await on_facebook.drive(job), Present)
    [post] = await on_facebook.live()
    assert not post["caption"]


async def test_options_and_alternative_texts_arrive(on_facebook: OnGraph) -> None:
    """Countries and the alternative text are sent under Facebook's names."""
    sample = picture()
    described = Sample(replace(sample.media, alt_text="A loaf of bread"), sample.body)
    job = await on_facebook.job(described, options=settings(countries=["DE", "AT"]))
    assert isinstance(await on_facebook.drive(job), Present)
    [post] = await on_facebook.live()
    assert "DE" in str(params_of(post)["targeting"])
    assert "A loaf of bread" in str(post["children"])


@pytest.mark.parametrize("count", [1, 3])
async def test_restart_resumes_from_the_stored_ids(on_facebook: OnGraph, count: int) -> None:
    """A second preparation, by another worker, uploads no picture again; a day later it uploads new ones."""
    connector = on_facebook.platform.connector
    job = await on_facebook.job(slideshow(count) if count > 1 else picture())
    first = await connector.prepare(job)
    again = await connector.prepare(job)
    assert again["photoIds"] == first["photoIds"]
    assert await uploads(on_facebook) == count
    await on_facebook.clock.sleep(timedelta(hours=23, minutes=30))
    assert (await connector.prepare(job))["photoIds"] != first["photoIds"]
    assert await uploads(on_facebook) == 2 * count
    assert isinstance(await on_facebook.drive(job), Present)
    assert len(await on_facebook.live()) == 1


async def test_interrupted_post_uploads_each_picture_once(on_facebook: OnGraph) -> None:
    """One picture fails for a moment: the others are not uploaded again."""
    await on_facebook.fault("photos", "http_500", skip=1)
    job = await on_facebook.job(slideshow(4))
    assert isinstance(await on_facebook.drive(job), Present)
    assert await uploads(on_facebook) == 4 + 1
    assert len(await on_facebook.live()) == 1


async def test_a_long_caption(on_facebook: OnGraph) -> None:
    """63,206 characters go through; one more is refused before any call, with the numbers."""
    job = await on_facebook.job(picture(), caption="a" * 63_206)
    assert isinstance(await on_facebook.drive(job), Present)
    job = await on_facebook.job(picture(), caption="a" * 63_207)
    end = await on_facebook.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, "63,207 characters" in end.message) == (FailureCode.PLATFORM_LIMIT, True)
    assert await uploads(on_facebook) == 1


async def test_expired_pictures_are_uploaded_again(on_facebook: OnGraph) -> None:
    """The pictures expire while the prepared post waits: code 100 means nothing is live, and others are uploaded."""
    connector = on_facebook.platform.connector
    job = await on_facebook.job(picture())
    job.prepared = await connector.prepare(job)
    await on_facebook.clock.sleep(timedelta(hours=25))
    assert isinstance(await on_facebook.drive(job), Present)
    assert await uploads(on_facebook) == 2
    assert len(await on_facebook.live()) == 1


async def test_reels_beyond_the_quota_wait(on_facebook: OnGraph, sample_clip: Sample) -> None:
    """Facebook's refusal of the reel beyond its quota is a limit, and nothing is live; a day later it goes live."""
    await on_facebook.sandbox.account("facebook", "brand", quotaTotal=1)
    first = await on_facebook.job(sample_clip)
    assert isinstance(await on_facebook.drive(first), Present)
    second = await on_facebook.job(sample_clip, caption="Another one")
    end = await on_facebook.drive(second)
    assert isinstance(end, TryLater)
    assert end.is_throttled
    assert len(await on_facebook.live()) == 1
    await second.sleep(timedelta(hours=24))
    assert isinstance(await on_facebook.drive(second), Present)
    assert len(await on_facebook.live()) == 2


@pytest.mark.parametrize("fault", matrix([*LOST, code(341)], at=Call.WRITE), ids=str)
async def test_tries_of_a_reel_take_one_place(on_facebook: OnGraph, sample_clip: Sample, fault: Fault) -> None:
    """The start of a reel fails, and so does what was uploaded: all tries use the one place that is reserved for the post."""
    job = await on_facebook.job(sample_clip)
    await on_facebook.fault("reel_start", fault.name, **fault.more(times=3))
    await on_facebook.fault("upload", "platform_error", times=1, value={"code": 100})
    assert isinstance(await on_facebook.drive(job), Present)
    assert await on_facebook.calls("reel_start") == 5
    assert job.turns == [("video_reels", 1)]


async def test_one_failed_read_of_a_video_in_processing_does_not_decide(
    on_facebook: OnGraph, sample_clip: Sample
) -> None:
    """Facebook processes the reel for long and one read fails: the look-up continues, forgets the failure and finds it live."""
    connector = on_facebook.platform.connector
    job = await on_facebook.job(sample_clip)
    await on_facebook.fault("upload", "stuck_processing")
    job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await on_facebook.fault("reel_finish", "drop_after_effect")
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    for _ in range(2):
        assert isinstance(await connector.look_up(job, job.prepared), Processing)
        await job.sleep(on_facebook.retry_policy.unknown_after + timedelta(seconds=1))
        await on_facebook.fault("video_status", "http_500", times=1)
        with pytest.raises(TryLater):
            await connector.look_up(job, job.prepared)
    await on_facebook.sandbox.clear_faults()
    await job.sleep(timedelta(minutes=1))
    assert isinstance(await connector.look_up(job, job.prepared), Present)


async def test_login_offers_the_pages_that_may_be_published_to(on_facebook: OnGraph) -> None:
    """Each selected Page with the task to create content is a grant; the person is the same, the tokens are not."""
    for handle in ("brand", "press", "reader"):
        await on_facebook.sandbox.account("facebook", handle)
    await on_facebook.sandbox.account("facebook", "reader", tasks=["ANALYZE", "MODERATE"])
    grant = await on_facebook.connect("brand,press,reader")
    assert {one.handle for one in (grant, *grant.others)} == {"brand", "press"}
    assert grant.grantor_id is not None
    assert {one.grantor_id for one in (grant, *grant.others)} == {grant.grantor_id}
    assert len({one.tokens.access_token for one in (grant, *grant.others)}) == 2
    assert grant.tokens.expires_at is None
    assert grant.scopes >= on_facebook.platform.required_scopes[Mode.PUBLISH] | on_facebook.platform.comment_scopes


async def test_a_person_without_the_task_has_no_account(on_facebook: OnGraph) -> None:
    """A login that gives access to no Page says what to do."""
    await on_facebook.sandbox.account("facebook", "reader", tasks=["ANALYZE"])
    with pytest.raises(Rejected, match="task to create content") as refused:
        await on_facebook.connect("reader")
    assert refused.value.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE


async def test_missing_permission_is_in_the_grant(on_facebook: OnGraph) -> None:
    """Permissions that the person did not give are not in the grant."""
    granted: list[JsonValue] = on_facebook.without("engagement", "user_content")
    await on_facebook.sandbox.account("facebook", "brand", grantedScopes=[*granted, "pages_read_engagement"])
    grant = await on_facebook.connect("brand")
    assert grant.scopes == {"pages_show_list", "pages_read_engagement", "pages_manage_posts"}


async def test_denied_login(on_facebook: OnGraph) -> None:
    """A person who denies comes back with an error and no code."""
    url = on_facebook.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier="v")
    location = await on_facebook.sandbox.approve(url, account="brand", decision="deny")
    query = parse_qs(urlsplit(location).query)
    assert query["error"] == ["access_denied"]
    assert "code" not in query


async def test_revoking_ends_the_access(on_facebook: OnGraph) -> None:
    """After a revocation the Page's token is refused."""
    job = await on_facebook.job(picture(), can_refresh=False)
    await on_facebook.platform.login.revoke(job.tokens)
    end = await on_facebook.drive(job)
    assert getattr(end, "failure", None) is FailureCode.CREDENTIAL_INVALID
    assert await on_facebook.live() == []
