"""Other people who comment on live posts, and callers who read the comments, answer, hide, like and delete them."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import aiohttp
import asyncpg
from pydantic import JsonValue

from chaos.client import Client, Response
from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedPost, RequestedReply, WrittenComment
from chaos.world import maps
from presswork.core.ids import POST, parse_id
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.live_reads.ask import hint_reads
from presswork.live_reads.model import ReadKind

QUESTION: Final = "Question "
"""How comments of others begin; their texts are unique."""
REPLY: Final = "Reply "
"""How replies begin; their texts are unique."""
_TWICE: Final = 0.25
"""Share of the answered comments that get a second reply, in a call of its own."""
_TAKEN_BACK: Final = 0.3
"""Share of the calls that show a comment again, or take a like back."""
_RECENT_COMMENTS: Final = 300
_HINT_SECONDS: Final = 1.0
_NEXT_READ_WITHIN: Final = timedelta(seconds=90)
"""How long the next post may take to be read at the end of a run; a hint counts half a minute after the last read."""
_STATES: Final = """
SELECT p.id, coalesce(r.last_read_at >= $2, false) AS is_read,
       a.status <> 'reauth_required' AND coalesce(a.refresh_due_at > now(), true)
       AND p.live_status IS NULL AND coalesce(NOT r.is_gone, true) AS is_readable
  FROM scheduled_posts p JOIN social_accounts a ON a.id = p.social_account_id
  LEFT JOIN live_reads r ON r.post_id = p.id AND r.kind = 'comments'
 WHERE p.id = ANY($1::uuid[])
"""
_HELD_UNTIL_NOW: Final = """
WITH held AS (
    UPDATE account_reads SET not_before = '-infinity', run_at = least(run_at, now())
     WHERE kind = 'comments' AND leased_by IS NULL AND not_before > now() RETURNING social_account_id
)
UPDATE social_accounts SET refresh_due_at = now()
 WHERE id IN (SELECT social_account_id FROM held) AND status = 'connected' AND refresh_due_at > now()
   AND token_expires_at < now() + interval '1 day'
"""
"""After an error, an account is not read for five minutes or more. A read never refreshes a token, and tokens of an hour expire early where
the platforms' clock runs ahead of Presswork's, so their refresh is brought forward."""
_FULL_READ_BUDGETS: Final = "DELETE FROM read_budgets"
"""What reads may use of a platform's limit refills by Presswork's clock, for an account on LinkedIn by twenty calls a day. A long run has
used that up, and the last reads of a run are not to wait for it."""
_HOLD_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LastReads:
    """The commented posts at the end of a run."""

    read: frozenset[str]
    """Those that were read once more."""
    unread: frozenset[str]
    """Those that were not, though they could be. Not those of an account whose token waits for its refresh."""


class People:
    """Other people, in the apps of the platforms."""

    def __init__(self, session: aiohttp.ClientSession, sandbox_url: str) -> None:
        self._session: Final = session
        self._url: Final = f"{sandbox_url}/control/comments"

    async def write_comment(self, platform: str, external_id: str, author: str, text: str) -> str | None:
        """Comment on a live post; return the platform's id, or None if the post is not there any more."""
        body = {"platform": platform, "externalId": external_id, "author": author, "text": text}
        async with self._session.post(self._url, json=body, timeout=aiohttp.ClientTimeout(total=None)) as reply:
            return str((await reply.json())["id"]) if reply.status < 300 else None

    async def delete_comment(self, platform: str, comment_id: str) -> None:
        """Delete an own comment, if it is there."""
        params = {"platform": platform, "id": comment_id}
        async with self._session.delete(self._url, params=params, timeout=aiohttp.ClientTimeout(total=None)) as reply:
            await reply.read()


class Commenting:
    """What is done about comments. `posts` are the newest ones: some are queued, most are live."""

    def __init__(
        self, client: Client, record: CallerRecord, draw: random.Random, people: People, posts: deque[str]
    ) -> None:
        self._client: Final = client
        self._record: Final = record
        self._draw: Final = draw
        self._people: Final = people
        self._posts: Final = posts
        self._recent: Final[deque[str]] = deque(maxlen=_RECENT_COMMENTS)
        """The newest comments of others, by their text."""

    async def ask(self) -> None:
        """Let a person comment on a live post."""
        post = self._draw.choice(self._posts) if self._posts else None
        if post is None or not _takes_comments(wanted := self._record.accepted[post]):
            return
        found = await self._client.get_ok(f"/v1/scheduled-posts/{post}")
        if found["status"] != "published" or found["externalId"] is None:
            return
        self._record.count("comment of another person")
        number = self._draw.getrandbits(64)
        text, platform = f"{QUESTION}{number:016x}", wanted.account.platform
        comment_id = await self._people.write_comment(platform, str(found["externalId"]), f"guest{number % 50}", text)
        if comment_id is not None:
            self._record.comments[text] = WrittenComment(id=comment_id, text=text, post=post, account=wanted.account)
            self._recent.append(text)

    async def take_away(self) -> None:
        """Let a person delete an own comment, which may be in the middle of an answer."""
        if not self._recent:
            return
        self._record.count("comment deleted by its author")
        text = self._draw.choice(self._recent)
        self._record.removed_comments.add(text)
        comment = self._record.comments[text]
        await self._people.delete_comment(comment.account.platform, comment.id)

    async def answer(self) -> None:
        """Answer a comment, some with two calls at once."""
        if (found := await self._draw_comment("reply")) is None:
            return
        twice = self._draw.random() < _TWICE
        await asyncio.gather(*(self._answer(found) for _ in range(2 if twice else 1)))

    async def _answer(self, found: Mapping[str, JsonValue]) -> None:
        self._record.count("reply to a comment")
        comment, text = str(found["id"]), f"{REPLY}{self._draw.getrandbits(64):016x}"
        response = await self._client.write(f"/v1/comments/{comment}/reply", {"text": text})
        if not response.is_success:
            self._refuse("reply to a comment", response)
            return
        answered = self._record.comments[str(found["text"])]
        self._record.replies[str(response.json()["id"])] = RequestedReply(text=text, answered=answered)

    async def hide(self) -> None:
        """Hide a comment, or show one again."""
        await self._change("hide")

    async def like(self) -> None:
        """Like a comment, or take a like back."""
        await self._change("like")

    async def _change(self, action: str) -> None:
        if (found := await self._draw_comment(action)) is None:
            return
        self._record.count(f"{action} a comment")
        verb = f"un{action}" if self._draw.random() < _TAKEN_BACK else action
        if verb == "hide":
            self._record.hidden_comments.add(str(found["text"]))
        response = await self._client.write(f"/v1/comments/{found['id']}/{verb}", {})
        if not response.is_success:
            self._refuse(f"{verb} a comment", response)

    async def delete(self) -> None:
        """Delete a comment of another person."""
        if (found := await self._draw_comment("delete")) is None:
            return
        self._record.count("delete a comment")
        self._record.removed_comments.add(str(found["text"]))
        response = await self._client.delete(f"/v1/comments/{found['id']}")
        if not response.is_success:
            self._refuse("delete a comment", response)

    async def _draw_comment(self, action: str) -> Mapping[str, JsonValue] | None:
        """Read the comments of a post, and draw one of others that offers an action."""
        if not self._recent:
            return None
        self._record.count("list comments")
        post = self._record.comments[self._draw.choice(self._recent)].post
        listed = maps((await self._client.get_ok(f"/v1/scheduled-posts/{post}/comments?limit=100"))["items"])
        offered = [
            item
            for item in listed
            if isinstance(item["actions"], list) and action in item["actions"] and item["text"] in self._record.comments
        ]
        return self._draw.choice(offered) if offered else None

    def _refuse(self, what: str, response: Response) -> None:
        """Accept that a comment, its post or the access has gone meanwhile."""
        self._record.refuse(response)
        if response.status not in (409, 422):
            self._record.add_unexpected(what, response)


class Hints:
    """Has commented posts read soon, as a platform's webhook does: by themselves they are read after a quarter of an hour."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", record: CallerRecord) -> None:
        self._pool: Final = pool
        self._record: Final = record
        self._hinted = 0
        self._held_at = datetime.now(UTC)

    async def run(self) -> None:
        """Hint at posts with new comments, until cancelled."""
        while True:
            texts = list(self._record.comments)
            with contextlib.suppress(*TRANSIENT_ERRORS):
                await self._hint({self._record.comments[text].post for text in texts[self._hinted :]})
                self._hinted = len(texts)
                await self._end_holds()
            await asyncio.sleep(_HINT_SECONDS)

    async def read_all(self) -> LastReads:
        """Have all commented posts read once more, and wait for as long as the next one is read in time."""
        ids = {_uuid_of(comment.post): comment.post for comment in self._record.comments.values()}
        began, left, least = datetime.now(UTC), frozenset(ids), len(ids) + 1
        read: frozenset[UUID] = frozenset()
        until = began + _NEXT_READ_WITHIN
        while left and datetime.now(UTC) < until:
            with contextlib.suppress(*TRANSIENT_ERRORS):
                await self._pool.execute(_FULL_READ_BUDGETS)
                await self._end_holds()
                await self._hint({ids[one] for one in left})
                rows = await self._pool.fetch(_STATES, sorted(ids), began)
                read = frozenset(row["id"] for row in rows if row["is_read"])
                left = frozenset(row["id"] for row in rows if row["is_readable"]) - read
            if len(left) < least:
                least, until = len(left), datetime.now(UTC) + _NEXT_READ_WITHIN
            await asyncio.sleep(_HINT_SECONDS)
        return LastReads(read=frozenset(ids[one] for one in read), unread=frozenset(ids[one] for one in left))

    async def _end_holds(self) -> None:
        if (datetime.now(UTC) - self._held_at).total_seconds() >= _HOLD_SECONDS:
            self._held_at = datetime.now(UTC)
            await self._pool.execute(_HELD_UNTIL_NOW)

    async def _hint(self, posts: set[str]) -> None:
        if posts:
            async with self._pool.acquire() as connection:
                await hint_reads(
                    connection, [_uuid_of(post) for post in posts], ReadKind.COMMENTS, now=datetime.now(UTC)
                )


def _takes_comments(wanted: RequestedPost) -> bool:
    """Whether what others write shows at once. On Threads, a post whose replies need an approval is labelled."""
    platform = PLATFORMS[wanted.account.platform]
    if wanted.mode != "publish" or not platform.has_comments:
        return False
    return not (wanted.account.platform == "threads" and wanted.is_labelled)


def _uuid_of(post: str) -> UUID:
    return parse_id(POST, post)
