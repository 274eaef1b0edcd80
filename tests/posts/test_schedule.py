"""The schedule call: the checks of publish, the bounds of the instant, and keeping calls until approval."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from tests.conftest import MovableClock
from tests.posts.conftest import Scene, bare
from tests.posts.test_publish import error, issues

from presswork.core.timestamps import write_instant


async def schedule(
    scene: Scene, container: str, at: datetime, *targets: dict[str, object], key: str | None = None
) -> httpx2.Response:
    """Send a schedule call."""
    return await scene.client.post(
        f"/v1/content/{container}/schedule",
        json={"scheduledFor": write_instant(at), "targets": list(targets)},
        headers={} if key is None else {"Idempotency-Key": key},
    )


def to(account: str, **more: object) -> dict[str, object]:
    """Return a target."""
    return {"socialAccountId": account, "mode": "publish", **more}


async def intents(scene: Scene) -> int:
    """Return the number of calls that wait for approval."""
    return int(await scene.pool.fetchval("SELECT count(*) FROM schedule_intents"))


async def test_posts_are_queued_for_their_instant(scene: Scene, clock: MovableClock) -> None:
    """The ids are in the order of the targets; each post is queued and due at the instant, not before."""
    at = clock.now() + timedelta(days=2)
    own = f"sp_{uuid4()}"
    response = await schedule(scene, scene.video, at, to(scene.tiktok), to(scene.instagram, scheduledPostId=own))
    assert response.status_code == 200
    ids = response.json()["scheduledPostIds"]
    assert response.json() == {"scheduledPostIds": ids, "gateStatus": "queued", "scheduledFor": write_instant(at)}
    assert ids[1] == own
    for post_id in ids:
        post = await scene.stage.post(post_id)
        assert (post["status"], post["scheduledFor"]) == ("queued", write_instant(at))
        assert [entry["message"] for entry in await scene.stage.timeline(post_id)] == [
            f"Accepted. Due at {write_instant(at)}."
        ]
    assert await scene.pool.fetchval("SELECT bool_and(run_at = $1) FROM scheduled_posts", at)


@pytest.mark.parametrize(
    ("away", "code"), [(timedelta(seconds=-31), "in_the_past"), (timedelta(days=366), "too_far_ahead")]
)
async def test_an_instant_out_of_bounds_is_an_issue(
    scene: Scene, clock: MovableClock, away: timedelta, code: str
) -> None:
    """More than 30 seconds ago or more than 365 days ahead: an issue at `scheduledFor`, and nothing is written."""
    response = await schedule(scene, scene.image, clock.now() + away, to(scene.tiktok))
    assert (response.status_code, issues(response), await scene.posts()) == (422, {"scheduledFor": code}, 0)


async def test_an_instant_out_of_bounds_is_reported_with_the_other_issues(scene: Scene, clock: MovableClock) -> None:
    """A caller can fix all issues of a body at once, including that of the instant."""
    response = await schedule(
        scene, scene.image, clock.now() - timedelta(days=1), {"socialAccountId": "x", "mode": "fax"}
    )
    assert (response.status_code, set(issues(response))) == (
        422,
        {"scheduledFor", "targets[0].socialAccountId", "targets[0].mode"},
    )


async def test_an_instant_just_past_is_due_now(scene: Scene, clock: MovableClock) -> None:
    """Clocks differ: up to 30 seconds in the past is accepted and kept as sent, and the post is due now."""
    at = clock.now() - timedelta(seconds=30)
    response = await schedule(scene, scene.image, at, to(scene.tiktok))
    assert (response.status_code, response.json()["scheduledFor"]) == (200, write_instant(at))
    assert await scene.pool.fetchval("SELECT run_at FROM scheduled_posts") == clock.now()


@pytest.mark.parametrize("instant", ["2026-12-01T10:00:00+01:00", "2026-12-01T10:00:00", "tomorrow", 1, None])
async def test_an_instant_is_utc(scene: Scene, instant: object) -> None:
    """Another offset, none, or a value that is not an instant is an issue, beside the others."""
    body = {"scheduledFor": instant, "targets": []}
    response = await scene.client.post(f"/v1/content/{scene.image}/schedule", json=body)
    assert (response.status_code, set(issues(response))) == (422, {"scheduledFor", "targets"})


@pytest.mark.parametrize("approval", ["not_required", "approved", "pending"])
async def test_every_check_of_publish_runs(scene: Scene, clock: MovableClock, approval: str) -> None:
    """Whether the content waits or not: unknown and unready accounts and existing ids are refused, and nothing is kept."""
    await scene.change("content_containers", scene.image, approval_status=approval)
    at, existing = clock.now() + timedelta(hours=1), f"sp_{uuid4()}"
    assert (await scene.publish(scene.slideshow, to(scene.tiktok, scheduledPostId=existing))).status_code == 200
    for target, status, code in (
        (to(f"sa_{uuid4()}"), 404, "NOT_FOUND"),
        (to(scene.instagram, shareReelToFeed=True), 422, "VALIDATION"),
        ({**to(scene.tiktok), "mode": "managed"}, 422, "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"),
        (to(scene.tiktok, tiktokMusic={"mode": "manual", "trackId": str(uuid4())}), 422, "VALIDATION"),
        (to(scene.tiktok, scheduledPostId=existing), 409, "CONFLICT_DUPLICATE_ID"),
    ):
        response = await schedule(scene, scene.image, at, to(scene.instagram), target)
        assert (response.status_code, error(response)["code"]) == (status, code)
    assert (await scene.posts(), await intents(scene)) == (1, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"status": "queued"}, "CONFLICT"), ({"approval_status": "rejected"}, "CONTENT_REJECTED")],
)
async def test_incomplete_and_rejected_content_is_refused(
    scene: Scene, clock: MovableClock, change: dict[str, object], code: str
) -> None:
    """Content that is not completed, or was rejected, is a conflict as in publish."""
    await scene.change("content_containers", scene.image, **change)
    response = await schedule(scene, scene.image, clock.now(), to(scene.tiktok))
    assert (response.status_code, error(response)["code"]) == (409, code)


async def test_a_call_for_pending_content_is_kept(scene: Scene, clock: MovableClock) -> None:
    """202 without posts; several calls can wait for one container; publish is still refused."""
    await scene.change("content_containers", scene.image, approval_status="pending")
    at = clock.now() + timedelta(hours=1)
    first = await schedule(scene, scene.image, at, to(scene.tiktok))
    assert (first.status_code, first.json()) == (
        202,
        {"scheduledPostIds": [], "gateStatus": "blocked_on_approval", "scheduledFor": write_instant(at)},
    )
    assert (await schedule(scene, scene.image, at, to(scene.instagram))).status_code == 202
    assert (await scene.posts(), await intents(scene)) == (0, 2)
    assert (await scene.publish(scene.image, to(scene.tiktok))).status_code == 403


@pytest.mark.parametrize(("approval", "status"), [("not_required", 200), ("pending", 202)])
async def test_the_response_is_replayed(scene: Scene, clock: MovableClock, approval: str, status: int) -> None:
    """The same call with the same key: the same bytes and status and one effect, even after its instant has passed."""
    await scene.change("content_containers", scene.image, approval_status=approval)
    at = clock.now() + timedelta(minutes=5)
    replays = await asyncio.gather(*(schedule(scene, scene.image, at, to(scene.tiktok), key="k") for _ in range(5)))
    clock.advance(timedelta(hours=1))
    late = await schedule(scene, scene.image, at, to(scene.tiktok), key="k")
    responses = [*replays, late]
    assert {(response.status_code, response.content) for response in responses} == {(status, replays[0].content)}
    assert [response.headers.get("Idempotent-Replayed") for response in responses].count(None) == 1
    assert (await scene.posts(), await intents(scene)) == ((1, 0) if status == 200 else (0, 1))
    other = await schedule(scene, scene.image, clock.now(), to(scene.tiktok), key="k")
    assert (other.status_code, error(other)["code"]) == (409, "IDEMPOTENCY_CONFLICT")


async def test_a_call_concurrent_with_a_decision_is_not_lost(scene: Scene, clock: MovableClock) -> None:
    """During a decision the call waits for it, then creates posts or is refused as rejected."""
    at = clock.now() + timedelta(hours=1)
    for decision, status in (("approved", 200), ("rejected", 409)):
        await scene.change("content_containers", scene.image, approval_status="pending")
        async with scene.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "UPDATE content_containers SET approval_status = $2 WHERE id = $1", bare(scene.image), decision
            )
            call = asyncio.create_task(schedule(scene, scene.image, at, to(scene.tiktok)))
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            while not await scene.pool.fetchval(waiting):
                pass
        assert (await call).status_code == status
        assert await intents(scene) == 0
    assert await scene.posts() == 1
