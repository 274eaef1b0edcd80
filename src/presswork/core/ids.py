"""Generate, format and parse public ids: a short prefix and a lower-case UUID or a ULID."""

from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from asyncpg.pgproto import pgproto
from uuid_utils import uuid7

from presswork.core.enums import LinkKind
from presswork.core.errors import FieldError, IssueCode

_ULID_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_PAIRS: Final = [first + second for first in _ULID_DIGITS for second in _ULID_DIGITS]
_FORTY_BITS: Final = (1 << 40) - 1
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
USER: Final = "usr"
SESSION: Final = "ses"
GRANT: Final = "agt"
REVIEW_LINK: Final = "rvl"
CONNECT_LINK: Final = "cnl"
TIKTOK_POST_LINK: Final = "tpl"
PORTAL_LINK: Final = "ptl"
BULK: Final = "blk"
EXPORT: Final = "exp"
ERASURE: Final = "ers"
COMPOSER_DRAFT: Final = "drf"
QUEUE: Final = "que"
RECURRENCE: Final = "rec"
COMMENT: Final = "cmt"
CONTENT_COMMENT: Final = "cmn"
SAVED_REPLY: Final = "srp"
SNIPPET: Final = "snp"
NOTICE: Final = "ntf"
NOTICE_CHANNEL: Final = "chn"
PUSH_SUBSCRIPTION: Final = "psh"
SCIM_TOKEN: Final = "sct"  # noqa: S105  a prefix
SCIM_GROUP: Final = "scg"
LINK_PREFIXES: Final = MappingProxyType(
    {
        LinkKind.REVIEW: REVIEW_LINK,
        LinkKind.CONNECT: CONNECT_LINK,
        LinkKind.TIKTOK_POST: TIKTOK_POST_LINK,
        LinkKind.PORTAL: PORTAL_LINK,
    }
)
"""Prefixes of the ids of links, by kind."""


def new_id() -> UUID:
    """Return a new UUIDv7. It is ordered by time, so that new rows are appended to every index."""
    return pgproto.UUID(uuid7().bytes)  # asyncpg's UUID type, which is ten times faster to parse, format and send


def new_ulid(prefix: str) -> str:
    """Return `<prefix>_` and a new ULID of 26 characters, as for requests (`req`)."""
    return f"{prefix}_{_ulid(uuid7().int)}"  # a UUIDv7 has the layout of a ULID: milliseconds, then random bits


def public_id(prefix: str, value: UUID) -> str:
    """Return the wire form with prefix: `cnt_8f1d6c3e-…`."""
    return f"{prefix}_{value}"


def public_ulid(prefix: str, value: UUID) -> str:
    """Return `<prefix>_` and the 128 bits of a UUID as a ULID, as for webhook events (`evt`)."""
    return f"{prefix}_{_ulid(value.int)}"


def _ulid(bits: int) -> str:
    high, middle, low = bits >> 80, bits >> 40 & _FORTY_BITS, bits & _FORTY_BITS  # small integers are shifted faster
    pairs = _ULID_PAIRS
    return (
        f"{pairs[high >> 40]}{pairs[high >> 30 & 1023]}{pairs[high >> 20 & 1023]}{pairs[high >> 10 & 1023]}{pairs[high & 1023]}"
        f"{pairs[middle >> 30]}{pairs[middle >> 20 & 1023]}{pairs[middle >> 10 & 1023]}{pairs[middle & 1023]}"
        f"{pairs[low >> 30]}{pairs[low >> 20 & 1023]}{pairs[low >> 10 & 1023]}{pairs[low & 1023]}"
    )


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


def parse_ulid(prefix: str, text: str) -> UUID | None:
    """Return the 128 bits of `<prefix>_` and a ULID, as `public_ulid` writes them, or None for another text."""
    head, _, digits = text.partition("_")
    if head != prefix or len(digits) != 26 or digits[0] > "7" or not set(digits) <= set(_ULID_DIGITS):
        return None
    bits = 0
    for digit in digits:
        bits = bits << 5 | _ULID_DIGITS.index(digit)
    return UUID(int=bits)
