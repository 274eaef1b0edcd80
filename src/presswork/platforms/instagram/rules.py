"""What Instagram accepts, as data: picture and video formats, and caption limits.

Preparing a post, preflight and the documentation use it.
Source: Meta, "IG User Media" (image and reel specifications, caption limits), read 2026-11.
"""

from collections.abc import Iterator
from typing import Final

from presswork.core.enums import WITH_MEDIA, MediaType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.findings import Advice, Warned
from presswork.platforms.graph.quota import quota_limits
from presswork.platforms.instagram.options import MAX_ITEMS, MAX_REEL_SECONDS, check_options, settings_of
from presswork.platforms.limits import LimitEffect, LimitSubject
from presswork.platforms.port import Draft
from presswork.platforms.rules import Condition, Formats, NumericLimit, Rules, Stated

_MIN_RATIO: Final = 4 / 5
MAX_RATIO: Final = 1.91
MAX_PICTURE_BYTES: Final = 8_000_000
FEED_IMAGE: Final = ImageSpec(max_size_bytes=MAX_PICTURE_BYTES, min_ratio=_MIN_RATIO, max_ratio=MAX_RATIO)
"""A picture, alone or in a carousel: JPEG up to 8 MB, from 4:5 to 1.91:1. Instagram scales the width itself."""
STORY_IMAGE: Final = ImageSpec(max_size_bytes=MAX_PICTURE_BYTES)
"""A picture of a story: JPEG up to 8 MB; 9:16 is recommended."""
REEL: Final = VideoSpec()
"""A video: H.264 or HEVC in MP4 or MOV, up to 1920 pixels wide, 23 to 60 frames a second, with AAC."""
_MIN_SECONDS: Final = 3
MAX_CHARACTERS: Final = 2200
"""Characters of a caption. Meta documents no length of a comment; the app shows a caption as one, and other publishing services
document this limit for first comments (read 2026-11)."""
_STORY_VIDEO: Final = "a story's video"
_SAME_RATIO: Final = 0.01
"""Ratios that differ by less, as a fraction, count as equal: a crop removes a row of pixels."""
_STORY: Final = Condition(sentence="stories", holds=lambda draft: settings_of(draft.options).is_story)
_FEED: Final = Condition(
    sentence="all posts but stories", holds=lambda draft: not settings_of(draft.options).is_story, is_usual=True
)


def _warn_of_crop(draft: Draft) -> Iterator[Warned]:
    ratios = [media.width / media.height for media in draft.media]
    others = [place for place, ratio in enumerate(ratios, 1) if abs(ratio / ratios[0] - 1) > _SAME_RATIO]
    if others:
        which = f"Item {others[0]} has" if len(others) == 1 else f"Items {', '.join(map(str, others))} have"
        yield Warned(
            Advice.MEDIA_CROPPED,
            f"{which} another shape than the first; Instagram crops all to that of the first, {ratios[0]:.2f}:1.",
            {"items": list(others)},
        )


_HASHTAGS: Final = NumericLimit(measure=rules.HASHTAGS, max=30)

RULES: Final = Rules(
    platform="Instagram",
    has_alt_texts=True,
    media_types=WITH_MEDIA | {MediaType.MIXED},
    rules=(
        NumericLimit(measure=rules.CHARACTERS, max=MAX_CHARACTERS),
        NumericLimit(measure=rules.of_comment(rules.CHARACTERS), max=MAX_CHARACTERS),
        _HASHTAGS,
        NumericLimit(measure=rules.MENTIONS, max=20),
        Stated(
            what="`userTags`, `coverTimestampMs`",
            limit="an item and an instant that the post has",
            subject=LimitSubject.OPTIONS,
            check=check_options,
        ),
        NumericLimit(
            measure=rules.PICTURE_RATIO,
            min=_MIN_RATIO,
            max=MAX_RATIO,
            range=f"{_MIN_RATIO:.2f}:1 (4:5) to {MAX_RATIO:.2f}:1",
            condition=_FEED,
        ),
        NumericLimit(measure=rules.VIDEO_RATIO, min=0.01, max=10, condition=_FEED),  # 9:16 is recommended
        NumericLimit(
            measure=rules.DURATION,
            min=_MIN_SECONDS,
            max=MAX_REEL_SECONDS,
            accepts="{platform} accepts reels of {range}",
            condition=_FEED,
        ),
        NumericLimit(measure=rules.SIZE, max=300_000_000, condition=_FEED),  # older versions of Meta's pages say 1 GB
        NumericLimit(measure=rules.VIDEO_RATIO, min=0.1, max=10, of=_STORY_VIDEO, condition=_STORY),
        NumericLimit(
            measure=rules.DURATION,
            min=_MIN_SECONDS,
            max=60,
            of=_STORY_VIDEO,
            accepts="{platform} accepts story videos of {range}",
            condition=_STORY,
        ),
        NumericLimit(measure=rules.SIZE, max=100_000_000, of=_STORY_VIDEO, condition=_STORY),
        NumericLimit(measure=rules.CAROUSEL_ITEMS, min=2, max=MAX_ITEMS),  # by the API; the app allows 20
        # Since 2025-12; whether the API accepts more is not documented.
        NumericLimit(
            measure=rules.HASHTAGS,
            max=5,
            unless=_HASHTAGS,
            warning=Advice.TOO_MANY_HASHTAGS,
            sentence="{begin}; Instagram's own app allows {max}.",
            what="Hashtags in a caption, by the app's own rule",
        ),
        Stated(
            what="Ratio of carousel items",
            limit="that of the first; others are cropped to it",
            subject=LimitSubject.ITEMS,
            effect=LimitEffect.WARNING,
            check=_warn_of_crop,
        ),
        Formats(spec=FEED_IMAGE),
        Formats(spec=REEL),
    ),
    of_some_accounts=quota_limits("Instagram"),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
check_comment: Final = RULES.check_comment
