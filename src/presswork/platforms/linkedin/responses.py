"""Parses LinkedIn's responses (an object, nothing, an error, or nothing usable) and translates errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, Reported, TryLater
from presswork.platforms.json_values import items_of, number_of, part_of, text_of
from presswork.platforms.linkedin.error_mapping import INTERNAL, Action, ErrorMeaning, meaning_of
from presswork.platforms.linkedin.quota import until_reset
from presswork.platforms.transport import Reply

JsonObject = Mapping[str, JsonValue]

_TOKEN: Final = re.compile(r"\bA[QR][A-Za-z0-9_-]{16,}")
_QUERY: Final = re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+")
_UPLOAD: Final = re.compile(r"(https?://[^\s?\"'<>]*/dms-uploads/)[^\s\"'<>]+")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
_MESSAGE_LIMIT: Final = 500
_VERSION_RECHECK: Final = timedelta(minutes=10)
"""First wait after LinkedIn ended the version: until an operator changes the setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """An error response. `code` is empty where the response is not LinkedIn's own (an error page, for example)."""

    status: int
    code: str
    message: str
    wait: timedelta | None = None
    """The wait of a Retry-After header."""
    trace_id: str | None = None
    """By which LinkedIn's support finds the call."""

    @property
    def meaning(self) -> ErrorMeaning:
        """The row of the error table. A page of a proxy says nothing about the account, whatever its status is."""
        return meaning_of(self.code, self.status, self.message) if self.is_own else INTERNAL

    @property
    def is_token_refused(self) -> bool:
        """Whether the access token was refused; such a call had no effect."""
        return self.meaning.action is Action.RECONNECT

    @property
    def is_temporary(self) -> bool:
        """Whether a retry may succeed, and the call may have had an effect."""
        return self.meaning.action is Action.RETRY

    @property
    def is_own(self) -> bool:
        """Whether the response is LinkedIn's own."""
        return self.code != ""

    @property
    def proves_nothing_changed(self) -> bool:
        """Whether this response to a write proves that the call had no effect."""
        return self.is_own and self.meaning.proves_nothing_changed

    @property
    def label(self) -> str:
        """The code, or the HTTP status where there is none."""
        return self.code or str(self.status)

    @property
    def reported(self) -> Reported:
        """The code and the message, for an error of Presswork."""
        return Reported(platform_code=self.label, platform_message=self.message or None, trace_id=self.trace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableResponse:
    """A successful status with a body that is not a JSON object."""

    status: int


ApiResponse = JsonObject | ApiError | UnreadableResponse


def without_secrets(message: str) -> str:
    """Return the platform's message without tokens, markup, and what lets others upload."""
    return _TAG.sub("", _UPLOAD.sub(r"\1…", _QUERY.sub(r"\1?…", _TOKEN.sub("…", message))))[:_MESSAGE_LIMIT]


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises. Many successful answers have no body: those are an empty object."""
    body = reply.json_object()
    if reply.status < 300:
        if body is None and reply.body.strip():
            return UnreadableResponse(status=reply.status)
        return body or {}
    return ApiError(
        status=reply.status,
        code=_code_of(body or {}),
        message=without_secrets(_message_of(body or {})),
        wait=reply.retry_after,
        trace_id=reply.header("x-li-uuid"),
    )


def _code_of(body: JsonObject) -> str:
    """Return the code of the first error of an input, else of the response, else of the token endpoint.

    A response in LinkedIn's form without any code counts as its own, by its status.
    """
    listed = part_of(body, "errorDetails").get("inputErrors")
    first = listed[0] if isinstance(listed, list) and listed else None
    code = text_of(first.get("code")) if isinstance(first, dict) else None
    code = code or text_of(body.get("code")) or text_of(body.get("error"))
    is_own = isinstance(body.get("status"), int) and text_of(body.get("message")) is not None
    return code or (str(body["status"]) if is_own else "")


def _message_of(body: JsonObject) -> str:
    """Return the message, with the descriptions of errors of inputs that it does not contain."""
    message = text_of(body.get("message")) or text_of(body.get("error_description")) or ""
    listed = part_of(body, "errorDetails").get("inputErrors")
    for error in listed if isinstance(listed, list) else ():
        description = text_of(error.get("description")) if isinstance(error, dict) else None
        if description and description not in message:
            message = f"{message} {description}".strip()
    return message


def quote(error: ApiError) -> str:
    """Quote LinkedIn's error message with its code."""
    if not error.is_own:
        return f"LinkedIn answered HTTP {error.status} and gave no reason."
    if not error.message:
        return f"LinkedIn answered {error.label} (HTTP {error.status}) without a message."
    stop = "" if error.message.endswith((".", "!", "?")) else "."
    return f"LinkedIn answered ({error.label}, HTTP {error.status}): “{error.message}”{stop}"


def explain(error: ApiError) -> str:
    """Quote LinkedIn's error message and explain it."""
    return f"{quote(error)} {error.meaning.sentence}"


def refusal(error: ApiError, *, step: str, now: datetime, known_as: ErrorMeaning | None = None) -> PlatformError:
    """Return the error for a refused call that is harmless to repeat. `known_as`: what the caller knows it to mean."""
    meaning = known_as or error.meaning
    what = f"{quote(error)} {meaning.sentence}"
    match meaning.action:
        case Action.RECONNECT:
            return CredentialInvalid(what, advice=meaning.advice, step=step, **error.reported)
        case Action.RETRY | Action.ONCE_MORE:
            return TryLater(what, advice=meaning.advice, step=step, retry_after=error.wait, **error.reported)
        case Action.WAIT:
            return TryLater(what, advice=meaning.advice, step=step, failure=meaning.failure, **error.reported)
        case Action.NEXT_DAY:
            return TryLater(
                what,
                advice=meaning.advice,
                step=step,
                retry_after=error.wait or until_reset(now),
                is_throttled=True,
                **error.reported,
            )
        case Action.VERSION:
            return TryLater(
                what,
                advice=meaning.advice,
                step=step,
                first_wait=_VERSION_RECHECK,
                is_throttled=True,
                failure=FailureCode.PLATFORM_UNAVAILABLE,
                **error.reported,
            )
        case _:
            return Rejected(what, advice=meaning.advice, step=step, failure=meaning.failure, **error.reported)


def object_of(response: ApiResponse, *, step: str, now: datetime) -> JsonObject:
    """Return the object in a response to a call that is harmless to repeat. Raises Rejected, TryLater, CredentialInvalid."""
    if isinstance(response, ApiError):
        raise refusal(response, step=step, now=now)
    if isinstance(response, UnreadableResponse):
        raise TryLater(f"LinkedIn sent an unreadable response (HTTP {response.status}).", step=step)
    return response


def elements_of(body: JsonObject, *, step: str) -> list[JsonObject]:
    """Return the entries of a list. A response without a list does not prove that it is empty. Raises TryLater."""
    if not isinstance(body.get("elements"), list):
        raise TryLater("LinkedIn's response contains no list.", step=step)
    return items_of(body, "elements")


def moment_of(value: JsonValue) -> datetime | None:
    """Return the instant of a number of milliseconds since 1970, UTC; None for anything else."""
    number = number_of(value)
    if number is None or not 0 < number < 100_000_000_000_000:
        return None
    return datetime.fromtimestamp(number / 1000, tz=UTC)
