"""What a target can request on LinkedIn: the schema, and the fields of the call that publishes.

Source: LinkedIn, "Posts API" and "MultiImage API", read 2026-11.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, StrictBool, StringConstraints

from presswork.core.enums import Mode
from presswork.platforms.linkedin.little_text import little_text
from presswork.platforms.names import PlatformName
from presswork.platforms.options import OptionField, OptionModel, OptionText, PostOptions, labels, written_as
from presswork.platforms.port import Media

_SETTINGS: Final = "linkedinPostSettings"
TITLE_LIMIT: Final = 200
"""Characters of a video's title. LinkedIn documents no limit; this is ours."""
PUBLIC: Final = "PUBLIC"

_Title = Annotated[
    OptionText,
    StringConstraints(max_length=TITLE_LIMIT),
    written_as(r"[^\r\n]*\S[^\r\n]*", "is blank or has a line break. Send one line of text."),
]


class LinkedInPostSettings(OptionModel):
    """How a post appears on LinkedIn."""

    visibility: Literal["PUBLIC", "CONNECTIONS", "LOGGED_IN"] | None = Field(
        title="Who can see the post",
        json_schema_extra=labels(
            {"PUBLIC": "Everyone", "LOGGED_IN": "Members of LinkedIn", "CONNECTIONS": "Connections of the member"}
        ),
        default=None,
        description="Who can see the post: `PUBLIC` (default), `LOGGED_IN` (members of LinkedIn) or `CONNECTIONS` (the member's). "
        "A page's posts are public.",
    )
    is_reshare_disabled: StrictBool | None = Field(
        title="Keep others from reposting it",
        default=None,
        description="Keep others from reposting the post. Default: false.",
    )
    title: _Title | None = Field(
        title="Title of the video", default=None, description="The title of the video. Default: none."
    )

    @property
    def audience(self) -> str:
        """Who can see the post, with the default."""
        return self.visibility or PUBLIC


def settings_of(options: PostOptions) -> LinkedInPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, LinkedInPostSettings)


def post_body(
    settings: LinkedInPostSettings, *, author: str, caption: str, media: Sequence[tuple[Media, str]]
) -> dict[str, JsonValue]:
    """Return the body of the call that publishes; `media` are the pictures or the video with their URNs."""
    return {
        "author": author,
        "commentary": little_text(caption),
        "visibility": settings.audience,
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "content": _content(settings, media),
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": settings.is_reshare_disabled is True,
    }


def _content(settings: LinkedInPostSettings, media: Sequence[tuple[Media, str]]) -> dict[str, JsonValue]:
    if len(media) > 1:
        return {"multiImage": {"images": [_picture(one, urn) for one, urn in media]}}
    ((one, urn),) = media
    title: dict[str, JsonValue] = {"title": settings.title} if settings.title else {}
    return {"media": {"id": urn, **title} if one.is_video else _picture(one, urn)}


def _picture(media: Media, urn: str) -> dict[str, JsonValue]:
    return {"id": urn, **({"altText": media.alt_text} if media.alt_text else {})}


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.LINKEDIN,
        schema=LinkedInPostSettings,
        description="LinkedIn targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        video_only=("title",),
        reviewed=("title",),
    ),
)
