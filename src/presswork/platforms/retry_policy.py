"""When connectors and workers try again and how long they wait, and what platforms limit."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long one call may take."""

    call: timedelta
    """Any call but an upload."""
    upload: timedelta
    """One upload call (a chunk of at most 64 MB)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Waits, backoff and limits of a connector and the worker. `platforms/setup.py` has the values.

    Platforms and test projects override single values by `dataclasses.replace`.
    """

    poll_first: timedelta
    """Wait before the first status call for something that the platform processes."""
    poll_max: timedelta
    """Longest wait between two status calls; waits grow by half each time."""
    processing_limit: timedelta
    """How long the platform may process before the post fails."""
    republish_after: timedelta
    """How long after the call the platform must keep reporting "not live" before the call may be made once more. Longer
    than a lease and a call together: a call that is still under way can't be distinguished from none."""
    unknown_after: timedelta
    """How long the worker reconciles a post whose outcome is unknown before it ends as OUTCOME_UNKNOWN."""
    backoff_first: timedelta
    """First wait after a transient error; doubles, with jitter."""
    backoff_max: timedelta
    """Longest wait after a transient error."""
    fault_limit: timedelta
    """How long transient errors in a row may last before the post fails."""
    timeouts: Timeouts
    limit_recheck: timedelta | None = None
    """First wait before the platform is asked again whether its limit is over, although its end is known; later waits are
    a quarter of the time so far. For a sandbox, whose clock may be moved. None: the known end is relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a platform allows one account of calls of one kind, whoever makes them: `most` within any `window`."""

    call: str
    """The operation that is limited."""
    most: int
    window: timedelta
    """With a margin: calls do not arrive in the order and at the distance in which they are sent."""
    late_by: timedelta
    """How long after its reserved instant a call may still be made; after that another one is reserved."""
    sentence: str
    """Why a call has to wait, for a person."""
