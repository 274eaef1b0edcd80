"""Numbers of YouTube videos and channels: counts by the Data API, and with a further permission those of YouTube Analytics.

Counts are read by `videos.batchGetStats`, which has 10,000 calls a day apart from the units of all else. It may omit videos, so those are asked
again by `videos.list`, where a video that is missing is gone: the channel sees its own private videos. Analytics is two to three days late, and has
a quota of its own.
Sources: Google, "Videos: batchGetStats" (2026-06), "Videos: list", "Channels: list" and "YouTube Analytics: Reports: Query", read 2026-12.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject, refusal
from presswork.platforms.errors import PlatformError, Rejected, TryLater
from presswork.platforms.insights import AccountDay, AccountRead, MissingReason, PostNumbers, PostsRead
from presswork.platforms.json_values import count_of, items_of, number_of, part_of, text_of
from presswork.platforms.live_support import AccountNumber, Metric
from presswork.platforms.youtube.api import BATCH_STATS, CHANNELS, REPORTS, VIDEOS, Api
from presswork.platforms.youtube.description import ANALYTICS
from presswork.platforms.youtube.error_mapping import YOUTUBE
from presswork.platforms.youtube.videos import CHANNEL, LIST

BATCH: Final = "videos_batch_get_stats"
REPORT: Final = "analytics_reports"
_COUNTS: Final = {Metric.VIEWS: "viewCount", Metric.LIKES: "likeCount", Metric.COMMENTS: "commentCount"}
_MINUTES: Final = "estimatedMinutesWatched"
_REPORTED: Final = {
    Metric.SHARES: "shares",
    Metric.WATCH_SECONDS: _MINUTES,
    Metric.AVERAGE_WATCH_SECONDS: "averageViewDuration",
    Metric.FOLLOWS: "subscribersGained",
}
"""Of YouTube Analytics."""
_PREFIX: Final = "analytics."
"""Of its metrics, which have names of the Data API too."""
_UNKNOWN_METRIC: Final = re.compile(r"identifier \((\w+)\)")
"""In the message about a metric that Analytics does not know. Seen by other clients; the documentation has no list of messages."""
_LATE: Final = timedelta(days=7)
"""Days of a channel that are read in any case: Analytics has them two to three days late."""
_METHOD_MISSING: Final = frozenset({404, 405})


@dataclass(slots=True, eq=False)
class YouTubeReader:
    """One read of numbers as one channel."""

    api: Api
    analytics: Api
    """The same client at the host of YouTube Analytics."""
    access: AccountAccess
    removed: AbstractSet[str] = frozenset()
    newly_removed: set[str] = field(default_factory=set)
    calls: int = 0

    async def read_posts(self, posts: Sequence[LivePost]) -> PostsRead:
        """Read the numbers of at most 50 videos. Raises TryLater, CredentialInvalid, Rejected."""
        ids = list(dict.fromkeys(post.external_id for post in posts))
        found = await self._read_batch(ids)
        gone: set[str] = set()
        if missing := [video for video in ids if video not in found]:
            listed = await self._list(missing)
            found |= listed
            gone = set(missing) - set(listed)
        rows = await self._read_report(posts, [video for video in ids if video not in gone])
        return PostsRead(
            posts={
                post.post_id: PostNumbers.gone()
                if post.external_id in gone
                else self._numbers_of(found[post.external_id], rows, post.external_id)
                for post in posts
            },
            removed=frozenset(self.newly_removed),
            calls=self.calls,
        )

    def _numbers_of(
        self, statistics: JsonObject, rows: Mapping[str, Mapping[str, JsonValue]] | MissingReason, video_id: str
    ) -> PostNumbers:
        """Return a video's numbers. A count that is missing, the channel hides, or has turned off; but views are always counted."""
        counts = {metric: count_of(statistics.get(name)) for metric, name in _COUNTS.items()}
        missing = {metric: MissingReason.NOT_OFFERED for metric, count in counts.items() if count is None}
        missing.pop(Metric.VIEWS, None)
        raw: dict[str, JsonValue] = dict(statistics)
        reported: dict[Metric, float | None] = dict.fromkeys(_REPORTED)
        if isinstance(rows, MissingReason):
            missing |= dict.fromkeys(_REPORTED, rows)
        else:
            row = rows.get(video_id, {})
            raw |= {f"{_PREFIX}{name}": value for name, value in row.items() if name != "video"}
            for metric, name in _REPORTED.items():
                number = number_of(row.get(name))
                reported[metric] = number if number is None or name != _MINUTES else number * 60
                if not self._is_known(name):
                    missing[metric] = MissingReason.GONE
        return PostNumbers.of(
            {**counts, **reported},
            missing=missing,
            raw=raw,
            missing_scopes=_explain_scopes(rows if isinstance(rows, MissingReason) else None),
        )

    async def _read_batch(self, ids: Sequence[str]) -> dict[str, JsonObject]:
        """Return the counts by the videos' ids; none where YouTube does not have the method yet."""
        self.calls += 1
        params = {"part": "statistics", "id": ",".join(ids)}
        with YOUTUBE.lost(step=BATCH):
            _, response = await self.api.send(self.access, "GET", BATCH_STATS, params, step=BATCH)
        if isinstance(response, ApiError) and response.status in _METHOD_MISSING:
            return {}
        return _statistics_in(YOUTUBE.object_of(response, step=BATCH, now=self.access.now()))

    async def _list(self, ids: Sequence[str]) -> dict[str, JsonObject]:
        self.calls += 1
        params = {"part": "statistics", "id": ",".join(ids)}
        body = await self.api.ask(self.access, "GET", VIDEOS, params, step=LIST, now=self.access.now())
        return _statistics_in(body)

    async def _read_report(
        self, posts: Sequence[LivePost], ids: Sequence[str]
    ) -> Mapping[str, Mapping[str, JsonValue]] | MissingReason:
        """Return what Analytics counted by the videos' ids, or why it does not say."""
        if ANALYTICS not in self.access.account.scopes:
            return MissingReason.NOT_GRANTED
        if not ids:
            return {}
        now = self.access.now()
        rows = await self._ask_report(
            {
                # a day early: its days are those of California
                "startDate": (min(post.published_at for post in posts) - timedelta(days=1)).date().isoformat(),
                "endDate": now.date().isoformat(),
                "dimensions": "video",
                "filters": f"video=={','.join(ids)}",
                "maxResults": str(len(ids)),
            },
            metrics=tuple(_REPORTED.values()),
        )
        if isinstance(rows, MissingReason):
            return rows
        return {video: row for row in rows if (video := text_of(row.get("video"))) is not None}

    async def _ask_report(
        self, params: Mapping[str, str], *, metrics: Sequence[str]
    ) -> list[Mapping[str, JsonValue]] | MissingReason:
        """Return the rows of a report by the names of their columns; `not_granted` where the channel or the app has no access to it.

        A metric that Analytics does not know any more fails the whole report, which is asked again without it.
        """
        asked = [metric for metric in metrics if self._is_known(metric)]
        if not asked:
            return []
        self.calls += 1
        chosen = {"ids": "channel==MINE", **params, "metrics": ",".join(asked), "sort": f"-{asked[0]}"}
        with YOUTUBE.lost(step=REPORT):
            _, response = await self.analytics.send(self.access, "GET", REPORTS, chosen, step=REPORT)
        if isinstance(response, ApiError):
            unknown = _UNKNOWN_METRIC.search(response.message)
            if response.status == 400 and unknown is not None and unknown[1] in asked:
                self.newly_removed.add(f"{_PREFIX}{unknown[1]}")
                return await self._ask_report(params, metrics=metrics)
            return _explain_refusal(refusal(response, step=REPORT, now=self.access.now()), response)
        body = YOUTUBE.object_of(response, step=REPORT, now=self.access.now())
        names = [text_of(column.get("name")) or "" for column in items_of(body, "columnHeaders")]
        rows = body.get("rows")
        return [
            dict(zip(names, row, strict=False))
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, list)
        ]

    def _is_known(self, metric: str) -> bool:
        return f"{_PREFIX}{metric}" not in {*self.removed, *self.newly_removed}

    async def read_account(self, *, since: date) -> AccountRead:
        """Read the channel's subscribers, and its views by day. Raises TryLater, CredentialInvalid, Rejected."""
        self.calls += 1
        params = {"part": "statistics", "mine": "true"}
        body = await self.api.ask(self.access, "GET", CHANNELS, params, step=CHANNEL, now=self.access.now())
        channel_id = self.access.account.external_id
        channel = next((item for item in items_of(body, "items") if item.get("id") == channel_id), {})
        statistics = part_of(channel, "statistics")
        is_hidden = statistics.get("hiddenSubscriberCount") is True
        followers = None if is_hidden else count_of(statistics.get("subscriberCount"))
        unavailable = {AccountNumber.FOLLOWERS: MissingReason.NOT_OFFERED} if is_hidden else {}
        rows = await self._read_days(since) if ANALYTICS in self.access.account.scopes else MissingReason.NOT_GRANTED
        if isinstance(rows, MissingReason):
            unavailable[AccountNumber.VIEWS] = rows
            rows = []
        elif not self._is_known("views"):
            unavailable[AccountNumber.VIEWS] = MissingReason.GONE
        return AccountRead.of(
            followers,
            days=rows,
            offered=(AccountNumber.FOLLOWERS, AccountNumber.VIEWS),
            unavailable=unavailable,
            missing_scopes=_explain_scopes(unavailable.get(AccountNumber.VIEWS)),
            removed=frozenset(self.newly_removed),
            calls=self.calls,
        )

    async def _read_days(self, since: date) -> list[AccountDay] | MissingReason:
        last = self.access.now().date() - timedelta(days=1)
        first = min(since, last - _LATE)
        params = {"startDate": first.isoformat(), "endDate": last.isoformat(), "dimensions": "day"}
        rows = await self._ask_report(params, metrics=("views",))
        if isinstance(rows, MissingReason):
            return rows
        views = {day: number_of(row.get("views")) for row in rows if (day := text_of(row.get("day"))) is not None}
        return [AccountDay(day=date.fromisoformat(day), views=views[day]) for day in sorted(views)]


def _statistics_in(body: JsonObject) -> dict[str, JsonObject]:
    return {
        video: part_of(item, "statistics")
        for item in items_of(body, "items")
        if (video := text_of(item.get("id"))) is not None
    }


def _explain_refusal(refused: PlatformError, response: ApiError) -> MissingReason:
    """Return why Analytics has no report, so that the counts of the Data API are known anyway. Raises TryLater, CredentialInvalid.

    Its quota is its own: where that is used up, the Data API still answers. A project in which it is not enabled counts as one without the permission.
    """
    if isinstance(refused, TryLater) and refused.is_throttled:
        return MissingReason.NOT_YET
    if isinstance(refused, Rejected):
        return MissingReason.NOT_GRANTED if response.status == 403 else MissingReason.NOT_OFFERED
    raise refused


def _explain_scopes(reason: MissingReason | None) -> AbstractSet[str]:
    return frozenset({ANALYTICS}) if reason is MissingReason.NOT_GRANTED else frozenset()
