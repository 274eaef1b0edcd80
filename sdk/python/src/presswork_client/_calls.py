"""What a call is, how it is written, when it is sent again, and what its answer means. No input or output here."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, Generic, TypeVar
from urllib.parse import quote
from uuid import uuid4

from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._answers import ApiResponse
from presswork_client._generated.errors import BY_CODE
from presswork_client._model import Model
from presswork_client._version import __version__
from presswork_client.errors import APIStatusError, InvalidAnswerError

FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 8.0
LONGEST_RETRY_AFTER_SECONDS: Final = 60.0
"""A server that asks for a longer wait than this gets no second try: the caller decides."""
_NEVER_AGAIN: Final = frozenset({"KILL_SWITCH"})
"""Refusals in the 500s that waiting does not mend."""

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[M]):
    """One operation of the API."""

    method: str
    path: str
    """With its parameters in braces."""
    answer: type[M]
    takes_key: bool = False
    """Whether an idempotency key makes it safe to repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one call is made. What is not given is the client's."""

    idempotency_key: str | None = None
    timeout_seconds: float | NotGiven | None = NOT_GIVEN
    max_retries: int | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A call, ready to be sent as often as needed: the same bytes and the same idempotency key each time."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes | None


def write(
    call: Call[M],
    *,
    path: Mapping[str, str],
    query: Mapping[str, object],
    body: Mapping[str, object] | None,
    options: Options,
) -> Written:
    """Write a call. Raises ValueError for a path parameter that is empty, and for an instant without an offset."""
    for name, value in path.items():
        if not value:
            raise ValueError(f"{name} is empty; the call would go somewhere else. Give the id.")
    headers = {"Accept": "application/json", "User-Agent": f"presswork-client-python/{__version__}"}
    if call.takes_key:
        headers["Idempotency-Key"] = options.idempotency_key or str(uuid4())
    sent = None if body is None else {name: plain(value) for name, value in body.items() if value is not NOT_GIVEN}
    if sent is not None:
        headers["Content-Type"] = "application/json"
    return Written(
        method=call.method,
        path=call.path.format_map({name: quote(value, safe="") for name, value in path.items()}),
        query=[pair for name, value in query.items() if value is not NOT_GIVEN for pair in _pairs(name, value)],
        headers={**headers, **options.extra_headers},
        body=None if sent is None else json.dumps(sent, ensure_ascii=False).encode(),
    )


def plain(value: object) -> object:
    """Return a value as JSON has it: instants in UTC with a Z, however deep."""
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError(f"{value!r} has no time zone. Give one, like datetime(…, tzinfo=UTC).")
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case str():
            return value
        case Mapping():
            return {key: plain(item) for key, item in value.items() if item is not NOT_GIVEN}
        case Sequence():
            return [plain(item) for item in value]
        case _:
            return value


def _pairs(name: str, value: object) -> Sequence[tuple[str, str]]:
    if value is None:
        return []
    found = plain(value)
    items = found if isinstance(found, list) else [found]
    return [(name, str(item).lower() if isinstance(item, bool) else str(item)) for item in items]


def is_worth_another_try(response: ApiResponse) -> bool:
    """Tell whether the same call may be answered otherwise in a moment. A conflict never is."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return _wait_asked_for(response) <= LONGEST_RETRY_AFTER_SECONDS
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _error(response).get("code") not in _NEVER_AGAIN and (
            _wait_asked_for(response) <= LONGEST_RETRY_AFTER_SECONDS
        )
    return False


def wait_seconds(attempt: int, response: ApiResponse | None) -> float:
    """Return how long to wait after an attempt (the first is 1): what the server asks for, or longer each time."""
    longest: float = min(FIRST_WAIT_SECONDS * 2 ** (attempt - 1), LONGEST_WAIT_SECONDS)
    own = longest * (1 - 0.25 * random.random())  # noqa: S311  spreads callers out; no secret
    return max(own, _wait_asked_for(response)) if response is not None else own


def read(call: Call[M], response: ApiResponse) -> M:
    """Read an answer. Raises the error of its code, or InvalidAnswerError where it is none of this API's."""
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        raise refusal(response)
    try:
        return call.answer.from_wire(json.loads(response.content), response)
    except ValueError as error:
        raise InvalidAnswerError(
            f"The server's answer ({response.status_code}) is not what this client reads. Is base_url the address of "
            "Presswork itself?",
            response=response,
        ) from error


def refusal(response: ApiResponse) -> APIStatusError:
    """Return the error that an answer stands for."""
    error = _error(response)
    code, message, details = error.get("code"), error.get("message"), error.get("details")
    kind = BY_CODE.get(str(code), APIStatusError)
    return kind(
        str(message) if message else f"The server answered {response.status_code} without saying why.",
        code=None if code is None else str(code),
        details=details if isinstance(details, Mapping) else {},
        response=response,
    )


def _error(response: ApiResponse) -> Mapping[str, object]:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _wait_asked_for(response: ApiResponse) -> float:
    """Return `Retry-After` in seconds; 0 where it is not there, or is a date."""
    try:
        return max(0.0, float(response.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
