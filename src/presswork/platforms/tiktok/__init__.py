"""TikTok, by its Content Posting API: videos and photo posts."""

from presswork.platforms.port import LoginName, Mode, Pace, Platform, PlatformName
from presswork.platforms.tiktok.api import Api
from presswork.platforms.tiktok.chunks import ChunkRule
from presswork.platforms.tiktok.connector import TikTokConnector
from presswork.platforms.tiktok.endpoints import AppCredentials, Endpoints
from presswork.platforms.tiktok.login import PUBLISH, TikTokLogin
from presswork.platforms.transport import Transport

__all__ = ["AppCredentials", "ChunkRule", "Endpoints", "tiktok"]


def tiktok(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    pace: Pace,
    transport: Transport,
    chunks: ChunkRule = ChunkRule(),  # noqa: B008  frozen, so one instance can serve all calls
) -> Platform:
    """Return the platform TikTok in one environment; the transport is the caller's to close."""
    api = Api(endpoints, transport, pace)
    return Platform(
        name=PlatformName.TIKTOK,
        login_name=LoginName.TIKTOK,
        connector=TikTokConnector(api, transport, pace, chunks),
        login=TikTokLogin(api, app, transport, pace),
        pace=pace,
        required_scopes={Mode.PUBLISH: frozenset({PUBLISH})},
        comment_scopes=frozenset(),
        offers_music=True,
    )
