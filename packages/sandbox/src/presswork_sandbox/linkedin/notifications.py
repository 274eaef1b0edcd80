"""What LinkedIn reports about comments on a page's posts: notifications, pushed to a webhook and kept for 60 days.

Source: LinkedIn, "Organization social action notifications" (2026-06), read 2026-11. Public posts only. A subscription is of an app
for a person who administers a page, and carries the URL of its webhook.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.comments import CommentStore, activity_of, actor_of
from presswork_sandbox.linkedin.people import is_page, organization_urn
from presswork_sandbox.webhooks import NOTIFICATIONS, Change
from presswork_sandbox.wire import JSONValue, text_of

ACTIONS: Final = {"add": "COMMENT", "edited": "COMMENT_EDIT", "remove": "COMMENT_DELETE"}
ADMIN_COMMENT: Final = "ADMIN_COMMENT"
"""A new comment of the page itself."""
KEPT_SECONDS: Final = 60 * DAY
NOTIFICATION_IDS: Final = 4_000_000_000
HOST: Final = "api.linkedin.com"
PUBLIC: Final = frozenset({"PUBLIC", "PUBLIC_TO_EVERYONE"})
KEY: Final = re.compile(
    r"\(developerApplication:(?P<app>[^,()]{1,100}),user:(?P<user>[^,()]{1,100}),entity:(?P<entity>[^,()]{1,100}),"
    rf"eventType:{NOTIFICATIONS}\)"
)


class Notifications:
    """Keep notifications and subscriptions."""

    def __init__(self, sandbox: Sandbox, comments: CommentStore) -> None:
        self._sandbox = sandbox
        self._comments = comments

    def describe(self, change: Change) -> JSONValue:
        """Keep the notification of a change and return the body that announces it; None for a change that LinkedIn reports to no app."""
        action = ACTIONS.get(change.verb)
        if action is None or not is_page(change.owner) or change.post.privacy not in PUBLIC:
            return None
        if action == "COMMENT" and change.author.id == change.owner.id:
            action = ADMIN_COMMENT
        urn, store = change.post.external_id, self._sandbox.store
        number = NOTIFICATION_IDS + store.next_number("linkedin notification")
        notification: dict[str, JSONValue] = {
            "notificationId": number,
            "organizationalEntity": organization_urn(change.owner),
            "action": action,
            "sourcePost": urn,
            "generatedActivity": self._comments.urn_of(change.comment),
            "decoratedGeneratedActivity": {
                "comment": {
                    "entity": activity_of(urn),
                    "owner": self._comments.actor(change.comment),
                    "text": change.comment.text,
                }
            },
            "decoratedSourcePost": {
                "entity": activity_of(urn),
                "owner": actor_of(change.owner),
                "text": change.post.caption,
            },
            "lastModifiedAt": int(change.at * 1000),
        }
        if change.parent is not None:
            notification["parentGeneratedActivity"] = self._comments.urn_of(change.parent)
        body = json.dumps(notification)
        store.insert(
            "linkedin_notifications", id=number, account_id=change.owner.id, action=action, body=body, at=change.at
        )
        return {"type": NOTIFICATIONS, "notifications": [notification]}

    def listed(self, page: Account, actions: Sequence[str], since: float, until: float) -> list[JSONValue]:
        """Return a page's notifications of the last 60 days, newest first: of some actions, or of all."""
        oldest = max(since, self._sandbox.clock.now() - KEPT_SECONDS)
        sql = "SELECT action, body FROM linkedin_notifications WHERE account_id = ? AND at BETWEEN ? AND ? ORDER BY id DESC"
        rows = self._sandbox.store.all(sql, page.id, oldest, until)
        return [json.loads(row["body"]) for row in rows if not actions or row["action"] in actions]

    def subscribe(self, page: Account, client_id: str, url: str) -> None:
        """Subscribe an app to a page, with the URL of its webhook."""
        sql = "INSERT OR REPLACE INTO webhook_subscriptions VALUES (?, ?, ?, ?, ?)"
        self._sandbox.store.run(sql, page.id, HOST, client_id, json.dumps([url]), self._sandbox.clock.now())

    def unsubscribe(self, page: Account, client_id: str) -> bool:
        """End a subscription; return whether there was one."""
        sql = "DELETE FROM webhook_subscriptions WHERE account_id = ? AND host = ? AND client_id = ?"
        return self._sandbox.store.run(sql, page.id, HOST, client_id) > 0

    def subscribed_url(self, page: Account, client_id: str | None = None) -> str:
        """Return the URL of a page's newest subscription, of an app or of any, or ""."""
        sql = (
            "SELECT fields FROM webhook_subscriptions WHERE account_id = ?1 AND host = ?2"
            " AND (?3 IS NULL OR client_id = ?3) ORDER BY subscribed_at DESC, client_id LIMIT 1"
        )
        row = self._sandbox.store.first(sql, page.id, HOST, client_id)
        return "" if row is None else str(json.loads(row["fields"])[0])

    def url_for(self, account: Account, settings: Mapping[str, JSONValue]) -> str:
        """Return where notifications about a page go: a URL that was set for all of them, or that of its subscription."""
        return text_of(settings.get("url")) or self.subscribed_url(account)
