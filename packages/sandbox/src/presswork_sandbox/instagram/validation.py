"""What Graph checks when a container is made, and what it finds wrong with a video later.

Source: Meta, "IG User Media" (reference) and "Content Publishing" (guide), read 2026-11.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from presswork_sandbox.instagram.errors import (
    CAPTION_TOO_LONG,
    CAROUSEL_SIZE,
    IMAGE_FORMAT,
    IMAGE_RATIO,
    IMAGE_TOO_LARGE,
    INVALID_PARAMETER,
    NOT_FETCHED,
    THUMB_OFFSET,
    TOO_MANY_MENTIONS,
    UNKNOWN_MEDIA_TYPE,
    VIDEO_IS_GONE,
    GraphRefusal,
)
from presswork_sandbox.instagram.options import list_of
from presswork_sandbox.media import Asset
from presswork_sandbox.wire import JSONValue, flag_of, text_of

CAPTION_CHARACTERS: Final = 2200
HASHTAGS: Final = 30
MENTIONS: Final = 20
IMAGE_BYTES: Final = 8 * 1024 * 1024
VIDEO_BYTES: Final = 300 * 1000 * 1000
STORY_VIDEO_BYTES: Final = 100 * 1000 * 1000
IMAGE_RATIOS: Final = (0.8, 1.91)
VIDEO_RATIOS: Final = (0.01, 10.0)
STORY_RATIOS: Final = (0.1, 10.0)
RATIO_SLACK: Final = 0.01  # whole pixels can't hit the ends exactly
REEL_SECONDS: Final = (3.0, 900.0)
STORY_SECONDS: Final = (3.0, 60.0)
SECONDS_SLACK: Final = 0.1
FRAME_RATES: Final = (22.5, 60.5)  # 23 to 60, with room for 22.98 and 59.94 and the like
VIDEO_WIDTH: Final = 1920
VIDEO_CODECS: Final = frozenset({"h264", "hevc"})
FORMAT_SUBCODE: Final = 2207026
MEDIA_TYPES: Final = ("IMAGE", "VIDEO", "REELS", "STORIES", "CAROUSEL")


def media_type_of(params: Mapping[str, JSONValue]) -> str:
    """Return what is to be made. Raises GraphRefusal on an unknown or retired media_type."""
    named = text_of(params.get("media_type")).upper()
    kind = named or "IMAGE"
    if kind not in MEDIA_TYPES:
        raise GraphRefusal(UNKNOWN_MEDIA_TYPE)
    if kind == "VIDEO" and not flag_of(params.get("is_carousel_item")):
        raise GraphRefusal(VIDEO_IS_GONE)
    return kind


def check_texts(params: Mapping[str, JSONValue]) -> str:
    """Return the caption. Raises GraphRefusal on one that is too long, or has too many tags."""
    caption = text_of(params.get("caption"))
    if len(re.findall(r"(?:^|[^\w@])@[\w.]+", caption)) > MENTIONS:
        raise GraphRefusal(TOO_MANY_MENTIONS)
    if len(caption) > CAPTION_CHARACTERS or len(re.findall(r"#\w+", caption)) > HASHTAGS:
        raise GraphRefusal(CAPTION_TOO_LONG)
    return caption


def check_combination(kind: str, params: Mapping[str, JSONValue], *, resumable: bool) -> bool:
    """Return whether the media will come by upload. `resumable`: whether this login supports it.

    Raises GraphRefusal where parameters don't go together, or a media URL is missing.
    """
    child = flag_of(params.get("is_carousel_item"))
    uploads = text_of(params.get("upload_type")) == "resumable"
    if uploads and not resumable:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) Param upload_type is not available with Instagram Login"))
    if child and kind in {"REELS", "STORIES", "CAROUSEL"}:
        raise GraphRefusal(INVALID_PARAMETER.about(f"(#100) {kind} can't be a carousel item"))
    image, video = bool(params.get("image_url")), bool(params.get("video_url"))
    if uploads:
        if kind not in {"REELS", "STORIES", "VIDEO"} or image or video:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) Param upload_type is for videos without a URL"))
        return True
    if kind == "IMAGE" and not image:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter image_url is required"))
    if kind in {"REELS", "VIDEO"} and not video:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter video_url is required"))
    if kind == "STORIES" and image == video:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) A story needs one of image_url and video_url"))
    return False


def check_children(value: JSONValue) -> list[int]:
    """Return the child container ids. Raises GraphRefusal unless there are 2 to 10 of them."""
    children = list_of(value)
    if not 2 <= len(children) <= 10:
        raise GraphRefusal(CAROUSEL_SIZE)
    if not all(child.isascii() and child.isdigit() and len(child) < 19 for child in children):
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) Param children must be a list of container ids"))
    return [int(child) for child in children]


def check_url(url: str) -> str:
    """Return a URL that Meta would try. Raises GraphRefusal on one with other than ASCII, or none at all."""
    try:
        parts = urlsplit(url)
    except ValueError as wrong:
        raise GraphRefusal(NOT_FETCHED) from wrong
    if not url.isascii() or parts.scheme not in {"http", "https"} or not parts.netloc:
        raise GraphRefusal(NOT_FETCHED)
    return url


def check_image(asset: Asset, *, any_ratio: bool) -> None:
    """Raise GraphRefusal on a picture that Instagram does not accept. `any_ratio`: for a story, or as a cover."""
    if asset.is_video:
        raise GraphRefusal(NOT_FETCHED)
    if asset.format != "JPEG":
        raise GraphRefusal(IMAGE_FORMAT)
    if asset.size_bytes > IMAGE_BYTES:
        raise GraphRefusal(IMAGE_TOO_LARGE)
    low, high = IMAGE_RATIOS
    if not any_ratio and not low - RATIO_SLACK <= asset.width / asset.height <= high + RATIO_SLACK:
        raise GraphRefusal(IMAGE_RATIO)


def video_subcode(asset: Asset, kind: str, thumb_offset: str) -> int | None:
    """Return what is wrong with a video, as the subcode that its status will carry, or None.

    `thumb_offset` is the parameter of that name: milliseconds from the start, "" where none counts.
    """
    seconds = asset.duration_seconds or 0.0
    shortest, longest = STORY_SECONDS if kind == "STORIES" else REEL_SECONDS
    narrowest, widest = STORY_RATIOS if kind == "STORIES" else VIDEO_RATIOS
    good = (
        asset.is_video
        and asset.format in {"MP4", "MOV"}
        and asset.codec in VIDEO_CODECS
        and shortest - SECONDS_SLACK <= seconds <= longest + SECONDS_SLACK
        and FRAME_RATES[0] <= (asset.fps or 0) <= FRAME_RATES[1]
        and asset.width <= VIDEO_WIDTH
        and narrowest <= asset.width / asset.height <= widest
    )
    if good and thumb_offset and int(thumb_offset) > seconds * 1000:
        return THUMB_OFFSET.subcode
    return None if good else FORMAT_SUBCODE
