"""Numbers of Pins, of their whole life, and of accounts.

Source: pinterest/api-description 5.23.0 (2025-12), `pins/{pin_id}` (`pin_metrics`) and `user_account`, read 2026-12.
"""

from collections.abc import Sequence
from typing import Final

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject
from presswork.platforms.insights import AccountRead, PostNumbers, PostsRead, read_each
from presswork.platforms.json_values import number_of, part_of
from presswork.platforms.live_support import Metric
from presswork.platforms.pinterest.api import WHO, Api, pin
from presswork.platforms.pinterest.error_mapping import NOT_FOUND, PINTEREST

STEP: Final = "pin"
_METRICS: Final = {
    Metric.VIEWS: "impression",
    Metric.LIKES: "reaction",
    Metric.SAVES: "save",
    Metric.CLICKS: "pin_click",
}


async def read_posts(api: Api, access: AccountAccess, posts: Sequence[LivePost]) -> PostsRead:
    """Read Pins, by a call for each. Raises TryLater, CredentialInvalid, Rejected."""
    return PostsRead(
        posts=await read_each(posts, lambda post: _read_pin(api, access, post.external_id)), calls=len(posts)
    )


async def _read_pin(api: Api, access: AccountAccess, pin_id: str) -> PostNumbers:
    with PINTEREST.lost(step=STEP):
        _, response = await api.send(access, "GET", pin(pin_id), {"pin_metrics": "true"}, step=STEP)
    if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
        return PostNumbers.gone()
    shown = PINTEREST.object_of(response, step=STEP, now=access.now())
    return numbers_of(part_of(shown, "pin_metrics", "lifetime_metrics"))


def numbers_of(counts: JsonObject) -> PostNumbers:
    """Return the numbers of a Pin by Pinterest's own counts."""
    metrics = {metric: number_of(counts.get(name)) for metric, name in _METRICS.items()}
    return PostNumbers.of(metrics, raw={name: count for name, count in counts.items() if number_of(count) is not None})


async def read_account(api: Api, access: AccountAccess) -> AccountRead:
    """Read the account's followers. Raises TryLater, CredentialInvalid, Rejected."""
    account = await api.ask(access, "GET", WHO, step="user_account", now=access.now())
    return AccountRead.of(number_of(account.get("follower_count")))
