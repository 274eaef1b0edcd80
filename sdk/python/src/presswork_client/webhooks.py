"""Verification of webhook requests; needs no client and no API key.

The signature follows Standard Webhooks (standardwebhooks.com, read 2026-11): HMAC-SHA256 over
`<webhook-id>.<webhook-timestamp>.<body>`, base64, with one or more values after `v1,`.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from presswork_client._arguments import kind_of
from presswork_client._generated.events import BY_TYPE, WebhookEvent
from presswork_client._model import Decode, Model, as_is, instant, read
from presswork_client.errors import WebhookVerificationError

TOLERANCE: Final = timedelta(minutes=5)
"""The maximum difference between a request's time and the clock; older requests may be replays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent(Model):
    """An event of a type that this version does not know. Its signature is valid: respond with 2xx."""

    _WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {
        "id": ("id", as_is),
        "timestamp": ("timestamp", instant),
        "type": ("type", as_is),
        "data": ("data", as_is),
    }

    id: str
    timestamp: datetime
    type: str
    data: object


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    *,
    tolerance: timedelta = TOLERANCE,
    now_seconds: float | None = None,
) -> WebhookEvent | UnknownEvent:
    """Verify a webhook request and return its event.

    `body` is the raw request body: JSON that was parsed and serialized again has another signature. Header names may have
    any case. `secret` is the endpoint's `whsec_…`. `now_seconds` is the Unix time; the default is the system clock.
    Raises WebhookVerificationError; respond to such a request with 400.
    """
    content = _bytes(body)
    found = _headers(headers)
    try:
        message_id, sent_at, signatures = (found[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise WebhookVerificationError(f"The request has no {error.args[0]} header, so it is not a webhook.") from error
    _check_age(sent_at, time.time() if now_seconds is None else now_seconds, tolerance)
    expected = hmac.digest(_key(secret), _bytes(f"{message_id}.{sent_at}.") + content, hashlib.sha256)
    if not any(_is_signature(signature, expected) for signature in signatures.split()):
        raise WebhookVerificationError(
            "No signature matches. Check that the secret belongs to this endpoint, and that body is the raw request body."
        )
    return read_event(content)


def read_event(body: bytes | str) -> WebhookEvent | UnknownEvent:
    """Parse an event without checking a signature. Raises WebhookVerificationError if it is not an event."""
    try:
        wire = json.loads(body)
        known = BY_TYPE.get(wire["type"])
        return read(UnknownEvent, wire) if known is None else read(known, wire)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WebhookVerificationError("The body is not a Presswork event.") from error


def _bytes(body: object) -> bytes:
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    if isinstance(body, str):
        return body.encode(errors="surrogatepass")
    raise WebhookVerificationError(
        f"body is {kind_of(body)}. Pass the raw request body as bytes; parsed JSON can't be verified."
    )


def _headers(headers: object) -> Mapping[str, str]:
    items = getattr(headers, "items", None)  # those of Flask and http.server are no Mapping
    if items is None:
        raise WebhookVerificationError(f"headers is {kind_of(headers)}. Pass the request's headers by name.")
    return {str(name).lower(): str(value) for name, value in items()}


def _check_age(sent_at: str, now_seconds: float, tolerance: timedelta) -> None:
    try:
        age = float(now_seconds) - int(sent_at)
    except (ValueError, OverflowError) as error:
        raise WebhookVerificationError("webhook-timestamp is not a number of seconds.") from error
    if abs(age) > tolerance.total_seconds():
        raise WebhookVerificationError(
            f"The request's timestamp is {abs(age):.0f} seconds {'old' if age > 0 else 'ahead'}. Check this machine's clock; "
            "an old request may be a replay."
        )


def _key(secret: object) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True) if isinstance(secret, str) else b""
    except ValueError:  # also binascii.Error
        key = b""
    if not key:  # anyone can sign with an empty key
        raise WebhookVerificationError("The secret is not a signing secret. Pass the one that starts with whsec_.")
    return key


def _is_signature(signature: str, expected: bytes) -> bool:
    version, _, text = signature.partition(",")
    if version != "v1":
        return False
    try:
        return hmac.compare_digest(base64.b64decode(text, validate=True), expected)
    except ValueError:  # also binascii.Error
        return False
