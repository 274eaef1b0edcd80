"""Drafts on the sandbox's TikTok, with every fault on every operation: never two drafts, and none is lost."""

from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.contract.faults import Call, Fault, code, matrix
from tests.contract.job import End, MemoryJob, Sample, decide, picture, slideshow
from tests.contract.on_tiktok import CAPTION, OnTikTok
from tests.contract.test_tiktok_faults import HARD, LIVE_CALLS, LOST, PASSING, UPLOAD_CODES, assert_explained, pairs
from tests.contract.test_tiktok_publishing import hashes, padded, sent
from tests.platforms.drafts import tiktok
from tests.tiers import exhaustive

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Absent, Grant, Located, Mode, PostOptions, Present
from presswork.worker.reconciliation import Unknown

OF_VIDEO = ("inbox_init", "upload", "status_fetch")
OF_PHOTO = ("content_init", "status_fetch")
PENDING = code("spam_risk_too_many_pending_share")
OLD_APP = code("app_version_check_failed")


async def draft_of(
    on_tiktok: OnTikTok,
    samples: Sample | list[Sample],
    *,
    grant: Grant | None = None,
    options: PostOptions | None = None,
) -> MemoryJob:
    """Return a job that delivers these media as a draft."""
    return await on_tiktok.job(samples, grant=grant, options=options, mode=Mode.DRAFT)


async def delivered(on_tiktok: OnTikTok, job: MemoryJob) -> tuple[Present, dict[str, JsonValue]]:
    """Deliver a draft, which has to arrive, and return the inbox; nothing is public."""
    end = await on_tiktok.drive(job)
    assert isinstance(end, Present), repr(end)
    [draft] = await on_tiktok.drafts()
    assert await on_tiktok.live() == []
    return end, draft


async def assert_consistent(on_tiktok: OnTikTok, end: End) -> None:
    """Check the invariant: at most one draft; exactly one if the outcome is Live; none if it is a failure."""
    drafts = await on_tiktok.drafts()
    assert len(drafts) <= 1
    if isinstance(end, Present):
        assert len(drafts) == 1
    elif not isinstance(end, Unknown):
        assert drafts == []
    assert await on_tiktok.live() == []


async def test_video(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """The video arrives byte for byte, only its size is sent with it, and the timeline says where it is."""
    job = await draft_of(on_tiktok, sample_clip)
    end, draft = await delivered(on_tiktok, job)
    assert (draft["kind"], draft["status"], hashes(draft)) == (
        "tiktok_video",
        "SEND_TO_USER_INBOX",
        [sample_clip.media.sha256],
    )
    assert isinstance(draft["params"], dict)
    assert list(draft["params"]) == ["source_info"]
    assert end.external_id == draft["publishId"]
    assert "TikTok inbox of @brand." in (end.message or "")
    assert await on_tiktok.calls("creator_info") == 1  # by the login, none by the draft


async def test_video_in_chunks(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """12 MB are sent in two chunks and arrive unchanged."""
    big = padded(sample_clip, 12_000_000)
    _, draft = await delivered(on_tiktok, await draft_of(on_tiktok, big))
    assert hashes(draft) == [big.media.sha256]
    assert await on_tiktok.calls("upload") == 2


async def test_pictures(on_tiktok: OnTikTok) -> None:
    """Pictures arrive in their order with the caption as description, and no setting of the target is sent with them."""
    pictures = slideshow(3)
    job = await draft_of(on_tiktok, pictures, options=tiktok(privacy_level="SELF_ONLY", disable_comment=True))
    end, draft = await delivered(on_tiktok, job)
    assert (draft["kind"], draft["caption"], sent(draft)) == ("tiktok_photo", CAPTION, {"description": CAPTION})
    assert hashes(draft) == [one.media.sha256 for one in pictures]
    assert isinstance(draft["params"], dict)
    assert draft["params"]["post_mode"] == "MEDIA_UPLOAD"
    assert end.external_id == draft["publishId"]


@pytest.mark.parametrize("kind", ["video", "photo"])
async def test_the_permission_for_drafts_is_enough(on_tiktok: OnTikTok, sample_clip: Sample, kind: str) -> None:
    """An account that may not post directly still gets its drafts, with the one permission that they need."""
    await on_tiktok.sandbox.account("tiktok", "brand", grantedScopes=["user.info.basic", "video.upload"])
    job = await draft_of(on_tiktok, sample_clip if kind == "video" else picture())
    assert job.account.scopes == {"user.info.basic", "video.upload"}
    await delivered(on_tiktok, job)
    refused = [call for call in await on_tiktok.sandbox.requests("tiktok") if call["status"] != 200]
    assert [call["status"] for call in refused] == ([201] if kind == "video" else [])


@pytest.mark.parametrize("scopes", [None, ["user.info.basic", "video.upload"]])
async def test_a_draft_that_its_creator_posts_is_found(
    on_tiktok: OnTikTok, sample_clip: Sample, scopes: list[JsonValue] | None
) -> None:
    """Nothing is reported while it is in the inbox; then its id, and its address where the user name may be fetched."""
    await on_tiktok.sandbox.account("tiktok", "brand", grantedScopes=scopes)
    connector = on_tiktok.platform.channel(Mode.DRAFT).connector
    job = await draft_of(on_tiktok, sample_clip)
    end, _ = await delivered(on_tiktok, job)
    assert job.prepared is not None
    nothing = Located(external_id=None, external_url=None)
    assert await connector.locate(job, job.prepared, None) == nothing
    posted = await on_tiktok.sandbox.post_draft(str(end.external_id))
    await job.sleep(timedelta(minutes=1))
    link = f"https://www.tiktok.com/@brand/video/{posted}" if scopes is None else None
    assert await connector.locate(job, job.prepared, None) == Located(external_id=posted, external_url=link)
    assert await on_tiktok.calls("creator_info") == (2 if scopes is None else 0)  # the login's and this one, or none


async def test_a_draft_posted_before_the_first_poll_is_delivered(on_tiktok: OnTikTok) -> None:
    """A quick creator: the first poll finds PUBLISH_COMPLETE, and the draft counts as delivered, not as published."""
    connector = on_tiktok.platform.channel(Mode.DRAFT).connector
    job = await draft_of(on_tiktok, picture())
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await connector.make_live(job, prepared)
    while not (drafts := await on_tiktok.drafts()):
        await job.sleep(timedelta(seconds=5))
    [draft] = drafts
    await on_tiktok.sandbox.post_draft(str(draft["publishId"]))
    end = await connector.look_up(job, prepared)
    assert isinstance(end, Present)
    assert (end.external_id, end.external_url) == (draft["publishId"], None)


async def test_a_video_beyond_ten_minutes_is_refused_before_anything_is_sent(
    on_tiktok: OnTikTok, sample_clip: Sample
) -> None:
    """By the same rule as preflight, with both lengths."""
    job = await draft_of(on_tiktok, padded(sample_clip, len(sample_clip.body) + 100))
    object.__setattr__(job.samples[0].media, "duration", timedelta(minutes=10, seconds=1))
    end = await on_tiktok.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, await on_tiktok.calls("inbox_init")) == (FailureCode.PLATFORM_LIMIT, 0)
    assert "10 min 1 s; TikTok accepts 10 min as a draft" in end.message


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(OF_VIDEO, PASSING), publishing=LIVE_CALLS), ids=str)
async def test_video_survives_a_temporary_fault(
    on_tiktok: OnTikTok, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """A temporary fault only costs time: one draft."""
    job = await draft_of(on_tiktok, sample_clip)
    await on_tiktok.fault(operation, fault.name, **fault.more(times=1))
    await delivered(on_tiktok, job)
    assert_explained(Present(external_id=None), job)


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(OF_PHOTO, PASSING), publishing=LIVE_CALLS), ids=str)
async def test_pictures_survive_a_temporary_fault(on_tiktok: OnTikTok, operation: str, fault: Fault) -> None:
    """The same, unless TikTok had the pictures when its response was lost: then the outcome is unknown, and one draft exists."""
    job = await draft_of(on_tiktok, slideshow(2))
    await on_tiktok.fault(operation, fault.name, **fault.more(times=1))
    end = await on_tiktok.drive(job)
    await assert_consistent(on_tiktok, end)
    assert_explained(end, job)
    was_fetched = any(job.host.fetches(url) for url in job.one_off_urls)
    assert isinstance(end, Present) or (operation == "content_init" and isinstance(end, Unknown) and was_fetched)


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("fault", matrix([*LOST, *UPLOAD_CODES], at=Call.WRITE), ids=str)
async def test_chunks_survive_a_temporary_fault(
    on_tiktok: OnTikTok, sample_clip: Sample, fault: Fault, skip: int
) -> None:
    """At the first and at the last chunk of two; the last one is the irreversible call."""
    job = await draft_of(on_tiktok, padded(sample_clip, 10_000_001))
    await on_tiktok.fault("upload", fault.name, **fault.more(times=1, skip=skip))
    await delivered(on_tiktok, job)


@pytest.mark.parametrize("times", [-1, *exhaustive([1])])
@pytest.mark.parametrize(
    ("operation", "fault"), matrix(pairs(OF_VIDEO, [*HARD, PENDING, OLD_APP]), publishing=LIVE_CALLS), ids=str
)
async def test_video_with_a_permanent_error_has_a_true_outcome(
    on_tiktok: OnTikTok, sample_clip: Sample, operation: str, fault: Fault, times: int
) -> None:
    """A permanent error ends the draft or is retried; the outcome is true."""
    job = await draft_of(on_tiktok, sample_clip)
    await on_tiktok.fault(operation, fault.name, **fault.more(times=times))
    end = await on_tiktok.drive(job)
    await assert_consistent(on_tiktok, end)
    assert_explained(end, job)


@pytest.mark.parametrize("times", [-1, *exhaustive([1])])
@pytest.mark.parametrize(
    ("operation", "fault"), matrix(pairs(OF_PHOTO, [*HARD, PENDING, OLD_APP]), publishing=LIVE_CALLS), ids=str
)
async def test_pictures_with_a_permanent_error_have_a_true_outcome(
    on_tiktok: OnTikTok, operation: str, fault: Fault, times: int
) -> None:
    """The same for pictures."""
    job = await draft_of(on_tiktok, picture())
    await on_tiktok.fault(operation, fault.name, **fault.more(times=times))
    end = await on_tiktok.drive(job)
    await assert_consistent(on_tiktok, end)
    assert_explained(end, job)


@pytest.mark.parametrize(
    ("operation", "fault"), matrix([*pairs(OF_VIDEO, LOST), *pairs(OF_PHOTO[:1], LOST)], publishing=LIVE_CALLS), ids=str
)
async def test_a_lasting_fault_has_a_true_outcome(
    on_tiktok: OnTikTok, sample_clip: Sample, operation: str, fault: Fault
) -> None:
    """It ends the draft, or the outcome is unknown; never with two drafts or a false outcome."""
    job = await draft_of(on_tiktok, picture() if operation == "content_init" else sample_clip)
    await on_tiktok.fault(operation, fault.name, **fault.more(times=-1))
    end = await on_tiktok.drive(job)
    await assert_consistent(on_tiktok, end)
    assert_explained(end, job)


@pytest.mark.parametrize("kind", ["video", "photo"])
async def test_five_unfinished_drafts(on_tiktok: OnTikTok, sample_clip: Sample, kind: str) -> None:
    """The sixth fails at once and says what its creator has to do; after they posted one, another is accepted."""
    grant = await on_tiktok.connect()
    ids = []
    for number in range(5):
        end = await on_tiktok.drive(await draft_of(on_tiktok, picture(seed=number), grant=grant))
        assert isinstance(end, Present)
        ids.append(str(end.external_id))
    sample = sample_clip if kind == "video" else picture(seed=9)
    job = await draft_of(on_tiktok, sample, grant=grant)
    await job.sleep(timedelta(minutes=1))  # TikTok accepts six inits a minute
    end = await on_tiktok.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.DELIVERY_FAILED, "spam_risk_too_many_pending_share")
    assert "Ask the creator to post or delete one of them" in end.advice
    assert len(await on_tiktok.drafts()) == 5
    await on_tiktok.sandbox.post_draft(ids[0])
    assert isinstance(await on_tiktok.drive(await draft_of(on_tiktok, sample, grant=grant)), Present)
    assert len(await on_tiktok.drafts()) == 6


async def test_an_app_that_is_too_old(on_tiktok: OnTikTok) -> None:
    """The creator's phone doesn't support drafts of pictures: the post fails at once and says what to update."""
    job = await draft_of(on_tiktok, picture())
    await on_tiktok.fault("content_init", OLD_APP.name, **OLD_APP.more(times=1))
    end = await on_tiktok.drive(job)
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.ACCOUNT_NOT_ELIGIBLE, "app_version_check_failed")
    assert "Update it" in end.message


async def test_endless_processing_is_never_repeated(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """TikTok processes without end: the outcome is unknown after the limit, and one init was sent."""
    job = await draft_of(on_tiktok, sample_clip)
    await on_tiktok.fault("inbox_init", "stuck_processing", times=-1)
    end = await on_tiktok.drive(job)
    assert isinstance(end, Unknown)
    assert "TikTok is processing the post" in end.message
    assert await on_tiktok.calls("inbox_init") == 1


async def test_a_worker_that_died_before_the_last_chunk(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """The worker had announced the call and never made it: TikTok's count does not change, and the next worker completes it."""
    connector = on_tiktok.platform.channel(Mode.DRAFT).connector
    job = await draft_of(on_tiktok, sample_clip)
    job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    assert isinstance(await decide(connector, job, on_tiktok.retry_policy), Absent)
    job.live_call_at = job.looks = None
    await delivered(on_tiktok, job)
    assert await on_tiktok.calls("inbox_init") == 1


async def test_a_last_chunk_that_is_sent_twice_is_one_draft(on_tiktok: OnTikTok, sample_clip: Sample) -> None:
    """Why a repetition is safe: an upload becomes one draft at most, however often its last chunk is sent."""
    connector = on_tiktok.platform.channel(Mode.DRAFT).connector
    job = await draft_of(on_tiktok, sample_clip)
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await on_tiktok.fault("upload", "drop_after_effect")
    for _ in range(2):
        with pytest.raises((OutcomeUnknown, TryLater)):
            await connector.make_live(job, prepared)
    await delivered(on_tiktok, job)


async def test_an_invalid_grant_ends_the_draft(on_tiktok: OnTikTok) -> None:
    """Access and refresh token are invalid: the account must be connected again, and no draft exists."""
    job = await draft_of(on_tiktok, picture())
    await on_tiktok.fault("content_init", "token_expired", times=-1)
    await on_tiktok.fault("refresh", "token_expired", times=-1)
    assert isinstance(await on_tiktok.drive(job), CredentialInvalid)
    assert await on_tiktok.drafts() == []


async def test_same_content_twice_is_two_drafts(on_tiktok: OnTikTok) -> None:
    """Two jobs with the same picture are two drafts: nothing of one counts as the other."""
    grant = await on_tiktok.connect()
    ends = [await on_tiktok.drive(await draft_of(on_tiktok, picture(), grant=grant)) for _ in range(2)]
    ids = [end.external_id for end in ends if isinstance(end, Present)]
    assert sorted(map(str, ids)) == sorted(str(draft["publishId"]) for draft in await on_tiktok.drafts())
