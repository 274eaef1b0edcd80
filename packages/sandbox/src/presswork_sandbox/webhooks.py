"""Webhooks about comments: who subscribed, what each platform sends, how it signs it, and the handshakes with a receiver.

Source: Meta, "Webhooks" (Instagram, Pages, Threads) and "Subscribed Apps"; LinkedIn, "Organization social action notifications"
and "Webhook validation", read 2026-11. Deliveries come at least once, in no promised order, and may be batched. A platform signs
with the secret of the app. Apps are not registered with the sandbox, so it signs with the secret that the app sent with its last
token call, unless the control surface sets another one.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp

from presswork_sandbox.accounts import Account
from presswork_sandbox.callbacks import Callbacks, Delivery
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, text_of

HOUR: Final = 3600.0
META: Final = ("instagram", "facebook", "threads")
LINKEDIN: Final = "linkedin"
NOTIFICATIONS: Final = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"
HANDSHAKE_SECONDS: Final = 3.0
"""Within which LinkedIn wants the response to a challenge; Meta names no time."""
MAX_SHOWN: Final = 500
LINKEDIN_BATCH: Final = 10


class MetaFormat:
    """Meta's webhooks: signed over the raw body, retried with growing waits for about 36 hours until the response is 200."""

    waits: Sequence[float] = (5.0, 60.0, 600.0, HOUR, *[6 * HOUR] * 5, 4 * HOUR)

    def headers(self, delivery: Delivery, now: float) -> Mapping[str, str]:
        """Return X-Hub-Signature-256."""
        _ = now
        digest = hmac.digest(delivery.secret.encode(), delivery.body.encode(), hashlib.sha256).hex()
        return {"X-Hub-Signature-256": f"sha256={digest}"}

    def arrived(self, status: int) -> bool:
        """Only 200 will do."""
        return status == 200


class LinkedInFormat:
    """LinkedIn's webhooks: signed over the raw body, retried every five minutes for eight hours."""

    waits: Sequence[float] = (300.0,) * 96

    def headers(self, delivery: Delivery, now: float) -> Mapping[str, str]:
        """Return X-LI-Signature."""
        _ = now
        digest = hmac.digest(delivery.secret.encode(), delivery.body.encode(), hashlib.sha256).hex()
        return {"X-LI-Signature": f"hmacsha256={digest}"}

    def arrived(self, status: int) -> bool:
        """Any success will do."""
        return 200 <= status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to a comment: its post, that one's account, the author, and the verb of `Sandbox.note_comment`."""

    post: Post
    owner: Account
    author: Account
    comment: Comment
    parent: Comment | None
    verb: str
    at: float
    """Sandbox time, seconds."""


Describe = Callable[[Change], JSONValue]
"""Returns the body that a platform sends about a change, or None where it sends nothing."""


class Subscriptions(Protocol):
    """Where a platform's webhooks about an account go."""

    def url_for(self, account: Account, settings: Mapping[str, JSONValue]) -> str:
        """Return the URL, or "" where the account has no subscription."""
        ...


def settings_name(platform: str) -> str:
    """Return the name under which the control surface's settings of a platform's webhooks are stored."""
    return f"{platform}_webhooks"


class CommentWebhooks:
    """Send what happens to comments; platforms register what they send."""

    def __init__(self, sandbox: Sandbox, callbacks: Callbacks) -> None:
        self._sandbox = sandbox
        self._callbacks = callbacks
        self._senders: dict[str, tuple[Describe, Subscriptions]] = {}
        for platform in META:
            callbacks.add_format(platform, MetaFormat())
        callbacks.add_format(LINKEDIN, LinkedInFormat())
        sandbox.on_comment.append(self._report)

    def add_sender(self, platform: str, describe: Describe, subscriptions: Subscriptions) -> None:
        """Register what a platform sends, and to whom."""
        self._senders[platform] = (describe, subscriptions)

    def _report(self, comment: Comment, verb: str) -> None:
        """Queue what a platform sends about a change, in the transaction of the change."""
        sandbox = self._sandbox
        if comment.platform not in self._senders:
            return
        describe, subscriptions = self._senders[comment.platform]
        fresh = sandbox.comments.by_number(int(comment.id)) or comment
        post = sandbox.posts.by_external_id(comment.platform, comment.media_id)
        owner = None if post is None else sandbox.accounts.by_id(post.account_id)
        author = sandbox.accounts.by_id(comment.account_id)
        if post is None or owner is None or author is None:
            return
        change = Change(
            post=post,
            owner=owner,
            author=author,
            comment=fresh,
            parent=sandbox.comments.parent_of(fresh),
            verb=verb,
            at=sandbox.clock.now(),
        )
        body, settings = describe(change), sandbox.platform_settings.get(settings_name(comment.platform))
        url = subscriptions.url_for(owner, settings)
        if body is None or not url:
            return
        copies, delay = settings.get("copies", 1), settings.get("delaySeconds", 0)
        self._callbacks.post(
            comment.platform,
            lane=f"{comment.platform} {owner.user_id}",
            handle=owner.handle,
            event=f"comment.{verb}",
            url=url,
            body=json.dumps(body, separators=(",", ":")),
            secret=self.secret_for(owner, settings),
            copies=copies if isinstance(copies, int) else 1,
            held=settings.get("hold") is True,
            delay_seconds=float(delay) if isinstance(delay, int | float) else 0.0,
        )

    def secret_for(self, account: Account | None, settings: Mapping[str, JSONValue]) -> str:
        """Return the secret that signs: the one that was set, or the app's that the account was connected to last."""
        found = None if account is None else self._sandbox.tokens.app_secret_of(account.id)
        return text_of(settings.get("clientSecret")) or found or self._sandbox.store.secret("webhooks", 0, 40)

    async def challenge(
        self, platform: str, url: str, settings: Mapping[str, JSONValue], account: Account | None
    ) -> JSONValue:
        """Make the handshake by which a platform verifies a receiver, and return what came of it."""
        number = self._sandbox.store.next_number("webhook challenge")
        secret = self._sandbox.store.secret("webhook challenge", number, 32)
        if platform == LINKEDIN:
            digits = hashlib.sha256(secret.encode()).hexdigest()
            code = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
            query = {"challengeCode": code}
            key = self.secret_for(account, settings).encode()
            expected = hmac.digest(key, code.encode(), hashlib.sha256).hex()
        else:
            expected = str(int.from_bytes(secret.encode()[:4]))
            query = {
                "hub.mode": "subscribe",
                "hub.challenge": expected,
                "hub.verify_token": text_of(settings.get("verifyToken")),
            }
        parts = urlsplit(url)
        asked = urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(query))))))
        status, text = await self._get(asked)
        answered = _challenge_response(text) if platform == LINKEDIN else text.strip()
        return {"verified": status == 200 and answered == expected, "status": status, "body": text[:MAX_SHOWN]}

    async def _get(self, url: str) -> tuple[int | None, str]:
        session = await self._sandbox.http_client.session()
        try:
            timeout = aiohttp.ClientTimeout(total=HANDSHAKE_SECONDS)
            async with session.get(url, allow_redirects=False, timeout=timeout) as response:
                return response.status, (await response.content.read(MAX_SHOWN * 4)).decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return None, ""


def _challenge_response(text: str) -> str:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return text_of(answer.get("challengeResponse")) if isinstance(answer, dict) else ""


def merge_bodies(platform: str, bodies: Sequence[str]) -> Sequence[str]:
    """Return the bodies of deliveries as one batch, or as a few where a platform limits its size.

    Threads has no batches: its body is about one thing.
    """
    read = [json.loads(body) for body in bodies]
    if platform == LINKEDIN:
        notifications = [one for body in read for one in body["notifications"]]
        parts = [
            notifications[start : start + LINKEDIN_BATCH] for start in range(0, len(notifications), LINKEDIN_BATCH)
        ]
        return [json.dumps({"type": NOTIFICATIONS, "notifications": part}, separators=(",", ":")) for part in parts]
    if platform not in META or any("entry" not in body for body in read):
        return bodies
    entries = [entry for body in read for entry in body["entry"]]
    return [json.dumps({"object": read[0]["object"], "entry": entries}, separators=(",", ":"))] if read else []


class AppSubscriptions:
    """Subscriptions of apps to accounts, by `subscribed_apps`. A setting, `allAccounts`, stands for one of every account."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def subscribe(self, account: Account, host: str, client_id: str, fields: Sequence[str]) -> None:
        """Subscribe an app to fields of an account, instead of those that it had."""
        sql = "INSERT OR REPLACE INTO webhook_subscriptions VALUES (?, ?, ?, ?, ?)"
        now = self._sandbox.clock.now()
        self._sandbox.store.run(sql, account.id, host, client_id, json.dumps(list(fields)), now)

    def unsubscribe(self, account: Account, host: str, client_id: str) -> None:
        """End a subscription."""
        sql = "DELETE FROM webhook_subscriptions WHERE account_id = ? AND host = ? AND client_id = ?"
        self._sandbox.store.run(sql, account.id, host, client_id)

    def listed(self, account: Account, host: str, client_id: str) -> Sequence[JSONValue]:
        """Return an app's own subscription as `subscribed_apps` lists it."""
        sql = "SELECT fields FROM webhook_subscriptions WHERE account_id = ? AND host = ? AND client_id = ?"
        rows = self._sandbox.store.all(sql, account.id, host, client_id)
        return [{"id": client_id, "subscribed_fields": json.loads(row["fields"])} for row in rows]

    def host_of(self, account: Account) -> str | None:
        """Return the host at which an account was subscribed to last: it decides the form of Instagram's webhooks."""
        sql = "SELECT host FROM webhook_subscriptions WHERE account_id = ? ORDER BY subscribed_at DESC, host LIMIT 1"
        row = self._sandbox.store.first(sql, account.id)
        return None if row is None else str(row["host"])

    def url_for(self, account: Account, settings: Mapping[str, JSONValue]) -> str:
        """Return the URL of the app, where it is subscribed to the account."""
        is_subscribed = settings.get("allAccounts") is True or self.host_of(account) is not None
        return text_of(settings.get("url")) if is_subscribed else ""


class EveryAccount:
    """Threads' subscriptions, which an app has once for all that connected to it."""

    def url_for(self, account: Account, settings: Mapping[str, JSONValue]) -> str:
        """Return the URL of the app."""
        _ = account
        return text_of(settings.get("url"))
