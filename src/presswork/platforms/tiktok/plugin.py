"""Sets up TikTok from the settings, in each environment."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.apps import AppSettings
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.plugin import SANDBOX_APP, Crawler, Plugin
from presswork.platforms.port import AppCredentials, LoginName, MediaType, Platform, PlatformName, RetryPolicy
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.tiktok import Endpoints, tiktok
from presswork.platforms.tiktok.consents import CONSENTS, NO_ACCOUNT
from presswork.platforms.tiktok.media_rules import RULES
from presswork.platforms.tiktok.review import REVIEW
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.TIKTOK

_CRAWLERS: Final = tuple(
    Crawler(
        name=name,
        user_agent=f"Mozilla/5.0 (compatible; {name}; {contact})",
        platform="TikTok",
        is_documented=False,
    )
    for name, contact in (
        ("TikTokSpider", "ttspider-feedback@tiktok.com"),
        ("Bytespider", "spider-feedback@bytedance.com"),
    )
)
"""TikTok does not document how it fetches pictures; its crawlers use these names."""

_MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="TikTok",
    handle_prefix="@",
    choose={
        MediaType.IMAGE: ("Tap +, then Upload, pick the picture and tap Next twice.",),
        MediaType.VIDEO: ("Tap +, then Upload, pick the video and tap Next twice.",),
        MediaType.MULTI: (
            "Tap +, then Upload, pick the pictures in their order (they become a slideshow) and tap Next twice.",
        ),
    },
    share="Tap Post.",
    comment="When the post is there, write the first comment below it.",
)


def _open_test(settings: Settings, sandbox: SandboxAccess, transport: Transport) -> Platform:
    # Links to posts have the real platform's form.
    return tiktok(
        endpoints=Endpoints(
            api_url=f"{sandbox.url}/open.tiktokapis.com",
            www_url=f"{sandbox.url}/www.tiktok.com",
        ),
        app=replace(SANDBOX_APP, client_secret=sandbox.tokens.app_secrets(_NAME.value)[0]),
        retry_policy=_test_retry_policy(settings),
        transport=transport,
        webhook_secrets=lambda: sandbox.tokens.app_secrets(_NAME.value),
    )


def _open_live(settings: Settings, transport: Transport) -> Platform:
    return tiktok(
        endpoints=Endpoints(
            api_url=settings.tiktok_api_url, www_url=settings.tiktok_www_url, links_url=settings.tiktok_www_url
        ),
        app=AppCredentials(
            client_id=required(settings.tiktok_client_key, "PRESSWORK_TIKTOK_CLIENT_KEY", _NAME),
            client_secret=required(settings.tiktok_client_secret, "PRESSWORK_TIKTOK_CLIENT_SECRET", _NAME),
        ),
        retry_policy=live_retry_policy(settings),
        transport=transport,
    )


def _test_retry_policy(settings: Settings) -> RetryPolicy:
    """Return the policy of the sandbox with rarer polls: TikTok, and so its sandbox, allows 30 status calls a minute per account.

    Source: TikTok, "Get Post Status", read 2026-11.
    """
    return replace(test_retry_policy(settings), poll_max=timedelta(seconds=3))


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.TIKTOK,
    callback="c",
    app=AppSettings(
        client_id="tiktok_client_key",
        client_secret="tiktok_client_secret",  # noqa: S106  the name of a setting
        api_url="tiktok_api_url",
        id_field="clientKey",
    ),
    crawlers=_CRAWLERS,
    rules=RULES,
    manual_instructions=_MANUAL_INSTRUCTIONS,
    review=REVIEW,
    consents=CONSENTS,
    no_account=NO_ACCOUNT,
    open_test=_open_test,
    open_live=_open_live,
)
