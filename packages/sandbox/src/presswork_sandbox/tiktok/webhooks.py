"""TikTok's webhooks: publishing events and the end of an authorization, to one URL per app.

Source: TikTok, "Webhooks: Overview", "Events" and "Verification", read 2026-11. Delivery is at least once, in no
promised order, and repeated with growing waits for 72 hours until the response is 200. TikTok signs with the secret of the
app. Apps are not registered with the sandbox, so it signs with the secret that the app sent with its last token call.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.callbacks import Callbacks, Delivery
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, text_of

SETTINGS: Final = "tiktok_webhooks"  # what the control surface set: url, clientSecret, clientKey, copies, hold, delay
COMPLETE: Final = "post.publish.complete"
FAILED: Final = "post.publish.failed"
INBOX: Final = "post.publish.inbox_delivered"
PUBLIC: Final = "post.publish.publicly_available"
NOT_PUBLIC: Final = "post.publish.no_longer_publicaly_available"  # TikTok's own spelling
REMOVED: Final = "authorization.removed"
BY_PERSON: Final = 1  # reasons of authorization.removed
BY_DEVELOPER: Final = 5


class WebhookFormat:
    """TikTok's webhook format: JSON, signed at each attempt, retried for 72 hours."""

    waits: Sequence[float] = (5.0, 30.0, 120.0, 600.0, 3600.0, *[6 * 3600.0] * 11, 3600.0)

    def headers(self, delivery: Delivery, now: float) -> Mapping[str, str]:
        """Return TikTok-Signature: the time, and the HMAC of time and body with the app's secret."""
        stamp = int(now)
        content = f"{stamp}.{delivery.body}".encode()
        digest = hmac.digest(delivery.secret.encode(), content, hashlib.sha256).hex()
        return {"TikTok-Signature": f"t={stamp},s={digest}"}

    def arrived(self, status: int) -> bool:
        """Only 200 will do."""
        return status == 200


class Webhooks:
    """Send events while a URL is set; events before that are not recorded."""

    def __init__(self, sandbox: Sandbox, callbacks: Callbacks) -> None:
        self._sandbox = sandbox
        self._callbacks = callbacks
        callbacks.add_format("tiktok", WebhookFormat())

    @property
    def is_on(self) -> bool:
        """Tell whether events go anywhere."""
        return bool(self._sandbox.platform_settings.get(SETTINGS).get("url"))

    def send(self, account: Account, event: str, content: Mapping[str, JSONValue], lane: str = "") -> None:
        """Queue one event about an account. Call it in the transaction of the change."""
        settings = self._sandbox.platform_settings.get(SETTINGS)
        url = text_of(settings.get("url"))
        if not url:
            return
        body: JSONValue = {
            "client_key": text_of(settings.get("clientKey")) or self._sandbox.tokens.app_id_of(account.id) or "",
            "event": event,
            "create_time": int(self._sandbox.clock.now()),
            "user_openid": account.user_id,
            "content": json.dumps(content, separators=(",", ":")),
        }
        copies, delay = settings.get("copies", 1), settings.get("delaySeconds", 0)
        self._callbacks.post(
            "tiktok",
            lane=f"tiktok {lane or account.user_id}",
            handle=account.handle,
            event=event,
            url=url,
            body=json.dumps(body, separators=(",", ":")),
            secret=self._secret_for(account, settings),
            copies=copies if isinstance(copies, int) else 1,
            held=settings.get("hold") is True,
            delay_seconds=float(delay) if isinstance(delay, int | float) else 0.0,
        )

    def _secret_for(self, account: Account, settings: Mapping[str, JSONValue]) -> str:
        """Return the secret that was set, that of the app that the account was connected to last, or one that nothing else has."""
        found = text_of(settings.get("clientSecret")) or self._sandbox.tokens.app_secret_of(account.id)
        return found or self._sandbox.store.secret("webhooks", 0, 40)

    def authorization_removed(self, account: Account, reason: int) -> None:
        """Tell that an account's tokens are dead. Reasons: 0 unknown, 1 the person, 2 account deleted, 3 age changed,
        4 banned, 5 the developer."""
        self.send(account, REMOVED, {"reason": reason})
