"""What LinkedIn accepts, as data: picture and video formats, and the lengths of texts.

Preparing a post, preflight and the documentation use it.
Source: LinkedIn, "Images API" (2026-06), "Videos API" (2026-03), "MultiImage API" and "Posts API" (2026-05); LinkedIn Help, "Video
upload" (codecs and frame rates); read 2026-11.
"""

from dataclasses import replace
from typing import Final

from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, found
from presswork.platforms.limits import LimitSubject
from presswork.platforms.linkedin.little_text import little_text, utf16_units, visible
from presswork.platforms.linkedin.options import PUBLIC, settings_of
from presswork.platforms.linkedin.urns import is_organization
from presswork.platforms.port import Draft, TargetAccount
from presswork.platforms.rules import Formats, NumericLimit, Rules, Stated

MOST_PIXELS: Final = 36_152_320
"""A picture must have fewer."""
_MOST_SIDE: Final = 6012
"""Pixels of the sides of a square with nearly as many: a copy never has more."""
IMAGE: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.PNG}), max_width=_MOST_SIDE, max_height=_MOST_SIDE
)
"""A picture: JPEG or PNG, at most 6012 pixels on each side."""
VIDEO: Final = VideoSpec(
    accepts=frozenset({ContentType.MP4}),
    video_codecs=frozenset({"h264"}),
    pixel_formats=frozenset({"yuv420p", "yuvj420p"}),
    min_frame_rate=10,
    max_frame_rate=60,
    max_width=4096,
    max_height=4096,
    max_bits_per_second=30_000_000,
    is_moov_first=False,
)
"""A video: MP4 with H.264 and AAC."""

_COMMENTARY: Final = NumericLimit(
    measure=replace(
        rules.CHARACTERS, name="visible_code_points", read=lambda draft: [(len(visible(draft.caption)), None)]
    ),
    max=3000,
    advice="Shorten it.",
)
"""What readers see of a caption. Whether LinkedIn counts before or after escaping is not documented."""

RULES: Final = Rules(
    platform="LinkedIn",
    has_alt_texts=True,
    rules=(
        _COMMENTARY,
        NumericLimit(
            measure=replace(
                rules.CHARACTERS,
                name="escaped_utf16_units",
                read=lambda draft: [(utf16_units(little_text(draft.caption)), None)],
            ),
            max=_COMMENTARY.max,
            warning=Advice.CAPTION_NEAR_LIMIT,
            unless=_COMMENTARY,
            sentence="The caption has {value} characters as it is sent, with escapes; {accepts} and may count them. Shorten it, or "
            "use fewer of the characters ( ) [ ] {{ }} < > @ | ~ _ * #.",
            what="Caption with escapes, as it is sent",
        ),
        # On LinkedIn's site (general knowledge); the API documents no length of a comment.
        NumericLimit(
            measure=rules.of_comment(rules.CHARACTERS), max=1250, reason="comment_length", advice="Shorten it."
        ),
        NumericLimit(measure=rules.ITEMS, min=2, max=20),
        # A video also needs 75 KB to 500 MB (the page also says 5 GB): Presswork takes in less, and LinkedIn itself refuses smaller
        # ones before anything is public.
        NumericLimit(measure=rules.DURATION, min=3, max=30 * 60, advice="Publish one of that length."),
        Formats(spec=IMAGE),
        Formats(spec=VIDEO),
    ),
    of_some_accounts=(Stated(what="Visibility of a page's post", limit=f"`{PUBLIC}`", subject=LimitSubject.OPTIONS),),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
check_comment: Final = RULES.check_comment


def check_for(account: TargetAccount, draft: Draft) -> Findings:
    """Check what depends on the account: a page's posts are public."""
    visibility = settings_of(draft.options).audience
    if not is_organization(account.external_id) or visibility == PUBLIC:
        return Findings()
    return found(
        Problem(
            FailureCode.PLATFORM_LIMIT,
            f"Posts of a LinkedIn page are public; linkedinPostSettings.visibility is {visibility}. Omit it, or choose the account of "
            "a member.",
            {"reason": "page_visibility", "value": visibility, "limit": PUBLIC},
        )
    )
