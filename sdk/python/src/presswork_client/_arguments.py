"""Checks of arguments, and their JSON form. Every wrong one raises InvalidArgumentError, before anything is sent."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from presswork_client._model import Model
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client.errors import InvalidArgumentError

Shape: TypeAlias = "Mapping[str, tuple[str, Shape | None]]"
"""The JSON name of each field of an object, by its Python name, and the shape of its value."""

_MAX_KEY_CHARACTERS: Final = 255
_VISIBLE: Final = re.compile(r"[!-~]+")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[ -~\t]*")
_DOTS: Final = frozenset({".", ".."})
"""URLs resolve them, so that the call would go to another route."""


def checked_key(api_key: object) -> str:
    """Return an API key without the white space around it."""
    if not isinstance(api_key, str):
        raise InvalidArgumentError(f"api_key is {kind_of(api_key)}. Pass the key as text: lp_test_… or lp_live_….")
    key = api_key.strip()
    if not _VISIBLE.fullmatch(key):
        raise InvalidArgumentError("The API key is empty or has a space or special characters in it. Copy it again.")
    return key


def checked_base_url(url: object) -> str:
    """Return a base URL without its trailing slash."""
    if not isinstance(url, str):
        raise InvalidArgumentError(f"base_url is {kind_of(url)}. Pass an address such as http://127.0.0.1:8000.")
    try:
        parts = urlsplit(url.strip())
        is_usable = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        is_usable = False
    if not is_usable or not _VISIBLE.fullmatch(url.strip()):
        raise InvalidArgumentError(
            f"base_url {url!r} is not the address of a server. Pass one with http:// or https://, such as "
            "http://127.0.0.1:8000."
        )
    return url.strip().rstrip("/")


def checked_timeout(value: object, name: str = "timeout_seconds") -> float | None:
    """Return a timeout in seconds; None is no timeout."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidArgumentError(
            f"{name} is {kind_of(value)}. Pass a number of seconds, or None to wait without a limit."
        )
    if math.isnan(value) or value <= 0:
        raise InvalidArgumentError(f"{name} is {value}. Pass a positive number of seconds.")
    return None if math.isinf(value) else value


def checked_retries(value: object) -> int:
    """Return a number of retries."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidArgumentError(f"max_retries is {value!r}. Pass a whole number; 0 turns retries off.")
    return value


def checked_idempotency_key(value: object) -> str:
    """Return an idempotency key."""
    if not isinstance(value, str):
        raise InvalidArgumentError(f"idempotency_key is {kind_of(value)}. Pass text, for example str(uuid4()).")
    if not _VISIBLE.fullmatch(value) or len(value) > _MAX_KEY_CHARACTERS:
        raise InvalidArgumentError(
            f"idempotency_key is {value!r}. Pass 1–{_MAX_KEY_CHARACTERS} visible ASCII characters without spaces."
        )
    return value


def checked_headers(headers: object) -> Mapping[str, str]:
    """Return extra headers."""
    if not isinstance(headers, Mapping):
        raise InvalidArgumentError(f"extra_headers is {kind_of(headers)}. Pass a dict of names and values.")
    for name, value in headers.items():
        is_valid = isinstance(name, str) and isinstance(value, str)
        if not is_valid or not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise InvalidArgumentError(
                f"extra_headers[{name!r}] is not a valid header. Pass ASCII text without line breaks."
            )
    return headers


def checked_id(name: str, value: object) -> str:
    """Return the id in a path."""
    if isinstance(value, str) and value.strip():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidArgumentError(f"{name} is not valid text. Pass the id as the API returned it.") from error
        if value in _DOTS:
            raise InvalidArgumentError(f"{name} is {value!r}, which is no id. Pass the id as the API returned it.")
        return value
    if isinstance(value, Model):
        raise InvalidArgumentError(f"{name} is {kind_of(value)}. Pass its id, which is text.")
    if isinstance(value, str):
        raise InvalidArgumentError(f"{name} is empty. Pass the id.")
    raise InvalidArgumentError(f"{name} is {kind_of(value)}. Pass the id as text.")


def to_json(value: object, path: str, shape: "Shape | None" = None) -> object:
    """Convert a value to JSON types. Datetimes at any depth become UTC with a Z, and field names those of the API."""
    if shape is not None and isinstance(value, str):
        fields = ", ".join(f"{name}=…" for name in list(shape)[:2])
        raise InvalidArgumentError(f"{path} is a str. Pass an object with its fields: dict({fields}).")
    match value:
        case Enum():
            return to_json(value.value, path, shape)
        case str():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise InvalidArgumentError(f"{path} is not valid text: it has half of a surrogate pair.") from error
            return str(value)
        case None | bool() | int():
            return value
        case float():
            if not math.isfinite(value):
                raise InvalidArgumentError(f"{path} is {value}, which JSON does not have. Pass a finite number.")
            return value
        case datetime():
            return _instant(value, path)
        case Mapping():
            return _object(value, path, shape)
        case bytes() | bytearray() | memoryview() | Model() | date():
            raise _not_json(value, path)
        case Iterable():
            return [to_json(item, f"{path}[{index}]", shape) for index, item in enumerate(value)]
        case _:
            raise _not_json(value, path)


def _object(value: Mapping[object, object], path: str, shape: "Shape | None") -> Mapping[str, object]:
    found: dict[str, object] = {}
    spelled = {} if shape is None else {**{wire: (wire, inner) for wire, inner in shape.values()}, **shape}
    for name, item in value.items():
        if not isinstance(name, str):
            raise InvalidArgumentError(f"{path} has the field name {name!r}. Field names are text.")
        if item is NOT_GIVEN:
            continue
        wire, inner = spelled.get(name, (name, None))
        if wire in found:
            raise InvalidArgumentError(f"{path} has {name} twice, in both spellings. Leave one out.")
        found[wire] = to_json(item, f"{path}.{name}", inner)
    return found


def _instant(value: datetime, path: str) -> str:
    if value.tzinfo is None:
        raise InvalidArgumentError(
            f"{path} is {value!r}, which has no time zone. Pass one: datetime(…, tzinfo=UTC), or .astimezone()."
        )
    try:
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError) as error:
        raise InvalidArgumentError(f"{path} is {value!r}, which is out of range. Pass a nearer time.") from error


def _not_json(value: object, path: str) -> InvalidArgumentError:
    if isinstance(value, Model):
        return InvalidArgumentError(
            f"{path} is {kind_of(value)}, an object that the API returned. Pass the field that is asked for, such as an id."
        )
    if isinstance(value, date):
        return InvalidArgumentError(f"{path} is a date. Pass a datetime with a time zone.")
    return InvalidArgumentError(
        f"{path} is {kind_of(value)}, which can't be sent as JSON. Pass text, numbers, lists or dicts."
    )


def query_pairs(name: str, value: object) -> Iterable[tuple[str, str]]:
    """Return the query parameters of an argument: several for a list, none for None."""
    if value is None or isinstance(value, NotGiven):
        return []
    converted = to_json(value, name)
    items = converted if isinstance(converted, list) else [converted]
    return [(name, str(item).lower() if isinstance(item, bool) else str(item)) for item in items]


def kind_of(value: object) -> str:
    """Return the type of a value, with its article: a str, an int, None."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeio' else 'a'} {name}"
