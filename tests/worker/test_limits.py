"""One attempt at a platform's limit: how long it waits, what its timeline says, and what the posts behind it show."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from tests.posts.conftest import ready_project as ready_project
from tests.worker.attempt_world import AttemptWorld, Scripted, failing
from tests.worker.attempt_world import attempt_world as attempt_world
from tests.worker.burst import gaps

from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, TryLater
from presswork.platforms.port import Failed, Job, Present, Processing
from presswork.worker.follow_up_jobs import FollowUpJobs
from presswork.worker.publish_attempt import LIVE_CALLS


async def test_a_limit_snoozes_the_post_and_those_behind_it(attempt_world: AttemptWorld) -> None:
    """A post that has to wait for hours is snoozed; the account's other posts say that they wait behind it."""
    first, second = await attempt_world.accept(2)
    limit = TryLater(
        "The account may post again in an hour.", step="x", retry_after=timedelta(hours=1), is_throttled=True
    )
    await attempt_world.attempt(Scripted(prepare_with=failing(limit, times=1)))
    assert (await attempt_world.status(first), await attempt_world.status(second)) == (
        ("publishing", None),
        ("queued", None),
    )
    assert (await attempt_world.events(first))[-2:] == ["claimed", "waiting"]
    own = (await attempt_world.world.timeline(first))[-1]
    (waiting,) = [entry for entry in await attempt_world.world.timeline(second) if entry["event"] == "waiting"]
    assert waiting["detail"] == {"behind": first, "nextAt": own["detail"]["nextAt"], "before": 1}
    assert first in waiting["message"]
    assert "The account may post again in an hour." in waiting["message"]
    unused = Scripted()
    await attempt_world.attempt(unused)
    assert unused.calls == []
    attempt_world.clock.advance(timedelta(hours=1))
    await attempt_world.attempt(Scripted())
    assert await attempt_world.status(first) == ("published", None)


async def test_posts_behind_a_short_wait_see_it_too(attempt_world: AttemptWorld) -> None:
    """The first of three waits for half a minute: the others' timelines say so while it lasts, and nothing is stored."""
    posts = await attempt_world.accept(3)
    limit = TryLater("Too many.", step="x", retry_after=timedelta(seconds=30), is_throttled=True)
    await attempt_world.attempt(Scripted(prepare_with=failing(limit, times=1)))
    own = (await attempt_world.world.timeline(posts[0]))[-1]
    for place, post in enumerate(posts[1:], start=1):
        queued, waiting = await attempt_world.world.timeline(post)
        assert (queued["event"], waiting["event"], waiting["at"]) == ("queued", "waiting", own["at"])
        assert waiting["detail"] == {"behind": posts[0], "nextAt": own["detail"]["nextAt"], "before": place}
        assert own["message"] in waiting["message"]
    attempt_world.clock.advance(timedelta(seconds=30))
    await attempt_world.attempt(Scripted())
    assert [await attempt_world.events(post) for post in posts[1:]] == [["queued"], ["queued"]]


async def test_a_limit_without_a_hint_is_asked_about_ever_more_rarely(attempt_world: AttemptWorld) -> None:
    """ "Too many", without an end: a minute, then as long again as it has lasted, an hour at most; two days
    are some fifty lines. The last try is at the very end."""
    (post,) = await attempt_world.accept()
    began = attempt_world.clock.now()
    tries = []
    while (await attempt_world.status(post))[0] != "failed":
        await attempt_world.attempt(Scripted(prepare_with=failing(TryLater("Too many.", step="x", is_throttled=True))))
        tries.append(attempt_world.clock.now() - began)
        attempt_world.clock.instant += (
            await attempt_world.bench.store.next_due(now=attempt_world.clock.now()) or timedelta()
        )
    minutes = [round(at / timedelta(minutes=1)) for at in tries]
    assert minutes[:8] == [0, 1, 2, 4, 8, 16, 32, 64]
    assert set(gaps(minutes[7:-1], 1)) == {60}
    assert minutes[-1] == 48 * 60
    assert len(await attempt_world.events(post)) < 120


async def test_a_wait_is_no_longer_than_the_limit_can_last(attempt_world: AttemptWorld) -> None:
    """It is over in ten minutes at the latest, perhaps sooner: it is asked about in between, and then at that time."""
    (post,) = await attempt_world.accept()
    ends = attempt_world.clock.now() + timedelta(minutes=10)
    waits = []
    while attempt_world.clock.now() < ends:
        left = ends - attempt_world.clock.now()
        limit = TryLater("Too many.", step="x", is_throttled=True, at_latest=left)
        await attempt_world.attempt(Scripted(prepare_with=failing(limit)))
        wait = await attempt_world.bench.store.next_due(now=attempt_world.clock.now())
        assert wait is not None
        waits.append(round(wait / timedelta(minutes=1)))
        attempt_world.clock.instant += wait
    assert waits == [1, 1, 2, 4, 2]
    await attempt_world.attempt(Scripted())
    assert await attempt_world.status(post) == ("published", None)


async def test_a_sandbox_is_asked_again_soon(attempt_world: AttemptWorld) -> None:
    """Its clock may be moved, so that a limit that is known to last for a day may be over in a moment."""
    (post,) = await attempt_world.accept()
    limit = TryLater("Too many.", step="x", retry_after=timedelta(days=1), is_throttled=True)
    retry_policy = replace(attempt_world.platform.retry_policy, limit_recheck=timedelta(seconds=10))
    test = replace(attempt_world, platform=replace(attempt_world.platform, retry_policy=retry_policy))
    waits = []
    for _ in range(8):
        began = attempt_world.clock.now()
        await test.attempt(Scripted(prepare_with=failing(limit)))
        wait = await attempt_world.bench.store.next_due(now=attempt_world.clock.now())
        assert wait is not None
        attempt_world.clock.instant += wait
        waits.append(round((attempt_world.clock.now() - began).total_seconds()))
    assert waits == [10, 10, 10, 10, 10, 12, 16, 20]
    await test.attempt(Scripted())
    assert await attempt_world.status(post) == ("published", None)


async def test_a_limit_that_never_ends_fails_as_such(attempt_world: AttemptWorld) -> None:
    """After two days of "too many" the post fails, and says that it was for a limit."""
    (post,) = await attempt_world.accept()
    limit = TryLater("Too many.", step="x", retry_after=timedelta(hours=12), is_throttled=True)
    for _ in range(6):
        await attempt_world.attempt(Scripted(prepare_with=failing(limit)))
        attempt_world.clock.advance(timedelta(hours=12))
    assert await attempt_world.status(post) == ("failed", "PLATFORM_RATE_LIMITED")


async def test_a_limit_found_after_the_call_waits_as_long(attempt_world: AttemptWorld) -> None:
    """The platform accepts every call and reports a limit afterwards: these calls are not counted, the two days are."""
    (post,) = await attempt_world.accept()
    limit = TryLater("Too many.", step="x", is_throttled=True, starts_over=True)
    connector = Scripted(
        make_live_with=lambda: Processing(message="It is processed.", check_after=timedelta()),
        look_up_with=lambda: Failed(reason=limit),
    )
    began = attempt_world.clock.now()
    while (await attempt_world.status(post))[0] != "failed":
        await attempt_world.attempt(connector)
        attempt_world.clock.instant += (
            await attempt_world.bench.store.next_due(now=attempt_world.clock.now()) or timedelta()
        )
    assert await attempt_world.status(post) == ("failed", "PLATFORM_RATE_LIMITED")
    assert round((attempt_world.clock.now() - began) / timedelta(hours=1)) == 48
    assert connector.calls.count("make_live") > LIVE_CALLS


async def test_a_short_error_after_a_long_limit_is_short(attempt_world: AttemptWorld) -> None:
    """A limit lasts for a while in short waits, then one call fails: that is one error, and the post continues."""
    (post,) = await attempt_world.accept()
    limit = TryLater("Too many.", step="x", is_throttled=True, retry_after=timedelta(seconds=10))
    for _ in range(6):
        await attempt_world.attempt(Scripted(prepare_with=failing(limit, times=1)))
        attempt_world.clock.advance(timedelta(seconds=10))
    await attempt_world.attempt(Scripted(prepare_with=failing(TryLater("HTTP 502.", step="x"), times=1)))
    assert await attempt_world.status(post) == ("published", None)


async def test_an_error_in_between_does_not_lengthen_a_limit(attempt_world: AttemptWorld) -> None:
    """Limits and errors alternate: the two days that a post may wait for limits are counted through."""
    (post,) = await attempt_world.accept()
    began, turns = attempt_world.clock.now(), count()

    def step() -> object:
        if next(turns) % 2:
            raise TryLater("HTTP 502.", step="x", retry_after=timedelta(seconds=1))
        raise TryLater("Too many.", step="x", is_throttled=True, retry_after=timedelta(hours=1))

    while (await attempt_world.status(post))[0] != "failed":
        await attempt_world.attempt(Scripted(prepare_with=step))
        attempt_world.clock.instant += (
            await attempt_world.bench.store.next_due(now=attempt_world.clock.now()) or timedelta()
        )
    assert (await attempt_world.status(post))[1] == "PLATFORM_RATE_LIMITED"
    assert timedelta(hours=46) < attempt_world.clock.now() - began <= timedelta(hours=49)


# First comments ----------------------------------------------------------------------------------------------------------


async def comment_waits(
    attempt_world: AttemptWorld, connector: Scripted, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, list[timedelta]]:
    """Publish a post with a first comment and follow it up until nothing is left to do. Return it and the waits between tries."""
    await attempt_world.ready_project.change(
        "content_containers", attempt_world.ready_project.image, first_comment="First!"
    )
    (post,) = await attempt_world.accept()
    platforms, tries = attempt_world.ready_project.world.api.context.platforms, []
    comment = connector.comment_with
    assert comment is not None

    def commented() -> object:
        tries.append(attempt_world.clock.now())
        return comment()

    connector.comment_with = commented
    monkeypatch.setattr(platforms, "get", lambda *_: replace(attempt_world.platform, connector=connector))
    jobs = FollowUpJobs(attempt_world.bench, platforms, concurrency=1, lease=timedelta(minutes=5))
    await attempt_world.attempt(connector)
    while (due := await jobs.next_due()) is not None:
        attempt_world.clock.advance(due)
        for job in await jobs.claim(1):
            await jobs.run(job)
    return post, gaps(tries, 1)


async def test_a_comment_at_a_limit_waits_as_long_as_the_platform_asks(
    attempt_world: AttemptWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit ends in five hours: the comment is tried then, and not before, also while the address is asked for."""
    limit = TryLater("Too many comments.", step="x", retry_after=timedelta(hours=5), is_throttled=True)
    connector = Scripted(
        make_live_with=lambda: Present(external_id="1", external_url=None),
        can_comment=True,
        comment_with=failing(limit, times=1),
    )
    post, waits = await comment_waits(attempt_world, connector, monkeypatch)
    assert waits == [timedelta(hours=5)]
    stored = await attempt_world.world.post(post)
    assert (stored["status"], stored["firstCommentStatus"]) == ("published", "posted")


async def test_a_comment_at_a_limit_without_an_end_is_tried_for_a_day(
    attempt_world: AttemptWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform does not say when its limit ends, and it does not end: the waits grow, and the last try is after a day."""
    limit = TryLater("Too many comments.", step="x", is_throttled=True)
    post, waits = await comment_waits(
        attempt_world, Scripted(can_comment=True, comment_with=failing(limit)), monkeypatch
    )
    assert sum(waits, timedelta()) == timedelta(days=1)
    assert max(waits) == timedelta(hours=1)
    assert len(waits) < 40
    stored = await attempt_world.world.post(post)
    assert (stored["status"], stored["firstCommentStatus"]) == ("published", "failed")


async def test_a_comment_is_tried_with_the_token_that_replaced_a_refused_one(
    attempt_world: AttemptWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account got another token meanwhile: a refusal of the old one costs the post no comment, and the account no access."""
    await attempt_world.give_token("old")

    class Refused(Scripted):
        async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
            self.calls.append(f"comment with {await job.access_token()}")
            if len(self.calls) == 3:
                await attempt_world.give_token("new")
                raise CredentialInvalid("TikTok does not take this token.", step="comments")

    connector = Refused(can_comment=True, comment_with=dict)
    post, _ = await comment_waits(attempt_world, connector, monkeypatch)
    assert connector.calls == ["prepare", "make_live", "comment with old", "comment with new"]
    stored = await attempt_world.world.post(post)
    assert (stored["status"], stored["firstCommentStatus"]) == ("published", "posted")


async def test_a_comment_without_an_answer_is_not_called_for_a_day(
    attempt_world: AttemptWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer is lost, and the platform shows no comment: it may be there, so the calls end after a few."""
    lost = OutcomeUnknown("The answer was lost.", step="x")
    connector = Scripted(can_comment=True, comment_with=failing(lost))
    _, waits = await comment_waits(attempt_world, connector, monkeypatch)
    assert 8 <= connector.calls.count("comment") <= 11
    assert min(waits) >= attempt_world.platform.retry_policy.republish_after
