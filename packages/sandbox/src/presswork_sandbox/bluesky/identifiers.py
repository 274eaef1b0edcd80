"""The identifiers of the AT Protocol: DIDs, record keys (TIDs), content identifiers (CIDs) and URLs of records.

Source: atproto.com, "DID", "Record Key", "Timestamp Identifiers" and "Data Model", read 2026-11.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Final

import cbor2

from presswork_sandbox.wire import JSONValue

RAW: Final = 0x55  # multicodec of a blob
DAG_CBOR: Final = 0x71  # multicodec of a record
TID_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
TID: Final = re.compile(r"[234567abcdefghij][234567a-z]{12}", re.ASCII)
RECORD_KEY: Final = re.compile(r"(?!\.\.?$)[A-Za-z0-9._:~-]{1,512}", re.ASCII)
DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]", re.ASCII)
HANDLE: Final = re.compile(
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII | re.IGNORECASE
)
NSID: Final = re.compile(
    r"[a-zA-Z]([a-zA-Z0-9-]{0,62})?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,62})?)+\.[a-zA-Z][a-zA-Z0-9]{0,62}", re.ASCII
)
AT_URI: Final = re.compile(r"at://([^/\s]+)(?:/([^/\s]+)(?:/([^/\s]+))?)?")
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CLOCK_ID_BITS: Final = 10
_SAFE_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 100  # of a record; the number is the sandbox's choice


class NotDataModel(ValueError):
    """A JSON value is outside the AT Protocol's data model."""


def did_of(secret: str) -> str:
    """Return a did:plc for characters that look random: 24 of base32, from a digest, as a real one has."""
    digest = hashlib.sha256(secret.encode()).digest()
    return f"did:plc:{base64.b32encode(digest).decode().lower()[:24]}"


def tid_of(instant: float, clock_id: int) -> str:
    """Return the timestamp identifier of an instant (seconds since 1970): 13 characters that sort by time."""
    value = int(instant * 1_000_000) << _CLOCK_ID_BITS | clock_id % (1 << _CLOCK_ID_BITS)
    letters = [TID_ALPHABET[value >> shift & 31] for shift in range(60, -1, -5)]
    return "".join(letters)


def cid_of(codec: int, digest: bytes) -> str:
    """Return the CIDv1 of a SHA-256 digest, in base32: `bafkrei…` for blobs, `bafyrei…` for records."""
    return "b" + base64.b32encode(bytes((1, codec, 0x12, 0x20)) + digest).decode().lower().rstrip("=")


def blob_cid(sha256_hex: str) -> str:
    """Return the CID of a blob from the SHA-256 of its bytes, in hex."""
    return cid_of(RAW, bytes.fromhex(sha256_hex))


def record_cid(record: Mapping[str, JSONValue]) -> str:
    """Return the CID of a record: of its DAG-CBOR form, so that the same JSON has the same CID as on the real server.

    Raises NotDataModel for numbers that are no safe integers, and for links and bytes that can't be read.
    """
    # The canonical form of RFC 7049 is DAG-CBOR's: the shortest numbers, keys by length and then by their bytes.
    return cid_of(DAG_CBOR, hashlib.sha256(cbor2.dumps(_node(record), canonical=True)).digest())


def is_cid(text: str) -> bool:
    """Return whether a text is a CIDv1 with a SHA-256 digest, in base32."""
    try:
        cid_bytes(text)
    except NotDataModel:
        return False
    return True


def cid_bytes(text: str) -> bytes:
    """Return the binary form of a CID. Raises NotDataModel."""
    try:
        data = base64.b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))
    except (binascii.Error, ValueError) as wrong:
        raise NotDataModel(f"Could not parse CID: {text[:80]}") from wrong
    if not text.startswith("b") or text != text.lower() or len(data) != 36 or data[0] != 1 or data[2:4] != b"\x12\x20":
        raise NotDataModel(f"Could not parse CID: {text[:80]}")
    return data


def _node(value: JSONValue, depth: int = 0) -> object:
    """Return a JSON value as what cbor2 writes as DAG-CBOR. Raises NotDataModel."""
    if depth > MAX_DEPTH:
        raise NotDataModel(f"Record is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, Mapping):
        if set(value) == {"$link"}:
            return cbor2.CBORTag(42, b"\0" + cid_bytes(str(value["$link"])))
        if set(value) == {"$bytes"}:
            return _bytes(value["$bytes"])
        return {key: _node(part, depth + 1) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_node(part, depth + 1) for part in value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > _SAFE_INTEGER):
        raise NotDataModel("Record has a number that is not an integer of 53 bits. Send it as a string.")
    return value


def _bytes(text: JSONValue) -> bytes:
    try:
        return base64.b64decode(str(text) + "=" * (-len(str(text)) % 4), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise NotDataModel("Record has $bytes that are not base64.") from wrong


def multikey_of(codec: int, key: bytes) -> str:
    """Return a public key as a DID document has it: base58 of its multicodec (as two bytes) and the compressed point."""
    data = codec.to_bytes(2) + key
    number, letters = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        letters = _BASE58[digit] + letters
    return f"z{letters}"


def uri_of(did: str, collection: str, rkey: str) -> str:
    """Return the URL of a record."""
    return f"at://{did}/{collection}/{rkey}"
