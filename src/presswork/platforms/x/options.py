"""What a target can request on X: the schema, and the fields of a post.

Source: xdevplatform/docs (2026-08), "Create Post", read 2026-11.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, StrictBool

from presswork.core.enums import Mode
from presswork.platforms.names import PlatformName
from presswork.platforms.options import OptionField, OptionModel, PostOptions, labels, written_as

_SETTINGS: Final = "xPostSettings"


class XPostSettings(OptionModel):
    """How a post appears on X."""

    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = Field(
        title="Who can reply",
        json_schema_extra=labels(
            {
                "following": "Accounts that this one follows",
                "mentionedUsers": "Mentioned accounts",
                "subscribers": "Subscribers",
                "verified": "Verified accounts",
            },
            unset="Everyone",
        ),
        default=None,
        description="Who may reply. Default: everyone.",
    )
    made_with_ai: StrictBool | None = Field(
        title="Made with AI",
        default=None,
        description="Whether X labels the post as made with AI. Default: false.",
    )
    paid_partnership: StrictBool | None = Field(
        title="Paid partnership",
        default=None,
        description="Whether X labels the post as a paid partnership. Default: false.",
    )
    community_id: Annotated[str, written_as("[0-9]{1,19}", "is no id of a community. Send its number.")] | None = Field(
        title="Community",
        default=None,
        description="The id of the community in which the post appears. Default: none.",
    )


def settings_of(options: PostOptions) -> XPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, XPostSettings)


def post_fields(settings: XPostSettings) -> Mapping[str, JsonValue]:
    """Return the fields of a post by X's names, those that were requested."""
    fields: dict[str, JsonValue] = {
        "reply_settings": settings.reply_settings,
        "made_with_ai": settings.made_with_ai or None,
        "paid_partnership": settings.paid_partnership or None,
        "community_id": settings.community_id,
    }
    return {name: value for name, value in fields.items() if value is not None}


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.X,
        schema=XPostSettings,
        description="X targets in mode `publish`; handed to the provider in mode `managed`, ignored in mode `draft`.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
    ),
)
