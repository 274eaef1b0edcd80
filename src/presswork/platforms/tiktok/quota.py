"""TikTok's limits: calls per minute, by operation, and posts per day; and when they have room again.

TikTok counts calls per user token. Presswork counts them per account, however many tokens it has: that never exceeds the
limit. The cap on posts applies to the creator, including posts by other tools, and TikTok returns neither its size nor
its end.
Sources: TikTok, rate limits of each endpoint of the Content Posting API, and "Content Sharing Guidelines", read 2026-11.
"""

from datetime import timedelta
from typing import Final

from presswork.platforms.errors import TryLater
from presswork.platforms.port import Job, Limit
from presswork.platforms.tiktok.error_mapping import DAY_CAP_RECHECK

CAPPED: Final = "spam_risk_too_many_posts"
"""The error code for a reached cap on posts in 24 hours."""
USUAL_CAP: Final = 15
"""The usual cap on posts in 24 hours. Where Presswork published as many, other tools did not contribute to it."""
_DAY: Final = timedelta(hours=24)
_SPARE: Final = timedelta(seconds=2)
"""Margin for the difference between TikTok's clock and ours."""
_WINDOW: Final = timedelta(minutes=1, seconds=4)
"""TikTok counts a call when it arrives, so of two calls a minute apart the earlier one may have arrived a little late."""


def _a_minute(call: str, most: int, of_what: str) -> Limit:
    return Limit(
        call=call,
        most=most,
        window=_WINDOW,
        late_by=timedelta(seconds=15),
        sentence=f"TikTok accepts {most} {of_what} a minute from an account, and others of this account come first.",
    )


VIDEO_INITS: Final = _a_minute("video_init", 6, "new videos")
INBOX_INITS: Final = _a_minute("inbox_init", 6, "new drafts")
CONTENT_INITS: Final = _a_minute("content_init", 6, "new photo posts")
STATUS_READS: Final = _a_minute("status_fetch", 30, "questions about posts")
MAX_STATUS_WAIT: Final = timedelta(seconds=20)
"""Longest wait for a reserved status call that happens while the post is leased."""


async def with_wait_until_room(job: Job, refused: TryLater) -> TryLater:
    """Return a refusal with the known wait; only the refusal for the cap on posts is changed.

    The cap has room when the oldest post of the last 24 hours leaves the window. Where Presswork published fewer than the
    usual cap, other tools have posted too and their posts may leave sooner, so TikTok is asked in between.
    """
    if refused.platform_code != CAPPED:
        return refused
    now = job.now()
    own = await job.published_since(now - _DAY)
    over = own[0] + _DAY - now + _SPARE if own else None
    is_exact = len(own) >= USUAL_CAP
    return refused.with_timing(retry_after=over if is_exact else None, first_wait=DAY_CAP_RECHECK, at_latest=over)
