"""What a target can request on TikTok: schemas, limits, and the parameters of TikTok's calls.

Sources: TikTok, "Content Posting API: Direct Post" and "Photo Post" (`post_info`, `is_aigc`), read 2026-11.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, JsonValue, StrictBool, StrictInt, StringConstraints, ValidationInfo, field_validator

from presswork.core.enums import Mode
from presswork.core.errors import FieldError
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Problem
from presswork.platforms.limits import cover_problem
from presswork.platforms.names import PlatformName
from presswork.platforms.option_codes import OptionCode
from presswork.platforms.options import OptionField, OptionModel, OptionText, PostOptions, labels
from presswork.platforms.port import Draft
from presswork.platforms.rules import utf16_units

PRIVATE: Final = "SELF_ONLY"
TITLE_LIMIT: Final = 90
"""UTF-16 units of a photo post's title."""
_MAX_COVER_MS: Final = 60 * 60 * 1000
MAX_PICTURES: Final = 35
"""Pictures of a photo post."""
_SETTINGS: Final = "tiktokPostSettings"
_MUSIC: Final = "tiktokMusic"


class TikTokPostSettings(OptionModel):
    """How a direct post appears on TikTok. Omitted settings follow the account's settings on TikTok."""

    privacy_level: Literal["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"] | None = (
        Field(
            title="Who can see the post",
            json_schema_extra=labels(
                {
                    "PUBLIC_TO_EVERYONE": "Everyone",
                    "MUTUAL_FOLLOW_FRIENDS": "Friends",
                    "FOLLOWER_OF_CREATOR": "Followers",
                    "SELF_ONLY": "Only you",
                }
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
    """Return `none`, `auto` or `manual`; None: not requested."""
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
        platform=PlatformName.TIKTOK,
        schema=TikTokPostSettings,
        description="TikTok targets in mode `publish` only; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH}),
        video_only=("coverTimestampMs",),
        pictures_only=("title", "coverIndex"),
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
