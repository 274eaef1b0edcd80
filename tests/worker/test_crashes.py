"""A worker is killed with SIGKILL at each named point of an attempt; another one continues, and exactly one post is live."""

import asyncio
import multiprocessing
import os
import signal
from datetime import timedelta
from typing import Final

import asyncpg
import pytest
from tests.tiers import sampled
from tests.worker.conftest import HurriedClock, WorkerWorld

from presswork.platforms.settings import Settings
from presswork.worker.main import open_worker

POINTS: Final = (
    "before_prepare",
    "after_prepare",
    "after_go_live",
    "after_call",
    "before_look_up",
    "after_live",
    "before_settle",
)
EACH_POINT: Final = sampled(POINTS, "after_call")
"""Around the call that makes a post live. A post that dies at all points one after the other goes through the rest."""
SHORTEN_LEASES: Final = (
    "UPDATE scheduled_posts SET leased_until = least(leased_until, now() + $1) WHERE leased_until IS NOT NULL",
    "UPDATE text_messages SET leased_until = least(leased_until, now() + $1) WHERE leased_until IS NOT NULL",
)
_spawner: Final = multiprocessing.get_context("forkserver")
_spawner.set_forkserver_preload([__name__])


def work_until_killed(settings: Settings, dsn: str, base_url: str, point: str, visits: int) -> None:
    """Work in this process and kill it when a point is reached for the `visits`-th time."""
    left = visits

    def at_point(name: str) -> None:
        nonlocal left
        left -= name == point
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def work() -> None:
        async with open_worker(settings, dsn=dsn, base_url=base_url, clock=HurriedClock(), at_point=at_point) as worker:
            await worker.work_until_idle()

    asyncio.run(work())


def _patient(settings: Settings) -> Settings:
    """Return settings with leases that a slow machine does not outlast: nothing renews them in a single poll."""
    return settings.model_copy(update={"worker_lease": timedelta(minutes=10)})


async def killed_at(worker_world: WorkerWorld, point: str, *, visits: int = 1) -> bool:
    """Work in a child until it is killed at a point; False: it never came there and finished.

    Up to a point of a post, its leases outlast a slow machine; what is left of them is then as long as the settings say.
    """
    is_of_a_post = point in POINTS
    settings = _patient(worker_world.settings) if is_of_a_post else worker_world.settings
    child = _spawner.Process(
        target=work_until_killed,
        args=(settings, worker_world.dsn, worker_world.world.api.base_url, point, visits),
    )
    child.start()
    await asyncio.to_thread(child.join)
    assert child.exitcode in {0, -signal.SIGKILL}, child.exitcode
    for shorten in SHORTEN_LEASES if is_of_a_post else ():
        await worker_world.world.api.context.pool.execute(shorten, worker_world.settings.worker_lease)
    return child.exitcode == -signal.SIGKILL


async def take_over(worker_world: WorkerWorld) -> None:
    """Have another worker continue after the lease of the dead one has lapsed. Its own lease outlasts a slow machine."""
    async with open_worker(
        _patient(worker_world.settings),
        dsn=worker_world.dsn,
        base_url=worker_world.world.api.base_url,
        clock=HurriedClock(ahead=worker_world.settings.worker_lease + timedelta(seconds=30)),
    ) as worker:
        await worker.work_until_idle()


@pytest.mark.parametrize("point", EACH_POINT)
@pytest.mark.parametrize(
    ("platform", "kind"),
    sampled(
        [("instagram", "image"), ("tiktok", "video"), ("tiktok", "image"), ("bluesky", "image"), ("bluesky", "video")],
        ("instagram", "image"),
        ("tiktok", "video"),
    ),
)
async def test_killed_at_a_point_ends_with_one_live_post(
    worker_world: WorkerWorld, picture: bytes, video: bytes, platform: str, kind: str, point: str
) -> None:
    """Wherever the worker dies, the post ends published and one viewer sees it once, with one comment."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, platform, "brand")
    file, content_type = (picture, "image/jpeg") if kind == "image" else (video, "video/mp4")
    container = await worker_world.world.content(project, file, content_type=content_type, comment="First!")
    (post_id,) = await worker_world.world.publish(container, account)
    was_killed = await killed_at(worker_world, point)
    # Instagram and Bluesky answer at once, so nothing has to be asked there.
    assert was_killed is not (platform != "tiktok" and point == "before_look_up")
    await take_over(worker_world)
    post, live = await worker_world.world.post(post_id), await worker_world.world.live()
    assert (post["status"], len(live)) == ("published", 1), (post["lastError"], await worker_world.events(post_id))
    assert live[0]["comments"] == ([] if platform == "tiktok" else ["First!"])
    assert post["externalId"] == live[0]["externalId"]
    events = await worker_world.events(post_id)
    assert (events.count("published"), events.count("claimed")) == (1, 1 + was_killed)


@pytest.mark.exhaustive
async def test_killed_again_and_again_still_one_post(worker_world: WorkerWorld, picture: bytes) -> None:
    """Workers die at one point after the other of the same post: it is live once in the end."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture)
    (post_id,) = await worker_world.world.publish(container, account)
    for point in POINTS:
        await killed_at(worker_world, point)
        await worker_world.world.api.context.pool.execute(
            "UPDATE scheduled_posts SET leased_until = now() - interval '1 hour' WHERE status = 'publishing'"
        )
    await take_over(worker_world)
    assert ((await worker_world.world.post(post_id))["status"], len(await worker_world.world.live())) == (
        "published",
        1,
    )


async def test_a_lost_answer_and_a_crash_together(worker_world: WorkerWorld, picture: bytes) -> None:
    """The publish call's answer is lost, and the worker dies while it asks: the next one asks again, and posts nothing."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture)
    await worker_world.world.fault(platform="instagram", operation="media_publish", fault="drop_after_effect")
    (post_id,) = await worker_world.world.publish(container, account)
    assert await killed_at(worker_world, "after_call")
    await take_over(worker_world)
    post = await worker_world.world.post(post_id)
    (live,) = await worker_world.world.live()
    assert (post["status"], post["externalId"]) == ("published", live["externalId"])


async def test_a_database_that_was_away_is_no_defect(worker_world: WorkerWorld, picture: bytes) -> None:
    """The server ends the worker's connection in the middle: the post is released, charged with nothing, and goes live."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    (post_id,) = await worker_world.world.publish(await worker_world.world.content(project, picture), account)
    ended = [asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")]

    def at_point(name: str) -> None:
        if name == "after_prepare" and ended:
            raise ended.pop()

    async with open_worker(
        worker_world.settings,
        dsn=worker_world.dsn,
        base_url=worker_world.world.api.base_url,
        clock=worker_world.clock,
        at_point=at_point,
    ) as worker:
        await worker.work_until_idle()
    assert "retrying" not in await worker_world.events(post_id)
    assert ((await worker_world.world.post(post_id))["status"], len(await worker_world.world.live())) == (
        "published",
        1,
    )


@pytest.mark.exhaustive
async def test_a_database_that_goes_away_again_and_again_fails_no_post(
    worker_world: WorkerWorld, picture: bytes
) -> None:
    """For longer than the error window of a test project: the post waits, and goes live once the database is available."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    (post_id,) = await worker_world.world.publish(await worker_world.world.content(project, picture), account)
    stays_at = worker_world.clock.now() + timedelta(seconds=25)

    def at_point(name: str) -> None:
        if name == "after_prepare" and worker_world.clock.now() < stays_at:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    async with open_worker(
        worker_world.settings,
        dsn=worker_world.dsn,
        base_url=worker_world.world.api.base_url,
        clock=worker_world.clock,
        at_point=at_point,
    ) as worker:
        while worker_world.clock.now() < stays_at:
            await worker.work_until_idle()
            await worker_world.clock.sleep(timedelta(seconds=1))
    assert (await worker_world.world.post(post_id))["lastError"] is None
    await take_over(worker_world)
    assert ((await worker_world.world.post(post_id))["status"], len(await worker_world.world.live())) == (
        "published",
        1,
    )
