"""Ask for what a worker does about comments: write a reply, hide, like or delete one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.comments.actions import require_action
from presswork.comments.find import find_comment, lock_comment
from presswork.comments.model import TRIED_FOR, CallKind, Comment, ReplyStatus
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import COMMENT, new_id, public_id
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.platforms.comment_port import SupportsComments
from presswork.platforms.live_support import CommentAction
from presswork.platforms.registry import Platforms
from presswork.projects.store import find_project

_SQL: Final = load("presswork.comments")
_ACTS: Final = {
    (CallKind.HIDE, True): Action.COMMENT_HIDE,
    (CallKind.HIDE, False): Action.COMMENT_UNHIDE,
    (CallKind.LIKE, True): Action.COMMENT_LIKE,
    (CallKind.LIKE, False): Action.COMMENT_UNLIKE,
    (CallKind.DELETE, True): Action.COMMENT_DELETE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReply:
    """A reply that a worker writes."""

    id: UUID
    reply_status: ReplyStatus


async def ask_reply(
    connection: Connection,
    platforms: Platforms,
    comment_id: UUID,
    text: str,
    *,
    visible_to: Principal,
    now: datetime,
) -> AskedReply:
    """Have a comment answered, in the caller's transaction. The comment is done then.

    Raises CommentNotFound, ProjectArchived, Invalid for a text that the platform would refuse, and as `require_action`.
    """
    comment = await _lock(connection, platforms, comment_id, CommentAction.REPLY, visible_to)
    connector = platforms.described()[comment.login].connector
    problem = connector.check_reply(text) if isinstance(connector, SupportsComments) else None
    if problem is not None:
        raise Invalid([Issue("text", problem, IssueCode.WOULD_FAIL)])
    reply_id = new_id()
    await connection.fetchval(_SQL["ask_reply"], reply_id, comment.id, text, comment.handle, now, now + TRIED_FOR)
    await record_act(
        connection,
        Action.COMMENT_REPLY,
        public_id(COMMENT, comment_id),
        by=visible_to,
        now=now,
        detail={"replyId": public_id(COMMENT, reply_id)},
    )
    return AskedReply(id=reply_id, reply_status=ReplyStatus.QUEUED)


async def ask_call(
    connection: Connection,
    platforms: Platforms,
    comment_id: UUID,
    kind: CallKind,
    *,
    is_wanted: bool,
    visible_to: Principal,
    now: datetime,
) -> Comment:
    """Have a comment hidden, liked or deleted, or with `is_wanted` false shown again or the like taken back, in the caller's
    transaction. Return the comment, which shows it already.

    Repeating it has no effect, unless an earlier call has failed. Raises as `ask_reply`.
    """
    comment = await find_comment(connection, comment_id, visible_to=visible_to)
    if kind is CallKind.DELETE and comment.deleted_at is not None:
        return comment
    comment = await _lock(connection, platforms, comment_id, CommentAction(kind.value), visible_to)
    is_shown = {CallKind.HIDE: comment.is_hidden, CallKind.LIKE: comment.is_liked}.get(kind, False)
    if is_shown is not is_wanted or comment.error is not None:
        await connection.fetchval(_SQL["ask_call"], comment_id, kind.value, is_wanted, now, now + TRIED_FOR)
    await record_act(connection, _ACTS[kind, is_wanted], public_id(COMMENT, comment_id), by=visible_to, now=now)
    return await find_comment(connection, comment_id, visible_to=visible_to)


async def _lock(
    connection: Connection, platforms: Platforms, comment_id: UUID, action: CommentAction, caller: Principal
) -> Comment:
    comment = await lock_comment(connection, comment_id, visible_to=caller)
    project = await find_project(connection, comment.project_id, visible_to=caller)
    project.require_active()
    require_action(platforms.described()[comment.login], comment, action)
    return comment
