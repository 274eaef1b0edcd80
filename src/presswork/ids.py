"""Public ids: a short prefix and a lower-case UUID (or a ULID), parsed and written in one place."""

from typing import Final
from uuid import UUID

from ulid import ULID
from uuid_utils.compat import uuid7

PROJECT: Final = "prj"
CONTAINER: Final = "cnt"
ACCOUNT: Final = "sa"
POST: Final = "sp"
ORGANIZATION: Final = "org"
KEY: Final = "key"
ASSET: Final = "ast"
LAYER: Final = "lay"
OPERATOR: Final = "opr"
TEXT: Final = "txt"
AUDIT: Final = "aud"


def new_id() -> UUID:
    """Return a fresh UUIDv7: ordered by time, so that new rows land at the end of every index."""
    return uuid7()


def new_ulid(prefix: str) -> str:
    """Return `<prefix>_` and a fresh 26-character ULID, as requests (`req`) and OAuth states (`st`) carry it."""
    return f"{prefix}_{ULID()}"


def public_id(prefix: str, value: UUID) -> str:
    """Return the wire form, always prefixed: `cnt_8f1d6c3e-…`."""
    return f"{prefix}_{value}"


def parse_id(prefix: str, text: str, *, is_bare_allowed: bool = False) -> UUID:
    """Read a wire id back. Raises ValueError, with a sentence for the caller, when the form is wrong.

    A path may name a resource by its bare UUID too (`is_bare_allowed`); a body may not.
    """
    head = f"{prefix}_"
    body = text[len(head) :] if text.startswith(head) else (text if is_bare_allowed else "")
    try:
        value = UUID(body)
    except ValueError:
        value = None
    if value is None or str(value) != body.lower():
        raise ValueError(f"must be {head} followed by a UUID, like {head}0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55")
    return value
