"""Reads, answers, likes and deletes the replies to live posts. Only its author can delete one, and none can be hidden.

A reply has an Idempotency-Key, and is found among all replies to the post. To reach whom it answers, it mentions them.
Source: mastodon/documentation, methods/statuses (context, favourite) and entities/Context (2026-07), read 2026-12.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
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
    find_reply,
    no_such_call,
    note_equals,
    require_scopes,
    settle_refusal,
    sort_by_thread,
)
from presswork.platforms.errors import Rejected, TryLater
from presswork.platforms.json_values import instant_of, items_of, part_of, text_of
from presswork.platforms.live_support import CommentAction
from presswork.platforms.mastodon.api import STATUSES, Api, status
from presswork.platforms.mastodon.description import TO_LIKE, TO_PUBLISH
from presswork.platforms.mastodon.error_mapping import MASTODON, NOT_FOUND
from presswork.platforms.mastodon.rules import RULES
from presswork.platforms.mastodon.text import is_shown_as, plain_text
from presswork.platforms.port import Absent, Ambiguous, Credentials, Job, Present

CONTEXT: Final = "context"
REPLY: Final = "statuses"
DELETE: Final = "status_delete"
LIKE: Final = "favourite"
_MENTIONS: Final = re.compile(r"\A(?:@[\w.@-]+\s+)+(?=\S)")
"""What a reply begins with: whom it answers."""
_TEXT: Final = "text"
_VISIBILITY: Final = "visibility"
_OPEN: Final = frozenset({CommentAction.REPLY, CommentAction.LIKE})
_OWN: Final = _OPEN | {CommentAction.DELETE}


class MastodonComments:
    """The port's `SupportsComments` for Mastodon."""

    def __init__(self, api: Api) -> None:
        """Store the API client."""
        self._api: Final = api

    def check_reply(self, text: str) -> str | None:
        """Return why a server would refuse the text, or None. How long it may be, the account's own server says."""
        return RULES.check_reply(text)

    async def list_comments(
        self,
        access: AccountAccess,
        post: LivePost,
        *,
        since: datetime | None,  # noqa: ARG002  one call has all
        max_pages: int,  # noqa: ARG002  one call has all
    ) -> CommentsRead:
        """Read all replies by one call. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_PUBLISH, verb="read replies", step=CONTEXT)
        with MASTODON.changing_live(None):
            found = await read_replies(self._api, access, post.external_id, now=access.now())
        own_parts = {post.external_id, *post.part_ids}
        comments = [
            one for shown in found if (one := _read_comment(shown, access.account.external_id, own_parts)) is not None
        ]
        return CommentsRead(comments=sort_by_thread(comments), is_complete=True)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """Read whom the reply answers, and note which equal replies the account has written. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_PUBLISH, verb="reply", step=REPLY)
        target = reply.comment.external_id
        with MASTODON.changing_live(None):
            with MASTODON.lost(step="status"):
                _, response = await self._api.send(access, "GET", status(target), step="status")
            if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
                raise comment_gone(MASTODON, step="status", **response.reported)
            shown = MASTODON.object_of(response, step="status", now=access.now())
            name = text_of(part_of(shown, "account").get("acct"))
            is_needed = name is not None and not reply.comment.is_own and f"@{name}" not in reply.text
            text = f"@{name} {reply.text}" if is_needed else reply.text
            known = note_equals(await self._read_replies(access, reply, text), replace(reply, text=text))
        return {_TEXT: text, _VISIBILITY: shown.get("visibility"), KNOWN: known}

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Write the reply with its key. Raises as the port says."""
        unknown = partial(MASTODON.comment_unknown, step=REPLY)
        body: JsonValue = {
            "status": prepared[_TEXT],
            "in_reply_to_id": reply.comment.external_id,
            "visibility": prepared[_VISIBILITY],
        }
        with MASTODON.changing_live(None):
            with MASTODON.lost(step=REPLY, unknown=unknown):
                _, response = await self._api.send(
                    access, "POST", STATUSES, step=REPLY, body=body, headers={"Idempotency-Key": str(reply.id)}
                )
            if isinstance(response, UnreadableResponse):
                raise unknown("its response was unreadable")
            if not isinstance(response, ApiError):
                return Present(external_id=text_of(response.get("id")), external_url=text_of(response.get("url")))
            if not response.proves_nothing_changed:
                raise unknown(f"it answered HTTP {response.status}", response)
            refused = refusal(response, step=REPLY, now=access.now())
            return await settle_refusal(refused, partial(self.look_up_reply, access, reply, prepared), unknown)

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]
    ) -> Present | Absent | Ambiguous:
        """Look for the reply among all of the post. Raises TryLater, Rejected, CredentialInvalid."""
        text = str(prepared[_TEXT])
        with MASTODON.changing_live(None):
            return find_reply(
                await self._read_replies(access, reply, text), replace(reply, text=text), prepared, MASTODON
            )

    async def _read_replies(self, access: AccountAccess, reply: Reply, text: str) -> Replies:
        """Return what answers the comment. Where a server shows the text in its own way, it is the text."""
        found = await read_replies(self._api, access, reply.post.external_id, now=access.now())
        comments = []
        for shown in found:
            read = _read_comment(shown, access.account.external_id, frozenset())
            if read is not None and read.parent_external_id == reply.comment.external_id:
                is_it = is_shown_as(text_of(shown.get("content")) or "", text)
                comments.append(replace(read, text=text) if is_it else read)
        return Replies(comments=comments)

    async def set_hidden(
        self,
        access: AccountAccess,  # noqa: ARG002  the port's own parameter
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,  # noqa: ARG002  the port's own parameter
        *,
        is_hidden: bool,  # noqa: ARG002  the port's own parameter
    ) -> None:
        """Raise Rejected: Mastodon has no call for it."""
        raise no_such_call("Mastodon has no call that hides a reply.", step="hide")

    async def set_liked(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
        *,
        is_liked: bool,
    ) -> Mapping[str, JsonValue]:
        """Add the reply to the account's favorites, or take it out. Raises TryLater, Rejected, CredentialInvalid."""
        require_scopes(access.account, TO_LIKE, verb="like replies", step=LIKE)
        verb = LIKE if is_liked else f"un{LIKE}"
        with MASTODON.changing_live(None):
            with MASTODON.lost(step=verb):
                _, response = await self._api.send(access, "POST", f"{status(comment.external_id)}/{verb}", step=verb)
            if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
                raise comment_gone(MASTODON, step=verb, **response.reported)
            MASTODON.object_of(response, step=verb, now=access.now())
        return {}

    async def delete_comment(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
    ) -> None:
        """Delete a reply of the account's own. Raises TryLater, Rejected (others can't be deleted), CredentialInvalid."""
        require_scopes(access.account, TO_PUBLISH, verb="delete replies", step=DELETE)
        if not comment.is_own:
            raise Rejected("On Mastodon, only its author can delete a reply.", step=DELETE)
        with MASTODON.changing_live(None):
            with MASTODON.lost(step=DELETE):
                _, response = await self._api.send(access, "DELETE", status(comment.external_id), step=DELETE)
            if not (isinstance(response, ApiError) and response.meaning is NOT_FOUND):
                MASTODON.object_of(response, step=DELETE, now=access.now())


async def read_replies(api: Api, account: Credentials, status_id: str, *, now: datetime) -> list[JsonObject]:
    """Return all replies below a post, of all levels. Raises TryLater, Rejected, CredentialInvalid."""
    body = await api.ask(account, "GET", f"{status(status_id)}/context", step=CONTEXT, now=now)
    if not isinstance(body.get("descendants"), list):
        raise TryLater("The server's response contains no list of replies.", step=CONTEXT)
    return items_of(body, "descendants")


async def has_own_reply(api: Api, job: Job, status_id: str, text: str) -> bool:
    """Whether the account has answered a post with a text. Raises TryLater, Rejected, CredentialInvalid."""
    own = job.account.external_id.partition("@")[0]
    return any(
        part_of(shown, "account").get("id") == own
        and shown.get("in_reply_to_id") == status_id
        and is_shown_as(text_of(shown.get("content")) or "", text)
        for shown in await read_replies(api, job, status_id, now=job.now())
    )


def _read_comment(shown: JsonObject, own_id: str, own_parts: AbstractSet[str]) -> SeenComment | None:
    """Return a reply; None of one without an id or a time, and of the parts of the post's own thread."""
    reply_id, created_at = text_of(shown.get("id")), instant_of(shown.get("created_at"))
    if reply_id is None or created_at is None or reply_id in own_parts:
        return None
    author, parent = part_of(shown, "account"), text_of(shown.get("in_reply_to_id"))
    is_own = author.get("id") == own_id.partition("@")[0]
    return SeenComment(
        external_id=reply_id,
        parent_external_id=None if parent in own_parts else parent,
        author=text_of(author.get("acct")),
        author_external_id=text_of(author.get("id")),
        text=_MENTIONS.sub("", plain_text(text_of(shown.get("content")) or "")),
        created_at=created_at,
        is_own=is_own,
        is_liked=shown.get("favourited") is True,
        actions=_OWN if is_own else _OPEN,
        unshown=frozenset() if "favourited" in shown else frozenset({CommentAction.LIKE}),
    )
