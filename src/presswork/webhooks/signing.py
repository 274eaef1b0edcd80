"""Secrets and signatures of endpoints, as specified by Standard Webhooks."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from standardwebhooks import Webhook

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a new secret in the format of the Standard Webhooks libraries."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(*, webhook_id: str, body: str, signing: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Return the headers that identify and sign the message, with one signature per secret."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(webhook_id, now, body) for secret in signing),
    }
