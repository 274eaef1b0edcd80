"""Signed requests, as Meta sends them."""

import base64
import hashlib
import hmac
import json

import httpx2
from tests.api_server import Api

from presswork.platforms.sandbox_access import SandboxTokens

DEAUTHORIZE = "/webhooks/meta/deauthorize"
DELETION = "/webhooks/meta/data-deletion"


def secret_of(api: Api, login: str = "instagram") -> str:
    """Return the secret that this installation shares with its fake app of a login."""
    return SandboxTokens.of(api.context.settings, api.context.keyring).app_secrets(login)[0]


def base64url(data: bytes) -> str:
    """Encode without padding, as Meta does."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(secret: str, payload: object, *, digest: str = "sha256") -> str:
    """Return a signed request."""
    text = base64url(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    return f"{base64url(hmac.digest(secret.encode(), text.encode(), digest))}.{text}"


def payload_of(api: Api, user_id: str | int, **more: object) -> dict[str, object]:
    """Return what Meta signs about a user now."""
    issued_at = int(api.context.clock.now().timestamp())
    return {"algorithm": "HMAC-SHA256", "expires": 0, "issued_at": issued_at, "user_id": user_id, **more}


def request_of(api: Api, user_id: str | int, *, login: str = "instagram", issued_at: int | None = None) -> str:
    """Return a genuine request of a user."""
    more = {} if issued_at is None else {"issued_at": issued_at}
    return signed(secret_of(api, login), payload_of(api, user_id, **more))


async def send(browser: httpx2.AsyncClient, path: str, text: str) -> httpx2.Response:
    """Send a signed request in a form."""
    return await browser.post(path, data={"signed_request": text})


def digest_of(text: str) -> bytes:
    """Return what a request is recognized by."""
    return hashlib.sha256(text.partition(".")[2].encode()).digest()
