"""The counters of a post as the AppView shows them: those of people, and what accounts of this sandbox did themselves."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.bluesky.facts import FACTS
from presswork_sandbox.bluesky.metrics import METRICS
from presswork_sandbox.core import Sandbox
from presswork_sandbox.quantities import Quantity

FOLLOWS: Final = 80
"""How many accounts each account here follows."""
RECORDS: Final[Mapping[Quantity, str]] = {
    Quantity.LIKES: "app.bsky.feed.like",
    Quantity.REPOSTS: "app.bsky.feed.repost",
}
"""Records that count on the post that is their subject."""


class Counters:
    """The counters of posts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def of(self, uri: str) -> dict[str, int]:
        """Return the counters of a post; all are 0 for a reply that is a comment."""
        sandbox = self._sandbox
        removed = sandbox.numbers.removed(FACTS.name)
        post = sandbox.posts.by_external_id(FACTS.name, uri)
        grown = {} if post is None else sandbox.numbers.counts(post)
        return {
            name: grown.get(quantity, 0) + self._count_records(quantity, uri)
            for name, quantity in METRICS.items()
            if name not in removed
        }

    def _count_records(self, quantity: Quantity, uri: str) -> int:
        if quantity is Quantity.COMMENTS:  # parts of the author's own thread, which are posts here
            sql = "SELECT count(*) AS n FROM live_posts WHERE params ->> '$.reply.parent.uri' = ?"
            return int(self._sandbox.store.one(sql, uri)["n"])
        if quantity not in RECORDS:
            return 0
        sql = "SELECT count(*) AS n FROM bluesky_records WHERE collection = ? AND value ->> '$.subject.uri' = ?"
        return int(self._sandbox.store.one(sql, RECORDS[quantity], uri)["n"])
