"""Parse a file of tracks, a JSON array or CSV, as a stream, so that its size does not matter. Pure except for reading.

An invalid element or line is reported with its number and does not affect the others.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from presswork.core.errors import Invalid, Issue
from presswork.music.model import Track
from presswork.music.store import FIELDS, MAX_USER_COUNT

_CHUNK: Final = 256 * 1024
_LONGEST: Final = 1024 * 1024
"""Longest element in bytes, and longest line in characters; anything longer is not a track."""
_MARK: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]|"', re.DOTALL)
"""JSON's structure: complete strings, brackets and commas; a single quote starts a string that is not complete yet."""
_OTHER_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_UTF_8: Final = "It contains bytes that are not UTF-8. Save the file as UTF-8."
_NEEDED: Final = ("id", "title")
_DAY_SECONDS: Final = 86_400


def _require_storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


_Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(_require_storable)]
_URL = Annotated[str, Field(max_length=4096, pattern=r"^https?://[^\s]+$"), AfterValidator(_require_storable)]


class _Line(BaseModel):
    """A track as in a file. Empty text and null count as absent."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", hide_input_in_errors=True)

    id: UUID
    title: Annotated[_Words, Field(min_length=1)]
    author: _Words | None = None
    album: _Words | None = None
    duration_seconds: Annotated[float, Field(ge=0, le=_DAY_SECONDS, allow_inf_nan=False)] | None = Field(
        default=None, alias="duration"
    )
    preview_url: _URL | None = None
    cover_url: _URL | None = None
    language: _Words | None = None
    user_count: Annotated[int, Field(ge=0, le=MAX_USER_COUNT)] = 0
    is_commerce_music: bool = False
    link: _URL | None = None

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, value: Any) -> Any:  # Any: whatever the file contains
        if not isinstance(value, dict):
            return value
        return {name: part for name, part in value.items() if part is not None and part != ""}

    def track(self) -> Track:
        """Return the track as the catalogue stores it."""
        return Track(**{name: getattr(self, name) for name in FIELDS})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one element (counted from 1) or line of a file was skipped."""

    place: int
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A track of a file, and the names of its unknown fields."""

    track: Track
    ignored: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFile:
    """An open file: the unit that it is counted in, and its contents."""

    unit: str  # "element" or "line"
    contents: Iterator[Found | Fault]


def open_tracks(source: io.BufferedReader) -> TrackFile:
    """Parse a file: a JSON array if it begins with a bracket, CSV otherwise.

    Reads lazily. Raises Invalid if the file as a whole can't be used.
    """
    start = source.peek(4096)
    if start.startswith(_OTHER_MARKS):
        raise _build_invalid("The file is in UTF-16. Save it as UTF-8.", "not_utf_8")
    if start.startswith(codecs.BOM_UTF8):
        source.read(len(codecs.BOM_UTF8))
        start = start.removeprefix(codecs.BOM_UTF8)
    first = start.lstrip()[:1]
    if first == b"[":
        return TrackFile(unit="element", contents=_read_array(source))
    if first in {b"", b"{"}:
        raise _build_invalid(
            "The file has no tracks. Send a JSON array of tracks, or CSV with the column names in the first line.",
            "no_tracks",
        )
    return _read_csv(io.TextIOWrapper(source, encoding="utf-8", errors="surrogateescape", newline=""))


def _build_invalid(sentence: str, code: str) -> Invalid:
    return Invalid([Issue("file", sentence, code)])


def _read_array(source: io.BufferedReader) -> Iterator[Found | Fault]:
    place = 0
    for place, element in enumerate(_elements(source), 1):
        if isinstance(element, str):
            yield Fault(place, element)
            return
        if not _is_text(element.decode(errors="surrogateescape")):
            yield Fault(place, _NOT_UTF_8)
            continue
        try:
            yield _read_line(_Line.model_validate_json(element))
        except ValidationError as error:
            yield Fault(place, _reason(error))


def _elements(source: io.BufferedReader) -> Iterator[bytes | str]:
    """Yield the elements of an array as bytes, split at brackets and commas only, so that a broken one does not affect
    the next. The last item may be a text: why the rest can't be read.
    """
    text = source.read(_CHUNK)
    start = at = text.index(b"[") + 1  # where the element begins, and how far it was scanned
    depth, is_first = 0, True
    while True:
        match = _MARK.search(text, at)
        if match is None or match[0] == b'"':
            at = len(text) if match is None else match.start()
            more = source.read(_CHUNK)
            if not more:
                yield "The file ends before the array does."
                return
            if len(text) - start > _LONGEST:
                yield f"It is longer than {_LONGEST:,} bytes. Nothing after it was read."
                return
            text, at, start = text[start:] + more, at - start, 0
            continue
        mark, at = match[0], match.end()
        if mark in b"[{":
            depth += 1
        elif mark == b"," and depth == 0:
            yield text[start : match.start()]
            start, is_first = at, False
        elif mark == b"]" and depth == 0:
            if not is_first or text[start : match.start()].strip():
                yield text[start : match.start()]
            if (text[at:] + source.read(_CHUNK)).strip():
                yield "There is content after the end of the array; it was not read."
            return
        elif mark in b"]}":
            depth = max(depth - 1, 0)


def _read_csv(text: io.TextIOWrapper) -> TrackFile:
    # lines of a bounded length, so that a file without line breaks is not read as a whole
    reader = csv.reader(iter(lambda: text.readline(_LONGEST), ""), strict=True)
    try:
        names = [name.strip() for name in next(reader)]
    except (csv.Error, StopIteration) as error:
        raise _build_invalid("The first line is not CSV. It must name the columns.", "bad_header") from error
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise _build_invalid(
            f"The first line has no column {' and no column '.join(missing)}. It must name the columns, separated by commas.",
            "bad_header",
        )
    if len(set(names)) < len(names):
        raise _build_invalid("The first line names a column twice. Remove one.", "bad_header")
    return TrackFile(unit="line", contents=_rows(reader, names))


def _rows(reader: "Iterator[list[str]]", names: list[str]) -> Iterator[Found | Fault]:
    while True:
        line = _line_number(reader) + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(line, f"It is not CSV: {error}.")
            continue
        if not row:
            continue
        if len(row) != len(names):
            yield Fault(line, f"It has {len(row)} values for {len(names)} columns.")
            continue
        if not _is_text("".join(row)):
            yield Fault(line, _NOT_UTF_8)
            continue
        try:
            yield _read_line(_Line.model_validate(dict(zip(names, row, strict=True))))
        except ValidationError as error:
            yield Fault(line, _reason(error))


def _is_text(decoded: str) -> bool:
    """Return whether a text decoded with `surrogateescape` was UTF-8."""
    try:
        decoded.encode()
    except UnicodeEncodeError:
        return False
    return True


def _line_number(reader: object) -> int:
    number: int = getattr(reader, "line_num")  # noqa: B009  csv's reader has no public type with this attribute
    return number


def _read_line(line: _Line) -> Found:
    return Found(line.track(), frozenset(line.model_extra or ()))


def _reason(error: ValidationError) -> str:
    """Return all problems of a track in one sentence, without any text of the file."""
    parts = []
    for detail in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in detail["loc"])
        message = detail["msg"].removeprefix("Value error, ")
        parts.append(f"{name}: {message}" if name else message)
    return "; ".join(parts)
