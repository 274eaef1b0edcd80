"""Posts whose content is edited or deleted: those that keep its texts, those that wait until it is approved again, and what an approval
covers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.core.enums import Mode
from presswork.core.errors import Conflict
from presswork.core.ids import CONTAINER, POST, public_id
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.platforms.options import PostOptions
from presswork.posts.model import Status
from presswork.posts.option_rules import option_words
from presswork.posts.targets import Target, targets_of

_SQL: Final = load("presswork.posts")
_MAX_NAMED: Final = 20
"""The most posts that an error names."""


class PostsInFlight(Conflict):
    """A post of the content is being published, so the content must not change now."""

    def __init__(self, container_id: UUID, post_ids: Sequence[UUID]) -> None:
        super().__init__(
            "A post of this content is being published with the texts that were approved. Edit it when the post is in its "
            "final status, or cancel the post first.",
            reason="posts_in_flight",
            containerId=public_id(CONTAINER, container_id),
            scheduledPostIds=[public_id(POST, post_id) for post_id in post_ids[:_MAX_NAMED]],
        )


class PostsOpen(Conflict):
    """A post of the content needs it, so the content can't be deleted now."""

    def __init__(self, container_id: UUID, post_ids: Sequence[UUID]) -> None:
        super().__init__(
            "A post of this content is queued or is being published, or something is still added to it or changed. Cancel it, or "
            "wait until it has ended, then delete the content again.",
            reason="posts_in_flight",
            containerId=public_id(CONTAINER, container_id),
            scheduledPostIds=[public_id(POST, post_id) for post_id in post_ids],
        )


async def require_no_open_posts(connection: Connection, container_id: UUID, *, needs_texts: bool) -> None:
    """Check that no post of a container that the caller has locked needs its media, or with `needs_texts` its texts. Raises PostsOpen.

    Publish calls wait for the lock, so that none adds a post.
    """
    rows = await connection.fetch(_SQL["posts_that_need"], container_id, needs_texts, _MAX_NAMED)
    if rows:
        raise PostsOpen(container_id, [row["id"] for row in rows])


async def erase_posts(connection: Connection, container_id: UUID) -> None:
    """Erase the texts of a container's posts, which have ended: overrides, options, and the sentences of their timelines."""
    await connection.fetchval(_SQL["erase_posts"], container_id, "The texts were erased with the content.")


async def keep_texts(
    connection: Connection, container_id: UUID, *, caption: str | None, first_comment: str | None
) -> None:
    """Let the posts of a container that have started keep these texts from before an edit. A text that is None stays.

    A look-up after a lost response searches for the texts that were sent. The caller has locked the container and changes its
    texts in the same transaction.
    """
    await connection.fetch(_SQL["lock_open_posts"], container_id)  # a post that a worker is claiming has started
    await connection.execute(_SQL["keep_texts"], container_id, caption, first_comment)


async def hold_posts(
    connection: Connection, container_id: UUID, *, caption: str, first_comment: str | None, now: datetime
) -> int:
    """Let the queued posts of a container with these texts, before the edit, wait for its approval; return how many do.

    A post that repeats them as overrides follows the content instead.

    The caller has locked the container and changes its texts in the same transaction. Raises PostsInFlight if a worker
    has claimed one of the posts, or the first comment of a live one is not written yet.
    """
    await require_no_posts_in_flight(connection, container_id)
    if await connection.fetchval(_SQL["owes_comment"], container_id):
        raise PostsInFlight(container_id, [])
    message = "The content was edited after its approval. The post waits until it is approved again."
    return int(await connection.fetchval(_SQL["hold_posts"], container_id, now, message, caption, first_comment or ""))


async def require_no_posts_in_flight(connection: Connection, container_id: UUID) -> None:
    """Lock the open posts of a container that the caller has locked. Raises PostsInFlight if a worker has claimed one of them."""
    posts = await connection.fetch(_SQL["lock_open_posts"], container_id)
    in_flight = [
        post["id"]
        for post in posts
        if post["status"] == Status.PUBLISHING.value or (post["live_call_at"] is not None and not post["is_held"])
    ]
    if in_flight:
        raise PostsInFlight(container_id, in_flight)


async def release_posts(connection: Connection, container_id: UUID, *, now: datetime) -> int:
    """Let the posts of a container that was approved go out at their time, and return how many."""
    await connection.fetch(_SQL["lock_open_posts"], container_id)  # in the order of ids: see db/errors.py
    message = "The edited content was approved: the post is published at its time."
    return int(await connection.fetchval(_SQL["release_posts"], container_id, now, message))


async def cancel_held_posts(connection: Connection, container_id: UUID, *, now: datetime) -> int:
    """Cancel the waiting posts of a container that was rejected, and return how many were canceled.

    One that may have gone live before it was restored from a backup is released instead: the worker ends it, and publishes
    nothing.
    """
    await connection.fetch(_SQL["lock_open_posts"], container_id)
    canceled = int(
        await connection.fetchval(_SQL["cancel_held_posts"], container_id, now, "The edited content was rejected.")
    )
    message = (
        "The edited content was rejected. The post is not canceled: it may have gone live before Presswork was restored from "
        "a backup."
    )
    await connection.fetchval(_SQL["release_posts"], container_id, now, message)
    return canceled


async def waiting_overrides(connection: Connection, container_id: UUID) -> Sequence[Target]:
    """Return the targets that override texts among the calls and posts that wait for a container's approval."""
    targets: list[Target] = []
    for row in await connection.fetch(_SQL["waiting_overrides"], container_id):
        targets += (
            [
                Target(
                    social_account_id=row["account_id"],
                    mode=Mode(row["mode"]),
                    caption_override=row["caption"],
                    first_comment_override=row["first_comment"],
                    options=PostOptions.read(row["options"]).document,
                )
            ]
            if row["targets"] is None
            else targets_of(row["targets"])
        )
    return [
        target
        for target in targets
        if target.caption_override is not None or target.first_comment_override is not None or option_words(target)
    ]
