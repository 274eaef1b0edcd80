"""The records that Presswork writes: their keys, the post, its embed, and a reply. Pure.

Sources: lexicons app.bsky.feed.post and app.bsky.embed.*, atproto.com, "Record Key" (TID), read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from pydantic import JsonValue

from presswork.platforms.bluesky.media_rules import IMAGES_LIMIT
from presswork.platforms.bluesky.text import facets
from presswork.platforms.job_state import IN_CAMEL_CASE, as_stored, parse_stored
from presswork.platforms.port import Media

POST: Final = "app.bsky.feed.post"
Record = dict[str, JsonValue]
Blob = Mapping[str, JsonValue]

_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH: Final = 13
_CLOCK_BITS: Final = 10
_SPREAD: Final = 1_000_000
ENTROPY: Final = _SPREAD << _CLOCK_BITS
"""How many record keys there are for one second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record is written, chosen before it is."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    rkey: str
    created_at: str
    """The post's own instant, as its record states it."""

    @classmethod
    def choose(cls, now: datetime, *, entropy: int) -> "Place":
        """Choose the key of a new record, within the second before `now`; `entropy` is random, below ENTROPY.

        The keys of two posts of one account differ even where both are prepared in the same instant.
        """
        spread, clock = divmod(entropy % ENTROPY, 1 << _CLOCK_BITS)
        microseconds = int(now.timestamp() * 1_000_000) - spread
        return cls(rkey=tid(microseconds, clock), created_at=instant(now))

    @classmethod
    def read(cls, value: JsonValue) -> "Place | None":
        """Load a stored place; None where there is none."""
        return parse_stored(cls, value)

    def as_json(self) -> JsonValue:
        """Return the form that is stored."""
        return as_stored(self)


def tid(microseconds: int, clock: int) -> str:
    """Return the key for an instant since 1970 and a clock id of 10 bits: 13 characters that sort by time."""
    number = ((microseconds & ((1 << 53) - 1)) << _CLOCK_BITS) | (clock & ((1 << _CLOCK_BITS) - 1))
    return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(_TID_LENGTH)))


def instant(at: datetime) -> str:
    """Format an instant as records state it: UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def uri_of(did: str, rkey: str, collection: str = POST) -> str:
    """Return the address of a record in the AT Protocol."""
    return f"at://{did}/{collection}/{rkey}"


def parts_of(uri: str) -> tuple[str, str] | None:
    """Return the DID and the record key of a post's address; None where it is none."""
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


def video_embed(video: Media, blob: Blob) -> Record:
    """Return the embed of a video."""
    embed: Record = {"$type": "app.bsky.embed.video", "video": dict(blob), "aspectRatio": _build_ratio(video)}
    if video.alt_text:
        embed["alt"] = video.alt_text
    return embed


def _build_ratio(media: Media) -> JsonValue:
    return {"width": media.width, "height": media.height}
