"""Threads of posts, from the call to the platform's timeline, by real workers that die between any two parts."""

from collections.abc import Sequence
from typing import Any, Final

import pytest
from tests.tiers import sampled
from tests.worker.conftest import WorkerWorld, poll_once
from tests.worker.test_crashes import killed_at, take_over

HANDLES: Final = {"threads": "brand", "bluesky": "luna.bsky.social"}
CALLS: Final = {"threads": "threads_publish", "bluesky": "apply_writes"}
TEXTS: Final = ("Six new loaves", "Rye, with caraway", "Spelt: from Saturday on")


async def _prepare(
    worker_world: WorkerWorld, platform: str, texts: Sequence[str] = TEXTS, **more: object
) -> tuple[str, str]:
    """Return the container of a thread, and an account of the platform."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, platform, HANDLES[platform])
    body = {"parts": [{"text": text} for text in texts], **more}
    made = await world.client.post(f"/v1/projects/{project}/content", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"]), account


async def _live(worker_world: WorkerWorld, platform: str) -> list[dict[str, Any]]:
    """Return the live parts in the order of the thread."""
    live = await worker_world.world.live(platform=platform, handle=HANDLES[platform], replies="true")
    return sorted(live, key=lambda part: str(part["externalId"]))


def _outcomes(post: dict[str, Any]) -> list[str]:
    return [part["status"] for part in post["parts"]]


@pytest.mark.parametrize("platform", HANDLES)
async def test_thread_is_published(worker_world: WorkerWorld, platform: str) -> None:
    """Its parts are live in order; the post names each, and the first as its own. The comment is below the first."""
    container, account = await _prepare(worker_world, platform, firstComment="Open from six")
    (post_id,) = await worker_world.world.publish(container, account)
    queued = await worker_world.world.post(post_id)
    assert (_outcomes(queued), queued["threadStatus"]) == (["queued"] * 3, None)
    await worker_world.worker.work_until_idle()
    post, live = await worker_world.world.post(post_id), await _live(worker_world, platform)
    assert (post["status"], post["threadStatus"], post["lastError"]) == ("published", "complete", None), post
    comment = [one for one in live if one["caption"] == "Open from six"]
    live = [one for one in live if one not in comment]
    assert [one["caption"] for one in live] == list(TEXTS)
    assert [(one["externalId"], one["url"]) for one in live] == [
        (part["externalId"], part["externalUrl"]) for part in post["parts"]
    ]
    assert (post["externalId"], post["externalUrl"]) == (live[0]["externalId"], live[0]["url"])
    assert (_outcomes(post), post["firstCommentStatus"]) == (["published"] * 3, "posted")
    assert [part["index"] for part in post["parts"]] == [0, 1, 2]


@pytest.mark.parametrize(
    ("platform", "point", "visit"),
    sampled(
        [
            (platform, point, visit)
            for platform, visits in (("threads", 3), ("bluesky", 1))
            for point in (
                "before_prepare",
                "after_prepare",
                "after_go_live",
                "after_call",
                "after_live",
                "before_settle",
            )
            for visit in range(1, (1 if point == "before_settle" else visits) + 1)
        ],
        ("threads", "after_call", 2),
    ),
)
async def test_killed_between_any_two_parts(worker_world: WorkerWorld, platform: str, point: str, visit: int) -> None:
    """Wherever the worker dies, each part is live once, in order, and the thread is complete."""
    container, account = await _prepare(worker_world, platform)
    (post_id,) = await worker_world.world.publish(container, account)
    assert await killed_at(worker_world, point, visits=visit)
    await take_over(worker_world)
    post = await worker_world.world.post(post_id)
    assert [one["caption"] for one in await _live(worker_world, platform)] == list(TEXTS)
    assert (post["threadStatus"], _outcomes(post)) == ("complete", ["published"] * 3), post


@pytest.mark.parametrize("part", sampled([0, 1, 2], 1))
@pytest.mark.parametrize("fault", sampled(["drop_after_effect", "drop_before_effect"], "drop_after_effect"))
async def test_lost_response_of_a_part(worker_world: WorkerWorld, part: int, fault: str) -> None:
    """The response to one part is lost: the platform is asked about it, and the thread continues."""
    container, account = await _prepare(worker_world, "threads")
    await worker_world.world.fault(platform="threads", operation=CALLS["threads"], fault=fault, skip=part)
    (post,) = await worker_world.deliver(container, account)
    assert [one["caption"] for one in await _live(worker_world, "threads")] == list(TEXTS)
    assert post["threadStatus"] == "complete", post
    assert "reconciled" in await worker_world.events(post["id"])


async def test_thread_that_ends_early_is_published_in_part(
    worker_world: WorkerWorld,
) -> None:
    """A part that is refused ends the thread: published, partial, with the reason; it is not published again."""
    container, account = await _prepare(worker_world, "threads", firstComment="Open from six")
    await worker_world.world.fault(
        platform="threads", operation="threads", fault="platform_error", value={"code": 100}, skip=1, times=1
    )
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["threadStatus"]) == ("published", "partial"), post
    assert _outcomes(post) == ["published", "failed", "failed"]
    assert post["lastError"]["message"].startswith("Part 2 of 3 is not live, and the thread ends here: ")
    assert post["publishedAt"] is not None
    again = await worker_world.world.client.post(f"/v1/scheduled-posts/{post['id']}/republish", json={})
    assert (again.status_code, again.json()["error"]["details"]["reason"]) == (409, "delivered")
    pool = worker_world.world.api.context.pool
    await pool.execute("UPDATE post_follow_ups SET run_at = now() - interval '1 day'")
    await worker_world.worker.work_until_idle()
    assert [one["caption"] for one in await _live(worker_world, "threads")] == [TEXTS[0], "Open from six"]
    assert (await worker_world.events(post["id"])).count("published") == 1


async def test_doubt_about_a_part_ends_the_thread(worker_world: WorkerWorld) -> None:
    """A part whose call is lost for good, and that can't be read: published, unknown, and nothing follows."""
    container, account = await _prepare(worker_world, "threads")
    faults = {"platform": "threads", "times": -1}
    await worker_world.world.fault(operation="threads_publish", fault="drop_before_effect", skip=1, **faults)
    await worker_world.world.fault(operation="container_status", fault="http_500", skip=2, **faults)
    (post,) = await worker_world.deliver(container, account)
    assert (post["status"], post["threadStatus"], _outcomes(post)) == (
        "published",
        "unknown",
        ["published", "unknown", "failed"],
    ), post
    assert post["lastError"]["code"] == "OUTCOME_UNKNOWN"
    assert [one["caption"] for one in await _live(worker_world, "threads")] == [TEXTS[0]]


async def test_nothing_is_canceled_once_a_part_is_live(worker_world: WorkerWorld) -> None:
    """Between two parts, no call is under way, and yet a client can't cancel; disconnecting ends the thread."""
    container, account = await _prepare(worker_world, "threads")
    await worker_world.world.fault(
        platform="threads", operation="threads", fault="platform_error", value={"code": 4}, skip=1, times=-1
    )
    (post_id,) = await worker_world.world.publish(container, account)
    await poll_once(worker_world.worker)
    between = await worker_world.world.post(post_id)
    assert (between["status"], _outcomes(between)) == ("publishing", ["published", "queued", "queued"]), between
    refused = await worker_world.world.client.delete(f"/v1/scheduled-posts/{post_id}")
    assert refused.status_code == 409, refused.text
    assert "a part of it is live" in refused.json()["error"]["message"]
    gone = await worker_world.world.client.delete(f"/v1/social-accounts/{account}")
    assert gone.status_code < 300, gone.text
    await worker_world.world.api.context.pool.execute(
        "UPDATE scheduled_posts SET leased_until = now() - interval '1 hour'"
    )
    await worker_world.worker.work_until_idle()
    post = await worker_world.world.post(post_id)
    assert (post["status"], post["threadStatus"]) == ("published", "partial"), post


@pytest.mark.parametrize(("platform", "count"), [("threads", 3), ("bluesky", 5)])
async def test_long_text_is_split(worker_world: WorkerWorld, platform: str, count: int) -> None:
    """`autoSplit` makes a thread of a long text, numbered as preflight shows it; a short one stays a single post."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, platform, HANDLES[platform])
    text = "Every morning at six we open the door, and the first loaves are warm. " * 18
    for body, parts in ((text, count), ("Short.", 1)):
        made = await world.client.post(f"/v1/projects/{project}/content", json={"text": body})
        target = {"socialAccountId": account, "mode": "publish", "autoSplit": {"numbering": True}}
        verdict = await world.client.post(f"/v1/content/{made.json()['id']}/preflight", json={"targets": [target]})
        [checked] = verdict.json()["targets"]
        assert checked["ok"], checked
        shown = [part["text"] for part in checked["parts"] or [{"text": body}]]
        (post,) = await worker_world.deliver(made.json()["id"], account, autoSplit={"numbering": True})
        assert post["status"] == "published", post
        assert post["threadStatus"] == (None if parts == 1 else "complete")
        live = (await _live(worker_world, platform))[-parts:]
        assert [one["caption"] for one in live] == shown
        assert len(shown) == parts


async def test_unreadable_thread_with_a_live_part_is_published(worker_world: WorkerWorld) -> None:
    """A post whose stored data are damaged between two parts is not failed: a part of it is live."""
    container, account = await _prepare(worker_world, "threads")
    await worker_world.world.fault(
        platform="threads", operation="threads", fault="platform_error", value={"code": 4}, skip=1, times=-1
    )
    (post_id,) = await worker_world.world.publish(container, account)
    await poll_once(worker_world.worker)
    await worker_world.world.api.context.pool.execute(
        "UPDATE scheduled_posts SET platform_state = '{', leased_until = now() - interval '1 hour' WHERE live_parts = 1"
    )
    await worker_world.worker.work_until_idle()
    post = await worker_world.world.post(post_id)
    assert (post["status"], post["threadStatus"], post["lastError"]["code"]) == ("published", "unknown", "INTERNAL"), (
        post
    )
