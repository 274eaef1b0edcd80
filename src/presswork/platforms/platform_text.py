"""Sanitizes text from platforms: what PostgreSQL, JSON or a terminal can't hold does not get past this module.

PostgreSQL stores no NUL and no lone surrogate, and JSON documents no NaN. A rejection with such a message would otherwise
fail to be stored, be retried, and end as INTERNAL. Responses and webhooks are sanitized where they are read (`read_json`,
`clean_header`), and errors again where they are constructed.
"""

import json
import math
import re
from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError

MAX_STRING: Final = 16 * 1024
"""Maximum characters of one string in a response. The longest that are needed, tokens and signed URLs, have about 4,000."""
MAX_SENTENCE: Final = 1000
MAX_CODE: Final = 200
_MAX_HEADER: Final = 4 * 1024

_JSON: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)
_UNSAFE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters except tab and line ends, surrogates, and the two noncharacters that XML and logs reject."""


def clean(text: str, *, limit: int = MAX_STRING) -> str:
    """Replace unsafe characters by U+FFFD, and truncate a long text."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():  # nearly all text, and a third of the cost: what is printable has none of these characters
        return text
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def is_same_text(shown: str, sent: str) -> bool:
    """Return whether a text that a platform shows is one that was sent to it.

    White space and unsafe characters do not count: platforms change or drop them, and `clean` replaces them in what is read.
    """
    return _comparable(shown) == _comparable(sent)


def _comparable(text: str) -> str:
    return "".join(clean(text).replace("\N{REPLACEMENT CHARACTER}", "").split())


def clean_json(value: JsonValue) -> JsonValue:
    """Return a document with clean strings and keys, and only numbers that JSON supports."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(name): clean_json(item) for name, item in value.items()}
        case list():
            return [clean_json(item) for item in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def clean_header(value: str) -> str:
    """Return the value of a header without unsafe characters."""
    return clean(value, limit=_MAX_HEADER)


def read_json(body: bytes) -> JsonValue:
    """Parse a body as JSON and sanitize it. Raises ValueError where it is not JSON (an HTML page, a truncated response)."""
    try:
        return clean_json(_JSON.validate_json(body))
    except ValidationError:
        # The strict parser rejects lone surrogates and invalid UTF-8; the rest of the document may be valid.
        try:
            document: JsonValue = json.loads(body.decode("utf-8", "replace"))
        except RecursionError as error:
            raise ValueError("the document is nested too deeply") from error
        return clean_json(document)
