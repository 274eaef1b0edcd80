"""Instants: daylight saving, leap days and seconds, bounds to the microsecond, and a server in another time zone."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx2
import pytest
from tests.api_server import beside, serving
from tests.clocks import MovableClock
from tests.databases import as_owner
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_publish import issues
from tests.posts.test_schedule import to

from presswork.db.pool import Pool
from presswork.platforms.settings import Settings
from presswork.worker.store import WorkStore

MICROSECOND: Final = timedelta(microseconds=1)
LEASE: Final = timedelta(seconds=30)
ODD_ZONE: Final = "America/St_Johns"  # three and a half hours behind, with daylight saving


async def schedule(ready_project: ReadyProject, instant: str, *accounts: str) -> httpx2.Response:
    """Send a schedule call with an instant as written."""
    targets = [to(account) for account in accounts or (ready_project.tiktok,)]
    return await ready_project.client.post(
        f"/v1/content/{ready_project.image}/schedule", json={"scheduledFor": instant, "targets": targets}
    )


async def claimed(ready_project: ReadyProject, at: datetime) -> list[UUID]:
    """Return the posts that a worker claims at an instant."""
    store = WorkStore(ready_project.pool, worker_id="one")
    return [post.id for post in await store.claim(now=at, lease=timedelta(days=365), limit=9)]


@pytest.mark.parametrize(
    ("zone", "now", "instants"),
    [
        ("Europe/Berlin", "2027-03-01", ["2027-03-28T00:59:59Z", "2027-03-28T01:00:00Z"]),  # 02:00 to 03:00 is skipped
        ("Europe/Berlin", "2027-10-01", ["2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"]),  # 02:30 comes twice
        ("Australia/Lord_Howe", "2027-04-01", ["2027-04-03T14:45:00Z", "2027-04-03T15:15:00Z"]),  # half an hour, twice
        ("America/St_Johns", "2027-03-01", ["2027-03-14T05:29:59Z", "2027-03-14T05:30:00Z"]),
        ("Asia/Tokyo", "2028-02-01", ["2028-02-29T00:00:00Z", "2028-02-29T23:59:59.999999Z"]),
        ("Pacific/Kiritimati", "2026-12-01", ["2026-12-31T23:59:59.999999Z", "2027-01-01T00:00:00Z"]),
    ],
)
async def test_posts_are_due_at_the_exact_instant(
    ready_project: ReadyProject, clock: MovableClock, zone: str, now: str, instants: list[str]
) -> None:
    """Around a change of the project's UTC offset, a leap day and New Year: due at the microsecond, and not before."""
    await ready_project.change("projects", ready_project.project, timezone=zone)
    clock.instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    for instant, account in zip(instants, (ready_project.tiktok, ready_project.instagram), strict=True):
        response = await schedule(ready_project, instant, account)
        due = datetime.fromisoformat(instant)
        shown = due.strftime("%Y-%m-%dT%H:%M:%S.") + f"{due.microsecond // 1000:03}Z"
        (post,) = response.json()["scheduledPostIds"]
        assert response.json()["scheduledFor"] == (await ready_project.world.post(post))["scheduledFor"] == shown
        assert await claimed(ready_project, due - MICROSECOND) == []
        assert await claimed(ready_project, due) == [bare(post)]


@pytest.mark.parametrize(
    "instant",
    [
        "2026-12-31T23:59:60Z",  # a leap second: no clock shows it
        "2027-02-29T12:00:00Z",  # no leap year
        "2026-12-31T24:00:00Z",
        "2026-12-31T23:60:00Z",
        "2026-12-31T23:59:59.1234567Z",
        "2026-12-31T23:59:59,5Z",
        "2026-12-31T23:59Z",
        "٢٠٢٦-12-31T23:59:59Z",
    ],
)
async def test_an_invalid_instant_is_an_issue(ready_project: ReadyProject, clock: MovableClock, instant: str) -> None:
    """An instant that does not exist, or is finer than a microsecond, is an issue that shows the format."""
    clock.instant = datetime(2026, 12, 1, tzinfo=UTC)
    response = await schedule(ready_project, instant)
    (issue,) = response.json()["error"]["details"]["issues"]
    assert (response.status_code, issue["path"]) == (422, "scheduledFor")
    assert "2026-11-24T18:30:00Z" in issue["message"]
    assert await ready_project.posts() == 0


@pytest.mark.parametrize(
    ("written", "microsecond", "shown"),
    [
        ("05Z", 0, "05.000Z"),
        ("05.1Z", 100_000, "05.100Z"),
        ("05.1239Z", 123_900, "05.123Z"),
        ("05.000001Z", 1, "05.000Z"),
    ],
)
async def test_fractions_are_kept_to_the_microsecond(
    ready_project: ReadyProject, clock: MovableClock, written: str, microsecond: int, shown: str
) -> None:
    """A post is due at the given microsecond; responses show milliseconds, and a list finds it by those."""
    clock.instant = datetime(2026, 12, 1, tzinfo=UTC)
    response = await schedule(ready_project, f"2026-12-24T18:30:{written}")
    reported = f"2026-12-24T18:30:{shown}"
    assert (response.status_code, response.json()["scheduledFor"]) == (200, reported)
    due = await ready_project.pool.fetchval("SELECT run_at FROM scheduled_posts")
    assert due == datetime(2026, 12, 24, 18, 30, 5, microsecond, UTC)
    for order in ("asc", "desc"):
        query = {"since": reported, "until": reported, "order": order}
        page = await ready_project.client.get(f"/v1/projects/{ready_project.project}/scheduled-posts", params=query)
        assert [post["id"] for post in page.json()["items"]] == response.json()["scheduledPostIds"]


@pytest.mark.parametrize(
    ("away", "status"),
    [
        (timedelta(seconds=-30), 200),
        (timedelta(seconds=-30) - MICROSECOND, 422),
        (timedelta(days=365), 200),
        (timedelta(days=365) + MICROSECOND, 422),
    ],
)
async def test_bounds_are_exact(ready_project: ReadyProject, clock: MovableClock, away: timedelta, status: int) -> None:
    """Thirty seconds ago and 365 days ahead are accepted, a microsecond beyond is not, in schedule and reschedule."""
    (post,) = (await ready_project.publish(ready_project.image, to(ready_project.tiktok))).json()["scheduledPostIds"]
    instant = (clock.now() + away).isoformat(timespec="microseconds").replace("+00:00", "Z")
    moved = await ready_project.client.post(f"/v1/scheduled-posts/{post}/reschedule", json={"scheduledFor": instant})
    for response in (await schedule(ready_project, instant), moved):
        assert response.status_code == status
        if status == 422:
            code = "in_the_past" if away < timedelta(0) else "too_far_ahead"
            assert issues(response) == {"scheduledFor": code}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("bound", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
async def test_a_list_accepts_the_extreme_instants(ready_project: ReadyProject, bound: str, order: str) -> None:
    """The first and the last representable instant are valid bounds."""
    assert (await ready_project.publish(ready_project.image, to(ready_project.tiktok))).status_code == 200
    for name in ("since", "until"):
        response = await ready_project.client.get(
            f"/v1/projects/{ready_project.project}/scheduled-posts", params={name: bound, "order": order}
        )
        is_in = (name == "since") == bound.startswith("0001")
        assert (response.status_code, len(response.json()["items"])) == (200, int(is_in))


# A server whose own time zone is not UTC ---------------------------------------------------------------------------------


@pytest.fixture
async def odd_pool(dsn: str, ready_project: ReadyProject) -> AsyncIterator[Pool]:
    """Connections in another time zone, as behind a pooler that ignores a client's settings."""
    database = await ready_project.pool.fetchval("SELECT current_database()")
    await as_owner(ready_project.pool, f"ALTER DATABASE {database} SET timezone = '{ODD_ZONE}'")
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        assert await pool.fetchval("SHOW timezone") == ODD_ZONE
        yield pool


async def _responses(ready_project: ReadyProject, posts: list[str]) -> list[dict[str, Any]]:
    """Return the API's responses about posts: each post, its timeline, and lists with bounds."""
    responses = []
    for post in posts:
        responses.append(await ready_project.world.post(post))
        responses.append({"timeline": await ready_project.world.timeline(post)})
    day = {"since": "2026-12-31T00:00:00Z", "until": "2026-12-31T23:59:59.999Z"}
    for query in ({"order": "asc"}, {"order": "desc", "limit": "1"}, day):
        page = await ready_project.client.get(f"/v1/projects/{ready_project.project}/scheduled-posts", params=query)
        responses.append({**page.json(), "nextCursor": page.json()["nextCursor"] is not None})  # it holds an id
    return responses


async def _scenario(ready_project: ReadyProject, pool: Pool, clock: MovableClock) -> None:
    """Schedule around midnight, claim and snooze: every place where SQL writes or compares an instant."""
    clock.instant = datetime(2026, 12, 1, tzinfo=UTC)
    for instant in ("2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z"):
        assert (await schedule(ready_project, instant)).status_code == 200
    store, due = WorkStore(pool, worker_id="one"), datetime(2027, 1, 1, tzinfo=UTC)
    assert await store.next_due(now=clock.now()) == due - timedelta(milliseconds=1) - clock.now()
    assert await store.claim(now=due - timedelta(milliseconds=2), lease=LEASE, limit=9) == []
    (post,) = await store.claim(now=due, lease=LEASE, limit=9)
    await store.snooze(post, until=due + timedelta(hours=3), reason="Wait.", now=due)


def _without_ids(responses: list[dict[str, Any]], posts: list[str]) -> str:
    text = json.dumps(responses)
    for number, post in enumerate(posts):
        text = text.replace(post, f"post {number}")
    return text


async def test_the_servers_time_zone_has_no_effect(
    ready_project: ReadyProject, clock: MovableClock, settings: Settings, dsn: str, odd_pool: Pool, tmp_path: Path
) -> None:
    """The same scenario on connections in UTC and in St. John's: posts, timelines and lists are the same, all in UTC."""
    reported = []
    for pool in (ready_project.pool, odd_pool):
        await as_owner(
            ready_project.pool,
            "TRUNCATE scheduled_posts, post_events, live_changes, live_reads, post_insights_latest, comments, comment_calls, queue_holds",
        )
        await _scenario(ready_project, pool, clock)
        rows = await ready_project.pool.fetch("SELECT id FROM scheduled_posts ORDER BY scheduled_for, id LIMIT 9")
        posts = [f"sp_{row['id']}" for row in rows]
        reported.append(_without_ids(await _responses(ready_project, posts), posts))
    assert reported[0] == reported[1]
    assert '"nextAt": "2027-01-01T03:00:00.000Z"' in reported[0]
    clock.instant = datetime.now(UTC)
    async with serving(beside(settings, tmp_path / "elsewhere"), dsn=dsn, clock=clock) as api:  # new connections
        client = await api.anonymous(headers=dict(ready_project.client.headers))
        page = await client.get(f"/v1/projects/{ready_project.project}/scheduled-posts", params={"order": "asc"})
        assert [post["scheduledFor"] for post in page.json()["items"]] == [
            "2026-12-31T23:59:59.999Z",
            "2027-01-01T00:00:00.000Z",
        ]
