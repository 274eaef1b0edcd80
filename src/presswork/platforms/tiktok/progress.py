"""The state of one post between calls: the upload, when the platform was polled, and how often the post started over."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

from pydantic import AwareDatetime, JsonValue

from presswork.platforms.errors import TryLater, unavailable
from presswork.platforms.job_state import JobState, as_stored, parse_stored
from presswork.platforms.json_values import instant_of
from presswork.platforms.port import REFERENCE, Failed, Job, RetryPolicy

UPLOAD: Final = "upload"
PUBLISH_ID: Final = REFERENCE

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
        return parse_stored(Upload, state.get(UPLOAD))

    def as_json(self) -> JsonValue:
        """Return the form that is stored."""
        return as_stored(self)

    def confirmed(self, sent_bytes: int) -> Self:
        """Return a copy with more (or, after a status read, fewer) confirmed bytes."""
        return replace(self, sent_bytes=sent_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Restarts:
    """How often the post started over."""

    count: int
    since: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts(JobState):
    """What is stored of the attempts before this one."""

    keep_restarts: _Restarts | None = None
    keep_not_before: AwareDatetime | None = None
    """When the next attempt is due, UTC."""


def asked_at(job: Job, prepared: Mapping[str, JsonValue]) -> datetime:
    """Return since when this attempt has been waiting for the platform, UTC: the irreversible call, or the prepare."""
    known = [at for at in (job.live_call_at, instant_of(prepared.get("prepared_at"))) if at is not None]
    return max(known, default=job.now())


def begin_attempt(job: Job, *, step: str) -> None:
    """Check that the next attempt is due after one that ended without a post. Raises TryLater until then."""
    if (wait := wait_until_next(job)) > timedelta():
        raise TryLater("TikTok did not publish the post at the last try.", step=step, retry_after=wait)


def start_over(job: Job, retry_policy: RetryPolicy, message: str, *, advice: str = "Publish again later.") -> Failed:
    """Return the end of this attempt, of which nothing is live or can become live, and schedule the next one.

    After too many attempts, the post ends.
    """
    restarts = _Attempts.load(job.state).keep_restarts or _Restarts(count=0, since=job.now())
    count, is_long = restarts.count, job.now() - restarts.since >= retry_policy.fault_limit
    if count >= MAX_RESTARTS or (count >= FEW_RESTARTS and is_long):
        what = f"{message} Presswork tried {count + 1} times and gave up; nothing was published."
        return Failed(reason=unavailable(what, advice=advice, step="status_fetch"))
    next_at = job.now() + retry_policy.backoff(count)
    again = _Attempts(keep_restarts=replace(restarts, count=count + 1), keep_not_before=next_at)
    reason = TryLater(message, advice=advice, step="status_fetch", starts_over=True)
    return Failed(reason=reason, changes=again.as_state())


def wait_until_next(job: Job) -> timedelta:
    """Return the wait until the next attempt, after `start_over`."""
    not_before = _Attempts.load(job.state).keep_not_before
    return timedelta() if not_before is None else max(timedelta(), not_before - job.now())
