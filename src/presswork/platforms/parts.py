"""The parts of a thread of posts, as content stores them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from presswork.core.json_text import JSONText

MIN_PARTS: Final = 2
MAX_PARTS: Final = 25
"""Of one thread. No platform names a limit of its own below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """One part: its text, and how many of the content's media are its own. The media are in the order of the parts."""

    text: str
    media: int = 0


_PARTS: Final = TypeAdapter(tuple[StoredPart, ...])


def parse_parts(text: str | None) -> Sequence[StoredPart]:
    """Return stored parts; none for content without. Raises pydantic.ValidationError on anything else."""
    return () if text is None else _PARTS.validate_json(text)


def serialize_parts(parts: Sequence[StoredPart]) -> JSONText | None:
    """Return parts in the form that is stored."""
    return JSONText(_PARTS.dump_json(tuple(parts)).decode()) if parts else None


def join_texts(texts: Sequence[str]) -> str:
    """Return the texts of parts as one text, with blank lines between them."""
    return "\n\n".join(text for text in texts if text.strip())
