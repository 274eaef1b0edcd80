"""Sign and verify webhooks as Standard Webhooks (https://www.standardwebhooks.com) specifies."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

PREFIX: Final = "whsec_"
KEY_BYTES: Final = range(24, 65)
"""Allowed lengths of a secret."""
TOLERANCE: Final = timedelta(minutes=5)
"""Largest allowed difference between a signature's timestamp and the receiver's clock."""
_LONGEST_HEADER: Final = 4_096


class BadSignature(ValueError):
    """The signature is missing, wrong or outside the time tolerance; the message says which."""


def key_of(secret: str) -> bytes:
    """Decode a secret. Raises ValueError unless it is `whsec_` and 24 to 64 bytes in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except binascii.Error:
        key = b""
    if len(key) not in KEY_BYTES:
        raise ValueError(f"a secret is {PREFIX} and {KEY_BYTES[0]} to {KEY_BYTES[-1]} bytes in base64")
    return key


def signed_headers(message_id: str, body: bytes, *, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """Return the three signature headers, with one signature per secret. Raises ValueError on a malformed secret."""
    stamp = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(key_of(secret), message_id, stamp, body) for secret in secrets),
    }


def verify(headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], now: datetime) -> str:
    """Verify a webhook with any of the secrets and return its `webhook-id`. Raises BadSignature.

    `headers` has lower-case names; `body` is the raw body. Signatures are compared in constant time.
    """
    message_id, stamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not message_id or not stamp or not given:
        raise BadSignature("webhook-id, webhook-timestamp or webhook-signature is missing")
    if len(message_id) + len(given) > _LONGEST_HEADER or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
        raise BadSignature("webhook-id, webhook-timestamp or webhook-signature is malformed")
    given_signatures = [one.encode() for one in given.split(" ")]
    wanted = [_signature(key_of(secret), message_id, stamp, body).encode() for secret in secrets]
    # Compares every pair, so that the duration does not reveal which one matches.
    matches = [hmac.compare_digest(one, other) for one in given_signatures for other in wanted]
    if not any(matches):
        raise BadSignature("no signature in webhook-signature matches")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise BadSignature(
            f"webhook-timestamp differs from this server's clock by more than {TOLERANCE.seconds // 60} minutes"
        )
    return message_id


def _signature(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    digest = hmac.digest(key, b".".join((message_id.encode(), stamp.encode(), body)), "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
