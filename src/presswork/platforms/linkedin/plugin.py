"""Sets up LinkedIn from the settings, in each environment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.apps import AppSettings
from presswork.platforms.linkedin import Endpoints, Quota, linkedin
from presswork.platforms.linkedin.consents import CONSENTS, NO_ACCOUNT
from presswork.platforms.linkedin.media_rules import RULES
from presswork.platforms.linkedin.review import REVIEW
from presswork.platforms.linkedin.scopes import OF_MEMBERS, OF_PAGES, OF_SANDBOX
from presswork.platforms.linkedin.versions import api_version
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.plugin import SANDBOX_APP, Plugin
from presswork.platforms.port import AppCredentials, LoginName, MediaType, Platform, PlatformName
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.LINKEDIN
_POLL_FIRST: Final = timedelta(seconds=3)
_POLL_MAX: Final = timedelta(seconds=60)
"""Every poll is one of the calls of the day."""

_MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="LinkedIn",
    handle_prefix="",
    choose={
        MediaType.IMAGE: ("Tap Post, tap the picture icon and pick the picture.",),
        MediaType.VIDEO: ("Tap Post, tap the picture icon and pick the video.",),
        MediaType.MULTI: ("Tap Post, tap the picture icon and pick the pictures in their order.",),
    },
    share="Tap Post.",
    comment="When the post is there, write the first comment below it.",
)


def _open_test(settings: Settings, sandbox: SandboxAccess, transport: Transport) -> Platform:
    # Links to posts have the real platform's form.
    return linkedin(
        endpoints=Endpoints(www_url=f"{sandbox.url}/www.linkedin.com", api_url=f"{sandbox.url}/api.linkedin.com"),
        app=SANDBOX_APP,
        retry_policy=test_retry_policy(settings),
        transport=transport,
        version=settings.linkedin_version,
        permissions=OF_SANDBOX,
    )


def _open_live(settings: Settings, transport: Transport) -> Platform:
    return linkedin(
        endpoints=Endpoints(www_url=settings.linkedin_www_url, api_url=settings.linkedin_api_url),
        app=AppCredentials(
            client_id=required(settings.linkedin_client_id, "PRESSWORK_LINKEDIN_CLIENT_ID", _NAME),
            client_secret=required(settings.linkedin_client_secret, "PRESSWORK_LINKEDIN_CLIENT_SECRET", _NAME),
        ),
        retry_policy=replace(live_retry_policy(settings), poll_first=_POLL_FIRST, poll_max=_POLL_MAX),
        transport=transport,
        version=settings.linkedin_version,
        permissions=_permissions(settings),
        quota=Quota(of_member=settings.linkedin_member_calls_a_day, of_app=settings.linkedin_app_calls_a_day),
    )


def _permissions(settings: Settings) -> Sequence[str]:
    """Return what live logins ask for: what the products of the operator's app have, unless the setting names it."""
    named = tuple((settings.linkedin_scopes or "").replace(",", " ").split())
    return named or (OF_PAGES if settings.linkedin_pages else OF_MEMBERS)


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.LINKEDIN,
    callback="g",
    app=AppSettings(
        client_id="linkedin_client_id",
        client_secret="linkedin_client_secret",  # noqa: S106  the name of a setting
        api_url="linkedin_api_url",
        is_optional=True,
    ),
    crawlers=(),  # media are uploaded
    rules=RULES,
    manual_instructions=_MANUAL_INSTRUCTIONS,
    review=REVIEW,
    consents=CONSENTS,
    no_account=NO_ACCOUNT,
    open_test=_open_test,
    open_live=_open_live,
    api_version=lambda settings: api_version(settings.linkedin_version),
)
