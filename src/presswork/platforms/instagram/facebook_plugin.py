"""Sets up Instagram by Facebook Login from the settings, in each environment."""

from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.instagram import instagram_by_facebook
from presswork.platforms.instagram.endpoints import AppCredentials, FacebookEndpoints
from presswork.platforms.instagram.manual_posting import MANUAL_INSTRUCTIONS
from presswork.platforms.instagram.media_rules import LIMITS
from presswork.platforms.plugin import Plugin
from presswork.platforms.port import LoginName, Platform, PlatformName
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.INSTAGRAM
_LOGIN: Final = " that connect by Facebook"


def _open_test(settings: Settings, *, sandbox_url: str, transport: Transport) -> Platform:
    """Return the sandbox's Instagram by Facebook Login; it accepts any app."""
    return instagram_by_facebook(
        endpoints=FacebookEndpoints(
            graph=f"{sandbox_url}/graph.facebook.com",
            www=f"{sandbox_url}/www.facebook.com",
            upload=f"{sandbox_url}/rupload.facebook.com",
        ),
        app=AppCredentials(client_id="presswork-sandbox", client_secret="presswork-sandbox"),  # noqa: S106  the sandbox accepts any
        retry_policy=test_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
    )


def _open_live(settings: Settings, *, transport: Transport) -> Platform:
    """Return the real Instagram by Facebook Login. Raises Unavailable naming the setting that is missing."""
    return instagram_by_facebook(
        endpoints=FacebookEndpoints(
            graph=settings.facebook_graph_url, www=settings.facebook_www_url, upload=settings.facebook_upload_url
        ),
        app=AppCredentials(
            client_id=required(settings.facebook_client_id, "PRESSWORK_FACEBOOK_CLIENT_ID", _NAME, login=_LOGIN),
            client_secret=required(
                settings.facebook_client_secret, "PRESSWORK_FACEBOOK_CLIENT_SECRET", _NAME, login=_LOGIN
            ),
        ),
        retry_policy=live_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
        extra_permissions=tuple((settings.facebook_extra_scopes or "").replace(",", " ").split()),
    )


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.FACEBOOK,
    limits=LIMITS,
    manual_instructions=MANUAL_INSTRUCTIONS,
    open_test=_open_test,
    open_live=_open_live,
)
