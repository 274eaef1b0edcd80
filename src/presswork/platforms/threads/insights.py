"""Numbers of Threads posts and profiles: all are insights, with a further permission.

Likes and shares of a thread are those of all its parts together; its views are those of the first part, which readers of the others have seen too.
Replies to the first part contain all below it, and the parts themselves, which are subtracted.
Source: Meta, "Insights" (Threads API, 2026-01-30), read 2026-12.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.insights import InsightsReader, closed_days, range_of, series_of, value_of
from presswork.platforms.insights import AccountDay, AccountRead, MissingReason, PostNumbers, PostsRead
from presswork.platforms.json_values import number_of
from presswork.platforms.live_support import AccountNumber, Metric
from presswork.platforms.threads.description import TO_READ_NUMBERS

STEP: Final = "insights"
ACCOUNT: Final = "user_insights"
_VIEWS: Final = "views"
_FOLLOWERS: Final = "followers_count"
_SHARES: Final = ("reposts", "quotes", "shares")
_METRICS: Final = (_VIEWS, "likes", "replies", *_SHARES)
_OFFERED: Final = (Metric.VIEWS, Metric.LIKES, Metric.COMMENTS, Metric.SHARES)


async def read_posts(
    graph: Graph, access: AccountAccess, posts: Sequence[LivePost], *, removed: AbstractSet[str]
) -> PostsRead:
    """Read the numbers of posts, one after the other. See the port."""
    reader = InsightsReader(graph, access, step=STEP, removed=removed)
    return await reader.read_each(posts, lambda post: _read_post(reader, post))


async def _read_post(reader: InsightsReader, post: LivePost) -> PostNumbers:
    missing_scopes = TO_READ_NUMBERS - reader.access.account.scopes
    if missing_scopes:
        return _not_granted(missing_scopes)
    first = await reader.read_metrics(post.external_id, _METRICS)
    if first.refused is MissingReason.GONE:
        return PostNumbers.gone()
    if first.refused is MissingReason.NOT_GRANTED:
        return _not_granted(TO_READ_NUMBERS)
    parts = [first.values]
    for part_id in post.part_ids:
        further = await reader.read_metrics(part_id, _METRICS)
        if further.refused is None:  # another part was deleted by itself
            parts.append(further.values)
    replies = number_of(first.values.get("replies"))
    shares = [count for name in _SHARES if (count := _sum_of(parts, name)) is not None]
    sources = {
        Metric.VIEWS: (_VIEWS,),
        Metric.LIKES: ("likes",),
        Metric.COMMENTS: ("replies",),
        Metric.SHARES: _SHARES,
    }
    removed = {
        metric: MissingReason.GONE
        for metric, names in sources.items()
        if all(reader.reason_of(name) is not None for name in names)
    }
    return PostNumbers.of(
        {
            Metric.VIEWS: number_of(first.values.get(_VIEWS)),
            Metric.LIKES: _sum_of(parts, "likes"),
            Metric.COMMENTS: None if replies is None else max(replies - len(post.part_ids), 0),
            Metric.SHARES: sum(shares) if shares else None,
        },
        missing=removed,
        raw={**first.values, **({"parts": [dict(part) for part in parts[1:]]} if post.part_ids else {})},
    )


def _not_granted(missing_scopes: AbstractSet[str]) -> PostNumbers:
    return PostNumbers.of({}, missing=dict.fromkeys(_OFFERED, MissingReason.NOT_GRANTED), missing_scopes=missing_scopes)


def _sum_of(parts: Sequence[Mapping[str, JsonValue]], name: str) -> int | None:
    counts = [count for part in parts if (count := number_of(part.get(name))) is not None]
    return sum(counts) if counts else None


async def read_account(graph: Graph, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:
    """Read the profile's followers, and its views by day. See the port."""
    offered = (AccountNumber.FOLLOWERS, AccountNumber.VIEWS)
    not_granted = dict.fromkeys(offered, MissingReason.NOT_GRANTED)
    if missing_scopes := TO_READ_NUMBERS - access.account.scopes:
        return AccountRead.of(None, unavailable=not_granted, missing_scopes=missing_scopes, calls=0)
    reader = InsightsReader(graph, access, step=ACCOUNT, removed=removed)
    account_id = access.account.external_id
    followers = await reader.read_entries(account_id, [_FOLLOWERS], edge="threads_insights")
    if isinstance(followers, MissingReason):
        return AccountRead.of(None, unavailable=not_granted, missing_scopes=TO_READ_NUMBERS, calls=reader.calls)
    days = closed_days(since, access.now())
    views: Mapping[date, int] = {}
    if days:
        parameters = range_of(days[0], days[-1])
        entries = await reader.read_entries(account_id, [_VIEWS], edge="threads_insights", parameters=parameters)
        views = {} if isinstance(entries, MissingReason) else series_of(entries.get(_VIEWS))
    return AccountRead.of(
        number_of(value_of(followers.get(_FOLLOWERS, {}))),
        days=[AccountDay(day=day, views=count) for day, count in sorted(views.items())],
        offered=offered,
        unavailable={
            number: reason
            for number, name in ((AccountNumber.FOLLOWERS, _FOLLOWERS), (AccountNumber.VIEWS, _VIEWS))
            if (reason := reader.reason_of(name)) is not None
        },
        removed=frozenset(reader.newly_removed),
        calls=reader.calls,
    )
