"""What TikTok limits: calls a minute, of each kind, and posts a day; and how long it takes until there is room.

TikTok counts calls for each user token. Here they are counted for each account, whatever number of tokens it gave out:
that is never too much. The cap on posts is counted for the creator, those by other tools included, and TikTok tells neither
how high it is nor when it ends.
Sources: TikTok, rate limits of each endpoint of the Content Posting API, and "Content Sharing Guidelines", read 2026-11.
"""

from datetime import timedelta
from typing import Final

from presswork.platforms.errors import TryLater
from presswork.platforms.port import Job, Limit
from presswork.platforms.tiktok.answers import DAY_CAP_RECHECK

CAPPED: Final = "spam_risk_too_many_posts"
"""The code that says that the cap on posts in 24 hours is reached."""
USUAL_CAP: Final = 15
"""Posts within 24 hours after which a cap is no surprise. Where so many went live from here, nobody else had a part in it."""
_DAY: Final = timedelta(hours=24)
_SPARE: Final = timedelta(seconds=2)
"""TikTok's clock and ours may differ by a little."""
_WINDOW: Final = timedelta(minutes=1, seconds=4)
"""TikTok counts a call when it arrives, so of two calls a minute apart the earlier one may have come a little late."""


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
STATUS_PATIENCE: Final = timedelta(seconds=20)
"""Longest wait for a turn to ask what became of a post that is spent with the post in hand."""


async def until_room(job: Job, refused: TryLater) -> TryLater:
    """Return a refusal with what is known of its length: only that for the cap on posts is changed.

    A place is free when the oldest post of the last 24 hours is older. Where fewer went live from here than the usual cap,
    other tools have posted too and theirs may leave sooner, so TikTok is asked in between.
    """
    if refused.platform_code != CAPPED:
        return refused
    now = job.now()
    own = await job.published_since(now - _DAY)
    over = own[0] + _DAY - now + _SPARE if own else None
    is_exact = len(own) >= USUAL_CAP
    return refused.knowing(retry_after=over if is_exact else None, first_wait=DAY_CAP_RECHECK, at_latest=over)
