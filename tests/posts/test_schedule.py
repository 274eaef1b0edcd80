"""The schedule call: the checks of publish, the bounds of the instant, and keeping calls until approval."""

import asyncio
from datetime import datetime, timedelta, timezone
from uuid import uuid4

import httpx2
import pytest
from tests.clocks import MovableClock
from tests.databases import until_waiting
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_publish import error, issues

from presswork.core.timestamps import write_instant


async def schedule(
    ready_project: ReadyProject, container: str, at: datetime, *targets: dict[str, object], key: str | None = None
) -> httpx2.Response:
    """Send a schedule call."""
    return await ready_project.client.post(
        f"/v1/content/{container}/schedule",
        json={"scheduledFor": write_instant(at), "targets": list(targets)},
        headers={} if key is None else {"Idempotency-Key": key},
    )


def to(account: str, **more: object) -> dict[str, object]:
    """Return a target."""
    return {"socialAccountId": account, "mode": "publish", **more}


async def intents(ready_project: ReadyProject) -> int:
    """Return the number of calls that wait for approval."""
    return int(await ready_project.pool.fetchval("SELECT count(*) FROM schedule_intents"))


async def test_posts_are_queued_for_their_instant(ready_project: ReadyProject, clock: MovableClock) -> None:
    """The ids are in the order of the targets; each post is queued and due at the instant, not before."""
    at = clock.now() + timedelta(days=2)
    own = f"sp_{uuid4()}"
    response = await schedule(
        ready_project,
        ready_project.video,
        at,
        to(ready_project.tiktok),
        to(ready_project.instagram, scheduledPostId=own),
    )
    assert response.status_code == 200
    ids = response.json()["scheduledPostIds"]
    assert response.json() == {"scheduledPostIds": ids, "gateStatus": "queued", "scheduledFor": write_instant(at)}
    assert ids[1] == own
    for post_id in ids:
        post = await ready_project.world.post(post_id)
        assert (post["status"], post["scheduledFor"]) == ("queued", write_instant(at))
        assert [entry["message"] for entry in await ready_project.world.timeline(post_id)] == [
            f"Accepted. Due at {write_instant(at)}."
        ]
    assert await ready_project.pool.fetchval("SELECT bool_and(run_at = $1) FROM scheduled_posts", at)


@pytest.mark.parametrize(
    ("away", "code"), [(timedelta(seconds=-31), "in_the_past"), (timedelta(days=366), "too_far_ahead")]
)
async def test_an_instant_out_of_bounds_is_an_issue(
    ready_project: ReadyProject, clock: MovableClock, away: timedelta, code: str
) -> None:
    """More than 30 seconds ago or more than 365 days ahead: an issue at `scheduledFor`, and nothing is written."""
    response = await schedule(ready_project, ready_project.image, clock.now() + away, to(ready_project.tiktok))
    assert (response.status_code, issues(response), await ready_project.posts()) == (422, {"scheduledFor": code}, 0)


async def test_an_instant_out_of_bounds_is_reported_with_the_other_issues(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """A caller can fix all issues of a body at once, including that of the instant."""
    response = await schedule(
        ready_project, ready_project.image, clock.now() - timedelta(days=1), {"socialAccountId": "x", "mode": "fax"}
    )
    assert (response.status_code, set(issues(response))) == (
        422,
        {"scheduledFor", "targets[0].socialAccountId", "targets[0].mode"},
    )


async def test_an_instant_just_past_is_due_now(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Clocks differ: up to 30 seconds in the past is accepted and kept as sent, and the post is due now."""
    at = clock.now() - timedelta(seconds=30)
    response = await schedule(ready_project, ready_project.image, at, to(ready_project.tiktok))
    assert (response.status_code, response.json()["scheduledFor"]) == (200, write_instant(at))
    assert await ready_project.pool.fetchval("SELECT run_at FROM scheduled_posts") == clock.now()


@pytest.mark.parametrize("instant", ["2026-12-01T10:00:00", "tomorrow", 1, None])
async def test_an_instant_has_an_offset(ready_project: ReadyProject, instant: object) -> None:
    """No offset, or a value that is not an instant, is an issue, beside the others."""
    body = {"scheduledFor": instant, "targets": []}
    response = await ready_project.client.post(f"/v1/content/{ready_project.image}/schedule", json=body)
    assert (response.status_code, set(issues(response))) == (422, {"scheduledFor", "targets"})


@pytest.mark.parametrize("offset", [timedelta(hours=5, minutes=45), -timedelta(hours=12), timedelta(hours=14)])
async def test_any_offset_is_answered_in_utc(
    ready_project: ReadyProject, clock: MovableClock, offset: timedelta
) -> None:
    """The same instant is scheduled, stored and returned in UTC, whatever its offset."""
    at = clock.now() + timedelta(hours=1)
    body = {
        "scheduledFor": at.astimezone(timezone(offset)).isoformat(),
        "targets": [{"socialAccountId": ready_project.tiktok, "mode": "publish"}],
    }
    response = await ready_project.client.post(f"/v1/content/{ready_project.image}/schedule", json=body)
    assert (response.status_code, response.json()["scheduledFor"]) == (200, write_instant(at)), response.text
    assert await ready_project.pool.fetchval("SELECT run_at FROM scheduled_posts") == at


@pytest.mark.parametrize("approval", ["not_required", "approved", "pending"])
async def test_every_check_of_publish_runs(ready_project: ReadyProject, clock: MovableClock, approval: str) -> None:
    """Whether the content waits or not: unknown and unready accounts and existing ids are refused, and nothing is kept."""
    await ready_project.change("content_containers", ready_project.image, approval_status=approval)
    at, existing = clock.now() + timedelta(hours=1), f"sp_{uuid4()}"
    assert (
        await ready_project.publish(ready_project.slideshow, to(ready_project.tiktok, scheduledPostId=existing))
    ).status_code == 200
    for target, status, code in (
        (to(f"sa_{uuid4()}"), 404, "NOT_FOUND"),
        (to(ready_project.instagram, shareReelToFeed=True), 422, "VALIDATION"),
        ({**to(ready_project.tiktok), "mode": "managed"}, 422, "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"),
        (to(ready_project.tiktok, tiktokMusic={"mode": "manual", "trackId": str(uuid4())}), 422, "VALIDATION"),
        (to(ready_project.tiktok, scheduledPostId=existing), 409, "CONFLICT_DUPLICATE_ID"),
    ):
        response = await schedule(ready_project, ready_project.image, at, to(ready_project.instagram), target)
        assert (response.status_code, error(response)["code"]) == (status, code)
    assert (await ready_project.posts(), await intents(ready_project)) == (1, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"status": "queued"}, "CONFLICT"), ({"approval_status": "rejected"}, "CONTENT_REJECTED")],
)
async def test_incomplete_and_rejected_content_is_refused(
    ready_project: ReadyProject, clock: MovableClock, change: dict[str, object], code: str
) -> None:
    """Content that is not completed, or was rejected, is a conflict as in publish."""
    await ready_project.change("content_containers", ready_project.image, **change)
    response = await schedule(ready_project, ready_project.image, clock.now(), to(ready_project.tiktok))
    assert (response.status_code, error(response)["code"]) == (409, code)


async def test_a_call_for_pending_content_is_kept(ready_project: ReadyProject, clock: MovableClock) -> None:
    """202 without posts; several calls can wait for one container; publish is still refused."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    at = clock.now() + timedelta(hours=1)
    first = await schedule(ready_project, ready_project.image, at, to(ready_project.tiktok))
    assert (first.status_code, first.json()) == (
        202,
        {"scheduledPostIds": [], "gateStatus": "blocked_on_approval", "scheduledFor": write_instant(at)},
    )
    assert (await schedule(ready_project, ready_project.image, at, to(ready_project.instagram))).status_code == 202
    assert (await ready_project.posts(), await intents(ready_project)) == (0, 2)
    assert (await ready_project.publish(ready_project.image, to(ready_project.tiktok))).status_code == 403


@pytest.mark.parametrize(("approval", "status"), [("not_required", 200), ("pending", 202)])
async def test_the_response_is_replayed(
    ready_project: ReadyProject, clock: MovableClock, approval: str, status: int
) -> None:
    """The same call with the same key: the same bytes and status and one effect, even after its instant has passed."""
    await ready_project.change("content_containers", ready_project.image, approval_status=approval)
    at = clock.now() + timedelta(minutes=5)
    replays = await asyncio.gather(
        *(schedule(ready_project, ready_project.image, at, to(ready_project.tiktok), key="k") for _ in range(5))
    )
    clock.advance(timedelta(hours=1))
    late = await schedule(ready_project, ready_project.image, at, to(ready_project.tiktok), key="k")
    responses = [*replays, late]
    assert {(response.status_code, response.content) for response in responses} == {(status, replays[0].content)}
    assert [response.headers.get("Idempotent-Replayed") for response in responses].count(None) == 1
    assert (await ready_project.posts(), await intents(ready_project)) == ((1, 0) if status == 200 else (0, 1))
    other = await schedule(ready_project, ready_project.image, clock.now(), to(ready_project.tiktok), key="k")
    assert (other.status_code, error(other)["code"]) == (409, "IDEMPOTENCY_CONFLICT")


async def test_a_call_concurrent_with_a_decision_is_not_lost(ready_project: ReadyProject, clock: MovableClock) -> None:
    """During a decision the call waits for it, then creates posts or is refused as rejected."""
    at = clock.now() + timedelta(hours=1)
    for decision, status in (("approved", 200), ("rejected", 409)):
        await ready_project.change("content_containers", ready_project.image, approval_status="pending")
        async with ready_project.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "UPDATE content_containers SET approval_status = $2 WHERE id = $1", bare(ready_project.image), decision
            )
            call = asyncio.create_task(schedule(ready_project, ready_project.image, at, to(ready_project.tiktok)))
            await until_waiting(ready_project.pool)
        assert (await call).status_code == status
        assert await intents(ready_project) == 0
    assert await ready_project.posts() == 1


async def test_at_most_twenty_calls_wait(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Of thirty calls at the same time twenty are kept; withdrawing one makes room for another."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    at = clock.now() + timedelta(hours=1)
    call = (schedule(ready_project, ready_project.image, at, to(ready_project.tiktok)) for _ in range(30))
    answers = await asyncio.gather(*call)
    assert sorted(answer.status_code for answer in answers) == [202] * 20 + [409] * 10
    refused = next(answer for answer in answers if answer.status_code == 409)
    details = {"reason": "too_many_intents", "containerId": ready_project.image, "limit": 20}
    assert (error(refused)["code"], error(refused)["details"]) == ("CONFLICT", details)
    path = f"/v1/content/{ready_project.image}/schedule-intents"
    listed = (await ready_project.client.get(path)).json()["items"]
    assert len(listed) == 20
    withdrawn = await ready_project.client.delete(f"{path}/{listed[7]['id']}")
    assert (withdrawn.status_code, withdrawn.json()) == (200, {"id": listed[7]["id"]})
    assert (await schedule(ready_project, ready_project.image, at, to(ready_project.tiktok))).status_code == 202


async def test_waiting_calls_are_listed_moved_and_withdrawn(ready_project: ReadyProject, clock: MovableClock) -> None:
    """The list shows what was sent; a moved call has its new time when approved; a withdrawn one creates nothing."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    at, later = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=5)
    own = f"sp_{uuid4()}"
    music = {"mode": "auto"}
    first = to(ready_project.tiktok, scheduledPostId=own, captionOverride="Only here", tiktokMusic=music)
    assert (await schedule(ready_project, ready_project.image, at, first)).status_code == 202
    assert (await schedule(ready_project, ready_project.image, at, to(ready_project.instagram))).status_code == 202
    path = f"/v1/content/{ready_project.image}/schedule-intents"
    kept, dropped = (await ready_project.client.get(path)).json()["items"]
    assert kept["id"].startswith("int_")
    assert (kept["scheduledFor"], kept["createdAt"]) == (write_instant(at), write_instant(clock.now()))
    (target,) = kept["targets"]
    assert {name: value for name, value in target.items() if value is not None} == {
        **first,
        "tiktokMusic": {"mode": "auto", "trackId": None},
    }
    body = {"scheduledFor": write_instant(later)}
    moved = await ready_project.client.post(f"{path}/{kept['id']}/reschedule", json=body)
    assert (moved.status_code, moved.json()) == (200, {"id": kept["id"], **body})
    body = {"scheduledFor": write_instant(clock.now() - timedelta(hours=1))}
    too_early = await ready_project.client.post(f"{path}/{kept['id']}/reschedule", json=body)
    assert (too_early.status_code, issues(too_early)) == (422, {"scheduledFor": "in_the_past"})
    assert (await ready_project.client.delete(f"{path}/{dropped['id']}")).status_code == 200
    assert (await ready_project.client.delete(f"{path}/{dropped['id']}")).status_code == 404
    approved = await ready_project.client.post(f"/v1/content/{ready_project.image}/approve")
    assert approved.json()["pendingSchedulePromotion"]["scheduledPostIds"] == [own]
    assert (await ready_project.world.post(own))["scheduledFor"] == write_instant(later)
    assert (await ready_project.client.get(path)).json() == {"items": [], "nextCursor": None}
    assert (await ready_project.client.post(f"{path}/{kept['id']}/reschedule", json=body)).status_code in (404, 422)
