"""The records that Presswork writes: their keys, the post with its text as Bluesky counts and links it, its embed, and a reply. Pure.

Sources: lexicons app.bsky.feed.post, app.bsky.richtext.facet and app.bsky.embed.*; docs.bsky.app, "Links, mentions, and rich text";
atproto.com, "Record Key" (TID); read 2026-11.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import JsonValue

from presswork.platforms.job_state import IN_CAMEL_CASE
from presswork.platforms.port import LinkCard, Media
from presswork.platforms.rules import graphemes

TAG_GRAPHEMES: Final = 64
TAG_BYTES: Final = 640
_LINK: Final = re.compile(r"(?:^|(?<=[\s(]))https?://[^\s<>\"]+", re.IGNORECASE)
_MENTION: Final = re.compile(
    r"(?:^|(?<=[\s(]))@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE
)
_TAG: Final = re.compile(r"(?:^|(?<=[\s(]))[#＃](?!\ufe0f)[^\s\u00ad\u2060\u200a-\u200d\u20e2#＃]+")
_TRAILING: Final = re.compile(r"[^\w\u200d\ufe0f\U0001F000-\U0001FAFF]+$")
_STOPS: Final = ".,;:!?'”’"
_MAX_HANDLE: Final = 253


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


def size_bytes(text: str) -> int:
    """Return the length of a text in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def spans(text: str) -> Iterator[Span]:
    """Yield the links, mentions and tags of a text, in order of their kinds."""
    taken: list[tuple[int, int]] = []
    for pattern, kind, value_of in (
        (_LINK, Link.URL, _trim_url),
        (_MENTION, Link.MENTION, _trim_handle),
        (_TAG, Link.TAG, _trim_tag),
    ):
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


def _trim_url(matched: str) -> tuple[str, str]:
    shown = matched.rstrip(_STOPS)
    if shown.endswith(")") and "(" not in shown:
        shown = shown[:-1].rstrip(_STOPS)
    host = shown.partition("://")[2].partition("/")[0]
    return shown, shown if "." in host.strip(".") else ""


def _trim_handle(matched: str) -> tuple[str, str]:
    handle = matched[1:].lower()
    return matched, handle if len(handle) <= _MAX_HANDLE else ""


def _trim_tag(matched: str) -> tuple[str, str]:
    shown = matched[0] + _TRAILING.sub("", matched[1:])
    tag = shown[1:]
    is_tag = bool(tag) and not tag.isdigit() and graphemes(tag) <= TAG_GRAPHEMES and size_bytes(tag) <= TAG_BYTES
    return shown, tag if is_tag else ""


POST: Final = "app.bsky.feed.post"
Record = dict[str, JsonValue]
Blob = Mapping[str, JsonValue]

_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH: Final = 13
_CLOCK_BITS: Final = 10
_SPREAD: Final = 1_000_000
IMAGES_LIMIT: Final = 4
"""Pictures of an ordinary embed; more become a gallery."""
ENTROPY: Final = _SPREAD << _CLOCK_BITS
"""How many record keys there are for one second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record is written, chosen before it is."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    rkey: str
    created_at: str
    """The post's own instant, as its record states it."""

    def of_part(self, index: int) -> "Place":
        """Return the place of a part of a thread that begins here: each one is a millisecond later."""
        if index == 0:
            return self
        created_at = instant(datetime.fromisoformat(self.created_at) + timedelta(milliseconds=index))
        return Place(rkey=_encode_tid(_decode_tid(self.rkey) + (index * 1000 << _CLOCK_BITS)), created_at=created_at)

    @classmethod
    def choose(cls, now: datetime, *, entropy: int) -> "Place":
        """Choose the key of a new record, within the second before `now`; `entropy` is random, below ENTROPY.

        The keys of two posts of one account differ even where both are prepared in the same instant.
        """
        spread, clock = divmod(entropy % ENTROPY, 1 << _CLOCK_BITS)
        microseconds = int(now.timestamp() * 1_000_000) - spread
        return cls(rkey=tid(microseconds, clock), created_at=instant(now))


def tid(microseconds: int, clock: int) -> str:
    """Return the key for an instant since 1970 and a clock id of 10 bits: 13 characters that sort by time."""
    return _encode_tid(((microseconds & ((1 << 53) - 1)) << _CLOCK_BITS) | (clock & ((1 << _CLOCK_BITS) - 1)))


def _decode_tid(text: str) -> int:
    return sum(_ALPHABET.index(letter) << 5 * place for place, letter in enumerate(reversed(text)))


def _encode_tid(number: int) -> str:
    return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(_TID_LENGTH)))


def instant(at: datetime) -> str:
    """Format an instant as records state it: UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def uri_of(did: str, rkey: str) -> str:
    """Return the URI of a post in the AT Protocol."""
    return f"at://{did}/{POST}/{rkey}"


def parts_of(uri: str) -> tuple[str, str] | None:
    """Return the DID and the record key in a post's URI, or None where it is none."""
    match uri.removeprefix("at://").split("/"):
        case [did, collection, rkey] if uri.startswith("at://did:") and collection == POST and rkey:
            return did, rkey
        case _:
            return None


def post_record(
    text: str, *, created_at: str, dids: Mapping[str, str], embed: Record | None, fields: Mapping[str, JsonValue]
) -> Record:
    """Return the record of a post; `dids`: the mentioned accounts by their handles."""
    record: Record = {"$type": POST, "text": text, "createdAt": created_at, **fields}
    if found := facets(text, dids):
        record["facets"] = found
    if embed is not None:
        record["embed"] = embed
    return record


def reply_record(
    text: str, *, created_at: str, dids: Mapping[str, str], uri: str, cid: str, fields: Mapping[str, JsonValue]
) -> Record:
    """Return the record of a reply to a post that begins a thread."""
    parent: JsonValue = {"uri": uri, "cid": cid}
    record = post_record(text, created_at=created_at, dids=dids, embed=None, fields=fields)
    return {**record, "reply": {"root": parent, "parent": parent}}


def refer(record: Record, *, root: Blob, parent: Blob) -> Record:
    """Return a record as a reply: `root` and `parent` are the URI and the CID of the first post and of the one before."""
    return {**record, "reply": {"root": dict(root), "parent": dict(parent)}}


def images_embed(media: Sequence[Media], blobs: Sequence[Blob]) -> Record:
    """Return the embed of pictures: an ordinary one, or a gallery where they are more than that holds."""
    items: list[JsonValue] = [
        {"image": dict(blob), "alt": one.alt_text or "", "aspectRatio": _build_ratio(one)}
        for one, blob in zip(media, blobs, strict=True)
    ]
    if len(items) <= IMAGES_LIMIT:
        return {"$type": "app.bsky.embed.images", "images": items}
    gallery: list[JsonValue] = [
        {"$type": "app.bsky.embed.gallery#image", **item} for item in items if isinstance(item, dict)
    ]
    return {"$type": "app.bsky.embed.gallery", "items": gallery}


def link_embed(link: LinkCard, thumb: Blob | None = None) -> Record:
    """Return the embed of a link: its card, with the blob of its picture if it has one."""
    card: Record = {"uri": link.url, "title": link.title or "", "description": link.description or ""}
    if thumb is not None:
        card["thumb"] = dict(thumb)
    return {"$type": "app.bsky.embed.external", "external": card}


def video_embed(video: Media, blob: Blob) -> Record:
    """Return the embed of a video."""
    embed: Record = {"$type": "app.bsky.embed.video", "video": dict(blob), "aspectRatio": _build_ratio(video)}
    if video.alt_text:
        embed["alt"] = video.alt_text
    return embed


def _build_ratio(media: Media) -> JsonValue:
    return {"width": media.width, "height": media.height}
