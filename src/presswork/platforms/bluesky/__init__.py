"""Bluesky, by the AT Protocol: pictures, galleries and videos, with an exact answer to what became of each post."""

from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import JsonValue

from presswork.core.clock import SystemClock
from presswork.platforms.bluesky.api import Api
from presswork.platforms.bluesky.client import SCOPES, Client, SigningKey
from presswork.platforms.bluesky.connector import BlueskyConnector
from presswork.platforms.bluesky.endpoints import Endpoints
from presswork.platforms.bluesky.login import BlueskyLogin
from presswork.platforms.bluesky.media_rules import BOUNDS, check_comment
from presswork.platforms.port import LoginName, Mode, Platform, PlatformName, RetryPolicy
from presswork.platforms.transport import Transport

__all__ = ["Client", "Endpoints", "SigningKey", "bluesky"]


def bluesky(
    *,
    endpoints: Endpoints,
    client: Client,
    redirect_uri: str,
    retry_policy: RetryPolicy,
    transport: Transport,
    documents: Mapping[str, JsonValue] | None = None,
    now: Callable[[], datetime] | None = None,
) -> Platform:
    """Return the platform Bluesky for one environment; the caller closes the transport.

    `redirect_uri` is a registered one, with which the client can be checked; `documents` are what servers read about the
    client, by their paths below /oauth/bluesky/; `now` dates the proofs that go with calls (None: the system's clock).
    """
    api = Api(endpoints, transport, retry_policy, now or SystemClock().now)
    return Platform(
        name=PlatformName.BLUESKY,
        login_name=LoginName.BLUESKY,
        connector=BlueskyConnector(api, retry_policy),
        login=BlueskyLogin(api, client, redirect_uri),
        retry_policy=retry_policy,
        required_scopes={Mode.PUBLISH: frozenset(SCOPES)},
        comment_scopes=frozenset(),
        check_comment=check_comment,
        bounds=BOUNDS,
        drafts_by_text=True,
        documents=documents or {},
    )
