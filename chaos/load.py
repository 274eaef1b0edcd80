"""What the callers do: publish, schedule, cancel, move, approve and reject, and remember what they were answered."""

import asyncio
import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from chaos.client import Answer, Client
from chaos.scene import Account, Content, Scene, bring_in, connect_again, files_of

TIKTOK_A_DAY: Final = 12
"""TikTok takes 15 posts a day; some are left for calls that are repeated."""
INSTAGRAM_A_DAY: Final = 130
"""400 containers a day, of which a slideshow takes four."""
DRAFTS_A_DAY: Final = 3
_MOST_WAITING: Final = 3
"""Schedule calls for one container that waits for approval."""
_LAST: Final = 500
"""So many of the newest posts are moved and canceled: others are over by then."""
_PAUSE_SECONDS: Final = 1.0
"""Between the questions of a caller while too many posts are open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A post that was asked for. Its caption is told to nobody else, so that it can be found on the other side."""

    caption: str
    account: Account
    mode: str
    content: Content
    comment: str | None


@dataclass(slots=True, kw_only=True)
class Memory:
    """What the callers were answered."""

    accepted: dict[str, Wanted] = field(default_factory=dict)
    """By the post's id."""
    canceled: set[str] = field(default_factory=set)
    contents: dict[str, str] = field(default_factory=dict)
    """Approval status of all content that was brought in, by id."""
    connected_again: dict[str, int] = field(default_factory=dict)
    """How often an account's access had ended and its owner logged in anew, by id."""
    refused: dict[str, int] = field(default_factory=dict)
    """Refusals that are part of the game, by code: too late to cancel, say."""
    surprises: list[str] = field(default_factory=list)
    """Answers that no caller should get."""
    counts: dict[str, int] = field(default_factory=dict)
    """Calls by what they were for."""

    def count(self, name: str) -> None:
        """Count a call."""
        self.counts[name] = self.counts.get(name, 0) + 1


class Load:
    """The callers, together."""

    def __init__(self, client: Client, scene: Scene, draw: random.Random, *, posts: int, most_open: int) -> None:
        """Ask for `posts` posts in all, and wait while more than `most_open` of them are not over."""
        self._client: Final = client
        self._scene: Final = scene
        self._draw: Final = draw
        self._posts: Final = posts
        self._most_open: Final = most_open
        self.memory: Final = Memory(contents={content.id: "not_required" for content in scene.contents})
        self._last: Final[deque[str]] = deque(maxlen=_LAST)
        self._asked = 0
        self._made = 0
        self.open_posts = 0
        """Told from outside: how many accepted posts are not over."""
        self.open_at_most = most_open
        """Told from outside: how many may be open, so that a busy machine is not asked for more than it can do."""

    def new_day(self) -> None:
        """The platform's clock moved on by a day: its daily limits begin anew."""
        for account in [*self._scene.accounts, *self._scene.gated_accounts]:
            account.today = account.drafts_today = 0

    def posts_over(self) -> int:
        """Return how many accepted posts have come to their end, as far as is known."""
        return len(self.memory.accepted) - self.open_posts

    async def run(self, callers: int) -> None:
        """Call with so many callers until all posts are asked for."""
        async with asyncio.TaskGroup() as group:
            for _ in range(callers):
                group.create_task(self._keep_calling())

    async def _keep_calling(self) -> None:
        while self._asked < self._posts:
            if self.open_posts > min(self._most_open, self.open_at_most):
                await self._ask()
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            chance = self._draw.random()
            if chance < 0.5:
                await self._publish()
            elif chance < 0.7:
                await self._schedule()
            elif chance < 0.86:
                await self._cancel()
            elif chance < 0.93:
                await self._move()
            else:
                await self._decide()

    async def _ask(self) -> None:
        """Read a post, so that somebody calls whatever is broken just now."""
        post = self._one_of_the_last()
        if post is not None:
            self.memory.count("read")
            await self._client.get_ok(f"/v1/scheduled-posts/{post}")

    async def _publish(self) -> None:
        content = self._draw.choice(self._scene.contents)
        wanted = self._targets(content, self._scene.accounts)
        if not wanted:
            return
        self.memory.count("publish")
        answer = await self._client.write(f"/v1/content/{content.id}/publish", {"targets": _bodies(wanted)})
        await self._accept(answer, wanted)

    async def _schedule(self) -> None:
        content = self._draw.choice(self._scene.contents)
        wanted = self._targets(content, self._scene.accounts)
        if not wanted:
            return
        self.memory.count("schedule")
        await self._accept(await self._client.write(*self._schedule_call(content, wanted)), wanted)

    def _schedule_call(self, content: Content, wanted: Sequence[Wanted]) -> tuple[str, Mapping[str, JsonValue]]:
        at = datetime.now(UTC) + timedelta(seconds=self._draw.uniform(0, 20))
        body: dict[str, JsonValue] = {"scheduledFor": _written(at), "targets": _bodies(wanted)}
        return f"/v1/content/{content.id}/schedule", body

    async def _cancel(self) -> None:
        """Take back a post, most likely one of the last: those may still be waiting, or on their way."""
        post = self._one_of_the_last()
        if post is None:
            return
        self.memory.count("cancel")
        answer = await self._client.call("DELETE", f"/v1/scheduled-posts/{post}", {"reason": "It rains."})
        if answer.is_success:
            self.memory.canceled.add(post)
        elif answer.status == 409:
            now = await self._client.get_ok(f"/v1/scheduled-posts/{post}")
            if now["status"] == "canceled":
                self.memory.canceled.add(post)
            self._refuse(answer)
        else:
            self._surprise("cancel", answer)

    async def _move(self) -> None:
        post = self._one_of_the_last()
        if post is None:
            return
        self.memory.count("reschedule")
        at = datetime.now(UTC) + timedelta(seconds=self._draw.uniform(0, 10))
        answer = await self._client.write(f"/v1/scheduled-posts/{post}/reschedule", {"scheduledFor": _written(at)})
        if answer.status == 409:
            self._refuse(answer)
        elif not answer.is_success:
            self._surprise("reschedule", answer)

    def _one_of_the_last(self) -> str | None:
        if not self._last:
            return None
        return self._draw.choice(self._last)

    async def _decide(self) -> None:
        """Bring in content that waits for approval, schedule it, and have a person approve or reject it."""
        self._made += 1
        number = 1_000 + self._made
        files = await asyncio.to_thread(files_of, "image", number)
        content = await bring_in(self._client, self._scene.gated_project, "image", files, f"Pending {number}")
        self.memory.contents[content.id] = "pending"
        promised: list[Wanted] = []
        for _ in range(self._draw.randrange(1, _MOST_WAITING + 1)):
            wanted = self._targets(content, self._scene.gated_accounts, most=3)
            if not wanted:
                continue
            self.memory.count("schedule before approval")
            answer = await self._client.write(*self._schedule_call(content, wanted))
            if await self._has_ended_access(answer, wanted):
                continue
            if answer.status != 202:
                self._surprise("schedule before approval", answer)
                continue
            promised += wanted
        if self._draw.random() < 0.7:
            self.memory.count("approve")
            answer = await self._client.write(f"/v1/content/{content.id}/approve", {})
            if answer.is_success:
                self.memory.contents[content.id] = "approved"
            await self._promote(answer, promised)
            return
        self.memory.count("reject")
        answer = await self._client.write(f"/v1/content/{content.id}/reject", {"reason": "Too dark."})
        if answer.is_success:
            self.memory.contents[content.id] = "rejected"
        else:
            self._surprise("reject", answer)

    async def _promote(self, answer: Answer, promised: Sequence[Wanted]) -> None:
        if not answer.is_success:
            self._surprise("approve", answer)
            return
        promotion = answer.json().get("pendingSchedulePromotion")
        if isinstance(promotion, dict) and promotion.get("status") == "failed":
            error = promotion.get("error")
            if isinstance(error, dict) and await self._is_mended(error, promised):
                return  # so none of them may ever exist, as with a rejection
        ids = promotion.get("scheduledPostIds") if isinstance(promotion, dict) else []
        if not isinstance(ids, list) or len(ids) != len(promised):
            self.memory.surprises.append(f"approve promoted {ids} of {len(promised)} targets")
            return
        self._remember(ids, promised)

    def _remember(self, ids: Sequence[JsonValue], wanted: Sequence[Wanted]) -> None:
        for post, one in zip(ids, wanted, strict=True):
            self.memory.accepted[str(post)] = one
            self._last.append(str(post))

    async def _accept(self, answer: Answer, wanted: Sequence[Wanted]) -> None:
        if await self._has_ended_access(answer, wanted):
            return
        if not answer.is_success:
            self._surprise("publish", answer)
            return
        ids = answer.json()["scheduledPostIds"]
        if not isinstance(ids, list) or len(ids) != len(wanted):
            self.memory.surprises.append(f"{len(wanted)} targets were answered with {ids}")
            return
        self._remember(ids, wanted)

    async def _has_ended_access(self, answer: Answer, wanted: Sequence[Wanted]) -> bool:
        """Whether a call was refused since an account has to be connected again. If so, its owner does that.

        A token that Instagram ends within its first day can't be refreshed. TikTok's refresh tokens are told once: a worker
        that is killed between the answer and its commit loses one.
        """
        if answer.status != 422:
            return False
        error = answer.json()["error"]
        if not isinstance(error, dict) or not await self._is_mended(error, wanted):
            return False
        self._refuse(answer)
        return True

    async def _is_mended(self, error: Mapping[str, JsonValue], wanted: Sequence[Wanted]) -> bool:
        details = error.get("details")
        if not isinstance(details, dict) or details.get("reason") != "reauth_required":
            return False
        ended = {one.account.id: one.account for one in wanted if one.account.id == details["socialAccountId"]}
        for account in ended.values():
            if account.has_ended:
                continue  # somebody else is at it
            account.has_ended = True
            self.memory.connected_again[account.id] = self.memory.connected_again.get(account.id, 0) + 1
            try:
                await connect_again(self._client, account)
            except RuntimeError as error:
                self.memory.surprises.append(f"a new login for {account.handle}: {error}")
            account.has_ended = False
        return bool(ended)

    def _refuse(self, answer: Answer) -> None:
        error = answer.json().get("error")
        code = str(error.get("code")) if isinstance(error, dict) else str(answer.status)
        self.memory.refused[code] = self.memory.refused.get(code, 0) + 1

    def _surprise(self, what: str, answer: Answer) -> None:
        self.memory.surprises.append(f"{what} was answered {answer.status}: {answer.body[:400].decode()}")

    def _targets(self, content: Content, accounts: Sequence[Account], *, most: int | None = None) -> Sequence[Wanted]:
        count = most or (50 if self._draw.random() < 0.02 else self._draw.randrange(1, 9))
        chosen = self._draw.sample(accounts, min(count, len(accounts)))
        wanted = [one for account in chosen if (one := self._target(content, account)) is not None]
        self._asked += len(wanted)
        return wanted

    def _target(self, content: Content, account: Account) -> Wanted | None:
        limit = TIKTOK_A_DAY if account.platform == "tiktok" else INSTAGRAM_A_DAY
        if account.today >= limit or account.has_ended:
            return None
        mode, chance = "publish", self._draw.random()
        if account.is_managed and chance < 0.3:
            mode = "managed"
        elif chance > 0.95 and account.drafts_today < DRAFTS_A_DAY:
            mode = "draft"
            account.drafts_today += 1
        account.today += 1
        number = self._draw.getrandbits(64)
        comment = None
        if mode == "publish" and account.platform == "instagram" and self._draw.random() < 0.1:
            comment = f"First comment {number:016x}"
        return Wanted(caption=f"No. {number:016x}", account=account, mode=mode, content=content, comment=comment)


def _bodies(wanted: Sequence[Wanted]) -> list[JsonValue]:
    bodies: list[JsonValue] = []
    for one in wanted:
        body: dict[str, JsonValue] = {
            "socialAccountId": one.account.id,
            "mode": one.mode,
            "captionOverride": one.caption,
        }
        if one.comment is not None:
            body["firstCommentOverride"] = one.comment
        bodies.append(body)
    return bodies


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
