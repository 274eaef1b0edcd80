"""What Facebook accepts, as data: picture and video formats, what becomes a reel, and limits of texts.

Preparing a post, preflight and the documentation use it.
Source: Meta, "Page Photos", "Page Videos", "Uploading Videos" and "Reels Publishing API" (2026-07-30), read 2026-11.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from presswork.core.enums import WITH_MEDIA_OR_TEXT
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.errors import FailureCode
from presswork.platforms.facebook_pages.options import TITLE_LIMIT, settings_of
from presswork.platforms.findings import Advice, Problem, tenths
from presswork.platforms.limits import LimitSubject, pixels
from presswork.platforms.port import Draft, Limit, Media
from presswork.platforms.rules import Condition, Formats, NumericLimit, Rules, Stated

IMAGE: Final = ImageSpec(max_size_bytes=4_000_000)
"""A picture: JPEG up to 4 MB, which is what the error 1366046 names; a page once named 10 MB."""
REEL: Final = VideoSpec(min_frame_rate=24, max_width=None, max_bits_per_second=100_000_000)
"""A reel: 24 to 60 frames a second, H.264 or H.265 with AAC. No bit rate is documented."""
VIDEO: Final = VideoSpec(max_width=None, max_bits_per_second=100_000_000)
"""Any other video."""
_REEL_RATIOS: Final = (0.55, 0.575)
"""Width over height of a reel: 9:16, and what encoders make of it."""
_REEL_LENGTHS: Final = (timedelta(seconds=3), timedelta(seconds=90))
_MIN_REEL: Final = (540, 960)
"""Pixels of a reel, wide and high."""
REELS: Final = Limit(
    call="video_reels",
    max_calls=30,
    window=timedelta(hours=24, minutes=15),
    late_by=timedelta(hours=24),
    counts_posts=True,
    sentence="Facebook accepts 30 reels by programs within 24 hours on a Page, and they are used up.",
)
"""Counted when an upload begins; Facebook counts when a reel goes live, some minutes later, or hours after errors: then it may
refuse one, which waits."""


def is_reel(media: Media) -> bool:
    """Whether a video is uploaded as a reel: 9:16, 3 to 90 seconds, at least 540 × 960 pixels. All others are uploaded as
    videos, which Facebook shows like reels all the same.
    """
    if media.duration is None:
        return False
    shortest, longest = map(tenths, _REEL_LENGTHS)
    return (
        shortest <= tenths(media.duration) <= longest
        and _REEL_RATIOS[0] <= media.width / media.height <= _REEL_RATIOS[1]
        and media.width >= _MIN_REEL[0]
        and media.height >= _MIN_REEL[1]
    )


def spec_of(media: Media, *, is_story: bool) -> VideoSpec:
    """Return what Facebook accepts of a video. That of a story is what a reel's is."""
    return REEL if is_story or is_reel(media) else VIDEO


def _is_reel_post(draft: Draft) -> bool:
    return not _STORY.holds(draft) and any(is_reel(media) for media in draft.media)


_STORY: Final = Condition(sentence="stories", holds=lambda draft: settings_of(draft.options).is_story)
_FEED: Final = Condition(
    sentence="all posts but stories", holds=lambda draft: not settings_of(draft.options).is_story, is_usual=True
)
_STORY_VIDEO: Final = "a story's video"
_STORY_RATIO: Final = 9 / 16


def _check_story_size(draft: Draft) -> Iterator[Problem]:
    for media in draft.media:
        if media.is_video and (media.width < _MIN_REEL[0] or media.height < _MIN_REEL[1]):
            sentence = (
                f"The video is {pixels(media)}; Facebook accepts story videos of at least 540 × 960. Send a larger one."
            )
            yield Problem(FailureCode.PLATFORM_LIMIT, sentence, {"reason": "video_size", "item": media.position + 1})


MAX_COMMENT: Final = 8_000
"""Characters of a comment: general knowledge; the pages read do not name it."""

RULES: Final = Rules(
    platform="Facebook",
    has_alt_texts=True,
    media_types=WITH_MEDIA_OR_TEXT,
    rules=(
        rules.WORDS,
        # Both from an older page; not confirmed.
        NumericLimit(measure=rules.DURATION, max=4 * 3600, accepts="{platform} accepts up to {range}", condition=_FEED),
        NumericLimit(measure=rules.SIZE, max=10_000_000_000),
        NumericLimit(
            measure=rules.DURATION,
            max=60,
            accepts="{platform} accepts story videos of up to {range}",
            of=_STORY_VIDEO,
            condition=_STORY,
        ),
        NumericLimit(
            measure=rules.VIDEO_RATIO,
            min=_STORY_RATIO,
            max=_STORY_RATIO,
            range="9:16",
            tolerance=0.0125,  # what encoders make of it, as of a reel
            of=_STORY_VIDEO,
            condition=_STORY,
        ),
        Stated(
            what="Size of a story's video",
            limit="at least 540 × 960 pixels",
            subject=LimitSubject.VIDEO,
            check=_check_story_size,
            condition=_STORY,
        ),
        # Other publishers agree on it; the pages read do not name it.
        NumericLimit(measure=rules.CHARACTERS, max=63_206),
        NumericLimit(measure=rules.of_comment(rules.CHARACTERS), max=MAX_COMMENT),
        Stated(what="Title of a video", limit=f"{TITLE_LIMIT} characters", subject=LimitSubject.OPTIONS),
        NumericLimit(
            measure=rules.ITEMS, min=2, max=10
        ),  # Facebook's app shows more; 10 is what other publishers found to work
        # An older page names these for videos; what happens beyond them is not documented.
        NumericLimit(
            measure=rules.VIDEO_RATIO,
            min=9 / 16,
            max=16 / 9,
            range="9:16 to 16:9",
            tolerance=0.01,
            warning=Advice.UNUSUAL_RATIO,
            sentence="{begin}; Facebook names {range} for videos. It may refuse this one, or show it with bars.",
            numbers=("value",),
            condition=_FEED,
        ),
        Formats(spec=IMAGE),
        Formats(spec=REEL, of=_STORY_VIDEO, condition=_STORY),
        Formats(
            spec=REEL,
            of="a reel",
            condition=Condition(sentence="upright videos of up to 90 seconds", holds=_is_reel_post),
        ),
        Formats(
            spec=VIDEO,
            of="another video",
            condition=Condition(
                sentence="other videos", holds=lambda draft: not _is_reel_post(draft) and not _STORY.holds(draft)
            ),
        ),
    ),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
check_comment: Final = RULES.check_comment
