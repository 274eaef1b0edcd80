"""Reads, answers and moderates the replies to posts.

A reply is a container and one call that publishes it: the container is the witness of a lost response, and the conversation of the post
a second one. The lists have cursors, and no URL of the next page. Hiding works with replies to the post itself, and takes those below
with it; only one's own replies can be deleted, and none can be liked.
Source: Meta, "Reply Management", "Retrieve Replies", "Create Replies" and "Delete Posts" (Threads API), read 2026-12.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
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
    no_such_call,
    note_equals,
    require_scopes,
    sort_by_thread,
)
from presswork.platforms.errors import PlatformError, Rejected, TryLater
from presswork.platforms.graph.client import Graph, GraphError, GraphResponse, UnreadableResponse, cursor_after, text_of
from presswork.platforms.graph.comments import CommentCalls
from presswork.platforms.graph.containers import Status, StatusCode, container_in, read_status
from presswork.platforms.json_values import instant_of, part_of
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Absent, Ambiguous, Present
from presswork.platforms.threads.description import TO_COMMENT, TO_READ_COMMENTS, TO_TAKE_DOWN
from presswork.platforms.threads.error_mapping import NOT_FOUND, THREADS
from presswork.platforms.threads.prepare import API
from presswork.platforms.threads.replies import CONVERSATION
from presswork.platforms.threads.rules import RULES

READ: Final = "permalink"
HIDE: Final = "manage_reply"
DELETE: Final = "delete"
_FIELDS: Final = "id,text,username,timestamp,replied_to{id},is_reply_owned_by_me,hide_status"
_A_PAGE: Final = 50
MAX_LOOK_PAGES: Final = 8
_NEWEST_FIRST: Final = {"reverse": "true", "limit": str(_A_PAGE)}
_CONTAINER: Final = "containerId"
_HIDDEN: Final = "HIDDEN"
_LISTED_WITHIN: Final = timedelta(minutes=2)
"""How long to wait until a published reply is in the conversation, which shows its id."""


class ThreadsComments:
    """The port's `SupportsComments` for Threads."""

    def __init__(self, graph: Graph) -> None:
        """Store the Graph client."""
        self._graph: Final = graph
        self._calls: Final = CommentCalls(graph)

    def check_reply(self, text: str) -> str | None:
        """Return why Threads would refuse the text, or None."""
        return RULES.check_reply(text)

    async def list_comments(
        self, access: AccountAccess, post: LivePost, *, since: datetime | None, max_pages: int
    ) -> CommentsRead:
        """Read the replies of all levels, the newest first. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_READ_COMMENTS, verb="read replies", step=CONVERSATION)
        with THREADS.changing_live(None):
            read = await self._calls.read_list(
                access,
                f"{post.external_id}/{CONVERSATION}",
                [_FIELDS],
                _NEWEST_FIRST,
                step=CONVERSATION,
                max_pages=max_pages,
                ends=partial(_is_before, since),
                cursor=cursor_after,
            )
        comments = [one for item in read.items if (one := _read_comment(item, access, post)) is not None]
        return CommentsRead(comments=sort_by_thread(comments), is_complete=read.is_complete, calls=read.calls)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """Create the container, and note which replies with this text the account has written already.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        require_scopes(access.account, TO_COMMENT, verb="reply", step=API.create)
        with THREADS.changing_live(None):
            target = reply.comment.external_id
            response = await self._graph.send(access, "GET", target, {"fields": "id"}, step=READ)
            await self._calls.require_found(access, response, step=READ)
            known = note_equals(await self._read_replies(access, reply), reply)
            parameters = {"media_type": "TEXT", "text": reply.text, "reply_to_id": target}
            path = API.path(access.account, API.create)
            created = await self._graph.send(access, "POST", path, parameters, step=API.create)
            container_id = text_of(THREADS.object_of(created, step=API.create).get("id"))
            if container_id is None:
                raise TryLater("Threads accepted the reply but returned no id.", step=API.create)
        return {_CONTAINER: container_id, KNOWN: known}

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Publish the container, once it is processed. Raises as the port says; TryLater with `starts_over` where it is lost."""
        with THREADS.changing_live(None):
            container_id = container_in(prepared)
            status = await read_status(self._graph, API, access, container_id)
            if status.code is StatusCode.PUBLISHED:
                return await self._find_published(access, reply, prepared)
            if status.code is not StatusCode.FINISHED:
                raise self._explain_status(status)
            response = await self._publish(access, container_id)
            if isinstance(response, GraphError):
                return await self._handle_refusal(access, reply, prepared, response)
            if isinstance(response, UnreadableResponse):
                raise THREADS.comment_unknown(f"its response was {response.reason}", step=API.publish)
            made = text_of(response.get("id"))
            if made is None:
                raise THREADS.comment_unknown("its response names no reply", step=API.publish)
            return Present(external_id=made)

    async def _publish(self, access: AccountAccess, container_id: str) -> GraphResponse:
        token = await access.access_token()
        response = await self._call_publish(access, container_id, token)
        if isinstance(response, GraphError) and response.status < 500 and THREADS.is_token_invalid(response):
            token = await THREADS.renewed(access, token, response, step=API.publish)
            response = await self._call_publish(access, container_id, token)
        return response

    async def _call_publish(self, access: AccountAccess, container_id: str, token: str) -> GraphResponse:
        path, params = API.path(access.account, API.publish), {"creation_id": container_id}
        with THREADS.lost(step=API.publish, unknown=partial(THREADS.comment_unknown, step=API.publish)):
            return await self._graph.call("POST", path, params, step=API.publish, token=token, is_live_call=True)

    async def _handle_refusal(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue], error: GraphError
    ) -> Present:
        """Raise the error for a refused call: TryLater and Rejected only where it proves that nothing was written.

        Returns where the container is published all the same, by an earlier call.
        """
        unknown = THREADS.comment_unknown(
            f"it answered HTTP {error.status}, code {error.label}", step=API.publish, error=error
        )
        is_lost = error.subcode == NOT_FOUND
        if error.status >= 500 or (THREADS.is_temporary(error) and not THREADS.meaning(error).proves_nothing_live):
            raise unknown
        if is_lost or not THREADS.meaning(error).proves_nothing_live:
            try:
                status = await read_status(self._graph, API, access, container_in(prepared))
            except PlatformError as unreadable:
                raise unknown from unreadable
            if status.code is StatusCode.PUBLISHED:
                return await self._find_published(access, reply, prepared)
        if is_lost:
            raise TryLater(THREADS.explain(error), step=API.publish, starts_over=True, **error.reported)
        raise THREADS.refusal(error, step=API.publish)

    def _explain_status(self, status: Status) -> TryLater:
        """Return the error for a container that can't be published now, or not at all."""
        if status.code is StatusCode.IN_PROGRESS:
            wait = self._graph.retry_policy.poll_first
            return TryLater("Threads is processing the reply.", step=API.publish, retry_after=wait)
        what = f"Threads has lost the reply before it was published ({status.code})."
        return TryLater(what, step=API.publish, starts_over=True)

    async def _find_published(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Return a reply whose container is published, with its id where the conversation shows it."""
        seen = find_reply(await self._read_replies(access, reply), reply, prepared, THREADS)
        if isinstance(seen, Present):
            return seen
        if reply.called_at is not None and access.now() - reply.called_at < _LISTED_WITHIN:
            raise TryLater("Threads has published the reply and does not list it yet.", step=CONVERSATION)
        return Present(external_id=None)

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]
    ) -> Present | Absent | Ambiguous:
        """Read the container; where it can't be read, the conversation. Raises TryLater, Rejected, CredentialInvalid."""
        with THREADS.changing_live(None):
            try:
                status = await read_status(self._graph, API, access, container_in(prepared))
            except Rejected as lost:
                seen = find_reply(await self._read_replies(access, reply), reply, prepared, THREADS)
                if isinstance(seen, Absent):
                    return Ambiguous(
                        message=f"Threads does not list the reply, and its container can't be read: {lost.what}"
                    )
                return seen
            if status.code is StatusCode.PUBLISHED:
                return await self._find_published(access, reply, prepared)
            if status.code is StatusCode.IN_PROGRESS:
                raise TryLater("Threads is processing the reply.", step=API.publish)
            seen = find_reply(await self._read_replies(access, reply), reply, prepared, THREADS)
            if isinstance(seen, Absent) and status.code is not StatusCode.FINISHED:
                return Absent(message=seen.message, advice=seen.advice, instead=self._explain_status(status))
            return seen

    async def _read_replies(self, access: AccountAccess, reply: Reply) -> Replies:
        """Read the conversation of the post back to the call, and return what answers the comment."""
        since = None if reply.called_at is None else reply.called_at - CLOCKS_DIFFER_BY
        read = await self._calls.read_list(
            access,
            f"{reply.post.external_id}/{CONVERSATION}",
            [_FIELDS],
            _NEWEST_FIRST,
            step=CONVERSATION,
            max_pages=MAX_LOOK_PAGES,
            ends=partial(_is_before, since),
            cursor=cursor_after,
        )
        listed = (_read_comment(item, access, reply.post) for item in read.items)
        target = reply.comment.external_id
        doubt = None if read.is_enough else describe_cut(len(read.items))
        return Replies(
            comments=[one for one in listed if one is not None and one.parent_external_id == target], doubt=doubt
        )

    async def set_hidden(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
        *,
        is_hidden: bool,
    ) -> None:
        """Hide a reply to the post and what is below, or show it. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_COMMENT, verb="hide replies", step=HIDE)
        if comment.parent_external_id is not None:
            raise Rejected(
                "Threads hides replies to the post itself, with all that is below them.",
                advice="Hide the reply that it answers.",
                step=HIDE,
            )
        with THREADS.changing_live(None):
            change = {"hide": "true" if is_hidden else "false"}
            await self._calls.change(access, "POST", [f"{comment.external_id}/{HIDE}"], change, step=HIDE)

    async def set_liked(
        self,
        access: AccountAccess,  # noqa: ARG002  the port's own parameter
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,  # noqa: ARG002  the port's own parameter
        *,
        is_liked: bool,  # noqa: ARG002  the port's own parameter
    ) -> Mapping[str, JsonValue]:
        """Raise Rejected: Threads has no call for it."""
        raise no_such_call("Threads has no call that likes a reply.", step="like")

    async def delete_comment(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
    ) -> None:
        """Delete a reply of the account's own. Raises TryLater, Rejected (others can't be deleted), CredentialInvalid."""
        require_scopes(access.account, TO_TAKE_DOWN, verb="delete replies", step=DELETE)
        if not comment.is_own:
            raise Rejected("On Threads, only its author can delete a reply.", advice="Hide it instead.", step=DELETE)
        with THREADS.changing_live(None):
            await self._calls.delete(access, [comment.external_id], step=DELETE)


def _is_before(since: datetime | None, items: Sequence[JsonObject]) -> bool:
    """Whether a list with the newest first has reached an instant."""
    at = instant_of(items[-1].get("timestamp"))
    return since is not None and at is not None and at < since


def _read_comment(item: JsonObject, access: AccountAccess, post: LivePost) -> SeenComment | None:
    """Return a listed reply; None of one without an id or a time, and of the parts of the post's own thread."""
    reply_id, created_at = text_of(item.get("id")), instant_of(item.get("timestamp"))
    if reply_id is None or created_at is None or reply_id in post.part_ids:
        return None
    answered = text_of(part_of(item, "replied_to").get("id")) or post.external_id
    is_own = item.get("is_reply_owned_by_me") is True
    actions = {CommentAction.REPLY}
    if is_own:
        actions.add(CommentAction.DELETE)
    elif answered == post.external_id:
        actions.add(CommentAction.HIDE)
    status = text_of(item.get("hide_status"))
    return SeenComment(
        external_id=reply_id,
        parent_external_id=None if answered in {post.external_id, *post.part_ids} else answered,
        author=text_of(item.get("username")),
        author_external_id=access.account.external_id if is_own else None,
        text=text_of(item.get("text")) or "",
        created_at=created_at,
        is_own=is_own,
        is_hidden=status == _HIDDEN,
        actions=frozenset(actions),
        unshown=frozenset({CommentAction.LIKE}),
    )
