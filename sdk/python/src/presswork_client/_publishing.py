"""The publishing resource, with a method that waits for a post."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Final

from presswork_client._generated.publishing import AsyncPublishingCalls, PublishingCalls
from presswork_client.errors import WaitTimeoutError
from presswork_client.models import ScheduledPost

TERMINAL: Final = frozenset({"published", "draft", "failed", "canceled"})
"""The final states of a post."""
_FIRST_WAIT_SECONDS: Final = 0.25
_LONGEST_WAIT_SECONDS: Final = 5.0


class Publishing(PublishingCalls):
    """Publish and schedule content, and follow its posts."""

    def wait(
        self,
        post_id: str,
        *,
        timeout_seconds: float = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
    ) -> ScheduledPost:
        """Poll a post until it is published, draft, failed or canceled, and return it. Check its `status`.

        `on_change` is called with the post whenever its status has changed. Raises WaitTimeoutError after
        `timeout_seconds`; the post is still processed.
        """
        until, seen = time.monotonic() + timeout_seconds, None
        for pause in _pauses():
            post = self.get_post(post_id=post_id)
            if post.status != seen:
                on_change(post)
            if post.status in TERMINAL:
                return post
            seen = post.status
            if time.monotonic() + pause > until:
                break
            time.sleep(pause)
        raise _wait_timeout(post_id, seen, timeout_seconds)


class AsyncPublishing(AsyncPublishingCalls):
    """Publish and schedule content, and follow its posts."""

    async def wait(
        self,
        post_id: str,
        *,
        timeout_seconds: float = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
    ) -> ScheduledPost:
        """Poll a post until it is published, draft, failed or canceled, and return it. Check its `status`.

        `on_change` is called with the post whenever its status has changed. Raises WaitTimeoutError after
        `timeout_seconds`; the post is still processed.
        """
        until, seen = time.monotonic() + timeout_seconds, None
        for pause in _pauses():
            post = await self.get_post(post_id=post_id)
            if post.status != seen:
                on_change(post)
            if post.status in TERMINAL:
                return post
            seen = post.status
            if time.monotonic() + pause > until:
                break
            await asyncio.sleep(pause)
        raise _wait_timeout(post_id, seen, timeout_seconds)


def _pauses() -> Iterator[float]:
    pause = _FIRST_WAIT_SECONDS
    while True:
        yield pause
        pause = min(pause * 1.5, _LONGEST_WAIT_SECONDS)


def _wait_timeout(post_id: str, status: str | None, timeout_seconds: float) -> WaitTimeoutError:
    return WaitTimeoutError(
        f"{post_id} is still {status} after {timeout_seconds:g} seconds. Processing continues; the post's timeline shows "
        "what it is waiting for."
    )
