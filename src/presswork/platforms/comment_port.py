"""Reading and answering the comments of live posts. A connector reports what it saw; what follows from it, the worker decides.

A reply is a call that cannot be repeated: it is prepared, the intent is stored, then it is written once. After a lost answer
the connector only looks (`worker.reconciliation`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Absent, Ambiguous, Present


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenComment:
    """A comment as the platform shows it now."""

    external_id: str
    """The platform's id, in one spelling (of `{post}_{comment}`, the last segment)."""
    parent_external_id: str | None
    """The comment that it answers, or None where it answers the post."""
    author: str | None
    """The name or handle, or None where the platform withholds it."""
    author_external_id: str | None
    text: str
    created_at: datetime
    """UTC."""
    is_own: bool
    """Whether the account wrote it."""
    is_hidden: bool = False
    is_liked: bool = False
    """By the account."""
    actions: frozenset[CommentAction]
    """What the platform allows with it, permissions apart."""
    unshown: frozenset[CommentAction] = frozenset()
    """Of `hide` and `like`: what the platform does not show, so that what is stored about it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsRead:
    """The comments of one post, as far as they were read."""

    comments: Sequence[SeenComment]
    """A parent before its replies."""
    is_complete: bool
    """Whether nothing was cut off: then a stored comment that is not among them is gone."""
    calls: int = 1
    """Calls made, in the units of `ReadLimit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComment:
    """A comment that an action is for."""

    external_id: str
    parent_external_id: str | None
    text: str
    is_own: bool
    raw: Mapping[str, JsonValue]
    """What an earlier action stored with it, such as the key of a like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer to be written once."""

    id: UUID
    post: LivePost
    comment: StoredComment
    text: str
    requested_at: datetime
    """UTC."""
    called_at: datetime | None
    """When the call was (about to be) made, UTC, or None if it was not yet."""


@runtime_checkable
class SupportsComments(Protocol):
    """A connector whose platform has comments.

    Every call raises TryLater, CredentialInvalid, Rejected; `write_reply` raises OutcomeUnknown too, and the others only
    where they say so.
    """

    def check_reply(self, text: str) -> str | None:
        """Return the sentence that says why the platform would refuse the text, or None. Pure."""
        ...

    async def list_comments(
        self, access: AccountAccess, post: LivePost, *, since: datetime | None, max_pages: int
    ) -> CommentsRead:
        """Read the comments of a post, replies included; with `since`, those not older are enough."""
        ...

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """Do what precedes the write, and look: what is returned is stored before `write_reply`, and passed to each later call.

        It has the ids that a look-up needs (the key of a record, a container) and which equal comments of the account's own stand
        there already. Nothing is visible after it; safe to repeat.
        """
        ...

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Write the reply: the one call that is not repeated unless look-ups report Absent for `republish_after`.

        Raises TryLater, Rejected and CredentialInvalid only where the response proves that nothing was written.
        """
        ...

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]
    ) -> Present | Absent | Ambiguous:
        """Report whether the reply is there. A list that was cut off is Ambiguous, never Absent."""
        ...

    async def set_hidden(
        self, access: AccountAccess, post: LivePost, comment: StoredComment, *, is_hidden: bool
    ) -> None:
        """Hide a comment from others, or show it again. Safe to repeat."""
        ...

    async def set_liked(
        self, access: AccountAccess, post: LivePost, comment: StoredComment, *, is_liked: bool
    ) -> Mapping[str, JsonValue]:
        """Like a comment as the account, or take it back; return what to keep in `StoredComment.raw`. Safe to repeat."""
        ...

    async def delete_comment(self, access: AccountAccess, post: LivePost, comment: StoredComment) -> None:
        """Delete a comment. Safe to repeat: it also returns where the platform does not have it any more."""
        ...
