"""Every fault of the sandbox on every operation of the connector of Pages: never two posts, and none is lost."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.contract.faults import (
    AFTER_EFFECT,
    LOST,
    Call,
    Fault,
    Thin,
    assert_consistent,
    assert_explained,
    code,
    matrix,
    sparse,
    sparse_lasting,
)
from tests.contract.in_process import SandboxApp
from tests.contract.job import MemoryJob, Sample, decide, picture, slideshow
from tests.contract.on_facebook import uploads
from tests.contract.on_graph import PASSING, DyingJob, Killed, OnGraph

from presswork.platforms.api_client import Action
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK
from presswork.platforms.port import Absent, Grant, Present
from presswork.worker.reconciliation import Unknown

OPERATIONS = {
    "picture": ("photos", "published_posts", "feed"),
    "reel": ("reel_start", "upload", "video_status", "reel_finish"),
    "video": ("video_start", "video_transfer", "video_status", "video_finish"),
}
PUBLISH = {"feed", "reel_finish", "video_finish"}
LIVE_CALLS = {"picture": "feed", "reel": "reel_finish", "video": "video_finish"}
EVERY = [(kind, operation) for kind, operations in OPERATIONS.items() for operation in operations]
LASTING: Sequence[Fault] = (
    Fault("token_expired"),
    Fault("stuck_processing"),
    Fault("media_error", {"code": 1363024}),
    code(1, 99),
    code(10),
    code(100),
    code(100, 33),
    code(100, 1366046),
    code(100, 1366051),
    code(190, 460),
    code(200, 1404078),
    code(200, 1404102),
    code(200, 1390008),
    code(324),
    code(341),
    code(368),
    code(389),
    code(506),
    code(6000),
    code(80001, 2446079),
    code(2, 1363047),
    code(4711),
)
"""What Facebook returns that a retry may not help against."""


@pytest.fixture
def samples(sample_clip: Sample, wide_clip: Sample) -> dict[str, Sample]:
    """The media of each kind of post."""
    return {"picture": picture(), "reel": sample_clip, "video": wide_clip}


def pairs(faults: Sequence[Fault], thin: Thin = sparse) -> list[tuple[str, str, Fault]]:
    """Return every operation of every kind of post with every fault that it can have, `thin` those of an operation that is
    safe to repeat.
    """
    return [
        (kind, operation, fault)
        for kind, operation in EVERY
        for fault in (faults if operation in PUBLISH else thin(faults))
        if can_have(operation, fault)
    ]


def can_have(operation: str, fault: Fault) -> bool:
    """Whether the sandbox offers a fault of an operation; a post that Facebook removes was live all the same."""
    if fault.name == "media_error":
        return operation not in {"photos", "published_posts", "feed"}
    if fault.name == "stuck_processing":
        return operation not in {"photos", "published_posts"}
    return fault.name != "token_expired" or operation != "upload"


def is_limit(fault: Fault) -> bool:
    """Whether Facebook asks to wait."""
    return (
        isinstance(fault.value, dict)
        and FACEBOOK.errors.meaning_of(
            int(str(fault.value.get("code", 0))), int(str(fault.value.get("subcode") or 0)) or None
        ).action
        is Action.THROTTLE
    )


@pytest.mark.parametrize(
    ("kind", "operation", "fault"), matrix(pairs([*PASSING, AFTER_EFFECT]), publishing=PUBLISH), ids=str
)
async def test_temporary_fault_is_retried(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str, operation: str, fault: Fault
) -> None:
    """A temporary fault only costs time: exactly one post is live."""
    job = await on_facebook.job(samples[kind])
    await on_facebook.fault(operation, fault.name, **fault.more(times=1))
    end = await on_facebook.drive(job)
    assert isinstance(end, Present)
    assert_consistent(end, await on_facebook.live())
    assert_explained(end, job)


@pytest.mark.parametrize(
    ("kind", "operation", "fault"),
    # while a limit lasts, a post that may be live is asked about for a day
    matrix(
        (
            one
            for one in pairs([*PASSING, *LASTING], sparse_lasting)
            if one[:2] != ("video", "video_status") or not is_limit(one[2])
        ),
        publishing=PUBLISH,
    ),
    ids=str,
)
async def test_a_lasting_fault_has_a_true_outcome(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str, operation: str, fault: Fault
) -> None:
    """A lasting fault ends the post, or keeps it waiting at a limit; never with two posts or a false outcome."""
    job = await on_facebook.job(samples[kind], can_refresh=False)
    await on_facebook.fault(operation, fault.name, **fault.more(times=-1))
    end = await on_facebook.drive(job)
    assert_consistent(end, await on_facebook.live())
    assert_explained(end, job)


@pytest.mark.parametrize(("kind", "operation", "fault"), matrix(pairs(LASTING), publishing=PUBLISH), ids=str)
async def test_a_single_permanent_error_has_a_true_outcome(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str, operation: str, fault: Fault
) -> None:
    """A single permanent error may fail the post or be retried; the outcome is true."""
    job = await on_facebook.job(samples[kind])
    await on_facebook.fault(operation, fault.name, **fault.more(times=1))
    end = await on_facebook.drive(job)
    assert_consistent(end, await on_facebook.live())
    assert_explained(end, job)


@pytest.mark.parametrize("kind", OPERATIONS)
@pytest.mark.parametrize("fault", matrix([Fault("drop_after_effect"), AFTER_EFFECT], at=Call.PUBLISH), ids=str)
async def test_lost_response_is_looked_up_and_the_post_found(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str, fault: Fault
) -> None:
    """The post goes live and the response is lost: it is found with its own id, and the call is not repeated."""
    job = await on_facebook.job(samples[kind])
    await on_facebook.fault(LIVE_CALLS[kind], fault.name, **fault.more(times=1))
    end = await on_facebook.drive(job)
    [post] = await on_facebook.live()
    assert isinstance(end, Present)
    assert end.external_id == post["externalId"]
    assert await on_facebook.calls(LIVE_CALLS[kind]) == 1


@pytest.mark.parametrize("kind", OPERATIONS)
@pytest.mark.parametrize("fault", matrix(LOST, at=Call.PUBLISH), ids=str)
async def test_response_lost_twice(on_facebook: OnGraph, samples: dict[str, Sample], kind: str, fault: Fault) -> None:
    """Two lost responses in a row never make a second post, and no outcome is false.

    Of pictures that are not shown after a repeated call, the outcome is unknown: their absence is no proof.
    """
    job = await on_facebook.job(samples[kind])
    await on_facebook.fault(LIVE_CALLS[kind], fault.name, **fault.more(times=2))
    end = await on_facebook.drive(job)
    assert_consistent(end, await on_facebook.live())
    if kind == "picture" and await on_facebook.live() == []:
        assert isinstance(end, Unknown)
        assert "was asked 2 times" in end.message
    else:
        assert isinstance(end, Present)
    if kind == "picture":
        assert await on_facebook.calls("feed") <= 2


async def test_a_call_that_was_never_seen_counts(on_facebook: OnGraph) -> None:
    """A process died at the call, and the answer to the repeated one is lost: there is no third call."""
    connector = on_facebook.platform.connector
    job = await on_facebook.job(picture())
    job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    assert isinstance(await decide(connector, job, on_facebook.retry_policy), Absent)
    job.live_call_at = job.looks = job.prepared = None
    await on_facebook.fault("feed", "drop_before_effect")
    assert isinstance(await on_facebook.drive(job), Unknown)
    assert await on_facebook.calls("feed") == 1


async def test_used_pictures_are_evidence_of_a_post(on_facebook: OnGraph) -> None:
    """Facebook shows the post late, so the call is repeated with the same pictures: 1366051 says that the first one worked."""
    await on_facebook.sandbox.account("facebook", "brand", listDelaySeconds=60)
    job = await on_facebook.job(picture())
    await on_facebook.fault("feed", "drop_after_effect")
    end = await on_facebook.drive(job)
    [post] = await on_facebook.live()
    assert isinstance(end, Present)
    assert end.external_id == post["externalId"]
    calls = await on_facebook.requests("feed")
    assert len(calls) == 2
    assert "1366051" in str(calls)
    assert await uploads(on_facebook) == 1


async def test_a_post_that_is_never_shown_is_unknown(on_facebook: OnGraph) -> None:
    """1366051, and Facebook shows no post for long: the outcome is unknown, and nothing is uploaded again."""
    await on_facebook.sandbox.account("facebook", "brand", listDelaySeconds=100_000)
    job = await on_facebook.job(picture())
    await on_facebook.fault("feed", "drop_after_effect")
    end = await on_facebook.drive(job)
    assert isinstance(end, Unknown)
    assert "posted these pictures already" in end.message
    assert len(await on_facebook.live()) == 1
    assert await uploads(on_facebook) == 1


@pytest.mark.parametrize("refused", [code(100), code(190, 460), code(200, 1404102)], ids=str)
async def test_a_refusal_of_the_repeated_call_says_nothing_of_the_first(on_facebook: OnGraph, refused: Fault) -> None:
    """A post that Facebook shows late, and a permanent refusal of the repeated call: unknown or live, never failed."""
    await on_facebook.sandbox.account("facebook", "brand", listDelaySeconds=100_000)
    job = await on_facebook.job(picture(), can_refresh=False)
    await on_facebook.fault("feed", "drop_after_effect")
    await on_facebook.fault("feed", refused.name, **refused.more(times=-1))  # once the first fault is over
    end = await on_facebook.drive(job)
    assert isinstance(end, Unknown)
    assert "posted these pictures already" not in end.message
    assert len(await on_facebook.live()) == 1


async def test_pictures_that_expired_after_a_lost_call_are_not_replaced(on_facebook: OnGraph) -> None:
    """A day after the lost call the same pictures can't be posted any more, and others could make a second post."""
    await on_facebook.sandbox.account("facebook", "brand", listDelaySeconds=100_000)
    connector = on_facebook.platform.connector
    job = await on_facebook.job(picture())
    job.prepared = await connector.prepare(job)
    await on_facebook.fault("feed", "drop_after_effect")
    job.live_call_at = job.now()
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    await job.sleep(timedelta(hours=24))
    job.live_call_at = None
    with pytest.raises(Rejected) as unknown:
        await connector.prepare(job)
    assert unknown.value.failure is FailureCode.OUTCOME_UNKNOWN
    assert await uploads(on_facebook) == 1


async def test_another_post_with_the_same_text_is_not_taken_for_this_one(on_facebook: OnGraph) -> None:
    """The call had no effect, and meanwhile a person posts the same text with other pictures: this post is not live yet."""
    grant = await on_facebook.connect("brand")
    job, other = [await on_facebook.job(picture(seed=seed), grant=grant) for seed in range(2)]
    connector = on_facebook.platform.connector
    job.prepared = await connector.prepare(job)
    await on_facebook.fault("feed", "drop_before_effect")
    job.live_call_at = job.now()
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    assert isinstance(await on_facebook.drive(other), Present)
    await job.sleep(timedelta(seconds=3))
    assert isinstance(await connector.look_up(job, job.prepared), Absent)
    assert isinstance(await on_facebook.drive(job), Present)
    assert len(await on_facebook.live()) == 2


async def test_several_posts_that_may_be_it_are_no_absence(
    on_facebook: OnGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list does not show which pictures its posts have, and two may be this one: it is not posted once more."""
    monkeypatch.setattr("presswork.platforms.facebook_pages.photos._list_targets", lambda _post: set())
    grant = await on_facebook.connect("brand")
    job, *others = [await on_facebook.job(picture(seed=seed), grant=grant) for seed in range(3)]
    connector = on_facebook.platform.connector
    job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    for operation in ("feed", "photo"):
        await on_facebook.fault(operation, "drop_before_effect", times=-1)
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    await on_facebook.sandbox.clear_faults()
    for other in others:
        assert isinstance(await on_facebook.drive(other), Present)
    await job.sleep(timedelta(seconds=10))  # a new post is listed late
    assert isinstance(await on_facebook.drive(job), Unknown)
    assert await on_facebook.calls("feed") == 3


@pytest.mark.parametrize("kind", OPERATIONS)
async def test_post_without_effect_is_polled_before_it_is_repeated(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str
) -> None:
    """The call is lost before it had an effect: it is repeated only after the whole wait, with the same upload."""
    connector = on_facebook.platform.connector
    job = await on_facebook.job(samples[kind])
    prepared = job.prepared = await connector.prepare(job)
    await on_facebook.fault(LIVE_CALLS[kind], "drop_before_effect")
    job.live_call_at = called_at = job.now()
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, prepared)
    assert isinstance(await decide(connector, job, on_facebook.retry_policy), Absent)
    assert job.now() - called_at >= on_facebook.retry_policy.republish_after
    job.live_call_at = None
    assert (await connector.prepare(job))["containerId"] == prepared["containerId"]


@pytest.mark.parametrize(("kind", "upload"), [("reel", "upload"), ("video", "video_transfer")])
async def test_a_video_in_processing_may_still_go_live(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str, upload: str
) -> None:
    """The response is lost and Facebook processes the video for long: unknown, and the call is not repeated."""
    job = await on_facebook.job(samples[kind])
    await on_facebook.fault(upload, "stuck_processing")
    await on_facebook.fault(LIVE_CALLS[kind], "drop_after_effect")
    end = await on_facebook.drive(job)
    assert isinstance(end, Unknown)
    assert "is processing the post" in end.message
    assert await on_facebook.calls(LIVE_CALLS[kind]) == 1
    await on_facebook.sandbox.clear_faults()
    await job.sleep(timedelta(minutes=1))
    assert len(await on_facebook.live()) == 1


@pytest.mark.parametrize("kind", OPERATIONS)
async def test_post_that_went_live_late_is_found_by_a_new_preparation(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str
) -> None:
    """The response was lost and the call taken for lost, too: the next preparation finds the post, and makes no call."""
    connector = on_facebook.platform.connector
    job = await on_facebook.job(samples[kind])
    job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await on_facebook.fault(LIVE_CALLS[kind], "drop_after_effect")
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    await job.sleep(timedelta(seconds=60))
    job.live_call_at = job.prepared = None
    end = await on_facebook.drive(job)
    assert isinstance(end, Present)
    [post] = await on_facebook.live()
    assert end.external_id == post["externalId"]
    assert await on_facebook.calls(LIVE_CALLS[kind]) == 1


@pytest.mark.parametrize(
    ("kind", "unreadable"), [("picture", ("photo", "published_posts")), ("reel", ("video_status",))]
)
async def test_what_can_not_be_read_ends_unknown(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str, unreadable: Sequence[str]
) -> None:
    """The response is lost and Facebook can't be asked for long: the outcome is unknown, and no call is repeated."""
    job = await on_facebook.job(samples[kind])
    job.prepared = await on_facebook.platform.connector.prepare(job)
    await on_facebook.fault(LIVE_CALLS[kind], "drop_after_effect")
    for operation in unreadable:
        await on_facebook.fault(operation, "platform_error", times=-1, value={"code": 100, "subcode": 33})
    end = await on_facebook.drive(job)
    assert isinstance(end, Unknown)
    assert "did not report it for" in end.message
    assert len(await on_facebook.live()) == 1
    assert await on_facebook.calls(LIVE_CALLS[kind]) == 1


@pytest.mark.parametrize("kind", OPERATIONS)
async def test_a_token_invalidated_before_the_look_up_is_never_not_live(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str
) -> None:
    """The post went live, the response was lost and the token became invalid for good: the outcome is unknown, not failed,
    and no call is repeated."""
    job = await on_facebook.job(samples[kind], can_refresh=False)
    job.prepared = await on_facebook.platform.connector.prepare(job)
    await on_facebook.fault(LIVE_CALLS[kind], "drop_after_effect")
    await on_facebook.fault("photo" if kind == "picture" else "video_status", "token_expired")
    end = await on_facebook.drive(job)
    assert isinstance(end, Unknown)
    assert "did not report it for" in end.message
    assert len(await on_facebook.live()) == 1
    assert await on_facebook.calls(LIVE_CALLS[kind]) == 1


@pytest.mark.parametrize(
    ("kind", "operation"), [pair for pair in EVERY if pair[1] not in {"published_posts", "upload"}]
)
async def test_invalid_token_is_renewed_and_the_post_continues(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str, operation: str
) -> None:
    """A token that becomes invalid meanwhile is replaced once, and the post goes live once."""
    first, second = await on_facebook.connect("brand"), await on_facebook.connect("brand")
    job = await on_facebook.job(samples[kind], grant=first)
    job.spare = second.tokens
    await on_facebook.fault(operation, "token_expired")
    assert isinstance(await on_facebook.drive(job), Present)
    assert job.renewals == 1
    assert len(await on_facebook.live()) == 1


@pytest.mark.parametrize("kind", OPERATIONS)
async def test_token_that_can_not_be_renewed_ends_the_post(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str
) -> None:
    """Without another token the post ends as CREDENTIAL_INVALID, and nothing is live."""
    job = await on_facebook.job(samples[kind], can_refresh=False)
    await on_facebook.fault(LIVE_CALLS[kind], "token_expired")
    assert isinstance(await on_facebook.drive(job), CredentialInvalid)
    assert await on_facebook.live() == []


@pytest.mark.parametrize("kind", ["reel", "video"])
async def test_a_video_that_facebook_can_not_process(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str
) -> None:
    """Processing ends in an error each time: the post fails as MEDIA_REJECTED with Facebook's words, after three uploads."""
    job = await on_facebook.job(samples[kind])
    fault: JsonValue = {"code": 1363024, "message": "Unsupported video format"}
    await on_facebook.fault(LIVE_CALLS[kind], "media_error", times=-1, value=fault)
    end = await on_facebook.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.MEDIA_REJECTED
    assert "Unsupported video format" in end.message
    assert await on_facebook.live() == []


async def test_a_duplicate_is_looked_up_before_it_fails(on_facebook: OnGraph) -> None:
    """506 for a post that is not there: it is looked for, then fails with what to change."""
    job = await on_facebook.job(picture())
    await on_facebook.fault("feed", "platform_error", value={"code": 506, "message": "Duplicate status message"})
    end = await on_facebook.drive(job)
    assert isinstance(end, Rejected)
    assert end.platform_code == "506"
    assert "change the text" in end.message
    assert await on_facebook.calls("photo") != 0
    assert await on_facebook.live() == []


async def test_a_limit_says_how_long_to_wait(on_facebook: OnGraph) -> None:
    """80001 at the live call is a limit: nothing is live, and the post waits."""
    job = await on_facebook.job(picture())
    job.prepared = await on_facebook.platform.connector.prepare(job)
    await on_facebook.fault("feed", "platform_error", value={"code": 80001})
    with pytest.raises(TryLater) as limited:
        await on_facebook.platform.connector.make_live(job, job.prepared)
    assert limited.value.is_throttled
    assert await on_facebook.live() == []


async def test_a_call_that_arrives_late_is_found(on_facebook: OnGraph, sandbox_app: SandboxApp) -> None:
    """The connector stops waiting, and Facebook posts after the first look: one call, and its post is found."""
    connector, job = on_facebook.platform.connector, await on_facebook.job(picture())
    job.prepared = await connector.prepare(job)
    late = sandbox_app.delay_next("feed")
    job.live_call_at = job.now()
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    assert isinstance(await connector.look_up(job, job.prepared), Absent)
    await late.arrive()
    end, post = await on_facebook.publish(job)
    assert end.external_id == post["externalId"]
    assert await on_facebook.calls("feed") == 1


async def test_a_call_that_arrives_after_its_repetition_makes_no_second_post(
    on_facebook: OnGraph, sandbox_app: SandboxApp
) -> None:
    """The connector stops waiting and posts again; then the first call arrives: one post."""
    late = sandbox_app.delay_next("feed")
    await on_facebook.publish(await on_facebook.job(picture()))
    await late.arrive()
    assert len(await on_facebook.live()) == 1


async def dying(
    on_facebook: OnGraph, samples: Sample | Sequence[Sample], grant: Grant, *, dies_at: int
) -> tuple[MemoryJob, bool]:
    """Drive a post whose process dies at its `dies_at`-th change, and then again; return it, and whether it died."""
    plain = await on_facebook.job(samples, grant=grant, caption=f"Dies at {dies_at}")
    job = DyingJob.of(plain, dies_at=dies_at)
    try:
        end = await on_facebook.drive(job)
        is_killed = False
    except Killed:
        is_killed = True
        end = await on_facebook.drive(job)
    assert isinstance(end, Present)
    return job, is_killed


@pytest.mark.parametrize("kind", [*OPERATIONS, "pictures"])
@pytest.mark.parametrize("fault", matrix([None, *LOST, AFTER_EFFECT], at=Call.WRITE), ids=str)
async def test_a_process_that_dies_after_any_change(
    on_facebook: OnGraph, samples: dict[str, Sample], kind: str, fault: Fault | None
) -> None:
    """Wherever a process dies, the next one continues from what is stored, and exactly one post is live."""
    grant = await on_facebook.connect("brand")
    media: Sample | Sequence[Sample] = slideshow(2) if kind == "pictures" else samples[kind]
    is_killed = True
    for dies_at in range(1, 14):
        if fault is not None:
            await on_facebook.fault(LIVE_CALLS.get(kind, "feed"), fault.name, **fault.more(times=1))
        job, is_killed = await dying(on_facebook, media, grant, dies_at=dies_at)
        assert len([post for post in await on_facebook.live() if post["caption"] == job.caption]) == 1
        if not is_killed:
            break
        await on_facebook.sandbox.clear_faults()
    assert not is_killed


@pytest.mark.parametrize("operation", ["upload", "video_transfer"])
@pytest.mark.parametrize("fault", matrix(LOST, at=Call.WRITE), ids=str)
async def test_an_interrupted_upload_resumes(
    on_facebook: OnGraph, samples: dict[str, Sample], operation: str, fault: Fault
) -> None:
    """An upload whose response is lost resumes from what Facebook has: the same video goes live, whole."""
    kind = "reel" if operation == "upload" else "video"
    job = await on_facebook.job(samples[kind])
    await on_facebook.fault(operation, fault.name, **fault.more(times=1))
    assert isinstance(await on_facebook.drive(job), Present)
    [post] = await on_facebook.live()
    media = post["media"]
    assert isinstance(media, list)
    assert isinstance(media[0], dict)
    assert media[0]["sha256"] == samples[kind].media.sha256
    assert await on_facebook.calls("reel_start" if kind == "reel" else "video_start") == 1
