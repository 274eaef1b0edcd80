"""What a target can request on Facebook: the schema, and the parameters of posts.

Source: Meta, "Page Feed", "Page Videos" and "Page Video Reels" (Graph API), read 2026-11.
"""

from collections.abc import Iterator
from json import dumps
from typing import Annotated, Final, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from presswork.core.enums import EditField, MediaType, Mode
from presswork.core.errors import FieldError, IssueCode
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

_SETTINGS: Final = "facebookPostSettings"
TITLE_LIMIT: Final = 255
"""Characters of a title. Not in the pages read (general knowledge)."""
_MAX_COUNTRIES: Final = 25
"""Countries of one post. Meta's limit for ads (general knowledge); the pages about posts name none."""

_Country = Annotated[str, written_as("[A-Z]{2}", "is no country. Send its two letters, like US.")]


class FacebookPostSettings(OptionModel):
    """How a post appears on a Facebook Page."""

    placement: Literal["feed", "story"] | None = Field(
        title="Appears as",
        json_schema_extra=labels({"feed": "A post on the Page", "story": "A story, for 24 hours"}),
        default=None,
        description="`feed` (default), or `story`: one image or video, without caption and first comment.",
    )
    title: Annotated[OptionText, StringConstraints(max_length=TITLE_LIMIT)] | None = Field(
        title="Title of the video", default=None, description="The title of a video. Default: none."
    )
    countries: Annotated[list[_Country], Field(min_length=1, max_length=_MAX_COUNTRIES)] | None = Field(
        title="Only in these countries",
        default=None,
        description="Countries (ISO 3166-1, two letters) in which the post can be seen. Default: all.",
    )

    @model_validator(mode="after")
    def _check_story(self) -> Self:
        if self.is_story and (self.title is not None or self.countries is not None):
            problem = "is a story, which can't have title or countries. Omit them, or use the placement feed."
            raise FieldError(problem, IssueCode.CONFLICTING_OPTIONS)
        return self

    @property
    def is_story(self) -> bool:
        """Whether the post is a story."""
        return self.placement == "story"


def settings_of(options: PostOptions) -> FacebookPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, FacebookPostSettings)


def post_parameters(settings: FacebookPostSettings) -> dict[str, str]:
    """Return the parameters of the call that makes a post live, whatever its media."""
    if settings.countries is None:
        return {}
    return {"targeting": dumps({"geo_locations": {"countries": settings.countries}})}


def video_parameters(settings: FacebookPostSettings) -> dict[str, str]:
    """Return the same for a video or a reel."""
    title = {} if settings.title is None else {"title": settings.title}
    return {**title, **post_parameters(settings)}


def _find_unfit(value: JsonValue, media_type: MediaType) -> Iterator[Unsuitable]:
    if FacebookPostSettings.model_validate(value).is_story and media_type not in (MediaType.IMAGE, MediaType.VIDEO):
        problem = "is story, which is one image or one video. Use the placement feed for other content."
        yield Unsuitable(path=".placement", reason=OptionCode.STORY_MEDIA, problem=problem)


def _forbids_text(value: JsonValue) -> Unsuitable | None:
    if not FacebookPostSettings.model_validate(value).is_story:
        return None
    problem = "is story, which has no text. Send captionOverride and firstCommentOverride as empty texts."
    return Unsuitable(path=".placement", reason=OptionCode.STORY_TEXT, problem=problem)


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.FACEBOOK,
        schema=FacebookPostSettings,
        description="Facebook targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        carriers={"title": VIDEO_ONLY},
        unfit=_find_unfit,
        forbids_text=_forbids_text,
        checked=("placement",),
        edited={EditField.TITLE: "title"},
        reviewed=("title",),
        filled=("title",),
    ),
)
