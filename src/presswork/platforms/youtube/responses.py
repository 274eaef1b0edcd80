"""Parses YouTube's responses (an object, an error, or nothing usable) and translates errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, Reported, TryLater
from presswork.platforms.json_values import text_of
from presswork.platforms.transport import Reply
from presswork.platforms.youtube.error_mapping import Action, ErrorMeaning, meaning_of
from presswork.platforms.youtube.quota import CHANNEL_RECHECK, DAY, until_reset

JsonObject = Mapping[str, JsonValue]

_TOKEN: Final = re.compile(r"\b(?:ya29\.|1//|4/)[\w./-]{8,}")
_QUERY: Final = re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
_MESSAGE_LIMIT: Final = 500
_SHORT_WAIT: Final = timedelta(seconds=30)
"""First wait after a limit of calls in a short time, for which YouTube documents no length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """An error response. `reason` is empty where the response is not YouTube's own (an error page, for example)."""

    status: int
    reason: str
    message: str
    wait: timedelta | None = None
    """The wait of a Retry-After header."""

    @property
    def meaning(self) -> ErrorMeaning:
        """The row of the error table."""
        return meaning_of(self.reason, self.status, self.message)

    @property
    def is_token_refused(self) -> bool:
        """Whether the access token was refused; such a call had no effect."""
        return self.status < 500 and self.meaning.action is Action.RECONNECT

    @property
    def is_temporary(self) -> bool:
        """Whether a retry may succeed, and the call may have had an effect."""
        return self.status >= 500 or self.meaning.action is Action.RETRY

    @property
    def is_own(self) -> bool:
        """Whether the response is YouTube's own."""
        return self.reason != ""

    @property
    def label(self) -> str:
        """The reason, or the HTTP status where there is none."""
        return self.reason or str(self.status)

    @property
    def reported(self) -> Reported:
        """The reason and the message, for an error of Presswork."""
        return Reported(platform_code=self.label, platform_message=self.message or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableResponse:
    """A successful status without a JSON object."""

    status: int


ApiResponse = JsonObject | ApiError | UnreadableResponse


def without_secrets(message: str) -> str:
    """Return the platform's message without tokens, markup, and the query of any URL (it contains upload ids)."""
    return _TAG.sub("", _QUERY.sub(r"\1?…", _TOKEN.sub("…", message)))[:_MESSAGE_LIMIT]


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises. The errors of the API and of the token endpoint have different forms."""
    body = reply.json_object()
    if reply.status < 300:
        return UnreadableResponse(status=reply.status) if body is None else body
    error = None if body is None else body.get("error")
    reason, message = "", ""
    if isinstance(error, dict):
        reason = _reason_of(error)
        message = text_of(error.get("message")) or ""
    elif isinstance(error, str) and body is not None:
        reason, message = error, text_of(body.get("error_description")) or ""
    return ApiError(status=reply.status, reason=reason, message=without_secrets(message), wait=reply.retry_after)


def _reason_of(error: JsonObject) -> str:
    """Return the reason of the first listed error, or of the details, else the status of Google's newer envelope."""
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else None
    reason = text_of(first.get("reason")) if isinstance(first, dict) else None
    if reason is not None:
        return reason
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and (reason := text_of(detail.get("reason"))) is not None:
            return reason
    return text_of(error.get("status")) or (str(error["code"]) if isinstance(error.get("code"), int) else "")


def quote(error: ApiError) -> str:
    """Quote YouTube's error message with its reason."""
    if not error.is_own:
        return f"YouTube answered HTTP {error.status} and gave no reason."
    if not error.message:
        return f"YouTube answered {error.label} (HTTP {error.status}) without a message."
    stop = "" if error.message.endswith((".", "!", "?")) else "."
    return f"YouTube answered ({error.label}, HTTP {error.status}): “{error.message}”{stop}"


def explain(error: ApiError) -> str:
    """Quote YouTube's error message and explain it."""
    if error.status >= 500:
        return f"{quote(error)} The error is temporary."
    return f"{quote(error)} {error.meaning.sentence}"


def refusal(error: ApiError, *, step: str, now: datetime | None) -> PlatformError:
    """Return the error for a refused call that is harmless to repeat. Without `now`, it does not say when a quota is full again."""
    meaning, what = error.meaning, explain(error)
    if error.is_temporary:
        return TryLater(what, step=step, retry_after=error.wait, **error.reported)
    match meaning.action:
        case Action.RECONNECT:
            return CredentialInvalid(what, advice=meaning.advice, step=step, **error.reported)
        case Action.SLOW_DOWN:
            return TryLater(
                what,
                step=step,
                retry_after=max(_SHORT_WAIT, error.wait or _SHORT_WAIT),
                is_throttled=True,
                **error.reported,
            )
        case Action.NEXT_DAY:
            return TryLater(
                what,
                advice=meaning.advice,
                step=step,
                retry_after=None if now is None else until_reset(now),
                is_throttled=True,
                **error.reported,
            )
        case Action.CHANNEL_LIMIT:
            return TryLater(
                what,
                advice=meaning.advice,
                step=step,
                first_wait=CHANNEL_RECHECK,
                at_latest=DAY,
                is_throttled=True,
                **error.reported,
            )
        case _:
            return Rejected(what, advice=meaning.advice, step=step, failure=meaning.failure, **error.reported)


def object_of(response: ApiResponse, *, step: str, now: datetime | None) -> JsonObject:
    """Return the object in a response to a call that is harmless to repeat. Raises Rejected, TryLater, CredentialInvalid."""
    if isinstance(response, ApiError):
        raise refusal(response, step=step, now=now)
    if isinstance(response, UnreadableResponse):
        raise TryLater(f"YouTube sent an unreadable response (HTTP {response.status}).", step=step)
    return response
