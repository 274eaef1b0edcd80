"""Approving and rejecting: scopes, the fate of waiting schedule calls, and races with other calls."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.clocks import MovableClock
from tests.databases import until_waiting
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_publish import error, issues
from tests.posts.test_schedule import intents, schedule, to
from tests.world import World

from presswork.core.timestamps import write_instant


@pytest.fixture
async def pending(ready_project: ReadyProject) -> ReadyProject:
    """A project with an image that waits for approval."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    return ready_project


async def approve(ready_project: ReadyProject, key: str | None = None, **body: object) -> httpx2.Response:
    """Send an approve call."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return await ready_project.client.post(f"/v1/content/{ready_project.image}/approve", json=body, headers=headers)


async def reject(
    ready_project: ReadyProject, reason: object = "The price is wrong.", key: str | None = None
) -> httpx2.Response:
    """Send a reject call."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return await ready_project.client.post(
        f"/v1/content/{ready_project.image}/reject", json={"reason": reason}, headers=headers
    )


async def content(ready_project: ReadyProject) -> dict[str, Any]:
    """Read the image's container."""
    return dict((await ready_project.client.get(f"/v1/content/{ready_project.image}")).json())


async def key_id(ready_project: ReadyProject) -> str:
    """Return the id of the calling key."""
    return str((await ready_project.client.get("/v1/whoami")).json()["keyId"])


async def test_approved_content_can_be_published(pending: ReadyProject, clock: MovableClock) -> None:
    """The response and the container show who approved it, when and with which note; publishing works from then on."""
    assert (await pending.publish(pending.image, to(pending.tiktok))).status_code == 403
    response = await approve(pending, note="Lovely.")
    reported = {"approvedAt": write_instant(clock.now()), "approvedBy": await key_id(pending)}
    assert (response.status_code, response.json()) == (
        200,
        {"id": pending.image, "approvalStatus": "approved", **reported},
    )
    read = await content(pending)
    assert {name: read[name] for name in reported} == reported
    assert (read["approvalStatus"], read["reviewNote"], read["rejectedAt"]) == ("approved", "Lovely.", None)
    assert (await pending.publish(pending.image, to(pending.tiktok))).status_code == 200


async def test_rejected_content_is_never_published(pending: ReadyProject, clock: MovableClock) -> None:
    """Its waiting calls are dropped, and publishing and scheduling it are refused from then on."""
    at = clock.now() + timedelta(hours=1)
    for account in (pending.tiktok, pending.instagram):
        assert (await schedule(pending, pending.image, at, to(account))).status_code == 202
    response = await reject(pending)
    assert (response.status_code, response.json()) == (
        200,
        {
            "id": pending.image,
            "approvalStatus": "rejected",
            "rejectedAt": write_instant(clock.now()),
            "rejectedBy": await key_id(pending),
            "reason": "The price is wrong.",
            "droppedScheduleCalls": 2,
        },
    )
    assert (await content(pending))["reviewNote"] == "The price is wrong."
    assert (await intents(pending), await pending.posts()) == (0, 0)
    for call in (
        pending.publish(pending.image, to(pending.tiktok)),
        schedule(pending, pending.image, at, to(pending.tiktok)),
    ):
        refused = await call
        assert (refused.status_code, error(refused)["code"]) == (409, "CONTENT_REJECTED")


@pytest.mark.parametrize("decided", ["not_required", "approved", "rejected"])
async def test_only_pending_content_can_be_decided(ready_project: ReadyProject, decided: str) -> None:
    """A decision on content that is not pending is a conflict with its approval status."""
    await ready_project.change("content_containers", ready_project.image, approval_status=decided)
    for response in (await approve(ready_project), await reject(ready_project)):
        assert (response.status_code, error(response)["code"]) == (409, "CONFLICT")
        assert error(response)["details"] == {"containerId": ready_project.image, "approvalStatus": decided}


async def test_incomplete_content_can_not_be_decided(pending: ReadyProject) -> None:
    """A decision before the upload is finished is a conflict; afterwards it is accepted."""
    await pending.change("content_containers", pending.image, status="queued")
    for response in (await approve(pending), await reject(pending)):
        assert (response.status_code, error(response)["details"]["status"]) == (409, "queued")
    await pending.change("content_containers", pending.image, status="completed")
    assert (await approve(pending)).status_code == 200


async def test_bodies_are_validated(pending: ReadyProject) -> None:
    """A note is optional and has at most 1,024 characters; a reason is required and must not be blank."""
    assert issues(await approve(pending, note="x" * 1025)) == {"note": "too_long"}
    for reason in ("", " \n", "x" * 1025, None):
        assert set(issues(await reject(pending, reason))) == {"reason"}
    response = await pending.client.post(f"/v1/content/{pending.image}/approve")
    assert (response.status_code, (await content(pending))["reviewNote"]) == (200, None)


async def test_waiting_calls_become_posts(pending: ReadyProject, clock: MovableClock) -> None:
    """Each call creates its posts, in order; an overdue one is due now and keeps its `scheduledFor`."""
    soon, later = clock.now() + timedelta(minutes=1), clock.now() + timedelta(days=3)
    own = f"sp_{uuid4()}"
    await schedule(pending, pending.image, later, to(pending.instagram), to(pending.tiktok, captionOverride="For you"))
    clock.advance(timedelta(seconds=1))
    await schedule(pending, pending.image, soon, to(pending.tiktok, scheduledPostId=own))
    clock.advance(timedelta(hours=1))
    promotion = (await approve(pending)).json()["pendingSchedulePromotion"]
    assert (promotion["status"], "error" in promotion) == ("ok", False)
    assert [(call["status"], call["scheduledFor"]) for call in promotion["calls"]] == [
        ("ok", write_instant(later)),
        ("ok", write_instant(soon)),
    ]
    first, second, third = promotion["scheduledPostIds"]
    assert (third, [call["scheduledPostIds"] for call in promotion["calls"]]) == (own, [[first, second], [own]])
    assert (await pending.world.post(second))["captionOverride"] == "For you"
    overdue = await pending.world.post(own)
    assert (overdue["status"], overdue["scheduledFor"]) == ("queued", write_instant(soon))
    due = "SELECT run_at FROM scheduled_posts WHERE id = $1"
    assert [await pending.pool.fetchval(due, bare(post)) for post in (own, first)] == [clock.now(), later]
    (line,) = await pending.world.timeline(own)
    assert line["message"] == "The content was approved. Due now."
    assert await intents(pending) == 0


async def test_a_failed_promotion_is_reported_and_the_approval_is_kept(
    pending: ReadyProject, clock: MovableClock
) -> None:
    """Every target is checked again; each call is all or nothing, and a failed one is dropped."""
    at, existing = clock.now() + timedelta(hours=1), f"sp_{uuid4()}"
    await schedule(pending, pending.image, at, to(pending.instagram), to(pending.tiktok))
    clock.advance(timedelta(seconds=1))
    await schedule(pending, pending.image, at, to(pending.tiktok))
    clock.advance(timedelta(seconds=1))
    await schedule(pending, pending.image, at, to(pending.tiktok, scheduledPostId=existing))
    await pending.change("social_accounts", pending.instagram, status="reauth_required")
    assert (await pending.publish(pending.video, to(pending.tiktok, scheduledPostId=existing))).status_code == 200
    response = await approve(pending)
    promotion = response.json()["pendingSchedulePromotion"]
    assert (response.status_code, promotion["status"]) == (200, "failed")
    assert [call["status"] for call in promotion["calls"]] == ["failed", "ok", "failed"]
    assert [call.get("error", {}).get("code") for call in promotion["calls"]] == [
        "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
        None,
        "CONFLICT_DUPLICATE_ID",
    ]
    assert promotion["error"]["details"] == {
        "socialAccountId": pending.instagram,
        "mode": "publish",
        "reason": "reauth_required",
    }
    assert promotion["scheduledPostIds"] == promotion["calls"][1]["scheduledPostIds"]
    assert (await pending.posts(), await intents(pending)) == (2, 0)
    assert (await content(pending))["approvalStatus"] == "approved"


async def test_a_concurrently_used_id_fails_one_promotion_only(pending: ReadyProject, clock: MovableClock) -> None:
    """Another call inserts the id between check and insert: that promotion fails, the others succeed."""
    at, contested = clock.now() + timedelta(hours=1), f"sp_{uuid4()}"
    await schedule(pending, pending.image, at, to(pending.tiktok, scheduledPostId=contested))
    clock.advance(timedelta(seconds=1))
    await schedule(pending, pending.image, at, to(pending.instagram))
    (post,) = (await pending.publish(pending.video, to(pending.tiktok))).json()["scheduledPostIds"]
    async with pending.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE scheduled_posts SET id = $2 WHERE id = $1", bare(post), bare(contested)
        )  # a post under this id that is not committed yet
        call = asyncio.create_task(approve(pending))
        await until_waiting(pending.pool)
    promotion = (await call).json()["pendingSchedulePromotion"]
    assert [one.get("error", {}).get("code") for one in promotion["calls"]] == ["CONFLICT_DUPLICATE_ID", None]
    assert ((await content(pending))["approvalStatus"], await pending.posts()) == ("approved", 2)


async def test_nothing_is_promoted_in_an_archived_project(pending: ReadyProject, clock: MovableClock) -> None:
    """The decision is stored; the waiting calls are reported as failed with the reason."""
    await schedule(pending, pending.image, clock.now() + timedelta(hours=1), to(pending.tiktok))
    assert (
        await pending.client.patch(f"/v1/projects/{pending.project}", json={"status": "archived"})
    ).status_code == 200
    promotion = (await approve(pending)).json()["pendingSchedulePromotion"]
    assert (promotion["status"], promotion["error"]["code"], await pending.posts()) == ("failed", "CONFLICT", 0)


async def test_of_concurrent_decisions_one_wins(pending: ReadyProject, clock: MovableClock) -> None:
    """Ten concurrent approvals and rejections: one wins, the rest are conflicts, and the calls are promoted or dropped once."""
    await schedule(pending, pending.image, clock.now() + timedelta(hours=1), to(pending.tiktok))
    responses = await asyncio.gather(*(approve(pending) if number % 2 else reject(pending) for number in range(10)))
    assert sorted(response.status_code for response in responses) == [200] + [409] * 9
    (winner,) = (response.json() for response in responses if response.status_code == 200)
    assert (await content(pending))["approvalStatus"] == winner["approvalStatus"]
    assert (await pending.posts(), await intents(pending)) == ((1, 0) if "approvedAt" in winner else (0, 0))


async def test_schedule_calls_concurrent_with_an_approval_are_never_lost(
    pending: ReadyProject, clock: MovableClock
) -> None:
    """Schedule calls before, during and after the approval: each creates posts, directly or by promotion."""
    at = clock.now() + timedelta(hours=1)
    calls = [schedule(pending, pending.image, at, to(pending.tiktok)) for _ in range(30)]
    approval, *responses = await asyncio.gather(approve(pending), *calls)
    promoted = approval.json().get("pendingSchedulePromotion", {}).get("scheduledPostIds", [])
    assert len(promoted) == sum(response.status_code == 202 for response in responses)
    assert {response.status_code for response in responses} <= {200, 202}
    assert (await pending.posts(), await intents(pending)) == (30, 0)


async def test_a_decision_is_idempotent(pending: ReadyProject, clock: MovableClock) -> None:
    """The same call with the same key returns the same bytes without a second promotion; another body is a conflict."""
    await schedule(pending, pending.image, clock.now() + timedelta(hours=1), to(pending.tiktok))
    replays = await asyncio.gather(*(approve(pending, key="a", note="Go") for _ in range(4)))
    assert {(replay.status_code, replay.content) for replay in replays} == {(200, replays[0].content)}
    assert [replay.headers.get("Idempotent-Replayed") for replay in replays].count(None) == 1
    assert await pending.posts() == 1
    assert error(await approve(pending, key="a", note="Stop"))["code"] == "IDEMPOTENCY_CONFLICT"


async def test_deciding_requires_the_approve_scope(pending: ReadyProject, world: World) -> None:
    """A key with content:write and publish:write can't approve what it wrote."""
    writer = await world.api.client(scopes=["content:write", "content:read", "publish:write", "projects:write"])
    for call, body in (("approve", {}), ("reject", {"reason": "No."})):
        response = await writer.post(f"/v1/content/{pending.image}/{call}", json=body)
        assert (response.status_code, error(response)["details"]) == (403, {"requiredScope": "content:approve"})
    assert (await content(pending))["approvalStatus"] == "pending"


async def request_changes(ready_project: ReadyProject, **body: object) -> httpx2.Response:
    """Send a request-changes call."""
    return await ready_project.client.post(f"/v1/content/{ready_project.image}/request-changes", json=body)


async def review(ready_project: ReadyProject) -> dict[str, Any]:
    """Read the image's review history."""
    return dict((await ready_project.client.get(f"/v1/content/{ready_project.image}/review")).json())


async def edit(ready_project: ReadyProject, **texts: object) -> httpx2.Response:
    """Edit the image's texts."""
    return await ready_project.client.patch(f"/v1/content/{ready_project.image}", json=texts)


async def test_every_edit_raises_the_revision(pending: ReadyProject) -> None:
    """Captions, comments and alternative texts count; a PATCH that changes nothing is no edit."""
    insert = """INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, created_at)
                SELECT $2, id, organization_id, environment, 0, 'original', now() FROM content_containers WHERE id = $1"""
    await pending.pool.execute(insert, bare(pending.image), uuid4())
    asset = (await content(pending))["media"][0]["id"]
    before = (await content(pending))["caption"]
    assert (await content(pending))["revision"] == 1
    for texts, revision in (
        ({"caption": before}, 1),
        ({"caption": "Fresh bread"}, 2),
        ({"firstComment": "From six"}, 3),
        ({"media": [{"assetId": asset, "altText": "A loaf"}]}, 4),
        ({"media": [{"assetId": asset, "altText": "A loaf"}]}, 4),
    ):
        assert (await edit(pending, **texts)).json()["revision"] == revision
    read = await review(pending)
    assert (read["revision"], read["approvalStatus"], read["items"]) == (4, "pending", [])
    assert read["changedSince"] == [
        {"field": "caption", "before": before, "after": "Fresh bread"},
        {"field": "firstComment", "before": None, "after": "From six"},
        {"field": "media[0].altText", "before": None, "after": "A loaf"},
    ]


async def test_changes_are_requested_and_made(pending: ReadyProject, clock: MovableClock) -> None:
    """The content stays pending with the note; after the edit the review shows what changed, until the approval."""
    answer = await request_changes(pending, note="Name the bakery.", revision=1)
    expected = {"id": pending.image, "approvalStatus": "pending", "note": "Name the bakery.", "revision": 1}
    assert (answer.status_code, answer.json()) == (200, expected)
    read = await content(pending)
    assert (read["approvalStatus"], read["reviewNote"]) == ("pending", "Name the bakery.")
    asked = {
        "at": write_instant(clock.now()),
        "by": await key_id(pending),
        "byName": None,
        "decision": "changes_requested",
        "note": "Name the bakery.",
        "revision": 1,
    }
    assert (await review(pending))["items"] == [asked]
    assert (await review(pending))["changedSince"] == []
    await edit(pending, caption="Corner Bakery's bread")
    assert [change["after"] for change in (await review(pending))["changedSince"]] == ["Corner Bakery's bread"]
    assert (await approve(pending, revision=2)).status_code == 200
    approved = {**asked, "decision": "approved", "note": None, "revision": 2}
    assert await review(pending) == {
        "revision": 2,
        "approvalStatus": "approved",
        "items": [asked, approved],
        "nextCursor": None,
        "changedSince": [],
    }
    refused = await request_changes(pending, note="Too late")
    assert (refused.status_code, error(refused)["details"]["approvalStatus"]) == (409, "approved")
    assert issues(await request_changes(pending, note=" ")) == {"note": "blank"}


async def test_a_decision_on_an_older_revision_is_refused(pending: ReadyProject) -> None:
    """Approve, reject and request-changes with a revision that is not the current one change nothing."""
    await edit(pending, caption="Other bread")
    path = f"/v1/content/{pending.image}"
    for call in (
        approve(pending, revision=1),
        request_changes(pending, note="Name the bakery.", revision=1),
        pending.client.post(f"{path}/reject", json={"reason": "No.", "revision": 3}),
    ):
        refused = await call
        details = {"reason": "stale_revision", "containerId": pending.image, "revision": 2}
        assert (refused.status_code, error(refused)["code"], error(refused)["details"]) == (409, "CONFLICT", details)
    assert ((await content(pending))["approvalStatus"], (await review(pending))["items"]) == ("pending", [])
    assert (await approve(pending, revision=2)).status_code == 200
