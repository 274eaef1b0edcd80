"""First comments and addresses of live Threads posts, and the login, under every fault."""

from datetime import timedelta
from itertools import product

import pytest
from tests.contract.faults import LOST, Call, Fault, code, matrix
from tests.contract.job import MemoryJob, picture, retrying
from tests.contract.on_graph import CONNECTED_FOR, PASSING, DyingJob, Killed, OnGraph
from tests.contract.on_threads import NOT_FOUND

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Present

SHORT = [fault for fault in PASSING if fault.name != "latency"]


async def posted(on_threads: OnGraph) -> tuple[MemoryJob, str]:
    """Return a live post and its id."""
    job = await on_threads.job(picture())
    end = await on_threads.drive(job)
    assert isinstance(end, Present)
    assert end.external_id is not None
    return job, end.external_id


async def write(
    on_threads: OnGraph, job: MemoryJob, media_id: str, text: str = "First!", *, is_repeated: bool = False
) -> None:
    """Write the comment like the worker: again after TryLater and OutcomeUnknown, once the call must have arrived."""
    tries = int(is_repeated)

    async def once() -> None:
        nonlocal tries
        tries += 1
        if tries > 1:
            await job.sleep(on_threads.retry_policy.republish_after)
        await on_threads.platform.connector.comment(job, media_id, text, may_be_there=tries > 1)

    async def over_limits() -> None:
        await retrying(job, once)

    await retrying(job, over_limits, over=OutcomeUnknown)


async def comments(on_threads: OnGraph) -> object:
    """Return the comments of the only post."""
    [post] = await on_threads.live()
    return post["comments"]


@pytest.mark.parametrize(
    ("operation", "fault"),
    matrix(
        product(["threads", "threads_publish", "container_status"], [*SHORT, NOT_FOUND]),
        publishing={"threads_publish"},
    ),
    ids=str,
)
async def test_comment_is_never_doubled(on_threads: OnGraph, operation: str, fault: Fault) -> None:
    """Whatever happens to an answer of its calls, exactly one comment exists in the end."""
    job, media_id = await posted(on_threads)
    await on_threads.fault(operation, fault.name, **fault.more(times=1))
    await write(on_threads, job, media_id)
    assert await comments(on_threads) == ["First!"]


async def commented_without_response(on_threads: OnGraph, *, is_written: bool) -> tuple[MemoryJob, str]:
    """Lose the response to the call that publishes a comment, before or after its effect; return the job and the post's id."""
    job, media_id = await posted(on_threads)
    await on_threads.fault("threads_publish", "drop_after_effect" if is_written else "drop_before_effect")
    with pytest.raises(OutcomeUnknown):
        await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    return job, media_id


@pytest.mark.parametrize("fault", matrix(LOST, at=Call.PUBLISH), ids=str)
async def test_a_new_worker_continues_a_lost_comment(on_threads: OnGraph, fault: Fault) -> None:
    """The answer is lost and the process dies: the container, or the list of replies, says whether the comment is there."""
    job, media_id = await posted(on_threads)
    await on_threads.fault("threads_publish", fault.name, **fault.more(times=1))
    with pytest.raises(OutcomeUnknown):
        await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    with pytest.raises(TryLater):
        await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=True)
    await job.sleep(on_threads.retry_policy.republish_after)
    await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=True)
    assert await comments(on_threads) == ["First!"]


@pytest.mark.parametrize("is_written", [True, False])
async def test_a_lost_comment_is_asked_about_after_a_day(on_threads: OnGraph, *, is_written: bool) -> None:
    """After a day of downtime, too, a published container proves the comment, and an expired one that there is none."""
    job, media_id = await commented_without_response(on_threads, is_written=is_written)
    calls = await on_threads.calls("threads_publish")
    await job.sleep(timedelta(hours=24, minutes=1))
    await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=True)
    assert await comments(on_threads) == ["First!"]
    assert await on_threads.calls("threads_publish") - calls == (0 if is_written else 1)


async def test_a_comment_without_a_stored_container_is_looked_for(on_threads: OnGraph) -> None:
    """Where the state was lost, the list of replies says that the comment is there."""
    job, media_id = await posted(on_threads)
    await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    await job.save(reply=None)
    await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=True)
    assert await comments(on_threads) == ["First!"]


async def test_a_comment_below_many_replies_is_not_written_again(
    on_threads: OnGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state was lost, and the list of replies goes on beyond what is read: the comment may be there."""
    monkeypatch.setattr("presswork.platforms.threads.replies._REPLIES_A_PAGE", 1)
    monkeypatch.setattr("presswork.platforms.threads.replies._PAGES", 2)
    job, media_id = await posted(on_threads)
    for text in ("First!", "Two", "Three"):
        await on_threads.platform.connector.comment(job, media_id, text, may_be_there=False)
        await job.save(reply=None)
    with pytest.raises(Rejected, match="2 comments") as unknown:
        await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=True)
    assert unknown.value.failure is FailureCode.OUTCOME_UNKNOWN
    assert await comments(on_threads) == ["First!", "Two", "Three"]


@pytest.mark.parametrize("is_written", [True, False])
async def test_a_lost_comment_whose_container_can_not_be_read(on_threads: OnGraph, *, is_written: bool) -> None:
    """Where the container can't be read for good, the list of replies decides; without the comment, the outcome is unknown."""
    job, media_id = await commented_without_response(on_threads, is_written=is_written)
    await job.sleep(on_threads.retry_policy.republish_after)
    await on_threads.fault("container_status", "platform_error", times=-1, value={"code": 100})
    if is_written:
        await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=True)
    else:
        with pytest.raises(OutcomeUnknown, match="its container can't be read"):
            await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=True)
    assert await comments(on_threads) == (["First!"] if is_written else [])


async def test_comment_continues_with_another_token(on_threads: OnGraph) -> None:
    """An invalid token is renewed before the comment, and exactly one comment exists."""
    job, media_id = await posted(on_threads)
    job.spare = (await on_threads.connect("brand")).tokens
    await on_threads.fault("threads_publish", "token_expired")
    await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    assert (await comments(on_threads), job.renewals) == (["First!"], 1)


async def test_a_comment_that_threads_refuses(on_threads: OnGraph) -> None:
    """A permanent refusal says that the comment must be written manually; the post stays live."""
    job, media_id = await posted(on_threads)
    with pytest.raises(Rejected, match="Write this comment manually"):
        await on_threads.platform.connector.comment(job, media_id, "a" * 501, may_be_there=False)
    assert await comments(on_threads) == []


async def test_without_the_permission_no_comment_is_tried(on_threads: OnGraph) -> None:
    """An account that did not allow replies gets advice to connect again, and no call is made."""
    await on_threads.sandbox.account("threads", "brand", grantedScopes=on_threads.without("replies"))
    job, media_id = await posted(on_threads)
    calls = await on_threads.calls("threads")
    with pytest.raises(Rejected, match="connect the account again"):
        await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    assert await on_threads.calls("threads") == calls


@pytest.mark.parametrize("fault", matrix([code(100, 33), *SHORT], at=Call.READ), ids=str)
async def test_missing_permalink_is_asked_for_again(on_threads: OnGraph, fault: Fault) -> None:
    """A new post that can't be read for a while is TryLater for `locate`; then its address is returned."""
    job, media_id = await posted(on_threads)
    await on_threads.fault("permalink", fault.name, **fault.more(times=1))
    with pytest.raises(TryLater):
        await on_threads.platform.connector.locate(job, {"containerId": "0"}, media_id)
    located = await on_threads.platform.connector.locate(job, {"containerId": "0"}, media_id)
    [post] = await on_threads.live()
    assert located.external_url == post["url"]


@pytest.mark.parametrize("fault", matrix([*SHORT, code(10), code(4711)], at=Call.PUBLISH), ids=str)
async def test_refresh_distinguishes_a_temporary_error_from_a_refusal(on_threads: OnGraph, fault: Fault) -> None:
    """While Threads is unavailable a refresh raises TryLater, so that no account is disconnected: it may report codes, too."""
    grant = await on_threads.connect("brand")
    await on_threads.clock.sleep(CONNECTED_FOR)
    await on_threads.fault("refresh", fault.name, **fault.more(times=1))
    with pytest.raises(TryLater):
        await on_threads.platform.login.refresh(grant.tokens, now=on_threads.clock.now())
    assert (await on_threads.platform.login.refresh(grant.tokens, now=on_threads.clock.now())).access_token


@pytest.mark.parametrize("fault", matrix(LOST, at=Call.WRITE), ids=str)
async def test_connecting_while_threads_is_unavailable_can_be_tried_again(on_threads: OnGraph, fault: Fault) -> None:
    """A code exchange without a response is TryLater, not a refusal."""
    await on_threads.fault("token", fault.name, **fault.more(times=1))
    with pytest.raises(TryLater):
        await on_threads.connect("brand")
    assert (await on_threads.connect("brand")).handle == "brand"


async def test_a_post_that_the_list_shows_late_is_located_later(on_threads: OnGraph) -> None:
    """The answer is lost and the list of posts lags: the post is live without an id, which `locate` finds when it is listed."""
    await on_threads.sandbox.account("threads", "brand", listDelaySeconds=600)
    job = await on_threads.job(picture())
    await on_threads.fault("threads_publish", "drop_after_effect")
    assert await on_threads.drive(job) == Present(external_id=None)
    assert job.prepared is not None
    assert (await on_threads.platform.connector.locate(job, job.prepared, None)).external_id is None
    await job.sleep(timedelta(seconds=601))
    [post] = await on_threads.live()
    located = await on_threads.platform.connector.locate(job, job.prepared, None)
    assert (located.external_id, located.external_url) == (post["externalId"], post["url"])


@pytest.mark.parametrize("caption", ["", "Another text"])
async def test_a_post_of_someone_else_is_not_taken_for_ours(on_threads: OnGraph, caption: str) -> None:
    """The answer is lost, and the list shows only another new post: one without our text, or with none, is not ours."""
    job = await on_threads.job(picture())
    prepared = await on_threads.platform.connector.prepare(job)
    job.live_call_at = job.now()
    other = await on_threads.drive(await on_threads.job(picture(seed=1), caption=caption))
    assert isinstance(other, Present)
    assert other.external_id is not None
    assert (await on_threads.platform.connector.locate(job, prepared, None)).external_id is None


async def test_a_post_without_an_address(on_threads: OnGraph) -> None:
    """Threads returns no permalink of media that it holds for a copyright violation: the address stays unknown."""
    await on_threads.sandbox.account("threads", "brand", copyrightFlagged=True)
    job, media_id = await posted(on_threads)
    located = await on_threads.platform.connector.locate(job, {"containerId": "0"}, media_id)
    assert (located.external_id, located.external_url) == (media_id, None)


async def test_used_up_posts_wait(on_threads: OnGraph) -> None:
    """With no post left, nothing is created and the post waits; one day later it goes live."""
    await on_threads.sandbox.account("threads", "brand", quotaTotal=1)
    first, _ = await posted(on_threads)
    second = await on_threads.job(picture(seed=1))
    second.published = [first.now()]
    with pytest.raises(TryLater, match="has published 1 of the 1 posts that Threads lets it publish") as full:
        await on_threads.platform.connector.prepare(second)
    assert full.value.is_throttled
    assert full.value.retry_after is not None
    await second.sleep(full.value.retry_after)
    assert isinstance(await on_threads.drive(second), Present)


async def test_used_up_replies_wait(on_threads: OnGraph) -> None:
    """With no reply left, the comment waits, and is written when there is room again."""
    await on_threads.sandbox.account("threads", "brand", replyQuotaTotal=1)
    job, media_id = await posted(on_threads)
    await on_threads.platform.connector.comment(job, media_id, "First!", may_be_there=False)
    await job.save(reply=None)
    with pytest.raises(TryLater, match="1 of the 1 replies") as full:
        await on_threads.platform.connector.comment(job, media_id, "Second!", may_be_there=False)
    assert full.value.is_throttled
    await job.sleep(timedelta(hours=24, seconds=1))
    await on_threads.platform.connector.comment(job, media_id, "Second!", may_be_there=False)
    assert await comments(on_threads) == ["First!", "Second!"]


@pytest.mark.parametrize("fault", matrix([None, *LOST, NOT_FOUND], at=Call.WRITE), ids=str)
async def test_a_process_that_dies_while_it_comments(on_threads: OnGraph, fault: Fault | None) -> None:
    """Wherever a process dies, the next one continues from what is stored, and exactly one comment exists."""
    job, media_id = await posted(on_threads)
    is_killed = True
    for dies_at in range(1, 9):
        text = f"Dies at {dies_at}"
        dying = DyingJob.of(job, dies_at=dies_at)
        if fault is not None:
            await on_threads.fault("threads_publish", fault.name, **fault.more(times=1))
        is_killed = False
        try:
            await write(on_threads, dying, media_id, text)
        except Killed:
            is_killed = True
            await job.sleep(on_threads.retry_policy.republish_after)
            await write(on_threads, dying, media_id, text, is_repeated=True)
        written = await comments(on_threads)
        assert isinstance(written, list)
        assert written.count(text) == 1
        if not is_killed:
            break
        await on_threads.sandbox.clear_faults()
    assert not is_killed


async def test_a_token_that_expired_can_not_be_renewed(on_threads: OnGraph) -> None:
    """After 60 days without a refresh only a new login helps."""
    grant = await on_threads.connect("brand")
    await on_threads.clock.sleep(timedelta(days=61))
    with pytest.raises(CredentialInvalid):
        await on_threads.platform.login.refresh(grant.tokens, now=on_threads.clock.now())
