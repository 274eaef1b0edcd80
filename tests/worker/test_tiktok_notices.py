"""What TikTok's webhooks do to posts: an earlier look-up and a timeline entry, but never an outcome.

The sandbox sends them to the running service. It holds them until the test releases them, so nothing here depends on who
is quicker.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.inbound_webhooks.test_receive import PATH, control
from tests.posts.conftest import bare
from tests.tiers import exhaustive
from tests.worker.conftest import WorkerWorld
from tests.worker.test_crashes import killed_at
from tests.worker.test_tiktok_drafts import entry, set_up, work_after

from presswork.core.enums import Environment, Mode
from presswork.jobs.runner import LeaseLost
from presswork.platforms.names import LoginName
from presswork.worker.follow_ups import follow_up
from presswork.worker.job import ActiveJob
from presswork.worker.store import WorkStore


async def listening(worker_world: WorkerWorld) -> None:
    """Have the sandbox send TikTok's events to us."""
    api = worker_world.world.api
    await control(api, "webhooks", platform="tiktok", url=f"{api.base_url}{PATH}", hold=True)


async def release(worker_world: WorkerWorld, *, order: str = "oldest_first", copies: int = 1) -> None:
    """Let what was held come, one after the other."""
    await control(worker_world.world.api, "webhooks/release", order=order, copies=copies)


async def notices(worker_world: WorkerWorld, post_id: str) -> list[dict[str, Any]]:
    """Return the entries of a timeline about webhooks of the platform."""
    return [line for line in await worker_world.world.timeline(post_id) if line["event"] == "platform_notice"]


async def arrived(worker_world: WorkerWorld, mode: str) -> list[dict[str, Any]]:
    """Return what lies in the inbox, or what a viewer sees, as soon as TikTok is through with it."""
    while not (found := await (worker_world.world.drafts() if mode == "draft" else worker_world.world.live())):
        await control(worker_world.world.api, "clock", advanceSeconds=1)
    return found


async def let_go(worker_world: WorkerWorld) -> None:
    """Have every post at work wait for an hour, without a worker."""
    await worker_world.world.api.context.pool.execute(
        "UPDATE scheduled_posts SET leased_by = NULL, leased_until = now() + interval '1 hour' WHERE status = 'publishing'"
    )


@pytest.mark.parametrize("mode", ["draft", *exhaustive(["publish"])])
async def test_a_post_that_waits_is_looked_at_when_the_word_comes(
    worker_world: WorkerWorld, video: bytes, mode: str
) -> None:
    """Without it the worker would have looked an hour later; what it finds is TikTok's answer, not the word's."""
    container, account = await set_up(worker_world, video, content_type="video/mp4")
    await listening(worker_world)
    (post_id,) = await worker_world.world.publish(container, account, mode=mode)
    assert await killed_at(worker_world, "after_call")
    await let_go(worker_world)
    await worker_world.worker.work_until_idle()
    assert (await worker_world.world.post(post_id))["status"] == "publishing"
    await arrived(worker_world, mode)
    await release(worker_world)
    await worker_world.worker.work_until_idle()
    assert (await worker_world.world.post(post_id))["status"] == ("draft" if mode == "draft" else "published")
    messages = [line["message"] for line in await notices(worker_world, post_id)]
    assert messages == (["TikTok reported that the draft is in the creator's inbox."] if mode == "draft" else [])


@pytest.mark.exhaustive
async def test_a_word_that_lies_changes_nothing(worker_world: WorkerWorld, video: bytes) -> None:
    """TikTok says by its own webhook that the post failed, and by its status that it did not: the status counts."""
    container, account = await set_up(worker_world, video, content_type="video/mp4")
    await listening(worker_world)
    (post_id,) = await worker_world.world.publish(container, account, mode="draft")
    assert await killed_at(worker_world, "after_call")
    await let_go(worker_world)
    publish_id = await worker_world.world.api.context.pool.fetchval("SELECT delivery_reference FROM scheduled_posts")
    content = {"publish_id": publish_id, "publish_type": "INBOX_SHARE", "reason": "spam_risk"}
    await control(
        worker_world.world.api, "webhooks/events", handle="brand", event="post.publish.failed", content=content
    )
    await release(worker_world)
    await worker_world.worker.work_until_idle()
    assert ((await worker_world.world.post(post_id))["status"], len(await worker_world.world.drafts())) == ("draft", 1)


@pytest.mark.parametrize("order", ["newest_first", *exhaustive(["oldest_first"])])
async def test_a_draft_that_is_posted_days_later_is_recorded_once(
    worker_world: WorkerWorld, video: bytes, order: str
) -> None:
    """It is looked at no more by then; the word opens the case again, however often and in whatever order it comes."""
    container, account = await set_up(worker_world, video, content_type="video/mp4")
    await listening(worker_world)
    (before,) = await worker_world.deliver(container, account, mode="draft")
    await work_after(worker_world, timedelta(hours=25))
    pool = worker_world.world.api.context.pool
    assert await pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0
    (draft,) = await worker_world.world.drafts()
    posted = await worker_world.world.post_draft(draft["publishId"])
    await control(worker_world.world.api, "clock", advanceSeconds=60)
    for _ in range(2):
        await release(worker_world, order=order, copies=3)
        await worker_world.worker.work_until_idle()
    again = {"publish_id": draft["publishId"], "post_id": posted, "publish_type": "INBOX_SHARE"}
    event = "post.publish.publicaly_available"  # as an older document spells it
    await control(worker_world.world.api, "webhooks/events", handle="brand", event=event, content=again)
    await release(worker_world)
    await worker_world.worker.work_until_idle()
    found = [line for line in await notices(worker_world, before["id"]) if "externalId" in line["detail"]]
    assert [line["detail"]["externalId"] for line in found] == [posted]
    assert found[0]["message"].startswith("The creator posted the draft on the platform.")
    assert len(await notices(worker_world, before["id"])) == 2  # that, and that it came into the inbox
    assert (await worker_world.world.post(before["id"]))["status"] == "draft"
    assert await pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0


async def test_two_that_find_out_at_the_same_time_tell_it_once(worker_world: WorkerWorld, video: bytes) -> None:
    """A webhook may start a second look-up while the first is running: one of them adds the entry, and the other one
    finds it."""
    container, account = await set_up(worker_world, video, content_type="video/mp4")
    (post,) = await worker_world.deliver(container, account, mode="draft")
    (draft,) = await worker_world.world.drafts()
    await worker_world.world.post_draft(draft["publishId"])
    await control(worker_world.world.api, "clock", advanceSeconds=60)
    bench = worker_world.worker.context
    platform = worker_world.world.api.context.platforms.get(LoginName.TIKTOK, Environment.TEST)
    channel, now = platform.channel(Mode.DRAFT), bench.clock.now()

    async def loaded() -> ActiveJob:
        (row,) = await bench.store.load([bare(post["id"])], now=now)
        return ActiveJob(bench, row, platform)

    later = now + timedelta(hours=1)
    (left,) = await bench.store.claim_follow_ups(lease=timedelta(hours=1), limit=1, now=later)
    first, second = await loaded(), await loaded()
    await follow_up(bench, first, channel, left)
    with pytest.raises(LeaseLost):
        await follow_up(bench, second, channel, left)
    with pytest.raises(LeaseLost):
        await follow_up(bench, await loaded(), channel, left)
    assert len(await notices(worker_world, post["id"])) == 1


async def test_a_removed_post_is_recorded(worker_world: WorkerWorld, picture: bytes) -> None:
    """The timeline says so; the post stays what it was."""
    container, account = await set_up(worker_world, picture)
    await listening(worker_world)
    (post,) = await worker_world.deliver(container, account)
    (live,) = await worker_world.world.live()
    await control(worker_world.world.api, f"posts/{live['externalId']}/remove")
    await release(worker_world, copies=2)
    await worker_world.worker.work_until_idle()
    line = await entry(worker_world, post["id"], "platform_notice")
    assert "not visible any more" in line["message"]
    assert line["detail"]["post_id"] == live["externalId"]
    assert line["detail"]["event"] == "post.publish.no_longer_publicaly_available"
    after = await worker_world.world.post(post["id"])
    assert (after["status"], after["externalId"]) == ("published", live["externalId"])


@pytest.mark.exhaustive
async def test_an_unknown_outcome_is_resolved_by_a_webhook(worker_world: WorkerWorld, picture: bytes) -> None:
    """It ended as OUTCOME_UNKNOWN while TikTok was stuck; when it goes through after all, the timeline says so."""
    container, account = await set_up(worker_world, picture)
    await listening(worker_world)
    await worker_world.world.fault(platform="tiktok", operation="content_init", fault="stuck_processing", times=-1)
    (post,) = await worker_world.deliver(container, account)
    assert post["lastError"]["code"] == "OUTCOME_UNKNOWN"
    browser = await worker_world.world.api.anonymous()
    await browser.delete("/sandbox/control/faults")
    assert len(await arrived(worker_world, "publish")) == 1
    await release(worker_world)
    assert "TikTok reported that the post is published." in [
        line["message"] for line in await notices(worker_world, post["id"])
    ]
    assert (await worker_world.world.post(post["id"]))["status"] == "failed"


async def test_words_about_others_change_nothing(worker_world: WorkerWorld, video: bytes) -> None:
    """Another account that names our delivery, an unknown delivery, events without one, and unknown ones."""
    container, account = await set_up(worker_world, video, content_type="video/mp4")
    await worker_world.world.account(await worker_world.world.project("Else"), "tiktok", "florist")
    await listening(worker_world)
    (post,) = await worker_world.deliver(container, account, mode="draft")
    before = await worker_world.world.timeline(post["id"])
    (draft,) = await worker_world.world.drafts()
    gone = "post.publish.no_longer_publicaly_available"
    for handle, event, content in (
        ("florist", gone, {"publish_id": draft["publishId"]}),
        ("brand", gone, {"publish_id": "v_inbox_file~v2.0"}),
        ("brand", gone, {}),
        ("brand", "event.of.tomorrow", {"publish_id": draft["publishId"]}),
        ("brand", "video.publish.completed", {"share_id": "1"}),
    ):
        await control(worker_world.world.api, "webhooks/events", handle=handle, event=event, content=content)
    pool = worker_world.world.api.context.pool
    await pool.execute("DELETE FROM platform_notices")
    await release(worker_world)
    await worker_world.worker.work_until_idle()
    kept = await pool.fetchval("SELECT count(*) FROM platform_notices")
    assert kept == 4  # the known events, and that it came into the inbox, which was held until now
    after = [
        line for line in await worker_world.world.timeline(post["id"]) if "creator's inbox." not in line["message"]
    ]
    assert after == before


@pytest.mark.parametrize("mode", ["draft", *exhaustive(["publish"])])
async def test_tiktoks_word_settles_a_lost_answer(worker_world: WorkerWorld, picture: bytes, mode: str) -> None:
    """The answer to the init of pictures is lost, and with it the only id. TikTok's webhook brings it: the post ends as
    it should instead of as OUTCOME_UNKNOWN, and nothing was sent twice."""
    container, account = await set_up(worker_world, picture)
    await listening(worker_world)
    await worker_world.world.fault(platform="tiktok", operation="content_init", fault="drop_after_effect")
    (post_id,) = await worker_world.world.publish(container, account, mode=mode)
    assert await killed_at(worker_world, "after_call")
    # The dead worker's clock ran faster than TikTok's, and nothing may be older than the call.
    pool = worker_world.world.api.context.pool
    await pool.execute("UPDATE scheduled_posts SET live_call_at = live_call_at - interval '1 minute'")
    await let_go(worker_world)
    (found,) = await arrived(worker_world, mode)
    await worker_world.worker.work_until_idle()
    assert (await worker_world.world.post(post_id))["status"] == "publishing"
    await release(worker_world)
    await worker_world.worker.work_until_idle()
    post = await worker_world.world.post(post_id)
    assert post["status"] == ("draft" if mode == "draft" else "published"), post["lastError"]
    assert post["externalId"] == (None if mode == "draft" else found["externalId"])
    assert "can only be this post" in "\n".join(line["message"] for line in await worker_world.world.timeline(post_id))
    assert len(await arrived(worker_world, mode)) == 1


async def test_whose_word_it_is(worker_world: WorkerWorld, picture: bytes) -> None:
    """Only what no other post can have caused: no known delivery, nothing from before, no other account, and nothing at
    all while another post of the same TikTok account, in any project, has no id either."""
    pool, store = worker_world.world.api.context.pool, WorkStore(worker_world.world.api.context.pool, worker_id="w")
    container, account = await set_up(worker_world, picture)
    (mine,) = await worker_world.world.publish(container, account)
    other_container, same_account = await set_up(worker_world, picture)
    (rival,) = await worker_world.world.publish(other_container, same_account, mode="draft")
    await worker_world.world.account(await worker_world.world.project("Else"), "tiktok", "florist")
    await listening(worker_world)
    called_at = worker_world.world.api.context.clock.now() - timedelta(minutes=1)
    for handle, publish_id in (("brand", "p1"), ("brand", "known"), ("florist", "p2")):
        content = {"publish_id": publish_id, "publish_type": "DIRECT_POST"}
        await control(
            worker_world.world.api, "webhooks/events", handle=handle, event="post.publish.complete", content=content
        )
    await release(worker_world)

    async def heard(since: datetime = called_at) -> list[str | None]:
        return [notice.reference for notice in await store.stray_notices(bare(mine), since=since)]

    async def sent(post_id: str, *, at: datetime | None, reference: str | None = None) -> None:
        await pool.execute(
            "UPDATE scheduled_posts SET live_call_at = $2, delivery_reference = $3 WHERE id = $1",
            bare(post_id),
            at,
            reference,
        )

    await sent(mine, at=called_at)
    assert await heard() == ["p1", "known"]
    await sent(rival, at=called_at, reference="known")
    assert await heard() == ["p1"]
    assert await heard(since=called_at + timedelta(minutes=10)) == []
    await sent(rival, at=called_at - timedelta(days=2))
    assert await heard() == []
    await sent(rival, at=called_at - timedelta(days=4))
    assert await heard() == ["p1", "known"]
