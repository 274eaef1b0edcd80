"""Publishing, with the waiting that a person would otherwise write by hand."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Final

from presswork_client._generated.publishing import AsyncPublishingCalls, PublishingCalls
from presswork_client.errors import WaitTimeoutError
from presswork_client.models import ScheduledPost

OVER: Final = frozenset({"published", "draft", "failed", "canceled"})
"""States that a post stays in."""
_FIRST_WAIT_SECONDS: Final = 0.25
_LONGEST_WAIT_SECONDS: Final = 5.0


class Publishing(PublishingCalls):
    """Send content to accounts, now or later, and watch it go live."""

    def wait(
        self,
        post_id: str,
        *,
        timeout_seconds: float = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
    ) -> ScheduledPost:
        """Return a post once it is over: published, draft, failed or canceled. Look at its `status`.

        `on_change` is called with the post whenever its status is another. Raises WaitTimeoutError when it takes longer
        than `timeout_seconds`; the post itself goes on.
        """
        until, seen = time.monotonic() + timeout_seconds, None
        for pause in _pauses():
            post = self.get_post(post_id=post_id)
            if post.status != seen:
                on_change(post)
            if post.status in OVER:
                return post
            seen = post.status
            if time.monotonic() + pause > until:
                break
            time.sleep(pause)
        raise _too_long(post_id, seen, timeout_seconds)


class AsyncPublishing(AsyncPublishingCalls):
    """Send content to accounts, now or later, and watch it go live."""

    async def wait(
        self,
        post_id: str,
        *,
        timeout_seconds: float = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
    ) -> ScheduledPost:
        """Return a post once it is over: published, draft, failed or canceled. Look at its `status`.

        `on_change` is called with the post whenever its status is another. Raises WaitTimeoutError when it takes longer
        than `timeout_seconds`; the post itself goes on.
        """
        until, seen = time.monotonic() + timeout_seconds, None
        for pause in _pauses():
            post = await self.get_post(post_id=post_id)
            if post.status != seen:
                on_change(post)
            if post.status in OVER:
                return post
            seen = post.status
            if time.monotonic() + pause > until:
                break
            await asyncio.sleep(pause)
        raise _too_long(post_id, seen, timeout_seconds)


def _pauses() -> Iterator[float]:
    pause = _FIRST_WAIT_SECONDS
    while True:
        yield pause
        pause = min(pause * 1.5, _LONGEST_WAIT_SECONDS)


def _too_long(post_id: str, status: str | None, timeout_seconds: float) -> WaitTimeoutError:
    return WaitTimeoutError(
        f"{post_id} is still {status} after {timeout_seconds:g} seconds. It goes on by itself; its timeline tells what it "
        "waits for."
    )
