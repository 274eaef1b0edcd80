"""Sets up Facebook Pages from the settings, in each environment. The app is the one of Instagram's second login."""

from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.apps import AppSettings
from presswork.platforms.facebook_pages import Endpoints, facebook_pages
from presswork.platforms.facebook_pages.consents import CONSENTS, NO_ACCOUNT
from presswork.platforms.facebook_pages.media_rules import RULES
from presswork.platforms.facebook_pages.review import REVIEW
from presswork.platforms.graph.crawlers import META_CRAWLERS
from presswork.platforms.graph.versions import api_version
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.plugin import SANDBOX_APP, Plugin
from presswork.platforms.port import AppCredentials, LoginName, MediaType, Platform, PlatformName
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.FACEBOOK

_MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="Facebook",
    handle_prefix="",
    choose={
        MediaType.IMAGE: ("Switch to the Page, tap What's on your mind, tap Photo/video and pick the picture.",),
        MediaType.VIDEO: ("Switch to the Page, tap What's on your mind, tap Photo/video and pick the video.",),
        MediaType.MULTI: (
            "Switch to the Page, tap What's on your mind, tap Photo/video and pick the pictures in their order.",
        ),
    },
    share="Tap Post.",
    comment="When the post is there, write the first comment below it.",
)


def _open_test(settings: Settings, sandbox: SandboxAccess, transport: Transport) -> Platform:
    return facebook_pages(
        endpoints=Endpoints(
            graph=f"{sandbox.url}/graph.facebook.com",
            www=f"{sandbox.url}/www.facebook.com",
            upload=f"{sandbox.url}/rupload.facebook.com",
            video=f"{sandbox.url}/graph-video.facebook.com",
        ),
        app=SANDBOX_APP,
        retry_policy=test_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
        request_secrets=lambda: sandbox.tokens.app_secrets(LoginName.FACEBOOK.value),  # one app has both logins
    )


def _open_live(settings: Settings, transport: Transport) -> Platform:
    return facebook_pages(
        endpoints=Endpoints(
            graph=settings.facebook_graph_url,
            www=settings.facebook_www_url,
            upload=settings.facebook_upload_url,
            video=settings.facebook_video_url,
        ),
        app=AppCredentials(
            client_id=required(settings.facebook_client_id, "PRESSWORK_FACEBOOK_CLIENT_ID", _NAME),
            client_secret=required(settings.facebook_client_secret, "PRESSWORK_FACEBOOK_CLIENT_SECRET", _NAME),
        ),
        retry_policy=live_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
        extra_permissions=tuple((settings.facebook_extra_scopes or "").replace(",", " ").split()),
    )


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.FACEBOOK_PAGES,
    callback="e",
    app=AppSettings(
        client_id="facebook_client_id",
        client_secret="facebook_client_secret",  # noqa: S106  the name of a setting
        api_url="facebook_graph_url",
        is_optional=True,
    ),
    crawlers=META_CRAWLERS,
    rules=RULES,
    manual_instructions=_MANUAL_INSTRUCTIONS,
    review=REVIEW,
    consents=CONSENTS,
    no_account=NO_ACCOUNT,
    open_test=_open_test,
    open_live=_open_live,
    api_version=lambda settings: api_version(settings.instagram_api_version),
)
