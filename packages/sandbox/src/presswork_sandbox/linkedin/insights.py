"""Statistics of pages and of members' posts: what is quiet is left out, and days end some days ago.

Source: LinkedIn, "Organization Share Statistics", "Organization Follower Statistics" (2025-11), "Member Post Statistics" (2026-03
and 2026-05) and "Member Follower Statistics", read 2026-11. That the days of a page end about two days ago, and that apps of the
Development tier get 404 for members, is what developers report. A day is one of UTC.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.calls import APICall
from presswork_sandbox.linkedin.errors import BAD_QUERY, UNKNOWN_RESOURCE, LinkedInRefusal, denied
from presswork_sandbox.linkedin.facts import FACTS
from presswork_sandbox.linkedin.metrics import NEWER_QUERY_TYPES, QUERY_TYPES, SHARE_STATISTICS
from presswork_sandbox.linkedin.people import ADMINISTRATOR, role_of
from presswork_sandbox.linkedin.publish import Publication, Publications
from presswork_sandbox.linkedin.rules import Rules
from presswork_sandbox.posts import Post
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.wire import JSONValue, Reply, json_reply

DELAY_SECONDS: Final = HOUR  # until a post has numbers
DAY_DELAY: Final = 2 * DAY  # from the end of a day until statistics have it
MAX_AGE: Final = 366 * DAY  # of a day: twelve months are kept
MAX_DAYS: Final = 366
ADMINS: Final = frozenset({"rw_organization_admin", "r_organization_admin"})
POST_ANALYTICS: Final = "r_member_postAnalytics"
PROFILE_ANALYTICS: Final = "r_member_profileAnalytics"
NEWER_TYPES_VERSION: Final = "202604"
PLAIN_TYPE_VERSION: Final = "202605"  # before it, metricType is an object
METRIC_TYPE: Final = "com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1"
FOLLOWED: Final = "COMPANY_FOLLOWED_BY_MEMBER"
_LISTS: Final = {"shares": "share", "ugcPosts": "ugcPost"}
_LIST: Final = re.compile(r"List\((urn:li:\w+:\d{1,19}(?:,urn:li:\w+:\d{1,19})*)\)", re.ASCII)
_RANGE: Final = r"timeRange:\(start:(?P<start>\d{1,15}),end:(?P<end>\d{1,15})\)"
_INTERVALS: Final = (
    re.compile(rf"\({_RANGE},timeGranularityType:DAY\)", re.ASCII),
    re.compile(rf"\(timeGranularityType:DAY,{_RANGE}\)", re.ASCII),
)
_ENTITY: Final = re.compile(r"\((?:share:(urn:li:share:\d{1,19})|ugc:(urn:li:ugcPost:\d{1,19}))\)", re.ASCII)
_DATES: Final = re.compile(r"\(start:\(([\w:,]+)\),end:\(([\w:,]+)\)\)", re.ASCII)
_PART: Final = re.compile(r"(day|month|year):(\d{1,4})", re.ASCII)


class Insights:
    """Answers calls about numbers. Every method raises LinkedInRefusal."""

    def __init__(self, sandbox: Sandbox, rules: Rules, publications: Publications) -> None:
        self._sandbox = sandbox
        self._rules = rules
        self._publications = publications

    # Pages

    def _require_page(self, api_call: APICall, urn: str, resource: str) -> Account:
        """Return the page of a URN, whose administrator the caller must be."""
        page = api_call.caller.pages.get(urn)
        if page is None or not ADMINS & api_call.caller.scopes or role_of(page) != ADMINISTRATOR:
            raise LinkedInRefusal(denied(resource, api_call.version))
        return page

    def share_statistics(self, api_call: APICall) -> Reply:
        """GET /rest/organizationalEntityShareStatistics: of a page, or of those of its posts that are listed."""
        query = api_call.query
        urn = query.get("organizationalEntity", "")
        if query.get("q") != "organizationalEntity" or not urn:
            raise LinkedInRefusal(BAD_QUERY)
        page = self._require_page(api_call, urn, "organizationalEntityShareStatistics.FINDER-organizationalEntity")
        listed = _read_posts(api_call)
        instants = self._read_days(api_call)
        elements: list[JSONValue] = []
        if listed is None:
            posts = [post for post in self._sandbox.numbers.posts_of(page) if self._author_of(post) == urn]
            elements += self._describe_posts(posts, instants, {"organizationalEntity": urn})
        else:
            for post_urn in listed:
                post = self._find_post(post_urn, urn)
                if post is not None:
                    name = _LISTS["ugcPosts" if ":ugcPost:" in post_urn else "shares"]
                    elements += self._describe_posts([post], instants, {"organizationalEntity": urn, name: post_urn})
        return _build_list(elements)

    def _author_of(self, post: Post) -> str | None:
        return self._publications.author_of(post.external_id)

    def _find_post(self, urn: str, author: str) -> Post | None:
        """Return a live post of an author."""
        found: Publication | None = self._publications.find(urn)
        if found is None or found.author != author:
            return None
        return self._sandbox.posts.by_external_id(FACTS.name, urn)

    def _describe_posts(
        self, posts: Sequence[Post], instants: Sequence[float] | None, about: Mapping[str, JSONValue]
    ) -> list[JSONValue]:
        """Return the elements for the sum of posts: one, or one for each day; without those that have nothing."""
        numbers, quantities = self._sandbox.numbers, tuple(SHARE_STATISTICS.values())
        if instants is None:
            delay = numbers.delay(FACTS.name, DELAY_SECONDS)
            ready = [numbers.counts(post) for post in posts if numbers.age(post) >= delay]
            total = {quantity: sum(counts[quantity] for counts in ready) for quantity in quantities}
            return [{**about, "totalShareStatistics": self._statistics(total)}] if any(total.values()) else []
        days = [dict.fromkeys(quantities, 0) for _ in instants[1:]]
        for post in posts:
            for day, gained in zip(days, numbers.series(post, quantities, instants), strict=True):
                for quantity in quantities:
                    day[quantity] += gained[quantity]
        return [
            {**about, "timeRange": _time_range(start), "totalShareStatistics": self._statistics(day)}
            for start, day in zip(instants[:-1], days, strict=True)
            if any(day.values())
        ]

    def _statistics(self, total: Mapping[Quantity, int]) -> Mapping[str, JSONValue]:
        removed, views = self._sandbox.numbers.removed(FACTS.name), total[Quantity.VIEWS]
        engaged = sum(total[one] for one in (Quantity.CLICKS, Quantity.LIKES, Quantity.COMMENTS, Quantity.SHARES))
        counts = {name: total[quantity] for name, quantity in SHARE_STATISTICS.items() if name not in removed}
        return {**counts, "engagement": engaged / views if views else 0.0}

    def _read_days(self, api_call: APICall) -> list[float] | None:
        """Return the limits of the days that are asked for and ready; None where all time is asked for."""
        text = api_call.query.get("timeIntervals", "")
        if not text:
            return None
        match = next(filter(None, (form.fullmatch(text) for form in _INTERVALS)), None)
        if match is None or _is_encoded(api_call, "timeIntervals"):
            raise LinkedInRefusal(BAD_QUERY)
        start, end = int(match["start"]) / 1000, int(match["end"]) / 1000
        if end <= start or end - start > MAX_DAYS * DAY:
            raise LinkedInRefusal(BAD_QUERY)
        now = self._sandbox.clock.now()
        first = max(start, now - MAX_AGE) // DAY * DAY
        last = min(end, now - self._sandbox.numbers.delay(FACTS.name, DAY_DELAY)) // DAY * DAY
        return [first + number * DAY for number in range(int(max(0.0, last - first) // DAY) + 1)]

    def network_sizes(self, api_call: APICall) -> Reply:
        """GET /rest/networkSizes/{urn}?edgeType=COMPANY_FOLLOWED_BY_MEMBER: the followers of a page."""
        if api_call.query.get("edgeType") != FOLLOWED:
            raise LinkedInRefusal(BAD_QUERY)
        page = self._require_page(api_call, api_call.key, "networkSizes.GET")
        return json_reply({"firstDegreeSize": self._sandbox.numbers.followers(page)})

    def follower_statistics(self, api_call: APICall) -> Reply:
        """GET /rest/organizationalEntityFollowerStatistics: gains by day, or by kind of follower for all time."""
        urn = api_call.query.get("organizationalEntity", "")
        if api_call.query.get("q") != "organizationalEntity" or not urn:
            raise LinkedInRefusal(BAD_QUERY)
        page = self._require_page(api_call, urn, "organizationalEntityFollowerStatistics.FINDER-organizationalEntity")
        instants = self._read_days(api_call)
        if instants is None:
            organic = self._sandbox.numbers.followers(page)
            counts: JSONValue = [{"followerCounts": {"organicFollowerCount": organic, "paidFollowerCount": 0}}]
            return _build_list([{"organizationalEntity": urn, "followerCountsByAssociationType": counts}])
        elements: list[JSONValue] = []
        for start in instants[:-1]:
            gained = self._sandbox.numbers.new_followers(page, start, start + DAY)
            gains: JSONValue = {"organicFollowerGain": gained, "paidFollowerGain": 0}
            elements.append({"organizationalEntity": urn, "timeRange": _time_range(start), "followerGains": gains})
        return _build_list(elements)

    # Members

    def _require_member(self, api_call: APICall, scope: str, resource: str) -> None:
        if self._rules.is_on("developmentTier"):
            raise LinkedInRefusal(UNKNOWN_RESOURCE)
        if scope not in api_call.caller.scopes:
            raise LinkedInRefusal(denied(resource, api_call.version))

    def member_followers(self, api_call: APICall) -> Reply:
        """GET /rest/memberFollowersCount?q=me."""
        self._require_member(api_call, PROFILE_ANALYTICS, "memberFollowersCount.FINDER-me")
        if api_call.query.get("q") != "me":
            raise LinkedInRefusal(BAD_QUERY)
        followers = self._sandbox.numbers.followers(api_call.caller.person)
        return json_reply({"elements": [{"memberFollowersCount": followers}]})

    def member_post_analytics(self, api_call: APICall) -> Reply:
        """GET /rest/memberCreatorPostAnalytics: one number of a post, or of all posts of the member."""
        finder = api_call.query.get("q", "")
        resource = f"memberCreatorPostAnalytics.FINDER-{finder or 'entity'}"
        self._require_member(api_call, POST_ANALYTICS, resource)
        quantity = self._read_query_type(api_call)
        is_daily = self._read_aggregation(api_call)
        posts, target = self._read_entity(api_call, resource)
        kind = api_call.query["queryType"]
        metric: JSONValue = kind if api_call.version >= PLAIN_TYPE_VERSION else {METRIC_TYPE: kind}
        about: dict[str, JSONValue] = {"metricType": metric, **target}
        numbers, span = self._sandbox.numbers, self._read_dates(api_call)
        delay = numbers.delay(FACTS.name, DELAY_SECONDS)
        ready = [post for post in posts if numbers.age(post) >= delay]
        if span is None and not is_daily:
            count = sum(numbers.count(post, quantity) for post in ready)
            return _build_list([{"count": count, **about}] if count else [])
        first, last = span or (datetime.fromtimestamp(self._sandbox.clock.now() - 30 * DAY, UTC).date(), None)
        instants = self._limits(first, last)
        gained = [sum(day) for day in zip(*(self._gains(post, quantity, instants) for post in ready), strict=True)]
        if not is_daily:
            return _build_list([{"count": sum(gained), **about}] if sum(gained) else [])
        days = [first + timedelta(days=number) for number in range(len(gained))]
        return _build_list(
            [
                {"count": count, **about, "dateRange": {"start": _describe_day(day), "end": _describe_day(day)}}
                for day, count in zip(days, gained, strict=True)
                if count
            ]
        )

    def _gains(self, post: Post, quantity: Quantity, instants: Sequence[float]) -> list[int]:
        return [day[quantity] for day in self._sandbox.numbers.series(post, [quantity], instants)]

    def _limits(self, first: date, last: date | None) -> list[float]:
        """Return the limits of days up to one, or to today."""
        start, now = datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp(), self._sandbox.clock.now()
        end = now if last is None else min(now, start + ((last - first).days + 1) * DAY)
        return [start + number * DAY for number in range(int(max(0.0, end - start) // DAY) + 1)]

    def _read_query_type(self, api_call: APICall) -> Quantity:
        kind = api_call.query.get("queryType", "")
        newer = NEWER_QUERY_TYPES if api_call.version >= NEWER_TYPES_VERSION else {}
        quantity = {**QUERY_TYPES, **newer}.get(kind)
        if quantity is None or kind in self._sandbox.numbers.removed(FACTS.name):
            raise LinkedInRefusal(BAD_QUERY)
        return quantity

    def _read_aggregation(self, api_call: APICall) -> bool:
        """Return whether numbers are asked for by day. The members reached can't be added up, so they have no days."""
        aggregation, kind = api_call.query.get("aggregation", "TOTAL"), api_call.query["queryType"]
        if aggregation not in {"TOTAL", "DAILY"} or (aggregation == "DAILY" and kind == "MEMBERS_REACHED"):
            raise LinkedInRefusal(BAD_QUERY)
        return aggregation == "DAILY"

    def _read_entity(self, api_call: APICall, resource: str) -> tuple[list[Post], Mapping[str, JSONValue]]:
        """Return the posts that a call is about, and the member of the answer that names one."""
        caller, numbers = api_call.caller, self._sandbox.numbers
        if api_call.query.get("q") == "me":
            return [post for post in numbers.posts_of(caller.person) if self._author_of(post) == caller.urn], {}
        match = _ENTITY.fullmatch(api_call.query.get("entity", ""))
        if api_call.query.get("q") != "entity" or match is None or _is_encoded(api_call, "entity"):
            raise LinkedInRefusal(BAD_QUERY)
        urn = match[1] or match[2]
        post = self._find_post(urn, caller.urn)
        if post is None:
            raise LinkedInRefusal(denied(resource, api_call.version))
        return [post], {"targetEntity": {"share" if match[1] else "ugc": urn}}

    def _read_dates(self, api_call: APICall) -> tuple[date, date | None] | None:
        text = api_call.query.get("dateRange", "")
        if not text:
            return None
        match = _DATES.fullmatch(text)
        if match is None or _is_encoded(api_call, "dateRange"):
            raise LinkedInRefusal(BAD_QUERY)
        first, last = _read_date(match[1]), _read_date(match[2])
        if last < first or (last - first).days > MAX_DAYS:
            raise LinkedInRefusal(BAD_QUERY)
        return first, last


def _build_list(elements: list[JSONValue]) -> Reply:
    return json_reply({"paging": {"start": 0, "count": 10, "links": []}, "elements": elements})


def _time_range(start: float) -> JSONValue:
    return {"start": int(start * 1000), "end": int((start + DAY) * 1000)}


def _describe_day(day: date) -> JSONValue:
    return {"day": day.day, "month": day.month, "year": day.year}


def _read_date(text: str) -> date:
    parts = {name: int(number) for name, number in _PART.findall(text)}
    try:
        return date(parts["year"], parts["month"], parts["day"])
    except (KeyError, ValueError) as wrong:
        raise LinkedInRefusal(BAD_QUERY) from wrong


def _is_encoded(api_call: APICall, name: str) -> bool:
    """Return whether the parentheses of a parameter are percent-encoded: they are syntax, and must not be."""
    raw: bytes = api_call.call.request.scope.get("query_string", b"")
    given = next((part for part in raw.split(b"&") if part.startswith(f"{name}=".encode())), b"")
    return b"%28" in given or b"%29" in given


def _read_posts(api_call: APICall) -> list[str] | None:
    """Return the posts that a call lists, shares and ugcPosts each in their own list; None where it lists none."""
    found: list[str] = []
    for name, kind in _LISTS.items():
        if name not in api_call.query:
            continue
        match = _LIST.fullmatch(api_call.query[name])
        urns = [] if match is None else match[1].split(",")
        if not urns or _is_encoded(api_call, name) or any(not urn.startswith(f"urn:li:{kind}:") for urn in urns):
            raise LinkedInRefusal(BAD_QUERY)
        found += urns
    return list(dict.fromkeys(found)) if _LISTS.keys() & api_call.query.keys() else None
