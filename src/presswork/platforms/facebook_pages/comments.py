"""Reads, answers and moderates the comments of a Page's posts.

A reply is made at `/{comment}/comments`: a POST to the comment itself with a message would edit it, although a guide shows it as the
reply. So every reply is read back. There are two levels: what answers a reply stands below the comment that the reply answers. A
comment's id is `98765` or `{post}_98765`; Presswork stores the last part, and calls the longer form first.
Source: Meta, "Pages API: Comments", reference of "Comment" (Graph API), read 2026-11 and 2026-12; that the other form edits is the
reference's, and was seen with a client (2026-08).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import JsonObject
from presswork.platforms.comment_port import CommentsRead, Reply, SeenComment, StoredComment
from presswork.platforms.comments import (
    CLOCKS_DIFFER_BY,
    KNOWN,
    Replies,
    describe_cut,
    find_reply,
    note_equals,
    require_scopes,
    settle_refusal,
    sort_by_thread,
    thread_of,
)
from presswork.platforms.errors import OutcomeUnknown, PlatformError, Rejected
from presswork.platforms.facebook_pages.description import TO_COMMENT, TO_READ_COMMENTS
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK
from presswork.platforms.facebook_pages.rules import RULES
from presswork.platforms.graph.client import Graph, text_of
from presswork.platforms.graph.comments import CommentCalls, write_comment
from presswork.platforms.json_values import instant_of, part_of
from presswork.platforms.live_support import CommentAction
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Absent, Ambiguous, Present

LIST: Final = "comments_list"
REPLY: Final = "comment_replies"
READ: Final = "comment"
HIDE: Final = "comment_update"
LIKE: Final = "comment_likes"
DELETE: Final = "comment_delete"
_BARE: Final = "id,message,created_time,from{id,name},parent{id}"
_FIELD_SETS: Final = (
    f"{_BARE},is_hidden,can_hide,can_remove,can_comment,can_like,user_likes",
    f"{_BARE},is_hidden",
    _BARE,
)
"""From rich to bare: one that Graph refuses fails the whole call."""
_A_PAGE: Final = 50
MAX_LOOK_PAGES: Final = 8
_NEWEST_FIRST: Final = {"filter": "stream", "order": "reverse_chronological", "limit": str(_A_PAGE)}
_ALLOWED_BY: Final[Mapping[CommentAction, str]] = {
    CommentAction.REPLY: "can_comment",
    CommentAction.HIDE: "can_hide",
    CommentAction.LIKE: "can_like",
    CommentAction.DELETE: "can_remove",
}
_unknown: Final = partial(FACEBOOK.comment_unknown, step=REPLY)


class PageComments:
    """The port's `SupportsComments` for Facebook Pages."""

    def __init__(self, graph: Graph) -> None:
        """Store the Graph client."""
        self._graph: Final = graph
        self._calls: Final = CommentCalls(graph)

    def check_reply(self, text: str) -> str | None:
        """Return why Facebook would refuse the text, or None."""
        return RULES.check_reply(text)

    async def list_comments(
        self, access: AccountAccess, post: LivePost, *, since: datetime | None, max_pages: int
    ) -> CommentsRead:
        """Read the comments of all levels, the newest first. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_READ_COMMENTS, verb="read comments", step=LIST)
        with FACEBOOK.changing_live(None):
            read = await self._calls.read_list(
                access,
                f"{post.external_id}/comments",
                _FIELD_SETS,
                _NEWEST_FIRST,
                step=LIST,
                max_pages=max_pages,
                ends=partial(_is_before, since),
            )
        comments = [one for item in read.items if (one := _read_comment(item, access, post)) is not None]
        return CommentsRead(comments=sort_by_thread(comments), is_complete=read.is_complete, calls=read.calls)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """Note which replies with this text the Page has written already. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_COMMENT, verb="answer comments", step=REPLY)
        with FACEBOOK.changing_live(None):
            return {KNOWN: note_equals(await self._read_replies(access, reply), reply)}

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Write the reply below the comment, or below its parent, and read it back. Raises as the port says."""
        target = thread_of(reply.comment)
        paths = [f"{path}/comments" for path in _paths_of(reply.post, target)]
        with FACEBOOK.changing_live(None):
            try:
                made = await write_comment(self._graph, access, paths, reply.text, step=REPLY)
            except OutcomeUnknown:
                raise
            except PlatformError as refused:
                return await settle_refusal(refused, partial(self.look_up_reply, access, reply, prepared), _unknown)
            if _last_part(made) in {target, reply.comment.external_id}:
                raise Rejected("Facebook changed the comment instead of answering it.", step=REPLY)
            return await self._read_back(access, reply, made)

    async def _read_back(self, access: AccountAccess, reply: Reply, made: str) -> Present:
        """Return the reply, with a note where Facebook shows it at another place or with another text; it is there in any case."""
        present = Present(external_id=_last_part(made))
        try:
            fields = {"fields": "id,parent{id},message,permalink_url"}
            response = await self._calls.send(
                access, "GET", [made, *_paths_of(reply.post, _last_part(made))], fields, step=READ
            )
            shown = FACEBOOK.object_of(response, step=READ)
        except PlatformError:
            return present
        parent = _last_part(text_of(part_of(shown, "parent").get("id")) or "")
        is_as_sent = parent == thread_of(reply.comment) and is_same_text(
            text_of(shown.get("message")) or "", reply.text
        )
        note = (
            None if is_as_sent else "Facebook shows the reply at another place, or with another text. Look at the post."
        )
        return replace(present, external_url=text_of(shown.get("permalink_url")), message=note)

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]
    ) -> Present | Absent | Ambiguous:
        """Look among the replies to the comment. Raises TryLater, Rejected, CredentialInvalid."""
        with FACEBOOK.changing_live(None):
            return find_reply(await self._read_replies(access, reply), reply, prepared, FACEBOOK)

    async def _read_replies(self, access: AccountAccess, reply: Reply) -> Replies:
        """Read the replies to the comment, back to the call that wrote this one."""
        since = None if reply.called_at is None else reply.called_at - CLOCKS_DIFFER_BY
        target = thread_of(reply.comment)
        path, *others = _paths_of(reply.post, target)
        response = await self._calls.send(access, "GET", [path, *others], {"fields": "id"}, step=READ)
        await self._calls.require_found(access, response, step=READ)
        known_as = text_of(response.get("id")) if isinstance(response, dict) else None
        read = await self._calls.read_list(
            access,
            f"{known_as or path}/comments",
            _FIELD_SETS[-1:],
            _NEWEST_FIRST,
            step=LIST,
            max_pages=MAX_LOOK_PAGES,
            ends=partial(_is_before, since),
        )
        listed = [_read_comment(item, access, reply.post) for item in read.items]
        doubt = None if read.is_enough else describe_cut(len(read.items))
        return Replies(comments=[one for one in listed if one is not None], doubt=doubt)

    async def set_hidden(
        self, access: AccountAccess, post: LivePost, comment: StoredComment, *, is_hidden: bool
    ) -> None:
        """Hide the comment from all but its author and their friends, or show it. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_COMMENT, verb="hide comments", step=HIDE)
        with FACEBOOK.changing_live(None):
            paths, change = _paths_of(post, comment.external_id), {"is_hidden": "true" if is_hidden else "false"}
            await self._calls.change(access, "POST", paths, change, step=HIDE)

    async def set_liked(
        self, access: AccountAccess, post: LivePost, comment: StoredComment, *, is_liked: bool
    ) -> Mapping[str, JsonValue]:
        """Like the comment as the Page, or take it back. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_COMMENT, verb="like comments", step=LIKE)
        with FACEBOOK.changing_live(None):
            paths = [f"{path}/likes" for path in _paths_of(post, comment.external_id)]
            await self._calls.change(access, "POST" if is_liked else "DELETE", paths, {}, step=LIKE)
        return {}

    async def delete_comment(self, access: AccountAccess, post: LivePost, comment: StoredComment) -> None:
        """Delete the comment, the Page's own or another one. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_COMMENT, verb="delete comments", step=DELETE)
        with FACEBOOK.changing_live(None):
            await self._calls.delete(access, _paths_of(post, comment.external_id), step=DELETE)


def _last_part(comment_id: str) -> str:
    return comment_id.rpartition("_")[2]


def _paths_of(post: LivePost, comment_id: str) -> Sequence[str]:
    """Return the ids by which Graph may know a comment."""
    return (f"{_last_part(post.external_id)}_{comment_id}", comment_id)


def _is_before(since: datetime | None, items: Sequence[JsonObject]) -> bool:
    """Whether a list with the newest first has reached an instant."""
    at = instant_of(items[-1].get("created_time"))
    return since is not None and at is not None and at < since


def _read_comment(item: JsonObject, access: AccountAccess, post: LivePost) -> SeenComment | None:
    """Return a listed comment; None of one without an id or a time. The author is missing where people forbid it."""
    comment_id, created_at = text_of(item.get("id")), instant_of(item.get("created_time"))
    if comment_id is None or created_at is None:
        return None
    author = part_of(item, "from")
    parent = text_of(part_of(item, "parent").get("id"))
    is_own = text_of(author.get("id")) == access.account.external_id
    usual = set(CommentAction) - ({CommentAction.HIDE} if is_own else set())
    return SeenComment(
        external_id=_last_part(comment_id),
        parent_external_id=None if parent in (None, post.external_id) else _last_part(parent),
        author=text_of(author.get("name")),
        author_external_id=text_of(author.get("id")),
        text=text_of(item.get("message")) or "",
        created_at=created_at,
        is_own=is_own,
        is_hidden=item.get("is_hidden") is True,
        is_liked=item.get("user_likes") is True,
        actions=frozenset(action for action in usual if item.get(_ALLOWED_BY[action]) is not False),
    )
