"""Insights of posts and accounts, and the counts that a post has as fields.

Source: Meta, "Instagram Media Insights" (2026-06-18, amended 2026-09-11) and "Instagram Account Insights" (2026-06-16): what has
no data is an empty list or a missing metric, never 0; stories have insights for a day, and none below five viewers. How late
numbers are is the sandbox's choice, within the two days of the documentation.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.graph_insights import (
    Entry,
    break_down,
    day_ends,
    describe_metric,
    lifetime,
    paging_around,
    point,
    read_metrics,
)
from presswork_sandbox.instagram.errors import (
    INVALID_METRIC,
    INVALID_PARAMETER,
    NO_PERMISSION,
    NOT_BUSINESS,
    TOO_FEW_VIEWERS,
    UNKNOWN_ERROR,
    GraphRefusal,
    Problem,
)
from presswork_sandbox.instagram.facts import FACTS
from presswork_sandbox.instagram.login import Login
from presswork_sandbox.instagram.metrics import (
    ACCOUNT_BREAKDOWNS,
    ACCOUNT_METRICS,
    BREAKDOWNS,
    CROSSPOSTED,
    DEMOGRAPHIC_BREAKDOWNS,
    DEMOGRAPHICS,
    FACEBOOK_LOGIN_METRICS,
    LATE,
    MEDIA_METRICS,
    SERIES,
    WITH_HUNDRED_FOLLOWERS,
)
from presswork_sandbox.posts import Post
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

DELAY_SECONDS: Final = 20 * 60.0  # until a post has insights
LATE_FACTOR: Final = 3  # until it has the metrics that are later than the others
KEPT_SECONDS: Final = 2 * 365 * DAY
STORY_SECONDS: Final = DAY
MIN_VIEWERS: Final = 5  # of a story
MIN_FOLLOWERS: Final = 100  # for demographics, follows and unfollows
MAX_RANGE: Final = 30 * DAY
TIMEFRAMES: Final = ("this_week", "this_month")
INTERACTIONS: Final[Mapping[str, Sequence[Quantity]]] = {
    "STORY": (Quantity.LIKES, Quantity.REPLIES, Quantity.SHARES, Quantity.REPOSTS),
    "FEED": (Quantity.LIKES, Quantity.COMMENTS, Quantity.SAVES, Quantity.SHARES, Quantity.REPOSTS),
}


def product_type(post: Post) -> str:
    """Return the media_product_type of a post."""
    return {"reel": "REELS", "story": "STORY"}.get(post.kind, "FEED")


class Insights:
    """Answers calls about numbers. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, login: Login) -> None:
        self._sandbox = sandbox
        self._login = login

    def check_scopes(self, token: Token, account: Account) -> None:
        """Raise GraphRefusal without the permissions of insights, and for a personal account."""
        if not {self._login.insights, *self._login.insights_with} <= set(account.allows(token.scopes)):
            raise GraphRefusal(NO_PERMISSION)
        if account.tier == "personal":
            raise GraphRefusal(NOT_BUSINESS)

    # Posts

    def of_post(self, post: Post, params: Mapping[str, JSONValue]) -> Reply:
        """GET /{media-id}/insights."""
        kind, numbers = product_type(post), self._sandbox.numbers
        known = self._known_metrics(kind)
        metrics = self._read_media_metrics(known, params)
        breakdown = text_of(params.get("breakdown"))
        if breakdown and any(BREAKDOWNS.get(name, ("",))[0] != breakdown for name in metrics):
            raise GraphRefusal(UNKNOWN_ERROR)
        counts, age = numbers.counts(post), numbers.age(post)
        if kind == "STORY" and counts[Quantity.REACH] < MIN_VIEWERS and age < STORY_SECONDS:
            raise GraphRefusal(TOO_FEW_VIEWERS)
        delay = numbers.delay(FACTS.name, DELAY_SECONDS)
        if age < delay or age > (STORY_SECONDS if kind == "STORY" else KEPT_SECONDS):
            return json_reply({"data": []})
        ready = [name for name in metrics if name not in LATE or age >= LATE_FACTOR * delay]
        return json_reply({"data": [self._describe(post, name, breakdown, known[name], counts) for name in ready]})

    def _known_metrics(self, kind: str) -> Mapping[str, Quantity]:
        more = FACEBOOK_LOGIN_METRICS[kind] if self._login.has_totals else {}
        known = {**MEDIA_METRICS[kind], **more}
        return {name: quantity for name, quantity in known.items() if kind != "REELS" or name not in CROSSPOSTED}

    def _read_media_metrics(self, known: Mapping[str, Quantity], params: Mapping[str, JSONValue]) -> list[str]:
        """Return the metrics of a call. Each way in which one can be invalid has its own words."""
        metrics, removed = _require_metrics(params), self._sandbox.numbers.removed(FACTS.name)
        everywhere = sorted({name for names in MEDIA_METRICS.values() for name in names} | set(known))
        for place, name in enumerate(metrics):
            if name in removed:
                raise GraphRefusal(INVALID_METRIC)
            if name not in everywhere:
                raise GraphRefusal(_not_one_of(place, everywhere))
            if name not in known:
                words = f"The Media Insights API does not support the {name} metric for this media product type."
                raise GraphRefusal(INVALID_PARAMETER.about(f"(#100) {words}"))
        return metrics

    def _describe(
        self, post: Post, name: str, breakdown: str, quantity: Quantity, counts: Mapping[Quantity, int]
    ) -> Entry:
        value = _value(product_type(post), name, quantity, counts)
        if not breakdown:
            return lifetime(post.external_id, name, value)
        total = break_down(breakdown, counts[quantity], BREAKDOWNS[name][1])
        return describe_metric(post.external_id, name, "lifetime", {"total_value": total})

    # Accounts

    def of_account(self, call: Call, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """GET /{ig-user-id}/insights."""
        metrics, now = self._read_account_metrics(params), self._sandbox.clock.now()
        until = _read_instant(params, "until") or now
        since = _read_instant(params, "since") or until - DAY
        if since > until or until - since > MAX_RANGE:
            raise GraphRefusal(
                INVALID_PARAMETER.about("(#100) There cannot be more than 30 days (2592000 s) between since and until")
            )
        subject = account.app_scoped_id if self._login.is_app_scoped else account.user_id
        entries = [self._of_account(account, subject, name, params, since, min(until, now)) for name in metrics]
        paging = paging_around(call, params, since, until)
        return json_reply({"data": [entry for entry in entries if entry is not None], "paging": paging})

    def _read_account_metrics(self, params: Mapping[str, JSONValue]) -> list[str]:
        metrics, removed = _require_metrics(params), self._sandbox.numbers.removed(FACTS.name)
        known = [name for name in ACCOUNT_METRICS if name not in removed]
        for place, name in enumerate(metrics):
            if name not in known:
                raise GraphRefusal(_not_one_of(place, known))
        is_total, breakdown = text_of(params.get("metric_type")) == "total_value", text_of(params.get("breakdown"))
        if not is_total and not SERIES.issuperset(metrics):
            names = ", ".join(name for name in metrics if name not in SERIES)
            words = f"The following metrics ({names}) should be specified with parameter metric_type=total_value"
            raise GraphRefusal(INVALID_PARAMETER.about(f"(#100) {words}"))
        period = "lifetime" if DEMOGRAPHICS & set(metrics) else "day"
        if text_of(params.get("period")) != period or (period == "lifetime" and not DEMOGRAPHICS.issuperset(metrics)):
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) Incompatible metrics and period"))
        if period == "lifetime" and (
            breakdown not in DEMOGRAPHIC_BREAKDOWNS or text_of(params.get("timeframe")) not in TIMEFRAMES
        ):
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) Demographics need a breakdown and a timeframe"))
        if period == "day" and breakdown and any(breakdown not in ACCOUNT_BREAKDOWNS.get(name, {}) for name in metrics):
            raise GraphRefusal(UNKNOWN_ERROR)
        return metrics

    def _of_account(
        self, account: Account, subject: str, name: str, params: Mapping[str, JSONValue], since: float, until: float
    ) -> Entry | None:
        """Return the entry of a metric, None where it has no data."""
        numbers, breakdown = self._sandbox.numbers, text_of(params.get("breakdown"))
        followers = numbers.followers(account)
        if name in WITH_HUNDRED_FOLLOWERS and followers < MIN_FOLLOWERS:
            return None
        if name in DEMOGRAPHICS:
            total = break_down(breakdown, followers, DEMOGRAPHIC_BREAKDOWNS[breakdown])
            return describe_metric(subject, name, "lifetime", {"total_value": total})
        if text_of(params.get("metric_type")) != "total_value":
            return self._by_day(account, subject, name, since, until)
        if name == "follows_and_unfollows":
            count = numbers.new_followers(account, since, until)
        else:
            quantities = INTERACTIONS["FEED"] if name == "total_interactions" else (ACCOUNT_METRICS[name],)
            [gained] = numbers.account_series(account, quantities, [since, until])
            count = sum(gained.values())
        if not count:
            return None
        if breakdown:
            total = break_down(breakdown, count, ACCOUNT_BREAKDOWNS[name][breakdown])
            return describe_metric(subject, name, "day", {"total_value": total})
        return describe_metric(subject, name, "day", {"total_value": {"value": count}})

    def _by_day(self, account: Account, subject: str, name: str, since: float, until: float) -> Entry | None:
        ends = day_ends(since, until)
        instants, quantity = [since, *(end for end in ends if end > since)], ACCOUNT_METRICS[name]
        gained = self._sandbox.numbers.account_series(account, [quantity], instants)
        points = [point(day[quantity], end) for day, end in zip(gained, instants[1:], strict=True)]
        return describe_metric(subject, name, "day", {"values": points}) if points else None

    # Fields of a post

    def like_count(self, post: Post) -> int | None:
        """Return the field `like_count`, None where the owner hides it."""
        account = self._sandbox.accounts.by_id(post.account_id)
        if account is not None and account.settings.get("likesHidden") is True:
            return None
        return self._sandbox.numbers.count(post, Quantity.LIKES)


def _require_metrics(params: Mapping[str, JSONValue]) -> list[str]:
    metrics = read_metrics(params)
    if not metrics:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter metric is required"))
    return metrics


def _not_one_of(place: int, known: Sequence[str]) -> Problem:
    words = f"metric[{place}] must be one of the following values: {', '.join(known)}"
    return INVALID_PARAMETER.about(f"(#100) {words}")


def _read_instant(params: Mapping[str, JSONValue], name: str) -> float | None:
    text = text_of(params.get(name))
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise GraphRefusal(INVALID_PARAMETER.about(f"(#100) Param {name} must be a unix timestamp"))
    return float(text)


def _value(kind: str, name: str, quantity: Quantity, counts: Mapping[Quantity, int]) -> int | float:
    """Return a metric of a post; no post here is shared to Facebook."""
    views, watched = counts[Quantity.VIEWS], counts[Quantity.WATCH_SECONDS]
    match name:
        case "total_interactions":
            return sum(counts[one] for one in INTERACTIONS["STORY" if kind == "STORY" else "FEED"])
        case "facebook_views":
            return 0
        case "ig_reels_avg_watch_time":
            return 1000 * watched // views if views else 0  # milliseconds, as the next one
        case "ig_reels_video_view_total_time":
            return 1000 * watched
        case "reels_skip_rate":
            return round(100 * (1 - counts[Quantity.REACH] / views), 2) if views else 0.0
        case _:
            return counts[quantity]
