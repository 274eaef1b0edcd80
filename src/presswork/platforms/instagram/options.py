"""What a target can request on Instagram: schemas, limits, and the parameters of containers.

Source: Meta, "IG User Media" (creating containers), read 2026-11.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import Field, JsonValue, StrictBool, StrictInt, StringConstraints, model_validator

from presswork.core.enums import CAROUSELS, MediaType, Mode
from presswork.core.errors import FieldError, IssueCode
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Problem
from presswork.platforms.limits import cover_problem
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    VIDEO_ONLY,
    OptionCode,
    OptionField,
    OptionModel,
    OptionText,
    PostOptions,
    Unsuitable,
    labels,
    written_as,
)
from presswork.platforms.port import Draft, Media

COLLABORATOR_LIMIT: Final = 3
USER_TAG_LIMIT: Final = 20
MAX_REEL_SECONDS: Final = 15 * 60
"""Length of a Reel, and so the last frame that can be its cover."""
MAX_ITEMS: Final = 10
"""Items of a carousel that is created by the API (the app allows 20)."""
_SETTINGS: Final = "instagramPostSettings"
_SHARE: Final = "shareReelToFeed"

_Handle = Annotated[str, written_as("@?[A-Za-z0-9._]{1,30}", "is no handle. Send one like luna.bakes.")]
_Position = Annotated[float, Field(ge=0, le=1)]


class InstagramUserTag(OptionModel):
    """An account that is tagged in a picture or a video."""

    username: _Handle = Field(title="Account", description="The handle of a public account.")
    x: _Position | None = Field(
        title="From the left", default=None, description="Distance from the left edge, 0 to 1. Required on images."
    )
    y: _Position | None = Field(
        title="From the top", default=None, description="Distance from the top edge, 0 to 1. Required on images."
    )
    item: Annotated[StrictInt, Field(ge=0, lt=MAX_ITEMS)] | None = Field(
        title="Item", default=None, description="The image of a carousel, from 0. Default: the first."
    )


class InstagramTrialReel(OptionModel):
    """A Reel that is first shown to accounts that do not follow the author."""

    graduation: Literal["manual", "performance"] = Field(
        title="How followers get to see it",
        json_schema_extra=labels(
            {"manual": "The author decides", "performance": "Instagram decides by its performance"}
        ),
        description="How it becomes visible for followers: the author decides in the app, or Instagram by its performance.",
    )


class InstagramPostSettings(OptionModel):
    """How a post appears on Instagram."""

    placement: Literal["feed", "story"] | None = Field(
        title="Appears as",
        json_schema_extra=labels({"feed": "A post in the feed, or a Reel", "story": "A story, for 24 hours"}),
        default=None,
        description="`feed` (default), or `story`: one image or video, without caption and first comment.",
    )
    is_ai_generated: StrictBool | None = Field(
        title="Label it as AI-generated", default=None, description="Label it as AI-generated."
    )
    collaborators: Annotated[list[_Handle], Field(max_length=COLLABORATOR_LIMIT)] | None = Field(
        title="Collaborators", default=None, description="Handles of accounts that are invited as co-authors."
    )
    user_tags: Annotated[list[InstagramUserTag], Field(max_length=USER_TAG_LIMIT)] | None = Field(
        title="Tagged accounts", default=None, description="Accounts that are tagged."
    )
    location_id: Annotated[str, written_as("[0-9]{1,20}", "is no id. Send the digits of one.")] | None = Field(
        title="Location", default=None, description="The id of a Facebook Page that has a location."
    )
    cover_url: (
        Annotated[
            str,
            StringConstraints(max_length=2000),
            written_as("https?://[!-~]+", "is no URL in plain ASCII. Send one like https://example.com/cover.jpg."),
        ]
        | None
    ) = Field(title="URL of a cover", default=None, description="Public URL of a JPEG that is the cover of a Reel.")
    cover_timestamp_ms: Annotated[StrictInt, Field(ge=0, le=MAX_REEL_SECONDS * 1000)] | None = Field(
        title="Cover frame",
        default=None,
        description="The frame that is the cover of a Reel, in milliseconds from its start.",
    )
    trial_reel: InstagramTrialReel | None = Field(
        title="Trial Reel", default=None, description="Publish the video as a trial Reel."
    )
    audio_name: Annotated[OptionText, StringConstraints(max_length=100)] | None = Field(
        title="Name of the audio", default=None, description="The name of a Reel's original audio."
    )

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if self.cover_url is not None and self.cover_timestamp_ms is not None:
            raise FieldError("has two covers. Omit coverUrl or coverTimestampMs.", IssueCode.CONFLICTING_OPTIONS)
        if self.trial_reel is not None and self.collaborators:
            problem = (
                "is a trial Reel with collaborators, which Instagram does not allow. Omit trialReel or collaborators."
            )
            raise FieldError(problem, IssueCode.CONFLICTING_OPTIONS)
        if self.placement == "story" and (first := next(self._not_on_stories(), None)) is not None:
            problem = f"is a story, which can't have {first}. Omit it, or use the placement feed."
            raise FieldError(problem, IssueCode.CONFLICTING_OPTIONS)
        return self

    @property
    def is_story(self) -> bool:
        """Whether the post is a story."""
        return self.placement == "story"

    def _not_on_stories(self) -> Iterator[str]:
        options = {
            "collaborators": self.collaborators,
            "locationId": self.location_id,
            "coverUrl": self.cover_url,
            "coverTimestampMs": self.cover_timestamp_ms,
            "trialReel": self.trial_reel,
            "audioName": self.audio_name,
        }
        return (name for name, value in options.items() if value is not None)


def settings_of(options: PostOptions) -> InstagramPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, InstagramPostSettings)


def reel_parameters(options: PostOptions) -> dict[str, str]:
    """Return the parameters of a Reel's container beyond its media and caption."""
    settings = settings_of(options)
    graduation = {"manual": "MANUAL", "performance": "SS_PERFORMANCE"}
    trial = settings.trial_reel
    requested = {
        # Sent in any case: what Meta does without it is not documented.
        "share_to_feed": "false" if options.document.get(_SHARE) is False else "true",
        "cover_url": settings.cover_url,
        "thumb_offset": None if settings.cover_timestamp_ms is None else str(settings.cover_timestamp_ms),
        "audio_name": settings.audio_name,
        "trial_params": None if trial is None else _dump_json({"graduation_strategy": graduation[trial.graduation]}),
    }
    return {name: value for name, value in requested.items() if value is not None} | post_parameters(settings)


def post_parameters(settings: InstagramPostSettings) -> dict[str, str]:
    """Return the parameters of the container that is published, whatever its media."""
    requested = {
        "is_ai_generated": None if settings.is_ai_generated is None else str(settings.is_ai_generated).lower(),
        "collaborators": _dump_json([handle.lstrip("@") for handle in settings.collaborators or ()]),
        "location_id": settings.location_id,
    }
    return {name: value for name, value in requested.items() if value not in (None, "[]")}


def item_parameters(settings: InstagramPostSettings, media: Media) -> dict[str, str]:
    """Return the parameters of the container of one picture or video. Only pictures in the feed have alternative texts."""
    tags: list[JsonValue] = [
        {
            "username": tag.username.lstrip("@"),
            **({} if tag.x is None else {"x": tag.x}),
            **({} if tag.y is None else {"y": tag.y}),
        }
        for tag in settings.user_tags or ()
        if (tag.item or 0) == media.position
    ]
    alt_text = None if media.is_video or settings.is_story else media.alt_text
    return ({"user_tags": _dump_json(tags)} if tags else {}) | ({"alt_text": alt_text} if alt_text else {})


def check_options(draft: Draft) -> Iterator[Problem]:
    """Yield the requested options that the post's media can't have, with the numbers."""
    settings = settings_of(draft.options)
    for tag in settings.user_tags or ():
        if draft.media and (tag.item or 0) >= len(draft.media):
            yield Problem(
                FailureCode.PLATFORM_LIMIT,
                f"The tag of @{tag.username.lstrip('@')} is on item {tag.item}, but the items are 0 to {len(draft.media) - 1}. "
                "Correct item.",
                {"reason": "user_tag_item", "value": tag.item, "limit": len(draft.media) - 1, "unit": "item"},
            )
        elif draft.media_type is MediaType.MIXED and draft.media[tag.item or 0].is_video:
            yield Problem(
                FailureCode.PLATFORM_LIMIT,
                f"The tag of @{tag.username.lstrip('@')} is on a video of a carousel, where Instagram has tags on pictures alone. "
                "Correct item, or omit the tag.",
                {"reason": "user_tag_item", "value": tag.item or 0, "unit": "item"},
            )
    yield from cover_problem(draft, settings.cover_timestamp_ms)


def _dump_json(value: JsonValue) -> str:
    return json.dumps(value, separators=(",", ":"))


def _find_unfit(value: JsonValue, media_type: MediaType) -> Iterator[Unsuitable]:
    settings = InstagramPostSettings.model_validate(value)
    if settings.is_story:
        if media_type in CAROUSELS:
            problem = "is story, which is one image or one video. Use the placement feed for several."
            yield Unsuitable(path=".placement", reason=OptionCode.STORY_MEDIA, problem=problem)
        return
    is_video = media_type is MediaType.VIDEO
    for index, tag in enumerate(settings.user_tags or ()):
        if not is_video and (tag.x is None or tag.y is None):
            problem = "has no position, which a tag on an image needs. Send x and y, each from 0 to 1."
        elif is_video and (tag.x is not None or tag.y is not None):
            problem = "has a position, which a tag on a video can't have. Omit x and y."
        else:
            continue
        yield Unsuitable(path=f".userTags[{index}]", reason=OptionCode.USER_TAG_POSITION, problem=problem)


def _forbids_text(value: JsonValue) -> Unsuitable | None:
    if not InstagramPostSettings.model_validate(value).is_story:
        return None
    problem = "is story, which has no text. Send captionOverride and firstCommentOverride as empty texts."
    return Unsuitable(path=".placement", reason=OptionCode.STORY_TEXT, problem=problem)


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.INSTAGRAM,
        schema=InstagramPostSettings,
        description="Instagram targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        carriers=dict.fromkeys(("coverUrl", "coverTimestampMs", "trialReel", "audioName"), VIDEO_ONLY),
        unfit=_find_unfit,
        forbids_text=_forbids_text,
        checked=("placement", "userTags", "coverTimestampMs"),
        reviewed=("audioName", "coverUrl"),
    ),
    OptionField(
        name=_SHARE,
        platform=PlatformName.INSTAGRAM,
        schema=StrictBool,
        description="Instagram video in mode `publish` only: false keeps the Reel out of the profile's main grid.",
        modes=frozenset({Mode.PUBLISH}),
        refused=dict.fromkeys(
            (Mode.DRAFT, Mode.MANAGED),
            ("is supported in mode publish only. Omit it, or change the mode.", OptionCode.NON_PUBLISH_MODE),
        ),
        carriers={"": VIDEO_ONLY},
        is_refused_elsewhere=True,
    ),
)
