"""Requests and responses without I/O: how a call is serialized, when it is retried, and what its response means."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, Generic, TypeVar
from urllib.parse import quote
from uuid import uuid4

from presswork_client._generated.errors import BY_CODE
from presswork_client._model import Model
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client._response import ApiResponse
from presswork_client._version import __version__
from presswork_client.errors import APIStatusError, InvalidAnswerError

FIRST_BACKOFF_SECONDS: Final = 0.5
MAX_BACKOFF_SECONDS: Final = 8.0
MAX_RETRY_AFTER_SECONDS: Final = 60.0
"""A response with a longer `Retry-After` is not retried: the caller decides."""
_NOT_RETRIED: Final = frozenset({"KILL_SWITCH"})
"""Codes of 5xx responses that a retry does not change."""

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[M]):
    """One operation of the API."""

    method: str
    path: str
    """With its parameters in braces."""
    answer: type[M]


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
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes | None


def serialize(
    call: Call[M],
    *,
    path: Mapping[str, str],
    query: Mapping[str, object],
    body: Mapping[str, object] | None,
    options: Options,
) -> Request:
    """Serialize a call; a write gets an idempotency key.

    Raises ValueError for an empty path parameter and for a datetime without an offset.
    """
    for name, value in path.items():
        if not value:
            raise ValueError(f"{name} is empty. Pass the id.")
    headers = {"Accept": "application/json", "User-Agent": f"presswork-client-python/{__version__}"}
    if call.method != "GET":
        headers["Idempotency-Key"] = options.idempotency_key or str(uuid4())
    sent = None if body is None else {name: to_json(value) for name, value in body.items() if value is not NOT_GIVEN}
    if sent is not None:
        headers["Content-Type"] = "application/json"
    return Request(
        method=call.method,
        path=call.path.format_map({name: quote(value, safe="") for name, value in path.items()}),
        query=[pair for name, value in query.items() if value is not NOT_GIVEN for pair in _query_pairs(name, value)],
        headers={**headers, **options.extra_headers},
        body=None if sent is None else json.dumps(sent, ensure_ascii=False).encode(),
    )


def to_json(value: object) -> object:
    """Convert a value to JSON types; datetimes at any depth become UTC with a Z."""
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError(f"{value!r} has no time zone. Pass one, such as datetime(…, tzinfo=UTC).")
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case str():
            return value
        case Mapping():
            return {key: to_json(item) for key, item in value.items() if item is not NOT_GIVEN}
        case Sequence():
            return [to_json(item) for item in value]
        case _:
            return value


def _query_pairs(name: str, value: object) -> Sequence[tuple[str, str]]:
    if value is None:
        return []
    converted = to_json(value)
    items = converted if isinstance(converted, list) else [converted]
    return [(name, str(item).lower() if isinstance(item, bool) else str(item)) for item in items]


def is_retryable(response: ApiResponse) -> bool:
    """Return whether a retry may get another response: 429, and 5xx unless its code says otherwise."""
    is_transient = response.status_code == HTTPStatus.TOO_MANY_REQUESTS or (
        response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        and _error_object(response).get("code") not in _NOT_RETRIED
    )
    return is_transient and _retry_after_seconds(response) <= MAX_RETRY_AFTER_SECONDS


def backoff_seconds(attempt: int, response: ApiResponse | None) -> float:
    """Return how long to wait after an attempt (the first is 1): exponential with jitter, at least `Retry-After`."""
    longest: float = min(FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1), MAX_BACKOFF_SECONDS)
    backoff = longest * (1 - 0.25 * random.random())  # noqa: S311  jitter, not a secret
    return max(backoff, _retry_after_seconds(response)) if response is not None else backoff


def parse(call: Call[M], response: ApiResponse) -> M:
    """Parse a response. Raises the error class of its code, or InvalidAnswerError if it is not an API response."""
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        raise status_error(response)
    try:
        return call.answer.from_wire(json.loads(response.content), response)
    except ValueError as error:
        raise InvalidAnswerError(
            f"The server's response ({response.status_code}) is not a response of the Presswork API. Check that base_url "
            "is the address of Presswork.",
            response=response,
        ) from error


def status_error(response: ApiResponse) -> APIStatusError:
    """Return the error that a response stands for."""
    error = _error_object(response)
    code, message, details = error.get("code"), error.get("message"), error.get("details")
    kind = BY_CODE.get(str(code), APIStatusError)
    return kind(
        str(message) if message else f"The server returned {response.status_code} without a message.",
        code=None if code is None else str(code),
        details=details if isinstance(details, Mapping) else {},
        response=response,
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
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
