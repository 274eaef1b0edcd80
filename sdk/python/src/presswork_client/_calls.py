"""Requests and responses without I/O: how a call is serialized, when it is retried, and what its response means."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, Generic, TypeVar
from urllib.parse import quote
from uuid import uuid4

from presswork_client._arguments import (
    Shape,
    checked_headers,
    checked_id,
    checked_idempotency_key,
    query_pairs,
    to_json,
)
from presswork_client._generated.errors import BY_CODE
from presswork_client._model import Model, read
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client._response import ApiResponse, excerpt
from presswork_client._version import __version__
from presswork_client.errors import APIStatusError, InvalidArgumentError, InvalidResponseError, PressworkError

FIRST_BACKOFF_SECONDS: Final = 0.5
MAX_BACKOFF_SECONDS: Final = 8.0
MAX_RETRY_AFTER_SECONDS: Final = 60.0
"""A response with a longer `Retry-After` is not retried: the caller decides."""
_NOT_RETRIED: Final = frozenset({"KILL_SWITCH"})
"""Codes of 5xx responses that a retry does not change."""
_NOT_SHOWN: Final = frozenset({"state"})
"""Path parameters that messages and logs leave out: who knows the state of a login can follow it."""

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[M]):
    """One operation of the API."""

    method: str
    path: str
    """With its parameters in braces."""
    answer: type[M]
    body: Mapping[str, Shape] = field(default_factory=dict)
    """The fields of the body that are objects, and their shapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one call. The client's own apply where they are not given."""

    idempotency_key: str | None = None
    timeout_seconds: float | NotGiven | None = NOT_GIVEN
    max_retries: int | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A serialized call. Every attempt sends the same bytes and the same idempotency key."""

    method: str
    path: str
    shown: str
    """The path for messages and logs."""
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def idempotency_key(self) -> str | None:
        """The idempotency key of a write."""
        return self.headers.get("Idempotency-Key")


def serialize(
    call: Call[M],
    *,
    path: Mapping[str, object],
    query: Mapping[str, object],
    body: Mapping[str, object] | None,
    options: Options,
) -> Request:
    """Serialize a call; a write gets an idempotency key. Raises InvalidArgumentError for a wrong argument."""
    ids = {name: quote(checked_id(_snake(name), value), safe="") for name, value in path.items()}
    headers = {"Accept": "application/json", "User-Agent": f"presswork-client-python/{__version__}"}
    if call.method != "GET":
        headers["Idempotency-Key"] = given_or_new_key(options.idempotency_key)
    sent = None if body is None else _body(call, body)
    if sent is not None:
        headers["Content-Type"] = "application/json"
    return Request(
        method=call.method,
        path=call.path.format_map(ids),
        shown=call.path.format_map({**ids, **{name: f"{{{name}}}" for name in ids.keys() & _NOT_SHOWN}}),
        query=[pair for name, value in query.items() for pair in query_pairs(name, value)],
        headers={**headers, **checked_headers(options.extra_headers)},
        body=sent,
    )


def given_or_new_key(idempotency_key: str | None) -> str:
    """Return the idempotency key that the caller gave, or a new one. Raises InvalidArgumentError."""
    return str(uuid4()) if idempotency_key is None else checked_idempotency_key(idempotency_key)


@contextmanager
def repeatable(key: str) -> Iterator[None]:
    """Give each error the key of the calls that share it, so that all of them can be repeated."""
    try:
        yield
    except PressworkError as error:
        error.idempotency_key = key
        raise


def _body(call: Call[M], body: Mapping[str, object]) -> bytes:
    try:
        sent = {
            name: to_json(value, _snake(name), call.body.get(name))
            for name, value in body.items()
            if value is not NOT_GIVEN
        }
    except RecursionError as error:
        raise InvalidArgumentError("An argument contains itself. Pass plain data.") from error
    return json.dumps(sent, ensure_ascii=False).encode()


def _snake(name: str) -> str:
    """Return the Python name of a parameter."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def is_retryable(response: ApiResponse) -> bool:
    """Return whether a retry may get another response: 429, and 5xx unless its code says otherwise."""
    is_transient = response.status_code == HTTPStatus.TOO_MANY_REQUESTS or (
        response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        and _error_object(response).get("code") not in _NOT_RETRIED
    )
    return is_transient and _retry_after_seconds(response) <= MAX_RETRY_AFTER_SECONDS


def retry_reason(response: ApiResponse) -> str:
    """Return why a response is retried."""
    code = _error_object(response).get("code")
    return f"{response.status_code} {code}" if code else str(response.status_code)


def backoff_seconds(attempt: int, response: ApiResponse | None) -> float:
    """Return how long to wait after an attempt (the first is 1): exponential with jitter, at least `Retry-After`."""
    longest: float = min(FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1), MAX_BACKOFF_SECONDS)
    backoff = longest * (1 - 0.25 * random.random())  # noqa: S311  jitter, not a secret
    return max(backoff, _retry_after_seconds(response)) if response is not None else backoff


def parse(call: Call[M], response: ApiResponse, idempotency_key: str | None) -> M:
    """Parse a response. Raises the error class of its code, or InvalidResponseError if it is not an API response."""
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        refused = status_error(response)
        refused.idempotency_key = idempotency_key
        raise refused
    try:
        return read(call.answer, json.loads(response.content), response)
    except (ValueError, RecursionError) as error:
        raise InvalidResponseError(
            f"The server's response ({response.status_code}) is not a response of the Presswork API. Check that base_url "
            "is the address of Presswork.",
            response=response,
        ) from error


def status_error(response: ApiResponse) -> APIStatusError:
    """Return the error that a response stands for."""
    error = _error_object(response)
    code, message, details = error.get("code"), error.get("message"), error.get("details")
    doc_url = error.get("docUrl")
    kind = BY_CODE.get(str(code), APIStatusError)
    return kind(
        str(message)
        if message
        else f"The server's response ({response.status_code}) is not an error of the Presswork API. Check that base_url is the "
        f"address of Presswork. {excerpt(response)}",
        code=None if code is None else str(code),
        details=details if isinstance(details, Mapping) else {},
        response=response,
        doc_url=doc_url if isinstance(doc_url, str) else None,
    )


def _error_object(response: ApiResponse) -> Mapping[str, object]:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _retry_after_seconds(response: ApiResponse) -> float:
    """Return `Retry-After` (seconds or an HTTP date) in seconds; 0 where it is absent, malformed or in the past.

    A date is compared with the response's own `Date`, so that a wrong local clock does not change the wait.
    """
    value = response.headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        until, sent_at = _http_date(value), _http_date(response.headers.get("date", ""))
    return max(0.0, (until - (sent_at or datetime.now(UTC))).total_seconds()) if until else 0.0


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # overflow: a number that is no year
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
