"""Connects channels by a code: who can post it in a channel, and makes the bot an administrator there, owns the channel.

Telegram has no page for this. A login begins at a page of Presswork, which shows the code; the sandbox has a page that posts it.
Source: Telegram, "Bot API" (10.0), getUpdates, getChat, getChatMember, and "Deep links" (startchannel), read 2026-12.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.oauth import AGAIN, REFRESH, TOKEN, read_persistently
from presswork.platforms.port import AppCredentials, CodePage, Grant, Tokens
from presswork.platforms.telegram.api import ADMINISTRATOR, RESULT, Api, bot_id_of, bot_url_of, token_of
from presswork.platforms.telegram.description import RIGHTS, TO_PUBLISH

_UPDATES_READ: Final = 100
"""The newest ones: no more can be read at once. Older ones are forgotten, newer ones stay, so that logins do not disturb each other."""
_CODE_CHARACTERS: Final = 10


def code_of(verifier: str) -> str:
    """Return the code of a login, which only the login's secret gives: a code that others see in a channel is of no use to them."""
    digest = base64.b32encode(hashlib.sha256(verifier.encode()).digest()).decode()
    return f"PW-{digest[:_CODE_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class TelegramLogin:
    """The port's `Login` for Telegram channels."""

    api: Api
    app: AppCredentials
    permissions: Sequence[str] = RIGHTS

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return the URL of the page where the login begins."""
        query = {"state": state}
        if not self.api.endpoints.is_live:
            query |= {
                "client_id": bot_id_of(self._token),
                "redirect_uri": redirect_uri,
                "scope": " ".join(self.permissions),
                "text": code_of(verifier),
            }
        return f"{self.api.endpoints.page_url}?{urlencode(query)}"

    async def describe_code(self, verifier: str) -> CodePage:
        """Return what the page shows. Raises Rejected, TryLater."""
        bot = part_of(await self.api.ask_bot(self._token, "getMe"), RESULT)
        name = text_of(bot.get("username")) or ""
        return CodePage(
            code=code_of(verifier),
            url=bot_url_of(name),
            invitation=f"In Telegram, make @{name} an administrator of the channel, with the rights to post, edit and delete messages.",
            instruction="Post this code in the channel, as a message with nothing else in it:",
            ending="Then come back to this page. Once the channel is connected, you can delete the message.",
        )

    async def is_code_posted(self, verifier: str) -> bool:
        """Return whether the code stands in a channel. Raises Rejected, TryLater."""
        return await self._find_channel(verifier) is not None

    async def _find_channel(self, verifier: str) -> str | None:
        """Return the id of the channel where the code of a login was posted; None where it was not. Raises Rejected, TryLater."""
        # With a negative offset, Telegram returns the newest updates.
        asked: JsonValue = {"offset": -_UPDATES_READ, "limit": _UPDATES_READ, "allowed_updates": ["channel_post"]}
        updates = items_of(await self.api.ask_bot(self._token, "getUpdates", asked), RESULT)
        posts = [part_of(update, "channel_post") for update in updates]
        code = code_of(verifier)
        found = {str(part_of(post, "chat").get("id")) for post in posts if str(post.get("text")).strip() == code}
        if len(found) > 1:
            what = "The code stands in several channels, so the one to connect is not known."
            raise Rejected(what, advice="Begin again, and post the new code in one channel.", step=TOKEN)
        return next(iter(found), None)

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:  # noqa: ARG002  the code stands in the channel
        """Return the grant of the channel where the code was posted. Raises Rejected, TryLater."""
        chat_id = await self._find_channel(verifier or "")
        if chat_id is None:
            raise Rejected(
                f"The code was not posted in a channel where the bot is an administrator. {AGAIN}", step=TOKEN
            )
        bot_id = bot_id_of(self._token)

        async def read() -> tuple[Mapping[str, JsonValue], Mapping[str, JsonValue]]:
            chat = await self.api.ask_bot(self._token, "getChat", {"chat_id": chat_id})
            member = await self.api.ask_bot(self._token, "getChatMember", {"chat_id": chat_id, "user_id": bot_id})
            return part_of(chat, RESULT), part_of(member, RESULT)

        chat, member = await read_persistently(read)
        rights = rights_of(member)
        if not rights >= TO_PUBLISH:
            what = "The bot is not an administrator of the channel that may post messages."
            raise Rejected(
                what, advice=f"Give it this right. {AGAIN}", step=TOKEN, failure=FailureCode.ACCOUNT_NOT_ELIGIBLE
            )
        title = text_of(chat.get("title")) or chat_id
        return Grant(
            tokens=Tokens(access_token=self._token, issued_at=now, expires_at=None),
            external_id=chat_id,
            handle=text_of(chat.get("username")) or title,
            display_name=title,
            avatar_url=None,  # its address would contain the token of the bot
            scopes=rights,
        )

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:  # noqa: ARG002  see the port
        """Return None, since a token has no end."""
        return None

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return the bot's token as it is set now. Raises CredentialInvalid where it is still the same, or that of another bot."""
        if self._token == tokens.access_token or bot_id_of(self._token) != bot_id_of(tokens.access_token):
            what = "The bot with which the channel was connected can no longer be used."
            raise CredentialInvalid(what, advice=AGAIN, step=REFRESH)
        return replace(tokens, access_token=self._token, issued_at=now)

    async def revoke(self, tokens: Tokens) -> None:
        """Do nothing: the bot stays in the channel until a person removes it."""

    async def check_app(self) -> None:
        """Check the token of the bot. Raises Rejected if Telegram does not accept it, TryLater."""
        await self.api.ask_bot(self._token, "getMe")

    @property
    def _token(self) -> str:
        return token_of(self.app)


def rights_of(member: Mapping[str, JsonValue]) -> frozenset[str]:
    """Return the rights that the bot has as an administrator; none where it is no administrator."""
    if member.get("status") != ADMINISTRATOR:
        return frozenset()
    return frozenset(right for right in RIGHTS if member.get(right) is True)
