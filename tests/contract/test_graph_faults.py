"""Every fault of the sandbox on every operation of the connectors behind Graph: never two posts, and none is lost."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.contract.faults import (
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
from tests.contract.on_graph import LASTING, PASSING, DyingJob, Killed, OnGraph
from tests.tiers import exhaustive

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Absent, Failed, Present
from presswork.worker.reconciliation import Unknown

PUBLISHING = ("create", "container_status", "quota", "publish")
"""The operations of a post, by their role: see `OnGraph.operations`."""
PUBLISH = {"publish"}
CONTAINER_LOST = Fault("platform_error", "lost")
"""Stands for `OnGraph.lost`."""


def pairs(faults: Sequence[Fault], thin: Thin = sparse) -> list[tuple[str, Fault]]:
    """Return every operation with every fault that it can have, `thin` those of an operation that is safe to repeat."""
    of_media = {"stuck_processing", "media_error"}
    return [
        (operation, fault)
        for operation in PUBLISHING
        for fault in (faults if operation == "publish" else thin(faults))
        if fault.name not in of_media or operation in {"create", "container_status"}
    ]


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(PASSING), publishing=PUBLISH), ids=str)
async def test_temporary_fault_is_retried(on_graph: OnGraph, operation: str, fault: Fault) -> None:
    """A temporary fault only costs time: exactly one post is live."""
    job = await on_graph.job(picture())
    await on_graph.fault(operation, fault.name, **fault.more(times=1))
    end = await on_graph.drive(job)
    assert isinstance(end, Present)
    assert_consistent(end, await on_graph.live())
    assert_explained(end, job)


@pytest.mark.parametrize(
    ("operation", "skip", "fault"),
    matrix(
        (operation, skip, fault)
        for operation, skip in [("create", 1), ("create", 3), ("container_status", 1)]
        for fault in [*LOST, code(1), code(4)]
    ),
    ids=str,
)
async def test_temporary_fault_in_a_carousel_is_retried(
    on_graph: OnGraph, operation: str, skip: int, fault: Fault
) -> None:
    """The same, while one of a carousel's children or its parent is created."""
    job = await on_graph.job(slideshow(3))
    await on_graph.fault(operation, fault.name, **fault.more(times=1, skip=skip))
    end = await on_graph.drive(job)
    assert isinstance(end, Present)
    assert_consistent(end, await on_graph.live())


@pytest.mark.parametrize(
    ("operation", "fault"), matrix(pairs([*PASSING, *LASTING], sparse_lasting), publishing=PUBLISH), ids=str
)
async def test_a_lasting_fault_has_a_true_outcome(on_graph: OnGraph, operation: str, fault: Fault) -> None:
    """A lasting fault ends the post, or keeps it waiting at a limit; never with two posts or a false outcome."""
    job = await on_graph.job(picture(), can_refresh=False)
    await on_graph.fault(operation, fault.name, **fault.more(times=-1))
    end = await on_graph.drive(job)
    assert_consistent(end, await on_graph.live())
    assert_explained(end, job)


@pytest.mark.parametrize(("operation", "fault"), matrix(pairs(LASTING), publishing=PUBLISH), ids=str)
async def test_a_single_permanent_error_has_a_true_outcome(on_graph: OnGraph, operation: str, fault: Fault) -> None:
    """A single permanent error may fail the post or be retried; the outcome is true."""
    job = await on_graph.job(picture())
    await on_graph.fault(operation, fault.name, **fault.more(times=1))
    end = await on_graph.drive(job)
    assert_consistent(end, await on_graph.live())
    assert_explained(end, job)


@pytest.mark.parametrize("fault", matrix(LOST, at=Call.PUBLISH), ids=str)
@pytest.mark.parametrize("times", [2, *exhaustive([3])])
async def test_response_lost_repeatedly(on_graph: OnGraph, fault: Fault, times: int) -> None:
    """Several lost responses in a row to the call that publishes: one post."""
    job = await on_graph.job(picture())
    await on_graph.fault("publish", fault.name, **fault.more(times=times))
    end = await on_graph.drive(job)
    assert isinstance(end, Present)
    assert_consistent(end, await on_graph.live())


async def live_without_response(on_graph: OnGraph) -> tuple[MemoryJob, Mapping[str, JsonValue]]:
    """Make a picture live whose response is lost; return its job and what was prepared."""
    connector, job = on_graph.platform.connector, await on_graph.job(picture())
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await on_graph.fault("publish", "drop_after_effect")
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, prepared)
    return job, prepared


async def test_lost_response_is_looked_up_and_the_post_found(on_graph: OnGraph, sample_clip: Sample) -> None:
    """The video goes live and the response is lost: the container shows it, and the post's own id and address are found."""
    job = await on_graph.job(sample_clip)
    await on_graph.fault("publish", "drop_after_effect")
    end = await on_graph.drive(job)
    [post] = await on_graph.live()
    assert isinstance(end, Present)
    assert end.external_id == post["externalId"]
    assert await on_graph.calls("publish") == 1


async def test_a_received_response_is_known_to_the_next_worker(on_graph: OnGraph) -> None:
    """A worker dies right after the response: the next look-up returns the stored id, although reads of lists fail."""
    connector = on_graph.platform.connector
    job = await on_graph.job(picture())
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    live = await connector.make_live(job, prepared)
    assert isinstance(live, Present)
    assert await connector.look_up(job, {"containerId": prepared["containerId"]}) == live


async def test_post_that_went_live_late_is_found_by_a_new_preparation(on_graph: OnGraph) -> None:
    """The response was lost, the worker prepares again and finds the container published: its post is distinguished from old
    ones.
    """
    connector = on_graph.platform.connector
    job, _ = await live_without_response(on_graph)
    again = await connector.prepare(job)
    [post] = await on_graph.live()
    assert await connector.make_live(job, again) == Present(external_id=None)
    located = await connector.locate(job, again, None)
    assert (located.external_id, located.external_url) == (post["externalId"], post["url"])


async def test_lost_response_returns_no_id_where_two_posts_match(on_graph: OnGraph) -> None:
    """A person posts the same caption manually meanwhile: the post is live, and its id stays unknown rather than guessed."""
    connector = on_graph.platform.connector
    grant = await on_graph.connect("brand")
    job, other = [await on_graph.job(picture(seed=n), grant=grant) for n in range(2)]
    prepared, others = await connector.prepare(job), await connector.prepare(other)
    job.live_call_at = other.live_call_at = job.now()
    await connector.make_live(other, others)
    await on_graph.fault("publish", "drop_after_effect")
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, prepared)
    assert await connector.look_up(job, prepared) == Present(external_id=None)
    assert (await connector.locate(job, prepared, None)).external_id is None


async def test_post_without_effect_is_polled_before_it_is_repeated(on_graph: OnGraph) -> None:
    """The call is lost before it had an effect: it is repeated only after the container stayed ready for long enough."""
    connector = on_graph.platform.connector
    job = await on_graph.job(picture())
    job.prepared = await connector.prepare(job)
    await on_graph.fault("publish", "drop_before_effect")
    job.live_call_at = called_at = job.now()
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    assert isinstance(await decide(connector, job, on_graph.retry_policy), Absent)
    assert job.now() - called_at >= on_graph.retry_policy.republish_after


async def test_container_that_lapsed_starts_over(on_graph: OnGraph) -> None:
    """A day after the lost call the container has expired: the call had no effect, and everything is created again."""
    connector = on_graph.platform.connector
    job = await on_graph.job(picture())
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await job.sleep(timedelta(hours=25))
    seen = await connector.look_up(job, prepared)
    assert isinstance(seen, Failed)
    assert isinstance(seen.reason, TryLater)
    assert seen.reason.starts_over
    job.live_call_at = None
    assert isinstance(await on_graph.drive(job), Present)
    assert len(await on_graph.live()) == 1


async def test_spam_block_without_a_post_fails_and_is_not_repeated(on_graph: OnGraph) -> None:
    """4/2207051 and nothing live: the container is polled, then the post fails for good."""
    job = await on_graph.job(picture())
    await on_graph.fault("publish", "platform_error", value={"code": 4, "subcode": 2207051})
    end = await on_graph.drive(job)
    assert isinstance(end, Rejected)
    assert end.platform_code == "4/2207051"
    assert "spam" in end.message
    assert await on_graph.live() == []
    assert await on_graph.calls("publish") == 1


async def test_spam_block_of_a_post_that_is_live_is_a_success(on_graph: OnGraph) -> None:
    """4/2207051 although the post went live (as it has happened): the container says PUBLISHED, and the post is live.

    The sandbox publishes first and refuses the following call.
    """
    connector = on_graph.platform.connector
    job, prepared = await live_without_response(on_graph)
    await on_graph.fault("publish", "platform_error", value={"code": 4, "subcode": 2207051})
    with pytest.raises(OutcomeUnknown) as unknown:
        await connector.make_live(job, prepared)
    assert unknown.value.platform_code == "4/2207051"
    assert isinstance(await connector.look_up(job, prepared), Present)
    assert len(await on_graph.live()) == 1


async def test_published_container_is_never_published_again(on_graph: OnGraph) -> None:
    """Even where a second call reaches the platform, there is one post and it counts as live."""
    connector = on_graph.platform.connector
    job = await on_graph.job(picture())
    prepared = await connector.prepare(job)
    job.live_call_at = job.now()
    await connector.make_live(job, prepared)
    try:
        outcome: object = await connector.make_live(job, prepared)
    except OutcomeUnknown:
        outcome = await connector.look_up(job, prepared)
    assert isinstance(outcome, Present)
    again = await connector.prepare(job)
    assert again["isPublished"] is True
    assert isinstance(await connector.make_live(job, again), Present)
    assert len(await on_graph.live()) == 1


async def test_unreadable_container_ends_unknown(on_graph: OnGraph) -> None:
    """The response is lost and the container can't be read for long: the outcome is unknown, and no call is repeated."""
    job, prepared = await live_without_response(on_graph)
    job.prepared = prepared
    await on_graph.fault("container_status", "platform_error", times=-1, value={"code": 100, "subcode": 33})
    before = await on_graph.calls("container_status")
    end = await decide(on_graph.platform.connector, job, on_graph.retry_policy)
    assert isinstance(end, Unknown)
    assert 3 < await on_graph.calls("container_status") - before < 60
    assert "did not report it for" in end.message
    assert "(code 100/33)" in end.message
    assert len(await on_graph.live()) == 1


async def test_reads_that_fail_for_a_while_do_not_decide(on_graph: OnGraph) -> None:
    """100/33 for some reads after the post went live: the look-up continues and finds it live."""
    job = await on_graph.job(picture())
    await on_graph.fault("publish", "drop_after_effect")
    await on_graph.fault("container_status", "platform_error", skip=1, times=4, value={"code": 100, "subcode": 33})
    end = await on_graph.drive(job)
    assert isinstance(end, Present)
    assert len(await on_graph.live()) == 1


async def test_a_token_invalidated_before_the_look_up_is_never_not_live(on_graph: OnGraph) -> None:
    """The post went live, the response was lost and the token became invalid for good: the outcome is unknown, not failed,
    and no call is repeated."""
    job = await on_graph.job(picture(), can_refresh=False)
    job.prepared = await on_graph.platform.connector.prepare(job)
    await on_graph.fault("publish", "drop_after_effect")
    await on_graph.fault("container_status", "token_expired")
    end = await on_graph.drive(job)
    assert isinstance(end, Unknown)
    assert "did not report it for" in end.message
    assert len(await on_graph.live()) == 1
    assert await on_graph.calls("publish") == 1


@pytest.mark.parametrize("operation", PUBLISHING)
async def test_invalid_token_is_renewed_and_the_post_continues(on_graph: OnGraph, operation: str) -> None:
    """A token that becomes invalid meanwhile is renewed once, and the post goes live once."""
    first, second = await on_graph.connect("brand"), await on_graph.connect("brand")
    job = await on_graph.job(picture(), grant=first)
    job.spare = second.tokens
    await on_graph.fault(operation, "token_expired")
    end = await on_graph.drive(job)
    assert isinstance(end, Present)
    assert job.renewals == 1
    assert len(await on_graph.live()) == 1


@pytest.mark.parametrize("operation", ["create", "publish"])
async def test_token_that_can_not_be_renewed_ends_the_post(on_graph: OnGraph, operation: str) -> None:
    """Without another token the post ends as CREDENTIAL_INVALID, and nothing is live."""
    job = await on_graph.job(picture(), can_refresh=False)
    await on_graph.fault(operation, "token_expired")
    end = await on_graph.drive(job)
    assert isinstance(end, CredentialInvalid)
    assert await on_graph.live() == []


async def test_media_that_never_get_processed_end_the_post(on_graph: OnGraph, sample_clip: Sample) -> None:
    """A container that stays in progress fails the post after the limit, which the message contains."""
    job = await on_graph.job(sample_clip)
    await on_graph.fault("create", "stuck_processing", times=-1)
    end = await on_graph.drive(job)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.PLATFORM_UNAVAILABLE
    assert "after 10 min" in end.message
    assert len({note.detail["containerId"] for note in job.notes if note.event == "preparing"}) == 1


async def test_media_that_fail_once_at_random_succeed(on_graph: OnGraph) -> None:
    """9004/2207052 for one child of six, once: a new container is created and the carousel goes live."""
    job = await on_graph.job(slideshow(6))
    await on_graph.fault("create", "platform_error", skip=2, value={"code": 9004, "subcode": 2207052})
    assert isinstance(await on_graph.drive(job), Present)
    assert len(await on_graph.live()) == 1


async def test_a_call_that_arrives_late_is_found(on_graph: OnGraph, sandbox_app: SandboxApp) -> None:
    """The connector stops waiting, and the platform publishes after the first look: one call, and its post is found."""
    connector, job = on_graph.platform.connector, await on_graph.job(picture())
    job.prepared = await connector.prepare(job)
    late = sandbox_app.delay_next(on_graph.operations["publish"])
    job.live_call_at = job.now()
    with pytest.raises(OutcomeUnknown):
        await connector.make_live(job, job.prepared)
    assert isinstance(await connector.look_up(job, job.prepared), Absent)
    await late.arrive()
    end = await on_graph.drive(job)
    [post] = await on_graph.live()
    assert isinstance(end, Present)
    assert end.external_id == post["externalId"]
    assert await on_graph.calls("publish") == 1


async def test_a_call_that_arrives_after_its_repetition_makes_no_second_post(
    on_graph: OnGraph, sandbox_app: SandboxApp
) -> None:
    """The connector stops waiting and publishes again; then the first call arrives: one post."""
    late = sandbox_app.delay_next(on_graph.operations["publish"])
    assert isinstance(await on_graph.drive(await on_graph.job(picture())), Present)
    await late.arrive()
    assert len(await on_graph.live()) == 1


@pytest.mark.parametrize("fault", matrix([None, *LOST, CONTAINER_LOST], at=Call.WRITE), ids=str)
@pytest.mark.parametrize("count", [1, 2])
async def test_a_process_that_dies_after_any_change(on_graph: OnGraph, count: int, fault: Fault | None) -> None:
    """Wherever a process dies, the next one continues from what is stored, and exactly one post is live."""
    grant = await on_graph.connect("brand")
    is_killed = True
    for dies_at in range(1, 12):
        plain = await on_graph.job(slideshow(count), grant=grant, caption=f"Dies at {dies_at}")
        job = DyingJob.of(plain, dies_at=dies_at)
        if fault is not None:
            await on_graph.fault(
                "publish", fault.name, **(on_graph.lost if fault is CONTAINER_LOST else fault).more(times=1)
            )
        is_killed = False
        try:
            end = await on_graph.drive(job)
        except Killed:
            is_killed = True
            end = await on_graph.drive(job)
        assert isinstance(end, Present)
        assert len([post for post in await on_graph.live() if post["caption"] == job.caption]) == 1
        if not is_killed:
            break
        await on_graph.sandbox.clear_faults()
    assert not is_killed
