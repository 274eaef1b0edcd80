"""Graph's `fields` parameter: names, nested with braces, with modifiers that are read and ignored."""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

Fields: TypeAlias = "Mapping[str, Fields]"

WORD: Final = re.compile(r"[A-Za-z0-9_]+|[{},]|\.[a-z]+\([^)]*\)")
DEEPEST: Final = 10


class BadFields(ValueError):
    """The parameter can't be read: a brace that is not closed, a stray character, absurd nesting."""


def parse_fields(text: str) -> Fields:
    """Read `id,children{id,media_url},comments.limit(5){text}` into nested names. Raises BadFields."""
    compact = re.sub(r"\s", "", text)
    words = WORD.findall(compact)
    if "".join(words) != compact:
        raise BadFields(f"Syntax error in field list {text[:80]!r}")
    root: dict[str, Fields] = {}
    stack: list[dict[str, Fields]] = [root]
    last: str | None = None
    for word in words:
        if word == "{":
            if last is None or len(stack) > DEEPEST:
                raise BadFields("Syntax error: a brace must follow a field")
            inner: dict[str, Fields] = {}
            stack[-1][last] = inner
            stack.append(inner)
            last = None
        elif word == "}":
            if len(stack) == 1:
                raise BadFields("Syntax error: a brace too many")
            stack.pop()
            last = None
        elif word == ",":
            last = None
        elif not word.startswith("."):
            stack[-1].setdefault(word, {})
            last = word
    if len(stack) > 1:
        raise BadFields("Syntax error: a brace is not closed")
    return root
