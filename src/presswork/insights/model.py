"""The numbers of posts, how they are grouped and ordered, and why they can't be asked for. Pure."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.core.errors import Code, PressworkError
from presswork.core.ids import POST, public_id
from presswork.platforms.insights import MissingReason
from presswork.platforms.live_support import Metric
from presswork.platforms.names import PlatformName

COLUMNS: Final[Mapping[Metric, str]] = MappingProxyType(
    {
        Metric.VIEWS: "views",
        Metric.REACH: "reach",
        Metric.LIKES: "likes",
        Metric.COMMENTS: "comments",
        Metric.SHARES: "shares",
        Metric.SAVES: "saves",
        Metric.CLICKS: "clicks",
        Metric.WATCH_SECONDS: "watch_seconds",
        Metric.AVERAGE_WATCH_SECONDS: "average_watch_seconds",
        Metric.FOLLOWS: "follows",
    }
)
"""The column of each metric, in the order of the API."""
FRACTIONAL: Final = frozenset({Metric.WATCH_SECONDS, Metric.AVERAGE_WATCH_SECONDS})
"""The metrics that are no counts."""
REFRESH_EVERY: Final = timedelta(minutes=15)
"""How often the numbers of a post can be asked for."""

Metrics = Mapping[Metric, float | int | None]


class GroupBy(StrEnum):
    """What the posts of a group have in common."""

    DAY = "day"
    ACCOUNT = "account"
    PLATFORM = "platform"
    POST = "post"
    LABEL = "label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A number that is not known, and why."""

    metric: str
    reason: MissingReason
    permissions: Sequence[str] = ()
    """Which permissions it needs, where the reason is one that was not granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Numbers of a post at one time."""

    taken_at: datetime
    """UTC."""
    metrics: Metrics
    raw: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostInsights:
    """What is known about the numbers of a post."""

    post_id: UUID
    platform: PlatformName
    taken_at: datetime | None
    """UTC; None before the first read."""
    metrics: Metrics
    raw: Mapping[str, JsonValue]
    unavailable: Sequence[Missing]
    next_at: datetime | None
    """When it is read next, UTC; None where it is read on demand only, or no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfAccount:
    """The numbers of an account on a day of its platform's calendar."""

    day: date
    followers: int | None
    views: int | None
    reach: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInsights:
    """What is known about the numbers of an account."""

    account_id: UUID
    platform: PlatformName
    taken_at: datetime | None
    """UTC; None before the first read."""
    followers: int | None
    days: Sequence[DayOfAccount]
    unavailable: Sequence[Missing]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """What people know a post by."""

    post_id: UUID
    container_id: UUID
    project_id: UUID
    account_id: UUID
    platform: PlatformName
    handle: str
    caption: str
    published_at: datetime
    """UTC."""
    thumbnail_key: str | None
    """Of its first picture or video, or of the picture of its link's card, in the media store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Numbers of several posts together."""

    key: str
    posts: int
    metrics: Metrics
    place: float
    """Where it is in the order of the list."""
    post: KnownPost | None = None
    """The post, where each group is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightsFilter:
    """Of which posts numbers are wanted."""

    project_id: UUID | None = None
    account_id: UUID | None = None
    container_id: UUID | None = None
    platform: PlatformName | None = None
    labels: Sequence[str] | None = None
    """Those of the content: any of them."""
    since: datetime | None = None
    """First `publishedAt`, inclusive, UTC."""
    until: datetime | None = None
    """Last `publishedAt`, inclusive, UTC."""

    def document(self) -> str:
        """Return the account, the container and the labels as a JSON object, those that are named."""
        named = {"account": self.account_id, "container": self.container_id}
        ids = {name: str(one) for name, one in named.items() if one is not None}
        return json.dumps(ids if self.labels is None else {**ids, "labels": list(self.labels)})


class PostNotLive(PressworkError):
    """A post without numbers, because it is not live."""

    code = Code.CONFLICT

    def __init__(self, post_id: UUID, status: str, live_status: str | None) -> None:
        state = live_status or status
        super().__init__(
            f"This post is {state.replace('_', ' ')}, so its platform has no numbers of it. Ask for the numbers of posts that are live.",
            postId=public_id(POST, post_id),
            status=status,
            liveStatus=live_status,
            reason="not_live",
        )


class NoNumbers(PressworkError):
    """The platform has no numbers of posts like this one."""

    code = Code.CONFLICT

    def __init__(self, post_id: UUID) -> None:
        super().__init__(
            "No numbers can be read of this post: its platform has none, or it was delivered in another mode than `publish`.",
            postId=public_id(POST, post_id),
            reason="not_offered",
        )


class AskedTooSoon(PressworkError):
    """The numbers of the post were asked for a short time ago."""

    code = Code.RATE_LIMITED

    def __init__(self, post_id: UUID, wait: timedelta) -> None:
        seconds = max(1, round(wait.total_seconds()))
        super().__init__(
            f"The numbers of a post can be asked for once in {REFRESH_EVERY // timedelta(minutes=1)} minutes. Retry in {seconds} s.",
            postId=public_id(POST, post_id),
            retryAfterSeconds=seconds,
        )


def describe_missing(
    metrics: Metrics, reasons: Mapping[str, str], scopes: Sequence[str], *, is_gone: bool, offered: AbstractSet[Metric]
) -> Sequence[Missing]:
    """Return why each number that is not known is missing, in the order of the API.

    `reasons` are those of the last read. Without one, a number that the platform has is still to be read.
    """
    found = []
    for metric in COLUMNS:
        if metrics.get(metric) is not None:
            continue
        if metric.value in reasons:
            reason = MissingReason(reasons[metric.value])
        else:
            reason = MissingReason.NOT_YET if metric in offered else MissingReason.NOT_OFFERED
        if is_gone and reason is MissingReason.NOT_YET:
            reason = MissingReason.GONE
        permissions = tuple(sorted(scopes)) if reason is MissingReason.NOT_GRANTED else ()
        found.append(Missing(metric=metric.value, reason=reason, permissions=permissions))
    return found


def metrics_of(row: asyncpg.Record) -> Metrics:
    """Return the numbers of a row by metric, None where one is not known."""
    found: dict[Metric, float | int | None] = {}
    for metric, column in COLUMNS.items():
        value = row[column]
        found[metric] = None if value is None else float(value) if metric in FRACTIONAL else int(value)
    return found


def json_of(text: str | None) -> Mapping[str, JsonValue]:
    """Return a JSON object of a row."""
    found: dict[str, JsonValue] = json.loads(text) if text else {}
    return found
