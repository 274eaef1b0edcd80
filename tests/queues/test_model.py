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
from tests.tiers import exhaustive

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


@dataclass
class Play:
    """A project, its queue, the list that it is compared with, and the dice."""

    ready: ReadyProject
    clock: MovableClock
    queue: str
    dice: random.Random
    plain: PlainQueue = field(default_factory=PlainQueue)
    waiting: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Slot and accounts of the call that waits on each content."""

    def ahead(self) -> list[str]:
        """Return the slots that are ahead: each day at noon."""
        noon = self.clock.instant.replace(hour=12) + timedelta(days=1)
        return [write_instant(noon + timedelta(days=day)) for day in range(80)]

    def queued(self) -> list[str]:
        """Return the posts in slots that are ahead."""
        return [post for post, (_, _, slot) in sorted(self.plain.posts.items()) if slot >= self.ahead()[0]]

    async def schedule(self, *, waits: bool) -> None:
        """Send a call for one account or both, of content that is approved or waits."""
        ready, dice = self.ready, self.dice
        accounts = dice.choice(([ready.instagram], [ready.tiktok], [ready.instagram, ready.tiktok]))
        is_last = dice.random() < 0.2
        container = await insert_container(ready.pool, ready.project, "video")
        if waits:
            await ready.change("content_containers", container, approval_status="pending")
        slot = self.plain.first_free(self.ahead(), accounts, is_last=is_last)
        answer = await enqueue(ready, *accounts, container=container, position="last" if is_last else "next")
        assert answer.json()["scheduledFor"] == slot, answer.text
        if waits:
            listed = await ready.client.get(f"/v1/content/{container}/schedule-intents")
            self.waiting[container] = slot, accounts
            self.plain.taken |= {(slot, account): listed.json()["items"][0]["id"] for account in accounts}
        for post, account in zip(answer.json()["scheduledPostIds"], accounts, strict=False):
            self.plain.put(post, container, account, slot)

    async def decide(self, step: str) -> None:
        """Approve or reject content that a call waits for."""
        if not self.waiting:
            return
        container = self.dice.choice(sorted(self.waiting))
        slot, accounts = self.waiting.pop(container)
        for account in accounts:
            del self.plain.taken[slot, account]
        body = {} if step == "approve" else {"reason": "No"}
        answer = await self.ready.client.post(f"/v1/content/{container}/{step}", json=body)
        assert answer.status_code == 200, answer.text
        if step == "reject":
            return
        if slot < self.ahead()[0]:
            slot = self.plain.first_free(self.ahead(), accounts, is_last=False)
        posts = answer.json()["pendingSchedulePromotion"]["scheduledPostIds"]
        for post, account in zip(posts, accounts, strict=True):
            self.plain.put(post, container, account, slot)

    async def end(self, step: str) -> None:
        """Let a post leave its slot."""
        if not (queued := self.queued()):
            return
        post = self.dice.choice(queued)
        path = f"/v1/scheduled-posts/{post}"
        if step == "cancel":
            assert (await self.ready.client.delete(path)).status_code == 200
        elif step == "fail":
            await self.ready.change("scheduled_posts", post, status="failed", last_error='{"code": "INTERNAL"}')
        else:
            at = write_instant(datetime.fromisoformat(self.plain.posts[post][2]) + timedelta(minutes=5))
            assert (await self.ready.client.post(f"{path}/reschedule", json={"scheduledFor": at})).status_code == 200
        self.plain.leave(post)

    async def move(self) -> None:
        """Move a post to one of the next slots, which may be taken."""
        if not (queued := self.queued()):
            return
        post, to = self.dice.choice(queued), self.dice.choice(self.ahead()[:8])
        container, account, _ = self.plain.posts[post]
        answer = await self.ready.client.post(f"/v1/scheduled-posts/{post}/move", json={"slotAt": to})
        holder = self.plain.taken.get((to, account))
        if holder in (None, post):
            assert answer.status_code == 200, answer.text
            self.plain.leave(post)
            self.plain.put(post, container, account, to)
        else:
            assert answer.json()["error"]["details"]["takenBy"] == [holder]

    async def reshuffle(self) -> None:
        """Close the gaps."""
        assert (await self.ready.client.post(f"/v1/queues/{self.queue}/reshuffle")).status_code == 200
        _close_gaps(self.plain, self.queued(), self.ahead(), await _ages(self.ready))

    async def step(self, step: str) -> None:
        """Do one step."""
        if step in ("schedule", "wait"):
            await self.schedule(waits=step == "wait")
        elif step in ("approve", "reject"):
            await self.decide(step)
        elif step == "time":
            self.clock.instant += timedelta(days=self.dice.choice((1, 3)))
        elif step == "move":
            await self.move()
        elif step == "reshuffle":
            await self.reshuffle()
        else:
            await self.end(step)

    async def compare(self) -> None:
        """Compare the slots that are ahead, and the posts, with the list."""
        first = self.ahead()[0]
        listed = await slots(self.ready, self.queue, start=first, count=80)
        found = {slot["slotAt"]: set(slot["takenBy"]) for slot in listed if slot["takenBy"]}
        expected: dict[str, set[str]] = {}
        for (slot, _), holder in self.plain.taken.items():
            if slot >= first:
                expected.setdefault(slot, set()).add(holder)
        assert found == expected
        for post, (_, _, slot) in self.plain.posts.items():
            shown = await self.ready.world.post(post)
            assert (shown["queueId"], shown["slotAt"], shown["scheduledFor"]) == (self.queue, slot, slot)


@pytest.mark.parametrize("seed", [0, *exhaustive([1, 2])])
async def test_any_order_of_calls(ready_project: ReadyProject, clock: MovableClock, seed: int) -> None:
    """Schedule, wait, approve, reject, cancel, fail, reschedule, move, reshuffle and let time pass, in a drawn order."""
    clock.instant = clock.instant.replace(hour=13, minute=0, second=0, microsecond=0)
    queue = (await create_queue(ready_project))["id"]
    dice = random.Random(seed)  # noqa: S311  the same order in every run
    play = Play(ready_project, clock, queue, dice)
    for _ in range(45):
        await play.step(dice.choice(_STEPS))
        await play.compare()


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
