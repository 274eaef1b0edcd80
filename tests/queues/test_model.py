"""Queues against a plain list: whatever is done in whatever order, the slots are those of the list."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, insert_container
from tests.queues.test_queues import create_queue, enqueue, slots

from presswork.core.timestamps import write_instant

_STEPS = (
    "schedule",
    "schedule",
    "schedule",
    "wait",
    "approve",
    "reject",
    "cancel",
    "fail",
    "reschedule",
    "move",
    "reshuffle",
    "time",
)


@dataclass
class PlainQueue:
    """What the slots of a daily queue should be: `taken` has the holder of each slot and account."""

    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    posts: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Posts in slots that are ahead: content, account and slot."""

    def first_free(self, at: Sequence[str], accounts: Sequence[str], *, is_last: bool) -> str:
        """Return the slot that a call gets."""
        if is_last and self.taken:
            at = [one for one in at if one > max(slot for slot, _ in self.taken)]
        return next(one for one in at if not any((one, account) in self.taken for account in accounts))

    def leave(self, post: str) -> None:
        """Free the slot of a post."""
        _, account, slot = self.posts.pop(post)
        del self.taken[slot, account]

    def put(self, post: str, container: str, account: str, slot: str) -> None:
        """Take a slot for a post."""
        self.posts[post] = container, account, slot
        self.taken[slot, account] = post


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_calls(ready_project: ReadyProject, clock: MovableClock, seed: int) -> None:
    """Schedule, wait, approve, reject, cancel, fail, reschedule, move, reshuffle and let time pass, in a drawn order."""
    dice, ready, plain = random.Random(seed), ready_project, PlainQueue()  # noqa: S311  the same order in every run
    clock.instant = clock.instant.replace(hour=13, minute=0, second=0, microsecond=0)
    queue = (await create_queue(ready))["id"]
    waiting: dict[str, dict[str, tuple[str, Sequence[str]]]] = {}  # content: intents with their slots and accounts
    done: list[str] = []

    def ahead() -> list[str]:
        noon = clock.instant.replace(hour=12) + timedelta(days=1 if clock.instant.hour >= 12 else 0)
        return [write_instant(noon + timedelta(days=day)) for day in range(80)]

    for _ in range(45):
        step = dice.choice(_STEPS)
        done.append(step)
        accounts = dice.choice(([ready.instagram], [ready.tiktok], [ready.instagram, ready.tiktok]))
        is_last = dice.random() < 0.2
        current = [post for post, (_, _, slot) in sorted(plain.posts.items()) if slot >= ahead()[0]]
        if step in ("schedule", "wait"):
            container = await insert_container(ready.pool, ready.project, "video")
            if step == "wait":
                await ready.change("content_containers", container, approval_status="pending")
            expected = plain.first_free(ahead(), accounts, is_last=is_last)
            answer = await enqueue(ready, *accounts, container=container, position="last" if is_last else "next")
            assert answer.json()["scheduledFor"] == expected, (done, answer.text)
            if step == "wait":
                path = f"/v1/content/{container}/schedule-intents"
                (intent,) = (await ready.client.get(path)).json()["items"]
                waiting[container] = {intent["id"]: (expected, accounts)}
                plain.taken |= {(expected, account): intent["id"] for account in accounts}
            for post, account in zip(answer.json()["scheduledPostIds"], accounts, strict=False):
                plain.put(post, container, account, expected)
        elif step in ("approve", "reject") and waiting:
            container = dice.choice(sorted(waiting))
            ((slot, accounts),) = waiting.pop(container).values()
            for account in accounts:
                del plain.taken[slot, account]
            body = {} if step == "approve" else {"reason": "No"}
            answer = await ready.client.post(f"/v1/content/{container}/{step}", json=body)
            assert answer.status_code == 200, answer.text
            if step == "approve":
                if slot < ahead()[0]:
                    slot = plain.first_free(ahead(), accounts, is_last=False)
                posts = answer.json()["pendingSchedulePromotion"]["scheduledPostIds"]
                for post, account in zip(posts, accounts, strict=True):
                    plain.put(post, container, account, slot)
        elif step == "time":
            clock.instant += timedelta(days=dice.choice((1, 3)))
        elif step == "reshuffle":
            assert (await ready.client.post(f"/v1/queues/{queue}/reshuffle")).status_code == 200
            _close_gaps(plain, current, ahead(), await _ages(ready))
        elif step in ("cancel", "fail", "reschedule", "move") and current:
            post = dice.choice(current)
            await _change(ready, plain, post, step, ahead(), dice)
        listed = await slots(ready, queue, **{"from": ahead()[0], "count": 80})
        found = {slot["slotAt"]: set(slot["takenBy"]) for slot in listed if slot["takenBy"]}
        expected_slots: dict[str, set[str]] = {}
        for (slot, _), holder in plain.taken.items():
            if slot >= ahead()[0]:
                expected_slots.setdefault(slot, set()).add(holder)
        assert found == expected_slots, done
        for post, (_, _, slot) in plain.posts.items():
            shown = await ready.world.post(post)
            assert (shown["queueId"], shown["slotAt"], shown["scheduledFor"]) == (queue, slot, slot), done


async def _change(
    ready: ReadyProject, plain: PlainQueue, post: str, step: str, ahead: Sequence[str], dice: random.Random
) -> None:
    container, account, slot = plain.posts[post]
    path = f"/v1/scheduled-posts/{post}"
    if step == "move":
        to = dice.choice(ahead[:8])
        answer = await ready.client.post(f"{path}/move", json={"slotAt": to})
        holder = plain.taken.get((to, account))
        if holder in (None, post):
            assert answer.status_code == 200, answer.text
            plain.leave(post)
            plain.put(post, container, account, to)
        else:
            assert answer.json()["error"]["details"]["takenBy"] == [holder]
        return
    if step == "cancel":
        assert (await ready.client.delete(path)).status_code == 200
    elif step == "fail":
        await ready.change("scheduled_posts", post, status="failed", last_error='{"code": "INTERNAL"}')
    else:
        at = write_instant(datetime.fromisoformat(slot) + timedelta(minutes=5))
        assert (await ready.client.post(f"{path}/reschedule", json={"scheduledFor": at})).status_code == 200
    plain.leave(post)


async def _ages(ready: ReadyProject) -> Mapping[str, Any]:
    """Return the order in which posts were created."""
    rows = await ready.pool.fetch("SELECT id, created_at FROM scheduled_posts")
    return {f"sp_{row['id']}": (row["created_at"], row["id"]) for row in rows}


def _close_gaps(plain: PlainQueue, current: Sequence[str], ahead: Sequence[str], ages: Mapping[str, Any]) -> None:
    """Take the posts of each content and slot out, in their order, and put each group where it fits first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for post in sorted(current, key=lambda one: (plain.posts[one][2], ages[one])):
        container, _, slot = plain.posts[post]
        groups.setdefault((slot, container), []).append(post)
    accounts = {post: plain.posts[post][1] for post in current}
    for post in current:
        plain.leave(post)
    latest: dict[str, str] = {}
    for (_, container), posts in groups.items():
        own = [accounts[post] for post in posts]
        after = max((latest.get(account, "") for account in own), default="")
        slot = plain.first_free([one for one in ahead if one > after], own, is_last=False)
        latest |= dict.fromkeys(own, slot)
        for post in posts:
            plain.put(post, container, accounts[post], slot)
