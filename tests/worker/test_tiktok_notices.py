"""What TikTok's webhooks do to posts: an earlier look-up and a timeline entry, but never an outcome.

The sandbox sends them to the running service. It holds them until the test releases them, so nothing here depends on who
is quicker.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.inbound_webhooks.test_receive import PATH, control
from tests.posts.conftest import bare
from tests.worker.conftest import Works
from tests.worker.test_crashes import killed_at
from tests.worker.test_tiktok_drafts import entry, scene, work_after

from presswork.core.enums import Environment, LoginName, Mode
from presswork.worker.follow_ups import follow_up
from presswork.worker.job import ActiveJob
from presswork.worker.post_row import FollowUp
from presswork.worker.store import LeaseLost, WorkStore


async def listening(works: Works) -> None:
    """Have the sandbox send TikTok's events to us."""
    api = works.stage.api
    await control(api, "webhooks", platform="tiktok", url=f"{api.base_url}{PATH}", hold=True)


async def release(works: Works, *, order: str = "oldest_first", copies: int = 1) -> None:
    """Let what was held come, one after the other."""
    await control(works.stage.api, "webhooks/release", order=order, copies=copies)


async def notices(works: Works, post_id: str) -> list[dict[str, Any]]:
    """Return the entries of a timeline about webhooks of the platform."""
    return [line for line in await works.stage.timeline(post_id) if line["event"] == "platform_notice"]


async def arrived(works: Works, mode: str) -> list[dict[str, Any]]:
    """Return what lies in the inbox, or what a viewer sees, as soon as TikTok is through with it."""
    while not (found := await (works.stage.drafts() if mode == "draft" else works.stage.live())):
        await control(works.stage.api, "clock", advanceSeconds=1)
    return found


async def let_go(works: Works) -> None:
    """Have every post at work wait for an hour, without a worker."""
    await works.stage.api.context.pool.execute(
        "UPDATE scheduled_posts SET leased_by = NULL, leased_until = now() + interval '1 hour' WHERE status = 'publishing'"
    )


@pytest.mark.parametrize("mode", ["draft", "publish"])
async def test_a_post_that_waits_is_looked_at_when_the_word_comes(works: Works, video: bytes, mode: str) -> None:
    """Without it the worker would have looked an hour later; what it finds is TikTok's answer, not the word's."""
    container, account = await scene(works, video, content_type="video/mp4")
    await listening(works)
    (post_id,) = await works.stage.publish(container, account, mode=mode)
    assert await killed_at(works, "after_call")
    await let_go(works)
    await works.worker.work_until_idle()
    assert (await works.stage.post(post_id))["status"] == "publishing"
    await arrived(works, mode)
    await release(works)
    await works.worker.work_until_idle()
    assert (await works.stage.post(post_id))["status"] == ("draft" if mode == "draft" else "published")
    messages = [line["message"] for line in await notices(works, post_id)]
    assert messages == (["TikTok reported that the draft is in the creator's inbox."] if mode == "draft" else [])


async def test_a_word_that_lies_changes_nothing(works: Works, video: bytes) -> None:
    """TikTok says by its own webhook that the post failed, and by its status that it did not: the status counts."""
    container, account = await scene(works, video, content_type="video/mp4")
    await listening(works)
    (post_id,) = await works.stage.publish(container, account, mode="draft")
    assert await killed_at(works, "after_call")
    await let_go(works)
    publish_id = await works.stage.api.context.pool.fetchval("SELECT delivery_reference FROM scheduled_posts")
    content = {"publish_id": publish_id, "publish_type": "INBOX_SHARE", "reason": "spam_risk"}
    await control(works.stage.api, "webhooks/events", handle="brand", event="post.publish.failed", content=content)
    await release(works)
    await works.worker.work_until_idle()
    assert ((await works.stage.post(post_id))["status"], len(await works.stage.drafts())) == ("draft", 1)


@pytest.mark.parametrize("order", ["oldest_first", "newest_first"])
async def test_a_draft_that_is_posted_days_later_is_told_once(works: Works, video: bytes, order: str) -> None:
    """It is looked at no more by then; the word opens the case again, however often and in whatever order it comes."""
    container, account = await scene(works, video, content_type="video/mp4")
    await listening(works)
    (before,) = await works.deliver(container, account, mode="draft")
    await work_after(works, timedelta(hours=25))
    pool = works.stage.api.context.pool
    assert await pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0
    (draft,) = await works.stage.drafts()
    posted = await works.stage.post_draft(draft["publishId"])
    await control(works.stage.api, "clock", advanceSeconds=60)
    for _ in range(2):
        await release(works, order=order, copies=3)
        await works.worker.work_until_idle()
    again = {"publish_id": draft["publishId"], "post_id": posted, "publish_type": "INBOX_SHARE"}
    event = "post.publish.publicaly_available"  # as an older document spells it
    await control(works.stage.api, "webhooks/events", handle="brand", event=event, content=again)
    await release(works)
    await works.worker.work_until_idle()
    found = [line for line in await notices(works, before["id"]) if "externalId" in line["detail"]]
    assert [line["detail"]["externalId"] for line in found] == [posted]
    assert found[0]["message"].startswith("The creator posted the draft on the platform.")
    assert len(await notices(works, before["id"])) == 2  # that, and that it came into the inbox
    assert (await works.stage.post(before["id"]))["status"] == "draft"
    assert await pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0


async def test_two_that_find_out_at_the_same_time_tell_it_once(works: Works, video: bytes) -> None:
    """A webhook may start a second look-up while the first is running: one of them adds the entry, and the other one
    finds it."""
    container, account = await scene(works, video, content_type="video/mp4")
    (post,) = await works.deliver(container, account, mode="draft")
    (draft,) = await works.stage.drafts()
    await works.stage.post_draft(draft["publishId"])
    await control(works.stage.api, "clock", advanceSeconds=60)
    bench = works.worker.context
    platform = works.stage.api.context.platforms.get(LoginName.TIKTOK, Environment.TEST)
    channel, now = platform.channel(Mode.DRAFT), bench.clock.now()

    async def loaded() -> ActiveJob:
        (row,) = await bench.store.load([bare(post["id"])], now=now)
        return ActiveJob(bench, row, platform)

    left = FollowUp(
        post_id=bare(post["id"]), needs_location=True, needs_comment=False, gives_up_at=now, attempts=1, claimed_at=now
    )
    first, second = await loaded(), await loaded()
    await follow_up(bench, first, channel, left)
    with pytest.raises(LeaseLost):
        await follow_up(bench, second, channel, left)
    await follow_up(bench, await loaded(), channel, left)
    assert len(await notices(works, post["id"])) == 1


async def test_a_post_that_is_taken_down_is_told(works: Works, picture: bytes) -> None:
    """The timeline says so; the post stays what it was."""
    container, account = await scene(works, picture)
    await listening(works)
    (post,) = await works.deliver(container, account)
    (live,) = await works.stage.live()
    await control(works.stage.api, f"posts/{live['externalId']}/remove")
    await release(works, copies=2)
    await works.worker.work_until_idle()
    line = await entry(works, post["id"], "platform_notice")
    assert "not visible any more" in line["message"]
    assert line["detail"]["post_id"] == live["externalId"]
    assert line["detail"]["event"] == "post.publish.no_longer_publicaly_available"
    after = await works.stage.post(post["id"])
    assert (after["status"], after["externalId"]) == ("published", live["externalId"])


async def test_a_post_that_nobody_could_tell_of_is_told_in_the_end(works: Works, picture: bytes) -> None:
    """It ended as OUTCOME_UNKNOWN while TikTok was stuck; when it goes through after all, the timeline says so."""
    container, account = await scene(works, picture)
    await listening(works)
    await works.stage.fault(platform="tiktok", operation="content_init", fault="stuck_processing", times=-1)
    (post,) = await works.deliver(container, account)
    assert post["lastError"]["code"] == "OUTCOME_UNKNOWN"
    browser = await works.stage.api.anonymous()
    await browser.delete("/sandbox/control/faults")
    assert len(await arrived(works, "publish")) == 1
    await release(works)
    assert "TikTok reported that the post is published." in [
        line["message"] for line in await notices(works, post["id"])
    ]
    assert (await works.stage.post(post["id"]))["status"] == "failed"


async def test_words_about_others_change_nothing(works: Works, video: bytes) -> None:
    """Another account that names our delivery, an unknown delivery, events without one, and unknown ones."""
    container, account = await scene(works, video, content_type="video/mp4")
    await works.stage.account(await works.stage.project("Else"), "tiktok", "florist")
    await listening(works)
    (post,) = await works.deliver(container, account, mode="draft")
    before = await works.stage.timeline(post["id"])
    (draft,) = await works.stage.drafts()
    gone = "post.publish.no_longer_publicaly_available"
    for handle, event, content in (
        ("florist", gone, {"publish_id": draft["publishId"]}),
        ("brand", gone, {"publish_id": "v_inbox_file~v2.0"}),
        ("brand", gone, {}),
        ("brand", "event.of.tomorrow", {"publish_id": draft["publishId"]}),
        ("brand", "video.publish.completed", {"share_id": "1"}),
    ):
        await control(works.stage.api, "webhooks/events", handle=handle, event=event, content=content)
    pool = works.stage.api.context.pool
    await pool.execute("DELETE FROM platform_notices")
    await release(works)
    await works.worker.work_until_idle()
    kept = await pool.fetchval("SELECT count(*) FROM platform_notices")
    assert kept == 6  # and that it came into the inbox, which was held until now
    after = [line for line in await works.stage.timeline(post["id"]) if "creator's inbox." not in line["message"]]
    assert after == before


@pytest.mark.parametrize("mode", ["draft", "publish"])
async def test_tiktoks_word_settles_a_lost_answer(works: Works, picture: bytes, mode: str) -> None:
    """The answer to the init of pictures is lost, and with it the only id. TikTok's webhook brings it: the post ends as
    it should instead of as OUTCOME_UNKNOWN, and nothing was sent twice."""
    container, account = await scene(works, picture)
    await listening(works)
    await works.stage.fault(platform="tiktok", operation="content_init", fault="drop_after_effect")
    (post_id,) = await works.stage.publish(container, account, mode=mode)
    assert await killed_at(works, "after_call")
    # The dead worker's clock ran faster than TikTok's, and nothing may be older than the call.
    pool = works.stage.api.context.pool
    await pool.execute("UPDATE scheduled_posts SET live_call_at = live_call_at - interval '1 minute'")
    await let_go(works)
    (found,) = await arrived(works, mode)
    await works.worker.work_until_idle()
    assert (await works.stage.post(post_id))["status"] == "publishing"
    await release(works)
    await works.worker.work_until_idle()
    post = await works.stage.post(post_id)
    assert post["status"] == ("draft" if mode == "draft" else "published"), post["lastError"]
    assert post["externalId"] == (None if mode == "draft" else found["externalId"])
    assert "can only be this post" in "\n".join(line["message"] for line in await works.stage.timeline(post_id))
    assert len(await arrived(works, mode)) == 1


async def test_whose_word_it_is(works: Works, picture: bytes) -> None:
    """Only what no other post can have caused: no known delivery, nothing from before, no other account, and nothing at
    all while another post of the same TikTok account, in any project, has no id either."""
    pool, store = works.stage.api.context.pool, WorkStore(works.stage.api.context.pool, worker_id="w")
    container, account = await scene(works, picture)
    (mine,) = await works.stage.publish(container, account)
    other_container, same_account = await scene(works, picture)
    (rival,) = await works.stage.publish(other_container, same_account, mode="draft")
    await works.stage.account(await works.stage.project("Else"), "tiktok", "florist")
    await listening(works)
    called_at = works.stage.api.context.clock.now() - timedelta(minutes=1)
    for handle, publish_id in (("brand", "p1"), ("brand", "known"), ("florist", "p2")):
        content = {"publish_id": publish_id, "publish_type": "DIRECT_POST"}
        await control(works.stage.api, "webhooks/events", handle=handle, event="post.publish.complete", content=content)
    await release(works)

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
