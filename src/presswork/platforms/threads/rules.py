"""What Threads accepts, as data: picture and video formats, and limits of texts.

Preparing a post, preflight and the documentation use it.
Source: Meta, "Posts" (media specifications) and "Overview" (Threads API), read 2026-11.
"""

import re
from dataclasses import replace
from typing import Final

from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.bounds import Bounds
from presswork.platforms.graph.quota import quota_limits
from presswork.platforms.limits import LimitSubject
from presswork.platforms.rules import Formats, NumericLimit, Rules, Stated
from presswork.platforms.threads.options import TOPIC_LIMIT

_MIN_RATIO: Final = 0.1
_MAX_RATIO: Final = 10
IMAGE: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.PNG}),
    max_size_bytes=8_000_000,
    min_ratio=_MIN_RATIO,
    max_ratio=_MAX_RATIO,
)
"""A picture: JPEG or PNG up to 8 MB, up to 10:1. Threads scales the width itself, into 320 to 1440 pixels."""
VIDEO: Final = VideoSpec(max_bits_per_second=100_000_000)
"""A video: H.264 or HEVC in MP4 or MOV, up to 1920 pixels wide, 23 to 60 frames a second, with AAC."""
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_AFTER_LINK: Final = ".,;:!?)]}'\"…’”"
"""Characters that belong to the sentence where they end a link."""


def count_links(text: str) -> int:
    """Count the different links in a text."""
    return len({link.rstrip(_AFTER_LINK) for link in _LINK.findall(text)})


MAX_BYTES: Final = 500
"""UTF-8 of a text. Meta's pages count characters, and bytes for emojis only, but a text of 498 characters with three typographic
apostrophes was refused (another publisher, 2026-08)."""
_LENGTH: Final = NumericLimit(
    measure=replace(
        rules.BYTES,
        sentence="The {of} has {value} bytes in UTF-8, in which letters with accents and emojis count several",
    ),
    max=MAX_BYTES,
)
_LINKS: Final = NumericLimit(
    measure=rules.count_text(
        "links",
        "links",
        count_links,
        sentence="has {value} different links",
        what="different links in a {of}",
        reason="{of}_links",
        words=str,
        # The shortest text with one link too many is longer. What else than http:// and https:// Threads counts is not documented.
        bounds=lambda maximum: Bounds(characters=len(" ".join(["http://a"] * (maximum + 1))) - 1),
    ),
    max=5,
    unless=_LENGTH,
)

RULES: Final = Rules(
    platform="Threads",
    has_alt_texts=True,
    rules=(
        NumericLimit(measure=rules.PICTURE_RATIO, min=_MIN_RATIO, max=_MAX_RATIO),
        NumericLimit(measure=rules.VIDEO_RATIO, min=0.01, max=10),
        NumericLimit(measure=rules.DURATION, max=5 * 60, accepts="{platform} accepts up to {range}"),
        NumericLimit(measure=rules.SIZE, max=1_000_000_000),
        _LENGTH,
        replace(_LENGTH, measure=rules.of_comment(_LENGTH.measure)),
        _LINKS,
        replace(_LINKS, measure=rules.of_comment(_LINKS.measure)),
        NumericLimit(measure=rules.CAROUSEL_ITEMS, min=2, max=20),
        Stated(what="Topic", limit=f"1 to {TOPIC_LIMIT} characters, without . and &", subject=LimitSubject.OPTIONS),
        Formats(spec=IMAGE),
        Formats(spec=VIDEO),
    ),
    of_some_accounts=quota_limits("Threads"),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
check_comment: Final = RULES.check_comment
