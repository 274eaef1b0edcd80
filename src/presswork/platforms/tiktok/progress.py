"""The state of one post between calls: the upload, when the platform was polled, and how often the post started over."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.port import REFERENCE, Failed, Job, RetryPolicy

UPLOAD: Final = "upload"
PUBLISH_ID: Final = REFERENCE
RESTARTS: Final = "keep_restarts"
NOT_BEFORE: Final = "keep_not_before"

FEW_RESTARTS: Final = 3
"""Minimum number of attempts, however long the platform took to fail."""
MAX_RESTARTS: Final = 12
"""Maximum number of attempts, however fast the platform fails."""
UPLOAD_USABLE: Final = timedelta(minutes=50)
"""How old an upload URL may be to start or resume an upload; TikTok keeps it for an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An opened upload task. It can become at most one post, however often its bytes are sent."""

    publish_id: str
    url: str = field(repr=False)
    size_bytes: int
    chunk_bytes: int
    count: int
    opened_at: datetime
    sent_bytes: int = 0
    """How much TikTok has confirmed; `size_bytes` only when it confirmed the last chunk."""
    resends: int = 0
    """How often the last chunk was sent again, after TikTok reported that it had not arrived."""
    is_refused: bool = False
    """Whether TikTok no longer accepts bytes for this task, although the last chunk may have arrived before."""

    @classmethod
    def of(cls, state: Mapping[str, JsonValue]) -> "Upload | None":
        """Load the upload from a job's state or prepared result; None where there is none."""
        try:
            return _UPLOAD.validate_python(state[UPLOAD]) if UPLOAD in state else None
        except ValidationError:
            return None

    def as_json(self) -> JsonValue:
        """Return the form that is stored."""
        value: JsonValue = _UPLOAD.dump_python(self, mode="json")
        return value

    def confirmed(self, sent_bytes: int) -> Self:
        """Return a copy with more (or, after a status read, fewer) confirmed bytes."""
        return replace(self, sent_bytes=sent_bytes)


_UPLOAD: Final = TypeAdapter(Upload)


def instant(value: JsonValue) -> datetime | None:
    """Parse a stored instant; None where it is not one."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def asked_at(job: Job, prepared: Mapping[str, JsonValue]) -> datetime:
    """Return since when this attempt has been waiting for the platform, UTC: the irreversible call, or the prepare."""
    known = [at for at in (job.live_call_at, instant(prepared.get("prepared_at"))) if at is not None]
    return max(known, default=job.now())


def begin_attempt(job: Job, *, step: str) -> None:
    """Check that the next attempt is due after one that ended without a post. Raises TryLater until then."""
    if (wait := wait_until_next(job)) > timedelta():
        raise TryLater("TikTok did not publish the post at the last try.", step=step, retry_after=wait)


def start_over(job: Job, retry_policy: RetryPolicy, message: str, *, advice: str = "Publish again later.") -> Failed:
    """Return the end of this attempt, of which nothing is live or can become live, and schedule the next one.

    After too many attempts, the post ends.
    """
    count, since = _restarts(job)
    is_long = job.now() - since >= retry_policy.fault_limit
    if count >= MAX_RESTARTS or (count >= FEW_RESTARTS and is_long):
        return Failed(
            reason=Rejected(
                f"{message} Presswork tried {count + 1} times and gave up; nothing was published.",
                advice=advice,
                step="status_fetch",
                failure=FailureCode.PLATFORM_UNAVAILABLE,
            )
        )
    return Failed(
        reason=TryLater(message, advice=advice, step="status_fetch", starts_over=True),
        changes={
            RESTARTS: {"count": count + 1, "since": since.isoformat()},
            NOT_BEFORE: (job.now() + retry_policy.backoff(count)).isoformat(),
        },
    )


def wait_until_next(job: Job) -> timedelta:
    """Return the wait until the next attempt, after `start_over`."""
    not_before = instant(job.state.get(NOT_BEFORE))
    return timedelta() if not_before is None else max(timedelta(), not_before - job.now())


def _restarts(job: Job) -> tuple[int, datetime]:
    value = job.state.get(RESTARTS)
    if isinstance(value, dict):
        count, since = value.get("count"), instant(value.get("since"))
        if isinstance(count, int) and since is not None:
            return count, since
    return 0, job.now()
