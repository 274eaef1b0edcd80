"""Validation issues in our own codes and words: the field, the problem, the fix.

Pydantic's error types and messages never leave this module. A type that is not listed here becomes `invalid_value`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from presswork.core.errors import MAX_ISSUES, MAX_NAME_CHARACTERS, FieldError, Issue, IssueCode
from presswork.core.phone_numbers import E164

NO_NUL: Final = r"^[^\x00]*$"
"""Pattern of a string without NUL characters, which PostgreSQL can't store."""
SIX_DIGITS: Final = r"^[0-9]{6}$"
"""Pattern of a code from a text message."""

_MAX_PATH_CHARACTERS: Final = 1000
_MAX_COMPARED_CHARACTERS: Final = 64
"""Longest name for which a similar one is searched."""
_SIMILAR: Final = 0.75
_MIN_BEGINNING: Final = 4
"""Shortest name that is suggested for one that begins with it, as `media` for `mediaUrls`."""
_SUGGESTION: Final = "did you mean"
_MAX_NAMES: Final = 12
"""Most names that a message about an unknown name lists."""

Error = Mapping[str, Any]  # Any: an error of Pydantic, whose values depend on its type
Problem = tuple[str, IssueCode]
"""What follows the name of the field, and the code."""

_PATTERNS: Final[Mapping[str, Problem]] = {
    NO_NUL: ("contains a NUL character. Remove it.", IssueCode.INVALID_CHARACTER),
    E164: ("is not a phone number in E.164 format. Send one like +351912345678.", IssueCode.INVALID_FORMAT),
    SIX_DIGITS: ("is not a code of six digits. Send the code from the text message.", IssueCode.INVALID_FORMAT),
}
_NOT_A_UUID: Final[Problem] = (
    "is not a UUID. Send one like 0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55.",
    IssueCode.INVALID_FORMAT,
)
_FIXED: Final[Mapping[str, Problem]] = {
    "missing": ("is required. Add it.", IssueCode.REQUIRED),
    "int_parsing_size": ("is too large a number. Send a smaller one.", IssueCode.TOO_LARGE),
    "uuid_parsing": _NOT_A_UUID,
    "uuid_type": _NOT_A_UUID,
    "string_unicode": ("is not valid Unicode. Send UTF-8 text.", IssueCode.INVALID_CHARACTER),
}
_OTHER: Final[Problem] = ("is not valid. See the description of this route in /docs.", IssueCode.INVALID_VALUE)
_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("a string", 'Send text in quotes, like "text".'),
    "int_type": ("a whole number", "Send one without quotes, like 10."),
    "int_parsing": ("a whole number", "Send digits only, like 10."),
    "int_from_float": ("a whole number", "Send one without a fraction, like 10."),
    "float_type": ("a number", "Send one without quotes, like 10.5."),
    "float_parsing": ("a number", "Send one without quotes, like 10.5."),
    "finite_number": ("a finite number", "Send one, like 10.5."),
    "bool_type": ("true or false", "Send one of them, without quotes."),
    "bool_parsing": ("true or false", "Send one of them, without quotes."),
    "list_type": ("an array", "Send one in square brackets, like [1, 2]."),
    "tuple_type": ("an array", "Send one in square brackets, like [1, 2]."),
    "dict_type": ("an object", 'Send one in braces, like {"name": "value"}.'),
    "model_type": ("an object", 'Send one in braces, like {"name": "value"}.'),
}
"""What a field must be, and how to send it."""


def issues_of(
    errors: Sequence[Error], *, given: Callable[[Error], object], model: type[BaseModel] | None = None, skip: int = 0
) -> list[Issue]:
    """Return errors of Pydantic as issues; `given` returns the value that an error is about.

    `model` is the body, whose field names are suggested. `skip` drops leading parts of each location, like FastAPI's `query`.
    """
    found = [
        _issue(error, path_of(_wire_names(error)[skip:]), given, model)
        for error in errors[: MAX_ISSUES + 1]  # one more shows that there are more
    ]
    # A misspelt name is also a missing one: the issue that explains the other comes first, in the message as well.
    return sorted(found, key=lambda issue: _SUGGESTION not in issue.message)


def unknown(name: str, known: Iterable[str], *, noun: str, code: IssueCode) -> Problem:
    """Return the problem of a name that is not among the known ones, with a similar one if there is one."""
    names = list(known)
    if similar := _find_similar(name, names):
        return f"is unknown: {_SUGGESTION} `{similar}`? Correct the name, or remove the {noun}.", code
    if not names:
        return f"is unknown: there is no {noun} here. Remove it.", code
    shown = ", ".join(f"`{one}`" for one in names[:_MAX_NAMES]) + (", …" if len(names) > _MAX_NAMES else "")
    return f"is unknown. Remove it, or use one of: {shown}.", code


def path_of(place: Sequence[str | int]) -> str:
    """Return a location as a path: `targets[3].mode`."""
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def value_at(document: object, place: Sequence[str | int]) -> object:
    """Return the value at a location of a JSON document, or None."""
    for part in place:
        if isinstance(document, dict) and isinstance(part, str):
            document = document.get(part)
        elif isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
        else:
            return None
    return document


def _issue(error: Error, path: str, given: Callable[[Error], object], model: type[BaseModel] | None) -> Issue:
    if error["type"] == "json_invalid":
        return _invalid_json(error)
    if error["type"] == "extra_forbidden":
        *place, name = error["loc"]
        problem, code = unknown(str(name), _fields_at(model, place), noun="field", code=IssueCode.UNKNOWN_FIELD)
    else:
        problem, code = _problem(error, given(error))
    path = path if len(path) <= _MAX_PATH_CHARACTERS else f"{path[:_MAX_PATH_CHARACTERS]}…"
    return Issue.at(path, problem, code) if path else Issue(path, f"The body {problem}", code)


def _problem(error: Error, value: object) -> Problem:
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in _TYPES:
        wanted, fix = _TYPES[kind]
        return f"is {_describe_value(value)}, but must be {wanted}. {fix}", IssueCode.INVALID_TYPE
    if kind in {"literal_error", "enum"}:
        return _wrong_choice(value, str(context["expected"]))
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], _OTHER)
    if kind == "value_error" and isinstance(context.get("error"), FieldError):
        return str(context["error"]), context["error"].code
    return _out_of_bounds(kind, context, value)


def _out_of_bounds(kind: str, context: Error, value: object) -> Problem:
    if kind in {"string_too_long", "too_long"}:
        return _too_long(value, context["max_length"])
    if kind in {"string_too_short", "too_short"}:
        return _too_short(value, context["min_length"])
    if kind == "greater_than_equal":
        return f"is {_number(value)}. Send {context['ge']:,} or more.", IssueCode.TOO_SMALL
    if kind == "less_than_equal":
        return f"is {_number(value)}. Send {context['le']:,} or less.", IssueCode.TOO_LARGE
    return _OTHER


def _wrong_choice(value: object, expected: str) -> Problem:
    """`expected` is Pydantic's text: 'publish', 'draft' or 'managed'."""
    choices = re.findall(r"'([^']*)'", expected) or [expected.lower()]
    *others, last = (f"`{choice}`" for choice in choices)
    listed = f"{', '.join(others)} or {last}." if others else f"{last}."
    if "/" in choices[0]:  # a media type: another one is not a slip, and must not be sent for the same bytes
        problem = f"is {_describe_value(value)}, which is not supported. {_advise_conversion(value, choices)} Supported are {listed}"
    elif value == "*":
        problem = f'is "*", but there is no short form for all. Send each that you want: {listed}'
    else:
        similar = _find_similar(value, choices) if isinstance(value, str) else None
        end = ", which is not a choice." if similar is None else f": {_SUGGESTION} `{similar}`?"
        problem = f"is {_describe_value(value)}{end} Send {listed}"
    return problem, IssueCode.INVALID_CHOICE


def _advise_conversion(media_type: object, supported: Sequence[str]) -> str:
    """Return what to make of a file whose type is not supported: what moves becomes a video, other pictures JPEG."""
    kind = str(media_type).partition("/")[0].lower()
    target = "video/mp4" if kind == "video" or media_type == "image/gif" else "image/jpeg" if kind == "image" else None
    return f"Convert the file to `{target}`." if target in supported else "Convert the file."


def _too_long(value: object, max_size: int) -> Problem:
    if isinstance(value, list | tuple):
        return f"has {len(value):,} entries. Send at most {max_size:,}.", IssueCode.TOO_MANY
    size = f"{len(value):,}" if isinstance(value, str) else f"more than {max_size:,}"
    return f"has {size} characters. Send at most {max_size:,}.", IssueCode.TOO_LONG


def _too_short(value: object, least: int) -> Problem:
    if isinstance(value, list | tuple):
        noun = "entry" if least == 1 else "entries"
        return f"has {len(value)} entries. Send at least {least} {noun}.", IssueCode.TOO_FEW
    noun = "character" if least == 1 else "characters"
    size = "is empty" if value == "" else f"has fewer than {least} characters"
    return f"{size}. Send at least {least} {noun}.", IssueCode.TOO_SHORT


def _invalid_json(error: Error) -> Issue:
    reason = str(error.get("ctx", {}).get("error", ""))
    if "recursion" in reason:
        return Issue("", "The body is nested too deeply to be read as JSON. Send fewer levels.", IssueCode.INVALID_JSON)
    found = re.search(r"line (\d+) column (\d+)", reason)
    place = f" at line {found[1]}, column {found[2]}" if found else ""
    fix = "Check the quotes, commas and brackets there, and that it is UTF-8."
    return Issue("", f"The body is not valid JSON{place}. {fix}", IssueCode.INVALID_JSON)


def _wire_names(error: Error) -> list[str | int]:
    """Return an error's location in wire names. Pydantic reports a missing field under its Python name, and marks that a key is wrong."""
    place = error["loc"][:-1] if error["loc"][-1:] == ("[key]",) else error["loc"]
    if error["type"] == "extra_forbidden":
        return list(place)
    return [to_camel(part) if isinstance(part, str) and "_" in part else part for part in place]


def _fields_at(model: type[BaseModel] | None, place: Sequence[str | int]) -> list[str]:
    """Return the wire names of the fields of the object at a location of a body."""
    for part in place:
        if model is None:
            break
        if isinstance(part, str):
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            model = _model_in(fields[part].annotation) if part in fields else None
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model of a field that is a model, an array of models, or null."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _find_similar(name: str, names: Iterable[str]) -> str | None:
    if len(name) > _MAX_COMPARED_CHARACTERS:
        return None
    plain = {_strip_separators(known): known for known in names}
    found = get_close_matches(_strip_separators(name), plain, n=1, cutoff=_SIMILAR)
    found += [known for known in plain if len(known) >= _MIN_BEGINNING and _strip_separators(name).startswith(known)]
    return plain[found[0]] if found else None


def _strip_separators(name: str) -> str:
    """Return a name without what separates its words, so that `caption_override` is `captionOverride`.

    Content is called a container in ids, and `contentId` is what most people write.
    """
    return re.sub(r"content(?=ids?$)", "container", re.sub(r"[\W_]", "", name).lower())


def _describe_value(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return _quote_input(value)
        case list() | tuple():
            return "an array"
        case _:
            return "an object"


def _quote_input(text: str) -> str:
    """Return a text of the input as a message repeats it."""
    return f'"{text}"' if len(text) <= MAX_NAME_CHARACTERS else f'"{text[:MAX_NAME_CHARACTERS]}…"'


def _number(value: object) -> str:
    """Return a number of a body, or of a query, which is a string, as a message repeats it."""
    return f"{value:,}" if isinstance(value, int) and abs(value) < 10**15 else str(value)[:40]
