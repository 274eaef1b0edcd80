"""The errors of a platform call: the four that the worker distinguishes."""

from datetime import timedelta
from enum import StrEnum
from typing import Final, Self, TypedDict, Unpack

from presswork.core.errors import PressworkError
from presswork.platforms.platform_text import MAX_CODE, MAX_SENTENCE, clean


class FailureCode(StrEnum):
    """`lastError.code`: why a post failed, as the API reports it."""

    PLATFORM_REJECTED = "PLATFORM_REJECTED"
    MEDIA_REJECTED = "MEDIA_REJECTED"
    CREDENTIAL_INVALID = "CREDENTIAL_INVALID"
    ACCOUNT_NOT_ELIGIBLE = "ACCOUNT_NOT_ELIGIBLE"
    PLATFORM_RATE_LIMITED = "PLATFORM_RATE_LIMITED"
    PLATFORM_UNAVAILABLE = "PLATFORM_UNAVAILABLE"
    OPERATOR_PHONE_UNVERIFIED = "OPERATOR_PHONE_UNVERIFIED"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    PROVIDER_REJECTED = "PROVIDER_REJECTED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    CANCELED_BY_PLATFORM = "CANCELED_BY_PLATFORM"
    PLATFORM_LIMIT = "PLATFORM_LIMIT"  # Presswork applied a documented limit; the platform was not asked to post
    INTERNAL = "INTERNAL"


class Reported(TypedDict, total=False):
    """What a platform itself reported with an error: its code (like `9007/2207027`), its message, and the id by which its
    support finds the call."""

    platform_code: str | None
    platform_message: str | None
    trace_id: str | None


class PlatformError(PressworkError):
    """A failed platform call. `step` is the platform operation in which it failed.

    `what` says what happened and `advice` what a person has to do if the error does not pass; `message` contains both.
    `platform_code` and `platform_message` are the platform's own; its support finds the call by `trace_id`.
    """

    failure: FailureCode = FailureCode.PLATFORM_REJECTED

    def __init__(
        self,
        what: str,
        *,
        step: str,
        advice: str = "",
        failure: FailureCode | None = None,
        **reported: Unpack[Reported],
    ) -> None:
        """Store the sentences, the step and what the platform reported, sanitized."""
        what, advice = clean(what, limit=MAX_SENTENCE), clean(advice, limit=MAX_SENTENCE)
        super().__init__(f"{what} {advice}".rstrip())
        if failure is not None:
            self.failure = failure
        self.what: Final = what
        self.advice: Final = advice
        self.step: Final = step
        self.platform_code: Final = _clean(reported.get("platform_code"), MAX_CODE)
        self.platform_message: Final = _clean(reported.get("platform_message"), MAX_SENTENCE)
        self.trace_id: Final = _clean(reported.get("trace_id"), MAX_CODE)

    @property
    def reported(self) -> Reported:
        """What the platform reported, for another error about the same call."""
        return Reported(
            platform_code=self.platform_code, platform_message=self.platform_message, trace_id=self.trace_id
        )

    def advising(self, advice: str) -> Self:
        """Return a copy with other advice."""
        return type(self)(self.what, step=self.step, advice=advice, failure=self.failure, **self.reported)


def _clean(text: str | None, limit: int) -> str | None:
    return None if text is None else clean(text, limit=limit)


class Rejected(PlatformError):
    """A permanent rejection: nothing is live and a retry would not help. The post fails at once."""


class CredentialInvalid(PlatformError):
    """The account's token is invalid: the account must be connected again. The call that reports it published nothing."""

    failure = FailureCode.CREDENTIAL_INVALID


class TryLater(PlatformError):
    """A transient error, and the call had no effect (or is safe to repeat). The worker waits, then tries again.

    `what` does not mention retries: the worker adds when it tries again, or that it gave up.

    `lasts_at_most` is how long errors with this platform code may repeat before the post fails, or None for as long as other errors.

    `retry_after` is how long it lasts, where the platform says so or it can be computed. Otherwise the worker tries again
    after `first_wait`, then with growing waits, but after `at_latest` where it must be over by then. `starts_over`: what
    was prepared is of no use any more (an expired container, for example). `is_throttled`: a limit or quota, which may
    take hours, as opposed to a fault.
    """

    failure = FailureCode.PLATFORM_UNAVAILABLE

    def __init__(
        self,
        what: str,
        *,
        step: str,
        advice: str = "",
        retry_after: timedelta | None = None,
        first_wait: timedelta | None = None,
        at_latest: timedelta | None = None,
        starts_over: bool = False,
        is_throttled: bool = False,
        lasts_at_most: timedelta | None = None,
        failure: FailureCode | None = None,
        **reported: Unpack[Reported],
    ) -> None:
        """See the class; a throttled call fails, in the end, as PLATFORM_RATE_LIMITED unless `failure` says otherwise."""
        failure = failure or (FailureCode.PLATFORM_RATE_LIMITED if is_throttled else None)
        super().__init__(what, step=step, advice=advice, failure=failure, **reported)
        self.retry_after: Final = retry_after
        self.first_wait: Final = first_wait
        self.at_latest: Final = at_latest
        self.starts_over: Final = starts_over
        self.is_throttled: Final = is_throttled
        self.lasts_at_most: Final = lasts_at_most

    def with_timing(
        self, *, retry_after: timedelta | None, first_wait: timedelta | None = None, at_latest: timedelta | None = None
    ) -> "TryLater":
        """Return a copy with what is now known about its duration."""
        return self._copy(self.advice, retry_after, first_wait, at_latest)

    def advising(self, advice: str) -> "TryLater":
        """Return a copy with other advice."""
        return self._copy(advice, self.retry_after, self.first_wait, self.at_latest)

    def _copy(
        self,
        advice: str,
        retry_after: timedelta | None,
        first_wait: timedelta | None,
        at_latest: timedelta | None,
    ) -> "TryLater":
        return TryLater(
            self.what,
            step=self.step,
            advice=advice,
            retry_after=retry_after,
            first_wait=first_wait,
            at_latest=at_latest,
            starts_over=self.starts_over,
            is_throttled=self.is_throttled,
            lasts_at_most=self.lasts_at_most,
            failure=self.failure,
            **self.reported,
        )


def unavailable(
    what: str, *, step: str, advice: str = "Publish again later.", **reported: Unpack[Reported]
) -> Rejected:
    """Return the error for a platform that failed for too long or too often; `what` also says that nothing was published."""
    return Rejected(what, step=step, advice=advice, failure=FailureCode.PLATFORM_UNAVAILABLE, **reported)


def comment_not_found(max_read: int, *, step: str) -> Rejected:
    """Return the error for a first comment that an earlier call may have written, where there are too many to find it."""
    return Rejected(
        f"An earlier call may have written the comment, and it is not among the {max_read} comments that can be read.",
        advice="Look at the post, and write the comment manually if it is missing.",
        step=step,
        failure=FailureCode.OUTCOME_UNKNOWN,
    )


class OutcomeUnknown(PlatformError):
    """The call that makes a post live was sent and its response is lost or ambiguous: the post must be reconciled."""

    failure = FailureCode.OUTCOME_UNKNOWN
