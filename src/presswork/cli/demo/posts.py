"""The posts that a demo follows, and the check that the platforms show exactly these."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from presswork.cli.demo.sandbox import Account, Item, Sandbox
from presswork_client import AsyncPresswork, ScheduledPost

_POLL_EVERY: Final = timedelta(milliseconds=150)
_TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})


@dataclass(slots=True, kw_only=True)
class FollowedPost:
    """A post, and the state that it is expected to end in."""

    id: str
    label: str
    account: Account
    expected: str = "published"
    has_comment: bool = False
    latest: ScheduledPost | None = None

    @property
    def status(self) -> str:
        """The status that the API returned last."""
        return "queued" if self.latest is None else self.latest.status

    @property
    def is_as_expected(self) -> bool:
        """Whether the post has the expected status."""
        return self.status == self.expected

    @property
    def is_settled(self) -> bool:
        """Whether the post is in a final state and, if it is live, has its permalink and first comment."""
        post = self.latest
        if post is None or post.status not in _TERMINAL:
            return False
        is_commented = post.first_comment_status is not None or not self.has_comment
        return post.status != "published" or (post.external_url is not None and is_commented)

    @property
    def took(self) -> timedelta | None:
        """The time from the publish call until the post was live, or on its creator's phone."""
        post = self.latest
        at = None if post is None else post.updated_at if post.status == "draft" else post.published_at
        return None if post is None or at is None else at - post.created_at


async def follow(
    client: AsyncPresswork,
    posts: Sequence[FollowedPost],
    *,
    timeout: timedelta,  # noqa: ASYNC109  a post that is late is shown, not raised
    on_change: Callable[[FollowedPost], None],
) -> None:
    """Poll the posts until all are settled or the timeout is over."""
    end = time.monotonic() + timeout.total_seconds()
    while pending := [post for post in posts if not post.is_settled]:
        for post in pending:
            before = (post.status, post.is_settled)
            post.latest = await client.publishing.get_post(post_id=post.id)
            if before != (post.status, post.is_settled):
                on_change(post)
        if time.monotonic() > end:
            return
        await asyncio.sleep(_POLL_EVERY.total_seconds())


class Feeds:
    """The posts that some accounts show since a moment: the server may have been used before."""

    def __init__(self, sandbox: Sandbox, before: Mapping[Account, frozenset[str]]) -> None:
        """Compare with the ids that each account showed before."""
        self._sandbox: Final = sandbox
        self._before: Final = before

    @classmethod
    async def since_now(cls, sandbox: Sandbox, accounts: Sequence[Account]) -> Self:
        """Return the feeds as they change from now on."""
        return cls(
            sandbox,
            {account: frozenset(post["externalId"] for post in await sandbox.posts(account)) for account in accounts},
        )

    async def new(self) -> Mapping[Account, Sequence[Item]]:
        """Return the new posts of each account."""
        return {
            account: [post for post in await self._sandbox.posts(account) if post["externalId"] not in known]
            for account, known in self._before.items()
        }

    async def mismatches(self, posts: Sequence[FollowedPost]) -> Sequence[str]:
        """Return a sentence for each account that shows anything other than its live posts, each exactly once."""
        sentences = []
        for account, found in (await self.new()).items():
            live = [post.latest for post in posts if post.account == account and post.status == "published"]
            if sorted(post["externalId"] for post in found) != sorted(str(post and post.external_id) for post in live):
                sentences.append(f"{account} shows {len(found)} new posts; expected {len(live)}.")
        return sentences
