"""Insights of posts, replies and profiles.

Source: Meta, "Threads API: Insights" (2026-01-30), read 2026-11; that the URLs of pages carry the token was seen in September
2026. How late numbers are is the sandbox's choice.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.core import Sandbox
from presswork_sandbox.graph_insights import (
    Entry,
    break_down,
    day_ends,
    days_before,
    describe_metric,
    lifetime,
    paging_around,
    point,
    read_metrics,
)
from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.threads.errors import PARAMETER
from presswork_sandbox.threads.facts import FACTS
from presswork_sandbox.threads.metrics import DEMOGRAPHIC_BREAKDOWNS, MEDIA_METRICS, USER_METRICS
from presswork_sandbox.threads.options import card_of
from presswork_sandbox.threads.published import Media, Published, as_post
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

DELAY_SECONDS: Final = timedelta(minutes=10).total_seconds()  # until a post has insights
MIN_FOLLOWERS: Final = 100  # for demographics
EARLIEST: Final = 1_712_991_600.0  # 2024-04-13, before which there is nothing
Params = Mapping[str, JSONValue]


class Insights:
    """Answers calls about numbers. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, published: Published) -> None:
        self._sandbox = sandbox
        self._published = published

    def of_media(self, media: Media, params: Params) -> Reply:
        """GET /{media-id}/insights."""
        metrics, numbers = self._read_metrics(params, MEDIA_METRICS), self._sandbox.numbers
        post = as_post(media)
        if numbers.age(post) < numbers.delay(FACTS.name, DELAY_SECONDS):
            return json_reply({"data": []})
        counts = dict(numbers.counts(post))
        if media.root_id is not None:  # of a reply only the direct ones
            counts[Quantity.COMMENTS] = len(self._published.replies_to(media.id))
        return json_reply({"data": [lifetime(media.id, name, counts[MEDIA_METRICS[name]]) for name in metrics]})

    def of_user(self, call: Call, account: Account, params: Params) -> Reply:
        """GET /{user-id}/threads_insights. The URLs of the pages before and after carry the token."""
        metrics, now = self._read_metrics(params, USER_METRICS), self._sandbox.clock.now()
        until = _read_instant(params, "until") or now
        since = _read_instant(params, "since") or days_before(min(until, now), 1)
        if since < EARLIEST or since > until:
            raise GraphRefusal(
                PARAMETER.about(f"(#100) Param since must be at least {int(EARLIEST)}, and not after until")
            )
        entries = [self._describe(account, name, params, since, min(until, now)) for name in metrics]
        paging = paging_around(call, params, since, until)
        return json_reply({"data": [entry for entry in entries if entry is not None], "paging": paging})

    def _read_metrics(self, params: Params, known: Mapping[str, Quantity]) -> list[str]:
        metrics = read_metrics(params)
        left = [name for name in known if name not in self._sandbox.numbers.removed(FACTS.name)]
        if not metrics:
            raise GraphRefusal(PARAMETER.about("(#100) The parameter metric is required"))
        for place, name in enumerate(metrics):
            if name not in left:
                words = f"metric[{place}] must be one of the following values: {', '.join(left)}"
                raise GraphRefusal(PARAMETER.about(f"(#100) {words}"))
        return metrics

    def _describe(self, account: Account, name: str, params: Params, since: float, until: float) -> Entry | None:
        """Return the entry of a metric, None where it has no data."""
        numbers, subject = self._sandbox.numbers, account.user_id
        followers = numbers.followers(account)
        match name:
            case "views":
                instants = [since, *day_ends(since, until)]
                gained = numbers.account_series(account, [Quantity.VIEWS], instants)
                points = [point(day[Quantity.VIEWS], end) for day, end in zip(gained, instants[1:], strict=True)]
                return describe_metric(subject, name, "day", {"values": points})
            case "clicks":
                return describe_metric(subject, name, "day", {"link_total_values": self._clicks(account, since, until)})
            case "followers_count":
                return describe_metric(subject, name, "day", {"total_value": {"value": followers}})
            case "follower_demographics":
                breakdown = text_of(params.get("breakdown"))
                if breakdown not in DEMOGRAPHIC_BREAKDOWNS:
                    raise GraphRefusal(PARAMETER.about("(#100) Param breakdown must be country, city, age or gender"))
                if followers < MIN_FOLLOWERS:
                    return None
                total = break_down(breakdown, followers, DEMOGRAPHIC_BREAKDOWNS[breakdown])
                return describe_metric(subject, name, "lifetime", {"total_value": total})
            case _:
                quantity = USER_METRICS[name]
                [gained_in_all] = numbers.account_series(account, [quantity], [since, until])
                return describe_metric(subject, name, "day", {"total_value": {"value": gained_in_all[quantity]}})

    def _clicks(self, account: Account, since: float, until: float) -> Sequence[JSONValue]:
        """Return the clicks on the links of an account's posts."""
        clicks: dict[str, int] = {}
        for post in self._sandbox.numbers.posts_of(account):
            link = card_of(post.params)
            if link:
                [gained] = self._sandbox.numbers.series(post, [Quantity.CLICKS], [since, until])
                clicks[link] = clicks.get(link, 0) + gained[Quantity.CLICKS]
        return [{"value": count, "link_url": link} for link, count in clicks.items() if count]


def _read_instant(params: Params, name: str) -> float | None:
    text = text_of(params.get(name))
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise GraphRefusal(PARAMETER.about(f"(#100) Param {name} must be a unix timestamp"))
    return float(text)
