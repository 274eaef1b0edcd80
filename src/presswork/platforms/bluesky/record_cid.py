"""The identifiers (CIDs) of records, computed before they are written: a reply names its parent by one. Pure.

A CID is the SHA-256 of the record in DAG-CBOR. Sources: atproto.com, "Data Model"; ipld.io, "DAG-CBOR"; read 2026-11. The official app
computes them for its own threads, too (read 2026-08).
"""

import base64
from hashlib import sha256
from typing import Final

import cbor2
from pydantic import JsonValue

_LINK: Final = "$link"
_LINK_TAG: Final = 42
_HEADER: Final = bytes((1, 0x71, 0x12, 32))
"""Version 1, DAG-CBOR, SHA-256 of 32 bytes."""


def cid_of(record: JsonValue) -> str:
    """Return the CID of a record. Raises ValueError where it has a link that is none."""
    # The canonical form of RFC 7049 orders keys as DAG-CBOR does: by length, then by their bytes.
    encoded = cbor2.dumps(_encode_links(record), canonical=True)
    return f"b{base64.b32encode(_HEADER + sha256(encoded).digest()).decode().lower().rstrip('=')}"


def _encode_links(value: JsonValue) -> object:
    """Return a value with its links as CBOR has them: tag 42, and the binary CID after a zero byte. Records have no floats."""
    if isinstance(value, dict):
        if set(value) == {_LINK}:
            return cbor2.CBORTag(_LINK_TAG, b"\0" + _decode_cid(str(value[_LINK])))
        return {name: _encode_links(part) for name, part in value.items()}
    return [_encode_links(part) for part in value] if isinstance(value, list) else value


def _decode_cid(text: str) -> bytes:
    """Return the binary form of a CID in base32."""
    return base64.b32decode(text.removeprefix("b").upper() + "=" * (-(len(text) - 1) % 8))
