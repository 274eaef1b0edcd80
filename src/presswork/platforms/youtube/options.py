"""What a target can request on YouTube: the schema, its limits, and the fields of YouTube's calls.

Source: Google, "Videos" (resource: snippet, status) and "Videos: insert", read 2026-11.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, StrictBool, StringConstraints

from presswork.core.enums import Mode
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Problem
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    ON_BY_DEFAULT,
    OptionField,
    OptionModel,
    OptionText,
    PostOptions,
    labels,
    written_as,
)

Privacy = Literal["public", "unlisted", "private"]
PRIVATE: Final = "private"
TITLE_LIMIT: Final = 100
"""Characters of a title."""
TAGS_LIMIT: Final = 500
"""Characters of all tags together, as YouTube counts them: see `tag_characters`."""
_MOST_TAGS: Final = TAGS_LIMIT // 2
_DEFAULT_CATEGORY: Final = "22"
"""People & Blogs, which is also YouTube's default (general knowledge, not documented)."""
_SETTINGS: Final = "youtubePostSettings"
_NO_MARKUP: Final = written_as(
    r"[^<>\r\n]*[^<>\s][^<>\r\n]*",
    "is blank, or contains <, > or a line break, which YouTube refuses. Send plain text.",
)

_Title = Annotated[OptionText, StringConstraints(max_length=TITLE_LIMIT), _NO_MARKUP]
_Tag = Annotated[OptionText, StringConstraints(max_length=TAGS_LIMIT), _NO_MARKUP]


class YouTubePostSettings(OptionModel):
    """How a video appears on YouTube."""

    title: _Title | None = Field(
        title="Title",
        default=None,
        description=f"The title. Default: the first line of the caption, cut to {TITLE_LIMIT} characters.",
    )
    privacy: Privacy | None = Field(
        title="Who can see the video",
        json_schema_extra=labels(
            {"public": "Everyone", "unlisted": "People who have the link", "private": "The channel alone"}
        ),
        default=None,
        description="Who can see the video: `public` (default), `unlisted` (all who have the link) or `private` (the channel).",
    )
    tags: Annotated[list[_Tag], Field(max_length=_MOST_TAGS)] | None = Field(
        title="Tags",
        default=None,
        description=f"Keywords; {TAGS_LIMIT} characters in all, where each comma counts 1 and the quotes of a tag with spaces 2.",
    )
    category_id: Annotated[str, written_as("[0-9]{1,4}", "is no category. Send the digits of one, like 22.")] | None = (
        Field(title="Category", default=None, description="The id of a video category. Default: 22 (People & Blogs).")
    )
    made_for_kids: StrictBool | None = Field(
        title="The video is made for kids",
        default=None,
        description="Declare that the video is made for kids, as the law requires for one. The channel's owner answers for it. "
        "Such videos have no comments. Default: false.",
    )
    contains_synthetic_media: StrictBool | None = Field(
        title="It shows altered or synthetic content that looks real",
        default=None,
        description="Declare altered or synthetic content that looks real. Default: false.",
    )
    notify_subscribers: StrictBool | None = Field(
        json_schema_extra=ON_BY_DEFAULT,
        title="Notify subscribers",
        default=None,
        description="Let YouTube notify the channel's subscribers. Default: true.",
    )
    license: Literal["youtube", "creativeCommon"] | None = Field(
        title="License",
        json_schema_extra=labels(
            {"youtube": "YouTube's standard license", "creativeCommon": "Creative Commons, with attribution"}
        ),
        default=None,
        description="The license. Default: YouTube's standard license.",
    )
    embeddable: StrictBool | None = Field(
        json_schema_extra=ON_BY_DEFAULT,
        title="Allow other sites to embed it",
        default=None,
        description="Allow other sites to embed the video. Default: true.",
    )
    default_language: (
        Annotated[
            str,
            StringConstraints(max_length=35),
            written_as("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", "is no language tag. Send one like en or pt-BR."),
        ]
        | None
    ) = Field(
        title="Language", default=None, description="The language of title and description, like `en` or `pt-BR`."
    )

    @property
    def visibility(self) -> Privacy:
        """Who can see the video, with the default."""
        return self.privacy or "public"


def settings_of(options: PostOptions) -> YouTubePostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, YouTubePostSettings)


def title_of(settings: YouTubePostSettings, caption: str) -> str:
    """Return the title: the requested one, else the first line of the caption that is not blank; empty if there is none."""
    if settings.title is not None:
        return settings.title.strip()
    lines = caption.strip().splitlines()
    return lines[0].strip()[:TITLE_LIMIT].rstrip() if lines else ""


def tag_characters(tags: list[str]) -> int:
    """Count the characters of all tags as YouTube does: with the commas between them, and the quotes of tags with spaces."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


def snippet(settings: YouTubePostSettings, caption: str) -> dict[str, JsonValue]:
    """Return the part `snippet` of an upload."""
    texts: dict[str, JsonValue] = {
        "title": title_of(settings, caption),
        "description": caption,
        "categoryId": settings.category_id or _DEFAULT_CATEGORY,
    }
    tags: dict[str, JsonValue] = {"tags": [*settings.tags]} if settings.tags else {}
    language: dict[str, JsonValue] = {"defaultLanguage": settings.default_language} if settings.default_language else {}
    return texts | tags | language


def status(settings: YouTubePostSettings, privacy: Privacy) -> dict[str, JsonValue]:
    """Return the part `status` of an upload or an update. An update replaces the whole part, so every field is sent."""
    return {
        "privacyStatus": privacy,
        "selfDeclaredMadeForKids": settings.made_for_kids is True,
        "containsSyntheticMedia": settings.contains_synthetic_media is True,
        "embeddable": settings.embeddable is not False,
        "license": settings.license or "youtube",
        "publicStatsViewable": True,
    }


def upload_parameters(settings: YouTubePostSettings) -> Mapping[str, str]:
    """Return the options that an upload carries in its query."""
    return {"notifySubscribers": "false" if settings.notify_subscribers is False else "true"}


def check_options(settings: YouTubePostSettings) -> Iterator[Problem]:
    """Yield the requested options that exceed YouTube's limits, with the numbers."""
    count = tag_characters(settings.tags or [])
    if count > TAGS_LIMIT:
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"The tags have {count} characters as YouTube counts them (with commas, and quotes around tags with spaces); it "
            f"accepts {TAGS_LIMIT}. Take some out.",
            {"reason": "tags_length", "value": count, "limit": TAGS_LIMIT, "unit": "characters"},
        )


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.YOUTUBE,
        schema=YouTubePostSettings,
        description="YouTube targets in the modes `publish` and `managed`; validated, then ignored for others.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        checked=("title", "tags"),
        reviewed=("title", "tags"),
    ),
)
