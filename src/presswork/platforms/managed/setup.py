"""Sets up managed distribution from the settings, in each environment."""

from collections.abc import Set
from dataclasses import replace
from datetime import timedelta
from typing import Final

from presswork.core.settings import CoreSettings
from presswork.platforms.managed.connector import ManagedConnector
from presswork.platforms.plugin import live_retry_policy, test_retry_policy
from presswork.platforms.port import DeliveryChannel, Environment, Platform, RetryPolicy, Timeouts
from presswork.platforms.transport import Transport

TIMEOUTS: Final = Timeouts(call=timedelta(seconds=10), upload=timedelta(seconds=10))


def managed_channel(
    settings: CoreSettings, platform: Platform, environment: Environment, transport: Transport, *, options: Set[str]
) -> DeliveryChannel:
    """Return the channel that delivers posts by a provider, which gets these `options` of a target. A dispatch does not block the account's other posts."""
    retry_policy = _live_retry_policy(settings) if environment is Environment.LIVE else _test_retry_policy(settings)
    connector = ManagedConnector(
        platform.name, transport, retry_policy, accepts_music=platform.offers_music, options=options
    )
    return DeliveryChannel(connector=connector, retry_policy=retry_policy, has_own_lane=True)


def _live_retry_policy(settings: CoreSettings) -> RetryPolicy:
    """Return the retry policy for work by people, which lasts hours or days: a status call every ten minutes at most."""
    return replace(
        live_retry_policy(settings),
        poll_first=timedelta(seconds=30),
        poll_max=timedelta(minutes=10),
        processing_limit=settings.managed_deadline_live,
        unknown_after=timedelta(hours=24),
        backoff_max=timedelta(minutes=10),
        fault_limit=settings.managed_deadline_live,
        timeouts=TIMEOUTS,
    )


def _test_retry_policy(settings: CoreSettings) -> RetryPolicy:
    """Return the retry policy for the provider of the sandbox."""
    return replace(
        test_retry_policy(settings),
        processing_limit=settings.managed_deadline_test,
        unknown_after=timedelta(minutes=1),
        fault_limit=settings.managed_deadline_test,
        timeouts=TIMEOUTS,
        limit_recheck=None,
    )
