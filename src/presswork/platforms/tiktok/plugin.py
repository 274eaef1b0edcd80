"""Builds TikTok from the settings, in each environment."""

from collections.abc import Callable, Sequence
from typing import Final

from presswork.platforms.plugin import Opening, Plugin
from presswork.platforms.port import AppCredentials, DeliveryChannel, Mode, Platform, RetryPolicy
from presswork.platforms.tiktok.api import Api, Endpoints
from presswork.platforms.tiktok.connector import TikTokConnector
from presswork.platforms.tiktok.delivery import DIRECT_POST, INBOX_DRAFT
from presswork.platforms.tiktok.description import (
    ASKED_SCOPES,
    DESCRIPTION,
    TikTokSettings,
)
from presswork.platforms.tiktok.inbound_webhooks import TikTokWebhookReader
from presswork.platforms.tiktok.login import TikTokLogin
from presswork.platforms.tiktok.rules import BOUNDS, RULES
from presswork.platforms.tiktok.video import ChunkRule
from presswork.platforms.transport import Transport


def tiktok(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    permissions: Sequence[str] = ASKED_SCOPES,
    chunks: ChunkRule = ChunkRule(),  # noqa: B008  frozen, so one instance can serve all calls
    webhook_secrets: Callable[[], Sequence[str]] | None = None,
) -> Platform:
    """Return the platform TikTok for one environment; the caller closes the transport.

    `permissions` are what the login requests; `webhook_secrets` returns the secrets with which a webhook may be signed; where it is None, only the app's counts.
    """
    api = Api(endpoints, transport, retry_policy)
    drafts = TikTokConnector(api, chunks, INBOX_DRAFT)
    return Platform(
        **DESCRIPTION.capabilities,
        connector=TikTokConnector(api, chunks, DIRECT_POST),
        login=TikTokLogin(api, app, permissions=permissions),
        retry_policy=retry_policy,
        # A draft that waits for TikTok must not block the account's other posts.
        channels={
            Mode.DRAFT: DeliveryChannel(
                connector=drafts, retry_policy=retry_policy, has_own_lane=True, follows_drafts=True
            )
        },
        webhook_reader=TikTokWebhookReader(app, webhook_secrets),
        bounds=BOUNDS,
    )


def build(opening: Opening[TikTokSettings]) -> Platform:
    """Return TikTok for one environment. Links to posts have the real platform's form in each."""
    app = opening.signing_app
    return tiktok(
        endpoints=Endpoints(**opening.hosts),
        app=app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        permissions=opening.with_insights_scopes(DESCRIPTION, ASKED_SCOPES),
        webhook_secrets=opening.app_secrets,
    )


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
