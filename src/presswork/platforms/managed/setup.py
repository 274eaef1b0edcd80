"""How managed distribution is set up from the settings, in each environment."""

from datetime import timedelta

from presswork.core.settings import Settings
from presswork.platforms.managed.connector import ManagedConnector
from presswork.platforms.port import Environment, Platform, RetryPolicy, Way
from presswork.platforms.transport import Transport


def managed_way(settings: Settings, platform: Platform, environment: Environment, transport: Transport) -> Way:
    """Return how posts to a platform are delivered by a provider. A provider's work holds no other post up."""
    pace = _live_pace(settings) if environment is Environment.LIVE else _test_pace(settings)
    connector = ManagedConnector(platform.name, transport, pace, takes_music=platform.offers_music)
    return Way(connector=connector, pace=pace, has_own_lane=True)


def _live_pace(settings: Settings) -> RetryPolicy:
    """Return the patience for people's work: hours and days, and a look every ten minutes at most."""
    return RetryPolicy(
        poll_first=timedelta(seconds=30),
        poll_max=timedelta(minutes=10),
        processing_limit=settings.managed_deadline_live,
        republish_after=settings.republish_after_live,
        unknown_after=timedelta(hours=24),
        backoff_first=timedelta(seconds=2),
        backoff_max=timedelta(minutes=10),
        fault_limit=settings.managed_deadline_live,
        call_timeout=timedelta(seconds=10),
        upload_timeout=timedelta(seconds=10),
    )


def _test_pace(settings: Settings) -> RetryPolicy:
    """Return the patience for the sandbox, which is near and quick."""
    return RetryPolicy(
        poll_first=timedelta(milliseconds=200),
        poll_max=timedelta(seconds=2),
        processing_limit=settings.managed_deadline_test,
        republish_after=settings.republish_after_test,
        unknown_after=timedelta(minutes=1),
        backoff_first=timedelta(milliseconds=200),
        backoff_max=timedelta(seconds=2),
        fault_limit=settings.managed_deadline_test,
        call_timeout=timedelta(seconds=10),
        upload_timeout=timedelta(seconds=10),
    )
