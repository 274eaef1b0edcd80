"""Compare accepted replies and other people's comments with the rows, the events, and what is on the platforms."""

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import aiohttp
import asyncpg

from chaos.commenting import QUESTION, REPLY, LastReads
from chaos.ledger import MIN_LOOK_UP_TIME, Verdict
from chaos.platforms import PLATFORMS
from chaos.record import CallerRecord, RequestedReply, WrittenComment
from presswork.core.ids import COMMENT, POST, public_id
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.queries import load

_EVENTS_SECONDS: Final = 5.0
_EVENTS_AT_ONCE: Final = 5_000
_EVENT_SQL: Final = load("presswork.events")
_FIRST_COMMENT: Final = "First comment "
_ENDS: Final = frozenset({"posted", "failed", "outcome_unknown"})
_LISTEN: Final = """
INSERT INTO event_listeners (id, organization_id, environment, events, is_stream, kept_until)
SELECT gen_random_uuid(), id, 'test', '{}', true, now() + interval '7 days' FROM organizations
ON CONFLICT (organization_id, environment) WHERE is_stream DO NOTHING
"""
_EVENTS: Final = """
SELECT number, event_type, data::json ->> 'id' AS id FROM stream_events WHERE number > $1 ORDER BY number LIMIT 10000
"""
_COMMENTS: Final = """
SELECT c.id, c.post_id AS post, c.external_id, c.text, c.is_own, c.status, c.reply_status, c.error, c.deleted_at IS NOT NULL AS is_deleted,
       c.reply_to IS NOT NULL AS is_reply, c.settled_at - c.seen_at AS took, p.live_status IS NOT NULL AS is_off_line,
       a.status <> 'reauth_required' AS has_access,
       EXISTS (SELECT FROM comment_calls l WHERE l.comment_id = c.id) AS is_open
  FROM comments c JOIN scheduled_posts p ON p.id = c.post_id JOIN social_accounts a ON a.id = c.social_account_id
"""
_MENTION: Final = re.compile(rf"\A@\S+ (?={REPLY})")


def is_of_conversation(text: str) -> bool:
    """Whether this is what another person wrote about a post, or a reply to that, and neither a post nor its first comment."""
    return without_mention(text).startswith((QUESTION, REPLY))


def without_mention(text: str) -> str:
    """Return a reply without the mention of whom it answers, which it begins with on Mastodon."""
    return _MENTION.sub("", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow:
    """A comment, or a reply, as stored in the database."""

    id: str
    post: str
    external_id: str | None = None
    text: str | None = None
    is_own: bool = False
    status: str = "new"
    reply_status: str | None = None
    is_reply: bool = False
    error: str | None = None
    is_deleted: bool = False
    took: timedelta | None = None
    """Of a reply: from the call that asked for it to its end, so at least as long as its look-ups."""
    is_off_line: bool = False
    """Whether its post was to be taken down."""
    has_access: bool = True
    is_open: bool = False
    """Whether a worker still has to do something about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownComment:
    """A comment on a platform, a deleted one too."""

    id: str
    platform: str
    author: str
    text: str
    parent_id: str | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """All comments at the end of a run."""

    rows: Sequence[CommentRow]
    shown: Sequence[ShownComment]


class ReceivedComments:
    """Counts the events of received comments while the service runs: they are kept for an hour."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool: Final = pool
        self._last = 0
        self._found: Final[Counter[str]] = Counter()

    async def begin(self) -> None:
        """Have events written from now on, as for a client that reads the event stream."""
        await self._pool.execute(_LISTEN)

    async def run(self) -> None:
        """Count events, until cancelled."""
        while True:
            with contextlib.suppress(*TRANSIENT_ERRORS):
                await self._count()
            await asyncio.sleep(_EVENTS_SECONDS)

    async def read(self) -> Mapping[str, int]:
        """Return how many events there were about each comment, by id."""
        while await self._count():
            pass
        return self._found

    async def _count(self) -> int:
        """Number what was written, as an API process with a client does, and count it; return how many events there were."""
        numbered = await self._pool.fetchval(_EVENT_SQL["number_events"], _EVENTS_AT_ONCE, None)
        rows = await self._pool.fetch(_EVENTS, self._last)
        for row in rows:
            self._last = row["number"]
            if row["event_type"] == "comment.received":
                self._found[row["id"]] += 1
        return len(rows) + int(numbered or 0)


async def read_comments(
    pool: "asyncpg.Pool[asyncpg.Record]", session: aiohttp.ClientSession, sandbox_url: str
) -> Comments:
    """Read all rows, and all comments on the platforms."""
    rows = [
        CommentRow(**{**row, "id": public_id(COMMENT, row["id"]), "post": public_id(POST, row["post"])})
        for row in await pool.fetch(_COMMENTS)
    ]
    shown: list[ShownComment] = []
    for platform in (name for name, one in PLATFORMS.items() if one.has_comments):
        async with session.get(f"{sandbox_url}/control/comments?platform={platform}") as reply:
            reply.raise_for_status()
            items = json.loads(await reply.read())["items"]
        shown += [
            ShownComment(
                id=item["id"],
                platform=platform,
                author=item["author"],
                text=without_mention(item["text"]),
                parent_id=item["parentId"],
                is_deleted=item["deleted"],
            )
            for item in items
        ]
    return Comments(rows=rows, shown=shown)


def check_comments(
    verdict: Verdict,
    record: CallerRecord,
    comments: Comments,
    events: Mapping[str, int],
    reads: LastReads,
) -> None:
    """Check what became of replies, and that each comment of others was received once. `events` are counts of
    `comment.received`, by the comment's id.
    """
    _check_replies(verdict, record, comments)
    _check_received(verdict, record, comments, events, reads)
    for row in comments.rows:
        if row.is_open and row.has_access:
            verdict.add_violation("replies and calls about comments without an end", f"{row.id} {row.reply_status}")
        if not row.is_own and (row.text or "").startswith((REPLY, _FIRST_COMMENT)):
            verdict.add_violation("own comments that pass for others'", f"{row.id} {row.status}")
        if row.is_own and row.status == "new":
            verdict.add_violation("own comments that pass for others'", f"{row.id} {row.status}")
    for post in reads.unread:
        platform = record.accepted[post].account.platform
        verdict.add_violation("commented posts that were not read", f"{post} {platform}")


def _check_replies(verdict: Verdict, record: CallerRecord, comments: Comments) -> None:
    rows = {row.id: row for row in comments.rows if row.is_reply or row.reply_status is not None}
    shown: dict[str, list[ShownComment]] = {}
    for one in comments.shown:
        if one.text.startswith(REPLY):
            shown.setdefault(one.text, []).append(one)
    for row_id in rows.keys() - record.replies.keys():
        verdict.add_violation("replies without an accepted call", row_id)
    asked = {reply.text for reply in record.replies.values()}
    for text in shown.keys() - asked:
        verdict.add_violation("replies on the platform without an accepted call", text)
    for reply_id, reply in record.replies.items():
        row = rows.get(reply_id)
        if row is None:
            verdict.add_violation("accepted replies that do not exist", reply_id)
        else:
            _check_reply(verdict, reply, row, shown.get(reply.text, []))
            if row.reply_status == "failed" and row.has_access and not _may_refuse_replies(record, reply.answered):
                state = f"{reply_id} {reply.answered.account.platform} {reply.answered.id}: {row.error}"
                verdict.add_violation("replies that failed, though their comment stays", state)


def _check_reply(verdict: Verdict, reply: RequestedReply, row: CommentRow, found: Sequence[ShownComment]) -> None:
    status = row.reply_status or "none"
    platform = reply.answered.account.platform
    state = f"{row.id} {platform} {status}, {len(found)} there, took {row.took}: {reply.text}"
    verdict.replies[status] = verdict.replies.get(status, 0) + 1
    if len(found) > 1:
        verdict.add_violation("replies written twice", state)
    if status not in _ENDS and row.has_access:
        verdict.add_violation("replies and calls about comments without an end", state)
    if status == "posted" and not found:
        verdict.add_violation("replies reported as posted, but not on the platform", state)
    if status == "failed" and found:
        verdict.add_violation("replies that failed, but are on the platform", state)
    if status == "outcome_unknown" and row.has_access and (row.took or timedelta()) < MIN_LOOK_UP_TIME:
        verdict.add_violation("replies of unknown outcome without enough look-ups", state)
    for one in found:
        if not _is_in_place(reply, one):
            verdict.add_violation("replies in the wrong place", f"{state}, by {one.author} to {one.parent_id}")
    if status == "posted" and len(found) == 1 and _number_of(row.external_id) != found[0].id:
        verdict.add_violation("replies in the wrong place", f"{state}, {row.external_id} is not {found[0].id}")


def _may_refuse_replies(record: CallerRecord, comment: WrittenComment) -> bool:
    """Whether a comment or its post may have gone, or the comment be hidden where hidden ones can't be answered."""
    may_be_hidden = comment.text in record.hidden_comments and not PLATFORMS[comment.account.platform].answers_hidden
    return may_be_hidden or _has_gone(record, comment)


def _has_gone(record: CallerRecord, comment: WrittenComment) -> bool:
    """Whether someone has deleted a comment or its post, or wanted to."""
    is_removed = comment.text in record.removed_comments
    return is_removed or comment.post in record.taken_down or comment.post in record.deleted_by_person


def _number_of(external_id: str | None) -> str | None:
    """Return a comment's id as the platforms' control surface has it: of a URN of LinkedIn, the number."""
    if external_id is None or not external_id.startswith("urn:li:comment:"):
        return external_id
    return external_id.rstrip(")").rpartition(",")[2]


def _is_in_place(reply: RequestedReply, one: ShownComment) -> bool:
    return one.author == reply.answered.account.handle and one.parent_id == reply.answered.id


def _check_received(
    verdict: Verdict, record: CallerRecord, comments: Comments, events: Mapping[str, int], reads: LastReads
) -> None:
    """Check that each comment of others that stays has one row and one event, and that no other was deleted."""
    rows: dict[tuple[str, str | None], list[CommentRow]] = {}
    for row in comments.rows:
        rows.setdefault((row.post, _number_of(row.external_id)), []).append(row)
    shown = {one.text: one for one in comments.shown if one.text.startswith(QUESTION)}
    for text, comment in record.comments.items():
        found = rows.get((comment.post, comment.id), [])
        state = f"{comment.account.platform} {comment.post} {comment.id} {text}"
        verdict.comments += 1
        if len(found) > 1:
            verdict.add_violation("comments received twice", state)
        for row in found:
            if events.get(row.id, 0) != 1:
                verdict.add_violation("comments without one event", f"{state}: {events.get(row.id, 0)} of {row.id}")
        if _has_gone(record, comment):
            continue
        if text not in shown or shown[text].is_deleted:
            verdict.add_violation("comments deleted, though no one asked for it", state)
        elif comment.post not in reads.read:
            continue  # without access, or among the violations
        elif not found:
            verdict.add_violation("comments that were not received", state)
        elif found[0].is_deleted:
            verdict.add_violation("comments that stay, but pass for deleted", f"{state}: {found[0].id}")
