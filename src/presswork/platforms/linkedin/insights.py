"""Numbers of LinkedIn posts and accounts: of pages by lists of posts, of members one by one, by a product that LinkedIn grants separately.

What had no activity is left out of LinkedIn's answers: that is no 0. Share statistics of posts are those of their whole life; those of a page by day end
about two days ago. Posts of both kinds, `share` and `ugcPost`, are asked by lists apart.
Sources: LinkedIn, "Organization Share Statistics" (2025-11), "Network Sizes", "Member Post Statistics" (2026-03, 2026-05: the type of a number is an
object before version 202605, a text since), "Member Followers Statistics", read 2026-12.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject
from presswork.platforms.errors import PlatformError
from presswork.platforms.insights import AccountDay, AccountRead, MissingReason, PostNumbers, PostsRead, read_each
from presswork.platforms.json_values import number_of, part_of, text_of
from presswork.platforms.linkedin.api import (
    MEMBER_FOLLOWERS,
    MEMBER_POSTS,
    NETWORK_SIZES,
    SHARE_STATISTICS,
    Api,
    elements_of,
    read_instant,
)
from presswork.platforms.linkedin.description import MEMBER_FOLLOWERS_READ, MEMBER_POSTS_READ, PAGE_ADMIN
from presswork.platforms.linkedin.error_mapping import DENIED, LINKEDIN, NOT_FOUND
from presswork.platforms.linkedin.notation import encoded, is_organization
from presswork.platforms.live_support import AccountNumber, Metric

STATISTICS: Final = "share_statistics"
SIZES: Final = "network_sizes"
MEMBER: Final = "member_post_analytics"
FOLLOWERS: Final = "member_followers"
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "urn:li:share:": ("shares", "share"),
    "urn:li:ugcPost:": ("ugcPosts", "ugcPost"),
}
"""The list and the field of an element, by the kind of a post's URN."""
_STATISTICS: Final = {
    Metric.VIEWS: "impressionCount",
    Metric.REACH: "uniqueImpressionsCount",
    Metric.LIKES: "likeCount",
    Metric.COMMENTS: "commentCount",
    Metric.SHARES: "shareCount",
    Metric.CLICKS: "clickCount",
}
_OF_MEMBER: Final = {
    Metric.VIEWS: "IMPRESSION",
    Metric.REACH: "MEMBERS_REACHED",
    Metric.LIKES: "REACTION",
    Metric.COMMENTS: "COMMENT",
    Metric.SHARES: "RESHARE",
}
_OF_MEMBER_SINCE_202604: Final = {
    Metric.SAVES: "POST_SAVE",
    Metric.CLICKS: "LINK_CLICKS",
    Metric.FOLLOWS: "FOLLOWER_GAINED_FROM_CONTENT",
}
_NEW_TYPES: Final = "202604"
_PAGED: Final = 10
"""Elements after which LinkedIn may have cut an answer: what it left out is asked once more."""
_MAX_DAYS: Final = 90
_LATE: Final = timedelta(days=7)
"""Days that are read in any case: they arrive about two days late."""


@dataclass(slots=True, eq=False)
class LinkedInReader:
    """One read of numbers as one member or page."""

    api: Api
    access: AccountAccess
    removed: AbstractSet[str] = frozenset()
    calls: int = 0

    async def read_posts(self, posts: Sequence[LivePost]) -> PostsRead:
        """Read the numbers of posts. Raises TryLater, CredentialInvalid, Rejected."""
        is_page = is_organization(self.access.account.external_id)
        found = await (self._read_page_posts if is_page else self._read_member_posts)(posts)
        return PostsRead(posts=found, calls=self.calls)

    async def _read_page_posts(self, posts: Sequence[LivePost]) -> dict[UUID, PostNumbers | PlatformError]:
        if PAGE_ADMIN not in self.access.account.scopes:
            return dict.fromkeys((post.post_id for post in posts), _not_granted(_STATISTICS, PAGE_ADMIN))
        found: dict[str, JsonObject] = {}
        for prefix, (parameter, name) in _KINDS.items():
            urns = list(dict.fromkeys(post.external_id for post in posts if post.external_id.startswith(prefix)))
            elements = await self._read_list(urns, parameter, name)
            if isinstance(elements, MissingReason):
                return dict.fromkeys((post.post_id for post in posts), _not_granted(_STATISTICS, PAGE_ADMIN))
            found |= elements
        return {
            post.post_id: _numbers_of(found.get(post.external_id, {}))
            if post.external_id.startswith(tuple(_KINDS))
            else PostNumbers.of({})
            for post in posts
        }

    async def _read_list(self, urns: Sequence[str], parameter: str, name: str) -> dict[str, JsonObject] | MissingReason:
        """Return the statistics of posts of one kind by their URNs."""
        found: dict[str, JsonObject] = {}
        asked = list(urns)
        while asked:
            chosen = f"{parameter}=List({','.join(encoded(urn) for urn in asked)})"
            elements = await self._read_statistics(chosen)
            if isinstance(elements, MissingReason):
                return elements
            seen = {
                urn: part_of(element, "totalShareStatistics")
                for element in elements
                if (urn := text_of(element.get(name))) is not None
            }
            asked = [urn for urn in asked if urn not in seen] if len(elements) >= _PAGED and seen.keys() - found else []
            found |= seen
        return found

    async def _read_statistics(self, more: str) -> list[JsonObject] | MissingReason:
        organization = encoded(self.access.account.external_id)
        query = f"q=organizationalEntity&organizationalEntity={organization}&{more}"
        response = await self._send(f"{SHARE_STATISTICS}?{query}", step=STATISTICS)
        return MissingReason.NOT_GRANTED if response is None else elements_of(response, step=STATISTICS)

    async def _send(self, path: str, *, step: str) -> JsonObject | None:
        """Return the object that a read returns, None where LinkedIn does not give access to it.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        self.calls += 1
        with LINKEDIN.lost(step=step):
            _, response = await self.api.send(self.access, "GET", path, step=step)
        if isinstance(response, ApiError) and response.meaning in (DENIED, NOT_FOUND):
            return None
        return LINKEDIN.object_of(response, step=step, now=self.access.now())

    async def _read_member_posts(self, posts: Sequence[LivePost]) -> Mapping[UUID, PostNumbers | PlatformError]:
        """Read each number of each post by a call."""
        refused = _not_granted(self._member_types, MEMBER_POSTS_READ)
        if MEMBER_POSTS_READ not in self.access.account.scopes:
            return dict.fromkeys((post.post_id for post in posts), refused)

        async def read(post: LivePost) -> PostNumbers:
            return await self._read_member_post(post) or refused

        return await read_each(posts, read)

    @property
    def _member_types(self) -> Mapping[Metric, str]:
        has_more = self.api.headers.get("LinkedIn-Version", "") >= _NEW_TYPES
        return {**_OF_MEMBER, **(_OF_MEMBER_SINCE_202604 if has_more else {})}

    async def _read_member_post(self, post: LivePost) -> PostNumbers | None:
        """Return the numbers of a member's post, None where the app may not read them."""
        kinds = {prefix: "ugc" if name == "ugcPost" else name for prefix, (_, name) in _KINDS.items()}
        kind = next((kind for prefix, kind in kinds.items() if post.external_id.startswith(prefix)), None)
        if kind is None:
            return PostNumbers.of({})
        counts: dict[Metric, float | None] = {}
        raw: dict[str, JsonValue] = {}
        for metric, name in self._member_types.items():
            entity = f"({kind}:{encoded(post.external_id)})"
            query = f"q=entity&entity={entity}&queryType={name}&aggregation=TOTAL"
            response = await self._send(f"{MEMBER_POSTS}?{query}", step=MEMBER)
            if response is None:
                return None
            elements = elements_of(response, step=MEMBER)
            counts[metric] = number_of(elements[0].get("count")) if elements else None
            if counts[metric] is not None:
                raw[name] = elements[0]["count"]
        return PostNumbers.of(counts, raw=raw)

    async def read_account(self, *, since: date) -> AccountRead:
        """Read the followers, and of a page its views and reach by day. Raises TryLater, CredentialInvalid, Rejected."""
        if is_organization(self.access.account.external_id):
            return await self._read_page(since)
        return await self._read_member()

    async def _read_member(self) -> AccountRead:
        scopes = frozenset({MEMBER_FOLLOWERS_READ})
        refused = {AccountNumber.FOLLOWERS: MissingReason.NOT_GRANTED}
        if not scopes <= self.access.account.scopes:
            return AccountRead.of(None, unavailable=refused, missing_scopes=scopes, calls=0)
        response = await self._send(f"{MEMBER_FOLLOWERS}?q=me", step=FOLLOWERS)
        if response is None:
            return AccountRead.of(None, unavailable=refused, missing_scopes=scopes, calls=self.calls)
        elements = elements_of(response, step=FOLLOWERS)
        followers = number_of(elements[0].get("memberFollowersCount")) if elements else None
        return AccountRead.of(followers, calls=self.calls)

    async def _read_page(self, since: date) -> AccountRead:
        scopes = frozenset({PAGE_ADMIN})
        offered = tuple(AccountNumber)
        if not scopes <= self.access.account.scopes:
            refused = dict.fromkeys(offered, MissingReason.NOT_GRANTED)
            return AccountRead.of(None, offered=offered, unavailable=refused, missing_scopes=scopes, calls=0)
        organization = encoded(self.access.account.external_id)
        sizes = await self._send(f"{NETWORK_SIZES}/{organization}?edgeType=COMPANY_FOLLOWED_BY_MEMBER", step=SIZES)
        days = await self._read_days(since)
        unavailable = {} if sizes is not None else {AccountNumber.FOLLOWERS: MissingReason.NOT_GRANTED}
        if isinstance(days, MissingReason):
            unavailable |= dict.fromkeys((AccountNumber.VIEWS, AccountNumber.REACH), days)
            days = []
        return AccountRead.of(
            number_of((sizes or {}).get("firstDegreeSize")),
            days=days,
            offered=offered,
            unavailable=unavailable,
            missing_scopes=scopes if unavailable else frozenset(),
            calls=self.calls,
        )

    async def _read_days(self, since: date) -> list[AccountDay] | MissingReason:
        today = self.access.now().astimezone(UTC).date()
        first = max(min(since, today - _LATE), today - timedelta(days=_MAX_DAYS))
        interval = f"(timeRange:(start:{_milliseconds(first)},end:{_milliseconds(today)}),timeGranularityType:DAY)"
        elements = await self._read_statistics(f"timeIntervals={interval}")
        if isinstance(elements, MissingReason):
            return elements
        days: dict[date, AccountDay] = {}
        for element in elements:
            start = read_instant(part_of(element, "timeRange").get("start"))
            statistics = part_of(element, "totalShareStatistics")
            if start is not None and statistics:
                days[start.date()] = AccountDay(
                    day=start.date(),
                    views=number_of(statistics.get("impressionCount")),
                    reach=number_of(statistics.get("uniqueImpressionsCount")),
                )
        return [days[day] for day in sorted(days)]


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=UTC).timestamp()) * 1000


def _numbers_of(statistics: JsonObject) -> PostNumbers:
    counts = {metric: number_of(statistics.get(name)) for metric, name in _STATISTICS.items()}
    return PostNumbers.of(counts, raw=statistics)


def _not_granted(metrics: Mapping[Metric, str], scope: str) -> PostNumbers:
    return PostNumbers.of(
        {}, missing=dict.fromkeys(metrics, MissingReason.NOT_GRANTED), missing_scopes=frozenset({scope})
    )
