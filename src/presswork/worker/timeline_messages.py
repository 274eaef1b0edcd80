"""The worker's own words in timelines and last errors: what happened, what Presswork does now, and until when. Pure."""

from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from presswork.core.logging import redact
from presswork.core.timestamps import write_instant
from presswork.platforms.errors import FailureCode, PlatformError, TryLater
from presswork.platforms.findings import in_words


def moment(instant: datetime) -> str:
    """Return an instant as people write it: 2026-11-24 18:30:05 UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def goes_on(why: str, *, at: datetime, wait: timedelta) -> str:
    """Return the line of a wait: why, and when it is over."""
    return f"{why} Presswork goes on at {moment(at)} (in {_shown(wait)})."


def looks_for_setting(missing: str, *, at: datetime, wait: timedelta, gives_up_at: datetime) -> str:
    """Return the line of a post that waits for a setting."""
    return (
        f"{missing} Presswork looks for it again at {moment(at)} (in {in_words(wait)}), then at longer intervals, an hour at "
        f"most. If it is still missing at {moment(gives_up_at)}, the post ends."
    )


def never_set(missing: str, *, waited: timedelta) -> tuple[str, str]:
    """Return what happened and what to do where a setting was missing for too long."""
    what = f"{missing} Presswork has waited for it for {in_words(waited)}. Nothing was posted."
    return what, "Set it and restart, then publish again."


def tries_again(error: TryLater, *, at: datetime, wait: timedelta) -> str:
    """Return the line of a passing trouble that is not over yet."""
    how = "uploads it anew" if error.starts_over else "tries again"
    return f"{error.what} Presswork {how} at {moment(at)} (in {_shown(wait)})."


def gave_up(error: TryLater, *, lasted: timedelta, error_count: int) -> str:
    """Return the last error of a post whose passing trouble did not pass."""
    if error.is_throttled:
        end = f"That has lasted for {in_words(_rounded(lasted))}, and Presswork waits no longer. Nothing was posted."
        return f"{error.what} {end} {error.advice or 'Publish again when the limit is over.'}"
    end = f"Presswork has had {_times(error_count)} in a row, for {in_words(_rounded(lasted))}, and gave up. Nothing was posted."
    advice = "Publish again later; if it goes on, see whether the platform reports an outage."
    if error.failure is FailureCode.INTERNAL:
        advice = "Report it with this post's id and what the worker's log says of it, then publish again."
    return f"{error.what} {end} {error.advice or advice}"


def _rounded(duration: timedelta) -> timedelta:
    """Return a duration without what nobody wants to read of it: to the minute above an hour, else to the second."""
    unit = 60 if duration >= timedelta(hours=1) else 1
    return timedelta(seconds=round(duration.total_seconds() / unit) * unit)


def _shown(wait: timedelta) -> str:
    """Return a wait in words: below a minute as it is, since there are waits of tenths of a second."""
    return in_words(wait if wait < timedelta(minutes=1) else _rounded(wait))


def _times(error_count: int) -> str:
    return "this trouble once" if error_count == 1 else f"such trouble {error_count} times"


def not_known(why: str) -> tuple[str, str]:
    """Return what happened and what to do where nobody can tell whether a post went live."""
    what = f"It is not known whether the post went live. {why} Presswork did not try again, so that the post can't appear twice."
    return what, "Look at the account: if the post is there, all is well; if it is not, publish again."


def restored(taken_at: str) -> str:
    """Return why a post of a restored backup is in doubt."""
    return f"Presswork was restored from a backup of {taken_at}, and what was done after that is not in it."


def facts(error: PlatformError) -> dict[str, JsonValue]:
    """Return what a program, or the platform's support, wants to know of an error."""
    told: dict[str, JsonValue] = {"step": error.step}
    if error.platform_code is not None:
        told["platformCode"] = error.platform_code
    if error.platform_message is not None:
        told["platformMessage"] = redact(error.platform_message)
    if error.trace_id is not None:
        told["platformTraceId"] = redact(error.trace_id)
    return told


def last_error(error: PlatformError, message: str, now: datetime) -> dict[str, str | None]:
    """Return `lastError` of a post that fails now, UTC, with the message that tells why."""
    return {
        "code": error.failure.value,
        "message": redact(message),
        "platformCode": error.platform_code,
        "platformMessage": None if error.platform_message is None else redact(error.platform_message),
        "at": write_instant(now),
        "step": error.step,
    }
