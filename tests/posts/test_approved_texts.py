"""An approval that covers the texts: what was approved is what goes out, and an edit asks for another approval."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_approval import approve, content, edit, reject, review
from tests.posts.test_publish import error
from tests.posts.test_schedule import schedule, to

from presswork.core.timestamps import write_instant
from presswork.worker.store import WorkStore

LEASE = timedelta(seconds=30)


@pytest.fixture
async def covered(ready_project: ReadyProject) -> ReadyProject:
    """A project with an image that waits for an approval of its content and texts."""
    await ready_project.change(
        "content_containers", ready_project.image, approval_status="pending", is_covered=True, first_comment="From six"
    )
    return ready_project


async def claimed(ready_project: ReadyProject, now: datetime) -> int:
    """Let a worker claim what is due, and return the number of posts."""
    store = WorkStore(ready_project.pool, worker_id="w")
    return len(await store.claim(lease=LEASE, limit=50, now=now))


def post_ids(response: httpx2.Response) -> list[str]:
    """Return the ids of the posts that a call created."""
    assert response.status_code == 200, response.text
    return list(response.json()["scheduledPostIds"])


async def gates(ready_project: ReadyProject, posts: list[str]) -> list[tuple[str, str | None]]:
    """Return the status and gate status of posts."""
    read = [await ready_project.world.post(post_id) for post_id in posts]
    return [(post["status"], post["gateStatus"]) for post in read]


async def test_the_policy_covers_new_content(ready_project: ReadyProject) -> None:
    """`covers` is `content` until it is set; a policy without it leaves it; content keeps what it was created with."""
    path = f"/v1/projects/{ready_project.project}/content-review-policy"
    client = ready_project.client
    assert (await client.get(path)).json()["covers"] == "content"
    answer = await client.patch(path, json={"policy": "review_all", "covers": "content_and_text"})
    assert (answer.status_code, answer.json()["covers"]) == (200, "content_and_text")
    declared = {"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": 9}
    uploads = f"/v1/projects/{ready_project.project}/content/uploads"
    for policy, is_covered in (({"policy": "review_all"}, True), ({"policy": "auto_approve"}, False)):
        assert (await client.patch(path, json=policy)).json()["covers"] == "content_and_text"
        opened = await client.post(uploads, json={"files": [declared], "grouping": "per-file"})
        container = bare(opened.json()["items"][0]["containerId"])
        found = "SELECT is_covered FROM content_containers WHERE id = $1"
        assert await ready_project.pool.fetchval(found, container) is is_covered
    refused = await client.patch(path, json={"policy": "review_all", "covers": "everything"})
    assert refused.status_code == 422


async def test_an_edit_takes_the_approval_back_and_posts_wait(covered: ReadyProject, clock: MovableClock) -> None:
    """Queued posts wait with `blocked_on_approval`, no worker claims them, and the next approval lets them go."""
    assert (await approve(covered)).status_code == 200
    due = post_ids(await covered.publish(covered.image, to(covered.tiktok)))
    at = clock.now() + timedelta(hours=1)
    later = post_ids(await schedule(covered, covered.image, at, to(covered.instagram)))
    assert await gates(covered, [*due, *later]) == [("queued", None)] * 2

    edited = await edit(covered, caption="Other bread")
    assert (edited.status_code, edited.json()["approvalStatus"], edited.json()["revision"]) == (200, "pending", 2)
    assert (edited.json()["approvedAt"], edited.json()["reviewNote"]) == (None, None)
    assert edited.json()["approvalCovers"] == "content_and_text"
    assert await gates(covered, [*due, *later]) == [("queued", "blocked_on_approval")] * 2
    assert await claimed(covered, clock.now() + timedelta(days=2)) == 0
    refused = await covered.publish(covered.image, to(covered.tiktok))
    assert (refused.status_code, error(refused)["details"]["approvalStatus"]) == (403, "pending")
    moved = {"scheduledFor": write_instant(at + timedelta(hours=1))}
    assert (await covered.client.post(f"/v1/scheduled-posts/{later[0]}/reschedule", json=moved)).status_code == 200
    assert await claimed(covered, clock.now() + timedelta(days=2)) == 0

    stale = await approve(covered, revision=1)
    assert (stale.status_code, error(stale)["details"]["reason"]) == (409, "stale_revision")
    assert (await approve(covered, revision=2)).status_code == 200
    assert await gates(covered, [*due, *later]) == [("queued", None)] * 2
    assert (await covered.world.post(later[0]))["scheduledFor"] == moved["scheduledFor"]
    assert await claimed(covered, clock.now()) == 1
    assert await gates(covered, [*due, *later]) == [("publishing", None), ("queued", None)]


async def test_a_rejection_cancels_the_posts_that_wait(covered: ReadyProject) -> None:
    """They are canceled in the same transaction, with an entry in their timelines."""
    await approve(covered)
    due = post_ids(await covered.publish(covered.image, to(covered.tiktok), to(covered.instagram)))
    await edit(covered, firstComment=None)
    assert (await reject(covered)).status_code == 200
    assert await gates(covered, due) == [("canceled", None)] * 2
    assert [entry["event"] for entry in await covered.world.timeline(due[0])] == ["queued", "waiting", "canceled"]


async def test_content_is_not_edited_while_a_post_is_published(covered: ReadyProject, clock: MovableClock) -> None:
    """An edit is refused while a worker has a post, and changes nothing; a text that stays the same is no edit."""
    await approve(covered)
    (post,) = post_ids(await covered.publish(covered.image, to(covered.tiktok)))
    assert await claimed(covered, clock.now()) == 1
    before = await content(covered)
    refused = await edit(covered, caption="Other bread")
    details = {"reason": "posts_in_flight", "containerId": covered.image, "scheduledPostIds": [post]}
    assert (refused.status_code, error(refused)["code"], error(refused)["details"]) == (409, "CONFLICT", details)
    assert await content(covered) == before
    assert (await edit(covered, caption=before["caption"])).json()["approvalStatus"] == "approved"
    await covered.pool.execute("UPDATE scheduled_posts SET status = 'failed', leased_by = NULL, leased_until = NULL")
    assert (await edit(covered, caption="Other bread")).json()["approvalStatus"] == "pending"


async def test_only_approved_overrides_go_out(covered: ReadyProject, clock: MovableClock) -> None:
    """An override is accepted if it equals the content's text, or was part of a call that waited for the approval."""
    at = clock.now() + timedelta(hours=1)
    own = to(covered.tiktok, captionOverride="For TikTok")
    assert (await schedule(covered, covered.image, at, own)).status_code == 202
    assert (await content(covered))["revision"] == 2  # the reviewer has to see it
    stale = await approve(covered, revision=1)
    assert (stale.status_code, error(stale)["details"]["reason"]) == (409, "stale_revision")
    assert len((await approve(covered)).json()["pendingSchedulePromotion"]["scheduledPostIds"]) == 1
    same = to(covered.instagram, captionOverride="Hello", firstCommentOverride="From six")
    for target in (own, same, to(covered.instagram)):
        post_ids(await covered.publish(covered.image, target))
        post_ids(await schedule(covered, covered.image, at, target))
    for target, fields in (
        (to(covered.instagram, captionOverride="For TikTok"), ["captionOverride"]),
        (to(covered.tiktok, captionOverride="Hello!"), ["captionOverride"]),
        (to(covered.tiktok, firstCommentOverride=""), ["firstCommentOverride"]),
        (
            to(covered.tiktok, captionOverride="For TikTok", firstCommentOverride="x"),
            ["captionOverride", "firstCommentOverride"],
        ),
        (to(covered.tiktok, tiktokPostSettings={"title": "New"}), ["tiktokPostSettings.title"]),
    ):
        details = {"reason": "text_not_approved", "socialAccountId": target["socialAccountId"], "fields": fields}
        for call in (covered.publish(covered.image, target), schedule(covered, covered.image, at, target)):
            refused = await call
            assert (refused.status_code, error(refused)["code"]) == (403, "APPROVAL_REQUIRED")
            assert error(refused)["details"] == details
        checked = await covered.client.post(f"/v1/content/{covered.image}/preflight", json={"targets": [target]})
        assert "text_not_approved" in checked.text


async def test_content_born_approved_is_covered_as_it_was_born(covered: ReadyProject) -> None:
    """Without any decision its own texts go out, others do not, and an edit makes it pending."""
    await covered.change("content_containers", covered.image, approval_status="approved")
    post_ids(await covered.publish(covered.image, to(covered.tiktok, captionOverride="Hello")))
    refused = await covered.publish(covered.image, to(covered.tiktok, captionOverride="Bye"))
    assert (refused.status_code, error(refused)["details"]["reason"]) == (403, "text_not_approved")
    assert (await edit(covered, caption="Bye")).json()["approvalStatus"] == "pending"
    changed = [{"field": "caption", "before": "Hello", "after": "Bye"}]
    assert (await review(covered))["changedSince"] == changed


async def test_without_covers_texts_stay_free(ready_project: ReadyProject) -> None:
    """Today's behaviour: approved content is edited and overridden, and stays approved."""
    await ready_project.change("content_containers", ready_project.image, approval_status="approved")
    (post,) = post_ids(await ready_project.publish(ready_project.image, to(ready_project.tiktok, captionOverride="x")))
    edited = (await edit(ready_project, caption="Other bread")).json()
    assert (edited["approvalStatus"], edited["revision"]) == ("approved", 2)
    assert await gates(ready_project, [post]) == [("queued", None)]


async def test_edits_race_with_publish_and_claims(covered: ReadyProject, clock: MovableClock) -> None:
    """Whatever comes first: after an edit no post is claimed, and none is left outside the wait."""
    await approve(covered)
    for round_ in range(12):

        async def work() -> None:
            store = WorkStore(covered.pool, worker_id="w")
            for _ in range(3):
                await store.claim(lease=LEASE, limit=1, now=clock.now())

        calls: list[Any] = [covered.publish(covered.image, to(covered.tiktok)) for _ in range(3)]
        calls += [
            covered.publish(covered.image, to(covered.instagram)),
            edit(covered, caption=f"Round {round_}"),
            work(),
        ]
        await asyncio.gather(*calls)
        state = await content(covered)
        found = "SELECT status, is_held FROM scheduled_posts WHERE status IN ('queued', 'publishing')"
        posts = {(row["status"], row["is_held"]) for row in await covered.pool.fetch(found)}
        if state["approvalStatus"] == "pending":
            assert posts <= {("queued", True)}, round_
            assert (await approve(covered, revision=state["revision"])).status_code == 200
        else:
            assert posts <= {("queued", False), ("publishing", False)}, round_
        await covered.pool.execute(
            "UPDATE scheduled_posts SET status = 'failed', leased_by = NULL, leased_until = NULL WHERE status = 'publishing'"
        )
