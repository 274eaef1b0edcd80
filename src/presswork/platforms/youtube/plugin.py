"""Sets up YouTube from the settings, in each environment."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.apps import AppSettings
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.plugin import SANDBOX_APP, Plugin
from presswork.platforms.port import AppCredentials, LoginName, MediaType, Platform, PlatformName
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.transport import Transport
from presswork.platforms.youtube import Endpoints, Quota, youtube
from presswork.platforms.youtube.consents import CONSENTS, NO_ACCOUNT
from presswork.platforms.youtube.media_rules import RULES
from presswork.platforms.youtube.review import REVIEW

_NAME: Final = PlatformName.YOUTUBE
_POLL_FIRST: Final = timedelta(seconds=5)
_POLL_MAX: Final = timedelta(seconds=60)
"""Every poll costs a unit of the quota that all accounts share."""

MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="YouTube",
    handle_prefix="@",
    choose={MediaType.VIDEO: ("Tap +, choose Video, pick the video and tap Next. Write a title.",)},
    share="Tap Upload video.",
    comment="When the video is there, write the first comment below it.",
)


def _open_test(settings: Settings, sandbox: SandboxAccess, transport: Transport) -> Platform:
    # Links to videos have the real platform's form.
    return youtube(
        endpoints=Endpoints(
            accounts_url=f"{sandbox.url}/accounts.google.com",
            oauth_url=f"{sandbox.url}/oauth2.googleapis.com",
            api_url=f"{sandbox.url}/www.googleapis.com",
        ),
        app=SANDBOX_APP,
        retry_policy=test_retry_policy(settings),
        transport=transport,
    )


def _open_live(settings: Settings, transport: Transport) -> Platform:
    return youtube(
        endpoints=Endpoints(
            accounts_url=settings.youtube_accounts_url,
            oauth_url=settings.youtube_oauth_url,
            api_url=settings.youtube_api_url,
        ),
        app=AppCredentials(
            client_id=required(settings.youtube_client_id, "PRESSWORK_YOUTUBE_CLIENT_ID", _NAME),
            client_secret=required(settings.youtube_client_secret, "PRESSWORK_YOUTUBE_CLIENT_SECRET", _NAME),
        ),
        retry_policy=replace(live_retry_policy(settings), poll_first=_POLL_FIRST, poll_max=_POLL_MAX),
        transport=transport,
        quota=Quota(uploads=settings.youtube_uploads_a_day, units=settings.youtube_units_a_day),
    )


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.YOUTUBE,
    callback="f",
    app=AppSettings(
        client_id="youtube_client_id",
        client_secret="youtube_client_secret",  # noqa: S106  the name of a setting
        api_url="youtube_api_url",
        is_optional=True,
    ),
    crawlers=(),  # videos are uploaded
    rules=RULES,
    manual_instructions=MANUAL_INSTRUCTIONS,
    review=REVIEW,
    consents=CONSENTS,
    no_account=NO_ACCOUNT,
    open_test=_open_test,
    open_live=_open_live,
)
