"""Store what a read of a post's comments showed, and forget what must not be kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.comments.model import BACKLOG_AGE
from presswork.core.ids import new_id
from presswork.db.pool import Pool, affected
from presswork.db.queries import load
from presswork.platforms.comment_port import CommentsRead, SeenComment
from presswork.platforms.live_support import CommentAction

_SQL: Final = load("presswork.comments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """How many comments are new, and how many have changed or are gone."""

    new: int
    changed: int


async def receive_comments(
    pool: Pool,
    post_id: UUID,
    read: CommentsRead,
    *,
    is_whole: bool,
    is_first: bool,
    max_text_age: timedelta | None,
    keep: timedelta | None = None,
    read_at: datetime,
    now: datetime,
) -> Received:
    """Store the comments of a post in one statement, with the events about the new ones.

    `is_whole`: a stored comment that the read does not have is gone. `is_first`: the post was never read before. Then old comments are no news. `read_at` is when the read began: what was done
    about a comment since counts, and not what the read shows. Comments older than `keep` are left out: retention has deleted them.
    """
    comments = [comment for comment in read.comments if keep is None or comment.created_at >= now - keep]
    row = await pool.fetchrow(
        _SQL["receive"],
        post_id,
        now,
        read_at,
        json.dumps(_rows_of(comments, expires_at=None if max_text_age is None else read_at + max_text_age)),
        is_whole,
        now - BACKLOG_AGE if is_first else None,
    )
    if row is None:
        raise TypeError("the statement returns one row")
    return Received(new=row["new"], changed=row["changed"])


async def forget_texts(pool: Pool, *, now: datetime, limit: int) -> int:
    """Erase texts and authors that platforms do not let be stored any longer, at most `limit`; return how many."""
    return affected(await pool.execute(_SQL["forget_texts"], now, limit))


async def delete_old_comments(pool: Pool, *, keep: timedelta, now: datetime, limit: int) -> int:
    """Delete comments that were written longer ago than `keep`, at most `limit`; return how many."""
    return affected(await pool.execute(_SQL["delete_old"], now - keep, limit))


def _rows_of(comments: Sequence[SeenComment], *, expires_at: datetime | None) -> Sequence[Mapping[str, JsonValue]]:
    """Return the rows that the statement stores, one for each comment, with the top of its thread as far as the read shows it."""
    by_id = {comment.external_id: comment for comment in comments}
    return [_row_of(comment, _find_top(comment, by_id), expires_at=expires_at) for comment in by_id.values()]


def _find_top(comment: SeenComment, by_id: Mapping[str, SeenComment]) -> SeenComment:
    """Return the first comment of the thread, or the first that the read has."""
    passed = {comment.external_id}
    while (parent := by_id.get(comment.parent_external_id or "")) is not None and parent.external_id not in passed:
        comment = parent
        passed.add(comment.external_id)
    return comment


def _row_of(comment: SeenComment, top: SeenComment, *, expires_at: datetime | None) -> Mapping[str, JsonValue]:
    return {
        "id": str(new_id()),
        "external_id": comment.external_id,
        "parent": comment.parent_external_id,
        "top": top.external_id,
        "top_parent": top.parent_external_id,
        "top_at": top.created_at.isoformat(),
        "author": None if comment.author is None else _drop_unstorable(comment.author),
        "author_id": comment.author_external_id,
        "text": _drop_unstorable(comment.text),
        "created_at": comment.created_at.isoformat(),
        "is_own": comment.is_own,
        "shown_hidden": None if CommentAction.HIDE in comment.unshown else comment.is_hidden,
        "shown_liked": None if CommentAction.LIKE in comment.unshown else comment.is_liked,
        "offered": [*sorted(action.value for action in comment.actions)],
        "expires_at": None if comment.is_own or expires_at is None else expires_at.isoformat(),
    }


def _drop_unstorable(text: str) -> str:
    """Return a text without what PostgreSQL can't store: NUL characters and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
