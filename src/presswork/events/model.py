"""Event streams: their limits, and why a stream can't be opened. Pure."""

from datetime import timedelta
from typing import Final

from presswork.core.errors import Code, PressworkError

HEARTBEAT: Final = timedelta(seconds=15)
"""How often a client gets a sign of life, and its key or session is checked again."""
RETRY_AFTER_SECONDS: Final = 5


class TooManyStreams(PressworkError):
    """The organization has as many streams in this process as it may."""

    code = Code.RATE_LIMITED

    def __init__(self, limit: int) -> None:
        """Build the message and keep the limit for `details`."""
        super().__init__(
            f"Your organization reads {limit:,} event streams from this process, which is the maximum. Close one, or share "
            "one stream among your clients.",
            limit=limit,
            retryAfterSeconds=RETRY_AFTER_SECONDS,
        )


class NoRoomForStreams(PressworkError):
    """The process has as many streams as it serves, or is stopping."""

    code = Code.UNAVAILABLE

    def __init__(self, sentence: str) -> None:
        """Build the message."""
        super().__init__(f"{sentence} Retry in a few seconds.", retryAfterSeconds=RETRY_AFTER_SECONDS)
