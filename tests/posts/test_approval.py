"""Approving and rejecting: who may, what becomes of the calls that waited, and that nothing comes in between."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.conftest import MovableClock, Stage
from tests.posts.conftest import Scene, bare
from tests.posts.test_publish import error, issues
from tests.posts.test_schedule import intents, schedule, to

from presswork.core.timestamps import write_instant


@pytest.fixture
async def gated(scene: Scene) -> Scene:
    """The scene with a picture that waits for approval."""
    await scene.change("content_containers", scene.image, approval_status="pending")
    return scene


async def approve(scene: Scene, key: str | None = None, **body: object) -> httpx2.Response:
    """Call approve."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return await scene.client.post(f"/v1/content/{scene.image}/approve", json=body, headers=headers)


async def reject(scene: Scene, reason: object = "The price is wrong.", key: str | None = None) -> httpx2.Response:
    """Call reject."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return await scene.client.post(f"/v1/content/{scene.image}/reject", json={"reason": reason}, headers=headers)


async def content(scene: Scene) -> dict[str, Any]:
    """Read the picture's container."""
    return dict((await scene.client.get(f"/v1/content/{scene.image}")).json())


async def key_id(scene: Scene) -> str:
    """Return the id of the key that calls."""
    return str((await scene.client.get("/v1/whoami")).json()["keyId"])


async def test_approved_content_can_be_published(gated: Scene, clock: MovableClock) -> None:
    """The answer and the container say who approved, when and with which words; publishing works from then on."""
    assert (await gated.publish(gated.image, to(gated.tiktok))).status_code == 403
    answer = await approve(gated, note="Lovely.")
    told = {"approvedAt": write_instant(clock.now()), "approvedBy": await key_id(gated)}
    assert (answer.status_code, answer.json()) == (200, {"id": gated.image, "approvalStatus": "approved", **told})
    read = await content(gated)
    assert {name: read[name] for name in told} == told
    assert (read["approvalStatus"], read["reviewNote"], read["rejectedAt"]) == ("approved", "Lovely.", None)
    assert (await gated.publish(gated.image, to(gated.tiktok))).status_code == 200


async def test_rejected_content_never_goes_out(gated: Scene, clock: MovableClock) -> None:
    """Its waiting calls are dropped, and publishing and scheduling it are refused from then on."""
    at = clock.now() + timedelta(hours=1)
    for account in (gated.tiktok, gated.instagram):
        assert (await schedule(gated, gated.image, at, to(account))).status_code == 202
    answer = await reject(gated)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "id": gated.image,
            "approvalStatus": "rejected",
            "rejectedAt": write_instant(clock.now()),
            "rejectedBy": await key_id(gated),
            "reason": "The price is wrong.",
            "droppedScheduleCalls": 2,
        },
    )
    assert (await content(gated))["reviewNote"] == "The price is wrong."
    assert (await intents(gated), await gated.posts()) == (0, 0)
    for call in (gated.publish(gated.image, to(gated.tiktok)), schedule(gated, gated.image, at, to(gated.tiktok))):
        refused = await call
        assert (refused.status_code, error(refused)["code"]) == (409, "CONTENT_REJECTED")


@pytest.mark.parametrize("decided", ["not_required", "approved", "rejected"])
async def test_only_what_waits_is_decided(scene: Scene, decided: str) -> None:
    """Anything but pending is a conflict that says how the content stands."""
    await scene.change("content_containers", scene.image, approval_status=decided)
    for answer in (await approve(scene), await reject(scene)):
        assert (answer.status_code, error(answer)["code"]) == (409, "CONFLICT")
        assert error(answer)["details"] == {"containerId": scene.image, "approvalStatus": decided}


async def test_content_without_its_files_is_not_decided(gated: Scene) -> None:
    """There is nothing to look at before the upload is finished; the decision can be made afterwards."""
    await gated.change("content_containers", gated.image, status="queued")
    for answer in (await approve(gated), await reject(gated)):
        assert (answer.status_code, error(answer)["details"]["status"]) == (409, "queued")
    await gated.change("content_containers", gated.image, status="completed")
    assert (await approve(gated)).status_code == 200


async def test_the_bodies_are_checked(gated: Scene) -> None:
    """A note of 1,024 characters is taken and no body at all; a reason must be there, and say something."""
    assert issues(await approve(gated, note="x" * 1025)) == {"note": "string_too_long"}
    for reason in ("", " \n", "x" * 1025, None):
        assert set(issues(await reject(gated, reason))) == {"reason"}
    answer = await gated.client.post(f"/v1/content/{gated.image}/approve")
    assert (answer.status_code, (await content(gated))["reviewNote"]) == (200, None)


async def test_waiting_calls_become_posts(gated: Scene, clock: MovableClock) -> None:
    """Each call makes its posts, in order; one that is overdue by then goes at once, under its own instant."""
    soon, later = clock.now() + timedelta(minutes=1), clock.now() + timedelta(days=3)
    own = f"sp_{uuid4()}"
    await schedule(gated, gated.image, later, to(gated.instagram), to(gated.tiktok, captionOverride="For you"))
    clock.advance(timedelta(seconds=1))
    await schedule(gated, gated.image, soon, to(gated.tiktok, scheduledPostId=own))
    clock.advance(timedelta(hours=1))
    promotion = (await approve(gated)).json()["pendingSchedulePromotion"]
    assert (promotion["status"], "error" in promotion) == ("ok", False)
    assert [(call["status"], call["scheduledFor"]) for call in promotion["calls"]] == [
        ("ok", write_instant(later)),
        ("ok", write_instant(soon)),
    ]
    first, second, third = promotion["scheduledPostIds"]
    assert (third, [call["scheduledPostIds"] for call in promotion["calls"]]) == (own, [[first, second], [own]])
    assert (await gated.stage.post(second))["captionOverride"] == "For you"
    overdue = await gated.stage.post(own)
    assert (overdue["status"], overdue["scheduledFor"]) == ("queued", write_instant(soon))
    due = "SELECT run_at FROM scheduled_posts WHERE id = $1"
    assert [await gated.pool.fetchval(due, bare(post)) for post in (own, first)] == [clock.now(), later]
    (line,) = await gated.stage.timeline(own)
    assert line["message"] == "The content was approved. Due now."
    assert await intents(gated) == 0


async def test_a_call_that_fits_no_more_is_told_and_the_approval_stands(gated: Scene, clock: MovableClock) -> None:
    """Every target is checked anew; a call is all or nothing by itself, and what failed is dropped."""
    at, taken = clock.now() + timedelta(hours=1), f"sp_{uuid4()}"
    await schedule(gated, gated.image, at, to(gated.instagram), to(gated.tiktok))
    clock.advance(timedelta(seconds=1))
    await schedule(gated, gated.image, at, to(gated.tiktok))
    clock.advance(timedelta(seconds=1))
    await schedule(gated, gated.image, at, to(gated.tiktok, scheduledPostId=taken))
    await gated.change("social_accounts", gated.instagram, status="reauth_required")
    assert (await gated.publish(gated.video, to(gated.tiktok, scheduledPostId=taken))).status_code == 200
    answer = await approve(gated)
    promotion = answer.json()["pendingSchedulePromotion"]
    assert (answer.status_code, promotion["status"]) == (200, "failed")
    assert [call["status"] for call in promotion["calls"]] == ["failed", "ok", "failed"]
    assert [call.get("error", {}).get("code") for call in promotion["calls"]] == [
        "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
        None,
        "CONFLICT_DUPLICATE_ID",
    ]
    assert promotion["error"]["details"] == {
        "socialAccountId": gated.instagram,
        "mode": "publish",
        "reason": "reauth_required",
    }
    assert promotion["scheduledPostIds"] == promotion["calls"][1]["scheduledPostIds"]
    assert (await gated.posts(), await intents(gated)) == (2, 0)
    assert (await content(gated))["approvalStatus"] == "approved"


async def test_an_id_that_is_taken_at_the_same_instant_leaves_the_approval(gated: Scene, clock: MovableClock) -> None:
    """Another call takes the id between the check and the insert: that call fails by itself, the others are promoted."""
    at, contested = clock.now() + timedelta(hours=1), f"sp_{uuid4()}"
    await schedule(gated, gated.image, at, to(gated.tiktok, scheduledPostId=contested))
    clock.advance(timedelta(seconds=1))
    await schedule(gated, gated.image, at, to(gated.instagram))
    (post,) = (await gated.publish(gated.video, to(gated.tiktok))).json()["scheduledPostIds"]
    async with gated.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE scheduled_posts SET id = $2 WHERE id = $1", bare(post), bare(contested)
        )  # a post under this id that nobody sees yet
        call = asyncio.create_task(approve(gated))
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        while not await gated.pool.fetchval(waiting):
            pass
    promotion = (await call).json()["pendingSchedulePromotion"]
    assert [one.get("error", {}).get("code") for one in promotion["calls"]] == ["CONFLICT_DUPLICATE_ID", None]
    assert ((await content(gated))["approvalStatus"], await gated.posts()) == ("approved", 2)


async def test_a_project_that_was_archived_meanwhile_promotes_nothing(gated: Scene, clock: MovableClock) -> None:
    """The decision is written down; the calls that waited are told why they made no posts."""
    await schedule(gated, gated.image, clock.now() + timedelta(hours=1), to(gated.tiktok))
    assert (await gated.client.patch(f"/v1/projects/{gated.project}", json={"status": "archived"})).status_code == 200
    promotion = (await approve(gated)).json()["pendingSchedulePromotion"]
    assert (promotion["status"], promotion["error"]["code"], await gated.posts()) == ("failed", "CONFLICT", 0)


async def test_deciding_twice_at_once_decides_once(gated: Scene, clock: MovableClock) -> None:
    """Ten approvals and rejections at the same time: one wins, the rest are conflicts, and the calls are gone once."""
    await schedule(gated, gated.image, clock.now() + timedelta(hours=1), to(gated.tiktok))
    answers = await asyncio.gather(*(approve(gated) if turn % 2 else reject(gated) for turn in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert (await content(gated))["approvalStatus"] == winner["approvalStatus"]
    assert (await gated.posts(), await intents(gated)) == ((1, 0) if "approvedAt" in winner else (0, 0))


async def test_schedule_calls_that_race_an_approval_are_never_lost(gated: Scene, clock: MovableClock) -> None:
    """Calls that come before and after the approval, at the same time: each gives posts, by one way or the other."""
    at = clock.now() + timedelta(hours=1)
    calls = [schedule(gated, gated.image, at, to(gated.tiktok)) for _ in range(30)]
    approval, *answers = await asyncio.gather(approve(gated), *calls)
    promoted = approval.json().get("pendingSchedulePromotion", {}).get("scheduledPostIds", [])
    assert len(promoted) == sum(answer.status_code == 202 for answer in answers)
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert (await gated.posts(), await intents(gated)) == (30, 0)


async def test_a_decision_is_replayed_under_its_key(gated: Scene, clock: MovableClock) -> None:
    """The same call again: the same bytes, and no second promotion; another body is a conflict of keys."""
    await schedule(gated, gated.image, clock.now() + timedelta(hours=1), to(gated.tiktok))
    twins = await asyncio.gather(*(approve(gated, key="a", note="Go") for _ in range(4)))
    assert {(twin.status_code, twin.content) for twin in twins} == {(200, twins[0].content)}
    assert [twin.headers.get("Idempotent-Replayed") for twin in twins].count(None) == 1
    assert await gated.posts() == 1
    assert error(await approve(gated, key="a", note="Stop"))["code"] == "IDEMPOTENCY_CONFLICT"


async def test_deciding_takes_its_own_scope(gated: Scene, stage: Stage) -> None:
    """A key that may write content and publish may not approve what it wrote."""
    writer = await stage.api.client(scopes=["content:write", "content:read", "publish:write", "projects:write"])
    for call, body in (("approve", {}), ("reject", {"reason": "No."})):
        answer = await writer.post(f"/v1/content/{gated.image}/{call}", json=body)
        assert (answer.status_code, error(answer)["details"]) == (403, {"requiredScope": "content:approve"})
    assert (await content(gated))["approvalStatus"] == "pending"
