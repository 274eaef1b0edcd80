"""What X accepts, as data: the weighted length of texts, counts, and picture and video formats.

Preparing a post, preflight and the documentation use it. What subscribers may do beyond it, Presswork does not know of an account.
Sources: xdevplatform/docs (2026-08), "Counting characters", "Media best practices" and "Create Post"; read 2026-11.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from presswork.core.enums import WITH_MEDIA_OR_TEXT
from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.bounds import Bounds
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Problem
from presswork.platforms.limits import LimitEffect, LimitSubject
from presswork.platforms.port import Draft
from presswork.platforms.rules import Formats, NumericLimit, Rules, Stated, text_with
from presswork.platforms.text_splitter import TextSplitter
from presswork.platforms.x.text import MAX_WEIGHT, count_cashtags, count_weight

MAX_ALT_TEXT: Final = 1000
"""Characters of an alternative text: what is longer is cut."""
IMAGE: Final = ImageSpec(accepts=frozenset({ContentType.JPEG, ContentType.PNG}), max_size_bytes=5_000_000)
"""A picture: JPEG or PNG up to 5 MB. A copy hides what a camera wrote into a file no better than X itself does."""
VIDEO: Final = VideoSpec(
    video_codecs=frozenset({"h264"}),
    pixel_formats=frozenset({"yuv420p", "yuvj420p"}),
    min_frame_rate=1,
    max_width=1280,
    max_height=1280,
    is_moov_first=False,
)
"""A video: H.264 with AAC, up to 1280 pixels on each side. The page says 1024 for the height; upright videos of 1280 are usual."""

_ONE_TO_THREE: Final = 3.0
_WEIGHT: Final = NumericLimit(
    measure=replace(
        rules.count_text(
            "weighted_characters",
            "characters",
            count_weight,
            sentence="has {value} characters as X counts them: a link counts 23, an emoji 2, and a letter of Chinese, Japanese or "
            "Korean 2",
            suffix=" characters; a link counts 23, an emoji and a letter of Chinese, Japanese or Korean 2",
            bounds=lambda maximum: Bounds(characters=maximum // 6),  # some letters become three that count 2
        ),
        read=lambda draft: [(count_weight(text_with(draft.caption, draft.link)), None)],
    ),
    max=MAX_WEIGHT,
)


def _find_cashtags(draft: Draft) -> Iterator[Problem]:
    count = count_cashtags(draft.caption)
    if count > 1:
        sentence = f"The caption has {count} cashtags such as $ABC; X accepts one. Take some out."
        numbers: dict[str, JsonValue] = {"reason": "cashtags", "value": count, "limit": 1, "unit": "cashtags"}
        yield Problem(FailureCode.PLATFORM_LIMIT, sentence, numbers)


SPLITTER: Final = TextSplitter(fits=lambda text: not _WEIGHT.is_beyond(count_weight(text)))

RULES: Final = Rules(
    platform="X",
    has_alt_texts=True,
    media_types=WITH_MEDIA_OR_TEXT,
    rules=(
        rules.WORDS,
        _WEIGHT,
        Stated(what="Cashtags such as $ABC", limit="1", subject=LimitSubject.CAPTION, check=_find_cashtags),
        NumericLimit(
            measure=rules.of_comment(
                replace(_WEIGHT.measure, read=lambda draft: [(count_weight(draft.caption), None)])
            ),
            max=MAX_WEIGHT,
        ),
        NumericLimit(measure=rules.ITEMS, max=4, advice="Take some out."),
        NumericLimit(measure=rules.VIDEO_RATIO, min=1 / _ONE_TO_THREE, max=_ONE_TO_THREE),
        NumericLimit(measure=rules.DURATION, min=0.5, max=140),
        NumericLimit(measure=rules.SIZE, max=512_000_000),
        Formats(spec=IMAGE),
        Formats(spec=VIDEO),
        Stated(
            what="Alternative text",
            limit=f"{MAX_ALT_TEXT:,} characters; what is longer is cut",
            effect=LimitEffect.COPY,
            subject=LimitSubject.PICTURE,
        ),
    ),
    of_some_accounts=(
        Stated(
            what="Posts a day", limit="50, and 200 replies, of an account that is not verified; X counts all its apps"
        ),
    ),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
check_comment: Final = RULES.check_comment
