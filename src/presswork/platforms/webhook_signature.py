"""Checks the signature of a webhook: an HMAC-SHA256 of its raw body, in hexadecimal, by the secret of the operator's app."""

import hashlib
import hmac
from collections.abc import Callable, Sequence

from presswork.platforms.inbound_webhooks import NotGenuine

Secrets = Callable[[], Sequence[str]]
"""Returns all secrets that may sign for an app; there can be several while one is replaced."""


def require_signature(signature: str, bodies: Sequence[bytes], secrets: Secrets, *, header: str) -> None:
    """Check that one of the secrets signed one of the bodies. Raises NotGenuine; `header` is where the signature stood."""
    wanted = [sign(secret, body) for secret in secrets() for body in bodies]
    if not any(hmac.compare_digest(one.encode(), signature.strip().lower().encode()) for one in wanted):
        raise NotGenuine(
            f"This call has no {header} by the secret of the operator's app. Check that secret in the settings."
        )


def sign(secret: str, text: bytes) -> str:
    """Return the HMAC-SHA256 of a text, in hexadecimal."""
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
