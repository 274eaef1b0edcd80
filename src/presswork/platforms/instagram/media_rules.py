"""What Instagram takes, as data: picture and video formats, and how long a caption may be.

Source: Meta, "IG User Media" (image and reel specifications, caption limits), read 2026-11.
"""

import re
from datetime import timedelta
from typing import Final

from presswork.media.convert_image import ImageSpec
from presswork.media.convert_video import VideoSpec
from presswork.platforms.port import Media

FEED_IMAGE: Final = ImageSpec(max_size_bytes=8_000_000, min_ratio=4 / 5, max_ratio=1.91)
"""A picture, alone or in a carousel: JPEG up to 8 MB, from 4:5 to 1.91:1. Instagram scales the width by itself."""
REEL: Final = VideoSpec()
"""A video: H.264 or HEVC in MP4 or MOV, up to 1920 pixels wide, 23 to 60 frames a second, with AAC."""
REEL_SHORTEST: Final = timedelta(seconds=3)
REEL_LONGEST: Final = timedelta(minutes=15)
REEL_LARGEST_BYTES: Final = 300_000_000
"""Older copies of Meta's pages say 1 GB."""
CAPTION_LIMIT: Final = 2200
"""Characters of a caption."""
HASHTAG_LIMIT: Final = 30
"""Hashtags of a caption; more are refused."""
HASHTAG_ADVICE: Final = 5
"""Hashtags that the app itself allows since 2025-12; whether more pass through the API is not documented."""
MENTION_LIMIT: Final = 20
"""Accounts that a caption may name."""
CAROUSEL_ITEMS: Final = range(2, 11)
"""Items of a carousel made by the API (the app allows 20)."""

_HASHTAG: Final = re.compile(r"(?<![\w&])#\w+")
_MENTION: Final = re.compile(r"(?<![\w.@])@[\w.]+")


def hashtags(caption: str) -> int:
    """Return how many hashtags a caption holds."""
    return len(_HASHTAG.findall(caption))


def mentions(caption: str) -> int:
    """Return how many accounts a caption names."""
    return len(_MENTION.findall(caption))


def caption_problems(caption: str) -> list[str]:
    """Return what Instagram would refuse a caption for, one sentence each, with the numbers."""
    found = []
    if len(caption) > CAPTION_LIMIT:
        found.append(f"The caption has {len(caption):,} characters; Instagram takes {CAPTION_LIMIT:,}. Shorten it.")
    if (count := hashtags(caption)) > HASHTAG_LIMIT:
        found.append(f"The caption has {count} hashtags; Instagram takes {HASHTAG_LIMIT}. Take some out.")
    if (count := mentions(caption)) > MENTION_LIMIT:
        found.append(f"The caption names {count} accounts; Instagram takes {MENTION_LIMIT}. Take some out.")
    return found


def caption_warnings(caption: str) -> list[str]:
    """Return what may hold a caption back though the API takes it."""
    count = hashtags(caption)
    if HASHTAG_ADVICE < count <= HASHTAG_LIMIT:
        return [f"The caption has {count} hashtags; Instagram's own app allows {HASHTAG_ADVICE}."]
    return []


def media_problems(media: Media) -> list[str]:
    """Return what Instagram would refuse a picture or video for, one sentence each, with the numbers.

    Formats are left out: a copy in the right one is made where need be.
    """
    if media.is_video:
        return _video_problems(media)
    ratio = media.width / media.height
    if (FEED_IMAGE.min_ratio or 0) <= ratio <= (FEED_IMAGE.max_ratio or ratio):
        return []
    problem = (
        f"The picture is {media.width} × {media.height} pixels, {ratio:.2f}:1; Instagram takes 0.80:1 (4:5) to 1.91:1. "
        "Crop it."
    )
    return [problem]


def _video_problems(media: Media) -> list[str]:
    found = []
    if media.duration is not None and not REEL_SHORTEST <= media.duration <= REEL_LONGEST:
        seconds = media.duration.total_seconds()
        found.append(f"The video lasts {seconds:.1f} seconds; Instagram takes reels of 3 seconds to 15 minutes.")
    if media.size_bytes > REEL_LARGEST_BYTES:
        found.append(f"The video has {media.size_bytes / 1e6:.0f} MB; Instagram takes 300 MB. Compress it.")
    return found
