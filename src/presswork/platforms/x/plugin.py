"""Builds X from the settings, in each environment."""

from typing import Final

from presswork.platforms.plugin import Opening, Plugin
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy, ThreadSupport
from presswork.platforms.transport import Transport
from presswork.platforms.x.api import Api, Endpoints
from presswork.platforms.x.connector import XConnector
from presswork.platforms.x.description import DESCRIPTION, XSettings
from presswork.platforms.x.login import XLogin
from presswork.platforms.x.rules import BOUNDS, RULES, SPLITTER, check_comment


def x(*, endpoints: Endpoints, app: AppCredentials, retry_policy: RetryPolicy, transport: Transport) -> Platform:
    """Return X for one environment. The caller closes the transport."""
    api = Api(endpoints, transport, retry_policy)
    return Platform(
        **DESCRIPTION.capabilities,
        connector=XConnector(api),
        login=XLogin(api, app),
        retry_policy=retry_policy,
        check_comment=check_comment,
        bounds=BOUNDS,
        thread_support=ThreadSupport(splitter=SPLITTER, is_one_call=False),
    )


def build(opening: Opening[XSettings]) -> Platform:
    """Return X for one environment. Links to posts have the real platform's form in each."""
    return x(
        endpoints=Endpoints(**opening.hosts),
        app=opening.app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
    )


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
