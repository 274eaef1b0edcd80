"""What TikTok accepts, as data: text lengths, counts, and picture and video formats.

Preparing a post, preflight and the documentation use it; limits that differ between accounts are fetched (see `creator`).
Sources: TikTok, "Direct Post" and "Photo Post" (texts, counts), "Media Transfer Guide" (formats), read 2026-11.
"""

from collections.abc import Iterator
from typing import Final

from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Problem, Warned
from presswork.platforms.limits import LimitEffect, LimitSubject, pixels
from presswork.platforms.port import Bounds, Draft, MediaType, Mode
from presswork.platforms.rules import Formats, NumericLimit, Rules, Stated
from presswork.platforms.tiktok.options import MAX_PICTURES, check_options, music_mode_of

PHOTO_SPEC: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.WEBP}), max_width=1080, max_height=1920, max_size_bytes=20_000_000
)
"""A picture: JPEG or WebP (no PNG), up to 20 MB and "1080p". TikTok does not document which side that means, so both
are limited: 1080 wide, and a short side of 1080."""
_MAX_SIDE: Final = 4096
"""Pixels of the sides of a video; a larger one is sent as a smaller copy."""
VIDEO_SPEC: Final = VideoSpec(max_width=_MAX_SIDE, max_height=_MAX_SIDE, is_moov_first=False)
"""A video: H.264 or H.265 in MP4 or MOV, 23 to 60 frames a second, up to 4096 pixels a side."""
_MIN_SIDE: Final = 360
"""Pixels of each side of a video. Smaller videos are not enlarged; TikTok refuses them."""


def _check_sides(draft: Draft) -> Iterator[Problem]:
    for video in draft.media:
        short, long = sorted((video.width, video.height))
        side = int(short * min(1.0, _MAX_SIDE / long))  # a smaller copy has a smaller short side too
        if side < _MIN_SIDE:
            then = f" Scaled down to {_MAX_SIDE} pixels, its short side has {side}." if side < short else ""
            yield Problem(
                FailureCode.PLATFORM_LIMIT,
                f"The video is {pixels(video)}; TikTok accepts {_MIN_SIDE} at least on each side.{then} Publish a larger one.",
                {
                    "reason": "dimensions",
                    "value": side,
                    "limit": _MIN_SIDE,
                    "unit": "pixels",
                    "item": video.position + 1,
                },
            )


def _warn_of_caption(draft: Draft) -> Iterator[Warned]:
    if draft.caption:
        yield Warned(
            Advice.CAPTION_NOT_DELIVERED,
            "TikTok accepts no caption with the draft of a video. Send it to the creator another way; they write it in the "
            "TikTok app.",
        )


def _warn_of_music(draft: Draft) -> Iterator[Warned]:
    mode = music_mode_of(draft.options)
    if mode is not None and draft.media_type is MediaType.VIDEO:
        yield Warned(Advice.MUSIC_IGNORED, "TikTok puts no music under a video; tiktokMusic is left out.")
    elif mode == "manual":
        yield Warned(
            Advice.MUSIC_NOT_CHOSEN,
            "TikTok does not allow naming a track when it posts pictures directly; it picks one itself, as with mode auto.",
        )


RULES: Final = Rules(
    platform="TikTok",
    modes=frozenset({Mode.PUBLISH, Mode.DRAFT}),
    rules=(
        NumericLimit(
            measure=rules.UTF16_UNITS,
            max=2200,
            accepts="it accepts {range} with a video",
            what="Caption of a video",  # its `title`
            modes=frozenset({Mode.PUBLISH}),
            media_types=rules.VIDEOS,
        ),
        Stated(
            what="Caption of a video draft",
            limit="none: TikTok accepts no text with it",
            subject=LimitSubject.CAPTION,
            effect=LimitEffect.WARNING,
            check=_warn_of_caption,
            modes=frozenset({Mode.DRAFT}),
            media_types=rules.VIDEOS,
        ),
        NumericLimit(
            measure=rules.UTF16_UNITS,
            max=4000,
            accepts="it accepts {range} with pictures",
            what="Caption of pictures",  # the `description` of a photo post
            media_types=rules.PICTURES,
        ),
        NumericLimit(measure=rules.ITEMS, max=MAX_PICTURES, advice="Take some out."),
        Stated(
            what="Each side of a video, at least",
            limit=f"{_MIN_SIDE} pixels",
            subject=LimitSubject.VIDEO,
            check=_check_sides,
            within=Bounds(sides=(_MIN_SIDE, _MAX_SIDE)),
        ),
        # For every creator. Source: TikTok, "Upload" (video restrictions), read 2026-11.
        NumericLimit(
            measure=rules.DURATION,
            max=10 * 60,
            of="a video draft",
            accepts="{platform} accepts {range} as a draft",
            advice="Send a shorter one.",
            modes=frozenset({Mode.DRAFT}),
        ),
        # Not documented, but TikTok was seen to refuse others (picture_size_check_failed).
        NumericLimit(
            measure=rules.VIDEO_RATIO,
            min=9 / 16,
            max=16 / 9,
            range="9:16 to 16:9",
            tolerance=0.01,
            warning=Advice.UNUSUAL_RATIO,
            sentence="{begin}; TikTok has been seen to refuse what is not within {range}.",
            numbers=("value", "unit"),
        ),
        Stated(
            what="`isBrandedContent`", limit="not with `SELF_ONLY`", subject=LimitSubject.OPTIONS, check=check_options
        ),
        Stated(
            what="`tiktokMusic`",
            limit="with pictures; the mode `manual` is as `auto`",
            subject=LimitSubject.OPTIONS,
            effect=LimitEffect.WARNING,
            check=_warn_of_music,
        ),
        Formats(spec=PHOTO_SPEC),
        Formats(spec=VIDEO_SPEC),
    ),
    of_some_accounts=(
        Stated(
            what="Length of a video",
            limit="what TikTok allows the account (`creator_info`)",
            modes=frozenset({Mode.PUBLISH}),
            media_types=rules.VIDEOS,
        ),
        Stated(what="`privacyLevel`", limit="what TikTok offers the account (`creator_info`)"),
        Stated(what="Posting at all", limit="what TikTok reports about the account now (caps, bans)"),
    ),
)
"""All limits."""
BOUNDS: Final = RULES.bounds()
check: Final = RULES.check
