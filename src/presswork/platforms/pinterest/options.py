"""What a target can request on Pinterest: the schema, and the fields of a Pin.

Source: pinterest/api-description 5.23.0 (2025-12), `pins`, read 2026-12.
"""

from typing import Annotated, Final, Self

from pydantic import Field, StrictInt, StringConstraints, model_validator

from presswork.core.enums import Mode
from presswork.core.errors import FieldError, IssueCode
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    VIDEO_ONLY,
    OptionField,
    OptionLine,
    OptionModel,
    PostOptions,
    choices_of_account,
    written_as,
)

_SETTINGS: Final = "pinterestPostSettings"
MAX_TITLE: Final = 100
MAX_LINK: Final = 2048 - 16
"""Pinterest accepts 2,048 characters; the rest is for the mark by which a Pin is recognized."""
MAX_SECONDS: Final = 15 * 60
"""Of a video."""
_Url = Annotated[
    str,
    StringConstraints(max_length=MAX_LINK),
    written_as("https?://[!-~]+", "is no URL in plain ASCII. Send one like https://example.com/bread."),
]
_Id = Annotated[
    str,
    StringConstraints(max_length=30),
    written_as("[0-9]+", "is no id, which has digits only. Send one of the account's."),
]


class PinterestPostSettings(OptionModel):
    """How a Pin appears on Pinterest."""

    board_id: _Id | None = Field(
        title="Board",
        json_schema_extra=choices_of_account("boards"),
        default=None,
        description="The board that gets the Pin, by its id: see `GET /v1/social-accounts/:id/boards`. Required on Pinterest.",
    )
    board_section_id: _Id | None = Field(
        title="Section of the board", default=None, description="A section of the board, by its id. Default: none."
    )
    title: Annotated[OptionLine, StringConstraints(max_length=MAX_TITLE)] | None = Field(
        title="Title", default=None, description="The title of the Pin. Default: none."
    )
    link: _Url | None = Field(
        title="Link",
        default=None,
        description="The page to which the Pin leads. A mark such as `#pw-1a2b3c4d5e` is added, unless the URL has a `#` already.",
    )
    cover_url: _Url | None = Field(
        title="URL of a cover", default=None, description="Public URL of a picture that is the cover of a video."
    )
    cover_timestamp_ms: Annotated[StrictInt, Field(ge=0, le=MAX_SECONDS * 1000)] | None = Field(
        title="Cover frame",
        default=None,
        description="The frame that is the cover of a video, in milliseconds from its start. Default: the first one.",
    )

    @model_validator(mode="after")
    def _check_covers(self) -> Self:
        if self.cover_url is not None and self.cover_timestamp_ms is not None:
            raise FieldError("has two covers. Omit coverUrl or coverTimestampMs.", IssueCode.CONFLICTING_OPTIONS)
        return self


def settings_of(options: PostOptions) -> PinterestPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, PinterestPostSettings)


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.PINTEREST,
        schema=PinterestPostSettings,
        description="Pinterest targets in mode `publish`, which need `boardId`; handed to the provider in mode `managed`, ignored in mode `draft`.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
        carriers=dict.fromkeys(("coverUrl", "coverTimestampMs"), VIDEO_ONLY),
        checked=("coverTimestampMs",),
        reviewed=("title", "link", "coverUrl"),
        filled=("title",),
    ),
)
