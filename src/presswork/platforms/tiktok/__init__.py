"""TikTok, by its Content Posting API: videos and photo posts, published or as drafts for their creator."""

from collections.abc import Callable, Sequence

from presswork.platforms.port import (
    AppCredentials,
    DeliveryChannel,
    LoginName,
    Mode,
    Platform,
    PlatformName,
    RetryPolicy,
)
from presswork.platforms.tiktok.api import Api
from presswork.platforms.tiktok.connector import TikTokConnector
from presswork.platforms.tiktok.delivery import DIRECT_POST, INBOX_DRAFT
from presswork.platforms.tiktok.endpoints import Endpoints
from presswork.platforms.tiktok.inbound_webhooks import TikTokWebhookReader
from presswork.platforms.tiktok.login import PUBLISH, UPLOAD, TikTokLogin
from presswork.platforms.tiktok.media_rules import BOUNDS
from presswork.platforms.tiktok.video import ChunkRule
from presswork.platforms.transport import Transport

__all__ = ["ChunkRule", "Endpoints", "tiktok"]


def tiktok(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    chunks: ChunkRule = ChunkRule(),  # noqa: B008  frozen, so one instance can serve all calls
    webhook_secrets: Callable[[], Sequence[str]] | None = None,
) -> Platform:
    """Return the platform TikTok for one environment; the caller closes the transport.

    `webhook_secrets` returns the secrets with which a webhook may be signed; None: only the app's.
    """
    api = Api(endpoints, transport, retry_policy)
    drafts = TikTokConnector(api, transport, retry_policy, chunks, INBOX_DRAFT)
    return Platform(
        name=PlatformName.TIKTOK,
        login_name=LoginName.TIKTOK,
        connector=TikTokConnector(api, transport, retry_policy, chunks, DIRECT_POST),
        login=TikTokLogin(api, app),
        retry_policy=retry_policy,
        required_scopes={Mode.PUBLISH: frozenset({PUBLISH}), Mode.DRAFT: frozenset({UPLOAD})},
        # A draft that waits for TikTok must not block the account's other posts.
        channels={
            Mode.DRAFT: DeliveryChannel(
                connector=drafts, retry_policy=retry_policy, has_own_lane=True, follows_drafts=True
            )
        },
        webhook_reader=TikTokWebhookReader(app, webhook_secrets),
        comment_scopes=frozenset(),
        bounds=BOUNDS,
        offers_music=True,
    )
