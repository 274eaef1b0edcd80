"""The Bot API's refusals. Source: Telegram, "Bot API" (10.0) and the errors that python-telegram-bot 22.8 reads, read 2026-12."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of


class TelegramRefusal(Exception):
    """Ends a call with an error."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, JSONValue] | None = None) -> None:
        super().__init__(description)
        self.code: Final = code
        self.description: Final = description
        self.parameters: Final = parameters or {}

    def reply(self) -> Reply:
        """Return it as the Bot API writes it."""
        body: dict[str, JSONValue] = {"ok": False, "error_code": self.code, "description": self.description}
        return json_reply(body | ({"parameters": self.parameters} if self.parameters else {}), self.code)


def bad(description: str) -> TelegramRefusal:
    """Return an error with HTTP 400."""
    return TelegramRefusal(400, f"Bad Request: {description}")


def forbidden(description: str) -> TelegramRefusal:
    """Return an error with HTTP 403."""
    return TelegramRefusal(403, f"Forbidden: {description}")


def too_many(seconds: int) -> TelegramRefusal:
    """Return the error of a limit that ends after some seconds."""
    return TelegramRefusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


class Envelopes:
    """Write the errors of faults."""

    def server_error(self, call: Call) -> Reply:
        """Return Telegram's HTTP 500."""
        _ = call
        return TelegramRefusal(500, "Internal Server Error").reply()

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault: `code` is its HTTP status, `message` its description.

        `retryAfter` and `migrateToChatId` in the value become parameters; a 429 without the first one has 17 seconds.
        """
        _ = call
        code, value = int(text_of(fault.value["code"])), fault.value
        if code == HTTPStatus.TOO_MANY_REQUESTS and not value.get("message"):
            seconds = value.get("retryAfter", 17)
            return too_many(seconds if isinstance(seconds, int) else 17).reply()
        names = {"retryAfter": "retry_after", "migrateToChatId": "migrate_to_chat_id"}
        parameters = {own: value[name] for name, own in names.items() if name in value}
        known = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden: bot was kicked from the channel chat"}
        refusal = TelegramRefusal(code, text_of(value.get("message")) or known.get(code, "Error"), parameters)
        status = value.get("status")
        reply = refusal.reply()
        reply.status = status if isinstance(status, int) else code if 400 <= code <= 599 else 400
        return reply
