"""What TikTok accepts, as data: the options of a target and their parameters in the calls, the limits of texts and media, and those of
calls per minute and posts per day, with when they have room again.

Preparing a post, preflight and the documentation use it; limits that differ between accounts are fetched (see `delivery`).
TikTok counts calls per user token. Presswork counts them per account, however many tokens it has: that never exceeds the
limit. The cap on posts applies to the creator, including posts by other tools, and TikTok returns neither its size nor
its end.
Sources: TikTok, "Content Posting API: Direct Post" and "Photo Post" (`post_info`, `is_aigc`, texts, counts), "Media Transfer Guide"
(formats), the rate limits of each endpoint, and "Content Sharing Guidelines", read 2026-11.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, JsonValue, StrictBool, StrictInt, StringConstraints, ValidationInfo, field_validator

from presswork.core.enums import MediaType, Mode
from presswork.core.errors import FieldError
from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms import rules
from presswork.platforms.errors import FailureCode, TryLater
from presswork.platforms.findings import Advice, Problem, Warned
from presswork.platforms.limits import LimitEffect, LimitSubject, cover_problem, pixels
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    PICTURES_ONLY,
    VIDEO_ONLY,
    OptionCode,
    OptionField,
    OptionModel,
    OptionText,
    PostOptions,
    audiences,
    labels,
)
from presswork.platforms.port import Bounds, Draft, Job, Limit
from presswork.platforms.rules import Formats, NumericLimit, Rules, Stated, utf16_units

PUBLIC: Final = "PUBLIC_TO_EVERYONE"
OPEN_TO_CLOSED: Final = (PUBLIC, "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
"""TikTok's privacy levels, the widest audience first. Source: TikTok, "Query Creator Info", read 2026-11."""
PRIVATE: Final = "SELF_ONLY"
TITLE_LIMIT: Final = 90
"""UTF-16 units of a photo post's title."""
_MAX_COVER_MS: Final = 60 * 60 * 1000
MAX_PICTURES: Final = 35
MAX_FILE_BYTES: Final = 4_000_000_000
"""Pictures of a photo post."""
_SETTINGS: Final = "tiktokPostSettings"
_MUSIC: Final = "tiktokMusic"


class TikTokPostSettings(OptionModel):
    """How a direct post appears on TikTok. Omitted settings follow the account's settings on TikTok."""

    privacy_level: Literal["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"] | None = (
        Field(
            title="Who can see the post",
            json_schema_extra=audiences(
                {
                    "PUBLIC_TO_EVERYONE": "Everyone",
                    "MUTUAL_FOLLOW_FRIENDS": "Friends",
                    "FOLLOWER_OF_CREATOR": "Followers",
                    "SELF_ONLY": "Only you",
                },
                narrowest="SELF_ONLY",
            ),
            default=None,
            description="Who can see the post. Default: everyone, or the most public choice that the account offers.",
        )
    )
    disable_comment: StrictBool | None = Field(
        title="Turn off comments", default=None, description="Turn off comments."
    )
    disable_duet: StrictBool | None = Field(title="Turn off Duet", default=None, description="Turn off Duet (videos).")
    disable_stitch: StrictBool | None = Field(
        title="Turn off Stitch", default=None, description="Turn off Stitch (videos)."
    )
    is_brand_organic: StrictBool | None = Field(
        title="Your brand", default=None, description="Label it as promoting the creator's own brand."
    )
    is_branded_content: StrictBool | None = Field(
        title="Paid partnership",
        default=None,
        description="Label it as a paid partnership, as the law requires for one.",
    )
    is_ai_generated: StrictBool | None = Field(
        title="Label it as AI-generated", default=None, description="Label it as AI-generated."
    )
    cover_timestamp_ms: Annotated[StrictInt, Field(ge=0, le=_MAX_COVER_MS)] | None = Field(
        title="Cover frame",
        default=None,
        description="The frame that is the cover of a video, in milliseconds from its start.",
    )
    cover_index: Annotated[StrictInt, Field(ge=0, lt=MAX_PICTURES)] | None = Field(
        title="Cover picture",
        default=None,
        description="The picture that is the cover of an image post, from 0. Default: the first.",
    )
    title: Annotated[OptionText, StringConstraints(max_length=TITLE_LIMIT)] | None = Field(
        title="Title", default=None, description="The title of an image post, beside its caption."
    )


class TikTokMusic(OptionModel):
    """Background music of a TikTok image or slideshow."""

    mode: Literal["none", "auto", "manual"] = Field(
        title="Music",
        json_schema_extra=labels(
            {"none": "None", "auto": "TikTok picks a track", "manual": "A track of the catalogue"}
        ),
        description="`none`: silent. `auto`: TikTok picks a sound. `manual`: the track `trackId`, if the delivery channel supports it.",
    )
    track_id: UUID | None = Field(
        title="Track",
        default=None,
        validate_default=True,
        description="A track from `GET /v1/tiktok-music`; required with `manual`, ignored otherwise.",
    )

    @field_validator("track_id", mode="after")
    @classmethod
    def _require_with_manual(cls, value: UUID | None, info: ValidationInfo) -> UUID | None:
        if value is None and info.data.get("mode") == "manual":
            problem = "is required with mode manual. Send the id of a track of GET /v1/tiktok-music."
            raise FieldError(problem, OptionCode.TRACK_ID_REQUIRED)
        return value


def settings_of(options: PostOptions) -> TikTokPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, TikTokPostSettings)


def music_mode_of(options: PostOptions) -> str | None:
    """Return `none`, `auto` or `manual`, or None if it is not requested."""
    music = options.document.get(_MUSIC)
    return str(music["mode"]) if isinstance(music, dict) else None


def video_parameters(settings: TikTokPostSettings) -> dict[str, JsonValue]:
    """Return the options of a video in `post_info`."""
    requested = {"is_aigc": settings.is_ai_generated, "video_cover_timestamp_ms": settings.cover_timestamp_ms}
    return {name: value for name, value in requested.items() if value is not None}


def title_parameter(settings: TikTokPostSettings) -> dict[str, JsonValue]:
    """Return the title of an image post in `post_info`; none is sent without one."""
    return {} if settings.title is None else {"title": settings.title}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoParameters:
    """The options of an image post beside `post_info`."""

    cover_index: int = 0
    is_ai_generated: bool | None = None

    @property
    def label(self) -> dict[str, JsonValue]:
        """Return the AI label, which photo posts have at the top level."""
        return {} if self.is_ai_generated is None else {"is_aigc": self.is_ai_generated}


def photo_parameters(settings: TikTokPostSettings) -> PhotoParameters:
    """Return the options of an image post beside `post_info`."""
    return PhotoParameters(cover_index=settings.cover_index or 0, is_ai_generated=settings.is_ai_generated)


def check_options(draft: Draft) -> Iterator[Problem]:
    """Yield the requested options that the post's media or TikTok's limits do not allow, with the numbers."""
    if draft.mode is not Mode.PUBLISH:
        return
    settings = settings_of(draft.options)
    if settings.privacy_level == PRIVATE and settings.is_branded_content:
        yield private_branded_content(settings.privacy_level)
    units = utf16_units(settings.title or "")
    if units > TITLE_LIMIT:
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"The title has {units} characters as TikTok counts them (UTF-16 units); it accepts {TITLE_LIMIT}. Shorten it.",
            {"reason": "title_length", "value": units, "limit": TITLE_LIMIT, "unit": "UTF-16 units"},
        )
    if settings.cover_index is not None and draft.media and settings.cover_index >= len(draft.media):
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"coverIndex is {settings.cover_index}, but the pictures are 0 to {len(draft.media) - 1}. Lower it.",
            {"reason": "cover_index", "value": settings.cover_index, "limit": len(draft.media) - 1, "unit": "item"},
        )
    yield from cover_problem(draft, settings.cover_timestamp_ms)


def private_branded_content(level: str) -> Problem:
    """Return the problem of a paid partnership that only its author could see (source: "Content Sharing Guidelines")."""
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"A paid partnership (isBrandedContent) can't be posted for its author only ({level}); TikTok does not allow it. "
        "Choose another privacyLevel.",
        {"reason": "private_branded_content"},
    )


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        reviewed=("title",),
        filled=("title",),
        platform=PlatformName.TIKTOK,
        schema=TikTokPostSettings,
        description="TikTok targets in mode `publish` only; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH}),
        carriers={"coverTimestampMs": VIDEO_ONLY, "title": PICTURES_ONLY, "coverIndex": PICTURES_ONLY},
        checked=("title", "coverIndex", "coverTimestampMs", "isBrandedContent"),
    ),
    OptionField(
        name=_MUSIC,
        platform=PlatformName.TIKTOK,
        schema=TikTokMusic,
        description="Used for TikTok images and slideshows; refused in mode `draft`, ignored on Instagram.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        refused={
            Mode.DRAFT: (
                "is not supported in mode draft: the creator chooses the music in the app. Omit it.",
                OptionCode.MUSIC_ON_DRAFT,
            )
        },
    ),
)


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


def widest(offered: Sequence[str]) -> str | None:
    """Return the most public level on offer, or None where none is known."""
    return next((level for level in OPEN_TO_CLOSED if level in offered), None)


def reduced_privacy(offered: Sequence[object]) -> str | None:
    """Return the level of posts that request none, if that is not the public one."""
    level = widest([one for one in offered if isinstance(one, str)])
    return None if level == PUBLIC else level


def warn_reduced(level: str | None) -> Warned | None:
    """Return the warning that a post without a requested level is not public."""
    if level is None:
        return None
    sentence = f"TikTok offers this account no public posts: without a privacyLevel, the post is published as {level}."
    return Warned(Advice.PRIVACY_REDUCED, sentence, {"privacyLevel": level})


def _warn_of_privacy(draft: Draft) -> Iterator[Warned]:
    if settings_of(draft.options).privacy_level is None and (warning := warn_reduced(draft.reduced_privacy)):
        yield warning


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
            what="`privacyLevel` that is omitted",
            limit="the most public level that TikTok offers the account",
            subject=LimitSubject.OPTIONS,
            effect=LimitEffect.WARNING,
            check=_warn_of_privacy,
            modes=frozenset({Mode.PUBLISH}),
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
        # These two for every creator. Source: TikTok, "Upload" (video restrictions), read 2026-11.
        NumericLimit(measure=rules.SIZE, max=MAX_FILE_BYTES),
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


CAPPED: Final = "spam_risk_too_many_posts"
"""The error code for a reached cap on posts in 24 hours."""
USUAL_CAP: Final = 15
"""The usual cap on posts in 24 hours. Where Presswork published as many, other tools did not contribute to it."""
DAY_CAP_RECHECK: Final = timedelta(hours=1)
"""How often a 24-hour cap is checked again: posts leave the window one by one, at unknown times."""
_DAY: Final = timedelta(hours=24)
_SPARE: Final = timedelta(seconds=2)
"""Margin for the difference between TikTok's clock and ours."""
_WINDOW: Final = timedelta(minutes=1, seconds=4)
"""TikTok counts a call when it arrives, so of two calls a minute apart the earlier one may have arrived a little late."""


def _a_minute(call: str, max_calls: int, of_what: str) -> Limit:
    return Limit(
        call=call,
        max_calls=max_calls,
        window=_WINDOW,
        late_by=timedelta(seconds=15),
        sentence=f"TikTok accepts {max_calls} {of_what} a minute from an account, and others of this account come first.",
    )


VIDEO_INITS: Final = _a_minute("video_init", 6, "new videos")
INBOX_INITS: Final = _a_minute("inbox_init", 6, "new drafts")
CONTENT_INITS: Final = _a_minute("content_init", 6, "new photo posts")
STATUS_READS: Final = _a_minute("status_fetch", 30, "questions about posts")
MAX_STATUS_WAIT: Final = timedelta(seconds=20)
"""Longest wait for a reserved status call that happens while the post is leased."""


async def with_wait_until_room(job: Job, refused: TryLater) -> TryLater:
    """Return a refusal with the known wait; only the refusal for the cap on posts is changed.

    The cap has room when the oldest post of the last 24 hours leaves the window. Where Presswork published fewer than the
    usual cap, other tools have posted too and their posts may leave sooner, so TikTok is asked in between.
    """
    if refused.platform_code != CAPPED:
        return refused
    now = job.now()
    own = await job.published_since(now - _DAY)
    over = own[0] + _DAY - now + _SPARE if own else None
    is_exact = len(own) >= USUAL_CAP
    return refused.with_timing(retry_after=over if is_exact else None, first_wait=DAY_CAP_RECHECK, at_latest=over)
