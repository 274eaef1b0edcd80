"""Reads, answers and moderates the comments of videos.

Comments have one level of replies. What YouTube or the channel holds for review is missing from the list of published comments and
stands in lists of its own: a reply of the channel's own may be held, too. The list of a video shows some replies of each comment;
of more, the list of its replies is read. Hiding a comment holds it for review; YouTube deletes comments of others by rejecting them.
Source: Google, "CommentThreads: list", "Comments: list, insert, setModerationStatus, delete", read 2026-12; that `replies` shows five
is general knowledge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject, UnreadableResponse, refusal
from presswork.platforms.comment_port import CommentsRead, Reply, SeenComment, StoredComment
from presswork.platforms.comments import (
    KNOWN,
    Replies,
    comment_gone,
    describe_cut,
    find_reply,
    no_such_call,
    note_equals,
    require_scopes,
    settle_refusal,
    sort_by_thread,
    thread_of,
)
from presswork.platforms.errors import PlatformError, TryLater
from presswork.platforms.json_values import instant_of, items_of, number_of, part_of, text_of
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Absent, Ambiguous, Present
from presswork.platforms.youtube.api import COMMENT_THREADS, COMMENTS, MODERATE_COMMENT, Api
from presswork.platforms.youtube.description import COMMENT
from presswork.platforms.youtube.error_mapping import COMMENT_GONE, ERROR_MEANINGS, YOUTUBE

MAX_TEXT: Final = 10_000
"""Characters of a comment (seen by clients; the pages name no number)."""
LIST: Final = "comment_threads_list"
REPLIES: Final = "comments_list"
REPLY: Final = "comments_insert"
HIDE: Final = "comments_set_moderation_status"
DELETE: Final = "comments_delete"
_A_PAGE: Final = 100
MAX_LOOK_PAGES: Final = 5
PUBLISHED: Final = "published"
HELD: Final = "heldForReview"
_SPAM: Final = "likelySpam"
_REJECTED: Final = "rejected"
_PLAIN: Final = {"maxResults": str(_A_PAGE), "textFormat": "plainText"}
_unknown: Final = partial(YOUTUBE.comment_unknown, step=REPLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Some comments of one list."""

    comments: Sequence[SeenComment]
    calls: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class VideoComments:
    """The port's `SupportsComments` for YouTube."""

    api: Api

    def check_reply(self, text: str) -> str | None:
        """Return why YouTube would refuse the text, or None."""
        if not text.strip():
            return "The reply is empty. Write a text."
        if len(text) > MAX_TEXT:
            return f"The reply has {len(text):,} characters; YouTube accepts {MAX_TEXT:,}. Shorten it."
        return None

    async def list_comments(
        self, access: AccountAccess, post: LivePost, *, since: datetime | None, max_pages: int
    ) -> CommentsRead:
        """Read the published comments, then those held for review. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, COMMENT, verb="read comments", step=LIST)
        with YOUTUBE.changing_live(None):
            shown = await self._read_threads(access, post, PUBLISHED, since=since, max_pages=max_pages)
            held = await self._read_threads(
                access, post, HELD, since=since, max_pages=max(max_pages - shown.calls, 1), with_replies=False
            )
        known = {one.external_id for one in shown.comments}
        hidden = [replace(one, is_hidden=True) for one in held.comments if one.external_id not in known]
        return CommentsRead(
            comments=sort_by_thread([*shown.comments, *hidden]),
            is_complete=shown.is_complete and held.is_complete,
            calls=shown.calls + held.calls,
        )

    async def _read_threads(
        self,
        access: AccountAccess,
        post: LivePost,
        status: str,
        *,
        since: datetime | None,
        max_pages: int,
        with_replies: bool = True,
    ) -> _Read:
        """Read the comments of a video that have a status, each with its replies."""
        params = {
            "part": "snippet,replies",
            "videoId": post.external_id,
            "order": "time",
            "moderationStatus": status,
            **_PLAIN,
        }
        found: list[SeenComment] = []
        cut: list[str] = []
        calls, token, is_complete = 0, "", False
        while calls < max_pages and not is_complete:
            page = {"pageToken": token} if token else {}
            body = await self._ask(access, COMMENT_THREADS, params | page, step=LIST)
            if body is None:  # the video has no comments
                return _Read(comments=[], calls=calls + 1, is_complete=True)
            calls += 1
            listed: list[SeenComment] = []
            for thread in items_of(body, "items"):
                top = _read_comment(part_of(thread, "snippet", "topLevelComment"), access, None)
                if top is None:
                    continue
                below = [
                    one
                    for item in items_of(part_of(thread, "replies"), "comments")
                    if (one := _read_comment(item, access, top.external_id)) is not None
                ]
                if (number_of(part_of(thread, "snippet").get("totalReplyCount")) or 0) > len(below):
                    cut.append(top.external_id)
                listed += [top, *below]
            found += listed
            token = text_of(body.get("nextPageToken")) or ""
            is_complete = not token
            if since is not None and listed and all(one.created_at < since for one in listed):
                break
        for comment_id in cut if with_replies else ():
            if calls >= max_pages:
                is_complete = False
                break
            replies = await self._read_replies(access, comment_id, max_pages=max_pages - calls)
            found += replies.comments
            calls, is_complete = calls + replies.calls, is_complete and replies.is_complete
        return _Read(comments=found, calls=calls, is_complete=is_complete)

    async def _read_replies(self, access: AccountAccess, comment_id: str, *, max_pages: int) -> _Read:
        """Read the published replies to a comment."""
        params = {"part": "snippet", "parentId": comment_id, **_PLAIN}
        found: list[SeenComment] = []
        token = ""
        for calls in range(1, max_pages + 1):
            page = {"pageToken": token} if token else {}
            body = await self._ask(access, COMMENTS, params | page, step=REPLIES) or {}
            read = (_read_comment(item, access, comment_id) for item in items_of(body, "items"))
            found += [one for one in read if one is not None]
            token = text_of(body.get("nextPageToken")) or ""
            if not token:
                return _Read(comments=found, calls=calls, is_complete=True)
        return _Read(comments=found, calls=max_pages, is_complete=False)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """See that the comment is there, and which replies with this text the channel has written already.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        require_scopes(access.account, COMMENT, verb="answer comments", step=REPLY)
        with YOUTUBE.changing_live(None):
            params = {"part": "snippet", "id": reply.comment.external_id, "textFormat": "plainText"}
            body = await self._ask(access, COMMENTS, params, step=REPLIES)
            if body is None or not items_of(body, "items"):
                raise comment_gone(YOUTUBE, step=REPLIES)
            return {KNOWN: note_equals(await self._find_candidates(access, reply), reply)}

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Write the reply below the comment, or below its parent. Raises as the port says."""
        body: JsonValue = {"snippet": {"parentId": thread_of(reply.comment), "textOriginal": reply.text}}
        with YOUTUBE.changing_live(None):
            with YOUTUBE.lost(step=REPLY, unknown=_unknown):
                _, response = await self.api.send(access, "POST", COMMENTS, {"part": "snippet"}, step=REPLY, body=body)
            if isinstance(response, ApiError):
                if not response.proves_nothing_changed:
                    raise _unknown(f"it answered HTTP {response.status}", response)
                refused = refusal(response, step=REPLY, now=access.now())
                return await settle_refusal(refused, partial(self.look_up_reply, access, reply, prepared), _unknown)
            if isinstance(response, UnreadableResponse) or (made := text_of(response.get("id"))) is None:
                raise _unknown("its response names no comment")
            is_held = part_of(response, "snippet").get("moderationStatus") in (HELD, _SPAM)
            return Present(external_id=made, message="YouTube holds the reply for review." if is_held else None)

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]
    ) -> Present | Absent | Ambiguous:
        """Look among the replies to the comment, those that YouTube holds included. Raises TryLater, Rejected, CredentialInvalid."""
        with YOUTUBE.changing_live(None):
            return find_reply(await self._find_candidates(access, reply), reply, prepared, YOUTUBE)

    async def _find_candidates(self, access: AccountAccess, reply: Reply) -> Replies:
        """Return the replies to the comment: the published ones, those held for review, and what may be spam."""
        target = thread_of(reply.comment)
        read = await self._read_replies(access, target, max_pages=MAX_LOOK_PAGES)
        found, is_complete = list(read.comments), read.is_complete
        for status in (HELD, _SPAM):
            held = await self._read_threads(
                access, reply.post, status, since=None, max_pages=MAX_LOOK_PAGES, with_replies=False
            )
            found += [one for one in held.comments if one.parent_external_id == target]
            is_complete = is_complete and held.is_complete
        return Replies(comments=found, doubt=None if is_complete else describe_cut(len(found)))

    async def set_hidden(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
        *,
        is_hidden: bool,
    ) -> None:
        """Hold the comment for review, or publish it. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, COMMENT, verb="hide comments", step=HIDE)
        await self._moderate(access, comment, HELD if is_hidden else PUBLISHED)

    async def _moderate(self, access: AccountAccess, comment: StoredComment, status: str) -> None:
        params = {"id": comment.external_id, "moderationStatus": status}
        refused = await self._change(access, "POST", MODERATE_COMMENT, params, step=HIDE)
        if refused is not None:
            raise refused

    async def set_liked(
        self,
        access: AccountAccess,  # noqa: ARG002  the port's own parameter
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,  # noqa: ARG002  the port's own parameter
        *,
        is_liked: bool,  # noqa: ARG002  the port's own parameter
    ) -> Mapping[str, JsonValue]:
        """Raise Rejected: YouTube has no call for it."""
        raise no_such_call("YouTube has no call that likes a comment.", step="comment_like")

    async def delete_comment(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
    ) -> None:
        """Delete the channel's own comment, or reject another's. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, COMMENT, verb="delete comments", step=DELETE)
        if comment.is_own:
            refused = await self._change(access, "DELETE", COMMENTS, {"id": comment.external_id}, step=DELETE)
        else:
            params = {"id": comment.external_id, "moderationStatus": _REJECTED}
            refused = await self._change(access, "POST", MODERATE_COMMENT, params, step=HIDE)
        if refused is not None and refused.platform_code not in COMMENT_GONE:
            raise refused

    async def _change(
        self, access: AccountAccess, method: str, path: str, params: Mapping[str, str], *, step: str
    ) -> PlatformError | None:
        """Make a call that changes a comment; return its refusal, or None where it succeeded, which is 204 without content.

        Raises TryLater, CredentialInvalid.
        """
        with YOUTUBE.changing_live(None):
            with YOUTUBE.lost(step=step):
                reply, response = await self.api.send(access, method, path, params, step=step)
            if isinstance(response, ApiError):
                if response.code in COMMENT_GONE:
                    return comment_gone(YOUTUBE, step=step, **response.reported)
                raise refusal(response, step=step, now=access.now())
            if isinstance(response, UnreadableResponse) and reply.body.strip():
                raise TryLater("YouTube did not confirm the change.", step=step)
            return None

    async def _ask(
        self, access: AccountAccess, path: str, params: Mapping[str, str], *, step: str
    ) -> JsonObject | None:
        """Return a list, or None where the video has no comments at all, or the comment is gone."""
        with YOUTUBE.lost(step=step):
            _, response = await self.api.send(access, "GET", path, params, step=step)
        if isinstance(response, ApiError) and (
            response.meaning is ERROR_MEANINGS["commentsDisabled"] or response.code in COMMENT_GONE
        ):
            return None
        return YOUTUBE.object_of(response, step=step, now=access.now())


def _read_comment(item: JsonObject, access: AccountAccess, parent_id: str | None) -> SeenComment | None:
    """Return a listed comment; None of one without an id or a time. `textOriginal` is shown of the channel's own comments only."""
    snippet = part_of(item, "snippet")
    comment_id, created_at = text_of(item.get("id")), instant_of(snippet.get("publishedAt"))
    if comment_id is None or created_at is None:
        return None
    author_id = text_of(part_of(snippet, "authorChannelId").get("value"))
    is_own = author_id == access.account.external_id
    actions = {CommentAction.REPLY, CommentAction.DELETE} | (set() if is_own else {CommentAction.HIDE})
    return SeenComment(
        external_id=comment_id,
        parent_external_id=text_of(snippet.get("parentId")) or parent_id,
        author=text_of(snippet.get("authorDisplayName")),
        author_external_id=author_id,
        text=text_of(snippet.get("textOriginal")) or text_of(snippet.get("textDisplay")) or "",
        created_at=created_at,
        is_own=is_own,
        is_hidden=snippet.get("moderationStatus") in (HELD, _SPAM),
        actions=frozenset(actions),
    )
