"""What a target can request on Telegram: the schema, and the parameters of messages.

Source: Telegram, "Bot API" (10.0), sendMessage, read 2026-12.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import Field, JsonValue, StrictBool

from presswork.core.enums import Mode
from presswork.media.link_card import LinkCard
from presswork.platforms.names import PlatformName
from presswork.platforms.options import ON_BY_DEFAULT, OptionField, OptionModel, PostOptions

_SETTINGS: Final = "telegramPostSettings"


class TelegramPostSettings(OptionModel):
    """How a post appears in a Telegram channel."""

    is_silent: StrictBool | None = Field(
        title="Notify subscribers without a sound",
        default=None,
        description="Subscribers get a notification without a sound.",
    )
    is_protected: StrictBool | None = Field(
        title="Do not let people forward and save it",
        default=None,
        description="The post can't be forwarded and saved.",
    )
    shows_link_preview: StrictBool | None = Field(
        title="Show the page of the first link",
        default=None,
        json_schema_extra=ON_BY_DEFAULT,
        description="Show the page that the first link of a text leads to. Default: true.",
    )


def settings_of(options: PostOptions) -> TelegramPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, TelegramPostSettings)


def message_fields(settings: TelegramPostSettings) -> dict[str, JsonValue]:
    """Return the parameters of a message, whatever it contains."""
    fields: Mapping[str, bool | None] = {
        "disable_notification": settings.is_silent,
        "protect_content": settings.is_protected,
    }
    return {name: value for name, value in fields.items() if value is not None}


def preview_fields(settings: TelegramPostSettings, link: LinkCard | None) -> dict[str, JsonValue]:
    """Return the parameters of a text that say whether the page of a link is shown, and of which."""
    if settings.shows_link_preview is False:
        return {"link_preview_options": {"is_disabled": True}}
    return {} if link is None else {"link_preview_options": {"url": link.url}}


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        platform=PlatformName.TELEGRAM,
        schema=TelegramPostSettings,
        description="Telegram targets in mode `publish`; handed to the provider in mode `managed`, ignored in mode `draft`.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
    ),
)
