"""Statistics of many posts of a page, where LinkedIn cuts its answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final, cast
from urllib.parse import unquote
from uuid import uuid4

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.insights import MissingReason, PostNumbers
from presswork.platforms.linkedin.api import Api
from presswork.platforms.linkedin.description import PAGE_ADMIN
from presswork.platforms.linkedin.insights import LinkedInReader
from presswork.platforms.live_support import Metric
from presswork.platforms.port import MediaType, TargetAccount

PAGE: Final = TargetAccount(
    id=uuid4(), external_id="urn:li:organization:7", handle="page", scopes=frozenset({PAGE_ADMIN})
)
NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)
ACCESS: Final = cast("AccountAccess", SimpleNamespace(account=PAGE, now=lambda: NOW))


@dataclass
class CuttingApi:
    """Answers with ten elements at most, and has none of quiet posts."""

    quiet: frozenset[str]
    asked: list[int] = field(default_factory=list)

    async def send(
        self, _account: AccountAccess, _method: str, path: str, **_options: Any
    ) -> tuple[None, Mapping[str, JsonValue]]:
        """Answer one call."""
        urns = unquote(path.partition("shares=List(")[2].rstrip(")")).split(",")
        self.asked.append(len(urns))
        elements: list[JsonValue] = [
            {"share": urn, "totalShareStatistics": {"likeCount": int(urn.rpartition(":")[2])}}
            for urn in urns
            if urn not in self.quiet
        ]
        return None, {"elements": elements[:10]}


def share(number: int) -> LivePost:
    """Return a post of the page."""
    return LivePost(post_id=uuid4(), external_id=f"urn:li:share:{number}", media_type=MediaType.TEXT, published_at=NOW)


async def test_what_a_cut_answer_left_out_is_asked_again() -> None:
    """Until each post has its numbers, or LinkedIn has none: those are quiet, and no call is repeated for them alone."""
    posts = [share(number) for number in range(1, 24)]
    api = CuttingApi(quiet=frozenset({"urn:li:share:5", "urn:li:share:23"}))
    found = await LinkedInReader(cast("Api", api), ACCESS).read_posts(posts)
    assert api.asked == [23, 13, 3]
    assert found.calls == 3
    for number, post in enumerate(posts, 1):
        numbers = found.posts[post.post_id]
        assert isinstance(numbers, PostNumbers)
        if post.external_id in api.quiet:
            assert numbers.unavailable[Metric.LIKES] is MissingReason.NOT_YET
        else:
            assert numbers.metrics[Metric.LIKES] == number
