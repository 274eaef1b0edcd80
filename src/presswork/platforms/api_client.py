"""One call of a platform's API as an account, and what its response means.

A refused token is renewed once; the call is sent again, since it had no effect. Every platform has a table of its error codes
(`error_mapping.py`). Their rows share one vocabulary of actions, and here they become the errors that the worker distinguishes.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final, Generic, Protocol, Self, TypedDict, TypeVar, Unpack
from urllib.parse import urlsplit

from pydantic import JsonValue

from presswork.platforms.errors import (
    CredentialInvalid,
    FailureCode,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Reported,
    TryLater,
)
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.transport import CallFailed, Reply, Transport

JsonObject = Mapping[str, JsonValue]
Pause = Callable[[timedelta | None, datetime | None], timedelta | None]
"""Turns the wait that a response requests, if any, and the current instant, if known, into how long an error lasts. It returns None
where that is unknown."""

_MAX_MESSAGE: Final = 500
_ABOUT_PUBLISHING: Final = "ublish"
"""In advice to publish again, which is wrong for a live post."""
TAG: Final = (re.compile(r"</?[a-zA-Z][^<>]*>"), "")
"""Markup, which is removed from messages."""
QUERY: Final = (re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+"), r"\1?…")
"""The query of a URL, which may contain signatures and ids of uploads."""


class Action(StrEnum):
    """How Presswork reacts to an error."""

    failure: FailureCode
    """How a post fails when this ends it."""

    def __new__(cls, value: str, failure: FailureCode) -> Self:
        """Make a member from its value and its failure."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.failure = failure
        return member

    REJECT = "reject", FailureCode.PLATFORM_REJECTED
    """Permanent: a retry would not help."""
    RECONNECT = "reconnect", FailureCode.CREDENTIAL_INVALID
    """The token is invalid: refresh it, or else the person connects the account again."""
    MOVED = "moved", FailureCode.ACCOUNT_NOT_ELIGIBLE
    """This server has no such account: read which one has it."""
    RETRY = "retry", FailureCode.PLATFORM_UNAVAILABLE
    """A temporary error: the same call may succeed later, and this one may have had an effect."""
    WAIT = "wait", FailureCode.PLATFORM_UNAVAILABLE
    """The platform did nothing, and may accept the same call later."""
    THROTTLE = "throttle", FailureCode.PLATFORM_RATE_LIMITED
    """A limit: wait until it has room."""
    RECREATE = "recreate", FailureCode.PLATFORM_UNAVAILABLE
    """What was uploaded or created before is lost: doing it again may succeed."""
    RECREATE_LIMITED = "recreate_limited", FailureCode.MEDIA_REJECTED
    """As RECREATE, but after a few attempts the media are the cause."""
    LOOK = "look", FailureCode.OUTCOME_UNKNOWN
    """There is something at the post's place already: read it."""


def as_requested(requested: timedelta | None, now: datetime | None) -> timedelta | None:  # noqa: ARG001  a Pause
    """Wait as long as the response requests."""
    return requested


def unknown_pause(requested: timedelta | None, now: datetime | None) -> None:  # noqa: ARG001  a Pause
    """Leave the wait to the worker, whatever the response requests."""
    return


def at_least(shortest: timedelta) -> Pause:
    """Wait as long as the response requests, but at least so long."""
    return lambda requested, _: max(shortest, requested or shortest)


@dataclass(frozen=True, slots=True)
class ErrorMeaning:
    """A row of a platform's table: the meaning of one code."""

    action: Action
    sentence: str
    """Explanation for a person."""
    advice: str = ""
    """What to do when it ends the post. Empty where the error is temporary: the worker adds when it retries."""
    fails_as: FailureCode | None = None
    """How the post fails when this ends it, or None for what the action implies."""
    pause: Pause = as_requested
    """How long the error lasts, where that is known."""
    first_wait: timedelta | None = None
    """The first wait where it is not known."""
    at_latest: timedelta | None = None
    """When the error must be over, from now on."""
    proves_nothing_live: bool = False
    """Whether this response to the call that makes a post live proves that it put nothing live, on platforms where the action alone
    does not say it (see `ApiError.proves_nothing_changed`).
    """

    @property
    def failure(self) -> FailureCode:
        """How the post fails when this ends it."""
        return self.fails_as or self.action.failure


def rejected(sentence: str, advice: str) -> ErrorMeaning:
    """Return the row for a permanent refusal."""
    return ErrorMeaning(Action.REJECT, sentence, advice)


def bad_media(sentence: str, advice: str) -> ErrorMeaning:
    """Return the row for media that the platform will never accept."""
    return ErrorMeaning(Action.REJECT, sentence, advice, FailureCode.MEDIA_REJECTED)


def ineligible(sentence: str, advice: str) -> ErrorMeaning:
    """Return the row for an account that may not post until its person has done something."""
    return ErrorMeaning(Action.REJECT, sentence, advice, FailureCode.ACCOUNT_NOT_ELIGIBLE)


def unpermitted(sentence: str, advice: str) -> ErrorMeaning:
    """Return the row for a permission that the account did not give."""
    return ErrorMeaning(Action.REJECT, sentence, advice, FailureCode.CREDENTIAL_INVALID)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """An error response, as its platform's table reads it."""

    status: int
    code: str
    """The platform's own code; empty where the response is not the platform's own (an error page, for example)."""
    message: str
    """The platform's own message, without secrets."""
    meaning: ErrorMeaning
    """The row of the error table."""
    quoted: str
    """A sentence with the message and the code."""
    wait: timedelta | None = None
    """How long the response asks to wait."""
    trace_id: str | None = None
    """By which the platform's support finds the call."""

    @property
    def is_own(self) -> bool:
        """Whether the response is the platform's own."""
        return self.code != ""

    @property
    def is_token_refused(self) -> bool:
        """Whether the access token was refused; such a call had no effect."""
        return self.meaning.action is Action.RECONNECT

    @property
    def is_temporary(self) -> bool:
        """Whether a retry may succeed, and the call may have had an effect."""
        return self.meaning.action is Action.RETRY

    @property
    def proves_nothing_changed(self) -> bool:
        """Whether this response to a write proves that the call had no effect."""
        return self.is_own and not self.is_temporary

    @property
    def label(self) -> str:
        """The code, or the HTTP status where there is none."""
        return self.code or str(self.status)

    @property
    def explained(self) -> str:
        """The message with its code, and what it means."""
        return f"{self.quoted} {self.meaning.sentence}"

    @property
    def reported(self) -> Reported:
        """The code and the message, for an error of Presswork."""
        return Reported(platform_code=self.label, platform_message=self.message or None, trace_id=self.trace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableResponse:
    """A successful status with a body that is not a JSON object."""

    status: int


ApiResponse = JsonObject | ApiError | UnreadableResponse


def refusal(
    error: ApiError, *, step: str, now: datetime | None = None, known_as: ErrorMeaning | None = None
) -> Rejected | TryLater | CredentialInvalid:
    """Return the error for a refused call that is harmless to repeat.

    Without `now`, it does not say when a limit of the day ends. `known_as`: what the caller knows the error to mean.
    """
    meaning = known_as or error.meaning
    what = f"{error.quoted} {meaning.sentence}"
    match meaning.action:
        case Action.RECONNECT:
            return CredentialInvalid(what, advice=meaning.advice, step=step, **error.reported)
        case Action.RETRY | Action.WAIT | Action.THROTTLE:
            return TryLater(
                what,
                advice=meaning.advice,
                step=step,
                retry_after=meaning.pause(error.wait, now),
                first_wait=meaning.first_wait,
                at_latest=meaning.at_latest,
                is_throttled=meaning.action is Action.THROTTLE,
                failure=meaning.failure,
                **error.reported,
            )
        case Action.RECREATE | Action.RECREATE_LIMITED:
            return TryLater(
                what, advice=meaning.advice, step=step, starts_over=True, failure=meaning.failure, **error.reported
            )
        case _:
            return Rejected(what, advice=meaning.advice, step=step, failure=meaning.failure, **error.reported)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A platform's name in sentences, and how its messages are quoted."""

    name: str
    """As sentences name it, like Instagram."""
    secrets: Sequence[tuple[re.Pattern[str], str]] = ()
    """What its messages may not show, and what replaces it, in this order."""

    def without_secrets(self, message: str) -> str:
        """Return the platform's message without tokens and what else grants access, at most 500 characters."""
        for pattern, replacement in self.secrets:
            message = pattern.sub(replacement, message)
        return message[:_MAX_MESSAGE]

    def quotation(self, message: str, *, label: str, unsaid: str) -> str:
        """Quote a message with its code; `unsaid` is how the sentence ends where there is none."""
        if not message:
            return f"{self.name} answered {unsaid}."
        stop = "" if message.endswith((".", "!", "?")) else "."
        return f"{self.name} answered ({label}): “{message}”{stop}"

    def no_response(self, failed: CallFailed, *, step: str) -> TryLater:
        """Return the error for a call without a response, where repeating it is harmless."""
        return TryLater(f"{self.name} {failed.explained}", step=step)

    def lost(self, *, step: str, unknown: Callable[[str], OutcomeUnknown] | None = None) -> "LostResponse":
        """Return a context that translates a lost response: TryLater, where repeating the call is harmless or it was not sent,
        else what `unknown` returns for the reason.
        """
        return LostResponse(self, step, unknown)

    @property
    def place(self) -> str:
        """Where a person does manually what could not be done."""
        return f"on {self.name}"

    def as_comment(self, failure: PlatformError) -> PlatformError:
        """Return a refusal of a comment with advice about the comment: the post is live, so "publish again" would be wrong."""
        if not isinstance(failure, Rejected):
            return failure
        return failure.advising(f"Write this comment manually {self.place}.")

    @contextmanager
    def changing_live(self, verb: str | None) -> Iterator[None]:
        """Replace advice to publish again, in errors of calls that change a live post; `verb` is what a person does instead, or None
        where the worker says it (`Platform.take_down_advice`)."""
        manually = f"{verb} the post manually {self.place}." if verb else ""
        try:
            yield
        except PlatformError as failure:
            if _ABOUT_PUBLISHING not in failure.advice and failure.advice:
                raise
            if failure.failure is FailureCode.CREDENTIAL_INVALID:
                again = "Connect the account again with every permission ticked"
                manually = f"{again}, or {manually[0].lower()}{manually[1:]}" if manually else f"{again}."
            raise failure.advising(manually) from failure


@dataclass(frozen=True, slots=True)
class LostResponse:
    """Translates the error of a call without a response, see `Brand.lost`."""

    brand: Brand
    step: str
    unknown: Callable[[str], OutcomeUnknown] | None

    def __enter__(self) -> None:
        """Begin the call."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        """Raise the translated error. Raises TryLater, OutcomeUnknown."""
        if not isinstance(error, CallFailed):
            return
        if self.unknown is not None and error.was_sent:
            raise self.unknown(error.reason) from error
        raise self.brand.no_response(error, step=self.step) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonBrand(Brand):
    """A platform whose responses are an object, an ApiError, or nothing usable."""

    def error(
        self,
        reply: Reply,
        meaning_of: Callable[[str, int, str], ErrorMeaning],
        *,
        code: str,
        message: str,
        trace_id: str | None = None,
    ) -> ApiError:
        """Return the error in a reply; `meaning_of` returns the row for its code, HTTP status and message."""
        message = self.without_secrets(message)
        status = f"HTTP {reply.status}"
        unsaid = f"{code} ({status}) without a message" if code else f"{status} and gave no reason"
        return ApiError(
            status=reply.status,
            code=code,
            message=message,
            meaning=meaning_of(code, reply.status, message),
            quoted=self.quotation(message if code else "", label=f"{code}, {status}", unsaid=unsaid),
            wait=reply.retry_after,
            trace_id=trace_id,
        )

    async def renewed(self, account: Credentials, token: str, refused: ApiError, *, step: str) -> str:
        """Return another token than the refused one.

        Raises CredentialInvalid with the platform's first response: it explains more than the failed renewal.
        """
        try:
            return await account.renew_token(token)
        except CredentialInvalid as error:
            raise CredentialInvalid(
                f"{error.what} {refused.meaning.sentence}", advice=refused.meaning.advice, step=step, **refused.reported
            ) from error

    def object_of(self, response: ApiResponse, *, step: str, now: datetime | None = None) -> JsonObject:
        """Return the object in a response to a call that is harmless to repeat. Raises Rejected, TryLater, CredentialInvalid."""
        if isinstance(response, ApiError):
            raise refusal(response, step=step, now=now)
        if isinstance(response, UnreadableResponse):
            raise TryLater(f"{self.name} sent an unreadable response (HTTP {response.status}).", step=step)
        return response

    def publish_unknown(
        self, reason: str, error: ApiError | None = None, *, step: str, aim: str = "publish the post"
    ) -> OutcomeUnknown:
        """Return the error for a call that may have made a post live; `aim` completes the sentence."""
        quoted = f" {error.explained}" if error else ""
        return OutcomeUnknown(
            f"{self.name} was asked to {aim}, and it is not certain whether it did: {reason}.{quoted}",
            step=step,
            **(error.reported if error else {}),
        )

    def comment_unknown(self, reason: str, error: ApiError | None = None, *, step: str) -> OutcomeUnknown:
        """Return the error for a comment that may have been written."""
        return OutcomeUnknown(
            f"{self.name} was called, but it is not certain whether the comment was written: {reason}.",
            step=step,
            **(error.reported if error else {}),
        )


def is_own_url(url: str, *, base_url: str, domains: tuple[str, ...]) -> bool:
    """Whether a URL in a response may get media and the access token, so that a forged response can't send them elsewhere.

    It must be at the host of `base_url`, or by https below one of the platform's domains, like `.example.com`.
    """
    try:
        own, named = urlsplit(base_url), urlsplit(url)
        is_same_host = (named.hostname, named.port) == (own.hostname, own.port)
    except ValueError:
        return False
    if named.hostname is None or named.scheme not in ("http", "https"):
        return False
    if is_same_host:
        return named.scheme == own.scheme or own.scheme == "http"  # a sandbox may not know about TLS
    is_of_platform = named.hostname.endswith(domains) and named.port in (None, 443)
    return named.scheme == "https" and named.username is None and is_of_platform


class CallOptions(TypedDict, total=False):
    """What a call may have besides its path and parameters: the JSON of its body, or else a function that returns its bytes for
    each try, headers, and `is_fresh` as for a transport."""

    body: JsonValue
    upload: Callable[[], AsyncIterator[bytes]]
    headers: Mapping[str, str]
    is_fresh: bool


class HasApiUrl(Protocol):
    """The URLs of a platform in one environment."""

    @property
    def api_url(self) -> str:
        """The base URL of the API, without a slash at the end."""
        ...


EndpointsT = TypeVar("EndpointsT", bound=HasApiUrl)


@dataclass(frozen=True, eq=False)
class ApiClient(ABC, Generic[EndpointsT]):
    """A JSON API in one environment. The token is sent in the Authorization header."""

    endpoints: EndpointsT
    transport: Transport
    retry_policy: RetryPolicy
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of every call."""
    brand: ClassVar[JsonBrand]
    json_type: ClassVar = "application/json"
    """The Content-Type of a body."""

    @staticmethod
    @abstractmethod
    def read(reply: Reply) -> ApiResponse:
        """Classify a reply; never raises."""

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
        body, upload = options.get("body"), options.get("upload")
        timeouts = self.retry_policy.timeouts
        json_type = {} if body is None else {"Content-Type": self.json_type}
        return await self.transport.call(
            method,
            self.endpoints.api_url + path,
            operation=step,
            timeout=timeouts.call if upload is None else timeouts.upload,
            token=token,
            params=params,
            json=body,
            data=None if upload is None else upload(),
            headers={**json_type, **self.headers, **options.get("headers", {})},
            is_fresh=options.get("is_fresh", False),
        )

    async def send(
        self,
        account: Credentials,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        step: str,
        **options: Unpack[CallOptions],
    ) -> tuple[Reply, ApiResponse]:
        """Make a call as an account; a refused token is renewed and the call sent once more, since it had no effect.

        Raises CallFailed when the response is lost, and CredentialInvalid (with the platform's response) or TryLater when there
        is no other token.
        """
        token = await account.access_token()
        reply = await self.call(method, path, params, step=step, token=token, **options)
        response = self.read(reply)
        if isinstance(response, ApiError) and response.is_token_refused:
            token = await self.brand.renewed(account, token, response, step=step)
            reply = await self.call(method, path, params, step=step, token=token, **options)
            response = self.read(reply)
        return reply, response

    async def ask(
        self,
        account: Credentials,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        step: str,
        now: datetime | None,
        **options: Unpack[CallOptions],
    ) -> JsonObject:
        """Return the object that a call returns which is harmless to repeat. `now` is for errors that say how long to wait.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        with self.brand.lost(step=step):
            _, response = await self.send(account, method, path, params, step=step, **options)
        return self.brand.object_of(response, step=step, now=now)
