"""Generate, format and parse public ids: a short prefix and a lower-case UUID or a ULID."""

from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg.pgproto import pgproto
from ulid import ULID
from uuid_utils import uuid7

from presswork.core.errors import FieldError, IssueCode

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
INTENT: Final = "int"


def new_id() -> UUID:
    """Return a new UUIDv7. It is ordered by time, so that new rows are appended to every index."""
    return pgproto.UUID(uuid7().bytes)  # asyncpg's UUID type, which is ten times faster to parse, format and send


def new_ulid(prefix: str) -> str:
    """Return `<prefix>_` and a new ULID of 26 characters, as for requests (`req`)."""
    return f"{prefix}_{ULID()}"


def public_id(prefix: str, value: UUID) -> str:
    """Return the wire form with prefix: `cnt_8f1d6c3e-…`."""
    return f"{prefix}_{value}"


def public_ulid(prefix: str, value: UUID) -> str:
    """Return `<prefix>_` and the 128 bits of a UUID as a ULID, as for webhook events (`evt`)."""
    return f"{prefix}_{ULID.from_bytes(value.bytes)}"


def id_at(at: datetime) -> UUID:
    """Return a new UUIDv7 with the given instant as its timestamp."""
    return UUID(int=oldest_id(at).int | 7 << 76 | 2 << 62 | (uuid7().int & _RANDOM_BITS))


def oldest_id(at: datetime) -> UUID:
    """Return a UUID that sorts before every UUIDv7 with a timestamp from that instant on."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def parse_id(prefix: str, text: str, *, is_bare_allowed: bool = False) -> UUID:
    """Parse a wire id. Raises FieldError if the form is wrong.

    `is_bare_allowed` also accepts a UUID without prefix, as in paths.
    """
    head = f"{prefix}_"
    body = text[len(head) :] if text.startswith(head) else (text if is_bare_allowed else "")
    try:
        value = pgproto.UUID(body)
    except ValueError:
        value = None
    if value is None or str(value) != body.lower():
        raise FieldError(
            f"is not an id of this kind. Send {head} followed by a UUID, like {head}0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55.",
            IssueCode.INVALID_FORMAT,
        )
    return value
