"""Callers that publish, schedule, change, cancel, reschedule, approve and reject, and record the responses."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from chaos.changes import Changes, Owners
from chaos.client import Client, Response
from chaos.commenting import Commenting, People
from chaos.customers import CustomerLoad
from chaos.planning import Planning
from chaos.record import CallerRecord, RequestedPost
from chaos.reviews import Review
from chaos.targets import Targets, bodies_of
from chaos.world import Content, World, files_of, upload_content
from presswork.core.timestamps import write_instant

_MAX_SCHEDULE_CALLS: Final = 3
"""Maximum of schedule calls for one container that waits for approval."""
_RECENT_POSTS: Final = 500
"""How many of the newest posts are rescheduled and canceled: older ones have ended by then."""
_PAUSE_SECONDS: Final = 1.0
"""Pause between the reads of a caller while too many posts are open."""


class Load:
    """All callers of a run."""

    def __init__(
        self,
        client: Client,
        world: World,
        draw: random.Random,
        owners: Owners,
        people: People,
        *,
        posts: int,
        max_open: int,
        changes: float,
        comments: float,
    ) -> None:
        """Publish until `posts` posts are accepted, and pause while more than `max_open` of them have not ended.

        `changes` is the share of the calls that edit or take down posts or delete content, relative to a large run,
        `comments` that of what is done about comments.
        """
        self._client: Final = client
        self._world: Final = world
        self._draw: Final = draw
        self._posts: Final = posts
        self._max_open: Final = max_open
        self.record: Final = CallerRecord(
            contents={content.id: "not_required" for content in (*world.contents, world.customer.content)}
        )
        self._last: Final[deque[str]] = deque(maxlen=_RECENT_POSTS)
        self._changes: Final = Changes(client, self.record, draw, world, owners, self._last)
        self._targets: Final = Targets(client, self.record, draw, self._last)
        self.planning: Final = Planning(client, self.record, draw, world, self._targets)
        self.customer: Final = CustomerLoad(world.customer, self.record, draw)
        commenting = Commenting(client, self.record, draw, people, self._last)
        self._made = 0
        self._actions: Final[Mapping[Callable[[], Awaitable[None]], float]] = {
            self._publish: 0.45,
            self._schedule: 0.19,
            self._cancel: 0.10,
            self._move: 0.04,
            self._decide: 0.04,
            self._review: 0.03,
            self.planning.fill_slots: 0.04,
            self.planning.recur: 0.03,
            self.customer.schedule: 0.03,
            self.customer.cancel: 0.03,
            self._changes.edit_queued: 0.05 * changes,
            self._changes.edit_live: 0.03 * changes,
            self._changes.take_down: 0.03 * changes,
            self._changes.take_down_content: 0.01 * changes,
            self._changes.take_down_many: 0.005 * changes,
            self._changes.delete_on_platform: 0.015 * changes,
            self._changes.delete_content: 0.01 * changes,
            commenting.ask: 0.06 * comments,
            commenting.answer: 0.05 * comments,
            commenting.hide: 0.01 * comments,
            commenting.like: 0.01 * comments,
            commenting.delete: 0.01 * comments,
            commenting.take_away: 0.005 * comments,
        }
        """What the callers do, and its share."""
        self.open_posts = 0
        """How many accepted posts have not ended; set by the monitor."""
        self.max_open_now = max_open
        """How many posts may be open; set by the monitor, so that a busy machine is not overloaded."""

    def new_day(self) -> None:
        """Reset the daily limits after the platform's clock has advanced by a day."""
        for account in self._world.all_accounts:
            account.today = account.drafts_today = 0

    def ended_posts(self) -> int:
        """Return how many accepted posts have ended, by the monitor's last count."""
        return len(self.record.accepted) - self.open_posts

    async def run(self, callers: int) -> None:
        """Run `callers` concurrent callers until all posts are accepted."""
        async with asyncio.TaskGroup() as group:
            for _ in range(callers):
                group.create_task(self._keep_calling())

    async def _keep_calling(self) -> None:
        while len(self.record.accepted) < self._posts:
            if self.open_posts > min(self._max_open, self.max_open_now):
                await self._ask()
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            (act,) = self._draw.choices([*self._actions], [*self._actions.values()])
            await act()

    async def _ask(self) -> None:
        """Read a post, so that there are calls during the current fault."""
        post = self._one_of_the_last()
        if post is not None:
            self.record.count("read")
            await self._client.get_ok(f"/v1/scheduled-posts/{post}")

    async def _publish(self) -> None:
        content = self._draw.choice(self._world.contents)
        wanted = self._targets.choose(content, self._world.accounts)
        if not wanted:
            await asyncio.sleep(_PAUSE_SECONDS)  # all chosen accounts have reached their daily limit
            return
        self.record.count("publish")
        response = await self._client.write(f"/v1/content/{content.id}/publish", {"targets": bodies_of(wanted)})
        await self._targets.accept(response, wanted)

    async def _schedule(self) -> None:
        content = self._draw.choice(self._world.contents)
        wanted = self._targets.choose(content, self._world.accounts)
        if not wanted:
            await asyncio.sleep(_PAUSE_SECONDS)  # all chosen accounts have reached their daily limit
            return
        self.record.count("schedule")
        await self._targets.accept(await self._client.write(*self._schedule_call(content, wanted)), wanted)

    def _schedule_call(
        self, content: Content, wanted: Sequence[RequestedPost], *, own_caption: str | None = None
    ) -> tuple[str, Mapping[str, JsonValue]]:
        at = datetime.now(UTC) + timedelta(seconds=self._draw.uniform(0, 20))
        body: dict[str, JsonValue] = {"scheduledFor": write_instant(at), "targets": bodies_of(wanted, own_caption)}
        return f"/v1/content/{content.id}/schedule", body

    async def _cancel(self) -> None:
        """Cancel one of the newest posts: it may be queued or publishing."""
        post = self._one_of_the_last()
        if post is None:
            return
        self.record.count("cancel")
        response = await self._client.call("DELETE", f"/v1/scheduled-posts/{post}", {"reason": "Rainy day."})
        if response.is_success:
            self.record.canceled.add(post)
        elif response.status == 409:
            now = await self._client.get_ok(f"/v1/scheduled-posts/{post}")
            if now["status"] == "canceled":
                self.record.canceled.add(post)
            self.record.refuse(response)
        else:
            self.record.add_unexpected("cancel", response)

    async def _move(self) -> None:
        post = self._one_of_the_last()
        if post is None:
            return
        self.record.count("reschedule")
        at = datetime.now(UTC) + timedelta(seconds=self._draw.uniform(0, 10))
        response = await self._client.write(
            f"/v1/scheduled-posts/{post}/reschedule", {"scheduledFor": write_instant(at)}
        )
        if response.status == 409 or response.is_late_refusal:
            self.record.refuse(response)
        elif response.is_success:
            self.record.moved.add(post)
        else:
            self.record.add_unexpected("reschedule", response)

    async def _review(self) -> None:
        """Upload content whose approval covers its texts, and edit it after the approval."""
        self._made += 1
        number = 1_000 + self._made
        files = await asyncio.to_thread(files_of, "image", number)
        caption = f"No. {self._draw.getrandbits(64):016x}"
        content = await upload_content(self._client, self._world.covered_project, "image", files, caption)
        self.record.contents[content.id] = "pending"
        wanted = [
            replace(one, caption=caption if place == 0 else one.caption, comment=None)
            for place, one in enumerate(self._targets.choose(content, self._world.covered_accounts, max_targets=3))
        ]
        if not wanted:
            return
        self.record.count("schedule before approval of texts")
        response = await self._client.write(*self._schedule_call(content, wanted, own_caption=caption))
        if await self._targets.is_refusal(response, wanted):
            return
        if response.status != 202:
            self.record.add_unexpected("schedule before approval of texts", response)
            return
        review = Review(self._client, self.record, content.id)
        posts = await self._promote(await review.approve(), wanted)
        if posts:
            again = self._draw.random() < 0.6
            after = f"No. {self._draw.getrandbits(64):016x}"
            await review.edit(posts, before=caption, after=after, is_approved_again=again)
        self._changes.add_content(content.id)

    def _one_of_the_last(self) -> str | None:
        if not self._last:
            return None
        return self._draw.choice(self._last)

    async def _decide(self) -> None:
        """Upload content that needs approval, schedule it, and approve or reject it."""
        self._made += 1
        number = 1_000 + self._made
        files = await asyncio.to_thread(files_of, "image", number)
        content = await upload_content(self._client, self._world.gated_project, "image", files, f"Pending {number}")
        self.record.contents[content.id] = "pending"
        expected_posts: list[RequestedPost] = []
        for _ in range(self._draw.randrange(1, _MAX_SCHEDULE_CALLS + 1)):
            wanted = self._targets.choose(content, self._world.gated_accounts, max_targets=3)
            if not wanted:
                continue
            self.record.count("schedule before approval")
            response = await self._client.write(*self._schedule_call(content, wanted))
            if await self._targets.is_refusal(response, wanted):
                return  # an attempt without a response may still be accepted, and then waits too
            if response.status != 202:
                self.record.add_unexpected("schedule before approval", response)
                continue
            expected_posts += wanted
        chance = self._draw.random()
        if chance > 0.9:
            await self._changes.delete(content.id)  # which drops the calls that wait
            return
        if chance < 0.65:
            self.record.count("approve")
            response = await self._client.write(f"/v1/content/{content.id}/approve", {})
            if response.is_success:
                self.record.contents[content.id] = "approved"
            await self._promote(response, expected_posts)
            self._changes.add_content(content.id)
            return
        self.record.count("reject")
        response = await self._client.write(f"/v1/content/{content.id}/reject", {"reason": "Too dark."})
        if response.is_success:
            self.record.contents[content.id] = "rejected"
            self._changes.add_content(content.id)
        else:
            self.record.add_unexpected("reject", response)

    async def _promote(self, response: Response, expected_posts: Sequence[RequestedPost]) -> Sequence[str]:
        """Return the posts of an approval."""
        if not response.is_success:
            self.record.add_unexpected("approve", response)
            return []
        promotion = response.json().get("pendingSchedulePromotion")
        ids = promotion.get("scheduledPostIds") if isinstance(promotion, dict) else []
        if isinstance(promotion, dict) and isinstance(ids, list) and promotion.get("status") == "failed":
            error = promotion.get("error")
            if isinstance(error, dict) and await self._targets.reconnect_if_required(error, expected_posts):
                expected_posts = await self._promoted(ids, expected_posts)
        if not isinstance(ids, list) or len(ids) != len(expected_posts):
            self.record.unexpected_responses.append(f"approve promoted {ids} of {len(expected_posts)} targets")
            return []
        self._targets.remember(ids, expected_posts)
        return [str(post) for post in ids]

    async def _promoted(self, ids: Sequence[JsonValue], wanted: Sequence[RequestedPost]) -> Sequence[RequestedPost]:
        """Return what was asked for with each of these posts: a schedule that fails leaves the others of its container."""
        by_caption = {one.caption: one for one in wanted}
        posts = [await self._client.get_ok(f"/v1/scheduled-posts/{post}") for post in ids]
        return [by_caption[str(post["captionOverride"])] for post in posts]
