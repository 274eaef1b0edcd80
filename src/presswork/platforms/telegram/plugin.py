"""Builds Telegram from the settings, in each environment."""

from typing import Final
from zlib import crc32

from presswork.platforms.plugin import Opening, Plugin
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy
from presswork.platforms.telegram.api import Api, Endpoints
from presswork.platforms.telegram.connector import TelegramConnector
from presswork.platforms.telegram.description import DESCRIPTION, TelegramSettings
from presswork.platforms.telegram.login import TelegramLogin
from presswork.platforms.telegram.rules import BOUNDS, RULES
from presswork.platforms.transport import Transport

_PAGE: Final = f"/oauth/code/{DESCRIPTION.callback}"
_SANDBOX_PAGE: Final = "oauth.telegram.org/auth"


def telegram(*, endpoints: Endpoints, app: AppCredentials, retry_policy: RetryPolicy, transport: Transport) -> Platform:
    """Return Telegram for one environment; the caller closes the transport."""
    api = Api(endpoints, transport, retry_policy)
    return Platform(
        **DESCRIPTION.capabilities,
        connector=TelegramConnector(api),
        login=TelegramLogin(api, app),
        retry_policy=retry_policy,
        bounds=BOUNDS,
    )


def build(opening: Opening[TelegramSettings]) -> Platform:
    """Return Telegram for one environment."""
    api_url, app = opening.hosts["api"], opening.app
    page_url = f"{opening.service_url}{_PAGE}"
    if not opening.is_live:
        page_url = f"{api_url.rpartition('/')[0]}/{_SANDBOX_PAGE}"
        app = _as_bot(app)
    return telegram(
        endpoints=Endpoints(api_url=api_url, page_url=page_url, is_live=opening.is_live),
        app=app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
    )


def _as_bot(app: AppCredentials) -> AppCredentials:
    """Return an app of the sandbox as a bot, whose id is a number."""
    if app.client_id.isdigit():
        return app
    return AppCredentials(client_id=str(crc32(app.client_id.encode())), client_secret=app.client_secret)


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
