"""What a probe finds out about a piece of media, and what Presswork accepts."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The kinds of media that a container is made of."""

    VIDEO = "video"
    IMAGE = "image"
    DOCUMENT = "document"


NOUNS: Final = {Kind.IMAGE: "picture", Kind.VIDEO: "video", Kind.DOCUMENT: "PDF"}
"""What sentences call them."""


class ContentType(StrEnum):
    """Every content type that Presswork accepts, detected from the bytes."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    MP4 = "video/mp4"
    QUICKTIME = "video/quicktime"
    PDF = "application/pdf"


MAX_VIDEO_BYTES: Final = 10 * 1024**3
"""The most that PRESSWORK_MAX_VIDEO_BYTES may be."""
STREAMED_OVER_BYTES: Final = 100_000_000
"""A larger file is uploaded in parts, and read by ranges from the store instead of a temporary copy."""
MAX_IMAGE_BYTES: Final = 30 * 1024 * 1024
MAX_DOCUMENT_BYTES: Final = 100_000_000
MAX_DOCUMENT_PAGES: Final = 1000
"""More than platforms accept; each page is measured."""
MAX_IMAGE_PIXELS: Final = 110_000_000
"""Enough for a phone's 108-megapixel camera; decoding more costs a gigabyte of memory and serves no platform."""

MAX_WEBP_PIXELS: Final = 27_500_000
"""A quarter: the decoder of WebP needs four times the memory of the others for each pixel, 16 bytes, whatever the file's size."""

MAX_IMAGE_SIDE: Final = 65_535
"""Pixels; the longest side that a JPEG can have. Decoders keep data for each row, in gigabytes for a hundred million rows."""

MAX_VIDEO_PIXELS: Final = 8192 * 4608
"""Of one frame: a little above 8K."""

MAX_VIDEO_DURATION: Final = timedelta(hours=12)
"""The longest that any platform accepts; a longer claim is a broken or hostile header."""


def kind_of(content_type: ContentType) -> Kind:
    """Return the kind of a content type."""
    if content_type is ContentType.PDF:
        return Kind.DOCUMENT
    return Kind.VIDEO if content_type.startswith("video/") else Kind.IMAGE


def limit_bytes(kind: Kind, *, max_video_bytes: int = MAX_VIDEO_BYTES) -> int:
    """Return the largest accepted size of a file; of a video without the setting, the most that it can allow."""
    return {Kind.VIDEO: max_video_bytes, Kind.IMAGE: MAX_IMAGE_BYTES, Kind.DOCUMENT: MAX_DOCUMENT_BYTES}[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What the bytes of a piece of media say. Fields that make no sense for its kind are None or False."""

    kind: Kind
    content_type: ContentType
    size_bytes: int
    sha256: str  # hex
    width: int  # pixels, as shown: turned, and with square pixels
    height: int  # pixels, as shown
    rotation: int  # degrees clockwise by which a viewer turns what is stored: 0, 90, 180 or 270
    duration: timedelta | None = None
    video_codec: str | None = None  # libav's name, like h264 or hevc
    audio_codec: str | None = None  # None too where there is no sound
    audio_rate_hertz: int | None = None
    audio_channels: int | None = None
    pixel_format: str | None = None  # libav's name, like yuv420p
    frame_rate: float | None = None  # frames per second, on average
    is_interlaced: bool = False
    is_moov_first: bool = False  # a player can start before the last byte has arrived
    has_alpha: bool = False
    pages: int | None = None  # of a document, whose sides are those of its first page, in points

    @property
    def ratio(self) -> float:
        """Width over height, as shown."""
        return self.width / self.height
