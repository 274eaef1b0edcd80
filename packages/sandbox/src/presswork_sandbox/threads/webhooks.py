"""What Threads sends about replies: one flat body each, with the topics `replies` and `delete`.

Source: Meta, "Threads API: Webhooks", read 2026-11. An app has one subscription for all profiles that connected to it.
"""

from typing import Final

from presswork_sandbox.clock import graph_time
from presswork_sandbox.core import Sandbox
from presswork_sandbox.threads.published import Published
from presswork_sandbox.webhooks import Change
from presswork_sandbox.wire import JSONValue

TOPICS: Final = {"add": "replies", "remove": "delete"}
SUBSCRIPTION_IDS: Final = 1_500_000_000_000_000


class ThreadsWebhooks:
    """Describe new and deleted replies."""

    def __init__(self, sandbox: Sandbox, published: Published) -> None:
        self._sandbox = sandbox
        self._published = published

    def describe(self, change: Change) -> JSONValue:
        """Return the body about a reply that is new or was deleted; None for other changes."""
        topic = TOPICS.get(change.verb)
        if topic is None:
            return None
        comment = change.comment
        value: dict[str, JSONValue] = {"id": comment.id, "timestamp": graph_time(comment.created_at)}
        media = self._published.find(comment.id)
        if topic == "replies":
            value |= {
                "username": comment.handle,
                "text": comment.text,
                "permalink": None if media is None else media.url,
                "replied_to": {"id": change.post.external_id if change.parent is None else change.parent.id},
                "root_post": {
                    "id": change.post.external_id,
                    "owner_id": change.owner.user_id,
                    "username": change.owner.handle,
                },
            }
        else:
            value |= {"owner": {"owner_id": change.author.user_id}, "deleted_at": graph_time(change.at)}
        return {
            "app_id": self._sandbox.tokens.app_id_of(change.owner.id) or "",
            "topic": topic,
            "target_id": change.owner.user_id,
            "time": int(change.at),
            "subscription_id": str(SUBSCRIPTION_IDS + change.owner.id),
            "has_uid_field": False,
            "values": {"field": topic, "value": value},
        }
