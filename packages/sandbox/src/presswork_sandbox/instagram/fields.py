"""Graph's `fields` parameter: names, nested with braces, with modifiers behind them."""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

Fields: TypeAlias = "Mapping[str, Fields]"

WORD: Final = re.compile(r"[A-Za-z0-9_]+|[{},]|\.[a-z]+\([^)]*\)")
MODIFIER: Final = re.compile(r"\.([a-z]+)\(([^)]*)\)")
DEEPEST: Final = 10


class FieldTree(dict[str, "Fields"]):
    """The fields inside a field, and the modifiers behind its name."""

    def __init__(self) -> None:
        super().__init__()
        self.modifiers: dict[str, str] = {}


def modifier_of(fields: Fields, name: str) -> str | None:
    """Return what a modifier of a field has in its brackets, as "true" in `.summary(true)`; None without the modifier."""
    return fields.modifiers.get(name) if isinstance(fields, FieldTree) else None


class BadFields(ValueError):
    """The parameter can't be read: a brace that is not closed, a stray character, absurd nesting."""


def parse_fields(text: str) -> Fields:
    """Read `id,children{id,media_url},comments.limit(5){text}` into nested names. Raises BadFields."""
    compact = re.sub(r"\s", "", text)
    words = WORD.findall(compact)
    if "".join(words) != compact:
        raise BadFields(f"Syntax error in field list {text[:80]!r}")
    root = FieldTree()
    stack: list[FieldTree] = [root]
    last: str | None = None
    for word in words:
        if word == "{":
            if last is None or len(stack) > DEEPEST:
                raise BadFields("Syntax error: a brace must follow a field")
            inner = stack[-1][last]
            if not isinstance(inner, FieldTree):
                raise BadFields("Syntax error: a brace must follow a field")
            stack.append(inner)
            last = None
        elif word == "}":
            if len(stack) == 1:
                raise BadFields("Syntax error: a brace too many")
            stack.pop()
            last = None
        elif word == ",":
            last = None
        elif (modifier := MODIFIER.fullmatch(word)) is not None:
            named = None if last is None else stack[-1].get(last)
            if isinstance(named, FieldTree):
                named.modifiers[modifier[1]] = modifier[2]
        else:
            stack[-1].setdefault(word, FieldTree())
            last = word
    if len(stack) > 1:
        raise BadFields("Syntax error: a brace is not closed")
    return root
