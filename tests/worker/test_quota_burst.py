"""Bursts: hundreds of posts to one account go out as fast as its platform allows, never sooner, and each says why it waits.

Simulated time: days pass at once. The platforms are the sandbox, which refuses whatever is over a limit and writes
everything down.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from tests.worker.burst import DAY, MINUTE, Crew, gaps, open_crew, publish_many

from presswork.media.samples import sample_picture, sample_video
from presswork.platforms.port import RECENT_POSTS_COUNTED

BURST: Final = 500
QUOTA: Final = 100
CAP: Final = 15
"""TikTok's posts a day."""
LATE: Final = timedelta(minutes=2)
"""How much later than the platform allows a post may go out: what making and processing one takes, and a second or two."""


@pytest.fixture
async def crew(tmp_path: Path, dsn: str) -> AsyncIterator[Crew]:
    """Three workers, and a sandbox as the platforms of live projects."""
    async with open_crew(tmp_path, dsn) as crew:
        yield crew


@pytest.fixture(scope="session")
def tiny() -> bytes:
    """A JPEG as small as Instagram takes."""
    return sample_picture(320, 400, seed=1, title="Tiny")


def last_wait(timeline: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the last entry of a timeline, which is about a wait."""
    assert timeline[-1]["event"] == "waiting"
    return timeline[-1]


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_five_hundred_posts_to_one_instagram_account(crew: Crew, tiny: bytes) -> None:
    """Three workers, 100 posts in 24 hours: four days and the minutes that the first hundred took. Nothing is refused.

    In no 24 hours are there more than 100, each place is used as soon as it is free, the order is kept, and a post
    behind hundreds of others has two or three lines about it, not hundreds.
    """
    await crew.sandbox.account("instagram", "brand", quotaTotal=QUOTA)
    world = await crew.world()
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    ids = await publish_many(world, await world.content(project, tiny), account, BURST)

    await crew.work()
    first, last = ids[QUOTA], ids[-1]
    own = last_wait(await world.timeline(first))
    assert f"has published {QUOTA} of the {QUOTA} posts" in own["message"]
    behind = last_wait(await world.timeline(last))
    before = BURST - QUOTA - 1
    assert behind["detail"] == {"behind": first, "nextAt": own["detail"]["nextAt"], "before": before}
    assert f"{before} posts of this account are published first" in behind["message"]
    assert own["message"] in behind["message"]

    await crew.drain()
    live = await crew.live("instagram")
    assert [name for name, _ in live] == await crew.in_order(ids)
    at = [at for _, at in live]
    assert min(gaps(at, QUOTA)) > DAY
    assert max(gaps(at, QUOTA)) < DAY + LATE
    assert at[-1] - at[0] < (BURST // QUOTA - 1) * DAY + (at[QUOTA - 1] - at[0]) + LATE
    assert await crew.refusals("instagram") == {}
    waits = await crew.lines("waiting")
    assert set(ids[QUOTA:]) <= set(waits)
    assert max(waits.values()) <= 4
    assert await crew.pool.fetchval("SELECT count(*) FROM post_events") < 15 * BURST
    assert "It was due at" in next(line["message"] for line in await world.timeline(last) if line["event"] == "claimed")


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_burst_to_one_tiktok_account(crew: Crew) -> None:
    """150 videos, 15 a day and 6 new ones a minute: nine days and the minutes of the first, every place used as soon as it is free, no call over a limit.

    TikTok does not report when a day's cap ends. Each time it is met one question is answered with it, and no more than one
    for each wait: the posts that went live from here show the rest.
    """
    world = await crew.world()
    project = await world.project()
    account = await world.account(project, "tiktok", "brand")
    video = sample_video(timedelta(seconds=3), 360, 640, seed=1)
    container = await world.content(project, video, content_type="video/mp4")
    ids = await publish_many(world, container, account, 10 * CAP)

    await crew.drain()
    live = await crew.live("tiktok")
    assert [name for name, _ in live] == await crew.in_order(ids)
    at = [at for _, at in live]
    assert min(gaps(at, CAP)) > DAY
    assert max(gaps(at, CAP)) < DAY + LATE
    for operation, max_calls in (("video_init", 6), ("status_fetch", 30), ("creator_info", 20)):
        assert min(gaps(await crew.called_at("tiktok", operation), max_calls)) > MINUTE, operation
    waits = await crew.lines("waiting")
    assert max(waits.values()) <= 4
    refusals = await crew.refusals("tiktok")
    assert set(refusals) == {"creator_info"}
    assert refusals["creator_info"] <= len(waits)


@pytest.mark.exhaustive
async def test_two_organizations_share_an_instagram_account(crew: Crew, tiny: bytes) -> None:
    """Each has a lane and knows nothing of the other. The quota is the account's: together they never exceed it, and each
    post says why it waits.

    Refused is at most the last place of a day, which both may ask for at the same moment.
    """
    quota, each = 10, 15
    await crew.sandbox.account("instagram", "brand", quotaTotal=quota)
    posts = []
    for name in ("Acme", "Globex"):
        world = await crew.world(name)
        project = await world.project()
        account = await world.account(project, "instagram", "brand")
        posts.append(await publish_many(world, await world.content(project, tiny), account, each))

    await crew.drain()
    live = await crew.live("instagram")
    names, at = [name for name, _ in live], [at for _, at in live]
    assert min(gaps(at, quota)) > DAY
    assert at[-1] - at[0] < 2 * DAY + (at[quota - 1] - at[0]) + 2 * LATE
    for ids in posts:
        own = await crew.in_order(ids)
        assert [name for name in names if name in own] == own
    refusals = await crew.refusals("instagram")
    assert set(refusals) <= {"media_publish"}
    assert refusals["media_publish"] <= len(live) // quota


async def test_quota_is_read_where_it_may_be_used_up(crew: Crew, tiny: bytes) -> None:
    """The first posts of a day do not ask for the quota: a read per post, and per account, for nothing.

    Posts of another project to the same account count. A day later, the account has few recent posts again.
    """
    world = await crew.world()
    posts = []
    for name in ("Spring", "Autumn"):
        project = await world.project(name)
        account = await world.account(project, "instagram", "brand")
        posts.append((await world.content(project, tiny), account))
    (spring, account), (autumn, same) = posts

    await publish_many(world, spring, account, RECENT_POSTS_COUNTED)
    await crew.drain()
    assert await crew.called_at("instagram", "content_publishing_limit") == []
    await publish_many(world, autumn, same, 2)
    await crew.drain()
    assert len(await crew.called_at("instagram", "content_publishing_limit")) == 2
    await crew.clock.sleep(DAY)
    await publish_many(world, autumn, same, 1)
    await crew.drain()
    assert len(await crew.called_at("instagram", "content_publishing_limit")) == 2
    assert len(await crew.live("instagram")) == RECENT_POSTS_COUNTED + 3


@pytest.mark.exhaustive
async def test_quota_that_another_tool_used_up(crew: Crew, tiny: bytes) -> None:
    """An account with few posts from here is refused once. Then the post knows the quota, waits for it, and is not refused again.

    Another installation used all but one of the places 20 hours ago, and the wait is not known: the quota is read in between.
    """
    quota = 3
    await crew.sandbox.account("instagram", "brand", quotaTotal=quota)
    world = await crew.world()
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    container = await world.content(project, tiny)
    others = await publish_many(world, container, account, quota - 1)
    await crew.drain()
    await crew.pool.execute(
        "UPDATE scheduled_posts SET live_at = NULL, status = 'failed'"
    )  # as if they were not from here
    await crew.clock.sleep(timedelta(hours=20))

    ids = await publish_many(world, container, account, 2)
    await crew.drain()
    live = await crew.live("instagram")
    assert [name for name, _ in live] == await crew.in_order([*others, *ids])
    assert min(gaps([at for _, at in live], quota)) > DAY
    assert live[-1][1] - live[0][1] < DAY + timedelta(hours=1) + LATE
    assert await crew.refusals("instagram") == {"media_publish": 1}
    wait = next(line for line in await world.timeline(ids[1]) if line["event"] == "waiting")
    assert "code 9/2207042" in wait["message"]
    assert "within 24 hours. Presswork retries at" in wait["message"]


@pytest.mark.exhaustive
async def test_projects_that_share_a_tiktok_account(crew: Crew) -> None:
    """Three lanes open uploads on one account at the same time: no call is over the limits of a minute, none is refused."""
    world = await crew.world()
    video = sample_video(timedelta(seconds=3), 360, 640, seed=1)
    for number in range(3):
        project = await world.project(f"Project {number}")
        account = await world.account(project, "tiktok", "brand")
        container = await world.content(project, video, content_type="video/mp4")
        await publish_many(world, container, account, CAP // 3)

    await crew.drain()
    assert len(await crew.live("tiktok")) == CAP
    assert min(gaps(await crew.called_at("tiktok", "video_init"), 6)) > MINUTE
    assert min(gaps(await crew.called_at("tiktok", "status_fetch"), 30), default=DAY) > MINUTE
    assert await crew.refusals("tiktok") == {}


@pytest.mark.exhaustive
async def test_carousels_keep_to_the_uploads_of_a_day(crew: Crew, tiny: bytes) -> None:
    """A carousel of ten takes 11 of the 400 uploads of a day. One that does not fit waits as a whole: nothing of it is made.

    378 uploads were made an hour ago; two carousels fit, the third goes out when enough of those are a day old.
    """
    world = await crew.world()
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    began = crew.clock.now() - timedelta(hours=1)
    await crew.pool.execute(
        """INSERT INTO rate_limit_reservations (platform, environment, external_account_id, call, taken, taken_at)
           SELECT platform, environment, external_id, 'media', array_fill($1::timestamptz, ARRAY[378]), $1 FROM social_accounts""",
        began,
    )
    ids = await publish_many(world, await world.content(project, *[tiny] * 10), account, 3)

    await crew.work()
    assert len(await crew.sandbox.requests("instagram", "media")) == 22
    wait = last_wait(await world.timeline(ids[2]))
    assert "400 uploads within 24 hours" in wait["message"]
    await crew.drain()
    live = await crew.live("instagram")
    assert [name for name, _ in live] == await crew.in_order(ids)
    assert DAY < live[-1][1] - began < DAY + LATE
    assert len(await crew.sandbox.requests("instagram", "media")) == 33
