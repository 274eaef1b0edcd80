"""Telegram as data: the rights of its bot in a channel, what the bot needs, and posting manually.

Source: Telegram, "Bot API" (10.0), ChatMemberAdministrator, and "From BotFather to 'Hello World'", read 2026-12.
"""

from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from presswork.core.enums import WITH_MEDIA_OR_TEXT, EditField, MediaType, Mode
from presswork.core.setting_types import HttpUrl, SecretForm
from presswork.core.texts import translatable
from presswork.platforms.description import (
    AppReview,
    AppSettings,
    Description,
    ManualInstructions,
    PlatformSettings,
    Scope,
    host_url,
    reasons_of,
    unset,
)
from presswork.platforms.live_support import AccountNumber, InsightsSupport, NumberNote, ReadLimit
from presswork.platforms.names import LoginName, PlatformName

_POST: Final = "can_post_messages"
_EDIT: Final = "can_edit_messages"
_DELETE: Final = "can_delete_messages"
TO_PUBLISH: Final = frozenset({_POST})
RIGHTS: Final = (_POST, _EDIT, _DELETE)
"""What a person is asked to give the bot."""

_SCOPES: Final = (
    Scope(
        name=_POST,
        why="Publishes the texts, pictures and videos that the channel's owner has scheduled or approved, at the chosen time.",
        allows=translatable("Publish messages in your Telegram channel."),
    ),
    Scope(
        name=_EDIT,
        why="Changes the text of such a message when the owner asks for it.",
        allows=translatable("Change messages in your Telegram channel."),
    ),
    Scope(
        name=_DELETE,
        why="Deletes such a message when the owner asks for it, also later than 48 hours after it was sent.",
        allows=translatable("Delete messages in your Telegram channel."),
    ),
)

SECRETS: Final = (SecretForm(r"(?<!\d)\d{5,15}:AA[A-Za-z0-9_-]{30,}", (":AA",)),)
"""The token of a bot."""


class TelegramSettings(PlatformSettings):
    """The settings of Telegram."""

    telegram_bot_id: str | None = unset(
        "ID of the Telegram bot, for live projects: the digits before the colon of its token."
    )
    telegram_bot_token: SecretStr | None = unset("Token of the Telegram bot, for live projects, as BotFather shows it.")
    telegram_api_url: HttpUrl = host_url(
        "https://api.telegram.org", "the Bot API: Telegram's own, or your own server of it"
    )


DESCRIPTION: Final = Description(
    platform=PlatformName.TELEGRAM,
    login=LoginName.TELEGRAM,
    callback="r",
    app=AppSettings(
        owner=LoginName.TELEGRAM,
        client_id="telegram_bot_id",
        client_secret="telegram_bot_token",  # noqa: S106  the name of a setting
        api_url="telegram_api_url",
        is_optional=True,
    ),
    hosts={"api": "telegram_api_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: TO_PUBLISH},
    take_down_scopes=frozenset({_DELETE}),
    take_down_advice="Open the message in the channel, hold it and choose Delete.",
    edit_scopes=TO_PUBLISH,  # its own messages, a bot changes without a further right
    edit_fields=frozenset({EditField.CAPTION}),
    can_look_up=False,  # a bot can't read the messages of a channel
    insights=InsightsSupport(
        max_posts=100,
        calls_per_post=1 / 100,  # there are no calls
        offered=frozenset(),
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(
                source="getChatMemberCount", meaning="subscribers, with the administrators", delay="at once"
            )
        },
    ),
    read_limit=ReadLimit(calls=1800, window=timedelta(minutes=1), is_per_account=False),
    media_types=WITH_MEDIA_OR_TEXT | {MediaType.MIXED},
    no_account=translatable(
        "Begin the login again, make the bot an administrator of the channel that may post messages, and post the code there."
    ),
    manual_instructions=ManualInstructions(
        title="Telegram",
        handle_prefix="@",
        icon="M14.2 2.3 1.8 7.1l3.7 1.5M14.2 2.3 12 13.5l-4.2-3.2M14.2 2.3 5.5 8.6v4.2l2.3-2.5",
        choose={
            MediaType.TEXT: ("Open the channel.",),
            MediaType.IMAGE: ("Open the channel, tap the paper clip and pick the picture.",),
            MediaType.VIDEO: ("Open the channel, tap the paper clip and pick the video.",),
            MediaType.MULTI: ("Open the channel, tap the paper clip and pick the pictures in their order.",),
            MediaType.MIXED: ("Open the channel, tap the paper clip and pick the pictures and videos in their order.",),
        },
        share="Paste the text, and tap Send.",
        comment="Channels have no first comment.",
    ),
    review=AppReview(
        title=translatable("Telegram"),
        portal="https://t.me/BotFather",
        fields=(),  # a bot needs no address of this service
        scopes=reasons_of(_SCOPES),
        requirements=("Telegram reviews no bots: BotFather gives the token at once.",),
        demo=(),
        removal=translatable(
            "Telegram: in the channel, open the list of administrators, choose the bot of this service and remove it."
        ),
    ),
)
