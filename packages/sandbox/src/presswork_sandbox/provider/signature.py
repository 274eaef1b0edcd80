"""Signatures of the provider protocol, as Standard Webhooks defines them. Source: docs/provider-protocol.md."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

PREFIX: Final = "whsec_"
KEY_BYTES: Final = (24, 64)
SANDBOX_SECRET: Final = PREFIX + base64.b64encode(b"presswork sandbox, not a secret!").decode()
"""What the sandbox's provider shares with everybody, unless the control surface says otherwise."""
TOLERANCE_SECONDS: Final = 300.0


class BadSignature(ValueError):
    """The request is not signed, or not rightly, or too long ago; the text says which."""


def key_of(secret: str) -> bytes:
    """Return the bytes behind whsec_. Raises ValueError where that is not 24 to 64 bytes in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except (binascii.Error, ValueError) as wrong:
        raise ValueError("A secret is whsec_ and base64.") from wrong
    if not KEY_BYTES[0] <= len(key) <= KEY_BYTES[1]:
        raise ValueError("A secret is whsec_ and 24 to 64 bytes in base64.")
    return key


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of webhook-signature. `timestamp` is in seconds since 1970."""
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), content, hashlib.sha256)).decode()


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a signed request."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }


def verify(given: Mapping[str, str], body: bytes, secret: str, clocks: Sequence[float], tolerance: float | None) -> str:
    """Return the webhook-id of a request that is rightly signed. Raises BadSignature.

    `clocks` are instants, seconds since 1970; the timestamp must be near one of them, at most `tolerance` seconds
    away. With None, it may be of any age.
    """
    message_id, stamp, signatures = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not message_id or not stamp or not signatures:
        raise BadSignature("webhook-id, webhook-timestamp or webhook-signature is missing.")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
        raise BadSignature("webhook-timestamp is not a number of seconds.")
    wanted = sign(secret, message_id, int(stamp), body)
    if not any(hmac.compare_digest(one.encode(), wanted.encode()) for one in signatures.split()):
        raise BadSignature("No signature in webhook-signature fits.")
    if tolerance is not None and all(abs(clock - int(stamp)) > tolerance for clock in clocks):
        raise BadSignature(f"webhook-timestamp is more than {tolerance:g} seconds away from the provider's clock.")
    return message_id
