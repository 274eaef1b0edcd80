"""What is explored: the protocol as it is, and the protocol with one safeguard, or one assumption, taken away."""

from dataclasses import dataclass
from typing import Final

from tests.protocol.explore import CANCELED, ENDS, FAILED, LANE, TWICE
from tests.protocol.model import Kind, Rules

SOUND: Final = (
    Rules(kind=Kind.TICKET, drops_open=True),
    Rules(kind=Kind.ONE_OFF),
    Rules(kind=Kind.PLAIN),
    Rules(posts=2, later=True, reads_first=True, faults=1),
)
"""The protocol as it is, within bounds that a test can afford."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The protocol with something taken away."""

    name: str
    rules: Rules
    shows: str
    """A property that does not hold without it."""


MUTANTS: Final = (
    Mutant(name="writes do not compare the version", rules=Rules(faults=2, fence=False), shows=TWICE),
    Mutant(
        name="live_call_at is not committed before the call",
        rules=Rules(kind=Kind.PLAIN, faults=2, commits=False),
        shows=TWICE,
    ),
    Mutant(
        name="whoever takes a post over does not ask first",
        rules=Rules(kind=Kind.PLAIN, faults=2, asks=False),
        shows=TWICE,
    ),
    Mutant(name="“not live” is believed at once", rules=Rules(kind=Kind.PLAIN, faults=2, waits=False), shows=TWICE),
    Mutant(
        name="the worker does not look at its lease before the call",
        rules=Rules(kind=Kind.PLAIN, faults=2, checks=False),
        shows=TWICE,
    ),
    Mutant(
        name="a lease that was renewed since the commit counts", rules=Rules(faults=2, at_commit=False), shows=CANCELED
    ),
    Mutant(
        name="a post is canceled whatever live_call_at says", rules=Rules(faults=2, minds_call=False), shows=CANCELED
    ),
    Mutant(
        name="neither the claim nor the database keeps a lane to one post",
        rules=Rules(posts=2, faults=1, one_per_lane=False, refuses_second=False),
        shows=LANE,
    ),
    Mutant(
        name="the claim keeps a lane to one post, the database does not",
        rules=Rules(posts=2, faults=1, later=True, reads_first=True, refuses_second=False),
        shows=LANE,
    ),
    Mutant(
        name="each worker judges leases and waits by its own wall clock",
        rules=Rules(kind=Kind.PLAIN, faults=2, one_clock=False),
        shows=TWICE,
    ),
    Mutant(
        name="each worker judges leases and waits by its own wall clock",
        rules=Rules(faults=2, one_clock=False),
        shows=CANCELED,
    ),
    Mutant(name="nobody takes a post over", rules=Rules(faults=1, takes_over=False), shows=ENDS),
)
"""Each safeguard, taken away."""

LATE: Final = (
    Mutant(
        name="a call is under way for longer than the watch",
        rules=Rules(kind=Kind.PLAIN, faults=2, late_calls=True),
        shows=TWICE,
    ),
    Mutant(
        name="a call is under way for longer than the watch",
        rules=Rules(faults=2, late_calls=True),
        shows=CANCELED,
    ),
    Mutant(
        name="a call is under way for longer than the watch, and a ticket that is still good is replaced",
        rules=Rules(faults=2, late_calls=True, drops_open=True),
        shows=TWICE,
    ),
)
"""The one assumption, taken away: what the protocol can't hold by itself."""

LATE_AND_HARMLESS: Final = (
    (Rules(faults=2, late_calls=True), frozenset({TWICE})),
    (Rules(kind=Kind.ONE_OFF, faults=2, late_calls=True), frozenset({TWICE, CANCELED, FAILED})),
)
"""What holds without that assumption: a ticket is live once, and addresses that are switched off stay off."""
