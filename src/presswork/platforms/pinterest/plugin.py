"""Builds Pinterest from the settings, in each environment."""

from typing import Final

from presswork.platforms.pinterest.api import Api, Endpoints
from presswork.platforms.pinterest.connector import PinterestConnector
from presswork.platforms.pinterest.description import DESCRIPTION, PinterestSettings
from presswork.platforms.pinterest.login import PinterestLogin
from presswork.platforms.pinterest.rules import BOUNDS, RULES
from presswork.platforms.plugin import Opening, Plugin
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy
from presswork.platforms.transport import Transport


def pinterest(
    *, endpoints: Endpoints, app: AppCredentials, retry_policy: RetryPolicy, transport: Transport
) -> Platform:
    """Return Pinterest for one environment; the caller closes the transport."""
    api = Api(endpoints, transport, retry_policy)
    return Platform(
        **DESCRIPTION.capabilities,
        connector=PinterestConnector(api),
        login=PinterestLogin(api, app),
        retry_policy=retry_policy,
        bounds=BOUNDS,
    )


def build(opening: Opening[PinterestSettings]) -> Platform:
    """Return Pinterest for one environment. Links to Pins have the real platform's form in each."""
    return pinterest(
        endpoints=Endpoints(**opening.hosts),
        app=opening.app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
    )


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
