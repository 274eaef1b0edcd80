"""Builds Mastodon from the settings, in each environment."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from presswork.core.clock import SystemClock
from presswork.platforms.mastodon.api import Api, Endpoints
from presswork.platforms.mastodon.connector import MastodonConnector
from presswork.platforms.mastodon.description import DESCRIPTION, MastodonSettings
from presswork.platforms.mastodon.login import MastodonLogin
from presswork.platforms.mastodon.rules import BOUNDS, RULES, SPLITTER
from presswork.platforms.plugin import Opening, Plugin
from presswork.platforms.port import Platform, RetryPolicy, ThreadSupport
from presswork.platforms.transport import Transport

_APP_NAME: Final = "Presswork"
"""How servers name the app at their consent page, and below posts."""


def mastodon(
    *,
    endpoints: Endpoints,
    retry_policy: RetryPolicy,
    transport: Transport,
    website: str = "",
    now: Callable[[], datetime] | None = None,
) -> Platform:
    """Return Mastodon for one environment; the caller closes the transport. `website` is the service's own URL."""
    api = Api(endpoints, transport, retry_policy, now=now or SystemClock().now)
    return Platform(
        **DESCRIPTION.capabilities,
        connector=MastodonConnector(api, retry_policy),
        login=MastodonLogin(api, _APP_NAME, website),
        retry_policy=retry_policy,
        bounds=BOUNDS,
        thread_support=ThreadSupport(splitter=SPLITTER, is_one_call=False),
    )


def build(opening: Opening[MastodonSettings]) -> Platform:
    """Return Mastodon for one environment."""
    return mastodon(
        endpoints=Endpoints(api_url=opening.hosts["server"], is_live=opening.is_live),
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        website=opening.service_url,
    )


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
