"""What Presswork hands over, checked field by field. Source: docs/provider-protocol.md, "Hand over"."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from presswork_sandbox.wire import JSONValue

POST_ID: Final = re.compile(r"sp_[A-Za-z0-9-]{1,80}", re.ASCII)
SHA256: Final = re.compile(r"[0-9a-f]{64}")
MEDIA_TYPES: Final = ("image", "video", "multi", "text", "mixed", "document")
DOCUMENT: Final = "application/pdf"
MUSIC_MODES: Final = ("none", "auto", "manual")
OPTIONS_OF: Final = "PostSettings"
"""How the name of a platform's options ends."""
MAX_MEDIA: Final = 35
FRESH: Final = ("requestedAt", "deadline", "callbackUrl")  # may differ when a post is handed over again


class BadPayload(ValueError):
    """A field is missing or wrong; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One file to fetch."""

    url: str
    sha256: str
    size_bytes: int
    is_document: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The content of one dispatch."""

    post_id: str
    platform: str
    handle: str
    media_type: str
    media: tuple[MediaFile, ...]
    caption: str
    first_comment: str | None
    is_story: bool
    callback: str | None
    seconds_left: float  # from requestedAt to the deadline
    fingerprint: str  # equal for equal content
    body: Mapping[str, JSONValue]  # as it came


def _text(body: Mapping[str, JSONValue], name: str, place: str = "") -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise BadPayload(f"{place}{name} must be a string.")
    return value


def _optional_text(body: Mapping[str, JSONValue], name: str) -> str | None:
    return None if body.get(name) is None else _text(body, name)


def _check_url(value: str, place: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError as wrong:
        raise BadPayload(f"{place} is no URL.") from wrong
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise BadPayload(f"{place} must be an absolute http or https URL.")
    return value


def _instant(body: Mapping[str, JSONValue], name: str) -> datetime:
    try:
        instant = datetime.fromisoformat(_text(body, name))
    except ValueError as wrong:
        raise BadPayload(f"{name} must be a time in RFC 3339.") from wrong
    if instant.tzinfo is None:
        raise BadPayload(f"{name} must say its time zone.")
    return instant.astimezone(UTC)


def _size(item: Mapping[str, JSONValue], name: str, place: str) -> int:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadPayload(f"{place}{name} must be a whole number of 1 or more.")
    return value


def _medium(item: JSONValue, place: str) -> MediaFile:
    if not isinstance(item, Mapping):
        raise BadPayload(f"{place} must be an object.")
    place += "."
    for name in ("width", "height"):
        _size(item, name, place)
    content_type = _text(item, "contentType", place)
    seconds = item.get("durationSeconds")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
        raise BadPayload(f"{place}durationSeconds must be a number or null.")
    digest = _text(item, "sha256", place)
    if SHA256.fullmatch(digest) is None:
        raise BadPayload(f"{place}sha256 must be 64 hex digits.")
    url = _check_url(_text(item, "url", place), place + "url")
    return MediaFile(
        url=url, sha256=digest, size_bytes=_size(item, "sizeBytes", place), is_document=content_type == DOCUMENT
    )


def _media(body: Mapping[str, JSONValue], media_type: str) -> tuple[MediaFile, ...]:
    items = body.get("media")
    if media_type == "text":
        if items != []:
            raise BadPayload("media of a text post must be an empty list.")
        return ()
    if not isinstance(items, Sequence) or isinstance(items, str) or not 1 <= len(items) <= MAX_MEDIA:
        raise BadPayload(f"media must be a list of 1 to {MAX_MEDIA} items.")
    if media_type not in {"multi", "mixed"} and len(items) > 1:
        raise BadPayload(f"media of an {media_type} post must be one item.")
    return tuple(_medium(item, f"media[{number}]") for number, item in enumerate(items))


def _options(body: Mapping[str, JSONValue], name: str) -> Mapping[str, JSONValue]:
    value = body.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise BadPayload(f"{name} must be an object.")
    return value or {}


def fingerprint_of(body: Mapping[str, JSONValue]) -> str:
    """Return a digest of the content: everything but URLs and times, which may be fresh on a repetition."""
    content = {name: value for name, value in body.items() if name not in FRESH}
    media = content.get("media")
    if isinstance(media, Sequence):
        content["media"] = [
            {name: value for name, value in item.items() if name != "url"} if isinstance(item, Mapping) else item
            for item in media
        ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_payload(body: Mapping[str, JSONValue]) -> Payload:
    """Read a dispatch's body. Raises BadPayload."""
    post_id = _text(body, "postId")
    if POST_ID.fullmatch(post_id) is None:
        raise BadPayload("postId must be sp_ and an id.")
    account = body.get("account")
    if not isinstance(account, Mapping):
        raise BadPayload("account must be an object.")
    _optional_text(account, "externalId")
    media_type = _text(body, "mediaType")
    if media_type not in MEDIA_TYPES:
        raise BadPayload(f"mediaType must be one of: {', '.join(MEDIA_TYPES)}.")
    if "link" in body:
        _check_url(_text(body, "link"), "link")
    if "tiktokMusicLink" in body:
        _check_url(_text(body, "tiktokMusicLink"), "tiktokMusicLink")
    if body.get("tiktokMusicMode") is not None and body["tiktokMusicMode"] not in MUSIC_MODES:
        raise BadPayload(f"tiktokMusicMode must be one of: {', '.join(MUSIC_MODES)}.")
    options = {name: _options(body, name) for name in body if name.endswith(OPTIONS_OF)}
    callback = _optional_text(body, "callbackUrl")
    return Payload(
        post_id=post_id,
        platform=_text(account, "platform", "account."),
        handle=_text(account, "handle", "account."),
        media_type=media_type,
        media=_media(body, media_type),
        caption=_text(body, "caption"),
        first_comment=_optional_text(body, "firstComment"),
        is_story=options.get(f"{account['platform']}PostSettings", {}).get("placement") == "story",
        callback=None if callback is None else _check_url(callback, "callbackUrl"),
        seconds_left=(_instant(body, "deadline") - _instant(body, "requestedAt")).total_seconds(),
        fingerprint=fingerprint_of(body),
        body=body,
    )
