"""How patient connectors and workers are, and what platforms limit."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How patient a connector and the worker are; shorter for test projects, whose platform is on this machine."""

    poll_first: timedelta
    """Wait before the first look at something that the platform processes."""
    poll_max: timedelta
    """Longest wait between two looks; waits grow by half each time."""
    processing_limit: timedelta
    """How long the platform may process before the post fails."""
    republish_after: timedelta
    """How long after the call "not live" must stay so before it is believed, and the call may be made once more. Longer
    than a lease and a call together: a call that is still under way by then can't be told from none."""
    unknown_after: timedelta
    """How long to keep asking what became of a post before it ends as OUTCOME_UNKNOWN."""
    backoff_first: timedelta
    """First wait after a passing fault; doubles, with jitter."""
    backoff_max: timedelta
    """Longest wait after a passing fault."""
    fault_limit: timedelta
    """How long passing faults in a row may last before the post fails."""
    call_timeout: timedelta
    """Longest time for one call, uploads apart."""
    upload_timeout: timedelta
    """Longest time for one upload call (a chunk of at most 64 MB)."""
    limit_recheck: timedelta | None = None
    """First wait before a platform is asked again whether its limit is over although that is known; later waits are a
    quarter of the time so far. For platforms whose clock may be moved. None: what is known is relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a platform allows one account of calls of one kind, whoever makes them: `most` within any `window`."""

    call: str
    """The operation that is limited."""
    most: int
    window: timedelta
    """With a little to spare: calls do not arrive in the order and at the distance in which they are sent."""
    late_by: timedelta
    """How long after its turn a call may still be made; after that another turn is taken."""
    sentence: str
    """Why a call has to wait for its turn, for a person."""
