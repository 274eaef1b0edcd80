"""The explored variants: the protocol as it is, and without one safeguard or without its assumption."""

from dataclasses import dataclass
from typing import Final

from tests.protocol.explore import CANCELED, ENDS, FAILED, LANE, ORDER, TWICE, UNKNOWN
from tests.protocol.model import Kind, Rules

SOUND: Final = (
    Rules(kind=Kind.TICKET, drops_open=True),
    Rules(kind=Kind.ONE_OFF),
    Rules(kind=Kind.PLAIN),
    Rules(posts=2, later=True, reads_first=True, faults=1),
    Rules(parts=3, faults=2, drops_open=True),
    Rules(kind=Kind.PLAIN, parts=2),
)
"""The protocol as it is, within bounds that are fast enough for a test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The protocol without a safeguard or its assumption."""

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
        name="a worker that takes a post over does not ask the platform first",
        rules=Rules(kind=Kind.PLAIN, faults=2, asks=False),
        shows=TWICE,
    ),
    Mutant(name="“not live” is final at once", rules=Rules(kind=Kind.PLAIN, faults=2, waits=False), shows=TWICE),
    Mutant(name="“not live” is final at once", rules=Rules(faults=2, waits=False), shows=CANCELED),
    Mutant(
        name="a list that was cut off counts as absence",
        rules=Rules(kind=Kind.PLAIN, faults=2, cuts_are_doubt=False),
        shows=TWICE,
    ),
    Mutant(name="one failed look ends the post", rules=Rules(faults=2, reads_again=False), shows=UNKNOWN),
    Mutant(name="doubt is counted from the call", rules=Rules(faults=2, doubt_from_look=False), shows=UNKNOWN),
    Mutant(
        name="the worker does not check its lease before the call",
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
        name="neither the claim nor the database limits a lane to one post",
        rules=Rules(posts=2, faults=1, one_per_lane=False, refuses_second=False),
        shows=LANE,
    ),
    Mutant(
        name="the claim limits a lane to one post, the database does not",
        rules=Rules(posts=2, faults=1, later=True, reads_first=True, refuses_second=False),
        shows=LANE,
    ),
    Mutant(
        name="each worker compares leases and waits on its own wall clock",
        rules=Rules(kind=Kind.PLAIN, faults=2, one_clock=False),
        shows=TWICE,
    ),
    Mutant(
        name="each worker compares leases and waits on its own wall clock",
        rules=Rules(faults=2, one_clock=False),
        shows=CANCELED,
    ),
    Mutant(
        name="a thread is canceled between two parts", rules=Rules(parts=2, faults=0, minds_parts=False), shows=CANCELED
    ),
    Mutant(
        name="a thread of which a part is live fails", rules=Rules(parts=2, faults=1, fails_in_part=False), shows=FAILED
    ),
    Mutant(
        name="the next part is written before the one before is known to be live",
        rules=Rules(parts=2, faults=1, awaits_parts=False),
        shows=ORDER,
    ),
    Mutant(
        name="a part is recorded in another write than that which clears live_call_at",
        rules=Rules(parts=2, faults=1, counts_at_once=False),
        shows=TWICE,
    ),
    Mutant(
        name="a worker that takes a thread over starts at its first part",
        rules=Rules(parts=2, faults=1, keeps_place=False),
        shows=TWICE,
    ),
    Mutant(name="no worker takes a post over", rules=Rules(faults=1, takes_over=False), shows=ENDS),
)
"""The protocol without each of its safeguards."""

LATE: Final = (
    Mutant(
        name="a call is in flight for longer than the wait",
        rules=Rules(kind=Kind.PLAIN, faults=2, late_calls=True),
        shows=TWICE,
    ),
    Mutant(
        name="a call is in flight for longer than the wait",
        rules=Rules(faults=2, late_calls=True),
        shows=CANCELED,
    ),
    Mutant(
        name="a call is in flight for longer than the wait, and a ticket that is still usable is replaced",
        rules=Rules(faults=2, late_calls=True, drops_open=True),
        shows=TWICE,
    ),
)
"""The protocol without its one assumption."""

LATE_AND_HARMLESS: Final = (
    (Rules(faults=2, late_calls=True), frozenset({TWICE})),
    (Rules(kind=Kind.ONE_OFF, faults=2, late_calls=True), frozenset({TWICE, CANCELED, FAILED})),
)
"""What holds without the assumption: a ticket is live once, and disabled URLs stay disabled."""
