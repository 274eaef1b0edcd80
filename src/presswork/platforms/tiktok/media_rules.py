"""What TikTok accepts, as data: text lengths, counts, and picture and video formats.

Preparing a post, preflight and the limits table in the documentation use it; limits that differ between accounts are
fetched (see `creator`).
Sources: TikTok, "Direct Post" and "Photo Post" (texts, counts), "Media Transfer Guide" (formats), read 2026-11.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found, in_words, tenths
from presswork.platforms.limits import (
    LimitEffect,
    LimitRow,
    codecs_of,
    copies,
    item,
    megabytes,
    names_of,
    pixels,
    rates_of,
    sides,
)
from presswork.platforms.port import Bounds, Draft, Media, MediaType, Mode
from presswork.platforms.tiktok.options import check_options, music_mode_of, text_units

PHOTO_SPEC: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.WEBP}), max_width=1080, max_height=1920, max_size_bytes=20_000_000
)
"""A picture: JPEG or WebP (no PNG), up to 20 MB and "1080p". TikTok does not document which side that means, so both
are limited: 1080 wide, and a short side of 1080."""
VIDEO_SPEC: Final = VideoSpec(max_width=4096, max_height=4096, is_moov_first=False)
"""A video: H.264 or H.265 in MP4 or MOV, 23 to 60 frames a second, up to 4096 pixels a side."""
VIDEO_SIDE_PIXELS: Final = range(360, 4097)
"""Limits of each side of a video. Smaller videos are not enlarged; TikTok refuses them."""
VIDEO_RATIOS: Final = (9 / 16, 16 / 9)
"""Width over height of a video. Not documented, but TikTok was seen to refuse others (picture_size_check_failed)."""
VIDEO_TEXT_LIMIT: Final = 2200
"""UTF-16 units of a video's `title`."""
PHOTO_TEXT_LIMIT: Final = 4000
"""UTF-16 units of a photo post's `description`."""
PHOTO_COUNT_LIMIT: Final = 35
"""Pictures of a photo post."""
DRAFT_VIDEO_LIMIT: Final = timedelta(minutes=10)
"""Maximum length of the video of a draft, for every creator. Source: TikTok, "Upload" (video restrictions), read 2026-11."""
_PICTURES: Final = Bounds(characters=PHOTO_TEXT_LIMIT // 2)  # a character has one or two UTF-16 units
_SIDES: Final = (VIDEO_SIDE_PIXELS[0], VIDEO_SIDE_PIXELS[-1])
BOUNDS: Final[Mapping[tuple[Mode, MediaType], Bounds]] = {
    **{(mode, kind): _PICTURES for mode in (Mode.PUBLISH, Mode.DRAFT) for kind in (MediaType.IMAGE, MediaType.MULTI)},
    (Mode.PUBLISH, MediaType.VIDEO): Bounds(characters=VIDEO_TEXT_LIMIT // 2, sides=_SIDES),
    (Mode.DRAFT, MediaType.VIDEO): Bounds(sides=_SIDES, duration=(timedelta(), DRAFT_VIDEO_LIMIT)),
}
"""Bounds within which `check` reports no error."""
_RATIO_SLACK: Final = 0.01  # whole pixels can't match the limits exactly

LIMITS: Final[Sequence[LimitRow]] = (
    LimitRow("Caption of a video", f"{VIDEO_TEXT_LIMIT:,} UTF-16 units", LimitEffect.ERROR),
    LimitRow("Caption of a video draft", "none: TikTok accepts no text with it", LimitEffect.WARNING),
    LimitRow("Caption of pictures", f"{PHOTO_TEXT_LIMIT:,} UTF-16 units", LimitEffect.ERROR),
    LimitRow("Pictures of a post", f"{PHOTO_COUNT_LIMIT}", LimitEffect.ERROR),
    LimitRow("Format of a picture", names_of(PHOTO_SPEC.accepts), LimitEffect.COPY),
    LimitRow("Size of a picture", megabytes(PHOTO_SPEC.max_size_bytes or 0), LimitEffect.COPY),
    LimitRow("Dimensions of a picture", sides(PHOTO_SPEC.max_width, PHOTO_SPEC.max_height), LimitEffect.COPY),
    LimitRow("Length of a video", "what TikTok allows the account (`creator_info`)", LimitEffect.ERROR),
    LimitRow("Length of a video draft", in_words(DRAFT_VIDEO_LIMIT), LimitEffect.ERROR),
    LimitRow("Each side of a video, at least", f"{VIDEO_SIDE_PIXELS[0]} pixels", LimitEffect.ERROR),
    LimitRow("Dimensions of a video", sides(VIDEO_SPEC.max_width, VIDEO_SPEC.max_height), LimitEffect.COPY),
    LimitRow("Ratio of a video", "9:16 to 16:9", LimitEffect.WARNING),
    LimitRow("Format of a video", names_of(VIDEO_SPEC.accepts), LimitEffect.COPY),
    LimitRow("Codec of a video", codecs_of(VIDEO_SPEC), LimitEffect.COPY),
    LimitRow("Frames a second", rates_of(VIDEO_SPEC), LimitEffect.COPY),
    LimitRow("`privacyLevel`", "what TikTok offers the account (`creator_info`)", LimitEffect.ERROR),
    LimitRow("`isBrandedContent`", "not with `SELF_ONLY`", LimitEffect.ERROR),
    LimitRow("Posting at all", "what TikTok reports about the account now (caps, bans)", LimitEffect.ERROR),
)
"""The limits table."""


def check(draft: Draft) -> Findings:
    """Return all reasons for which TikTok would refuse a post from any account, and what is changed, with the numbers."""
    media = [thing for one in draft.media if one.is_video for thing in _video_findings(draft, one)]
    text = (_caption_advice if _is_video_draft(draft) else _text_problem)(draft)
    fixed = found(text, _count_problem(draft), *media, *check_options(draft), _music_advice(draft))
    return fixed + copies(draft, PHOTO_SPEC, VIDEO_SPEC, platform="TikTok")


def _is_video_draft(draft: Draft) -> bool:
    return draft.mode is Mode.DRAFT and draft.media_type is MediaType.VIDEO


def _caption_advice(draft: Draft) -> Warned | None:
    if not draft.caption:
        return None
    return Warned(
        Advice.CAPTION_NOT_DELIVERED,
        "TikTok accepts no caption with the draft of a video. Send it to the creator another way; they write it in the "
        "TikTok app.",
    )


def _text_problem(draft: Draft) -> Problem | None:
    is_video = draft.media_type is MediaType.VIDEO
    units, limit = text_units(draft.caption), VIDEO_TEXT_LIMIT if is_video else PHOTO_TEXT_LIMIT
    if units <= limit:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The caption has {units:,} characters as TikTok counts them (UTF-16 units); it accepts {limit:,} with "
        f"{'a video' if is_video else 'pictures'}. Shorten it (captionOverride sets one for this target alone).",
        {"reason": "caption_length", "value": units, "limit": limit, "unit": "UTF-16 units"},
    )


def _count_problem(draft: Draft) -> Problem | None:
    count = len(draft.media)
    if count <= PHOTO_COUNT_LIMIT:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The post has {count} pictures; TikTok accepts {PHOTO_COUNT_LIMIT}. Take some out.",
        {"reason": "item_count", "value": count, "limit": PHOTO_COUNT_LIMIT, "unit": "items"},
    )


def _video_findings(draft: Draft, video: Media) -> Iterator[Problem | Warned]:
    begin, least = item(draft, video), VIDEO_SIDE_PIXELS[0]
    # A video that is too large is sent as a smaller copy, which also shrinks its short side.
    side = int(min(video.width, video.height) * min(1.0, VIDEO_SIDE_PIXELS[-1] / max(video.width, video.height)))
    if side < least:
        is_shrunk = side < min(video.width, video.height)
        then = f" Scaled down to {VIDEO_SIDE_PIXELS[-1]} pixels, its short side has {side}." if is_shrunk else ""
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"{begin}The video is {pixels(video)}; TikTok accepts {least} at least on each side.{then} "
            "Publish a larger one.",
            {"reason": "dimensions", "value": side, "limit": least, "unit": "pixels", "item": video.position + 1},
        )
    if draft.mode is Mode.DRAFT and video.duration is not None and tenths(video.duration) > tenths(DRAFT_VIDEO_LIMIT):
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"The video is {in_words(video.duration)}; TikTok accepts {in_words(DRAFT_VIDEO_LIMIT)} as a draft. Send a "
            "shorter one.",
            {
                "reason": "duration",
                "value": tenths(video.duration),
                "limit": tenths(DRAFT_VIDEO_LIMIT),
                "unit": "seconds",
                "item": video.position + 1,
            },
        )
    ratio = video.width / video.height
    if not VIDEO_RATIOS[0] - _RATIO_SLACK <= ratio <= VIDEO_RATIOS[1] + _RATIO_SLACK:
        yield Warned(
            Advice.UNUSUAL_RATIO,
            f"{begin}The video is {pixels(video)}, {ratio:.2f}:1; TikTok has been seen to refuse what is not within 9:16 "
            "to 16:9.",
            {"value": round(ratio, 4), "unit": "width over height", "item": video.position + 1},
        )


def _music_advice(draft: Draft) -> Warned | None:
    mode = music_mode_of(draft.options)
    if mode is not None and draft.media_type is MediaType.VIDEO:
        return Warned(Advice.MUSIC_IGNORED, "TikTok puts no music under a video; tiktokMusic is left out.")
    if mode == "manual":
        return Warned(
            Advice.MUSIC_NOT_CHOSEN,
            "TikTok does not allow naming a track when it posts pictures directly; it picks one itself, as with mode auto.",
        )
    return None
