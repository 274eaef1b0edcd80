"""Numbers of a Page and its posts.

Reactions, comments and shares are fields of a post, without a further permission. Views, reach and clicks are insights, refreshed about once a
day, which Facebook has of Pages with 100 likes or more. Stories have none that Facebook documents for their posts. A video's insights are asked by
the id of its post, its comments by its own.
Sources: Meta, "Page Insights" (deprecated metrics of 2026-03-02), "Page Post", and a probe of one Page (2026-09); read 2026-12.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.facebook_pages.description import TO_READ_COMMENTS, TO_READ_NUMBERS
from presswork.platforms.facebook_pages.options import settings_of
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.insights import Insights, InsightsReader, closed_days, range_of, series_of, total_of
from presswork.platforms.insights import AccountDay, AccountRead, MissingReason, PostNumbers, PostsRead
from presswork.platforms.json_values import number_of, part_of
from presswork.platforms.live_support import AccountNumber, Metric
from presswork.platforms.port import MediaType, PostOptions

STEP: Final = "post_insights"
ACCOUNT: Final = "page_insights"
FIELDS: Final = "post_fields"
_METRICS: Final = {
    Metric.VIEWS: "post_media_view",
    Metric.REACH: "post_total_media_view_unique",
    Metric.CLICKS: "post_clicks",
}
_ACTIONS: Final = "post_activity_by_action_type"
_RAW: Final = (_ACTIONS, "post_reactions_by_type_total")
_RAW_OF_VIDEO: Final = (*_RAW, "post_video_views")
_SUMMARY: Final = "limit(0).summary(true)"
_VIEWS: Final = "page_media_view"
_REACH: Final = "page_total_media_view_unique"
_FOLLOWERS: Final = "page_follows"
_LEAST_LIKES: Final = 100
"""Facebook has no insights of a Page with fewer."""


@dataclass(slots=True, eq=False)
class PageReader:
    """One read of numbers as one Page."""

    reader: InsightsReader
    _likes: int | None = None
    """Of the Page, once they were read."""

    @classmethod
    def of(cls, graph: Graph, access: AccountAccess, *, step: str, removed: AbstractSet[str]) -> "PageReader":
        """Return a reader."""
        return cls(InsightsReader(graph, access, step=step, removed=removed))

    @property
    def _scopes(self) -> AbstractSet[str]:
        return self.reader.access.account.scopes

    async def read_posts(self, posts: Sequence[LivePost]) -> PostsRead:
        """Read the numbers of posts, one after the other. See the port."""
        return await self.reader.read_each(posts, self._read_post)

    async def _read_post(self, post: LivePost) -> PostNumbers:
        if settings_of(PostOptions(dict(post.options))).is_story:
            return PostNumbers.of({})
        is_video = post.media_type is MediaType.VIDEO
        is_video_id = is_video and "_" not in post.external_id
        hidden = TO_READ_COMMENTS - self._scopes
        try:
            body = await self._read_fields(post, is_video_id=is_video_id, has_comments=not hidden)
        except Rejected as error:
            if error.failure is not FailureCode.CREDENTIAL_INVALID or hidden:
                raise
            hidden = TO_READ_COMMENTS  # the permission was withdrawn since the login
            body = await self._read_fields(post, is_video_id=is_video_id, has_comments=False)
        if body is None:
            return PostNumbers.gone()
        insights = Insights(refused=MissingReason.NOT_GRANTED)
        if self._scopes >= TO_READ_NUMBERS:
            path = f"{self.reader.access.account.external_id}_{post.external_id}" if is_video_id else post.external_id
            names = (*_METRICS.values(), *(_RAW_OF_VIDEO if is_video else _RAW))
            insights = await self.reader.read_metrics(path, names)
        if insights.refused is MissingReason.GONE:
            return PostNumbers.gone()
        refused = insights.refused
        if refused is None and not insights.values and await self._is_too_small():
            refused = MissingReason.TOO_FEW
        missing = {
            metric: reason
            for metric, name in _METRICS.items()
            if (reason := self.reader.reason_of(name) or refused) is not None
        }
        missing_scopes = TO_READ_NUMBERS if refused is MissingReason.NOT_GRANTED else frozenset()
        if hidden:
            missing |= dict.fromkeys((Metric.LIKES, Metric.COMMENTS), MissingReason.NOT_GRANTED)
            missing_scopes |= hidden
        shares = number_of(part_of(body, "shares").get("count"))
        if shares is None:
            shares = number_of(part_of(insights.values, _ACTIONS).get("share"))
        if shares is None and is_video_id and refused is not None:
            missing[Metric.SHARES] = refused
        raw: dict[str, JsonValue] = {name: value for name, value in body.items() if name != "id"}
        return PostNumbers.of(
            {
                **{metric: number_of(insights.values.get(name)) for metric, name in _METRICS.items()},
                Metric.LIKES: total_of(body, "reactions"),
                Metric.COMMENTS: total_of(body, "comments"),
                Metric.SHARES: shares,
            },
            missing=missing,
            raw=raw | dict(insights.values),
            missing_scopes=missing_scopes,
        )

    async def _read_fields(self, post: LivePost, *, is_video_id: bool, has_comments: bool) -> JsonObject | None:
        """Return what a post shows without insights, None where it is gone. A video has no field for shares."""
        fields = ["id", *([] if is_video_id else ["shares"])]
        if has_comments:
            fields += [f"{edge}.{_SUMMARY}" for edge in ("comments", "reactions")]
        return await self.reader.read_fields(post.external_id, ",".join(fields), step=FIELDS)

    async def _is_too_small(self) -> bool:
        """Whether the Page has too few likes for insights."""
        if self._likes is None:
            body = await self.reader.read_fields(self.reader.access.account.external_id, "fan_count", step=ACCOUNT)
            self._likes = number_of((body or {}).get("fan_count"))
        return self._likes is not None and self._likes < _LEAST_LIKES

    async def read_account(self, *, since: date) -> AccountRead:
        """Read the Page's followers, and its views, reach and followers by day. See the port."""
        reader, page_id = self.reader, self.reader.access.account.external_id
        body = await reader.read_fields(page_id, "followers_count,fan_count", step=ACCOUNT) or {}
        self._likes = number_of(body.get("fan_count"))
        days = closed_days(since, reader.access.now())
        entries: Mapping[str, JsonObject] | MissingReason = {}
        if not self._scopes >= TO_READ_NUMBERS:
            entries = MissingReason.NOT_GRANTED
        elif days:
            parameters = {"period": "day", **range_of(days[0], days[-1])}
            entries = await reader.read_entries(page_id, (_VIEWS, _REACH, _FOLLOWERS), parameters=parameters)
        refused = entries if isinstance(entries, MissingReason) else None
        found = {} if isinstance(entries, MissingReason) else entries
        if days and refused is None and not found and await self._is_too_small():
            refused = MissingReason.TOO_FEW
        views, reach, followers = (series_of(found.get(name)) for name in (_VIEWS, _REACH, _FOLLOWERS))
        return AccountRead.of(
            number_of(body.get("followers_count")),
            days=[
                AccountDay(day=day, views=views.get(day), reach=reach.get(day), followers=followers.get(day))
                for day in sorted({*views, *reach, *followers})
            ],
            offered=tuple(AccountNumber),
            unavailable={
                number: reason
                for number, name in ((AccountNumber.VIEWS, _VIEWS), (AccountNumber.REACH, _REACH))
                if (reason := reader.reason_of(name) or refused) is not None
            },
            missing_scopes=TO_READ_NUMBERS if refused is MissingReason.NOT_GRANTED else frozenset(),
            removed=frozenset(reader.newly_removed),
            calls=reader.calls,
        )
