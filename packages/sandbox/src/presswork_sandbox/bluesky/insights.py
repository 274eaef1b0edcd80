"""The counters of a post as the AppView shows them: what people did, and on top what accounts of this sandbox did."""

from typing import Final

from presswork_sandbox.bluesky.facts import FACTS
from presswork_sandbox.bluesky.metrics import METRICS
from presswork_sandbox.core import Sandbox
from presswork_sandbox.quantities import Quantity

FOLLOWS: Final = 80
"""How many accounts each account here follows."""


class Counters:
    """The counters of posts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def of(self, uri: str, *, replies: int, likes: int) -> dict[str, int]:
        """Return the counters of a post: its direct replies, and records of likes and reposts beside what has grown.

        Nothing grows on a reply that is a comment.
        """
        numbers, post = self._sandbox.numbers, self._sandbox.posts.by_external_id(FACTS.name, uri)
        grown = {} if post is None else {**numbers.counts(post), Quantity.COMMENTS: 0}
        done = {Quantity.COMMENTS: replies, Quantity.LIKES: likes, Quantity.REPOSTS: self._count_reposts(uri)}
        return {
            name: grown.get(quantity, 0) + done.get(quantity, 0)
            for name, quantity in METRICS.items()
            if name not in numbers.removed(FACTS.name)
        }

    def _count_reposts(self, uri: str) -> int:
        sql = (
            "SELECT count(*) AS n FROM bluesky_records"
            " WHERE collection = 'app.bsky.feed.repost' AND value ->> '$.subject.uri' = ?"
        )
        return int(self._sandbox.store.one(sql, uri)["n"])
