"""What the set-up of all platforms shares: missing settings, and the retry policy of each environment."""

from dataclasses import replace
from datetime import timedelta

from presswork.core.errors import Unavailable
from presswork.core.setting_values import LIVE_CALL_TIMEOUT, LIVE_PROCESSING_LIMIT, TEST_CALL_TIMEOUT
from presswork.core.settings import CoreSettings
from presswork.platforms.port import PlatformName, RetryPolicy, Timeouts


def missing_setting(variable: str, platform: PlatformName, *, login: str = "") -> Unavailable:
    """Return the error of a live platform without a setting; `login` follows “projects” in the message."""
    return Unavailable(
        f"Live {platform} projects{login} need {variable}. Set it to your own app's value and restart; "
        "the guide to connecting accounts says where to find it. Test projects work without it.",
        setting=variable,
    )


def live_retry_policy(settings: CoreSettings) -> RetryPolicy:
    """Return the retry policy for real platforms, which other policies override in part."""
    return RetryPolicy(
        poll_first=timedelta(seconds=2),
        poll_max=timedelta(seconds=30),
        processing_limit=LIVE_PROCESSING_LIMIT,
        republish_after=settings.republish_after_live,
        unknown_after=timedelta(minutes=30),
        backoff_first=timedelta(seconds=2),
        backoff_max=timedelta(minutes=2),
        fault_limit=timedelta(minutes=30),
        timeouts=Timeouts(call=LIVE_CALL_TIMEOUT, upload=timedelta(minutes=10)),
    )


def test_retry_policy(settings: CoreSettings) -> RetryPolicy:
    """Return the retry policy for the sandbox, which is local and fast: a test should not wait for long."""
    return replace(
        live_retry_policy(settings),
        poll_first=timedelta(milliseconds=200),
        poll_max=timedelta(seconds=2),
        processing_limit=timedelta(seconds=60),
        republish_after=settings.republish_after_test,
        unknown_after=timedelta(seconds=20),
        backoff_first=timedelta(milliseconds=200),
        backoff_max=timedelta(seconds=2),
        fault_limit=timedelta(seconds=15),
        denied_limit=timedelta(seconds=15),
        timeouts=Timeouts(call=TEST_CALL_TIMEOUT, upload=timedelta(seconds=60)),
        limit_recheck=timedelta(seconds=10),
    )
