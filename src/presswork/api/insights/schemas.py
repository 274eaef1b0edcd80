"""Responses about the numbers of posts and accounts."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, Self

from pydantic import Field, JsonValue
from pydantic.config import JsonDict

from presswork.api.http.body import Out, with_examples
from presswork.api.http.ids import AccountRef, PostRef
from presswork.api.http.paging import NoNextPage
from presswork.core.timestamps import Instant
from presswork.insights import model
from presswork.platforms.insights import MissingReason
from presswork.platforms.names import PlatformName

_POST: Final = "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_ACCOUNT: Final = "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
METRICS_EXAMPLE: Final[JsonDict] = {
    "views": 1840,
    "reach": 1310,
    "likes": 96,
    "comments": 7,
    "shares": 12,
    "saves": None,
    "clicks": None,
    "watchSeconds": None,
    "averageWatchSeconds": None,
    "follows": None,
}
_MISSING: Final[JsonDict] = {"metric": "saves", "reason": "not_offered", "permissions": []}
_READING: Final[JsonDict] = {
    "takenAt": "2026-12-02T09:00:00.000Z",
    "metrics": METRICS_EXAMPLE,
    "raw": {"views": 1840, "reach": 1310},
}


class Metrics(Out):
    """Numbers that mean the same on each platform. null: not known, which is not 0."""

    model_config = with_examples(METRICS_EXAMPLE)

    views: int | None = Field(description="How often it was shown or played, as the platform counts.")
    reach: int | None = Field(description="How many people or accounts saw it.")
    likes: int | None = Field(description="Likes, or all reactions.")
    comments: int | None
    shares: int | None = Field(description="Shares, reposts and quotes.")
    saves: int | None
    clicks: int | None
    watch_seconds: float | None = Field(description="How long it was played, by all viewers together.")
    average_watch_seconds: float | None = Field(description="How long a viewer played it.")
    follows: int | None = Field(description="How many followed the account because of it.")

    @classmethod
    def of(cls, metrics: model.Metrics) -> Self:
        """Build it from the domain object."""
        return cls.model_validate({model.COLUMNS[metric]: value for metric, value in metrics.items()}, by_name=True)


class MissingNumber(Out):
    """Why a number is not known."""

    model_config = with_examples(_MISSING)

    metric: str
    reason: MissingReason = Field(
        description="`not_offered`: the platform has no such number of this post. `not_granted`: the account did not grant "
        "`permissions`. `not_yet`: not counted yet. `too_few`: reported only from a certain size on. `gone`: the post is no "
        "longer live, or the platform has removed the number."
    )
    permissions: list[str] = Field(
        description="Which permissions it needs, by the platform's names, for `not_granted`."
    )

    @classmethod
    def of(cls, missing: model.Missing) -> Self:
        """Build it from the domain object."""
        return cls(metric=missing.metric, reason=missing.reason, permissions=list(missing.permissions))


class PostInsights(Out):
    """The last numbers of a post."""

    model_config = with_examples(
        {
            "postId": _POST,
            "platform": "instagram",
            **_READING,
            "unavailable": [_MISSING],
            "nextAt": "2026-12-02T10:00:00.000Z",
        }
    )

    post_id: PostRef
    platform: PlatformName
    taken_at: Instant | None = Field(description="When they were taken; null before the first time.")
    metrics: Metrics
    raw: dict[str, JsonValue] = Field(description="The same and more, by the platform's own names.")
    unavailable: list[MissingNumber] = Field(description="Every metric that is null, and why.")
    next_at: Instant | None = Field(description="When they are taken next; null: on demand only, or no more.")

    @classmethod
    def of(cls, found: model.PostInsights) -> Self:
        """Build it from the domain object."""
        return cls(
            post_id=found.post_id,
            platform=found.platform,
            taken_at=found.taken_at,
            metrics=Metrics.of(found.metrics),
            raw=dict(found.raw),
            unavailable=[MissingNumber.of(one) for one in found.unavailable],
            next_at=found.next_at,
        )


class Reading(Out):
    """Numbers of a post at one time."""

    model_config = with_examples(_READING)

    taken_at: Instant
    metrics: Metrics
    raw: dict[str, JsonValue]

    @classmethod
    def of(cls, reading: model.Reading) -> Self:
        """Build it from the domain object."""
        return cls(taken_at=reading.taken_at, metrics=Metrics.of(reading.metrics), raw=dict(reading.raw))


class AskedInsights(Out):
    """Numbers that will be taken."""

    model_config = with_examples({"postId": _POST, "nextAt": "2026-12-02T09:04:00.000Z"})

    post_id: PostRef
    next_at: Instant = Field(description="From when on they can be taken. Later if the platform allows no call before.")


class AccountDay(Out):
    """The numbers of an account on one day of its platform's calendar."""

    model_config = with_examples({"date": "2026-12-01", "followers": 2411, "views": 5230, "reach": 3120})

    date: dt.date
    followers: int | None
    views: int | None
    reach: int | None


class AccountInsights(Out):
    """The last numbers of an account, and those of its days."""

    model_config = with_examples(
        {
            "socialAccountId": _ACCOUNT,
            "platform": "instagram",
            "takenAt": "2026-12-02T09:00:00.000Z",
            "followers": 2418,
            "items": [{"date": "2026-12-01", "followers": 2411, "views": 5230, "reach": 3120}],
            "unavailable": [],
            "nextCursor": None,
        }
    )

    social_account_id: AccountRef
    platform: PlatformName
    taken_at: Instant | None = Field(description="When they were taken; null before the first time.")
    followers: int | None = Field(description="At that time.")
    items: list[AccountDay] = Field(description="By day, oldest first. Days of which nothing is known are left out.")
    unavailable: list[MissingNumber] = Field(
        description="Which of `followers`, `views`, `reach` are not known, and why."
    )
    next_cursor: NoNextPage = None

    @classmethod
    def of(cls, found: model.AccountInsights) -> Self:
        """Build it from the domain object."""
        return cls(
            social_account_id=found.account_id,
            platform=found.platform,
            taken_at=found.taken_at,
            followers=found.followers,
            items=[
                AccountDay(date=day.day, followers=day.followers, views=day.views, reach=day.reach)
                for day in found.days
            ],
            unavailable=[MissingNumber.of(one) for one in found.unavailable],
        )


class InsightsGroup(Out):
    """The numbers of some posts together."""

    model_config = with_examples({"key": "2026-12-01", "posts": 4, "metrics": METRICS_EXAMPLE})

    key: str = Field(description="The day, the id of the account or post, the platform, or the label.")
    posts: int = Field(description="How many posts of which numbers are known.")
    metrics: Metrics = Field(
        description="Counts added up; `averageWatchSeconds` is weighted by the views. null: known of none of the posts."
    )

    @classmethod
    def of(cls, group: model.Group) -> Self:
        """Build it from the domain object."""
        return cls(key=group.key, posts=group.posts, metrics=Metrics.of(group.metrics))


class InsightsGroups(Out):
    """One page of groups."""

    model_config = with_examples(
        {"items": [{"key": "2026-12-01", "posts": 4, "metrics": METRICS_EXAMPLE}], "nextCursor": None}
    )

    items: Sequence[InsightsGroup]
    next_cursor: str | None
