"""What is read of live posts, how often, and what became of a read. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from presswork.core.enums import Environment
from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.errors import PlatformError
from presswork.platforms.port import Platform


class ReadKind(StrEnum):
    """What is read of live posts."""

    INSIGHTS = "insights"
    COMMENTS = "comments"


_DAY: Final = timedelta(days=1)
STEPS: Final[Sequence[tuple[timedelta, timedelta]]] = (
    (timedelta(hours=2), timedelta(minutes=15)),
    (_DAY, timedelta(hours=1)),
    (7 * _DAY, timedelta(hours=6)),
    (30 * _DAY, _DAY),
    (90 * _DAY, 7 * _DAY),
)
"""Up to which age a post is read how often. Older posts are read on demand."""
READ_FOR: Final = STEPS[-1][0]
FIRST_READ_AFTER: Final = STEPS[0][1]
_UNCHANGED_PER_DOUBLING: Final = 2
_MAX_DOUBLINGS: Final = 3
MAX_GAP: Final = 14 * _DAY
"""The longest time between two reads of a post that is still read by itself."""


def next_read_at(published_at: datetime, now: datetime, *, unchanged: int) -> datetime | None:
    """Return when a post that was read now is read next, UTC; None where it is old enough to be read on demand only.

    Every second read in a row without anything new doubles the gap, three times at most. The last read is at the end of the
    last step.
    """
    age = now - published_at
    gap = next((gap for until, gap in STEPS if age < until), None)
    if gap is None:
        return None
    factor = 1 << min(unchanged // _UNCHANGED_PER_DOUBLING, _MAX_DOUBLINGS)
    return min(now + min(gap * factor, MAX_GAP), published_at + READ_FOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlan:
    """How a kind is read on a platform."""

    max_posts: int
    """Posts of one read, at most."""
    calls_per_post: float
    """In the units of the platform's read limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOutcome:
    """What became of one post in a read."""

    has_changed: bool = False
    is_gone: bool = False
    """The platform does not have the post any more, so that it is read no more."""
    error: PlatformError | None = None
    """Why this post could not be read. It concerns no other post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOutcome:
    """What became of a read of some posts of one account."""

    posts: Mapping[UUID, PostOutcome]
    calls: int = 1
    """Calls made, in the units of the platform's read limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBatch:
    """Posts of one account to read."""

    access: AccountAccess
    platform: Platform
    environment: Environment
    posts: Sequence[LivePost]
    last_read_at: Mapping[UUID, datetime | None] = field(default_factory=dict)
    """By the posts' ids, UTC; None or missing: this is the first read."""


class Reader(Protocol):
    """What reads one kind, and stores what it read.

    `read` and `read_account` raise PlatformError for what concerns all posts of the account. They make no platform call inside
    a transaction, and a repetition does no harm: a worker may end after any of their steps.
    """

    @property
    def kind(self) -> ReadKind: ...

    def plan(self, platform: Platform) -> ReadPlan | None:
        """Return how posts are read on a platform, or None where it has nothing of this kind. Pure."""
        ...

    async def read(self, batch: ReadBatch) -> ReadOutcome:
        """Read posts of one account and store what was found."""
        ...

    async def read_account(self, access: AccountAccess, platform: Platform, environment: Environment) -> int:
        """Read what there is about the account itself, once a day; return the calls made, 0 where there is nothing to read."""
        ...
