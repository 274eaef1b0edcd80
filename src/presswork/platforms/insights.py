"""Reading the numbers of live posts and of accounts. A connector reports what the platform said; when it is asked, the worker decides.

A number that is not known is missing, never 0. Each missing number has a reason.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Protocol, Self, runtime_checkable
from uuid import UUID

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.errors import PlatformError, Rejected, TryLater
from presswork.platforms.live_support import AccountNumber, Metric

MAX_FAILURES: Final = 2
"""Posts in a row whose reads failed for a passing reason. The others are not asked."""


class MissingReason(StrEnum):
    """Why a number is not known."""

    NOT_OFFERED = "not_offered"
    """The platform has no such number of this kind of post."""
    NOT_GRANTED = "not_granted"
    """The account did not grant a permission that it needs."""
    NOT_YET = "not_yet"
    """The platform has not counted yet."""
    TOO_FEW = "too_few"
    """The platform reports it only from a certain size on."""
    GONE = "gone"
    """The post is no longer live, or the platform has removed the number from its API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostNumbers:
    """What a platform reported about one post."""

    metrics: Mapping[Metric, float] = field(default_factory=dict)
    """What is known. Counts are whole numbers."""
    raw: Mapping[str, JsonValue] = field(default_factory=dict)
    """The same and more, by the platform's own names."""
    unavailable: Mapping[Metric, MissingReason] = field(default_factory=dict)
    """Every metric that is not among `metrics`."""
    missing_scopes: AbstractSet[str] = frozenset()
    """Permissions without which numbers are `not_granted`."""
    is_gone: bool = False
    """Whether the platform was read and does not have the post any more. Then every metric is `gone`."""

    @classmethod
    def of(
        cls,
        metrics: Mapping[Metric, float | None],
        *,
        missing: Mapping[Metric, MissingReason] | None = None,
        raw: Mapping[str, JsonValue] | None = None,
        missing_scopes: AbstractSet[str] = frozenset(),
    ) -> Self:
        """Return the numbers with a reason for each that is not known: that in `missing`, else `not_yet` where `metrics` has it as
        None, else `not_offered`."""
        known = {metric: value for metric, value in metrics.items() if value is not None}
        not_yet = dict.fromkeys(metrics, MissingReason.NOT_YET)
        reasons = dict.fromkeys(Metric, MissingReason.NOT_OFFERED) | not_yet | dict(missing or {})
        return cls(
            metrics=known,
            raw=raw or {},
            unavailable={metric: reason for metric, reason in reasons.items() if metric not in known},
            missing_scopes=missing_scopes,
        )

    @classmethod
    def gone(cls) -> Self:
        """Return what is known of a post that the platform does not have any more."""
        return cls(unavailable=dict.fromkeys(Metric, MissingReason.GONE), is_gone=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostsRead:
    """The result of one read of several posts."""

    posts: Mapping[UUID, PostNumbers | PlatformError]
    """By the posts' ids. An error concerns one post; an error of all of them is raised."""
    removed: AbstractSet[str] = frozenset()
    """Metrics that the platform reported to be invalid, by its own names: they are not requested again."""
    calls: int = 1
    """Calls made, in the units of `ReadLimit`."""


async def read_each(
    posts: Sequence[LivePost], read: Callable[[LivePost], Awaitable[PostNumbers]]
) -> Mapping[UUID, PostNumbers | PlatformError]:
    """Return what `read` returns for each post, or its error. What concerns the account or the app is raised, as are passing errors of
    every post. Raises TryLater, CredentialInvalid.
    """
    found: dict[UUID, PostNumbers | PlatformError] = {}
    failed: list[TryLater] = []
    for post in posts:
        if len(failed) >= MAX_FAILURES:
            found[post.post_id] = failed[-1]
            continue
        try:
            found[post.post_id] = await read(post)
        except TryLater as error:
            if error.is_throttled:
                raise
            failed.append(error)
            found[post.post_id] = error
        except Rejected as error:
            found[post.post_id] = error
        else:
            failed.clear()
    if failed and all(isinstance(one, TryLater) for one in found.values()):
        raise failed[-1]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDay:
    """The numbers of an account on one day of the platform's own calendar."""

    day: date
    views: int | None = None
    reach: int | None = None
    followers: int | None = None
    """At the end of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """What a platform reported about an account."""

    followers: int | None
    """Now."""
    days: Sequence[AccountDay] = ()
    """The last days that the platform has closed, in order."""
    unavailable: Mapping[AccountNumber, MissingReason] = field(default_factory=dict)
    """Every number that is not known, and why; those by day, where no day has one."""
    missing_scopes: AbstractSet[str] = frozenset()
    removed: AbstractSet[str] = frozenset()
    """As of `PostsRead`."""
    calls: int = 1

    @classmethod
    def of(
        cls,
        followers: int | None,
        *,
        days: Sequence[AccountDay] = (),
        offered: Collection[AccountNumber] = (AccountNumber.FOLLOWERS,),
        unavailable: Mapping[AccountNumber, MissingReason] | None = None,
        missing_scopes: AbstractSet[str] = frozenset(),
        removed: AbstractSet[str] = frozenset(),
        calls: int = 1,
    ) -> Self:
        """Return the numbers with a reason for each that is not known: that in `unavailable`, else `not_yet` for those that the
        platform has for this account, else `not_offered`."""
        known = {
            AccountNumber.FOLLOWERS: followers is not None,
            AccountNumber.VIEWS: any(day.views is not None for day in days),
            AccountNumber.REACH: any(day.reach is not None for day in days),
        }
        not_yet = dict.fromkeys(offered, MissingReason.NOT_YET)
        reasons = dict.fromkeys(AccountNumber, MissingReason.NOT_OFFERED) | not_yet | dict(unavailable or {})
        return cls(
            followers=followers,
            days=days,
            unavailable={number: reason for number, reason in reasons.items() if not known[number]},
            missing_scopes=missing_scopes,
            removed=removed,
            calls=calls,
        )


@runtime_checkable
class SupportsInsights(Protocol):
    """A connector whose platform reports numbers."""

    async def read_posts(
        self, access: AccountAccess, posts: Sequence[LivePost], *, removed: AbstractSet[str]
    ) -> PostsRead:
        """Read the numbers of some posts of one account, without those metrics that the platform has removed.

        Raises TryLater (`is_throttled` at a limit), CredentialInvalid, Rejected. A permission that is missing is no error: what it
        hides is `not_granted`.
        """
        ...

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:
        """Read the numbers of the account itself, by day from `since` on where the platform has days, and some days before it where
        the platform is days late. Raises as `read_posts`."""
        ...
