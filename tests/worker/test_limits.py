"""One attempt at a platform's limit: how long it waits, what its timeline says, and what the posts behind it show."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from tests.posts.conftest import scene as scene
from tests.worker.burst import gaps
from tests.worker.desk import Desk, Scripted, failing
from tests.worker.desk import desk as desk

from presswork.platforms.errors import TryLater


async def test_a_limit_parks_the_post_and_tells_those_behind_it(desk: Desk) -> None:
    """A post that has to wait for hours is snoozed; the account's other posts say that they wait behind it."""
    first, second = await desk.accept(2)
    limit = TryLater(
        "The account may post again in an hour.", step="x", retry_after=timedelta(hours=1), is_throttled=True
    )
    await desk.attempt(Scripted(prepare_with=failing(limit, times=1)))
    assert (await desk.status(first), await desk.status(second)) == (("publishing", None), ("queued", None))
    assert (await desk.events(first))[-2:] == ["claimed", "waiting"]
    own = (await desk.stage.timeline(first))[-1]
    (waiting,) = [entry for entry in await desk.stage.timeline(second) if entry["event"] == "waiting"]
    assert waiting["detail"] == {"behind": first, "nextAt": own["detail"]["nextAt"], "before": 1}
    assert first in waiting["message"]
    assert "The account may post again in an hour." in waiting["message"]
    unused = Scripted()
    await desk.attempt(unused)
    assert unused.calls == []
    desk.clock.advance(timedelta(hours=1))
    await desk.attempt(Scripted())
    assert await desk.status(first) == ("published", None)


async def test_posts_behind_a_short_wait_see_it_too(desk: Desk) -> None:
    """The first of three waits for half a minute: the others' timelines say so while it lasts, and nothing is stored."""
    posts = await desk.accept(3)
    limit = TryLater("Too many.", step="x", retry_after=timedelta(seconds=30), is_throttled=True)
    await desk.attempt(Scripted(prepare_with=failing(limit, times=1)))
    own = (await desk.stage.timeline(posts[0]))[-1]
    for place, post in enumerate(posts[1:], start=1):
        queued, waiting = await desk.stage.timeline(post)
        assert (queued["event"], waiting["event"], waiting["at"]) == ("queued", "waiting", own["at"])
        assert waiting["detail"] == {"behind": posts[0], "nextAt": own["detail"]["nextAt"], "before": place}
        assert own["message"] in waiting["message"]
    desk.clock.advance(timedelta(seconds=30))
    await desk.attempt(Scripted())
    assert [await desk.events(post) for post in posts[1:]] == [["queued"], ["queued"]]


async def test_a_limit_without_a_hint_is_asked_about_ever_more_rarely(desk: Desk) -> None:
    """ "Too many", without an end: a minute, then as long again as it has lasted, an hour at most; two days
    are some fifty lines. The last try is at the very end."""
    (post,) = await desk.accept()
    began = desk.clock.now()
    tries = []
    while (await desk.status(post))[0] != "failed":
        await desk.attempt(Scripted(prepare_with=failing(TryLater("Too many.", step="x", is_throttled=True))))
        tries.append(desk.clock.now() - began)
        desk.clock.instant += await desk.bench.store.next_due(now=desk.clock.now()) or timedelta()
    minutes = [round(at / timedelta(minutes=1)) for at in tries]
    assert minutes[:8] == [0, 1, 2, 4, 8, 16, 32, 64]
    assert set(gaps(minutes[7:-1], 1)) == {60}
    assert minutes[-1] == 48 * 60
    assert len(await desk.events(post)) < 120


async def test_a_wait_is_no_longer_than_the_limit_can_last(desk: Desk) -> None:
    """It is over in ten minutes at the latest, perhaps sooner: it is asked about in between, and then at that time."""
    (post,) = await desk.accept()
    ends = desk.clock.now() + timedelta(minutes=10)
    waits = []
    while desk.clock.now() < ends:
        left = ends - desk.clock.now()
        limit = TryLater("Too many.", step="x", is_throttled=True, at_latest=left)
        await desk.attempt(Scripted(prepare_with=failing(limit)))
        wait = await desk.bench.store.next_due(now=desk.clock.now())
        assert wait is not None
        waits.append(round(wait / timedelta(minutes=1)))
        desk.clock.instant += wait
    assert waits == [1, 1, 2, 4, 2]
    await desk.attempt(Scripted())
    assert await desk.status(post) == ("published", None)


async def test_a_sandbox_is_asked_again_soon(desk: Desk) -> None:
    """Its clock may be moved, so that a limit that is known to last for a day may be over in a moment."""
    (post,) = await desk.accept()
    limit = TryLater("Too many.", step="x", retry_after=timedelta(days=1), is_throttled=True)
    retry_policy = replace(desk.platform.retry_policy, limit_recheck=timedelta(seconds=10))
    test = replace(desk, platform=replace(desk.platform, retry_policy=retry_policy))
    waits = []
    for _ in range(8):
        began = desk.clock.now()
        await test.attempt(Scripted(prepare_with=failing(limit)))
        wait = await desk.bench.store.next_due(now=desk.clock.now())
        assert wait is not None
        desk.clock.instant += wait
        waits.append(round((desk.clock.now() - began).total_seconds()))
    assert waits == [10, 10, 10, 10, 10, 12, 16, 20]
    await test.attempt(Scripted())
    assert await desk.status(post) == ("published", None)


async def test_a_limit_that_never_ends_fails_as_such(desk: Desk) -> None:
    """After two days of "too many" the post fails, and says that it was for a limit."""
    (post,) = await desk.accept()
    limit = TryLater("Too many.", step="x", retry_after=timedelta(hours=12), is_throttled=True)
    for _ in range(6):
        await desk.attempt(Scripted(prepare_with=failing(limit)))
        desk.clock.advance(timedelta(hours=12))
    assert await desk.status(post) == ("failed", "PLATFORM_RATE_LIMITED")


async def test_a_short_trouble_after_a_long_limit_is_short(desk: Desk) -> None:
    """A limit lasts for a while in short waits, then one call fails: that is one error, and the post continues."""
    (post,) = await desk.accept()
    limit = TryLater("Too many.", step="x", is_throttled=True, retry_after=timedelta(seconds=10))
    for _ in range(6):
        await desk.attempt(Scripted(prepare_with=failing(limit, times=1)))
        desk.clock.advance(timedelta(seconds=10))
    await desk.attempt(Scripted(prepare_with=failing(TryLater("HTTP 502.", step="x"), times=1)))
    assert await desk.status(post) == ("published", None)


async def test_trouble_in_between_does_not_lengthen_a_limit(desk: Desk) -> None:
    """Limits and errors alternate: the two days that a post may wait for limits are counted through."""
    (post,) = await desk.accept()
    began, turns = desk.clock.now(), count()

    def step() -> object:
        if next(turns) % 2:
            raise TryLater("HTTP 502.", step="x", retry_after=timedelta(seconds=1))
        raise TryLater("Too many.", step="x", is_throttled=True, retry_after=timedelta(hours=1))

    while (await desk.status(post))[0] != "failed":
        await desk.attempt(Scripted(prepare_with=step))
        desk.clock.instant += await desk.bench.store.next_due(now=desk.clock.now()) or timedelta()
    assert (await desk.status(post))[1] == "PLATFORM_RATE_LIMITED"
    assert timedelta(hours=46) < desk.clock.now() - began <= timedelta(hours=49)
