"""Public ids: a short prefix and a lower-case UUID (or a ULID), parsed and written in one place."""

from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg.pgproto import pgproto
from ulid import ULID
from uuid_utils import uuid7

_RANDOM_BITS: Final = (0xFFF << 64) | ((1 << 62) - 1)

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
ENDPOINT: Final = "whe"
DELIVERY: Final = "whd"
EVENT: Final = "evt"
AUDIT: Final = "aud"


def new_id() -> UUID:
    """Return a fresh UUIDv7: ordered by time, so that new rows land at the end of every index."""
    return pgproto.UUID(uuid7().bytes)  # the driver's own kind of UUID: read, written and sent in a tenth of the time


def new_ulid(prefix: str) -> str:
    """Return `<prefix>_` and a fresh 26-character ULID, as requests (`req`) and OAuth states (`st`) carry it."""
    return f"{prefix}_{ULID()}"


def public_id(prefix: str, value: UUID) -> str:
    """Return the wire form, always prefixed: `cnt_8f1d6c3e-…`."""
    return f"{prefix}_{value}"


def public_ulid(prefix: str, value: UUID) -> str:
    """Return `<prefix>_` and the same 128 bits as a ULID, as webhook events (`evt`) carry it."""
    return f"{prefix}_{ULID.from_bytes(value.bytes)}"


def id_at(at: datetime) -> UUID:
    """Return a fresh UUIDv7 of an instant, whatever the machine's clock shows."""
    return UUID(int=oldest_id(at).int | 7 << 76 | 2 << 62 | (uuid7().int & _RANDOM_BITS))


def oldest_id(at: datetime) -> UUID:
    """Return a UUID that sorts before every UUIDv7 that was made since then."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def parse_id(prefix: str, text: str, *, is_bare_allowed: bool = False) -> UUID:
    """Read a wire id back. Raises ValueError, with a sentence for the caller, when the form is wrong.

    A path may name a resource by its bare UUID too (`is_bare_allowed`); a body may not.
    """
    head = f"{prefix}_"
    body = text[len(head) :] if text.startswith(head) else (text if is_bare_allowed else "")
    try:
        value = pgproto.UUID(body)
    except ValueError:
        value = None
    if value is None or str(value) != body.lower():
        raise ValueError(f"must be {head} followed by a UUID, like {head}0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55")
    return value
