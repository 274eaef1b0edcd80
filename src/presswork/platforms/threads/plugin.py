"""Sets up Threads from the settings, in each environment."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.apps import AppSettings
from presswork.platforms.graph.crawlers import META_CRAWLERS
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.plugin import SANDBOX_APP, Plugin
from presswork.platforms.port import AppCredentials, LoginName, MediaType, Platform, PlatformName, RetryPolicy
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.setup import live_retry_policy, required, test_retry_policy
from presswork.platforms.threads import Endpoints, threads
from presswork.platforms.threads.consents import CONSENTS, NO_ACCOUNT
from presswork.platforms.threads.media_rules import RULES
from presswork.platforms.threads.review import REVIEW
from presswork.platforms.transport import Transport

_NAME: Final = PlatformName.THREADS
PUBLISH_TIMEOUT: Final = timedelta(seconds=120)
"""Longest call of threads_publish; one was measured at 222 seconds by another publisher, so an abort proves nothing."""

_MANUAL_INSTRUCTIONS: Final = ManualInstructions(
    title="Threads",
    handle_prefix="@",
    choose={
        MediaType.IMAGE: ("Tap +, tap the picture icon and pick the picture.",),
        MediaType.VIDEO: ("Tap +, tap the picture icon and pick the video.",),
        MediaType.MULTI: (
            "Tap +, tap the picture icon and pick the pictures in their order (they become a carousel).",
        ),
    },
    share="Tap Post.",
    comment="When the post is there, write the first comment as a reply to it.",
)


def _open_test(settings: Settings, sandbox: SandboxAccess, transport: Transport) -> Platform:
    return threads(
        endpoints=Endpoints(graph=f"{sandbox.url}/graph.threads.net", www=f"{sandbox.url}/threads.com"),
        app=SANDBOX_APP,
        retry_policy=test_retry_policy(settings),
        transport=transport,
        request_secrets=lambda: sandbox.tokens.app_secrets(LoginName.THREADS.value),
    )


def _open_live(settings: Settings, transport: Transport) -> Platform:
    return threads(
        endpoints=Endpoints(graph=settings.threads_graph_url, www=settings.threads_www_url),
        app=AppCredentials(
            client_id=required(settings.threads_client_id, "PRESSWORK_THREADS_CLIENT_ID", _NAME),
            client_secret=required(settings.threads_client_secret, "PRESSWORK_THREADS_CLIENT_SECRET", _NAME),
        ),
        retry_policy=_live_retry_policy(settings),
        transport=transport,
        extra_permissions=tuple((settings.threads_extra_scopes or "").replace(",", " ").split()),
    )


def _live_retry_policy(settings: Settings) -> RetryPolicy:
    """Return the policy of live platforms with a longer call that publishes, and a repetition that is later by all of it: a
    call is repeated only when the first one can't be on its way any more, and one has been seen to take 222 seconds.
    """
    policy = live_retry_policy(settings)
    return replace(
        policy,
        timeouts=replace(policy.timeouts, live_call=PUBLISH_TIMEOUT),
        republish_after=policy.republish_after + PUBLISH_TIMEOUT,
    )


PLUGIN: Final = Plugin(
    platform=_NAME,
    login=LoginName.THREADS,
    callback="d",
    app=AppSettings(
        client_id="threads_client_id",
        client_secret="threads_client_secret",  # noqa: S106  the name of a setting
        api_url="threads_graph_url",
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
)
