"""Sets up Instagram from the settings, in each environment."""

from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.instagram import instagram
from presswork.platforms.instagram.endpoints import AppCredentials, Endpoints
from presswork.platforms.instagram.manual_posting import MANUAL_INSTRUCTIONS
from presswork.platforms.instagram.media_rules import LIMITS
from presswork.platforms.plugin import Plugin
from presswork.platforms.port import LoginName, Platform, PlatformName
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.INSTAGRAM


def _open_test(settings: Settings, *, sandbox_url: str, transport: Transport) -> Platform:
    """Return the sandbox's Instagram; it accepts any app."""
    return instagram(
        endpoints=Endpoints(
            graph=f"{sandbox_url}/graph.instagram.com",
            api=f"{sandbox_url}/api.instagram.com",
            www=f"{sandbox_url}/www.instagram.com",
        ),
        app=AppCredentials(client_id="presswork-sandbox", client_secret="presswork-sandbox"),  # noqa: S106  the sandbox accepts any
        retry_policy=test_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
    )


def _open_live(settings: Settings, *, transport: Transport) -> Platform:
    """Return the real Instagram. Raises Unavailable naming the setting that is missing."""
    return instagram(
        endpoints=Endpoints(
            graph=settings.instagram_graph_url, api=settings.instagram_api_url, www=settings.instagram_www_url
        ),
        app=AppCredentials(
            client_id=required(settings.instagram_client_id, "PRESSWORK_INSTAGRAM_CLIENT_ID", _NAME),
            client_secret=required(settings.instagram_client_secret, "PRESSWORK_INSTAGRAM_CLIENT_SECRET", _NAME),
        ),
        retry_policy=live_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
    )


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.INSTAGRAM,
    limits=LIMITS,
    manual_instructions=MANUAL_INSTRUCTIONS,
    open_test=_open_test,
    open_live=_open_live,
)
