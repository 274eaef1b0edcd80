"""Mastodon's errors: `{"error"}` of its API, `{"error", "error_description"}` of its token endpoints.

Source: mastodon/documentation (2026-07), mastodon/mastodon app/controllers/api and config/locales/en.yml, doorkeeper's locale.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import Reply, json_reply, text_of

OAUTH_OPERATIONS: Final = frozenset({"token", "revoke"})
INVALID_TOKEN: Final = "The access token is invalid"  # noqa: S105  a message
REVOKED_TOKEN: Final = "The access token was revoked"  # noqa: S105  a message
OUTSIDE_SCOPES: Final = "This action is outside the authorized scopes"
TOO_MANY: Final = "Too many requests"
NOT_FOUND: Final = "Record not found"
UNAVAILABLE: Final = "There was a temporary problem serving your request, please try again"
THUMBNAIL: Final = "Error processing thumbnail for uploaded media"
MESSAGES: Final[Mapping[int, str]] = {
    401: INVALID_TOKEN,
    403: OUTSIDE_SCOPES,
    404: NOT_FOUND,
    429: TOO_MANY,
    500: THUMBNAIL,
    503: UNAVAILABLE,
}
"""The words of an error by its HTTP status, which is all that Mastodon has for a code."""
OAUTH_STATUSES: Final[Mapping[str, int]] = {"invalid_client": 401, "unauthorized_client": 403}
DEFAULT_WAIT_SECONDS: Final = 300


class MastodonError(Exception):
    """Ends a call with an HTTP status and a message."""

    def __init__(self, status: int, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message or MESSAGES.get(status, ""))
        self.status: Final = status
        self.headers: Final = headers or {}

    def reply(self, headers: Mapping[str, str] | None = None) -> Reply:
        """Return it as it goes out."""
        return json_reply({"error": str(self)}, self.status, {**self.headers, **(headers or {})})


def invalid(message: str) -> MastodonError:
    """Return the error for a record that is not valid."""
    return MastodonError(422, f"Validation failed: {message}")


def oauth_error(error: str, description: str, status: int | None = None) -> Reply:
    """Return an error of the token endpoints."""
    body = {"error": error, "error_description": description}
    return json_reply(body, status or OAUTH_STATUSES.get(error, 400), {"Cache-Control": "no-store"})


def reset_time(instant: float) -> str:
    """Write when a window of calls ends, as X-RateLimit-Reset does."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Errors:
    """The responses to injected faults. `now` is sandbox time in seconds since 1970."""

    def __init__(self, now: float) -> None:
        self._now = now

    def server_error(self, call: Call) -> Reply:
        """Return the HTTP 500."""
        _ = call
        return json_reply({"status": 500, "error": "Internal Server Error"}, 500)

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault: `value.code` is an HTTP status, or a word of OAuth at its endpoints."""
        code, given = text_of(fault.value["code"]), fault.value.get("status")
        message = text_of(fault.value.get("message"))
        if call.operation in OAUTH_OPERATIONS and not code.isdecimal():
            status = given if isinstance(given, int) else None
            return oauth_error(code, message or "The sandbox is set to return this error.", status)
        status = int(code) if code.isdecimal() and 400 <= int(code) <= 599 else 422
        status = given if isinstance(given, int) else status
        message = message or MESSAGES.get(status, "The sandbox is set to return this error.")
        reply = MastodonError(status, message).reply()
        if status == 429:
            minutes = text_of(fault.value.get("regainMinutes"))
            wait = int(minutes) * 60 if minutes else DEFAULT_WAIT_SECONDS
            reply.headers = {
                "X-RateLimit-Limit": "300",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": reset_time(self._now + wait),
            }
        return reply
