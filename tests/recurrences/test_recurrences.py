"""Recurring posts: the rule, the occurrences that a call and a worker make, skipping, moving, changing and ending."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare, insert_account
from tests.posts.test_publish import error, issues

from presswork.core.timestamps import write_instant
from presswork.worker.recurrence_jobs import RecurrenceJob, recurrence_jobs
from presswork.worker.row_jobs import RowJobs

START = datetime(2026, 12, 2, 9, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def clock() -> MovableClock:
    """Always begin at the same instant: what recurs depends on the calendar."""
    return MovableClock(instant=START)


async def recur(ready: ReadyProject, container: str | None = None, **changes: object) -> httpx2.Response:
    """Send a call that creates a recurrence: each day at 08:30 in Lisbon, on Instagram, unless the test says otherwise."""
    body: dict[str, object] = {
        "rule": {"every": 1, "unit": "day"},
        "time": "08:30",
        "timezone": "Europe/Lisbon",
        "targets": [{"socialAccountId": ready.instagram, "mode": "publish"}],
        **changes,
    }
    return await ready.client.post(f"/v1/content/{container or ready.image}/recurrences", json=body)


async def created(ready: ReadyProject, container: str | None = None, **changes: object) -> dict[str, Any]:
    """Create a recurrence and return it."""
    response = await recur(ready, container, **changes)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def found(ready: ReadyProject, recurrence: str) -> dict[str, Any]:
    """Read a recurrence."""
    response = await ready.client.get(f"/v1/recurrences/{recurrence}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def jobs_of(ready: ReadyProject, worker_id: str = "w1") -> RowJobs[RecurrenceJob]:
    """Return the job source of a worker."""
    context = ready.world.api.context
    return recurrence_jobs(ready.pool, context.platforms, context.clock, worker_id=worker_id, leases=ready.pool)


async def work(jobs: RowJobs[RecurrenceJob]) -> None:
    """Do every job that a worker can claim."""
    while claimed := await jobs.claim(10):
        for job in claimed:
            await jobs.run(job)


async def queued(ready: ReadyProject) -> list[dict[str, Any]]:
    """Return all queued posts, the first one first."""
    response = await ready.client.get(
        "/v1/scheduled-posts", params={"status": "queued", "order": "asc", "limit": "200"}
    )
    return list(response.json()["items"])


async def test_the_call_makes_the_posts_of_35_days(ready_project: ReadyProject) -> None:
    """Ordinary posts of the recurrence, at 08:30 in Lisbon each day, from tomorrow on: 09:00 has passed today."""
    recurrence = await created(ready_project, captions=["One", "Two"])
    posts = await queued(ready_project)
    times = [post["scheduledFor"] for post in posts]
    assert times == [f"{START.date() + timedelta(days=n)}T08:30:00.000Z" for n in range(1, 36)]
    assert recurrence["occurrences"] == times
    assert {post["recurrenceId"] for post in posts} == {recurrence["id"]}
    assert [post["captionOverride"] for post in posts[:3]] == ["One", "Two", "One"]
    assert (recurrence["nextAt"], recurrence["status"], recurrence["endedAt"]) == (times[0], "active", None)
    assert await found(ready_project, recurrence["id"]) == recurrence
    for path in (f"/v1/content/{ready_project.image}", f"/v1/projects/{ready_project.project}"):
        listed = await ready_project.client.get(f"{path}/recurrences")
        assert listed.json() == {"items": [recurrence], "nextCursor": None}


async def test_a_worker_makes_the_rest_each_once(ready_project: ReadyProject, clock: MovableClock) -> None:
    """As time goes by; two workers at once, and one that dies after its claim, make nothing twice."""
    recurrence = await created(ready_project, count=40)
    assert await jobs_of(ready_project).claim(10) == []
    clock.instant += timedelta(days=3)
    (lost,) = await jobs_of(ready_project, "dead").claim(10)
    clock.instant += timedelta(minutes=2)
    await asyncio.gather(*(work(jobs_of(ready_project, name)) for name in ("a", "b")), jobs_of(ready_project).run(lost))
    posts = await queued(ready_project)
    assert len(posts) == len({post["scheduledFor"] for post in posts}) == 38
    clock.instant += timedelta(days=30)
    await work(jobs_of(ready_project))
    assert len(await queued(ready_project)) == 40
    last = write_instant(START.replace(hour=8, minute=30) + timedelta(days=40))
    recurrence = await found(ready_project, recurrence["id"])
    assert (recurrence["endedAt"], recurrence["status"]) == (last, "active")
    clock.instant += timedelta(days=10)
    assert (await found(ready_project, recurrence["id"]))["status"] == "ended"


async def test_skipped_and_moved_occurrences_stay_so(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Cancel a post to skip it, reschedule it to move it: a change of the recurrence makes neither again."""
    recurrence = await created(ready_project)
    skipped, moved, *_ = await queued(ready_project)
    await ready_project.client.request("DELETE", f"/v1/scheduled-posts/{skipped['id']}")
    to = write_instant(START + timedelta(days=9))
    await ready_project.client.post(f"/v1/scheduled-posts/{moved['id']}/reschedule", json={"scheduledFor": to})
    changed = await ready_project.client.patch(f"/v1/recurrences/{recurrence['id']}", json={"captions": ["New"]})
    assert changed.status_code == 200, changed.text
    posts = await queued(ready_project)
    assert len(posts) == 34 == len(changed.json()["occurrences"])
    assert {post["captionOverride"] for post in posts if post["id"] != moved["id"]} == {"New"}
    assert [post["captionOverride"] for post in posts if post["id"] == moved["id"]] == [None]
    assert changed.json()["nextAt"] == write_instant(START.replace(hour=8, minute=30) + timedelta(days=3))
    other = await ready_project.client.patch(f"/v1/recurrences/{recurrence['id']}", json={"time": "10:00"})
    assert [at[11:16] for at in other.json()["occurrences"]].count("10:00") == 32
    ended = await ready_project.client.request("DELETE", f"/v1/recurrences/{recurrence['id']}")
    assert (ended.status_code, ended.json()["canceledPosts"]) == (200, 33)
    assert await queued(ready_project) == []
    again = await ready_project.client.request("DELETE", f"/v1/recurrences/{recurrence['id']}")
    assert again.json() == {**ended.json(), "canceledPosts": 0}
    refused = await ready_project.client.patch(f"/v1/recurrences/{recurrence['id']}", json={"time": "10:00"})
    assert (refused.status_code, error(refused)["details"]["reason"]) == (409, "recurrence_ended")
    clock.instant += timedelta(days=40)
    await work(jobs_of(ready_project))
    assert await queued(ready_project) == []


async def test_a_change_keeps_the_count_of_weeks(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Every other Monday stays the same Mondays when captions change, and counts from now on when the rule does."""
    every_other = {"every": 2, "unit": "week", "weekdays": ["mon"]}
    recurrence = await created(ready_project, rule=every_other)
    assert [at[:10] for at in recurrence["occurrences"]] == ["2026-12-07", "2026-12-21", "2027-01-04"]
    clock.instant += timedelta(days=6)
    url = f"/v1/recurrences/{recurrence['id']}"
    changed = (await ready_project.client.patch(url, json={"captions": ["New"]})).json()
    assert [at[:10] for at in changed["occurrences"]] == ["2026-12-21", "2027-01-04"]
    changed = (await ready_project.client.patch(url, json={"rule": every_other})).json()
    assert [at[:10] for at in changed["occurrences"]] == ["2026-12-14", "2026-12-28", "2027-01-11"]


async def test_pending_content_has_a_waiting_call_for_each_occurrence(ready_project: ReadyProject) -> None:
    """All of one recurrence count as one of the twenty; approval makes the posts, of moved ones at their new times."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending")
    recurrence = await created(ready_project)
    assert len(recurrence["occurrences"]) == 35
    calls = (await ready_project.client.get(f"/v1/content/{ready_project.image}/schedule-intents")).json()["items"]
    assert len(calls) == 35
    url = f"/v1/content/{ready_project.image}/schedule-intents"
    await ready_project.client.request("DELETE", f"{url}/{calls[0]['id']}")  # it holds the place of all
    to = write_instant(START + timedelta(days=9))
    await ready_project.client.post(f"{url}/{calls[1]['id']}/reschedule", json={"scheduledFor": to})
    body = {"scheduledFor": to, "targets": [{"socialAccountId": ready_project.tiktok, "mode": "publish"}]}
    codes = [
        (await ready_project.client.post(f"/v1/content/{ready_project.image}/schedule", json=body)).status_code
        for _ in range(20)
    ]
    assert codes == [202] * 19 + [409]
    changed = await ready_project.client.patch(f"/v1/recurrences/{recurrence['id']}", json={"captions": ["New"]})
    assert len(changed.json()["occurrences"]) == 34
    approved = await ready_project.client.post(f"/v1/content/{ready_project.image}/approve", json={})
    assert approved.json()["pendingSchedulePromotion"]["status"] == "ok", approved.text
    posts = [post for post in await queued(ready_project) if post["recurrenceId"] == recurrence["id"]]
    assert [post["captionOverride"] for post in posts].count("New") == 33
    assert (await found(ready_project, recurrence["id"]))["occurrences"] == changed.json()["occurrences"]


async def test_it_ends_with_what_it_needs(ready_project: ReadyProject, clock: MovableClock) -> None:
    """A rejection, a deletion, an archived project and an account that is disconnected, each in its own transaction."""
    both = [
        {"socialAccountId": account, "mode": "publish"} for account in (ready_project.instagram, ready_project.tiktok)
    ]
    two, one = await created(ready_project, targets=both), await created(ready_project, ready_project.video)
    pending = await created(ready_project, ready_project.slideshow, rule={"every": 1, "unit": "month"}, targets=both)
    await ready_project.change("content_containers", ready_project.slideshow, approval_status="pending")
    waiting = await created(ready_project, ready_project.slideshow, targets=both)
    gone = await ready_project.client.request("DELETE", f"/v1/social-accounts/{ready_project.instagram}")
    assert gone.status_code == 200, gone.text
    reduced = await found(ready_project, two["id"])
    assert [target["socialAccountId"] for target in reduced["targets"]] == [ready_project.tiktok]
    assert (await found(ready_project, one["id"]))["status"] == "ended"
    clock.instant += timedelta(days=2)
    await work(jobs_of(ready_project))
    posts = await queued(ready_project)
    assert {post["socialAccountId"] for post in posts} == {ready_project.tiktok}
    assert [post["recurrenceId"] for post in posts].count(two["id"]) == 37
    calls = await ready_project.client.get(f"/v1/content/{ready_project.slideshow}/schedule-intents")
    assert {len(call["targets"]) for call in calls.json()["items"]} == {1}
    await ready_project.client.post(f"/v1/content/{ready_project.slideshow}/reject", json={"reason": "no"})
    assert [(await found(ready_project, one["id"]))["status"] for one in (pending, waiting)] == ["ended"] * 2
    await ready_project.client.patch(f"/v1/projects/{ready_project.project}", json={"status": "archived"})
    assert (await found(ready_project, two["id"]))["status"] == "ended"
    clock.instant += timedelta(days=40)
    await work(jobs_of(ready_project))
    assert await queued(ready_project) == []


async def test_a_refused_occurrence_is_shown_and_tried_again(ready_project: ReadyProject, clock: MovableClock) -> None:
    """An account that needs a new login stops its recurrence alone; nothing is half made, and missed ones are left out."""
    other = await insert_account(
        ready_project.pool, ready_project.project, "tiktok", ["user.info.basic", "video.publish"]
    )
    targets = [{"socialAccountId": account, "mode": "publish"} for account in (ready_project.instagram, other)]
    bad, good = await created(ready_project, targets=targets), await created(ready_project)
    await ready_project.change("social_accounts", other, status="reauth_required")
    clock.instant += timedelta(days=1)
    await work(jobs_of(ready_project))
    shown = await found(ready_project, bad["id"])
    assert shown["lastError"]["code"] == "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"
    assert (await found(ready_project, good["id"]))["lastError"] is None
    count = "SELECT count(*) FROM scheduled_posts WHERE recurrence_id = $1"
    assert await ready_project.pool.fetchval(count, bare(bad["id"])) == 70
    assert await ready_project.pool.fetchval(count, bare(good["id"])) == 36
    clock.instant += timedelta(days=36)
    await ready_project.change("social_accounts", other, status="connected")
    await work(jobs_of(ready_project))
    shown = await found(ready_project, bad["id"])
    assert (shown["lastError"], len(shown["occurrences"])) == (None, 35)
    assert await ready_project.pool.fetchval(count, bare(bad["id"])) == 140


async def test_wrong_bodies_name_the_field(ready_project: ReadyProject) -> None:
    """What does not go together is refused, and nothing is written; so is content that can't be published."""
    target = {"socialAccountId": ready_project.instagram, "mode": "publish"}
    for changes, path in (
        ({"rule": {"every": 0, "unit": "day"}}, "rule.every"),
        ({"rule": {"every": 1, "unit": "day", "weekdays": ["mon"]}}, "rule.weekdays"),
        ({"rule": {"every": 1, "unit": "week", "monthDay": 3}}, "rule.monthDay"),
        ({"rule": {"every": 1, "unit": "month", "monthDay": 32}}, "rule.monthDay"),
        ({"rule": {"every": 1, "unit": "week", "weekdays": ["mon", "mon"]}}, "rule.weekdays"),
        ({"time": "24:00"}, "time"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"count": 0}, "count"),
        ({"count": 3, "until": "2027-01-01T00:00:00Z"}, ""),
        ({"until": "2026-12-03T08:29:00Z"}, "until"),
        ({"targets": []}, "targets"),
        ({"targets": [{**target, "scheduledPostId": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"}]}, "targets"),
        ({"captions": ["x"] * 21}, "captions"),
    ):
        response = await recur(ready_project, **changes)
        assert (response.status_code, list(issues(response))) == (422, [path]), (changes, response.text)
    await ready_project.change("content_containers", ready_project.video, status="processing")
    assert (await recur(ready_project, ready_project.video)).status_code == 409
    assert await ready_project.pool.fetchval("SELECT count(*) FROM recurrences") == 0
    for _ in range(20):
        await created(ready_project, rule={"every": 366, "unit": "day"})
    full = await recur(ready_project)
    assert (full.status_code, error(full)["details"]["reason"]) == (409, "too_many_recurrences")
