"""What Threads accepts, as data: picture and video formats, and limits of texts.

Preparing a post, preflight and the documentation use it.
Source: Meta, "Posts" (media specifications) and "Overview" (Threads API), read 2026-11.
"""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

from presswork.core.enums import WITH_MEDIA_OR_TEXT, MediaType
from presswork.media.link_card import LinkCard
from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.bounds import Bounds
from presswork.platforms.graph.quota import quota_limits
from presswork.platforms.limits import LimitSubject
from presswork.platforms.port import Limit
from presswork.platforms.rules import Formats, NumericLimit, Rules, Stated
from presswork.platforms.text_splitter import TextSplitter
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
DELETIONS: Final = Limit(
    call="delete",
    max_calls=100,
    window=timedelta(hours=24, minutes=15),
    late_by=timedelta(minutes=10),
    sentence="Threads lets programs delete 100 posts within 24 hours on a profile, and they are used up.",
)
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_AFTER_LINK: Final = ".,;:!?)]}'\"…’”"
"""Characters that belong to the sentence where they end a link."""


def count_links(text: str, link: LinkCard | None = None) -> int:
    """Count the different links of a post: in its text, and the attached one."""
    return len({link.rstrip(_AFTER_LINK) for link in _LINK.findall(text)} | (set() if link is None else {link.url}))


def _within_links(count: int) -> Bounds:
    """Return bounds within which no text has so many different links."""
    return Bounds(characters=len(" ".join(["http://a"] * count)) - 1)


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
        bounds=lambda maximum: _within_links(maximum + 1),
    ),
    max=5,
    unless=_LENGTH,
)
_LINKS_WITH_CARD: Final = replace(
    _LINKS,
    measure=replace(
        _LINKS.measure,
        read=lambda draft: [(count_links(draft.caption, draft.link), None)],
        bounds=lambda _min, maximum: _within_links(int(maximum)),  # one more may be attached
    ),
)

SPLITTER: Final = TextSplitter(
    fits=lambda text: not _LENGTH.is_beyond(rules.utf8_bytes(text)) and not _LINKS.is_beyond(count_links(text))
)

RULES: Final = Rules(
    platform="Threads",
    has_alt_texts=True,
    media_types=WITH_MEDIA_OR_TEXT | {MediaType.MIXED},
    rules=(
        rules.WORDS,
        NumericLimit(measure=rules.PICTURE_RATIO, min=_MIN_RATIO, max=_MAX_RATIO),
        NumericLimit(measure=rules.VIDEO_RATIO, min=0.01, max=10),
        NumericLimit(measure=rules.DURATION, max=5 * 60, accepts="{platform} accepts up to {range}"),
        NumericLimit(measure=rules.SIZE, max=1_000_000_000),
        _LENGTH,
        replace(_LENGTH, measure=rules.of_comment(_LENGTH.measure)),
        _LINKS_WITH_CARD,
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
