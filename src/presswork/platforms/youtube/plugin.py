"""Builds YouTube from the settings, in each environment."""

from collections.abc import Sequence
from typing import Final

from presswork.platforms.plugin import Opening, Plugin
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy
from presswork.platforms.transport import Transport
from presswork.platforms.youtube.api import Api, Endpoints
from presswork.platforms.youtube.connector import YouTubeConnector
from presswork.platforms.youtube.description import (
    DESCRIPTION,
    REQUESTED,
    YouTubeSettings,
)
from presswork.platforms.youtube.login import YouTubeLogin
from presswork.platforms.youtube.prepare import CHUNK_BYTES
from presswork.platforms.youtube.rules import BOUNDS, RULES, Quota


def youtube(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    permissions: Sequence[str] = REQUESTED,
    quota: Quota = Quota(),  # noqa: B008  frozen, so one instance can serve all calls
    chunk_bytes: int = CHUNK_BYTES,
) -> Platform:
    """Return YouTube for one environment; `permissions` are what the login requests, `quota` is that of the operator's project. The caller closes the transport."""
    api = Api(endpoints, transport, retry_policy)
    return Platform(
        **DESCRIPTION.capabilities,
        connector=YouTubeConnector(api, quota, chunk_bytes),
        login=YouTubeLogin(api, app, permissions=permissions),
        retry_policy=retry_policy,
        bounds=BOUNDS,
    )


def build(opening: Opening[YouTubeSettings]) -> Platform:
    """Return YouTube for one environment. Links to videos have the real platform's form in each."""
    settings = opening.settings
    limits = Quota(uploads=settings.youtube_uploads_a_day, units=settings.youtube_units_a_day)
    return youtube(
        endpoints=Endpoints(**opening.hosts),
        app=opening.app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        permissions=opening.with_insights_scopes(DESCRIPTION, REQUESTED),
        quota=limits if opening.is_live else Quota(),
    )


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
