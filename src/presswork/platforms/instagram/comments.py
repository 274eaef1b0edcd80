"""Reads, answers and moderates the comments of media.

The list of a post's comments has the top level, the newest first, each with its first replies. A field that an account may not read
fails the whole call, and the author of a comment may be withheld: then it is known by its name alone. What answers a reply is written
below the top comment, since a reply to a reply was seen to be refused. Likes exist with Facebook Login only; more than 50 calls in 5
seconds end them for an hour.
Source: Meta, "IG Media Comments", "IG Comment", "IG Comment Replies" (2026-04 to 2026-06) and "User Likes" (2026-04-22), read 2026-12.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import JsonObject
from presswork.platforms.comment_port import CommentsRead, Reply, SeenComment, StoredComment
from presswork.platforms.comments import (
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
from presswork.platforms.graph.client import Graph, next_page, text_of
from presswork.platforms.graph.comments import CommentCalls, write_comment
from presswork.platforms.instagram.description import Permissions
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.instagram.rules import RULES
from presswork.platforms.json_values import instant_of, items_of, part_of
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Absent, Ambiguous, Present, TargetAccount

LIST: Final = "comments_list"
REPLIES: Final = "comment_replies_list"
REPLY: Final = "comment_replies"
READ: Final = "comment"
HIDE: Final = "comment_update"
LIKE: Final = "likes"
DELETE: Final = "comment_delete"
_FIELD_SETS: Final = (
    "id,text,timestamp,username,from{id,username},hidden,parent_id",
    "id,text,timestamp,username,hidden",
    "id,text,timestamp,username",
)
"""From rich to bare."""
_A_PAGE: Final = 50
_REPLIES_WITHIN: Final = 20
"""Replies that the list shows of each comment; of more, the list of its replies is read."""
MAX_LOOK_PAGES: Final = 8
_unknown: Final = partial(INSTAGRAM.comment_unknown, step=REPLY)


class MediaComments:
    """The port's `SupportsComments` for Instagram."""

    def __init__(self, graph: Graph, permissions: Permissions) -> None:
        """Store the Graph client, and the login's permissions."""
        self._graph: Final = graph
        self._permissions: Final = permissions
        self._calls: Final = CommentCalls(graph)

    def check_reply(self, text: str) -> str | None:
        """Return why Instagram would refuse the text, or None."""
        return RULES.check_reply(text)

    async def list_comments(
        self, access: AccountAccess, post: LivePost, *, since: datetime | None, max_pages: int
    ) -> CommentsRead:
        """Read the comments with their replies, the newest first; with `since`, until a page has none that is younger.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        self._require_scopes(access, verb="read comments", step=LIST)
        with INSTAGRAM.changing_live(None):
            read = await self._calls.read_list(
                access,
                f"{post.external_id}/comments",
                [f"{fields},replies.limit({_REPLIES_WITHIN}){{{fields}}}" for fields in _FIELD_SETS],
                {"limit": str(_A_PAGE)},
                step=LIST,
                max_pages=max_pages,
                ends=partial(_is_before, since),
            )
            found, calls, is_complete = list(self._read_items(read.items, access, None)), read.calls, read.is_complete
            for item in read.items:
                comment_id = text_of(item.get("id"))
                if comment_id is None or not _has_more_replies(item):
                    continue
                if calls >= max_pages:
                    is_complete = False
                    break
                below = await self._calls.read_list(
                    access,
                    f"{comment_id}/replies",
                    _FIELD_SETS,
                    {"limit": str(_A_PAGE)},
                    step=REPLIES,
                    max_pages=max_pages - calls,
                )
                found += self._read_items(below.items, access, comment_id)
                calls, is_complete = calls + below.calls, is_complete and below.is_complete
        return CommentsRead(comments=sort_by_thread(found), is_complete=is_complete, calls=calls)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """Note which replies with this text the account has written already. Raises TryLater, Rejected, CredentialInvalid."""
        self._require_scopes(access, verb="answer comments", step=REPLY)
        with INSTAGRAM.changing_live(None):
            for comment_id in dict.fromkeys((thread_of(reply.comment), reply.comment.external_id)):
                response = await self._calls.send(access, "GET", [comment_id], {"fields": "id"}, step=READ)
                await self._calls.require_found(access, response, step=READ)
            return {KNOWN: note_equals(await self._read_replies(access, reply), reply)}

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Write the reply below the comment, or below its parent. Raises as the port says.

        Some calls that Instagram refuses have made the comment before, so a refusal is followed by a look.
        """
        with INSTAGRAM.changing_live(None):
            path = f"{thread_of(reply.comment)}/replies"
            try:
                made = await write_comment(self._graph, access, [path], reply.text, step=REPLY)
            except OutcomeUnknown:
                raise
            except PlatformError as refused:
                return await settle_refusal(refused, partial(self.look_up_reply, access, reply, prepared), _unknown)
            return Present(external_id=made)

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]
    ) -> Present | Absent | Ambiguous:
        """Look among the replies to the comment. Raises TryLater, Rejected, CredentialInvalid."""
        with INSTAGRAM.changing_live(None):
            return find_reply(await self._read_replies(access, reply), reply, prepared, INSTAGRAM)

    async def _read_replies(self, access: AccountAccess, reply: Reply) -> Replies:
        """Read the replies to the comment: all, since their order is not documented."""
        target = thread_of(reply.comment)
        read = await self._calls.read_list(
            access, f"{target}/replies", _FIELD_SETS, {"limit": str(_A_PAGE)}, step=REPLIES, max_pages=MAX_LOOK_PAGES
        )
        doubt = None if read.is_enough else describe_cut(len(read.items))
        return Replies(comments=self._read_items(read.items, access, target), doubt=doubt)

    async def set_hidden(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
        *,
        is_hidden: bool,
    ) -> None:
        """Hide the comment, or show it again. Raises TryLater, Rejected, CredentialInvalid."""
        self._require_scopes(access, verb="hide comments", step=HIDE)
        with INSTAGRAM.changing_live(None):
            change = {"hide": "true" if is_hidden else "false"}
            await self._calls.change(access, "POST", [comment.external_id], change, step=HIDE)

    async def set_liked(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
        *,
        is_liked: bool,
    ) -> Mapping[str, JsonValue]:
        """Like the comment, or take it back. Raises TryLater, Rejected (also with Instagram Login, which has no likes),
        CredentialInvalid.
        """
        if self._permissions.like is None:
            raise Rejected(
                "Instagram lets programs like comments only for accounts that are connected by Facebook.",
                advice="Like it in the Instagram app.",
                step=LIKE,
            )
        require_scopes(access.account, self._permissions.like, verb="like comments", step=LIKE)
        with INSTAGRAM.changing_live(None):
            path, params = f"{access.account.external_id}/likes", {"comment_id": comment.external_id}
            await self._calls.change(access, "POST" if is_liked else "DELETE", [path], params, step=LIKE)
        return {}

    async def delete_comment(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
    ) -> None:
        """Delete the comment. Raises TryLater, Rejected, CredentialInvalid."""
        self._require_scopes(access, verb="delete comments", step=DELETE)
        with INSTAGRAM.changing_live(None):
            await self._calls.delete(access, [comment.external_id], step=DELETE)

    def _require_scopes(self, access: AccountAccess, *, verb: str, step: str) -> None:
        require_scopes(access.account, self._permissions.comment, verb=verb, step=step)

    def _read_items(
        self, items: Sequence[JsonObject], access: AccountAccess, parent_id: str | None
    ) -> list[SeenComment]:
        """Return listed comments, each followed by the replies that it shows."""
        found: list[SeenComment] = []
        for item in items:
            comment = self._read_item(item, access.account, parent_id)
            if comment is not None:
                found.append(comment)
                found += self._read_items(items_of(part_of(item, "replies"), "data"), access, comment.external_id)
        return found

    def _read_item(self, item: JsonObject, account: TargetAccount, parent_id: str | None) -> SeenComment | None:
        comment_id, created_at = text_of(item.get("id")), instant_of(item.get("timestamp"))
        if comment_id is None or created_at is None:
            return None
        author = part_of(item, "from")
        name = text_of(author.get("username")) or text_of(item.get("username"))
        author_id = text_of(author.get("id"))
        is_own = (
            (name or "").casefold() == account.handle.casefold()
            if author_id is None
            else author_id == account.external_id
        )
        actions = {CommentAction.REPLY, CommentAction.DELETE}
        actions |= set() if is_own else {CommentAction.HIDE}
        actions |= set() if self._permissions.like is None else {CommentAction.LIKE}
        return SeenComment(
            external_id=comment_id,
            parent_external_id=parent_id or text_of(item.get("parent_id")),
            author=name,
            author_external_id=author_id,
            text=text_of(item.get("text")) or "",
            created_at=created_at,
            is_own=is_own,
            is_hidden=item.get("hidden") is True,
            actions=frozenset(actions),
            unshown=frozenset({CommentAction.LIKE} | (set() if "hidden" in item else {CommentAction.HIDE})),
        )


def _has_more_replies(item: JsonObject) -> bool:
    """Whether a comment may have more replies than the list of comments shows of it."""
    replies = part_of(item, "replies")
    return next_page(replies) is not None or len(items_of(replies, "data")) >= _REPLIES_WITHIN


def _is_before(since: datetime | None, items: Sequence[JsonObject]) -> bool:
    """Whether nothing on a page of comments and replies is younger than an instant."""
    shown = [*items, *(reply for item in items for reply in items_of(part_of(item, "replies"), "data"))]
    times = [at for item in shown if (at := instant_of(item.get("timestamp"))) is not None]
    return since is not None and all(at < since for at in times)
