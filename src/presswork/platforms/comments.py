"""Writes comments once: looks for the first comment, or the reply, that an earlier call may have written, and says what a refusal means.

What a page of comments and a comment look like, the folder of the platform says.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar, Unpack

from pydantic import JsonValue

from presswork.platforms.api_client import ApiError, Brand, ErrorMeaning, JsonBrand, refusal
from presswork.platforms.comment_port import Reply, SeenComment, StoredComment
from presswork.platforms.errors import (
    FailureCode,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Reported,
    TryLater,
    comment_not_found,
)
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Absent, Ambiguous, Present, TargetAccount

Comment = TypeVar("Comment")
Cursor = str | None


async def has_comment(
    read: Callable[[Cursor], Awaitable[tuple[Sequence[Comment], Cursor]]],
    is_it: Callable[[Comment], bool],
    *,
    max_pages: int,
    page_size: int,
    step: str,
) -> bool:
    """Whether the comment is among those of a post. `read` returns the page at a cursor (of the first: None), and the next cursor.

    Raises Rejected where there are more pages than `max_pages`, since it may be on one of those, and what `read` raises.
    """
    cursor = None
    for _ in range(max_pages):
        written, cursor = await read(cursor)
        if any(map(is_it, written)):
            return True
        if cursor is None:
            return False
    raise comment_not_found(max_pages * page_size, step=step)


def explain_refusal(
    brand: JsonBrand, error: ApiError, *, not_found: ErrorMeaning, of: str, step: str, now: datetime
) -> PlatformError:
    """Return the error for a refused comment: after a 5xx it may exist, and a new post (`of`) may not be visible to the call yet."""
    if error.is_temporary:
        return brand.comment_unknown(f"it answered HTTP {error.status}", error, step=step)
    if error.meaning is not_found:
        return TryLater(f"{error.quoted} {brand.name} does not find the new {of} yet.", step=step, **error.reported)
    return brand.as_comment(refusal(error, step=step, now=now))


def comment_gone(brand: Brand, *, step: str, **reported: Unpack[Reported]) -> Rejected:
    """Return the error for an action with a comment that its platform does not have any more."""
    return Rejected(f"{brand.name} does not have the comment any more.", step=step, **reported)


def no_such_call(what: str, *, step: str) -> Rejected:
    """Return the error for an action that a platform has no call for; `what` says so."""
    return Rejected(what, advice="Do it in its app.", step=step)


def require_scopes(account: TargetAccount, scopes: Set[str], *, verb: str, step: str) -> None:
    """Raise Rejected where an account did not give the permissions that something needs; `verb` completes the sentence."""
    if not scopes <= account.scopes:
        missing = ", ".join(sorted(scopes - account.scopes))
        raise Rejected(
            f"The account did not allow Presswork to {verb} (missing: {missing}).",
            advice="Connect the account again with every permission ticked.",
            step=step,
            failure=FailureCode.CREDENTIAL_INVALID,
        )


def thread_of(comment: StoredComment) -> str:
    """Return the comment below which an answer to a comment stands, where a platform has two levels: of a reply, its parent."""
    return comment.parent_external_id or comment.external_id


def sort_by_thread(comments: Iterable[SeenComment]) -> list[SeenComment]:
    """Return comments by their age, but a parent before its replies, and one that was listed twice once."""
    left = {one.external_id: one for one in sorted(comments, key=lambda one: (one.created_at, one.external_id))}
    placed: dict[str, SeenComment] = {}
    for comment in list(left.values()):
        chain: list[SeenComment] = []
        at: SeenComment | None = comment
        while at is not None and at.external_id not in placed and at not in chain:
            chain.append(at)
            at = left.get(at.parent_external_id or "")
        placed.update((one.external_id, one) for one in reversed(chain))
    return list(placed.values())


KNOWN: Final = "knownIds"
"""Where `prepare_reply` notes the comments of the account's own that have the text of the reply already."""
CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)
"""How long before the call a reply's own time may be: the clocks differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """The comments among which a reply is, if it was written."""

    comments: Sequence[SeenComment]
    doubt: str | None = None
    """Why it may be there although it is not listed, as a sentence; None if it is listed wherever it is."""


def note_equals(replies: Replies, reply: Reply) -> JsonValue:
    """Return the ids of the account's own comments that have the text of a reply which is not written yet."""
    return [
        one.external_id
        for one in replies.comments
        if (one.is_own or one.author is None) and is_same_text(one.text, reply.text)
    ]


def find_reply(
    replies: Replies, reply: Reply, prepared: Mapping[str, JsonValue], brand: Brand
) -> Present | Absent | Ambiguous:
    """Report whether a reply is among some comments: one of the account's own with its text, which was not there before the call."""
    known = prepared.get(KNOWN)
    earliest = None if reply.called_at is None else reply.called_at - CLOCKS_DIFFER_BY
    equal = [
        one
        for one in replies.comments
        if is_same_text(one.text, reply.text)
        and not (isinstance(known, list) and one.external_id in known)
        and (earliest is None or one.created_at >= earliest)
    ]
    own = [one for one in equal if one.is_own]
    if own:
        return Present(external_id=min(own, key=lambda one: one.created_at).external_id)
    if any(one.author is None and one.author_external_id is None for one in equal):
        return Ambiguous(message=f"{brand.name} lists a comment with this text, and does not show who wrote it.")
    if replies.doubt is not None:
        return Ambiguous(message=replies.doubt)
    return Absent(
        message=f"{brand.name} does not list the reply.", advice="Look at the post, and answer there if it is missing."
    )


def describe_cut(read: int) -> str:
    """Return the doubt about a reply where a list was not read to its end."""
    return f"There are more comments than the {read} that were read, and the reply may be among the others."


async def settle_refusal(
    refused: PlatformError,
    look: Callable[[], Awaitable[Present | Absent | Ambiguous]],
    unknown: Callable[[str], OutcomeUnknown],
) -> Present:
    """Look once where a platform refused a reply, since some refusals come after the comment was made; else raise the refusal.

    Raises OutcomeUnknown where the look does not show whether it is there.
    """
    if not isinstance(refused, Rejected):
        raise refused
    try:
        seen = await look()
    except PlatformError as unreadable:
        raise unknown(f"it refused the call ({refused.what}), and could not be read") from unreadable
    if isinstance(seen, Present):
        return seen
    if isinstance(seen, Ambiguous):
        raise unknown(f"it refused the call ({refused.what}); {seen.message[0].lower()}{seen.message[1:].rstrip('.')}")
    raise refused
