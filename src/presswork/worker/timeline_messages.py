"""The worker's sentences in timelines and last errors: what happened, what Presswork does next, and until when. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.core.logging import redact
from presswork.core.timestamps import write_instant
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.findings import in_words

RECORDED: Final = "The shapes of the platform's answers were recorded, as the publish call asked."


def format_instant(instant: datetime) -> str:
    """Return an instant for people: 2026-11-24 18:30:05 UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def resumes_at(why: str, *, at: datetime, wait: timedelta) -> str:
    """Return the message about a wait: why, and when it ends."""
    return f"{why} Presswork continues at {format_instant(at)} (in {_wait_in_words(wait)})."


def checks_setting_at(missing: str, *, at: datetime, wait: timedelta, gives_up_at: datetime) -> str:
    """Return the message about a post that waits for a setting."""
    return (
        f"{missing} Presswork checks again at {format_instant(at)} (in {in_words(wait)}), then at longer intervals of up to an hour. "
        f"If the setting is still missing at {format_instant(gives_up_at)}, the post fails."
    )


def setting_missing(missing: str, *, waited: timedelta) -> tuple[str, str]:
    """Return what happened and what to do when a setting was missing for too long."""
    what = f"{missing} Presswork waited for {in_words(waited)}. Nothing was posted."
    return what, "Set it, restart Presswork, then publish again."


def options_refused(refused: Sequence[tuple[str, str]]) -> Rejected:
    """Return the error of a post with options that this version refuses."""
    listed = "; ".join(f"{path}: {reason}" for path, reason in refused)
    return Rejected(
        f"This version of Presswork does not accept options that the post was scheduled with ({listed}). Nothing was posted.",
        advice="Publish again with options that it accepts.",
        step="options",
        failure=FailureCode.PLATFORM_LIMIT,
    )


def retries_at(error: TryLater, *, at: datetime, wait: timedelta) -> str:
    """Return the message about a temporary error after which the post is retried."""
    how = "uploads the media again" if error.starts_over else "retries"
    return f"{error.what} Presswork {how} at {format_instant(at)} (in {_wait_in_words(wait)})."


def asks_again_at(error: PlatformError, *, at: datetime, wait: timedelta, failed: int) -> str:
    """Return the message about a failed call for a post's status; `failed` counts those in a row."""
    row = "" if failed == 1 else f" That was failed status call {failed} in a row."
    return f"{error.what}{row} Presswork asks again at {format_instant(at)} (in {_wait_in_words(wait)})."


def gave_up(error: TryLater, *, lasted: timedelta, error_count: int) -> str:
    """Return the last error of a post that failed after temporary errors."""
    if error.is_throttled:
        end = f"The limit has lasted for {in_words(_round_duration(lasted))}; Presswork stopped waiting. Nothing was posted."
        return f"{error.what} {end} {error.advice or 'Publish again when the limit is over.'}"
    end = f"Presswork retried for {in_words(_round_duration(lasted))} ({_errors(error_count)}). Nothing was posted."
    advice = "Publish again later. If it fails again, check whether the platform reports an outage."
    if error.failure is FailureCode.INTERNAL:
        advice = "Report it with this post's id and the error from the worker's log, then publish again."
    return f"{error.what} {end} {error.advice or advice}"


def _round_duration(duration: timedelta) -> timedelta:
    """Round a duration for display: to the minute from an hour on, else to the second."""
    unit = 60 if duration >= timedelta(hours=1) else 1
    return timedelta(seconds=round(duration.total_seconds() / unit) * unit)


def _wait_in_words(wait: timedelta) -> str:
    """Return a wait in words. Below a minute it is not rounded: some waits are tenths of a second."""
    return in_words(wait if wait < timedelta(minutes=1) else _round_duration(wait))


def _errors(error_count: int) -> str:
    return "1 error" if error_count == 1 else f"{error_count} errors in a row"


def not_known(why: str) -> tuple[str, str]:
    """Return what happened and what to do when it is not known whether a post went live."""
    what = f"It is not known whether the post went live. {why} Presswork does not retry, because the post could appear twice."
    return what, "Check the account: if the post is not there, publish again."


def restored(taken_at: str) -> str:
    """Return why the outcome of a post from a restored backup is unknown."""
    return f"Presswork was restored from a backup of {taken_at}, which does not include later changes."


def facts(error: PlatformError) -> dict[str, JsonValue]:
    """Return the details of an error for programs and for the platform's support."""
    found: dict[str, JsonValue] = {"step": error.step}
    if error.platform_code is not None:
        found["platformCode"] = error.platform_code
    if error.platform_message is not None:
        found["platformMessage"] = redact(error.platform_message)
    if error.trace_id is not None:
        found["platformTraceId"] = redact(error.trace_id)
    return found


def last_error(error: PlatformError, message: str, now: datetime) -> dict[str, str | None]:
    """Return `lastError` of a post that fails at `now`, with `message` as the reason."""
    return {
        "code": error.failure.value,
        "message": redact(message),
        "platformCode": error.platform_code,
        "platformMessage": None if error.platform_message is None else redact(error.platform_message),
        "at": write_instant(now),
        "step": error.step,
    }


def renewed(error: PlatformError) -> TryLater:
    """Return a retry for a refused token that the account has replaced since."""
    return TryLater(
        f"{error.what} The account has a newer token; Presswork uses it.",
        step=error.step,
        advice=error.advice,
        retry_after=timedelta(),
        failure=error.failure,
        **error.reported,
    )


def access_ended() -> CredentialInvalid:
    """Return the error for a post whose account lost its access before it was due."""
    return CredentialInvalid(
        "The account's access ended before this post was due, so Presswork did not call the platform.",
        advice="Connect the account again (reauth-url), then publish again.",
        step="credentials",
    )
