"""Numbers of Instagram posts and accounts, with both logins.

Likes and comments are fields of the post, without a further permission. All else are insights: they arrive up to 48 hours late, and what is not
counted yet is missing. Stories have numbers for 24 hours, and only from five viewers on.
Source: Meta, "Media Insights" (2026-06-18, amended 2026-09-11), "Account Insights" (2026-06-16) and "IG Media" (2026-08-12), read 2026-12.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import JsonObject
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.insights import (
    Insights,
    InsightsReader,
    closed_days,
    range_of,
    series_of,
    value_of,
)
from presswork.platforms.insights import AccountDay, AccountRead, MissingReason, PostNumbers, PostsRead
from presswork.platforms.instagram.description import Permissions
from presswork.platforms.instagram.options import settings_of
from presswork.platforms.json_values import number_of
from presswork.platforms.live_support import AccountNumber, Metric
from presswork.platforms.port import MediaType, PostOptions

STEP: Final = "media_insights"
ACCOUNT: Final = "account_insights"
FIELDS: Final = "media_fields"
FEED: Final = "FEED"
REELS: Final = "REELS"
STORY: Final = "STORY"
_STORY_LASTS: Final = timedelta(hours=24)
_MAX_VIEW_DAYS: Final = 7
"""Views of an account have no series: a call a day."""
_MILLISECONDS: Final = frozenset({Metric.WATCH_SECONDS, Metric.AVERAGE_WATCH_SECONDS})
_OF_ALL: Final = {Metric.VIEWS: "views", Metric.REACH: "reach", Metric.SHARES: "shares"}
_OF_FEED: Final = {**_OF_ALL, Metric.LIKES: "likes", Metric.COMMENTS: "comments", Metric.SAVES: "saved"}
METRICS: Final[Mapping[str, Mapping[Metric, str]]] = {
    FEED: {**_OF_FEED, Metric.FOLLOWS: "follows"},
    REELS: {
        **_OF_FEED,
        Metric.WATCH_SECONDS: "ig_reels_video_view_total_time",
        Metric.AVERAGE_WATCH_SECONDS: "ig_reels_avg_watch_time",
    },
    STORY: {**_OF_ALL, Metric.COMMENTS: "replies", Metric.FOLLOWS: "follows"},
}
"""By the product type of a post: Instagram refuses a call with a metric of another type."""
_LINK_CLICKS: Final = "link_clicks"
"""Of stories, with Facebook Login only."""
_RAW: Final[Mapping[str, Sequence[str]]] = {
    FEED: ("reposts", "total_interactions", "profile_visits"),
    REELS: ("reposts", "total_interactions", "reels_skip_rate"),
    STORY: ("reposts", "total_interactions", "profile_visits"),
}
_COUNTS: Final = {Metric.LIKES: "like_count", Metric.COMMENTS: "comments_count"}
_FACEBOOK_COUNTS: Final = {Metric.SAVES: "saved_count", Metric.SHARES: "shares_count"}
"""Fields of a post with Facebook Login only."""


@dataclass(frozen=True, slots=True)
class InstagramInsights:
    """The numbers that one login gives access to."""

    graph: Graph
    permissions: Permissions

    async def read_posts(
        self, access: AccountAccess, posts: Sequence[LivePost], *, removed: AbstractSet[str]
    ) -> PostsRead:
        """Read the numbers of posts, one after the other. See the port."""
        reader = InsightsReader(self.graph, access, step=STEP, removed=removed)
        return await reader.read_each(posts, lambda post: self._read_post(reader, post))

    async def _read_post(self, reader: InsightsReader, post: LivePost) -> PostNumbers:
        kind = _kind_of(post)
        metrics = METRICS[kind]
        if kind == STORY and self.permissions.has_facebook_counts:
            metrics = {**metrics, Metric.CLICKS: _LINK_CLICKS}
        missing_scopes = self.permissions.insights - reader.access.account.scopes
        if kind == STORY and reader.access.now() >= post.published_at + _STORY_LASTS:
            return PostNumbers.gone()
        counts = {} if kind == STORY else self._counts
        body: JsonObject | None = {}
        if counts:
            body = await reader.read_fields(post.external_id, ",".join(("id", *counts.values())), step=FIELDS)
        if body is None:
            return PostNumbers.gone()
        insights = Insights(refused=MissingReason.NOT_GRANTED)
        if not missing_scopes:
            names = (*metrics.values(), *_RAW[kind])
            insights = await reader.read_metrics(post.external_id, names, kind=kind)
        if insights.refused is MissingReason.GONE:
            return PostNumbers.gone()
        found = {metric: _read_value(metric, insights.values.get(name)) for metric, name in metrics.items()}
        found |= {metric: value for metric, name in counts.items() if (value := number_of(body.get(name))) is not None}
        reasons = {
            metric: reason
            for metric, name in metrics.items()
            if (reason := reader.reason_of(name, kind=kind) or insights.refused) is not None
        }
        if insights.refused is MissingReason.NOT_GRANTED:
            missing_scopes = self.permissions.insights
        return PostNumbers.of(
            found,
            missing=reasons,
            raw={**{name: body[name] for name in counts.values() if name in body}, **insights.values},
            missing_scopes=missing_scopes,
        )

    @property
    def _counts(self) -> Mapping[Metric, str]:
        return {**_COUNTS, **(_FACEBOOK_COUNTS if self.permissions.has_facebook_counts else {})}

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:
        """Read the account's followers, and its reach and views by day. See the port."""
        reader = InsightsReader(self.graph, access, step=ACCOUNT, removed=removed)
        account_id = access.account.external_id
        body = await reader.read_fields(account_id, "followers_count", step=ACCOUNT)
        missing_scopes = self.permissions.insights - access.account.scopes
        days = closed_days(since, access.now())
        reach: Mapping[date, int] | MissingReason = {}
        views: Mapping[date, int] | MissingReason = {}
        if missing_scopes:
            reach = views = MissingReason.NOT_GRANTED
        elif days:
            reach, views = await self._read_reach(reader, days), await self._read_views(reader, days)
        unavailable: dict[AccountNumber, MissingReason] = {}
        for number, found, name in ((AccountNumber.REACH, reach, "reach"), (AccountNumber.VIEWS, views, "views")):
            reason = found if isinstance(found, MissingReason) else reader.reason_of(name)
            if reason is not None:
                unavailable[number] = reason
        by_day = [{} if isinstance(found, MissingReason) else found for found in (views, reach)]
        return AccountRead.of(
            number_of((body or {}).get("followers_count")),
            days=[
                AccountDay(day=day, views=by_day[0].get(day), reach=by_day[1].get(day))
                for day in sorted({*by_day[0], *by_day[1]})
            ],
            offered=tuple(AccountNumber),
            unavailable=unavailable,
            missing_scopes=self.permissions.insights
            if MissingReason.NOT_GRANTED in unavailable.values()
            else frozenset(),
            removed=frozenset(reader.newly_removed),
            calls=reader.calls,
        )

    async def _read_reach(self, reader: InsightsReader, days: Sequence[date]) -> Mapping[date, int] | MissingReason:
        parameters = {"period": "day", "metric_type": "time_series", **range_of(days[0], days[-1])}
        entries = await reader.read_entries(reader.access.account.external_id, ["reach"], parameters=parameters)
        return entries if isinstance(entries, MissingReason) else series_of(entries.get("reach"))

    async def _read_views(self, reader: InsightsReader, days: Sequence[date]) -> Mapping[date, int] | MissingReason:
        found: dict[date, int] = {}
        for day in days[-_MAX_VIEW_DAYS:]:
            parameters = {"period": "day", "metric_type": "total_value", **range_of(day, day)}
            entries = await reader.read_entries(reader.access.account.external_id, ["views"], parameters=parameters)
            if isinstance(entries, MissingReason):
                return entries
            value = number_of(value_of(entries.get("views", {})))
            if value is not None:
                found[day] = value
        return found


def _kind_of(post: LivePost) -> str:
    if settings_of(PostOptions(dict(post.options))).is_story:
        return STORY
    return REELS if post.media_type is MediaType.VIDEO else FEED


def _read_value(metric: Metric, value: JsonValue) -> float | None:
    number = number_of(value)
    if number is None or metric not in _MILLISECONDS:
        return number
    return number / 1000
