"""How patient connectors and workers are."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
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
