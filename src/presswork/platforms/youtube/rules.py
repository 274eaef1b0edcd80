"""What YouTube accepts, as data: the title, the description and the video.

Preparing a post, preflight and the documentation use it. YouTube converts every video itself and accepts far more formats than
Presswork takes in, so the original is uploaded as it is.
Source: Google, "Videos" (resource) and YouTube Help, "Upload videos longer than 15 minutes", "Supported file formats" and "Use
hashtags for video search", read 2026-11.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from presswork.platforms import rules
from presswork.platforms.bounds import NONE_WITHIN
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, found, tenths
from presswork.platforms.limits import LimitSubject
from presswork.platforms.port import Draft, Media
from presswork.platforms.rules import NumericLimit, Rules, Stated
from presswork.platforms.youtube.options import TAGS_LIMIT, TITLE_LIMIT, check_options, settings_of, title_of

_MAX_SHORT: Final = timedelta(minutes=3)
"""Maximum length of a Short. A square or vertical video of this length becomes one by itself."""
_MARKUP: Final = re.compile(r"[<>]")


def _check_title(draft: Draft) -> Iterator[Problem]:
    settings = settings_of(draft.options)
    title = title_of(settings, draft.caption)
    if not title:
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            "A YouTube video needs a title, and neither youtubePostSettings.title nor a caption is set. Send one of them "
            "(captionOverride sets a caption for this target alone).",
            {"reason": "title_missing"},
        )
    elif settings.title is None and _MARKUP.search(title):
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            "The caption's first line, which becomes the title, contains < or >; YouTube accepts neither. Send "
            "youtubePostSettings.title, and change the caption.",
            {"reason": "title_characters"},
        )


def _check_characters(draft: Draft) -> Iterator[Problem]:
    if _MARKUP.search(draft.caption):
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            "The caption contains < or >; YouTube accepts neither in a description. Take them out (captionOverride sets a "
            "caption for this target alone).",
            {"reason": "caption_characters"},
        )


_UNVERIFIED: Final = NumericLimit(
    measure=rules.DURATION,
    max=15 * 60,
    of="a video on a channel that is not verified",
    accepts="{platform} accepts {max} from this channel, because it is not verified",
    advice="Verify it at youtube.com/verify, or publish a shorter video.",
)
"""On a channel that has not been verified by phone."""

MAX_DESCRIPTION_BYTES: Final = 5000

RULES: Final = Rules(
    platform="YouTube",
    media_types=rules.VIDEOS,
    rules=(
        Stated(
            what="Title (`title`, or the caption's first line, which is cut)",
            limit=f"1 to {TITLE_LIMIT} characters",
            subject=LimitSubject.OPTIONS,
            check=_check_title,
            within=NONE_WITHIN,  # every caption needs a line for the title, which bounds can't express
        ),
        NumericLimit(
            measure=rules.BYTES, max=MAX_DESCRIPTION_BYTES, accepts="{platform} accepts {range} in a description"
        ),
        Stated(
            what="Title and caption",
            limit="without < and >",
            subject=LimitSubject.CAPTION,
            check=_check_characters,
            within=NONE_WITHIN,
        ),
        Stated(
            what="`tags` in all, with commas and quotes",
            limit=f"{TAGS_LIMIT} characters",
            subject=LimitSubject.OPTIONS,
            check=lambda draft: check_options(settings_of(draft.options)),
        ),
        NumericLimit(measure=rules.DURATION, max=12 * 3600),
        NumericLimit(
            measure=rules.HASHTAGS,
            max=60,  # YouTube Help
            warning=Advice.TOO_MANY_HASHTAGS,
            sentence="{begin}; with more than {max}, YouTube ignores all of them.",
            suffix="; with more, YouTube ignores all",
        ),
    ),
    of_some_accounts=(_UNVERIFIED,),
)
"""All limits. Formats are not among them: see above."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check


def check_unverified(draft: Draft) -> Findings:
    """Check a post to a channel that may not upload long videos."""
    return found(*_UNVERIFIED.find(draft, RULES.platform))


def is_long(media: Media) -> bool:
    """Whether a video needs a channel that is verified."""
    return media.duration is not None and _UNVERIFIED.is_beyond(tenths(media.duration))


def is_short(media: Media) -> bool:
    """Whether YouTube shows a video as a Short. Source: YouTube Help, "Understand three-minute YouTube Shorts"."""
    is_brief = media.duration is not None and tenths(media.duration) <= tenths(_MAX_SHORT)
    return is_brief and media.height >= media.width
