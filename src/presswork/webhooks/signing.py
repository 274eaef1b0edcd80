"""Secrets and signatures of endpoints, as Standard Webhooks has them."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from standardwebhooks import Webhook

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a fresh secret in the form that receivers' libraries take."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(*, webhook_id: str, body: str, signing: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Return the headers by which a receiver knows the message; with several secrets a signature by each."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(webhook_id, now, body) for secret in signing),
    }
