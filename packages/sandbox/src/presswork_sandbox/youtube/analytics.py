"""The YouTube Analytics API: what videos and channels gained by day, some days late.

Source: Google, "YouTube Analytics API: Reports: query", and the discovery document of youtubeAnalytics.v2, read 2026-11. That
the last days are missing is what clients report; a day here is one of California.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.numbers import MAX_SUMMED_POSTS
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.wire import JSONValue, Reply, json_reply
from presswork_sandbox.youtube.errors import YouTubeRefusal
from presswork_sandbox.youtube.facts import FACTS
from presswork_sandbox.youtube.metrics import ANALYTICS
from presswork_sandbox.youtube.quota import PACIFIC, Projects
from presswork_sandbox.youtube.statistics import Statistics
from presswork_sandbox.youtube.videos import Video, Videos

DELAY_SECONDS: Final = 3 * DAY  # from the end of a day until reports have it
MAX_VIDEOS: Final = 500  # in a filter
MAX_DAYS: Final = 3_660
DIMENSIONS: Final = ("", "day", "video")
FRACTIONS: Final = frozenset({"averageViewPercentage"})
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NOT_SUPPORTED: Final = (
    "The query is not supported. Check the documentation at"
    " https://developers.google.com/youtube/analytics/v2/available_reports for supported queries."
)
Gains = Mapping[Quantity, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a report is about."""

    days: Sequence[date]  # those that reports have already
    metrics: Sequence[str]
    dimension: str
    video_ids: Sequence[str] | None  # None for all of the channel


class Analytics:
    """youtubeanalytics.googleapis.com."""

    def __init__(self, sandbox: Sandbox, videos: Videos, projects: Projects, statistics: Statistics) -> None:
        self._sandbox = sandbox
        self._videos = videos
        self._projects = projects
        self._statistics = statistics

    def query(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET /v2/reports. Raises YouTubeRefusal."""
        if not self._projects.has_analytics:
            raise YouTubeRefusal(
                "accessNotConfigured",
                "YouTube Analytics API has not been used in this project before or it is disabled.",
            )
        if query.get("ids") not in {"channel==MINE", f"channel=={account.user_id}"}:
            raise YouTubeRefusal("forbidden", "Forbidden")
        asked = self._read(query)
        columns = ([asked.dimension] if asked.dimension else []) + list(asked.metrics)
        rows = self._sort(self._rows(account, asked), columns, query.get("sort", ""))
        return json_reply(
            {
                "kind": "youtubeAnalytics#resultTable",
                "columnHeaders": [_describe_column(name) for name in columns],
                **({"rows": rows} if rows else {}),
            }
        )

    def _read(self, query: Mapping[str, str]) -> Query:
        metrics = [name for name in query.get("metrics", "").split(",") if name]
        if not metrics:
            raise _refuse_missing("metrics")
        for name in metrics:
            if name not in ANALYTICS or name in self._sandbox.numbers.removed(FACTS.name):
                raise YouTubeRefusal("badRequest", f"Unknown identifier ({name}) given in field parameters.metrics.")
        dimension = query.get("dimensions", "")
        if dimension not in DIMENSIONS:
            raise YouTubeRefusal("badRequest", NOT_SUPPORTED)
        first, last = _read_date(query, "startDate"), _read_date(query, "endDate")
        if last < first:
            raise YouTubeRefusal("badRequest", "Invalid value for parameter endDate: it is before startDate.")
        if (last - first).days > MAX_DAYS:
            raise YouTubeRefusal("badRequest", NOT_SUPPORTED)
        ready_until = self._sandbox.clock.now() - self._sandbox.numbers.delay(FACTS.name, DELAY_SECONDS)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return Query(
            days=[day for day in days if _start_of(day + timedelta(days=1)) <= ready_until],
            metrics=metrics,
            dimension=dimension,
            video_ids=_read_videos(query.get("filters", "")),
        )

    def _rows(self, account: Account, asked: Query) -> list[list[JSONValue]]:
        instants = [_start_of(day) for day in asked.days]
        if not instants:
            return []
        instants.append(_start_of(asked.days[-1] + timedelta(days=1)))
        by_day: dict[date, dict[Quantity, int]] = {}
        by_video: dict[str, dict[Quantity, int]] = {}
        quantities = list(dict.fromkeys([Quantity.VIEWS, *(ANALYTICS[name] for name in asked.metrics)]))
        seconds: dict[str, float] = {}
        for video in self._videos_of(account, asked.video_ids):
            post = self._statistics.post_of(video)
            if post is None or post.created_at >= instants[-1]:
                continue
            seconds[video.video_id] = self._duration(video)
            of_video = by_video.setdefault(video.video_id, dict.fromkeys(quantities, 0))
            gained_by_day = self._sandbox.numbers.series(post, quantities, instants)
            for day, until, gained in zip(asked.days, instants[1:], gained_by_day, strict=True):
                if until <= post.created_at:
                    continue
                of_day = by_day.setdefault(day, dict.fromkeys(quantities, 0))
                for quantity in quantities:
                    of_day[quantity] += gained[quantity]
                    of_video[quantity] += gained[quantity]
        if not by_day:
            return []
        length = sum(seconds.values()) / len(seconds)
        if asked.dimension == "day":
            return [
                [day.isoformat(), *(_value(name, by_day[day], length) for name in asked.metrics)]
                for day in sorted(by_day)
            ]
        if asked.dimension == "video":
            return [
                [video_id, *(_value(name, gained, seconds[video_id]) for name in asked.metrics)]
                for video_id, gained in by_video.items()
            ]
        total = {quantity: sum(gained[quantity] for gained in by_day.values()) for quantity in quantities}
        return [[_value(name, total, length) for name in asked.metrics]]

    def _videos_of(self, account: Account, video_ids: Sequence[str] | None) -> Sequence[Video]:
        if video_ids is None:
            return self._videos.of_channel(account.id, self._sandbox.clock.now(), MAX_SUMMED_POSTS, 0)
        found = (self._videos.find(video_id) for video_id in video_ids)
        return [video for video in found if video is not None and video.account_id == account.id]

    def _duration(self, video: Video) -> float:
        asset = None if video.asset_id is None else self._sandbox.media_store.asset(video.asset_id)
        return 0.0 if asset is None else asset.duration_seconds or 0.0

    def _sort(self, rows: list[list[JSONValue]], columns: Sequence[str], sort: str) -> list[list[JSONValue]]:
        for name in reversed([part for part in sort.split(",") if part]):
            if name.removeprefix("-") not in columns:
                raise YouTubeRefusal("badRequest", NOT_SUPPORTED)
            place = columns.index(name.removeprefix("-"))
            rows = sorted(rows, key=lambda row: _key(row[place]), reverse=name.startswith("-"))
        return rows


def _key(value: JSONValue) -> tuple[float, str]:
    return (float(value), "") if isinstance(value, int | float) else (0.0, str(value))


def _value(name: str, gained: Gains, seconds: float) -> int | float:
    """Return a metric from what was gained; `seconds` is the length of the video, or the mean one, and people loop Shorts."""
    watched, views = gained.get(Quantity.WATCH_SECONDS, 0), gained[Quantity.VIEWS]
    match name:
        case "estimatedMinutesWatched":
            return watched // 60
        case "averageViewDuration":
            return watched // views if views else 0
        case "averageViewPercentage":
            return round(100 * watched / views / seconds, 2) if views and seconds else 0.0
        case _:
            return gained[ANALYTICS[name]]


def _describe_column(name: str) -> JSONValue:
    if name in DIMENSIONS:
        return {"name": name, "columnType": "DIMENSION", "dataType": "STRING"}
    return {"name": name, "columnType": "METRIC", "dataType": "FLOAT" if name in FRACTIONS else "INTEGER"}


def _start_of(day: date) -> float:
    """Return when a day begins in California, seconds since 1970."""
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC).timestamp()


def _refuse_missing(name: str) -> YouTubeRefusal:
    return YouTubeRefusal("badRequest", f"Required parameter: {name}", location=name, location_type="parameter")


def _read_date(query: Mapping[str, str], name: str) -> date:
    text = query.get(name, "")
    if not text:
        raise _refuse_missing(name)
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise YouTubeRefusal("badRequest", f"Invalid value for parameter {name}. Values must match YYYY-MM-DD.")


def _read_videos(filters: str) -> Sequence[str] | None:
    if not filters:
        return None
    name, mark, ids = filters.partition("==")
    video_ids = list(dict.fromkeys(one for one in ids.split(",") if one))
    if name != "video" or not mark or ";" in ids or not 1 <= len(video_ids) <= MAX_VIDEOS:
        raise YouTubeRefusal("badRequest", NOT_SUPPORTED)
    return video_ids
