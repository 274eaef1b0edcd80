"""Checks of records against lexicons: each check takes a path and a value, and raises InvalidRecord in the server's words.

Source: bluesky-social/atproto, packages/lexicon (validators and their messages), read 2026-11.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final, TypeAlias

import regex

from presswork_sandbox.bluesky.identifiers import AT_URI, DID, HANDLE, NSID, RECORD_KEY, TID, is_cid
from presswork_sandbox.wire import JSONValue

Check: TypeAlias = Callable[[str, JSONValue], None]

_GRAPHEME: Final = regex.compile(r"\X")
_DATETIME: Final = re.compile(
    r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(\.\d{1,20})?(Z|[+-][0-2]\d:[0-5]\d)", re.ASCII
)
_LANGUAGE: Final = re.compile(r"(i|[a-z]{2,3})(-[a-zA-Z0-9]+)*", re.ASCII)
_URI: Final = re.compile(r"[a-z][a-z0-9.+-]*:[^\s]{1,8000}", re.ASCII)


class InvalidRecord(ValueError):
    """A value does not fit its lexicon."""


def graphemes(text: str) -> int:
    """Return a text's length as people count: in grapheme clusters."""
    return len(_GRAPHEME.findall(text))


def is_datetime(text: str) -> bool:
    """Return whether a text is a date and time by RFC 3339 and ISO 8601, with a time zone that is not -00:00."""
    if _DATETIME.fullmatch(text) is None or text.endswith("-00:00"):
        return False
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", text))
    except ValueError:
        return False
    return True


def _is_identifier(text: str) -> bool:
    return DID.fullmatch(text) is not None or HANDLE.fullmatch(text) is not None


def _is_at_uri(text: str) -> bool:
    match = AT_URI.fullmatch(text)
    return match is not None and _is_identifier(match[1])


FORMATS: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = {
    "at-identifier": (_is_identifier, "must be a valid did or a handle"),
    "at-uri": (_is_at_uri, "must be a valid at-uri"),
    "cid": (is_cid, "must be a cid string"),
    "datetime": (is_datetime, "must be an valid atproto datetime (both RFC-3339 and ISO-8601)"),
    "did": (lambda text: DID.fullmatch(text) is not None, "must be a valid did"),
    "handle": (lambda text: HANDLE.fullmatch(text) is not None, "must be a valid handle"),
    "language": (lambda text: _LANGUAGE.fullmatch(text) is not None, "must be a well-formed BCP 47 language tag"),
    "nsid": (lambda text: len(text) <= 317 and NSID.fullmatch(text) is not None, "must be a valid nsid"),
    "record-key": (lambda text: RECORD_KEY.fullmatch(text) is not None, "must be a valid Record Key"),
    "tid": (lambda text: TID.fullmatch(text) is not None, "must be a valid TID"),
    "uri": (lambda text: _URI.fullmatch(text) is not None, "must be a uri"),
}


def text(form: str | None = None, *, max_bytes: int | None = None, max_graphemes: int | None = None) -> Check:
    """Return a check of a string: its format, and its most bytes of UTF-8 and graphemes."""

    def check(path: str, value: JSONValue) -> None:
        if not isinstance(value, str):
            raise InvalidRecord(f"{path} must be a string")
        if max_bytes is not None and len(value.encode()) > max_bytes:
            raise InvalidRecord(f"{path} must not be longer than {max_bytes} characters")
        if max_graphemes is not None and graphemes(value) > max_graphemes:
            raise InvalidRecord(f"{path} must not be longer than {max_graphemes} graphemes")
        if form is not None and not FORMATS[form][0](value):
            raise InvalidRecord(f"{path} {FORMATS[form][1]}")

    return check


def integer(min_value: int | None = None, max_value: int | None = None) -> Check:
    """Return a check of a whole number and its range."""

    def check(path: str, value: JSONValue) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidRecord(f"{path} must be an integer")
        if min_value is not None and value < min_value:
            raise InvalidRecord(f"{path} can not be less than {min_value}")
        if max_value is not None and value > max_value:
            raise InvalidRecord(f"{path} can not be greater than {max_value}")

    return check


def flag(path: str, value: JSONValue) -> None:
    """Check a boolean. Raises InvalidRecord."""
    if not isinstance(value, bool):
        raise InvalidRecord(f"{path} must be a boolean")


def anything(path: str, value: JSONValue) -> None:
    """Check an object of any shape. Raises InvalidRecord."""
    if not isinstance(value, Mapping):
        raise InvalidRecord(f"{path} must be an object")


def nullable(inner: Check) -> Check:
    """Return a check that null passes, too."""

    def check(path: str, value: JSONValue) -> None:
        if value is not None:
            inner(path, value)

    return check


def array(item: Check, max_items: int | None = None) -> Check:
    """Return a check of a list: its items, and how many there may be."""

    def check(path: str, value: JSONValue) -> None:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise InvalidRecord(f"{path} must be an array")
        if max_items is not None and len(value) > max_items:
            raise InvalidRecord(f"{path} must not have more than {max_items} elements")
        for number, part in enumerate(value):
            item(f"{path}/{number}", part)

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Return a check of an object's fields. Fields that it does not name may be there."""

    def check(path: str, value: JSONValue) -> None:
        if not isinstance(value, Mapping):
            raise InvalidRecord(f"{path} must be an object")
        for name in required:
            if name not in value:
                raise InvalidRecord(f'{path} must have the property "{name}"')
        for name, inner in {**required, **(optional or {})}.items():
            if name in value:
                inner(f"{path}/{name}", value[name])

    return check


def union(variants: Mapping[str, Check], *, is_closed: bool = False) -> Check:
    """Return a check of an object by its $type. An open union also accepts types that it does not know."""

    def check(path: str, value: JSONValue) -> None:
        kind = value.get("$type") if isinstance(value, Mapping) else None
        if not isinstance(kind, str):
            raise InvalidRecord(f'{path} must be an object which includes the "$type" property')
        if kind in variants:
            variants[kind](path, value)
        elif is_closed:
            raise InvalidRecord(f"{path} $type must be one of {', '.join(variants)}")

    return check


_BLOB: Final = record(
    {"ref": record({"$link": text("cid")}), "mimeType": text(), "size": integer(1)},
)


def blob(accept: str, max_size_bytes: int) -> Check:
    """Return a check of a blob reference: its media type, a pattern, and its most bytes, as the reference states them."""

    def check(path: str, value: JSONValue) -> None:
        if not isinstance(value, Mapping) or value.get("$type") != "blob":
            raise InvalidRecord(f"{path} should be a blob ref")
        _BLOB(path, value)
        kind, size = value["mimeType"], value["size"]
        if not fnmatchcase(str(kind), accept):
            raise InvalidRecord(f"{path} has the media type {kind}, which must match {accept}")
        if isinstance(size, int) and size > max_size_bytes:
            raise InvalidRecord(f"{path} must not be larger than {max_size_bytes} bytes, but has {size}")

    return check
