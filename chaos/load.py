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
from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedPost
from chaos.reviews import Review
from chaos.world import Account, Content, World, files_of, reconnect, upload_content

DRAFTS_PER_DAY: Final = 3
_MAX_SCHEDULE_CALLS: Final = 3
"""Maximum of schedule calls for one container that waits for approval."""
_LABELLED: Final = 0.2
"""Share of the posts in mode `publish` with an option of their platform."""
_SPLIT: Final = 0.4
"""Share of the texts that are split into a thread where there are threads."""
_DRAFT_THRESHOLD: Final = 0.98
"""There are few drafts, because all SMS go to one phone, whose messages the service lists in pages."""
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
        self.record: Final = CallerRecord(contents={content.id: "not_required" for content in world.contents})
        self._last: Final[deque[str]] = deque(maxlen=_RECENT_POSTS)
        self._changes: Final = Changes(client, self.record, draw, world, owners, self._last)
        commenting = Commenting(client, self.record, draw, people, self._last)
        self._made = 0
        self._actions: Final[Mapping[Callable[[], Awaitable[None]], float]] = {
            self._publish: 0.45,
            self._schedule: 0.19,
            self._cancel: 0.10,
            self._move: 0.04,
            self._decide: 0.04,
            self._review: 0.03,
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
        wanted = self._targets(content, self._world.accounts)
        if not wanted:
            await asyncio.sleep(_PAUSE_SECONDS)  # all chosen accounts have reached their daily limit
            return
        self.record.count("publish")
        response = await self._client.write(f"/v1/content/{content.id}/publish", {"targets": _bodies(wanted)})
        await self._accept(response, wanted)

    async def _schedule(self) -> None:
        content = self._draw.choice(self._world.contents)
        wanted = self._targets(content, self._world.accounts)
        if not wanted:
            await asyncio.sleep(_PAUSE_SECONDS)  # all chosen accounts have reached their daily limit
            return
        self.record.count("schedule")
        await self._accept(await self._client.write(*self._schedule_call(content, wanted)), wanted)

    def _schedule_call(
        self, content: Content, wanted: Sequence[RequestedPost], *, own_caption: str | None = None
    ) -> tuple[str, Mapping[str, JsonValue]]:
        at = datetime.now(UTC) + timedelta(seconds=self._draw.uniform(0, 20))
        body: dict[str, JsonValue] = {"scheduledFor": _written(at), "targets": _bodies(wanted, own_caption)}
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
        response = await self._client.write(f"/v1/scheduled-posts/{post}/reschedule", {"scheduledFor": _written(at)})
        if response.status == 409:
            self.record.refuse(response)
        elif not response.is_success:
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
            for place, one in enumerate(self._targets(content, self._world.covered_accounts, max_targets=3))
        ]
        if not wanted:
            return
        self.record.count("schedule before approval of texts")
        response = await self._client.write(*self._schedule_call(content, wanted, own_caption=caption))
        if await self._is_reauth_refusal(response, wanted):
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
            wanted = self._targets(content, self._world.gated_accounts, max_targets=3)
            if not wanted:
                continue
            self.record.count("schedule before approval")
            response = await self._client.write(*self._schedule_call(content, wanted))
            if await self._is_reauth_refusal(response, wanted):
                continue
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
            if isinstance(error, dict) and await self._reconnect_if_required(error, expected_posts):
                expected_posts = await self._promoted(ids, expected_posts)
        if not isinstance(ids, list) or len(ids) != len(expected_posts):
            self.record.unexpected_responses.append(f"approve promoted {ids} of {len(expected_posts)} targets")
            return []
        self._remember(ids, expected_posts)
        return [str(post) for post in ids]

    async def _promoted(self, ids: Sequence[JsonValue], wanted: Sequence[RequestedPost]) -> Sequence[RequestedPost]:
        """Return what was asked for with each of these posts: a schedule that fails leaves the others of its container."""
        by_caption = {one.caption: one for one in wanted}
        posts = [await self._client.get_ok(f"/v1/scheduled-posts/{post}") for post in ids]
        return [by_caption[str(post["captionOverride"])] for post in posts]

    def _remember(self, ids: Sequence[JsonValue], wanted: Sequence[RequestedPost]) -> None:
        for post, one in zip(ids, wanted, strict=True):
            self.record.accepted[str(post)] = one
            self._last.append(str(post))

    async def _accept(self, response: Response, wanted: Sequence[RequestedPost]) -> None:
        if await self._is_reauth_refusal(response, wanted):
            return
        if not response.is_success:
            self.record.add_unexpected("publish", response)
            return
        ids = response.json()["scheduledPostIds"]
        if not isinstance(ids, list) or len(ids) != len(wanted):
            self.record.unexpected_responses.append(f"{len(wanted)} targets returned the ids {ids}")
            return
        self._remember(ids, wanted)

    async def _is_reauth_refusal(self, response: Response, wanted: Sequence[RequestedPost]) -> bool:
        """Whether a call was refused because an account has to be connected again. If so, connect it.

        A token that Instagram revokes within its first day can't be refreshed. TikTok returns a refresh token only once: a worker
        that is killed between the response and its commit loses it.
        """
        if response.status != 422:
            return False
        error = response.json()["error"]
        if not isinstance(error, dict) or not await self._reconnect_if_required(error, wanted):
            return False
        self.record.refuse(response)
        return True

    async def _reconnect_if_required(self, error: Mapping[str, JsonValue], wanted: Sequence[RequestedPost]) -> bool:
        details = error.get("details")
        if not isinstance(details, dict) or details.get("reason") != "reauth_required":
            return False
        ended = {one.account.id: one.account for one in wanted if one.account.id == details["socialAccountId"]}
        for account in ended.values():
            if account.is_reconnecting:
                continue  # another caller is connecting it
            account.is_reconnecting = True
            self.record.reconnections[account.id] = self.record.reconnections.get(account.id, 0) + 1
            try:
                await reconnect(self._client, account)
            except RuntimeError as error:
                self.record.unexpected_responses.append(f"a new login for {account.handle}: {error}")
            account.is_reconnecting = False
        return bool(ended)

    def _targets(
        self, content: Content, accounts: Sequence[Account], *, max_targets: int | None = None
    ) -> Sequence[RequestedPost]:
        count = max_targets or (50 if self._draw.random() < 0.02 else self._draw.randrange(1, 9))
        chosen = self._draw.sample(accounts, min(count, len(accounts)))
        return [one for account in chosen if (one := self._target(content, account)) is not None]

    def _target(self, content: Content, account: Account) -> RequestedPost | None:
        platform = PLATFORMS[account.platform]
        if account.today >= platform.posts_a_day or account.is_reconnecting or content.kind not in platform.media:
            return None
        mode, chance = "publish", self._draw.random()
        if account.is_managed and chance < 0.3:
            mode = "managed"
        elif chance > _DRAFT_THRESHOLD and account.drafts_today < DRAFTS_PER_DAY:
            mode = "draft"
            account.drafts_today += 1
        account.today += 1
        number = self._draw.getrandbits(64)
        parts: Sequence[str] = ()
        if mode == "publish" and content.kind == "text" and platform.part_length and self._draw.random() < _SPLIT:
            parts = [_fill(f"Part {place} of {number:016x}", platform.part_length) for place in (2, 3)]
        comment = None
        if mode == "publish" and platform.has_comments and self._draw.random() < 0.1:
            comment = f"First comment {number:016x}"
        return RequestedPost(
            caption=f"No. {number:016x}",
            account=account,
            mode=mode,
            content=content,
            comment=comment,
            parts=parts,
            is_labelled=mode == "publish" and platform.label is not None and self._draw.random() < _LABELLED,
        )


def _fill(text: str, length: int) -> str:
    """Return one sentence that no other one fits beside into a part of this length."""
    return text + " bread" * ((length - len(text)) // len(" bread"))


def _bodies(wanted: Sequence[RequestedPost], own_caption: str | None = None) -> list[JsonValue]:
    """Return the targets. One with the content's own caption does not override it."""
    bodies: list[JsonValue] = []
    for one in wanted:
        body: dict[str, JsonValue] = {"socialAccountId": one.account.id, "mode": one.mode}
        if one.caption != own_caption:
            body["captionOverride"] = "\n".join([one.caption, *one.parts])
        if one.parts:
            body["autoSplit"] = {}
        if one.comment is not None:
            body["firstCommentOverride"] = one.comment
        if one.is_labelled:
            body[f"{one.account.platform}PostSettings"] = dict(PLATFORMS[one.account.platform].label or {})
        bodies.append(body)
    return bodies


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
