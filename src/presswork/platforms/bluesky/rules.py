"""What Bluesky accepts, as data: text lengths, counts, and picture and video formats.

Preparing a post, preflight and the documentation use it.
Sources: lexicons app.bsky.feed.post, app.bsky.embed.images, gallery and video; bluesky-social/atproto; read 2026-11.
"""

from dataclasses import replace
from typing import Final

from presswork.core.enums import WITH_MEDIA_OR_TEXT
from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.bluesky.options import LANGUAGE_LIMIT, TAG_LIMIT
from presswork.platforms.bluesky.record import IMAGES_LIMIT, TAG_GRAPHEMES
from presswork.platforms.bounds import Bounds
from presswork.platforms.limits import LimitSubject
from presswork.platforms.rules import Formats, NumericLimit, Rules, Stated, graphemes
from presswork.platforms.text_splitter import TextSplitter

_IMAGE_BYTES: Final = 2_000_000
"""1 MB until 2026, which older servers may still enforce."""
IMAGE_UPLOAD: Final = ImageSpec(max_size_bytes=_IMAGE_BYTES, accepts=frozenset())
"""How a picture is uploaded: always as a copy, since Bluesky keeps what a camera wrote into a file, such as the place, for
everyone to read."""
LINK_PICTURE: Final = ImageSpec(max_size_bytes=1_000_000)
"""The picture of a link's card, which may be smaller than those of posts (read 2026-08)."""
VIDEO_SPEC: Final = VideoSpec(accepts=frozenset({ContentType.MP4}), max_width=None, is_moov_first=False)
"""A video: MP4, which Bluesky encodes again."""

MAX_GRAPHEMES: Final = 300
_GRAPHEMES: Final = NumericLimit(
    measure=rules.count_text(
        "graphemes",
        "graphemes",
        graphemes,
        sentence="has {value} characters as people count them (graphemes)",
        suffix=" graphemes",
        bounds=lambda maximum: Bounds(characters=maximum),  # a grapheme has at least one code point
    ),
    max=MAX_GRAPHEMES,
)
_BYTES: Final = NumericLimit(measure=rules.BYTES, max=3000, unless=_GRAPHEMES)

SPLITTER: Final = TextSplitter(
    fits=lambda text: not _GRAPHEMES.is_beyond(graphemes(text)) and not _BYTES.is_beyond(rules.utf8_bytes(text))
)

RULES: Final = Rules(
    platform="Bluesky",
    has_alt_texts=True,
    media_types=WITH_MEDIA_OR_TEXT,
    rules=(
        rules.WORDS,
        _GRAPHEMES,
        _BYTES,
        replace(_GRAPHEMES, measure=rules.of_comment(_GRAPHEMES.measure)),
        replace(_BYTES, measure=rules.of_comment(_BYTES.measure)),
        NumericLimit(
            measure=rules.ITEMS,
            max=10,  # the schema allows 20, and its description asks authors to stop at 10
            advice="Take some out.",
            suffix=f" (more than {IMAGES_LIMIT} become a gallery)",
        ),
        # Documented. Videos of up to 10 minutes are reported for all since 2026-09, which Bluesky's pages do not confirm (read 2026-12).
        NumericLimit(measure=rules.DURATION, max=10 * 60),
        NumericLimit(measure=rules.SIZE, max=300_000_000),
        # A picture: JPEG up to 2 MB. Bluesky accepts other formats too; one that every client shows is enough.
        Formats(spec=ImageSpec(max_size_bytes=_IMAGE_BYTES)),
        Formats(spec=VIDEO_SPEC),
        Stated(what="`tags`", limit=f"{TAG_LIMIT} of {TAG_GRAPHEMES} characters", subject=LimitSubject.OPTIONS),
        Stated(what="`languages`", limit=f"{LANGUAGE_LIMIT}", subject=LimitSubject.OPTIONS),
    ),
    of_some_accounts=(
        Stated(what="Videos a day", limit="what Bluesky reports of the account", media_types=rules.VIDEOS),
    ),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
check_comment: Final = RULES.check_comment
