"""What the platforms' set-ups share: settings that must be there, and how patient to be."""

from datetime import timedelta

from pydantic import SecretStr

from presswork.core.errors import Unavailable
from presswork.core.settings import LIVE_CALL_TIMEOUT, LIVE_PROCESSING_LIMIT, TEST_CALL_TIMEOUT, Settings
from presswork.platforms.port import PlatformName, RetryPolicy


def required(value: str | SecretStr | None, setting: str, platform: PlatformName, *, way: str = "") -> str:
    """Return a setting's text. Raises Unavailable when it is missing, naming it; `way` tells logins apart."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not text:
        raise Unavailable(
            f"Live {platform} projects{way} need {setting}. Set it to your own app's value and restart; "
            "the guide to connecting accounts tells where to get it. Test projects work without.",
            setting=setting,
        )
    return text


def live_pace(settings: Settings) -> RetryPolicy:
    """Return how patient to be with a real platform."""
    return RetryPolicy(
        poll_first=timedelta(seconds=2),
        poll_max=timedelta(seconds=30),
        processing_limit=LIVE_PROCESSING_LIMIT,
        republish_after=settings.republish_after_live,
        unknown_after=timedelta(minutes=30),
        backoff_first=timedelta(seconds=2),
        backoff_max=timedelta(minutes=2),
        fault_limit=timedelta(minutes=30),
        call_timeout=LIVE_CALL_TIMEOUT,
        upload_timeout=timedelta(minutes=10),
    )


def test_pace(settings: Settings) -> RetryPolicy:
    """Return how patient to be with the sandbox, which is near and quick: a test should not wait for long."""
    return RetryPolicy(
        poll_first=timedelta(milliseconds=200),
        poll_max=timedelta(seconds=2),
        processing_limit=timedelta(seconds=60),
        republish_after=settings.republish_after_test,
        unknown_after=timedelta(seconds=20),
        backoff_first=timedelta(milliseconds=200),
        backoff_max=timedelta(seconds=2),
        fault_limit=timedelta(seconds=15),
        call_timeout=TEST_CALL_TIMEOUT,
        upload_timeout=timedelta(seconds=60),
        limit_recheck=timedelta(seconds=10),
    )
