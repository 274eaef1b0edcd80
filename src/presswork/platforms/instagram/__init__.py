"""Instagram (Instagram Login): pictures, reels and carousels of business and creator accounts."""

from presswork.platforms.instagram.connector import InstagramConnector
from presswork.platforms.instagram.endpoints import AppCredentials, Endpoints
from presswork.platforms.instagram.graph import Graph
from presswork.platforms.instagram.login import InstagramLogin
from presswork.platforms.instagram.scopes import BASIC, COMMENT, PUBLISH
from presswork.platforms.port import LoginName, Mode, Pace, Platform, PlatformName
from presswork.platforms.transport import Transport

__all__ = ["AppCredentials", "Endpoints", "instagram"]


def instagram(
    *, endpoints: Endpoints, app: AppCredentials, pace: Pace, transport: Transport, api_version: str
) -> Platform:
    """Return Instagram as one environment sees it; `api_version` is Graph's, like v25.0. The transport stays the
    caller's to close.
    """
    graph = Graph(base=endpoints.graph, api_version=api_version, transport=transport, timeout=pace.call_timeout)
    return Platform(
        name=PlatformName.INSTAGRAM,
        login_name=LoginName.INSTAGRAM,
        connector=InstagramConnector(graph, pace),
        login=InstagramLogin(
            endpoints=endpoints, app=app, transport=transport, api_version=api_version, timeout=pace.call_timeout
        ),
        pace=pace,
        required_scopes={Mode.PUBLISH: frozenset({BASIC, PUBLISH})},
        comment_scopes=frozenset({COMMENT}),
        offers_reel_placement=True,
        drafts_by_text=True,
    )
