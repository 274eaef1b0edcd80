"""api.telegram.org, as an ASGI app: /bot<token>/<method>, with parameters in the query, a form, or JSON.

Source: Telegram, "Bot API" (10.0), read 2026-12. The journal has the path without the token.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.forms import Sent, read_call
from presswork_sandbox.telegram.bots import MAX_UPDATES, Bots
from presswork_sandbox.telegram.content import MAX_CAPTION, MAX_TEXT, Files, read_poll, read_words, structured
from presswork_sandbox.telegram.errors import Envelopes, TelegramRefusal, bad
from presswork_sandbox.telegram.facts import FACTS, OPERATIONS
from presswork_sandbox.telegram.messages import Message, Messages
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import BadBody, JSONValue, Reply, json_reply, local_path, text_of

HOST: Final = "api.telegram.org"
_METHODS: Final = {name.replace("_", ""): name for name in OPERATIONS}
_PATH: Final = re.compile(r"/bot([^/]+)/(\w+)/?", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_POSTING: Final = "can_post_messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class BotCall:
    """One call of a bot whose token is valid."""

    bot_id: str
    account: Account | None
    sent: Sent

    def text(self, name: str) -> str:
        """Return a parameter as text."""
        return text_of(self.sent.params.get(name))

    def number(self, name: str, default: int = 0) -> int:
        """Return a parameter as a number."""
        text = self.text(name)
        return int(text) if _NUMBER.fullmatch(text) else default

    @property
    def channel(self) -> Account:
        """The channel that the call names. Raises TelegramRefusal."""
        if self.account is None:
            raise bad("chat not found" if self.text("chat_id") else "chat_id is empty")
        return self.account


class BotHost:
    """api.telegram.org."""

    def __init__(self, sandbox: Sandbox, bots: Bots, messages: Messages) -> None:
        self._sandbox = sandbox
        self._bots = bots
        self._messages = messages
        self._files = Files(sandbox)
        self._operations: Final[Mapping[str, Callable[[BotCall], Awaitable[JSONValue]]]] = {
            "get_me": self._get_me,
            "get_chat": self._get_chat,
            "get_chat_member": self._get_chat_member,
            "get_chat_member_count": self._get_chat_member_count,
            "get_updates": self._get_updates,
            "set_webhook": self._set_webhook,
            "delete_webhook": self._delete_webhook,
            "get_webhook_info": self._get_webhook_info,
            "send_message": self._send_message,
            "send_photo": self._send_photo,
            "send_video": self._send_video,
            "send_media_group": self._send_media_group,
            "send_poll": self._send_poll,
            "edit_message_text": self._edit_message_text,
            "edit_message_caption": self._edit_message_caption,
            "delete_message": self._delete_message,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request, path = Request(scope, receive), local_path(scope)
        match = _PATH.fullmatch(path)
        operation = "unknown" if match is None else _METHODS.get(match[2].lower(), "unknown")
        token = None if match is None else self._bots.remember(match[1])
        broken: str | None = None
        async with AsyncExitStack() as files:
            reading = read_call(request, self._sandbox.store.folder, takes_files=operation.startswith("send_"))
            try:
                sent = await files.enter_async_context(reading)
            except BadBody as wrong:
                sent, broken = Sent(params={}), str(wrong)
            account = self._channel_of(text_of(sent.params.get("chat_id")))
            shown = {name: value for name, value in sent.shown.items() if name != "secret_token"}
            call = Call(
                platform=FACTS.name,
                host=HOST,
                path="/bot[redacted]" + (path if match is None else f"/{match[2]}"),
                operation=operation,
                request=request,
                shown=shown,
                token=token,
                account=account,
            )

            async def effect() -> Reply:
                try:
                    return await self._serve_call(call, token, sent, broken)
                except TelegramRefusal as refused:
                    return refused.reply()

            response = await perform(self._sandbox, call, effect, Envelopes())
        await response(scope, receive, send)

    def _channel_of(self, chat_id: str) -> Account | None:
        accounts = self._sandbox.accounts
        if chat_id.startswith("@"):
            found = accounts.by_handle(FACTS.name, chat_id[1:])
            return None if found is None or found.settings.get("privateChannel") is True else found
        return accounts.by_user_id(FACTS.name, chat_id) if chat_id else None

    async def _serve_call(self, call: Call, token: Token | None, sent: Sent, broken: str | None) -> Reply:
        bot_id = self._bots.check(token)
        if call.operation == "unknown":
            raise TelegramRefusal(404, "Not Found: method not found")
        if broken is not None:
            raise bad(broken)
        bot_call = BotCall(bot_id=bot_id, account=call.account, sent=sent)
        result = await self._operations[call.operation](bot_call)
        body: dict[str, JSONValue] = {"ok": True, "result": result}
        if call.operation in {"set_webhook", "delete_webhook"}:
            body["description"] = "Webhook was set" if call.operation == "set_webhook" else "Webhook was deleted"
        return json_reply(body)

    # Reading

    async def _get_me(self, call: BotCall) -> JSONValue:
        more = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return {**self._bots.describe(call.bot_id), **more}

    async def _get_chat(self, call: BotCall) -> JSONValue:
        if not self._bots.membership(call.bot_id, call.channel)[0] and not call.text("chat_id").startswith("@"):
            raise bad("chat not found")
        return {**self._bots.chat(call.channel), "accent_color_id": 0, "max_reaction_count": 11}

    async def _get_chat_member(self, call: BotCall) -> JSONValue:
        if call.text("user_id") != call.bot_id:
            raise bad("user not found")
        if not self._bots.membership(call.bot_id, call.channel)[0]:
            raise bad("chat not found")
        return self._bots.describe_member(call.bot_id, call.channel)

    async def _get_chat_member_count(self, call: BotCall) -> JSONValue:
        self._bots.require_place(call.bot_id, call.channel, None)
        return self._sandbox.numbers.followers(call.channel)

    async def _get_updates(self, call: BotCall) -> JSONValue:
        limit, allowed = call.number("limit", MAX_UPDATES), structured(call.sent.params, "allowed_updates")
        kinds = [text_of(one) for one in allowed] if isinstance(allowed, list) else None
        return self._bots.fetch(call.bot_id, call.number("offset"), max(1, min(limit, MAX_UPDATES)), kinds)

    async def _set_webhook(self, call: BotCall) -> JSONValue:
        url, allowed = call.text("url"), structured(call.sent.params, "allowed_updates")
        if url and not url.startswith(("https://", "http://")):
            raise bad("bad webhook: invalid URL")
        kinds = [text_of(one) for one in allowed] if isinstance(allowed, list) else []
        self._bots.set_webhook(call.bot_id, url, call.text("secret_token"), kinds)
        return True

    async def _delete_webhook(self, call: BotCall) -> JSONValue:
        self._bots.set_webhook(call.bot_id, "", "", ())
        return True

    async def _get_webhook_info(self, call: BotCall) -> JSONValue:
        return self._bots.webhook_info(call.bot_id)

    # Sending

    def _begin(self, call: BotCall, count: int = 1) -> None:
        """Raise TelegramRefusal unless the bot may post as many messages now."""
        self._bots.require_place(call.bot_id, call.channel, _POSTING)
        self._messages.count(call.channel, call.bot_id, count)

    async def _send_message(self, call: BotCall) -> JSONValue:
        text = read_words(call.sent.params, "text", MAX_TEXT)
        if not text.strip():
            raise bad("message text is empty")
        self._begin(call)
        return self._messages.send(call.channel, call.bot_id, {"text": text}, (), call.sent.shown)[0]

    async def _send_photo(self, call: BotCall) -> JSONValue:
        return await self._send_file(call, "photo")

    async def _send_video(self, call: BotCall) -> JSONValue:
        return await self._send_file(call, "video")

    async def _send_file(self, call: BotCall, kind: str) -> JSONValue:
        caption = read_words(call.sent.params, "caption", MAX_CAPTION)
        self._bots.require_place(call.bot_id, call.channel, _POSTING)
        asset = await self._files.find(call.sent, kind, "" if kind in call.sent.files else call.text(kind))
        self._begin(call)
        words: Mapping[str, JSONValue] = {"caption": caption} if caption else {}
        return self._messages.send(call.channel, call.bot_id, words, [asset], call.sent.shown)[0]

    async def _send_media_group(self, call: BotCall) -> JSONValue:
        self._bots.require_place(call.bot_id, call.channel, _POSTING)
        assets, first = await self._files.album(call.sent)
        caption = read_words(first, "caption", MAX_CAPTION)
        self._begin(call, len(assets))
        words: Mapping[str, JSONValue] = {"caption": caption} if caption else {}
        sent = {**call.sent.shown, "media": structured(call.sent.params, "media")}
        return self._messages.send(call.channel, call.bot_id, words, assets, sent)

    async def _send_poll(self, call: BotCall) -> JSONValue:
        poll = read_poll(call.sent.params)
        self._begin(call)
        sent = {**call.sent.shown, "options": structured(call.sent.params, "options")}
        return self._messages.send(call.channel, call.bot_id, {"poll": poll}, (), sent)[0]

    # Changing

    def _require(self, call: BotCall, what: str) -> tuple[Message, frozenset[str]]:
        rights = self._bots.require_place(call.bot_id, call.channel, None)
        message = self._messages.find(call.channel, call.number("message_id"))
        if message is None:
            raise bad(f"message to {what} not found")
        if what == "edit" and message.bot_id != call.bot_id and "can_edit_messages" not in rights:
            raise bad("message can't be edited")
        return message, rights

    async def _edit_message_text(self, call: BotCall) -> JSONValue:
        message, _ = self._require(call, "edit")
        text = read_words(call.sent.params, "text", MAX_TEXT)
        if "text" not in message.body:
            raise bad("there is no text in the message to edit")
        return self._messages.edit(message, {"text": text}, text)

    async def _edit_message_caption(self, call: BotCall) -> JSONValue:
        message, _ = self._require(call, "edit")
        caption = read_words(call.sent.params, "caption", MAX_CAPTION)
        if message.asset_id is None:
            raise bad("there is no caption in the message to edit")
        return self._messages.edit(message, {"caption": caption}, caption)

    async def _delete_message(self, call: BotCall) -> JSONValue:
        message, rights = self._require(call, "delete")
        self._messages.delete(message, rights, call.bot_id)
        return True
