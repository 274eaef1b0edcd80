"""Sends a file in ranges: asks for the position, sends from there, and continues or ends by what became of each range.

What the responses of a platform mean, its folder says: it provides a `RangeUpload`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import ClassVar, Final, Protocol

from pydantic import JsonValue

from presswork.core.timestamps import write_instant
from presswork.platforms.errors import PlatformError, TryLater, unavailable
from presswork.platforms.findings import in_words
from presswork.platforms.port import Job, RetryPolicy

_BYTES_PER_TIMEOUT: Final = 64_000_000
"""How many bytes one upload timeout is meant for; it is multiplied for a larger range."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform has the bytes before `position`."""

    position: int


@dataclass(frozen=True, slots=True)
class Complete:
    """The platform has the whole file, and returned this."""

    body: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The upload accepts nothing any more: another one must be opened."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was stored, and another upload would not change that. `error` is TryLater where a limit is the reason."""

    error: PlatformError
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No usable response: the bytes may have arrived."""

    reason: str
    was_sent: bool = True
    """False: no connection was made."""
    needs_pause: bool = True
    """Whether to wait before the next call."""
    is_noted: bool = True
    """Whether the timeline mentions it."""
    detail: Mapping[str, JsonValue] = field(default_factory=dict)
    """What the timeline says about it, besides the reason."""


RangeOutcome = Accepted | Complete | Forgotten | Refused | Unknown


class UploadForgotten(Exception):
    """The current upload is not usable; another one must be opened."""


class RangeUpload(Protocol):
    """An open upload of one file, with the calls of its platform. It stores its own progress."""

    step: ClassVar[str]
    """The name of the call that sends a range."""
    retry: ClassVar[str]
    """The timeline's sentence about an unknown outcome, with {reason}, {position} (where the range begins), and {later}: when it is sent
    again, or the platform is asked."""
    stall: ClassVar[str]
    """What the error after too many of them says, with {reason}."""

    async def send(self, position: int) -> RangeOutcome:
        """Send one range, from this byte on."""
        ...

    async def find_position(self) -> RangeOutcome:
        """Return how much has arrived; without a call where the platform can't be asked."""
        ...


async def send_ranges(
    job: Job, retry_policy: RetryPolicy, upload: RangeUpload, outcome: RangeOutcome, *, end: int, max_tries: int
) -> Accepted | Complete:
    """Send what is missing before byte `end`; `outcome` says from where.

    After `max_tries` unknown outcomes without progress the worker waits, and resumes the upload later. Raises UploadForgotten,
    TryLater, Rejected, CredentialInvalid.
    """
    best, tries, position = -1, 0, 0
    while True:
        match outcome:
            case Accepted(position) if position < end:
                if position > best:
                    best, tries = position, 0
                outcome = await upload.send(position)
                if isinstance(outcome, Accepted) and outcome.position <= position:
                    outcome = Unknown(reason=f"it has {outcome.position:,} bytes")
            case Accepted() | Complete():
                return outcome
            case Forgotten(reason):
                raise UploadForgotten(reason)
            case Refused(error):
                raise error
            case Unknown():
                tries += 1
                if tries >= max_tries:
                    raise TryLater(upload.stall.format(reason=outcome.reason), step=upload.step)
                pause = retry_policy.backoff(tries - 1) if outcome.needs_pause else timedelta()
                if outcome.is_noted:
                    later = f" in {in_words(pause)}" if pause else ""
                    sentence = upload.retry.format(reason=outcome.reason, position=f"{position:,}", later=later)
                    await job.note("retrying", sentence, **outcome.detail, nextAt=write_instant(job.now() + pause))
                if pause:
                    await job.sleep(pause)
                outcome = await upload.find_position()


async def note_reopening(job: Job, what: str, reason: str, *, count: int, max_count: int, step: str) -> None:
    """Note that another upload is opened; `what` says what the platform did to `count` of them. Raises Rejected after `max_count`."""
    if count >= max_count:
        sentence = f"{what} {count} times before it was complete ({reason}). Nothing was published."
        raise unavailable(sentence, step=step)
    await job.note("retrying", f"{what} ({reason}). Another one is opened.", upload=count + 1)


def upload_timeout(retry_policy: RetryPolicy, size_bytes: int) -> timedelta:
    """Return the time-out of a call that sends this many bytes."""
    return retry_policy.timeouts.upload * max(1, ceil(size_bytes / _BYTES_PER_TIMEOUT))
