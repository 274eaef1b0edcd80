"""Calls of Telegram's Bot API. The token of the bot is a part of each URL, so no URL is ever shown.

Source: Telegram, "Bot API" (10.0), read 2026-12.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Unpack

from pydantic import JsonValue

from presswork.platforms.api_client import ApiClient, ApiError, ApiResponse, CallOptions, UnreadableResponse
from presswork.platforms.errors import CredentialInvalid, Rejected
from presswork.platforms.json_values import number_of, part_of, seconds_of, text_of
from presswork.platforms.port import AppCredentials
from presswork.platforms.telegram.error_mapping import MOVED, TELEGRAM, meaning_of
from presswork.platforms.transport import Reply

RESULT: Final = "result"
ADMINISTRATOR: Final = "administrator"
_LINKS: Final = "https://t.me"
_TOKEN: Final = re.compile(r"(\d{1,15}):[\w-]{1,100}", re.ASCII)
_CAPITALS: Final = re.compile(r"(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The URLs of Telegram, without a slash at the end."""

    api_url: str
    """The Bot API, like https://api.telegram.org."""
    page_url: str
    """Where logins begin: a page of Presswork that shows the code, or the sandbox's page, which also posts it."""
    is_live: bool = True


def bot_id_of(token: str) -> str:
    """Return the id of a bot, with which its token begins."""
    return token.partition(":")[0]


def token_of(app: AppCredentials) -> str:
    """Return the token of a bot: what was given as its secret, or what stands in it after the bot's id."""
    return app.client_secret if _TOKEN.fullmatch(app.client_secret) else f"{app.client_id}:{app.client_secret}"


def step_of(method: str) -> str:
    """Return the name of a call in logs, errors and metrics."""
    return _CAPITALS.sub("_", method).lower()


def url_of(chat: Mapping[str, JsonValue], message_id: str) -> str:
    """Return the address of a message. That of a channel without a public name opens for its subscribers."""
    name, chat_id = text_of(chat.get("username")), str(chat.get("id"))
    return f"{_LINKS}/{name or 'c/' + chat_id.removeprefix('-100')}/{message_id}"


def bot_url_of(name: str) -> str:
    """Return the address that opens Telegram to make a bot the administrator of a channel."""
    return f"{_LINKS}/{name}?startchannel&admin=post_messages+edit_messages+delete_messages"


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises."""
    body = reply.json_object() or {}
    if reply.status < 300:
        return body if body.get("ok") is True and RESULT in body else UnreadableResponse(status=reply.status)
    code = number_of(body.get("error_code"))
    message = text_of(body.get("description")) or ""
    error = TELEGRAM.error(reply, meaning_of, code="" if code is None else str(code), message=message)
    parameters = part_of(body, "parameters")
    if "migrate_to_chat_id" in parameters:
        error = replace(error, meaning=MOVED)
    return replace(error, wait=seconds_of(parameters.get("retry_after")) or error.wait)


@dataclass(frozen=True, eq=False)
class Api(ApiClient[Endpoints]):
    """The Bot API in one environment. The path of a call is its method."""

    brand = TELEGRAM
    read = staticmethod(read_response)

    async def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        step: str,
        token: str,
        **options: Unpack[CallOptions],
    ) -> Reply:
        """Make one call, once. Raises CallFailed when no response arrived."""
        upload, timeouts = options.get("upload"), self.retry_policy.timeouts
        return await self.transport.call(
            method,
            f"{self.endpoints.api_url}/bot{token}/{path}",
            operation=step,
            timeout=timeouts.call if upload is None else timeouts.upload,
            params=params,
            json=options.get("body"),
            data=None if upload is None else upload(),
            headers=options.get("headers"),
            is_fresh=options.get("is_fresh", False),
        )

    async def ask_bot(self, token: str, method: str, body: JsonValue = None) -> Mapping[str, JsonValue]:
        """Return the response to a call about the bot itself that is harmless to repeat. Raises Rejected, TryLater."""
        step = step_of(method)
        with TELEGRAM.lost(step=step):
            reply = await self.call("POST", method, step=step, token=token, body=body)
        response = read_response(reply)
        try:
            return TELEGRAM.object_of(response, step=step)
        except CredentialInvalid as error:
            code = response.label if isinstance(response, ApiError) else None
            raise Rejected(error.what, advice=error.advice, step=step, platform_code=code) from error
