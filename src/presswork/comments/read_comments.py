"""The reader of comments: it asks connectors for those of due posts, and stores what they show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from presswork.comments.receive import receive_comments
from presswork.core.enums import Environment
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.live_reads.model import PostOutcome, ReadBatch, ReadKind, ReadOutcome, ReadPlan
from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.comment_port import SupportsComments
from presswork.platforms.errors import Rejected
from presswork.platforms.live_support import CommentsSupport
from presswork.platforms.port import Platform

_SQL: Final = load("presswork.comments")
MAX_POSTS: Final = 10
"""Posts of an account whose comments are read in a row."""
MAX_PAGES: Final = 10
"""Pages of comments of one post that a read asks for."""
MAX_READ_WHOLE: Final = 200
"""Comments up to which a post is read as a whole each time, so that edits and deletions are seen; of more, only what is new."""
OVERLAP: Final = timedelta(hours=1)
"""By which a read of what is new begins before the one before it: platforms show comments late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsReader:
    """Reads the comments of posts."""

    pool: Pool
    keep: timedelta | None
    """How long comments are kept, or None: for ever."""
    kind: ReadKind = ReadKind.COMMENTS

    def plan(self, platform: Platform) -> ReadPlan | None:
        """Return how comments are read, or None where they can't be."""
        support = platform.comments
        if support is None or not support.is_readable or not isinstance(platform.connector, SupportsComments):
            return None
        return ReadPlan(max_posts=MAX_POSTS, calls_per_post=1)

    async def read(self, batch: ReadBatch) -> ReadOutcome:
        """Read the comments of posts and store them, one post after the other. Raises PlatformError, and TypeError where the platform
        has none. Without the permissions there is no call.
        """
        connector, support = batch.platform.connector, batch.platform.comments
        if support is None or not isinstance(connector, SupportsComments):
            raise TypeError(f"{batch.platform.login_name} has no comments")
        if support.read_scopes - batch.access.account.scopes:
            return ReadOutcome(posts={post.post_id: PostOutcome() for post in batch.posts}, calls=0)
        outcomes: dict[UUID, PostOutcome] = {}
        calls = 0
        for post in batch.posts:
            try:
                outcomes[post.post_id], made = await self._read_post(
                    connector, support, batch.access, post, batch.last_read_at.get(post.post_id)
                )
            except Rejected as error:  # of this post: it concerns no other
                outcomes[post.post_id], made = PostOutcome(error=error), 1
            calls += made
        return ReadOutcome(posts=outcomes, calls=calls)

    async def read_account(self, access: AccountAccess, platform: Platform, environment: Environment) -> int:  # noqa: ARG002  the port
        """Return 0: comments belong to posts."""
        return 0

    async def _read_post(
        self,
        connector: SupportsComments,
        support: CommentsSupport,
        access: AccountAccess,
        post: LivePost,
        last_read_at: datetime | None,
    ) -> tuple[PostOutcome, int]:
        """Read the comments of one post and store them; return what became of it, and the calls made."""
        read_at = access.now()
        since = None
        if last_read_at is not None and await self._has_many(post.post_id):
            since = last_read_at - OVERLAP
        found = await connector.list_comments(access, post, since=since, max_pages=MAX_PAGES)
        received = await receive_comments(
            self.pool,
            post.post_id,
            found,
            is_whole=found.is_complete and since is None,
            is_first=last_read_at is None,
            max_text_age=support.max_text_age,
            keep=self.keep,
            read_at=read_at,
            now=access.now(),
        )
        # Where texts expire, each read stores them again: that is no change.
        has_changed = received.new > 0 or (support.max_text_age is None and received.changed > 0)
        return PostOutcome(has_changed=has_changed), found.calls

    async def _has_many(self, post_id: UUID) -> bool:
        return bool(await self.pool.fetchval(_SQL["has_many"], post_id, MAX_READ_WHOLE))
