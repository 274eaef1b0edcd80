"""Insights of Pages, posts, stories and videos, and the counts that a post has as fields.

Source: Meta, "Page Insights", "Video Insights" and "Page Post" references, read 2026-11: one invalid metric fails the call, one
that the period does not have is left out, Pages below 100 likes get nothing, and the token of a person reads an empty list.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import INVALID_METRIC, NO_METRIC, parameter
from presswork_sandbox.facebook.facts import FACTS
from presswork_sandbox.facebook.metrics import (
    CLICKS,
    FOLLOWER_METRICS,
    PAGE_METRICS,
    PERIOD_DAYS,
    PERIODS,
    POST_METRICS,
    REACTIONS,
    STORY_METRICS,
    VIDEO_METRICS,
)
from presswork_sandbox.facebook.page_posts import instant_of
from presswork_sandbox.graph_insights import (
    Entry,
    day_ends,
    days_before,
    describe_metric,
    lifetime,
    point,
    read_metrics,
    spread,
)
from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.instagram.fields import Fields, modifier_of
from presswork_sandbox.posts import Post
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

DELAY_SECONDS: Final = HOUR  # until a post has numbers; they are said to be refreshed within a day
VIDEO_KINDS: Final = frozenset({"facebook_video", "facebook_reel"})
MIN_LIKES: Final = 100  # of a Page, below which there are no insights
MAX_RANGE: Final = 93 * DAY  # 90 by the documentation, 93 were accepted
DEFAULT_RANGE: Final = 2 * DAY


class Insights:
    """Answers calls about numbers. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def answer(self, call: Call, token: Token, account: Account, post: Post | None, subject: str) -> Reply:
        """Answer a call about a post, or about the Page where there is none."""
        params = dict(call.shown) if isinstance(call.shown, Mapping) else {}
        of_post: Mapping[str, Quantity] = STORY_METRICS if post is not None and post.kind == "story" else POST_METRICS
        known = {"page_insights": PAGE_METRICS, "video_insights": VIDEO_METRICS}.get(call.operation, of_post)
        metrics = self._read_metrics(params, known)
        if token.kind != "page" or self._sandbox.numbers.followers(account) < MIN_LIKES:
            return json_reply({"data": []})
        if post is None:
            return json_reply({"data": self._of_page(account, metrics, params)})
        delay = self._sandbox.numbers.delay(FACTS.name, DELAY_SECONDS)
        if self._sandbox.numbers.age(post) < delay or text_of(params.get("period")) not in {"", "lifetime"}:
            return json_reply({"data": []})
        counts = self._sandbox.numbers.counts(post)
        return json_reply(
            {"data": [lifetime(subject, name, _value(name, known[name], post.kind, counts)) for name in metrics]}
        )

    def _read_metrics(self, params: Mapping[str, JSONValue], known: Mapping[str, Quantity]) -> list[str]:
        metrics = read_metrics(params)
        if not metrics:
            raise GraphRefusal(NO_METRIC)
        if not set(metrics) <= set(known) - self._sandbox.numbers.removed(FACTS.name):
            raise GraphRefusal(INVALID_METRIC)
        return metrics

    # Pages

    def _of_page(self, account: Account, metrics: Sequence[str], params: Mapping[str, JSONValue]) -> list[Entry]:
        now, period = self._sandbox.clock.now(), text_of(params.get("period")) or "day"
        if period not in PERIOD_DAYS and period != "lifetime":
            raise GraphRefusal(parameter(f"Param period must be one of {{{', '.join(PERIOD_DAYS)}}}"))
        until = instant_of(params, "until") or now
        since = instant_of(params, "since") or until - DEFAULT_RANGE
        if since > until:
            raise GraphRefusal(parameter("since must be before until"))
        if until - since > MAX_RANGE:
            raise GraphRefusal(parameter("There cannot be more than 90 days (7776000 s) between since and until"))
        ends = day_ends(since, min(until, now))
        entries = []
        for name in metrics:
            if period not in PERIODS[name]:
                continue  # left out without a word
            values = self._series(account, name, ends, PERIOD_DAYS[period])
            points = [point(value, end) for value, end in zip(values, ends, strict=True)]
            entries.append(describe_metric(account.user_id, name, period, {"values": points}))
        return entries

    def _series(self, account: Account, name: str, ends: Sequence[float], days: int) -> list[JSONValue]:
        """Return a metric for the days before each end."""
        if not ends:
            return []
        numbers = self._sandbox.numbers
        if name in FOLLOWER_METRICS:
            return [self._followers(account, name, end) for end in ends]
        quantity = PAGE_METRICS[name]
        first = days_before(ends[0], days)
        instants = [first, *day_ends(first, ends[-1])]
        gained = [day[quantity] for day in numbers.account_series(account, [quantity], instants)]
        return [sum(gained[place : place + days]) for place in range(len(ends))]

    def _followers(self, account: Account, name: str, end: float) -> JSONValue:
        numbers = self._sandbox.numbers
        gained = numbers.new_followers(account, days_before(end, 1), end)
        match name:
            case "page_follows":
                return numbers.followers(account, end)
            case "page_lifetime_engaged_followers_unique":
                return numbers.followers(account, end) // 3
            case "page_daily_unfollows_unique":
                return 0
            case "page_fan_adds_by_paid_non_paid_unique":
                return {"total": gained, "paid": 0, "unpaid": gained}
            case _:
                return gained

    # Fields of a post

    def shares(self, post: Post) -> JSONValue:
        """Return the field `shares`, which a post without any does not have."""
        count = self._sandbox.numbers.count(post, Quantity.SHARES) if post.id else 0
        return {"count": count} if count else None

    def reactions(self, post: Post, fields: Fields) -> JSONValue:
        """Return the field `reactions`: no person by name, and with `.summary(true)` how many there are."""
        count = self._sandbox.numbers.count(post, Quantity.LIKES) if post.id else 0
        summary: JSONValue = {"total_count": count, "viewer_reaction": "NONE"}
        return {"data": [], **({"summary": summary} if has_summary(fields) else {})}

    def comments_summary(self, post: Post) -> JSONValue:
        """Return the summary of the field `comments`."""
        count = self._sandbox.comments.count(post.external_id)
        return {"order": "ranked", "total_count": count, "can_comment": True}


def has_summary(fields: Fields) -> bool:
    """Return whether a field was asked for with `.summary(true)`."""
    return modifier_of(fields, "summary") in {"true", "1", "total_count"}


def _value(name: str, quantity: Quantity, kind: str, counts: Mapping[Quantity, int]) -> JSONValue:
    """Return a metric of a post of a kind, or of its video."""
    if name == "post_video_views" and kind not in VIDEO_KINDS:
        return 0
    count, views = counts[quantity], counts[Quantity.VIEWS]
    if name.endswith("reactions_by_type_total"):
        return spread(count, REACTIONS)
    if name.startswith("post_reactions_"):
        return spread(count, REACTIONS).get(name.removeprefix("post_reactions_").removesuffix("_total"), 0)
    if name.startswith("post_activity"):
        actions = {"like": count, "comment": counts[Quantity.COMMENTS], "share": counts[Quantity.SHARES]}
        return {action: number for action, number in actions.items() if number}
    match name:
        case "post_clicks_by_type":
            return spread(count, CLICKS)
        case "total_video_avg_time_watched":
            return 1000 * count // views if views else 0  # milliseconds, as the next one
        case "total_video_view_total_time":
            return 1000 * count
        case _:
            return count
