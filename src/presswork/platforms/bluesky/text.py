"""The text of a post as Bluesky counts and links it: graphemes, UTF-8 bytes, and facets.

Sources: lexicons app.bsky.feed.post and app.bsky.richtext.facet; docs.bsky.app, "Links, mentions, and rich text"; read 2026-11.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import JsonValue
from wcwidth import iter_graphemes

TAG_GRAPHEMES: Final = 64
TAG_BYTES: Final = 640
_LINK: Final = re.compile(r"(?:^|(?<=[\s(]))https?://[^\s<>\"]+", re.IGNORECASE)
_MENTION: Final = re.compile(
    r"(?:^|(?<=[\s(]))@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE
)
_TAG: Final = re.compile(r"(?:^|(?<=[\s(]))[#＃](?!\ufe0f)[^\s\u00ad\u2060\u200a-\u200d\u20e2#＃]+")
_TRAILING: Final = re.compile(r"[^\w\u200d\ufe0f\U0001F000-\U0001FAFF]+$")
_STOPS: Final = ".,;:!?'”’"
_LONGEST_HANDLE: Final = 253


class Link(StrEnum):
    """What a part of the text leads to."""

    URL = "link"
    MENTION = "mention"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text that becomes clickable. Offsets in UTF-8 bytes, the end exclusive."""

    kind: Link
    start: int
    end: int
    value: str
    """The URL, the handle without @ in lower case, or the tag without #."""


def graphemes(text: str) -> int:
    """Count the user-perceived characters of a text, by Unicode's rules (UAX #29), as Bluesky does."""
    return sum(1 for _ in iter_graphemes(text))


def size_bytes(text: str) -> int:
    """Return the length of a text in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def spans(text: str) -> Iterator[Span]:
    """Yield the links, mentions and tags of a text, in order of their kinds."""
    taken: list[tuple[int, int]] = []
    for pattern, kind, value_of in ((_LINK, Link.URL, _url), (_MENTION, Link.MENTION, _handle), (_TAG, Link.TAG, _tag)):
        for match in pattern.finditer(text):
            shown, value = value_of(match[0])
            begin, end = match.start(), match.start() + len(shown)
            if not value or any(begin < after and before < end for before, after in taken):
                continue
            taken.append((begin, end))
            start = size_bytes(text[:begin])
            yield Span(kind, start, start + size_bytes(shown), value)


def facet(span: Span, did: str | None = None) -> dict[str, JsonValue]:
    """Return the facet of a span; a mention links the account with this DID."""
    feature: dict[str, JsonValue] = {"$type": f"app.bsky.richtext.facet#{span.kind.value}"}
    field, value = {Link.URL: ("uri", span.value), Link.MENTION: ("did", did), Link.TAG: ("tag", span.value)}[span.kind]
    feature[field] = value
    index: JsonValue = {"byteStart": span.start, "byteEnd": span.end}
    return {"index": index, "features": [feature]}


def facets(text: str, dids: Mapping[str, str]) -> list[JsonValue]:
    """Return the facets of a text in order of their places; `dids` by handle. A mention without a DID stays plain text."""
    found = [span for span in spans(text) if span.kind is not Link.MENTION or span.value in dids]
    return [facet(span, dids.get(span.value)) for span in sorted(found, key=lambda span: span.start)]


def _url(matched: str) -> tuple[str, str]:
    shown = matched.rstrip(_STOPS)
    if shown.endswith(")") and "(" not in shown:
        shown = shown[:-1].rstrip(_STOPS)
    host = shown.partition("://")[2].partition("/")[0]
    return shown, shown if "." in host.strip(".") else ""


def _handle(matched: str) -> tuple[str, str]:
    handle = matched[1:].lower()
    return matched, handle if len(handle) <= _LONGEST_HANDLE else ""


def _tag(matched: str) -> tuple[str, str]:
    shown = matched[0] + _TRAILING.sub("", matched[1:])
    tag = shown[1:]
    is_tag = bool(tag) and not tag.isdigit() and graphemes(tag) <= TAG_GRAPHEMES and size_bytes(tag) <= TAG_BYTES
    return shown, tag if is_tag else ""
