"""What a target can request on Facebook: the schema, and the parameters of posts.

Source: Meta, "Page Feed", "Page Videos" and "Page Video Reels" (Graph API), read 2026-11.
"""

from json import dumps
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from presswork.core.enums import Mode
from presswork.platforms.names import PlatformName
from presswork.platforms.options import OptionField, OptionModel, OptionText, PostOptions, written_as

_SETTINGS: Final = "facebookPostSettings"
TITLE_LIMIT: Final = 255
"""Characters of a title. Not in the pages read (general knowledge)."""
_MAX_COUNTRIES: Final = 25
"""Countries of one post. Meta's limit for ads (general knowledge); the pages about posts name none."""

_Country = Annotated[str, written_as("[A-Z]{2}", "is no country. Send its two letters, like US.")]


class FacebookPostSettings(OptionModel):
    """How a post appears on a Facebook Page."""

    title: Annotated[OptionText, StringConstraints(max_length=TITLE_LIMIT)] | None = Field(
        title="Title of the video", default=None, description="The title of a video. Default: none."
    )
    countries: Annotated[list[_Country], Field(min_length=1, max_length=_MAX_COUNTRIES)] | None = Field(
        title="Only in these countries",
        default=None,
        description="Countries (ISO 3166-1, two letters) in which the post can be seen. Default: all.",
    )


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


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.FACEBOOK,
        schema=FacebookPostSettings,
        description="Facebook targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        video_only=("title",),
        reviewed=("title",),
    ),
)
