"""When connectors and workers retry and how long they wait, and the rate limits of platforms."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Time-outs of one call."""

    call: timedelta
    """Any call except an upload."""
    upload: timedelta
    """One upload call (a chunk of at most 64 MB)."""
    live_call: timedelta | None = None
    """The call that makes a post live, where the platform may take longer for it than for others, or None for that of any call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Waits, backoff and limits of a connector and the worker. `platforms/plugin.py` has the values.

    Platforms and test projects override single values with `dataclasses.replace`.
    """

    poll_first: timedelta
    """Wait before the first status call for something that the platform processes."""
    poll_max: timedelta
    """Longest wait between two status calls; waits grow by half each time."""
    processing_limit: timedelta
    """How long the platform may process before the post fails."""
    republish_after: timedelta
    """How long after the call the platform must keep reporting "not live" before the call may be made once more. Longer
    than a lease and a call together: a call in progress can't be distinguished from one that was never made."""
    unknown_after: timedelta
    """How long the worker reconciles a post whose outcome is unknown before it ends as OUTCOME_UNKNOWN."""
    backoff_first: timedelta
    """First wait after a transient error; doubles, with jitter."""
    backoff_max: timedelta
    """Longest wait after a transient error."""
    fault_limit: timedelta
    """How long consecutive transient errors may last before the post fails."""
    timeouts: Timeouts
    denied_limit: timedelta = timedelta(minutes=10)
    """How long consecutive refusals that platforms also return during outages, such as a missing permission on a read, may last
    before the post fails."""
    limit_recheck: timedelta | None = None
    """First wait before the platform is asked again whether its limit is over, although its end is known; later waits are
    a quarter of the time so far. For a sandbox, whose clock may be moved; where it is None, the known end counts."""

    def poll_after(self, elapsed: timedelta) -> timedelta:
        """Return the wait before the next status call: half of the time so far, so that waits grow by half."""
        return max(self.poll_first, min(self.poll_max, elapsed / 2))

    def backoff(self, retries: int) -> timedelta:
        """Return the wait before the next try, without jitter."""
        return min(self.backoff_max, self.backoff_first * (1 << min(retries, 30)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A rate limit of a platform for one account, or for an app: at most `max_calls` calls within any `window`, by all callers together."""

    call: str
    """The operation that is limited."""
    max_calls: int
    window: timedelta
    """Includes a margin: calls do not arrive in the order and at the distance in which they are sent."""
    late_by: timedelta
    """How long after its reserved instant a call may still be made; after that it needs another reservation."""
    sentence: str
    """Why a call has to wait, for a person."""
    counts_posts: bool = False
    """Whether the platform counts what goes live, not calls: then all tries of a post use its one reservation, until it is too late."""
    is_app_wide: bool = False
    """Whether all accounts of the operator's app share the limit."""
    resets_at: datetime | None = None
    """When the platform begins to count again from zero, UTC, or None where the window rolls. Reservations of a rolling window are kept
    one by one, so `max_calls` is at most some hundred there."""

    @property
    def counter(self) -> str:
        """The name under which calls are counted: another one in each period."""
        return self.call if self.resets_at is None else f"{self.call} until {self.resets_at.isoformat()}"
