"""What Instagram takes, as data: picture and video formats, and how long a caption may be.

Source: Meta, "IG User Media" (image and reel specifications, caption limits), read 2026-11.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Final

from presswork.media.convert import ImageSpec, VideoSpec
from presswork.platforms.port import Media

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
