"""Queues over HTTP: they are created, changed and deleted; calls take their slots; posts move between them and leave them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, insert_container

from presswork.core.timestamps import write_instant

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY = [{"weekday": day, "time": "12:00"} for day in WEEKDAYS]


async def create_queue(ready: ReadyProject, *, slots: Sequence[object] = DAILY, **more: object) -> dict[str, Any]:
    """Create a queue of the project."""
    body = {"name": "Daily", "slots": slots, "timezone": "UTC", **more}
    response = await ready.client.post(f"/v1/projects/{ready.project}/queues", json=body)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def enqueue(
    ready: ReadyProject,
    *accounts: str,
    queue: str = "default",
    container: str = "",
    key: str | None = None,
    **more: object,
) -> httpx2.Response:
    """Send a schedule call with a queue."""
    targets = [{"socialAccountId": account, "mode": "publish"} for account in accounts or (ready.instagram,)]
    return await ready.client.post(
        f"/v1/content/{container or ready.image}/schedule",
        json={"queue": queue, "targets": targets, **more},
        headers={} if key is None else {"Idempotency-Key": key},
    )


async def enqueued(ready: ReadyProject, *accounts: str, **more: Any) -> tuple[list[str], str]:
    """Send a schedule call with a queue, and return its posts and their time."""
    response = await enqueue(ready, *accounts, **more)
    assert response.status_code == 200, response.text
    return response.json()["scheduledPostIds"], response.json()["scheduledFor"]


async def check(ready: ReadyProject, *accounts: str, **more: object) -> httpx2.Response:
    """Send a preflight of a schedule call."""
    targets = [{"socialAccountId": account, "mode": "publish"} for account in accounts or (ready.instagram,)]
    return await ready.client.post(f"/v1/content/{ready.image}/preflight", json={"targets": targets, **more})


async def slots(ready: ReadyProject, queue: str, *, count: int = 20, start: str | None = None) -> list[dict[str, Any]]:
    """Return the slots of a queue."""
    query = {"count": str(count), **({} if start is None else {"from": start})}
    response = await ready.client.get(f"/v1/queues/{queue}/slots", params=query)
    assert response.status_code == 200, response.text
    return list(response.json()["items"])


async def test_calls_take_the_next_slots(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Each call takes the first slot that is free for all its accounts; `last` the one after all that are taken."""
    ready, queue = ready_project, await create_queue(ready_project)
    assert queue["isDefault"]
    free = [slot["slotAt"] for slot in await slots(ready, queue["id"], count=5)]
    assert [datetime.fromisoformat(at).hour for at in free] == [12] * 5
    (first,), at = await enqueued(ready)
    assert at == free[0]
    post = await ready.world.post(first)
    assert (post["queueId"], post["slotAt"], post["scheduledFor"]) == (queue["id"], free[0], free[0])
    both, at = await enqueued(ready, ready.instagram, ready.tiktok, container=ready.video)
    assert at == free[1]
    (alone,), at = await enqueued(ready, ready.tiktok, container=ready.video)
    assert at == free[0], "it is free for the other account"
    (last,), at = await enqueued(ready, ready.tiktok, container=ready.video, position="last", queue=queue["id"])
    assert at == free[2]
    assert [set(slot["takenBy"]) for slot in await slots(ready, queue["id"], count=4)] == [
        {first, alone},
        {*both},
        {last},
        set(),
    ]


async def test_preflight_shows_the_slot_and_takes_none(ready_project: ReadyProject) -> None:
    """It answers when the posts of a call would be due, at each position; why there is no slot is an error of the call."""
    ready = ready_project
    assert (await check(ready, queue="default")).status_code == 404
    queue = await create_queue(ready, socialAccountIds=[ready.instagram], jitterMinutes=20)
    _, taken = await enqueued(ready)
    checked: dict[str, Any] = {}
    for more in ({}, {"position": "next"}, {"position": "last"}):
        checked = (await check(ready, queue="default", **more)).json()
        assert checked["ok"], checked
        again = (await check(ready, queue=queue["id"], **more)).json()
        assert again["scheduledFor"] == checked["scheduledFor"] > taken
    assert (await enqueued(ready))[1] == checked["scheduledFor"]
    assert (await check(ready)).json()["scheduledFor"] is None
    other = (await check(ready, ready.tiktok, queue="default")).json()
    assert (other["ok"], other["scheduledFor"], len(other["errors"])) == (False, None, 1)
    alone = await check(ready, position="next")
    assert [one["path"] for one in alone.json()["error"]["details"]["issues"]] == ["position"]
    await ready.client.patch(f"/v1/queues/{queue['id']}", json={"slots": []})
    empty = (await check(ready, queue="default")).json()
    assert (empty["ok"], empty["scheduledFor"], [one["code"] for one in empty["errors"]]) == (False, None, ["CONFLICT"])


async def test_concurrent_calls_take_different_slots(ready_project: ReadyProject) -> None:
    """Fifty callers at once get fifty slots, one after the other, without a gap; a repeated call gets its slot again."""
    ready, queue = ready_project, await create_queue(ready_project)
    containers = [await insert_container(ready.pool, ready.project, "image") for _ in range(50)]
    answers = await asyncio.gather(
        *(enqueue(ready, container=container, key=f"call-{n}") for n, container in enumerate(containers))
    )
    assert {answer.status_code for answer in answers} == {200}
    expected = [slot["slotAt"] for slot in await slots(ready, queue["id"], count=50)]
    assert sorted(answer.json()["scheduledFor"] for answer in answers) == expected
    again = await enqueue(ready, container=containers[7], key="call-7")
    assert (again.headers["Idempotent-Replayed"], again.content) == ("true", answers[7].content)
    assert await ready.pool.fetchval("SELECT count(*) FROM queue_holds") == 50


async def test_what_ends_or_is_rescheduled_frees_its_slot(ready_project: ReadyProject, clock: MovableClock) -> None:
    """A canceled, failed or rescheduled post leaves its slot, whatever does it; the next call takes the first one."""
    ready = ready_project
    await create_queue(ready)
    posts = [(await enqueued(ready))[0][0] for _ in range(4)]
    first = (await ready.world.post(posts[0]))["slotAt"]
    assert (await ready.client.delete(f"/v1/scheduled-posts/{posts[0]}")).status_code == 200
    at = write_instant(clock.now() + timedelta(hours=30))
    moved = await ready.client.post(f"/v1/scheduled-posts/{posts[1]}/reschedule", json={"scheduledFor": at})
    assert moved.status_code == 200
    await ready.change("scheduled_posts", posts[2], status="failed", last_error='{"code": "INTERNAL"}')
    shown = [await ready.world.post(post) for post in posts]
    assert [(post["queueId"] is None, post["slotAt"] is None) for post in shown] == [(True, True)] * 3 + [
        (False, False)
    ]
    assert await ready.pool.fetchval("SELECT count(*) FROM queue_holds") == 1
    _, due = await enqueued(ready)
    assert due == first
    response = await ready.client.post(f"/v1/scheduled-posts/{posts[0]}/republish", json={})
    again = await ready.world.post(response.json()["scheduledPostId"])
    assert again["queueId"] is None, "a post that is published again takes no slot"
    archived = await ready.client.patch(f"/v1/projects/{ready.project}", json={"status": "archived"})
    assert archived.status_code == 200
    assert await ready.pool.fetchval("SELECT count(*) FROM queue_holds") == 0


async def test_an_intent_holds_its_slot(ready_project: ReadyProject, clock: MovableClock) -> None:
    """A call that waits holds its slot, approval gives it to its posts; if it was approved too late, they take the next one."""
    ready, queue = ready_project, await create_queue(ready_project)
    await ready.change("content_containers", ready.image, approval_status="pending")
    waiting = await enqueue(ready)
    later = await enqueue(ready)
    assert (waiting.status_code, waiting.json()["scheduledPostIds"]) == (202, [])
    first, second, *_ = await slots(ready, queue["id"])
    assert [waiting.json()["scheduledFor"], later.json()["scheduledFor"]] == [first["slotAt"], second["slotAt"]]
    assert [one["takenBy"][0].startswith("int_") for one in (first, second)] == [True, True]
    _, at = await enqueued(ready, container=ready.video)
    assert at > second["slotAt"]
    clock.instant = datetime.fromisoformat(first["slotAt"]) + timedelta(hours=1)
    approved = await ready.client.post(f"/v1/content/{ready.image}/approve", json={})
    assert approved.json()["pendingSchedulePromotion"]["status"] == "ok"
    promoted = approved.json()["pendingSchedulePromotion"]["scheduledPostIds"]
    times = [(await ready.world.post(post))["slotAt"] for post in promoted]
    assert times[1] == second["slotAt"], "it was approved in time"
    assert times[0] > at, "the next free slot is after those that are taken"
    assert [one["takenBy"] for one in (await slots(ready, queue["id"], count=3))] == [
        [promoted[1]],
        [(await slots(ready, queue["id"]))[1]["takenBy"][0]],
        [promoted[0]],
    ]


async def test_a_dropped_or_moved_intent_frees_its_slot(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Moving, withdrawing and dropping a call that waits frees its slot."""
    ready, queue = ready_project, await create_queue(ready_project)
    await ready.change("content_containers", ready.image, approval_status="pending")
    for _ in range(3):
        assert (await enqueue(ready)).status_code == 202
    path = f"/v1/content/{ready.image}/schedule-intents"
    intents = (await ready.client.get(path)).json()["items"]
    assert [(one["queueId"], one["slotAt"]) for one in intents] == [
        (queue["id"], one["scheduledFor"]) for one in intents
    ]
    at = write_instant(clock.now() + timedelta(hours=30))
    await ready.client.post(f"{path}/{intents[0]['id']}/reschedule", json={"scheduledFor": at})
    assert await ready.pool.fetchval("SELECT count(*) FROM queue_holds") == 2
    assert (await ready.client.get(path)).json()["items"][0]["queueId"] is None
    await ready.client.delete(f"{path}/{intents[1]['id']}")
    assert await ready.pool.fetchval("SELECT count(*) FROM queue_holds") == 1
    await ready.client.post(f"/v1/content/{ready.image}/reject", json={"reason": "No"})
    assert await ready.pool.fetchval("SELECT count(*) FROM queue_holds") == 0


async def test_move_to_another_slot(ready_project: ReadyProject) -> None:
    """A queued post moves to a free slot of its queue only; a taken one names what has it."""
    ready, queue = ready_project, await create_queue(ready_project)
    (first,), _ = await enqueued(ready)
    (second,), _ = await enqueued(ready)
    (free,), _ = await enqueued(ready)
    await ready.client.delete(f"/v1/scheduled-posts/{free}")
    at = [slot["slotAt"] for slot in await slots(ready, queue["id"], count=3)]

    async def move(post: str, slot_at: str) -> httpx2.Response:
        return await ready.client.post(f"/v1/scheduled-posts/{post}/move", json={"slotAt": slot_at})

    moved = await move(first, at[2])
    assert (moved.status_code, moved.json()["scheduledFor"]) == (200, at[2])
    post = await ready.world.post(first)
    assert (post["queueId"], post["slotAt"]) == (queue["id"], at[2])
    taken = await move(first, at[1])
    assert (taken.status_code, taken.json()["error"]["details"]["takenBy"]) == (409, [second])
    assert (await move(first, at[2])).status_code == 200, "it is there"
    wrong = await move(first, at[0].replace("12:00", "12:30", 1))
    assert (wrong.status_code, wrong.json()["error"]["details"]["issues"][0]["path"]) == (422, "slotAt")
    assert (await move(free, at[0])).status_code == 409, "it is canceled"
    alone = await ready.client.post(
        f"/v1/content/{ready.image}/schedule",
        json={"scheduledFor": at[0], "targets": [{"socialAccountId": ready.instagram, "mode": "publish"}]},
    )
    outside = await move(alone.json()["scheduledPostIds"][0], at[0])
    assert outside.json()["error"]["details"]["reason"] == "not_in_queue"
    assert [slot["takenBy"] for slot in await slots(ready, queue["id"], count=3)] == [[], [second], [first]]


async def scheduled(ready: ReadyProject, *accounts: str, at: datetime, container: str = "") -> list[str]:
    """Schedule content for a time, and return its posts."""
    targets = [{"socialAccountId": account, "mode": "publish"} for account in accounts or (ready.instagram,)]
    response = await ready.client.post(
        f"/v1/content/{container or ready.image}/schedule",
        json={"scheduledFor": write_instant(at), "targets": targets},
    )
    assert response.status_code == 200, response.text
    return list(response.json()["scheduledPostIds"])


async def reschedule(ready: ReadyProject, post: str, **body: object) -> httpx2.Response:
    """Change when a post is due."""
    return await ready.client.post(f"/v1/scheduled-posts/{post}/reschedule", json=body)


async def test_a_scheduled_post_moves_into_a_queue(ready_project: ReadyProject, clock: MovableClock) -> None:
    """It takes the next free slot, the last one or a named one, alone or with the posts of its call, also from another queue."""
    ready, at = ready_project, clock.now() + timedelta(hours=30)
    assert (await reschedule(ready, (await scheduled(ready, at=at))[0], queue="default")).status_code == 404
    queue = await create_queue(ready, jitterMinutes=20)
    other = await create_queue(ready, name="Other")
    (inside,), _ = await enqueued(ready)
    first, second, third, *_ = [slot["slotAt"] for slot in await slots(ready, queue["id"])]
    both = await scheduled(ready, ready.instagram, ready.tiktok, at=at, container=ready.video)
    dry = [one["scheduledFor"] for one in await slots(ready, queue["id"])]

    moved = (await reschedule(ready, both[1], queue="default", together=True)).json()
    assert (moved["id"], moved["scheduledPostIds"], moved["scheduledFor"]) == (both[1], both[::-1], dry[1])
    shown = [await ready.world.post(post) for post in both]
    assert [(post["queueId"], post["slotAt"], post["scheduledFor"]) for post in shown] == [
        (queue["id"], second, dry[1])
    ] * 2
    assert (await ready.world.timeline(both[0]))[-1]["detail"]["queueId"] == queue["id"]

    assert (await reschedule(ready, both[1], queue="default")).json()["scheduledFor"] == dry[0], "alone, it has room"
    again = await reschedule(ready, both[1], queue=queue["id"], position="next")
    assert again.json()["scheduledFor"] == dry[0], "its own slot is free for it"
    assert (await reschedule(ready, both[1], queue="default", position="last")).json()["scheduledFor"] == dry[2]
    taken = await reschedule(ready, both[0], queue="default", slotAt=first)
    assert (taken.status_code, taken.json()["error"]["details"]["takenBy"]) == (409, [inside])
    away = await reschedule(ready, both[0], queue=other["id"], slotAt=second)
    assert away.json()["scheduledFor"] == second, "the same instant, without the jitter"
    assert [one["takenBy"] for one in await slots(ready, queue["id"], count=3)] == [[inside], [], [both[1]]]
    assert [one["takenBy"] for one in await slots(ready, other["id"], count=3)] == [[], [both[0]], []]
    assert await ready.pool.fetchval("SELECT count(*) FROM queue_holds") == 3

    await ready.client.patch(f"/v1/queues/{other['id']}", json={"socialAccountIds": [ready.instagram]})
    twice = await scheduled(ready, at=at, container=ready.video) + await scheduled(ready, at=at, container=ready.video)
    past = write_instant(clock.now() - timedelta(days=1))
    for post, body, path in (
        (both[1], {"queue": other["id"]}, "queue"),
        (twice[0], {"queue": "default", "together": True}, "together"),
        (inside, {"queue": "default", "slotAt": third.replace("12:00", "12:30", 1)}, "slotAt"),
        (inside, {"queue": "default", "slotAt": past}, "slotAt"),
        (inside, {"scheduledFor": third, "together": True}, "together"),
        (inside, {"queue": "default", "position": "last", "slotAt": third}, "position"),
        (inside, {}, "scheduledFor"),
    ):
        refused = await reschedule(ready, post, **body)
        assert refused.status_code == 422, body
        assert [one["path"] for one in refused.json()["error"]["details"]["issues"]] == [path], body
    await ready.client.delete(f"/v1/scheduled-posts/{inside}")
    assert (await reschedule(ready, inside, queue="default")).json()["error"]["details"]["status"] == "canceled"


async def test_moves_and_calls_at_once_take_different_slots(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Posts move into a queue, out of it and between two, while calls take slots and gaps are closed: no slot is taken twice or lost."""
    ready = ready_project
    queue, other = await create_queue(ready), await create_queue(ready, name="Other")
    containers = [await insert_container(ready.pool, ready.project, "image") for _ in range(24)]
    posts = [
        (await scheduled(ready, at=clock.now() + timedelta(hours=30), container=container))[0]
        for container in containers[:12]
    ]
    posts += [(await enqueued(ready, queue=other["id"], container=container))[0][0] for container in containers[12:18]]
    gaps = [f"/v1/queues/{one['id']}/reshuffle" for one in (queue, other)]
    answers = await asyncio.gather(
        *(reschedule(ready, post, queue="default") for post in posts),
        *(reschedule(ready, post, queue=other["id"], position="last") for post in posts[::3]),
        *(enqueue(ready, container=container) for container in containers[18:]),
        *(ready.client.post(path) for path in gaps * 3),
        *(
            reschedule(ready, post, scheduledFor=write_instant(clock.now() + timedelta(hours=40)))
            for post in posts[-2:]
        ),
    )
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    rows = await ready.pool.fetch("SELECT id, queue_id, slot_at FROM scheduled_posts WHERE queue_id IS NOT NULL")
    holds = await ready.pool.fetch("SELECT post_id, queue_id, slot_at FROM queue_holds")
    assert {tuple(row) for row in rows} == {tuple(row) for row in holds}
    assert len({tuple(row)[1:] for row in rows}) == len(rows) >= 22


async def test_reshuffle_closes_gaps(ready_project: ReadyProject) -> None:
    """The posts move to the first slots and keep their order, those of one call together; a dry run only says so."""
    ready, queue = ready_project, await create_queue(ready_project)
    calls = [
        (await enqueued(ready, *accounts, container=ready.video, position="last"))[0]
        for accounts in ((ready.instagram,), (ready.tiktok,), (ready.instagram, ready.tiktok), (ready.tiktok,))
    ]
    await ready.client.delete(f"/v1/scheduled-posts/{calls[1][0]}")
    at = [slot["slotAt"] for slot in await slots(ready, queue["id"], count=4)]
    path = f"/v1/queues/{queue['id']}/reshuffle"
    dry = (await ready.client.post(path, json={"dryRun": True})).json()
    expected = [
        *({"scheduledPostId": post, "before": at[2], "after": at[1]} for post in calls[2]),
        {"scheduledPostId": calls[3][0], "before": at[3], "after": at[2]},
    ]
    assert dry == {"dryRun": True, "items": expected}
    assert (await ready.world.post(calls[3][0]))["slotAt"] == at[3]
    done = await ready.client.post(path)
    assert (done.status_code, done.json()) == (200, {"dryRun": False, "items": expected})
    assert [set(slot["takenBy"]) for slot in await slots(ready, queue["id"], count=4)] == [
        {*calls[0]},
        {*calls[2]},
        {*calls[3]},
        set(),
    ]
    for post in (*calls[2], *calls[3]):
        shown = await ready.world.post(post)
        assert shown["scheduledFor"] == shown["slotAt"]
        assert (await ready.world.timeline(post))[-1]["event"] == "rescheduled"
    assert (await ready.client.post(path)).json()["items"] == []


async def test_changes_move_no_post(ready_project: ReadyProject, clock: MovableClock) -> None:
    """New slots, a pause and a jitter are for new posts; a deleted queue leaves its posts; the oldest other is the default."""
    ready, queue = ready_project, await create_queue(ready_project)
    body = {"name": "Other", "slots": []}
    other = (await ready.client.post(f"/v1/projects/{ready.project}/queues", json=body)).json()
    assert (other["timezone"], other["isDefault"]) == ("Europe/Berlin", False)
    (post,), at = await enqueued(ready)
    path = f"/v1/queues/{queue['id']}"
    resume = datetime.fromisoformat(at) + timedelta(days=3)
    changes = {
        "slots": [{"weekday": day, "time": "20:00"} for day in WEEKDAYS],
        "jitterMinutes": 30,
        "pausedUntil": write_instant(resume),
    }
    changed = await ready.client.patch(path, json=changes)
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in changes} == changes
    assert (await ready.world.post(post))["scheduledFor"] == at
    (new,), due = await enqueued(ready)
    shown = await ready.world.post(new)
    slot_at = datetime.fromisoformat(shown["slotAt"])
    assert slot_at == resume.replace(hour=20), "the first slot after the pause"
    assert slot_at <= datetime.fromisoformat(due) <= slot_at + timedelta(minutes=30)
    listed = await slots(ready, queue["id"], count=10)
    assert [one["takenBy"] for one in listed if one["slotAt"] == at] == [[post]], "it is no slot any more, and taken"
    assert [one["scheduledFor"] for one in listed if one["takenBy"] == [new]] == [due]
    reshuffled = (await ready.client.post(f"{path}/reshuffle")).json()["items"]
    assert [move["scheduledPostId"] for move in reshuffled] == [post, new], (
        "the pause and the new slots are for it, too"
    )
    deleted = await ready.client.delete(path)
    assert deleted.status_code == 200
    assert [(await ready.world.post(one))["queueId"] for one in (post, new)] == [None, None]
    assert (await ready.world.post(new))["status"] == "queued"
    assert (await ready.client.get(f"/v1/queues/{other['id']}")).json()["isDefault"]
    assert (await enqueue(ready)).json()["error"]["details"]["reason"] == "queue_without_slots"


async def test_what_is_refused(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Wrong queues, wrong bodies and full queues are refused, and nothing is written."""
    ready = ready_project
    missing = await enqueue(ready)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert (await enqueue(ready, queue=f"que_{uuid4()}")).status_code == 404
    queue = await create_queue(ready, slots=[{"weekday": "mon", "time": "12:00"}], socialAccountIds=[ready.instagram])
    other = await enqueue(ready, ready.instagram, ready.tiktok, container=ready.video)
    assert (other.status_code, [one["path"] for one in other.json()["error"]["details"]["issues"]]) == (
        422,
        ["targets[1].socialAccountId"],
    )
    twice = await enqueue(ready, ready.instagram, ready.instagram)
    assert [one["path"] for one in twice.json()["error"]["details"]["issues"]] == ["targets[1].socialAccountId"]
    target = {"socialAccountId": ready.instagram, "mode": "publish"}
    for body, paths in (
        (
            {"queue": "default", "scheduledFor": write_instant(clock.now() + timedelta(days=1))},
            ["scheduledFor", "queue"],
        ),
        ({}, ["scheduledFor"]),
        ({"position": "next"}, ["scheduledFor", "position"]),
        ({"queue": "first"}, ["queue"]),
        ({"queue": "default", "position": "first"}, ["position"]),
    ):
        response = await ready.client.post(f"/v1/content/{ready.image}/schedule", json={"targets": [target], **body})
        assert response.status_code == 422, body
        found = [one["path"] for one in response.json()["error"]["details"]["issues"]]
        assert sorted(found) == sorted(paths), body
    double = {"weekday": "mon", "time": "12:00"}
    for changes, path in (
        ({"slots": [double, double]}, "slots"),
        ({"slots": [{"weekday": "mon", "time": "24:00"}]}, "slots[0].time"),
        ({"jitterMinutes": 31}, "jitterMinutes"),
        ({"socialAccountIds": [f"sa_{uuid4()}"]}, "socialAccountIds[0]"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"name": None}, "name"),
    ):
        response = await ready.client.patch(f"/v1/queues/{queue['id']}", json=changes)
        assert response.status_code == 422, changes
        assert [one["path"] for one in response.json()["error"]["details"]["issues"]] == [path]
    for _ in range(52):
        await enqueued(ready)
    full = await enqueue(ready)
    assert (full.status_code, full.json()["error"]["details"]["reason"]) == (409, "queue_full")
    assert await ready.pool.fetchval("SELECT count(*) FROM scheduled_posts") == 52
    assert await ready.pool.fetchval("SELECT count(*) FROM queue_holds") == 52
