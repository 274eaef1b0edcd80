"""Reads, answers, hides and deletes the replies to live posts.

Replies are found by a search of the last seven days. Apps may answer only those whose author has mentioned the account, as replies do
that people write in X's own app. Only its author can delete one, and none can be liked.
Source: xdevplatform/docs (2026-08), "Search recent posts", "Hide replies" and the changelog of 2026-02-23, read 2026-12.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
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
)
from presswork.platforms.errors import Rejected
from presswork.platforms.json_values import instant_of, items_of, part_of, text_of
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Absent, Ambiguous, Credentials, Present
from presswork.platforms.x.api import POSTS, SEARCH, Api, post
from presswork.platforms.x.description import TO_HIDE, TO_READ, TO_WRITE
from presswork.platforms.x.error_mapping import NOT_FOUND, TARGET_GONE, X
from presswork.platforms.x.rules import RULES
from presswork.platforms.x.text import is_shown_as, without_mentions
from presswork.platforms.x.timeline import FIELDS, read_own, replied_to, write_time

LIST: Final = "search_recent"
SEE: Final = "tweet"
REPLY: Final = "tweets"
HIDE: Final = "hide_reply"
DELETE: Final = "delete"
SEARCHED_FOR: Final = timedelta(days=7) - timedelta(minutes=5)
"""How far back the search goes."""
_A_PAGE: Final = 100
_OPEN: Final = frozenset({CommentAction.REPLY, CommentAction.HIDE})
_OWN: Final = frozenset({CommentAction.REPLY, CommentAction.DELETE})


class XComments:
    """The port's `SupportsComments` for X."""

    def __init__(self, api: Api) -> None:
        """Store the API client."""
        self._api: Final = api

    def check_reply(self, text: str) -> str | None:
        """Return why X would refuse the text, or None."""
        return RULES.check_reply(text)

    async def list_comments(
        self, access: AccountAccess, post: LivePost, *, since: datetime | None, max_pages: int
    ) -> CommentsRead:
        """Read the replies of all levels, the newest first. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_READ, verb="read replies", step=LIST)
        now, own_parts = access.now(), {post.external_id, *post.part_ids}
        begin = now - SEARCHED_FOR
        params = {
            "query": f"conversation_id:{post.external_id}",
            "max_results": str(_A_PAGE),
            "expansions": "author_id",
            "user.fields": "username",
            "tweet.fields": FIELDS,
            **({} if since is None or since < begin else {"start_time": write_time(since)}),
        }
        comments: list[SeenComment] = []
        is_complete, calls, token = False, 0, ""
        with X.changing_live(None):
            while calls < max_pages:
                page = params | ({"next_token": token} if token else {})
                body = await self._api.ask(access, "GET", SEARCH, page, step=LIST, now=now)
                calls += 1
                names = {
                    one.get("id"): text_of(one.get("username")) for one in items_of(part_of(body, "includes"), "users")
                }
                for shown in items_of(body, "data"):
                    comment = _read_comment(shown, access.account.external_id, own_parts)
                    if comment is not None:
                        comments.append(replace(comment, author=names.get(comment.author_external_id)))
                token = text_of(part_of(body, "meta").get("next_token")) or ""
                if not token:
                    is_complete = "start_time" not in params and post.published_at > begin
                    break
        return CommentsRead(comments=sort_by_thread(comments), is_complete=is_complete, calls=calls)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """Read the comment, and note which equal replies the account has written. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_WRITE, verb="reply", step=REPLY)
        with X.changing_live(None):
            with X.lost(step=SEE):
                _, response = await self._api.send(access, "GET", post(reply.comment.external_id), step=SEE)
            if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
                raise comment_gone(X, step=SEE, **response.reported)
            X.object_of(response, step=SEE, now=access.now())
            return {KNOWN: note_equals(await self._read_replies(access, reply), reply)}

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Write the reply, once. Raises as the port says."""
        unknown = partial(X.comment_unknown, step=REPLY)
        body = reply_body(reply.text, reply.comment.external_id)
        with X.changing_live(None):
            with X.lost(step=REPLY, unknown=unknown):
                _, response = await self._api.send(access, "POST", POSTS, step=REPLY, body=body)
            if isinstance(response, UnreadableResponse):
                raise unknown("its response was unreadable")
            if not isinstance(response, ApiError):
                post_id = text_of(part_of(response, "data").get("id"))
                if post_id is None:
                    raise unknown("its response names no reply")
                return Present(
                    external_id=post_id, external_url=self._api.endpoints.post(access.account.handle, post_id)
                )
            if response.meaning is TARGET_GONE:
                raise comment_gone(X, step=REPLY, **response.reported)
            if not response.proves_nothing_changed:
                raise unknown(f"it answered HTTP {response.status}", response)
            refused = refusal(response, step=REPLY, now=access.now())
            return await settle_refusal(refused, partial(self.look_up_reply, access, reply, prepared), unknown)

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]
    ) -> Present | Absent | Ambiguous:
        """Look for the reply among the account's own posts. Raises TryLater, Rejected, CredentialInvalid."""
        with X.changing_live(None):
            return find_reply(await self._read_replies(access, reply), reply, prepared, X)

    async def _read_replies(self, access: AccountAccess, reply: Reply) -> Replies:
        """Return the account's own answers to the comment since the reply was requested. One that X shows in its own way has the text."""
        own_id, since = access.account.external_id, reply.requested_at
        own = await read_own(self._api, access, own_id, since=since, now=access.now())
        comments = []
        for shown in own.posts:
            read = _read_comment({**shown, "author_id": own_id}, own_id, frozenset())
            if read is not None and read.parent_external_id == reply.comment.external_id:
                is_it = is_shown_as(text_of(shown.get("text")) or "", reply.text)
                comments.append(replace(read, text=reply.text) if is_it else read)
        return Replies(comments=comments, doubt=describe_cut(len(own.posts)) if own.is_cut else None)

    async def set_hidden(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
        *,
        is_hidden: bool,
    ) -> None:
        """Hide a reply, or show it again. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_HIDE, verb="hide replies", step=HIDE)
        with X.changing_live(None):
            body: JsonValue = {"hidden": is_hidden}
            path = f"{POSTS}/{comment.external_id}/hidden"
            await self._api.ask(access, "PUT", path, step=HIDE, now=access.now(), body=body)

    async def set_liked(
        self,
        access: AccountAccess,  # noqa: ARG002  the port's own parameter
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,  # noqa: ARG002  the port's own parameter
        *,
        is_liked: bool,  # noqa: ARG002  the port's own parameter
    ) -> Mapping[str, JsonValue]:
        """Raise Rejected: Presswork does not ask for the permission to like."""
        raise no_such_call("Presswork does not like replies on X.", step="like")

    async def delete_comment(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
    ) -> None:
        """Delete a reply of the account's own. Raises TryLater, Rejected (others can't be deleted), CredentialInvalid."""
        require_scopes(access.account, TO_WRITE, verb="delete replies", step=DELETE)
        if not comment.is_own:
            raise Rejected("On X, only its author can delete a reply.", advice="Hide it instead.", step=DELETE)
        with X.changing_live(None):
            await self.delete(access, comment.external_id, step=DELETE, now=access.now())

    async def delete(self, account: Credentials, post_id: str, *, step: str, now: datetime) -> None:
        """Delete a post or a reply, unless it is gone already. Raises TryLater, Rejected, CredentialInvalid."""
        with X.lost(step=step):
            _, response = await self._api.send(account, "DELETE", post(post_id), step=step)
        if not (isinstance(response, ApiError) and response.meaning is NOT_FOUND):
            X.object_of(response, step=step, now=now)


def reply_body(text: str, target: str) -> dict[str, JsonValue]:
    """Return the body of the call that replies to a post."""
    return {"text": text, "reply": {"in_reply_to_tweet_id": target}}


def _read_comment(shown: JsonObject, own_id: str, own_parts: AbstractSet[str]) -> SeenComment | None:
    """Return a reply; None of one without an id or a time, of what replies to nothing, and of the parts of the post's own thread."""
    reply_id, created_at, parent = text_of(shown.get("id")), instant_of(shown.get("created_at")), replied_to(shown)
    if reply_id is None or created_at is None or parent is None or reply_id in own_parts:
        return None
    author = text_of(shown.get("author_id"))
    return SeenComment(
        external_id=reply_id,
        parent_external_id=None if parent in own_parts else parent,
        author=None,
        author_external_id=author,
        text=without_mentions(text_of(shown.get("text")) or ""),
        created_at=created_at,
        is_own=author == own_id,
        actions=_OWN if author == own_id else _OPEN,
        unshown=frozenset({CommentAction.HIDE}),
    )
