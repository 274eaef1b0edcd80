"""Writes the first comment of a post once: looks for one that an earlier call may have written, and says what a refusal means.

What a page of comments and a comment look like, the folder of the platform says.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from presswork.platforms.api_client import ApiError, ErrorMeaning, JsonBrand, refusal
from presswork.platforms.errors import PlatformError, TryLater, comment_not_found

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
