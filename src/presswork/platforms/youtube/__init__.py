"""YouTube, by its Data API: videos, uploaded as private and then made visible."""

from presswork.platforms.port import AppCredentials, LoginName, MediaType, Mode, Platform, PlatformName, RetryPolicy
from presswork.platforms.transport import Transport
from presswork.platforms.youtube.api import Api
from presswork.platforms.youtube.connector import YouTubeConnector
from presswork.platforms.youtube.endpoints import Endpoints
from presswork.platforms.youtube.login import YouTubeLogin
from presswork.platforms.youtube.media_rules import BOUNDS
from presswork.platforms.youtube.prepare import CHUNK_BYTES
from presswork.platforms.youtube.quota import Quota
from presswork.platforms.youtube.scopes import COMMENT, PUBLISH

__all__ = ["Endpoints", "Quota", "youtube"]


def youtube(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    quota: Quota = Quota(),  # noqa: B008  frozen, so one instance can serve all calls
    chunk_bytes: int = CHUNK_BYTES,
) -> Platform:
    """Return YouTube for one environment; `quota` is that of the operator's project. The caller closes the transport."""
    api = Api(endpoints, transport, retry_policy)
    return Platform(
        name=PlatformName.YOUTUBE,
        login_name=LoginName.YOUTUBE,
        connector=YouTubeConnector(api, transport, retry_policy, quota, chunk_bytes=chunk_bytes),
        login=YouTubeLogin(api, app),
        retry_policy=retry_policy,
        required_scopes={Mode.PUBLISH: PUBLISH},
        comment_scopes=COMMENT,
        media_types=frozenset({MediaType.VIDEO}),
        bounds=BOUNDS,
        drafts_by_text=True,
    )
