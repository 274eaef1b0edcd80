"""Errors with a separate time limit, and status calls that fail for long, with the waits of live projects."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.posts.conftest import ready_project as ready_project
from tests.worker.attempt_world import AttemptWorld, Scripted
from tests.worker.attempt_world import attempt_world as attempt_world

from presswork.core.timestamps import read_instant
from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, TryLater
from presswork.platforms.plugin import live_retry_policy
from presswork.platforms.port import Present, Sighting
from presswork.platforms.settings import Settings

AWAY = TryLater("Away.", step="read", platform_code="2")
DENIED = TryLater(
    "No permission.",
    step="read",
    platform_code="10",
    lasts_at_most=timedelta(minutes=10),
    failure=FailureCode.CREDENTIAL_INVALID,
)


@pytest.fixture
def live_world(attempt_world: AttemptWorld) -> AttemptWorld:
    """Attempts with the retry policy of live projects."""
    policy = live_retry_policy(Settings())
    return replace(attempt_world, platform=replace(attempt_world.platform, retry_policy=policy))


async def run_until_final(world: AttemptWorld, post: str, connector: Scripted) -> tuple[str, str | None]:
    """Attempt a post whenever it is due until it is final; return its status and code."""
    while (await world.status(post))[0] in ("queued", "publishing"):
        world.clock.advance(timedelta(seconds=20))
        await world.attempt(connector)
    return await world.status(post)


def raising(errors: Iterator[PlatformError]) -> Scripted:
    """A connector whose `prepare` raises these errors, one at each call."""

    def prepare() -> object:
        error = next(errors, None)
        if error is None:
            return {}
        raise error

    return Scripted(prepare_with=prepare)


async def lasted(world: AttemptWorld, post: str) -> timedelta:
    """Return the time between the start of a post and its failure."""
    found = await world.world.post(post)
    return read_instant(found["lastError"]["at"]) - read_instant(found["attemptedAt"])


@pytest.mark.exhaustive
async def test_a_long_wait_that_a_server_asks_for_ends_no_post(live_world: AttemptWorld) -> None:
    """503 with a Retry-After of an hour: the call is made once more before the half hour is over, and not after it."""
    busy = TryLater("Busy.", step="read", retry_after=timedelta(hours=1))
    (post,) = await live_world.accept()
    assert await run_until_final(live_world, post, raising(iter([busy]))) == ("published", None)
    (post,) = await live_world.accept()
    assert (await run_until_final(live_world, post, raising(iter(lambda: busy, None))))[0] == "failed"
    assert await lasted(live_world, post) <= timedelta(minutes=31)


async def test_a_refusal_that_may_be_an_outage_lasts_ten_minutes(live_world: AttemptWorld) -> None:
    """Code 10 ends a post after ten minutes, not at once and not after the half hour of other errors."""
    (post,) = await live_world.accept()
    assert await run_until_final(live_world, post, raising(iter(lambda: DENIED, None))) == (
        "failed",
        "CREDENTIAL_INVALID",
    )
    assert timedelta(minutes=7) < await lasted(live_world, post) <= timedelta(minutes=11)


async def test_it_gets_its_ten_minutes_after_other_errors(live_world: AttemptWorld) -> None:
    """Errors of another kind before it do not shorten its time."""
    (post,) = await live_world.accept()
    began: list[datetime] = []

    def errors() -> Iterator[PlatformError]:
        while live_world.clock.now() - start < timedelta(minutes=25):
            yield AWAY
        began.append(live_world.clock.now())
        while True:
            yield DENIED

    start = live_world.clock.now()
    assert await run_until_final(live_world, post, raising(errors())) == ("failed", "CREDENTIAL_INVALID")
    failed_at = read_instant((await live_world.world.post(post))["lastError"]["at"])
    assert timedelta(minutes=7) < failed_at - began[0] <= timedelta(minutes=11)


async def test_alternating_errors_end_all_the_same(live_world: AttemptWorld) -> None:
    """A row that begins again and again does not keep the window of the other errors open."""
    (post,) = await live_world.accept()

    def errors() -> Iterator[PlatformError]:
        while True:
            yield AWAY
            yield DENIED

    assert await run_until_final(live_world, post, raising(errors())) == ("failed", "PLATFORM_UNAVAILABLE")
    assert await lasted(live_world, post) <= timedelta(minutes=31)


async def test_it_is_forgotten_once_it_is_over(live_world: AttemptWorld) -> None:
    """A post that was refused for nine minutes is published when the outage ends."""
    (post,) = await live_world.accept()

    def errors() -> Iterator[PlatformError]:
        while live_world.clock.now() - start < timedelta(minutes=7):
            yield DENIED

    start = live_world.clock.now()
    assert await run_until_final(live_world, post, raising(errors())) == ("published", None)


@pytest.mark.parametrize(("wait", "event"), [(timedelta(seconds=5), "retrying"), (timedelta(seconds=30), "waiting")])
async def test_of_failed_status_calls_the_first_and_every_tenth_have_an_entry(
    live_world: AttemptWorld, wait: timedelta, event: str
) -> None:
    """Of 21 in a row three have one, whether the worker keeps the post or snoozes it between the calls."""
    policy = replace(live_world.platform.retry_policy, poll_max=wait)
    live_world = replace(live_world, platform=replace(live_world.platform, retry_policy=policy))
    (post,) = await live_world.accept()
    left = iter(range(21))

    def look_up() -> Sighting:
        if next(left, None) is None:
            return Present(external_id="1", external_url="https://example.com/1")
        raise AWAY.with_timing(retry_after=wait)

    def make_live() -> object:
        raise OutcomeUnknown("Lost.", step="x")

    connector = Scripted(make_live_with=make_live, look_up_with=look_up)
    assert await run_until_final(live_world, post, connector) == ("published", None)
    entries = [entry for entry in await live_world.world.timeline(post) if entry["event"] in ("retrying", "waiting")]
    assert [entry["event"] for entry in entries] == [event] * 3
    if event == "retrying":
        assert "failed status call 21 in a row" in entries[-1]["message"]
        assert entries[-1]["detail"]["platformCode"] == "2"
