"""What a target can request on Mastodon: the schema, and the fields of a post.

Source: mastodon/documentation, methods/statuses (2026-07), read 2026-12.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, StrictBool, StringConstraints

from presswork.core.enums import Mode
from presswork.platforms.mastodon.text import MAX_CHARACTERS
from presswork.platforms.names import PlatformName
from presswork.platforms.options import (
    OptionField,
    OptionModel,
    OptionText,
    PostOptions,
    audiences,
    labels,
    written_as,
)

_SETTINGS: Final = "mastodonPostSettings"


class MastodonPostSettings(OptionModel):
    """How a post appears on Mastodon."""

    visibility: Literal["public", "unlisted", "private", "direct"] | None = Field(
        title="Who can see the post",
        json_schema_extra=audiences(
            {
                "public": "Everyone",
                "unlisted": "Everyone, but not in timelines of the server",
                "private": "Followers",
                "direct": "Mentioned accounts",
            },
            narrowest="direct",
            unset="As set at the account",
        ),
        default=None,
        description="Who sees the post. Default: what the account's owner has set on Mastodon.",
    )
    spoiler_text: Annotated[OptionText, StringConstraints(max_length=MAX_CHARACTERS)] | None = Field(
        title="Content warning",
        default=None,
        description="A warning behind which text and media are hidden at first. It counts as part of the text.",
    )
    sensitive: StrictBool | None = Field(
        title="Hide the media at first",
        default=None,
        description="Whether the media are hidden until a person asks for them.",
    )
    language: Annotated[str, written_as("[a-z]{2,3}", "is no language. Send its ISO 639 code, like en.")] | None = (
        Field(
            title="Language of the text",
            default=None,
            description="The language of the text, as an ISO 639 code. Default: what the account's owner has set on Mastodon.",
        )
    )
    quote_policy: Literal["public", "followers", "nobody"] | None = Field(
        title="Who can quote the post",
        json_schema_extra=labels(
            {"public": "Everyone", "followers": "Followers", "nobody": "No one"}, unset="As set at the account"
        ),
        default=None,
        description="Who may quote the post, on servers from Mastodon 4.5 on. Default: what the account's owner has set.",
    )


def settings_of(options: PostOptions) -> MastodonPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, MastodonPostSettings)


def status_fields(settings: MastodonPostSettings) -> Mapping[str, JsonValue]:
    """Return the fields of a post by Mastodon's names, those that were requested."""
    fields: dict[str, JsonValue] = {
        "visibility": settings.visibility,
        "spoiler_text": settings.spoiler_text,
        "sensitive": settings.sensitive,
        "language": settings.language,
        "quote_approval_policy": settings.quote_policy,
    }
    return {name: value for name, value in fields.items() if value is not None}


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        reviewed=("spoilerText",),
        platform=PlatformName.MASTODON,
        schema=MastodonPostSettings,
        description="Mastodon targets in mode `publish`; handed to the provider in mode `managed`, ignored in mode `draft`.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
    ),
)
