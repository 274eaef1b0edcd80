"""What Telegram accepts, as data: texts, picture and video formats, and the pace of messages.

Source: Telegram, "Bot API" (10.0), sendMessage, sendPhoto, sendVideo, sendMediaGroup, read 2026-12. Texts are counted in code points:
as many emojis as the limit were accepted and one more refused (a measurement of another client, 2026-08).
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from presswork.core.enums import WITH_MEDIA, WITH_MEDIA_OR_TEXT, MediaType
from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.bounds import Bounds
from presswork.platforms.port import Limit
from presswork.platforms.rules import Formats, NumericLimit, Rules, text_with

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
"""Characters of a text with media."""
_MAX_RATIO: Final = 20
_MAX_SIDE: Final = 5000
"""Half of what both sides together may have. Telegram itself shows at most 2560 pixels."""
MAX_VIDEO_BYTES: Final = 50_000_000
IMAGE: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.PNG}),
    max_width=_MAX_SIDE,
    max_height=_MAX_SIDE,
    max_size_bytes=10_000_000,
    min_ratio=1 / _MAX_RATIO,
    max_ratio=_MAX_RATIO,
)
VIDEO: Final = VideoSpec(accepts=frozenset({ContentType.MP4}), video_codecs=frozenset({"h264"}))
"""A video that every app of Telegram plays while it loads."""
MESSAGES: Final = Limit(
    call="send",
    max_calls=20,
    window=timedelta(minutes=1, seconds=2),
    late_by=timedelta(minutes=2),
    sentence="Telegram lets a bot send 20 messages a minute to a channel, and other posts of this channel come first.",
)
"""Each item of an album is a message."""


_MAX_URL: Final = 2048
_TEXT: Final = replace(
    rules.CHARACTERS,
    read=lambda draft: [(len(text_with(draft.caption, draft.link)), None)],
    # A link may be added to the text.
    bounds=lambda _min, maximum: Bounds(characters=int(maximum) - _MAX_URL - 2),
)
RULES: Final = Rules(
    platform="Telegram",
    media_types=WITH_MEDIA_OR_TEXT | {MediaType.MIXED},
    rules=(
        rules.WORDS,
        NumericLimit(measure=_TEXT, max=MAX_TEXT, media_types=rules.TEXTS),
        NumericLimit(measure=rules.CHARACTERS, max=MAX_CAPTION, media_types=WITH_MEDIA | {MediaType.MIXED}),
        NumericLimit(measure=rules.CAROUSEL_ITEMS, min=2, max=10),
        NumericLimit(measure=rules.PICTURE_RATIO, min=1 / _MAX_RATIO, max=_MAX_RATIO),
        NumericLimit(measure=rules.SIZE, max=MAX_VIDEO_BYTES),
        Formats(spec=IMAGE),
        Formats(spec=VIDEO),
    ),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
