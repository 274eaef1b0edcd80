"""Every fault of the sandbox on every operation of the LinkedIn connector: never two posts, and the outcome is never a guess."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from pydantic import JsonValue
from tests.contract.faults import AFTER_EFFECT, LATENCY, Call, Fault, assert_consistent, code, matrix, sparse_lasting
from tests.contract.faults import LOST as FAULTS
from tests.contract.faults import assert_explained as explained
from tests.contract.job import End, MemoryJob, Sample, picture, retrying, slideshow
from tests.contract.on_linkedin import OnLinkedIn
from tests.contract.test_tiktok_publishing import padded

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.linkedin.api import Api
from presswork.platforms.linkedin.connector import FIND, media_in
from presswork.platforms.port import Ambiguous, Present, Processing
from presswork.worker.reconciliation import Unknown

OF_VIDEO = ("videos_initialize", "upload", "videos_finalize", "media_status")
OF_PICTURE = ("images_initialize", "upload", "media_status")


LOST: Sequence[Fault] = (*FAULTS, AFTER_EFFECT)
PASSING: Sequence[Fault] = (LATENCY, *LOST)
CLEAR: Sequence[Fault] = (LATENCY, code("CONFLICT"), code("TOO_MANY_REQUESTS"))
"""Faults of the live call after which it is certain that nothing happened, and a second call is accepted."""
HARD: Sequence[Fault] = (
    code("DUPLICATE_POST"),
    code("FIELD_ARRAY_SIZE_TOO_HIGH"),
    code("INVALID_VALUE_FOR_FIELD"),
    code("ACCESS_DENIED"),
    code("NONEXISTENT_VERSION"),
    code("REVOKED_ACCESS_TOKEN"),
    code("OF_TOMORROW"),
)


LASTING: Sequence[Fault] = (*LOST, *CLEAR, *HARD, Fault("token_expired"))


def assert_explained(end: End, job: MemoryJob) -> None:
    """Check that a failure has a message and that nothing secret is in any text."""
    explained(end, job, "dms-uploads", "app-secret")


@pytest.mark.parametrize(
    ("operation", "skip", "fault"),
    matrix(
        (operation, skip, fault)
        for operation, skip in [*((operation, 0) for operation in OF_VIDEO), ("upload", 1)]
        for fault in PASSING
    ),
    ids=str,
)
async def test_video_survives_a_passing_fault(
    as_page: OnLinkedIn, sample_clip: Sample, operation: str, skip: int, fault: Fault
) -> None:
    """A temporary fault of an upload only costs time: exactly one post."""
    job = await as_page.job(padded(sample_clip, 5_000_000))
    await as_page.fault(operation, fault.name, **fault.more(times=1, skip=skip))
    end = await as_page.drive(job)
    assert isinstance(end, Present), repr(end)
    assert_consistent(end, await as_page.live())
    assert_explained(end, job)


@pytest.mark.parametrize(("operation", "fault"), matrix(product(OF_PICTURE, PASSING)), ids=str)
async def test_pictures_survive_a_passing_fault(as_page: OnLinkedIn, operation: str, fault: Fault) -> None:
    """A temporary fault of one of several pictures only costs time: exactly one post with all of them."""
    job = await as_page.job(slideshow(3))
    await as_page.fault(operation, fault.name, **fault.more(times=1, skip=1))
    _, post = await as_page.publish(job)
    assert len(post["media"]) == 3  # type: ignore[arg-type]  # a list


@pytest.mark.parametrize("fault", matrix(LOST, at=Call.PUBLISH), ids=str)
async def test_lost_live_call_of_a_page(as_page: OnLinkedIn, fault: Fault) -> None:
    """The page's list shows what became of the call: one post, whether the first call worked or not."""
    job = await as_page.job(picture())
    await as_page.fault("posts", fault.name, **fault.more(times=1))
    end, _ = await as_page.publish(job)
    assert end.external_id is not None
    assert_explained(end, job)


@pytest.mark.parametrize(
    "fault", matrix((fault for fault in LOST if fault.name != "malformed_json"), at=Call.PUBLISH), ids=str
)
async def test_lost_live_call_of_a_member(as_member: OnLinkedIn, fault: Fault) -> None:
    """No app can read a member's posts: the outcome is unknown, and the call is never repeated."""
    job = await as_member.job(picture())
    await as_member.fault("posts", fault.name, **fault.more(times=1))
    end = await as_member.drive(job)
    assert isinstance(end, Unknown)
    assert await as_member.calls("posts") == 1
    assert_consistent(end, await as_member.live())
    assert_explained(end, job)


async def test_header_names_the_post_whatever_the_body_is(as_either: OnLinkedIn) -> None:
    """LinkedIn's answer is in a header: an unreadable body changes nothing."""
    job = await as_either.job(picture())
    await as_either.fault("posts", "malformed_json")
    end, post = await as_either.publish(job)
    assert end.external_id == post["externalId"]
    assert await as_either.calls("posts_by_author") == 0


@pytest.mark.parametrize("fault", CLEAR, ids=str)
async def test_clear_refusal_is_repeated(as_either: OnLinkedIn, fault: Fault) -> None:
    """A refusal that proves that nothing happened only costs time."""
    job = await as_either.job(picture())
    await as_either.fault("posts", fault.name, **fault.more(times=1))
    await as_either.publish(job)


@pytest.mark.parametrize(
    ("operation", "fault"),
    matrix(
        [
            *(("posts", fault) for fault in LASTING),
            *(
                (operation, fault)
                for operation in (*OF_PICTURE, "posts_by_author")
                for fault in sparse_lasting(LASTING)
                if (operation, fault.name) != ("upload", "token_expired")  # an upload URL is an access by itself
            ),
        ],
        publishing={"posts"},
    ),
    ids=str,
)
async def test_lasting_fault_has_a_true_outcome(on_linkedin: OnLinkedIn, operation: str, fault: Fault) -> None:
    """A lasting fault ends the post, or keeps it waiting; never with two posts or a false outcome."""
    job = await on_linkedin.job(picture())
    await on_linkedin.fault(operation, fault.name, **fault.more(times=-1))
    if operation == "posts_by_author":
        await on_linkedin.fault("posts", "drop_after_effect")
    end = await on_linkedin.drive(job)
    assert_consistent(end, await on_linkedin.live())
    assert_explained(end, job)


@pytest.mark.parametrize("lag", [1, 5, 60])
async def test_page_that_lists_posts_late(as_page: OnLinkedIn, lag: int) -> None:
    """A list that is later than the wait leads to a second call, which LinkedIn refuses as a duplicate: one post, and it is found."""
    await as_page.sandbox.linkedin(finderLagSeconds=lag)
    job = await as_page.job(picture())
    await as_page.fault("posts", "drop_after_effect")
    end, _ = await as_page.publish(job)
    assert end.external_id is not None


async def test_page_that_never_lists_the_post(as_page: OnLinkedIn) -> None:
    """LinkedIn says that the content is there already, and its list never shows it: unknown, and no third call."""
    await as_page.sandbox.linkedin(finderLagSeconds=100_000)
    job = await as_page.job(picture())
    await as_page.fault("posts", "drop_after_effect")
    end = await as_page.drive(job)
    assert isinstance(end, Unknown)
    assert await as_page.calls("posts") == 2
    assert len(await as_page.live()) == 1


@pytest.mark.parametrize("step", [FIND, "comments_list"])
async def test_list_that_is_missing_proves_nothing(
    as_page: OnLinkedIn, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A response without a list does not show that there is no post or no comment: nothing is written twice."""
    ask = Api.ask

    async def without_list(*args: Any, **more: Any) -> JsonObject:
        return {} if more["step"] == step else await ask(*args, **more)

    monkeypatch.setattr(Api, "ask", without_list)
    job = await as_page.job(picture())
    if step == FIND:
        await as_page.fault("posts", "drop_after_effect")
        assert isinstance(await as_page.drive(job), Unknown)
        assert await as_page.calls("posts") == 1
        return
    end, _ = await as_page.publish(job)
    assert end.external_id is not None
    with pytest.raises(TryLater):
        await as_page.platform.connector.comment(job, end.external_id, "First!", may_be_there=True)
    assert await as_page.calls("comments") == 0


async def test_second_conflict_ends_the_post(on_linkedin: OnLinkedIn) -> None:
    """LinkedIn asks for one repetition after a conflict; after another conflict the post fails, and nothing is live."""
    job = await on_linkedin.job(picture())
    await on_linkedin.fault("posts", "platform_error", value={"code": "CONFLICT"}, times=-1)
    end = await on_linkedin.drive(job)
    assert isinstance(end, Rejected)
    assert await on_linkedin.calls("posts") == 2
    assert await on_linkedin.live() == []


async def test_version_that_has_ended(on_linkedin: OnLinkedIn) -> None:
    """A version that LinkedIn has ended keeps the post waiting, and the advice names the setting."""
    job = await on_linkedin.job(picture())
    await on_linkedin.sandbox.linkedin(oldestVersion="202610")
    end = await on_linkedin.drive(job)
    assert isinstance(end, TryLater)
    assert end.is_throttled
    assert "PRESSWORK_LINKEDIN_VERSION" in end.message
    assert await on_linkedin.live() == []


@pytest.mark.parametrize("fault", ["stuck_processing", "media_error"])
@pytest.mark.parametrize("kind", ["picture", "video"])
async def test_media_that_linkedin_does_not_process(
    on_linkedin: OnLinkedIn, sample_clip: Sample, kind: str, fault: str
) -> None:
    """Media that fails or is never processed ends the post, and nothing is live."""
    job = await on_linkedin.job(sample_clip if kind == "video" else picture())
    for operation in ("videos_finalize", "upload"):
        await on_linkedin.fault(operation, fault, times=-1)
    end = await on_linkedin.drive(job)
    assert isinstance(end, Rejected), repr(end)
    assert_explained(end, job)
    assert await on_linkedin.live() == []


async def test_video_that_fails_after_it_was_accepted(as_page: OnLinkedIn, sample_clip: Sample) -> None:
    """LinkedIn accepts the post and fails to publish its video: the post has failed, and says so."""
    job = await as_page.job(sample_clip)
    await as_page.fault("posts", "media_error")
    end = await as_page.drive(job)
    assert isinstance(end, Rejected)
    assert (end.platform_code, end.failure) == ("PUBLISH_FAILED", FailureCode.MEDIA_REJECTED)


async def test_video_in_processing_whose_answer_is_lost_is_found(as_page: OnLinkedIn, sample_clip: Sample) -> None:
    """LinkedIn shows the page a post whose video it still processes: it is followed, and the call is not repeated."""
    job, connector = await as_page.job(sample_clip), as_page.platform.connector
    await as_page.fault("posts", "stuck_processing")
    prepared = job.prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    # The worker is killed before it stores the response.
    assert isinstance(await connector.make_live(replace(job, state=dict(job.state)), prepared), Processing)
    for _ in range(2):
        assert isinstance(await connector.look_up(job, prepared), Processing | Ambiguous)  # it is listed late
        await job.sleep(as_page.retry_policy.republish_after * 2)
    assert isinstance(await as_page.drive(job), Unknown)  # it never ends here
    assert "postUrn" in job.state
    assert await as_page.calls("posts") == 1


async def test_post_below_many_newer_ones_is_not_published_again(
    as_page: OnLinkedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page has published more since than is read of its list: that this post is not on it shows nothing."""
    monkeypatch.setattr("presswork.platforms.linkedin.connector._A_READ", 2)
    job = await as_page.job(picture())
    job.prepared = await as_page.platform.connector.prepare(job)
    job.live_call_at = job.now()
    await as_page.fault("posts", "drop_after_effect")
    with pytest.raises(OutcomeUnknown):
        await as_page.platform.connector.make_live(job, job.prepared)
    for number in range(10):
        assert isinstance(await as_page.drive(await as_page.job(picture(seed=number))), Present)
    await job.sleep(timedelta(minutes=1))  # new posts are listed late
    assert isinstance(await as_page.drive(job), Unknown)
    assert await as_page.calls("posts") == 11


async def test_video_that_is_not_listed_is_not_published_again(as_page: OnLinkedIn, sample_clip: Sample) -> None:
    """A video may be in processing for long, and LinkedIn does not say that it lists it meanwhile: the outcome is unknown."""
    await as_page.sandbox.linkedin(finderLagSeconds=100_000)
    job = await as_page.job(sample_clip)
    await as_page.fault("posts", "drop_after_effect")
    end = await as_page.drive(job)
    assert isinstance(end, Unknown)
    assert "does not list the post" in end.message
    assert await as_page.calls("posts") == 1


@pytest.mark.parametrize("fault", matrix([*LOST, code("ACCESS_DENIED"), code("OF_TOMORROW")], at=Call.READ), ids=str)
async def test_accepted_video_that_can_not_be_read_is_unknown(
    as_page: OnLinkedIn, sample_clip: Sample, fault: Fault
) -> None:
    """LinkedIn accepted the video, and its state can't be read: it may have failed since, so it is not claimed to be live."""
    job = await as_page.job(sample_clip)
    await as_page.fault("post", fault.name, **fault.more(times=-1))
    assert isinstance(await as_page.drive(job), Unknown)
    assert await as_page.calls("posts") == 1


@pytest.mark.parametrize("kind", ["pictures", "video"])
async def test_worker_that_dies_after_each_save(on_linkedin: OnLinkedIn, sample_clip: Sample, kind: str) -> None:
    """A worker that dies right after any save leaves a post that the next one completes, without sending a part twice."""
    samples = [padded(sample_clip, 9_000_000)] if kind == "video" else slideshow(3)
    for point in range(1, 8):
        await on_linkedin.sandbox.reset()
        job = await on_linkedin.job(samples)
        dying = _DyingJob(job, point)
        with suppress(_Died):  # a post with fewer saves completes
            await on_linkedin.platform.connector.prepare(dying)  # type: ignore[arg-type]  # the port's Job by delegation
        await on_linkedin.publish(job)
        assert await on_linkedin.calls("upload") == 3


async def test_worker_that_dies_before_the_live_call(as_either: OnLinkedIn) -> None:
    """The worker announced the call and never made it: a page's next worker finds that out, a member's can't know."""
    job = await as_either.job(picture())
    job.prepared = await as_either.platform.connector.prepare(job)
    job.live_call_at = job.now()
    end = await as_either.drive(job)
    if as_either.is_page:
        assert isinstance(end, Present)
        assert len(await as_either.live()) == 1
    else:
        assert isinstance(end, Unknown)
        assert await as_either.calls("posts") == 0


@pytest.mark.parametrize(
    "fault", matrix([*LOST, code("TOO_MANY_REQUESTS"), code("CONFLICT")], at=Call.PUBLISH), ids=str
)
async def test_comment_is_never_doubled(as_either: OnLinkedIn, fault: Fault) -> None:
    """Whatever happens to the response, at most one comment exists; a page's exists in the end."""
    job = await as_either.job(picture())
    end, _ = await as_either.publish(job)
    urn = end.external_id
    assert urn is not None
    await as_either.fault("comments", fault.name, **fault.more(times=1))
    tries = 0

    async def write() -> None:
        nonlocal tries
        tries += 1
        try:
            await as_either.platform.connector.comment(job, urn, "First!", may_be_there=tries > 1)
        except TryLater:
            tries = 0
            raise

    async def write_over_limits() -> None:
        await retrying(job, write)

    if as_either.is_page or fault.name in ("platform_error", "malformed_json"):
        await retrying(job, write_over_limits, over=OutcomeUnknown)
        assert [post["comments"] for post in await as_either.live()] == [["First!"]]
        return
    with pytest.raises(Rejected) as refused:
        await retrying(job, write_over_limits, over=OutcomeUnknown)
    assert refused.value.failure is FailureCode.OUTCOME_UNKNOWN
    assert await as_either.calls("comments") == 1


async def test_picture_that_linkedin_names_in_other_words(as_member: OnLinkedIn) -> None:
    """A refusal that names a picture whose status can't be read only costs time, whatever its words are."""
    job = await as_member.job(picture())
    job.prepared = await as_member.platform.connector.prepare(job)
    [urn] = media_in(job.prepared)
    value: JsonValue = {"code": "INVALID_VALUE_FOR_FIELD", "message": f"No such thing as {urn}"}
    await as_member.fault("posts", "platform_error", value=value, times=2)
    await as_member.publish(job)


class _Died(Exception):
    """The process ended here."""


class _DyingJob:
    """A job whose process dies right after a save."""

    def __init__(self, job: MemoryJob, saves_left: int) -> None:
        self._job = job
        self._saves_left = saves_left

    def __getattr__(self, name: str) -> object:
        return getattr(self._job, name)

    async def save(self, **changes: JsonValue) -> None:
        await self._job.save(**changes)
        self._saves_left -= 1
        if self._saves_left == 0:
            raise _Died


async def test_a_throttled_comment_may_be_there(as_page: OnLinkedIn) -> None:
    """LinkedIn's own refusal of too many comments is no proof that this one was not made: it is looked for, and is there once."""
    job = await as_page.job(picture())
    end, _ = await as_page.publish(job)
    words = "Comment create throttled: creation rate limit exceeded for member"
    value: JsonValue = {"code": "TOO_MANY_REQUESTS", "message": words, "afterEffect": True}
    await as_page.fault("comments", "platform_error", value=value)
    comment = as_page.platform.connector.comment
    with pytest.raises(OutcomeUnknown):
        await comment(job, str(end.external_id), "First!", may_be_there=False)
    await comment(job, str(end.external_id), "First!", may_be_there=True)
    assert [post["comments"] for post in await as_page.live()] == [["First!"]]
