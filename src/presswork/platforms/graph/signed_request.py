"""Verifies and parses Meta's signed requests: a person removed the app, or asks to have their data deleted.

Source: Meta, "Data Deletion Request Callback" and "Deauthorize Callback", read 2026-11. A signed request is two base64url
texts with a dot between them: the HMAC-SHA256 of the second one, keyed with the app's secret, and a JSON object. Each of
Meta's apps has another secret, and one app may have several logins.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from presswork.platforms.inbound_webhooks import NotGenuine, UserRequest
from presswork.platforms.platform_text import clean, read_json

ALGORITHM: Final = "HMAC-SHA256"
MAX_CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far ahead of our clock a request's time may be."""
MAX_AGE: Final = timedelta(days=7)
"""How old a request may be. Meta documents neither a limit nor how long it repeats a request that was not answered."""
MAX_CHARACTERS: Final = 4096
_MAX_ID_CHARACTERS: Final = 64


class _Payload(BaseModel):
    """What is signed. Further fields, which Meta also sends, are ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    algorithm: str
    user_id: str | int
    issued_at: int


class SignedRequestReader:
    """The port's `UserRequestReader` for one of Meta's apps."""

    def __init__(self, secrets: Callable[[], Sequence[str]]) -> None:
        """`secrets` returns all that may sign for the app; there can be several while keys are rotated."""
        self._secrets: Final = secrets

    def read(self, text: str, *, now: datetime) -> UserRequest | None:
        """Verify the signature, and return what is signed, or None if another app's secret signed it. Raises NotGenuine."""
        signature, signed = _split_request(text)
        wanted = [hmac.digest(secret.encode(), signed.encode(), hashlib.sha256) for secret in self._secrets()]
        if not any(hmac.compare_digest(one, signature) for one in wanted):
            return None
        payload = _read_payload(signed)
        if payload.algorithm.upper() != ALGORITHM:
            raise NotGenuine(f"The signed request names another algorithm than {ALGORITHM}.")
        user_id = clean(str(payload.user_id).strip())
        if not user_id or len(user_id) > _MAX_ID_CHARACTERS:
            raise NotGenuine("The signed request names no user.")
        try:
            issued_at = datetime.fromtimestamp(payload.issued_at, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise NotGenuine("The signed request has no valid issued_at.") from error
        if not -MAX_CLOCK_SKEW <= now - issued_at <= MAX_AGE:
            raise NotGenuine("The request was signed too long ago, or by a clock that is ahead of this one.")
        return UserRequest(user_id=user_id, issued_at=issued_at, digest=hashlib.sha256(signed.encode()).digest())


def _split_request(text: str) -> tuple[bytes, str]:
    """Return the signature, and the text that it covers. Raises NotGenuine."""
    signature, dot, signed = text.partition(".")
    if len(text) > MAX_CHARACTERS or not text.isascii() or not dot or not signed:
        raise NotGenuine("This call carries no signed request of the form signature.payload.")
    found = _decode_base64(signature)
    if len(found) != hashlib.sha256().digest_size:
        raise NotGenuine("The signature of the signed request is incomplete.")
    return found, signed


def _read_payload(signed: str) -> _Payload:
    """Parse what is signed. Raises NotGenuine."""
    try:
        return _Payload.model_validate(read_json(_decode_base64(signed)))
    except (ValidationError, ValueError) as error:
        raise NotGenuine("The signed request is not a JSON object with algorithm, user_id and issued_at.") from error


def _decode_base64(text: str) -> bytes:
    """Decode base64url, with or without padding. Raises NotGenuine."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise NotGenuine("The signed request is not base64url.") from error
