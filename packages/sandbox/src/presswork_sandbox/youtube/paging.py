"""Pages of the API's lists: maxResults, pageToken, pageInfo."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from presswork_sandbox.wire import JSONValue
from presswork_sandbox.youtube.errors import YouTubeRefusal
from presswork_sandbox.youtube.resources import with_etag

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list: where it begins, how long it is at most, and how many items the list has.

    One that begins below 0 is empty, and its next one is the first.
    """

    start: int
    size: int
    total: int


def read_page(query: Mapping[str, str], total: int, *, default: int, max_count: int) -> Page:
    """Read the parameters of a list. Raises YouTubeRefusal."""
    text = query.get("maxResults", str(default))
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if not 0 <= size <= max_count:
        raise YouTubeRefusal(
            "invalidValue",
            f"Invalid value '{text}'. Values must be within the range: [0, {max_count}]",
            location="maxResults",
            location_type="parameter",
        )
    token = query.get("pageToken")
    if not token:
        return Page(start=0, size=size, total=total)
    try:
        return Page(start=abs(int(base64.urlsafe_b64decode(token))), size=size, total=total)
    except (ValueError, binascii.Error) as bad:
        raise YouTubeRefusal(
            "invalidPageToken",
            "The request specifies an invalid page token.",
            domain="youtube.parameter",
            location="pageToken",
            location_type="parameter",
        ) from bad


def page_of(
    items: Sequence[_T], query: Mapping[str, str], *, default: int, max_count: int
) -> tuple[Sequence[_T], Page]:
    """Return the items of the page that a query asks for, and the page. Raises YouTubeRefusal."""
    page = read_page(query, len(items), default=default, max_count=max_count)
    return items[page.start : page.start + page.size], page


def paged(kind: str, items: Sequence[JSONValue], page: Page) -> dict[str, JSONValue]:
    """Return a list as the API writes it."""
    tokens: dict[str, JSONValue] = {}
    if page.start + page.size < page.total:
        tokens["nextPageToken"] = _token(page.start + page.size)
    if page.start > 0:
        tokens["prevPageToken"] = _token(max(0, page.start - page.size))
    info = {"totalResults": page.total, "resultsPerPage": page.size}
    return with_etag({"kind": kind, **tokens, "pageInfo": info, "items": list(items)})


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"{start:06d}".encode()).decode()
