"""Sets up Instagram from the settings, in each environment: by its own login, and by Facebook Login."""

from dataclasses import replace
from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.apps import AppSettings
from presswork.platforms.graph.crawlers import META_CRAWLERS
from presswork.platforms.graph.versions import api_version
from presswork.platforms.instagram import instagram, instagram_by_facebook
from presswork.platforms.instagram.consents import CONSENTS, NO_ACCOUNT
from presswork.platforms.instagram.endpoints import Endpoints, FacebookEndpoints
from presswork.platforms.instagram.media_rules import RULES
from presswork.platforms.instagram.review import BY_FACEBOOK, BY_INSTAGRAM
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.plugin import SANDBOX_APP, Plugin
from presswork.platforms.port import AppCredentials, LoginName, MediaType, Platform, PlatformName
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.INSTAGRAM
_BY_FACEBOOK: Final = " that connect by Facebook"

MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="Instagram",
    handle_prefix="@",
    choose={
        MediaType.IMAGE: ("Tap +, choose Post, pick the picture and tap Next twice.",),
        MediaType.VIDEO: ("Tap +, choose Reel, pick the video and tap Next twice.",),
        MediaType.MULTI: (
            "Tap +, choose Post, tap Select, pick the pictures in their order (they become a carousel) and tap Next twice.",
        ),
    },
    share="Tap Share.",
    comment="When the post is there, write the first comment below it.",
)


def _open_test(settings: Settings, sandbox: SandboxAccess, transport: Transport) -> Platform:
    return instagram(
        endpoints=Endpoints(
            graph=f"{sandbox.url}/graph.instagram.com",
            api=f"{sandbox.url}/api.instagram.com",
            www=f"{sandbox.url}/www.instagram.com",
        ),
        app=SANDBOX_APP,
        retry_policy=test_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
        request_secrets=lambda: sandbox.tokens.app_secrets(LoginName.INSTAGRAM.value),
    )


def _open_live(settings: Settings, transport: Transport) -> Platform:
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


def _open_test_by_facebook(settings: Settings, sandbox: SandboxAccess, transport: Transport) -> Platform:
    return instagram_by_facebook(
        endpoints=FacebookEndpoints(
            graph=f"{sandbox.url}/graph.facebook.com",
            www=f"{sandbox.url}/www.facebook.com",
            upload=f"{sandbox.url}/rupload.facebook.com",
        ),
        app=SANDBOX_APP,
        retry_policy=test_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
        request_secrets=lambda: sandbox.tokens.app_secrets(LoginName.FACEBOOK.value),
    )


def _open_live_by_facebook(settings: Settings, transport: Transport) -> Platform:
    client_id, secret = settings.facebook_client_id, settings.facebook_client_secret
    return instagram_by_facebook(
        endpoints=FacebookEndpoints(
            graph=settings.facebook_graph_url, www=settings.facebook_www_url, upload=settings.facebook_upload_url
        ),
        app=AppCredentials(
            client_id=required(client_id, "PRESSWORK_FACEBOOK_CLIENT_ID", _NAME, login=_BY_FACEBOOK),
            client_secret=required(secret, "PRESSWORK_FACEBOOK_CLIENT_SECRET", _NAME, login=_BY_FACEBOOK),
        ),
        retry_policy=live_retry_policy(settings),
        transport=transport,
        api_version=settings.instagram_api_version,
        extra_permissions=tuple((settings.facebook_extra_scopes or "").replace(",", " ").split()),
    )


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.INSTAGRAM,
    callback="a",
    app=AppSettings(
        client_id="instagram_client_id",
        client_secret="instagram_client_secret",  # noqa: S106  the name of a setting
        api_url="instagram_graph_url",
    ),
    crawlers=META_CRAWLERS,
    rules=RULES,
    manual_instructions=MANUAL_INSTRUCTIONS,
    review=BY_INSTAGRAM,
    consents=CONSENTS,
    no_account=NO_ACCOUNT,
    open_test=_open_test,
    open_live=_open_live,
    api_version=lambda settings: api_version(settings.instagram_api_version),
)
FACEBOOK_PLUGIN: Final = replace(
    PLUGIN,
    login=LoginName.FACEBOOK,
    callback="b",
    app=AppSettings(
        client_id="facebook_client_id",
        client_secret="facebook_client_secret",  # noqa: S106  the name of a setting
        api_url="facebook_graph_url",
        is_optional=True,  # a second way to connect Instagram accounts
    ),
    review=BY_FACEBOOK,
    open_test=_open_test_by_facebook,
    open_live=_open_live_by_facebook,
)
