"""What Mastodon accepts, as data. Every server has limits of its own, which it reports; the rest is documented.

Source: mastodon/documentation, entities/Instance and user/posting (2026-07), read 2026-12.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt
from typing import Final, Self

from pydantic import JsonValue

from presswork.core.enums import WITH_MEDIA_OR_TEXT
from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.bounds import Bounds
from presswork.platforms.findings import Findings
from presswork.platforms.json_values import number_of, part_of
from presswork.platforms.mastodon.options import settings_of
from presswork.platforms.mastodon.text import MAX_CHARACTERS, URL_LENGTH, count_characters, text_with
from presswork.platforms.port import Draft, Media
from presswork.platforms.rules import Formats, NumericLimit, Rule, Rules
from presswork.platforms.text_splitter import TextSplitter

IMAGE: Final = ImageSpec(accepts=frozenset({ContentType.JPEG, ContentType.PNG}), max_size_bytes=16_777_216)
"""A picture. Servers accept more formats; two that every client shows are enough."""
VIDEO: Final = VideoSpec(max_width=3840, is_moov_first=False)
"""A video, which servers encode again where they have to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """The limits of one server. The defaults are those of Mastodon's own software."""

    characters: int = MAX_CHARACTERS
    url_length: int = URL_LENGTH
    items: int = 4
    description: int = 1500
    """Characters of an alternative text."""
    image_bytes: int = 16_777_216
    image_pixels: int = 33_177_600
    video_bytes: int = 103_809_024

    @classmethod
    def read(cls, instance: Mapping[str, JsonValue]) -> Self:
        """Read a server's description of itself; what it does not state has the default."""
        statuses = part_of(instance, "configuration", "statuses")
        media = part_of(instance, "configuration", "media_attachments")
        stated = {
            "characters": statuses.get("max_characters"),
            "url_length": statuses.get("characters_reserved_per_url"),
            "items": statuses.get("max_media_attachments"),
            "description": media.get("description_limit"),
            "image_bytes": media.get("image_size_limit"),
            "image_pixels": media.get("image_matrix_limit"),
            "video_bytes": media.get("video_size_limit"),
        }
        return cls(**{name: count for name, value in stated.items() if (count := number_of(value) or 0) > 0})

    def image_spec(self, media: Media) -> ImageSpec:
        """Return what a picture has to conform to: both sides of one with too many pixels shrink."""
        excess = media.width * media.height / self.image_pixels
        max_width = int(media.width / sqrt(excess)) if excess > 1 else None
        return replace(IMAGE, max_size_bytes=self.image_bytes, max_width=max_width)

    def count(self, text: str, warning: str = "") -> int:
        """Count a text and its content warning as the server does."""
        return count_characters(text, warning, url_length=self.url_length)

    def check(self, draft: Draft) -> Findings:
        """Return the reasons for which the server would refuse a post. The content warning is on each part of a thread, and counts."""
        warning = settings_of(draft.options).spoiler_text or ""
        return replace(RULES, rules=self.rules(warning)).check(draft)

    def rules(self, warning: str = "") -> tuple[Rule, ...]:
        """Return the limits as rules, for posts with a content warning."""
        measure = replace(
            _CHARACTERS, read=lambda draft: [(self.count(text_with(draft.caption, draft.link), warning), None)]
        )
        return (
            NumericLimit(measure=measure, max=self.characters, accepts=_ACCEPTS),
            NumericLimit(measure=rules.ITEMS, max=self.items, accepts=_ACCEPTS, advice="Take some out."),
            NumericLimit(measure=rules.SIZE, max=self.video_bytes, accepts=_ACCEPTS),
        )


_ACCEPTS: Final = "the account's server accepts {range}"
_CHARACTERS: Final = rules.count_text(
    "shortened_graphemes",
    "graphemes",
    count_characters,
    sentence="has {value} characters as Mastodon counts them, where each URL has the same length",
    suffix=" graphemes, unless the server states another number; each URL counts 23, and the content warning counts too",
    bounds=lambda _maximum: Bounds(),
)
_COMMENT: Final = NumericLimit(
    measure=rules.of_comment(replace(_CHARACTERS, suffix=" graphemes, unless the server states another number")),
    max=MAX_CHARACTERS,
)
DEFAULT: Final = ServerLimits()
SPLITTER: Final = TextSplitter(fits=lambda text: DEFAULT.count(text) <= MAX_CHARACTERS)
"""For the limit of most servers, since a post may be split before its server is known."""

RULES: Final = Rules(
    platform="Mastodon",
    has_alt_texts=True,
    media_types=WITH_MEDIA_OR_TEXT,
    rules=(rules.WORDS, Formats(spec=IMAGE), Formats(spec=VIDEO)),
    of_some_accounts=(*DEFAULT.rules(), _COMMENT),
)
"""What every server has in common, and the usual limits, which are checked against what the account's server states."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
