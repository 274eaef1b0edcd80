"""What all platforms' clients share: each action of an error table, its waits, lost responses, and what messages may show."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from presswork.platforms.api_client import (
    QUERY,
    Action,
    ApiError,
    Brand,
    ErrorMeaning,
    Pause,
    as_requested,
    at_least,
    refusal,
    unknown_pause,
)
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.transport import CallFailed

NOW = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BRAND = Brand(name="Example", secrets=((re.compile("token-[0-9]+"), "…"), QUERY))


def error(meaning: ErrorMeaning, *, wait: timedelta | None = None) -> ApiError:
    """Return an error with this row."""
    return ApiError(status=400, code="c", message="m", meaning=meaning, quoted="Example answered.", wait=wait)


def test_every_action_has_its_error() -> None:
    """Rows with the same action end alike on every platform; only RETRY leaves open whether the call had an effect."""
    kinds: dict[Action, type[PlatformError]] = {
        Action.REJECT: Rejected,
        Action.MOVED: Rejected,
        Action.LOOK: Rejected,
        Action.RECONNECT: CredentialInvalid,
    }
    for action in Action:
        found = refusal(error(ErrorMeaning(action, "Why.", "Do it.")), step="s")
        assert isinstance(found, kinds.get(action, TryLater)), action
        assert (found.what, found.advice, found.failure) == ("Example answered. Why.", "Do it.", action.failure)
        assert (found.platform_code, found.platform_message) == ("c", "m")
        if isinstance(found, TryLater):
            assert found.starts_over == (action in {Action.RECREATE, Action.RECREATE_LIMITED})
            assert found.is_throttled == (action is Action.THROTTLE)
        assert error(ErrorMeaning(action, "Why.")).proves_nothing_changed == (action is not Action.RETRY)
    other = ErrorMeaning(Action.REJECT, "Else.", fails_as=FailureCode.MEDIA_REJECTED)
    assert refusal(error(ErrorMeaning(Action.RETRY, "Why.")), step="s", known_as=other).failure is other.failure


@pytest.mark.parametrize(
    ("pause", "requested", "expected"),
    [
        (as_requested, MINUTE, MINUTE),
        (as_requested, None, None),
        (unknown_pause, MINUTE, None),
        (at_least(HOUR), MINUTE, HOUR),
        (at_least(MINUTE), HOUR, HOUR),
        (at_least(MINUTE), None, MINUTE),
        (lambda _, now: None if now is None else NOW + HOUR - now, MINUTE, HOUR),
    ],
)
def test_waits(pause: Pause, requested: timedelta | None, expected: timedelta | None) -> None:
    """A row says what the requested wait counts for."""
    found = refusal(error(ErrorMeaning(Action.THROTTLE, "Why.", pause=pause), wait=requested), step="s", now=NOW)
    assert isinstance(found, TryLater)
    assert found.retry_after == expected


@pytest.mark.parametrize("was_sent", [True, False])
def test_lost_responses(was_sent: bool) -> None:
    """Only a call that was sent, and that may have had an effect, leaves the outcome unknown."""
    failed = CallFailed("no answer came in time", was_sent=was_sent)
    happened = "did not answer" if was_sent else "could not be reached"
    with (
        pytest.raises(TryLater, match=rf"Example {happened}: no answer came in time\.") as harmless,
        BRAND.lost(step="s"),
    ):
        raise failed
    assert harmless.value.__cause__ is failed
    expected = OutcomeUnknown if was_sent else TryLater
    with pytest.raises(expected), BRAND.lost(step="s", unknown=lambda reason: OutcomeUnknown(reason, step="s")):
        raise failed
    with pytest.raises(ValueError, match="own"), BRAND.lost(step="s"):
        raise ValueError("own")


def test_messages_are_quoted_without_secrets() -> None:
    """Secrets are replaced, and a sentence ends with one stop."""
    shown = BRAND.without_secrets("token-12 at https://x.example/y?sig=1" + "x" * 600)
    assert shown.startswith("… at https://x.example/y?…")
    assert len(BRAND.without_secrets("x" * 600)) == 500
    assert BRAND.quotation("No.", label="7", unsaid="nothing") == "Example answered (7): “No.”"
    assert BRAND.quotation("No", label="7", unsaid="nothing") == "Example answered (7): “No”."
    assert BRAND.quotation("", label="7", unsaid="nothing") == "Example answered nothing."
