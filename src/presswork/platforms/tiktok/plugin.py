"""Sets up TikTok from the settings, in each environment."""

from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.plugin import Plugin
from presswork.platforms.port import LoginName, Platform, PlatformName
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.tiktok import AppCredentials, Endpoints, tiktok
from presswork.platforms.tiktok.manual_posting import MANUAL_INSTRUCTIONS
from presswork.platforms.tiktok.media_rules import LIMITS
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.TIKTOK
_SANDBOX_SECRET: Final = "sandbox-tiktok-client-secret"  # noqa: S105  no secret: what the sandbox signs its webhooks with


def _open_test(settings: Settings, *, sandbox_url: str, transport: Transport) -> Platform:
    """Return the sandbox's TikTok; it accepts any app. Links to posts have the real platform's form."""
    return tiktok(
        endpoints=Endpoints(
            api_url=f"{sandbox_url}/open.tiktokapis.com",
            www_url=f"{sandbox_url}/www.tiktok.com",
        ),
        app=AppCredentials(client_key="presswork-sandbox", client_secret=_SANDBOX_SECRET),
        retry_policy=test_retry_policy(settings),
        transport=transport,
    )


def _open_live(settings: Settings, *, transport: Transport) -> Platform:
    """Return the real TikTok. Raises Unavailable naming the setting that is missing."""
    return tiktok(
        endpoints=Endpoints(
            api_url=settings.tiktok_api_url, www_url=settings.tiktok_www_url, links_url=settings.tiktok_www_url
        ),
        app=AppCredentials(
            client_key=required(settings.tiktok_client_key, "PRESSWORK_TIKTOK_CLIENT_KEY", _NAME),
            client_secret=required(settings.tiktok_client_secret, "PRESSWORK_TIKTOK_CLIENT_SECRET", _NAME),
        ),
        retry_policy=live_retry_policy(settings),
        transport=transport,
    )


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.TIKTOK,
    limits=LIMITS,
    manual_instructions=MANUAL_INSTRUCTIONS,
    open_test=_open_test,
    open_live=_open_live,
)
