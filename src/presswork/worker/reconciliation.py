"""The one judge of a post whose outcome is not known. Pure.

A connector reports what it saw at the platform; what follows from it is decided here, by the same rules for every platform:

* Absence counts once two complete reads, `republish_after` apart or more, showed it and nothing else was seen between them.
  Until then the call may still arrive, and the post stays as it is: it can't be canceled, fail or be published once more.
* Doubt ends a post as OUTCOME_UNKNOWN after `unknown_after`, counted from the first look that showed it, and only while a
  worker was there to look. One failed read decides nothing.
* A response that does not show all there is, is doubt, never absence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from presswork.platforms.errors import OutcomeUnknown, PlatformError, TryLater
from presswork.platforms.findings import in_seconds
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    CanceledByPlatform,
    Failed,
    Present,
    Processing,
    RetryPolicy,
    Sighting,
    Unreadable,
)
from presswork.worker.error_window import limit_wait

LIMITED_FOR: Final = timedelta(hours=25)
"""How long looks may be refused for a limit: the longest quota, of a day, is counted from zero again within that time."""
LONGEST_HINT: Final = timedelta(minutes=5)
"""Longest wait between two looks that a Retry-After may cause, except at a limit: the outcome is overdue."""
_LATE: Final = timedelta(minutes=5)
"""A look that comes later than this was not made because no worker was there."""
_LONGEST_OUTAGE: Final = timedelta(hours=2)
"""How long looks may fail where each failure announces a long outage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What the looks at one call have shown. Instants are UTC, and None if it was not seen so far."""

    __pydantic_config__: ClassVar = ConfigDict(alias_generator=to_camel)

    call_at: datetime
    """The call, by its `live_call_at`."""
    first_at: datetime
    due_at: datetime
    """When the next look is due."""
    absent_since: datetime | None = None
    """Since when every look that could be read showed that the post is not there."""
    evidence: str = ""
    unreadable_since: datetime | None = None
    """Since when every look has failed."""
    limited_since: datetime | None = None
    """Since when every look has been refused for a limit."""
    ambiguous_since: datetime | None = None
    processing_since: datetime | None = None

    @classmethod
    def load(cls, stored: JsonValue, *, call_at: datetime, now: datetime) -> "Looks":
        """Load what `as_json` returned about this call; empty if there was no look at it."""
        try:
            looks = _LOOKS.validate_python(stored)
        except ValidationError:
            looks = None
        if looks is None or looks.call_at != call_at:
            return cls(call_at=call_at, first_at=now, due_at=now)
        return looks

    def as_json(self) -> JsonValue:
        """Return the form that is stored."""
        value: JsonValue = _LOOKS.dump_python(self, mode="json", by_alias=True, exclude_defaults=True)
        return value

    def when_read(self) -> "Looks":
        """Return a copy after a look that could be read."""
        return replace(self, unreadable_since=None, limited_since=None)

    def without_pause(self, now: datetime) -> "Looks":
        """Return a copy in which doubt is that much younger as no worker was there to look."""
        pause = now - self.due_at
        if pause <= _LATE:
            return self
        return replace(
            self,
            first_at=self.first_at + pause,
            unreadable_since=_add_duration(self.unreadable_since, pause),
            ambiguous_since=_add_duration(self.ambiguous_since, pause),
            processing_since=_add_duration(self.processing_since, pause),
        )


_LOOKS: Final = TypeAdapter(Looks)


def _add_duration(instant: datetime | None, by: timedelta) -> datetime | None:
    return None if instant is None else instant + by


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Look again later."""

    duration: timedelta
    message: str
    error: PlatformError | None = None
    """Why this look failed, if it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The outcome can't be determined."""

    message: str


Verdict = Present | CanceledByPlatform | Absent | Failed | Wait | Unknown
"""What follows from a look. Absent: the call had no effect, and may be made once more."""


def judge(
    looks: Looks, seen: Sighting, *, calls: int, retry_policy: RetryPolicy, now: datetime
) -> tuple[Looks, Verdict]:
    """Return what follows from a look, and what to remember of it. `calls` counts the irreversible calls so far."""
    looks = looks.without_pause(now)
    verdict: Verdict
    match seen:
        case Present() | CanceledByPlatform() | Failed():
            verdict = seen
        case Unreadable():
            looks, verdict = _judge_unreadable(looks, seen, retry_policy, now)
        case Absent():
            looks, verdict = _judge_absent(looks.when_read(), seen, retry_policy, now, calls=calls)
        case Ambiguous():
            since = looks.ambiguous_since or now
            looks = replace(looks.when_read(), absent_since=None, ambiguous_since=since)
            is_over = seen.is_final or _is_over(now, since, retry_policy.unknown_after, seen.until, retry_policy)
            verdict = Unknown(message=seen.message) if is_over else _wait(looks, retry_policy, now, seen.message)
        case Processing():
            since = looks.processing_since or now
            looks = replace(looks.when_read(), absent_since=None, processing_since=since)
            limit = max(retry_policy.processing_limit, retry_policy.unknown_after)
            if _is_over(now, since, limit, seen.until, retry_policy):
                verdict = Unknown(message=f"{seen.message} It has reported no result for {in_seconds(now - since)}.")
            else:
                verdict = _wait(looks, retry_policy, now, seen.message, check_after=seen.check_after, until=seen.until)
    return replace(looks, due_at=now + verdict.duration) if isinstance(verdict, Wait) else looks, verdict


def _judge_absent(
    looks: Looks, seen: Absent, retry_policy: RetryPolicy, now: datetime, *, calls: int
) -> tuple[Looks, Absent | Failed | Unknown | Wait]:
    """Believe absence once it has lasted, longer after each further call."""
    since = looks.absent_since
    if since is None or looks.evidence != seen.evidence:
        looks = replace(looks, absent_since=now, evidence=seen.evidence)
        since = now
    lasts = max(retry_policy.republish_after, retry_policy.backoff(4 * (calls - 1)) if calls > 1 else timedelta())
    if (left := since + lasts - now) > timedelta() or now <= since:
        return looks, _wait(looks, retry_policy, now, seen.message, check_after=left, is_latest=True)
    if isinstance(seen.instead, OutcomeUnknown):
        return looks, Unknown(message=seen.instead.what)
    return looks, seen if seen.instead is None else Failed(reason=seen.instead, changes=seen.changes)


def _judge_unreadable(
    looks: Looks, seen: Unreadable, retry_policy: RetryPolicy, now: datetime
) -> tuple[Looks, Unknown | Wait]:
    """Look again until looks have failed for `unknown_after`, or longer where the platform announces it, within bounds.

    A refusal for a limit is no failed read: it ends the row of those.
    """
    error = seen.error
    if isinstance(error, TryLater) and error.is_throttled:
        since = looks.limited_since or now
        looks, waited_for = replace(looks, unreadable_since=None, limited_since=since), now - looks.first_at
        if waited_for >= LIMITED_FOR:
            return looks, Unknown(message=f"{error.what} Looks have been refused for {in_seconds(waited_for)}.")
        # A limit that does not end when the platform says is asked about ever more rarely.
        wait = max(limit_wait(retry_policy, error, lasted=now - since), (now - since) / 10)
        return looks, Wait(
            duration=max(wait, _poll_interval(looks, retry_policy, now)), message=error.what, error=error
        )
    since = looks.unreadable_since or now
    looks = replace(looks, unreadable_since=since, limited_since=None)
    hint = (error.retry_after or error.first_wait if isinstance(error, TryLater) else None) or timedelta()
    limit = max(retry_policy.unknown_after, min(hint, _LONGEST_OUTAGE))
    if now > since and _is_over(now, since, limit, seen.until, retry_policy):
        message = f"The platform did not report it for {in_seconds(now - since)}. The last time: {error.what}"
        return looks, Unknown(message=message)
    duration = max(_poll_interval(looks, retry_policy, now), min(hint, LONGEST_HINT))
    message = f"The platform can't be asked now whether the post is live. {error.what}"
    return looks, Wait(duration=_cut_wait(seen.until, duration, now), message=message, error=error)


def _is_over(
    now: datetime, since: datetime, limit: timedelta, until: datetime | None, retry_policy: RetryPolicy
) -> bool:
    """Whether doubt has lasted long enough; with `until`, not before `unknown_after` has passed since then."""
    return now - since >= limit if until is None else now >= max(until, since) + retry_policy.unknown_after


def _wait(
    looks: Looks,
    retry_policy: RetryPolicy,
    now: datetime,
    message: str,
    *,
    check_after: timedelta | None = None,
    is_latest: bool = False,
    until: datetime | None = None,
) -> Wait:
    """Return the wait before the next look: `check_after` if given, and with `is_latest` no longer than that."""
    pace = _poll_interval(looks, retry_policy, now)
    duration = pace if check_after is None else min(pace, check_after) if is_latest else check_after
    return Wait(duration=_cut_wait(until, max(duration, timedelta(milliseconds=1)), now), message=message)


def _poll_interval(looks: Looks, retry_policy: RetryPolicy, now: datetime) -> timedelta:
    return retry_policy.poll_after(now - looks.call_at)


def _cut_wait(until: datetime | None, duration: timedelta, now: datetime) -> timedelta:
    """Return a wait that ends at `until`, if that is earlier and still to come."""
    return duration if until is None or until <= now else min(duration, until - now)


def stored_changes(changes: Mapping[str, JsonValue], state: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return a post's state after a connector's changes; None removes a key."""
    return {name: value for name, value in {**state, **changes}.items() if value is not None}
