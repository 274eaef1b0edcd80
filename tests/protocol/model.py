"""The dispatcher's protocol as a small machine: what is stored, what workers remember, what the platform has.

It follows docs/how-a-post-goes-live.md and shares no code with the program: `test_agrees.py` holds the two against each
other.

A state is a value. The database's `version` only grows, and is only compared with a worker's copy of it. So a copy is
either the current one or behind for good, and this is all that a state says of it.
"""

from enum import StrEnum
from typing import Final, NamedTuple

GONE: Final = -2
"""Leased by a worker that is no more."""
NO_WORKER: Final = -1
"""Not leased: not claimed yet, or snoozed."""
NO_TICKET: Final = -1
WORKERS: Final = (0, 1)


class Word(StrEnum):
    """A word for a state. It is hashed as the string that it is: an enumeration's own way takes most of the time."""

    __hash__ = str.__hash__


class Status(Word):
    """`scheduled_posts.status`; `failed` by what it claims, and a post that was not accepted yet."""

    ABSENT = "absent"
    QUEUED = "queued"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    CANCELED = "canceled"
    FAILED = "failed"  # says that nothing was posted
    UNKNOWN = "unknown"  # OUTCOME_UNKNOWN
    PARTIAL = "partial"  # `published` in part: says that the parts after the live ones were not posted
    DOUBTED = "doubted"  # `published` in part: it is not known whether the next part is live


OVER: Final = frozenset(
    {Status.PUBLISHED, Status.CANCELED, Status.FAILED, Status.UNKNOWN, Status.PARTIAL, Status.DOUBTED}
)


class Step(Word):
    """What a worker does next with a post that it holds."""

    PREPARE = "prepare"
    GO_LIVE = "go_live"  # commit live_call_at
    CHECK = "check"  # whether the own lease still holds
    SEND = "send"  # the irreversible call leaves
    WAIT = "wait"  # for its answer
    LOOK_UP = "look_up"
    REFUSED = "refused"  # not_live: the platform refused the call itself, so it does not count
    TAKE_BACK = "take_back"  # not_live: it did not happen, and the call may be made once more
    START_OVER = "start_over"  # not_live: what was prepared is of no use
    LIVE = "live"
    COUNT = "count"  # without `counts_at_once`: the part counts as live in a second write
    SETTLE = "settle"
    FAIL = "fail"
    GIVE_UP = "give_up"  # as OUTCOME_UNKNOWN


class Answer(Word):
    """What the platform says to the irreversible call."""

    NONE = "none"  # so far
    YES = "yes"
    NO = "no"
    DEAD = "dead"  # what was prepared is of no use


class Ticket(Word):
    """What a call makes live: a container, an upload, a set of one-off addresses."""

    OPEN = "open"
    USED = "used"
    DEAD = "dead"


class Kind(Word):
    """What a platform does with a call, which decides how it may be asked."""

    TICKET = "ticket"
    """What was prepared becomes one post at most: an Instagram container, a TikTok upload."""
    ONE_OFF = "one-off"
    """The call needs addresses that can be switched off for good: TikTok pictures."""
    PLAIN = "plain"
    """Each call counts: a text message."""


class Row(NamedTuple):
    """A post as it is stored."""

    status: Status
    owner: int
    lapsed: bool
    """`leased_until` is over."""
    called: bool
    """`live_call_at` is set."""
    watched: bool
    """`republish_after` has passed since `live_call_at`."""
    is_live: bool
    """`live_at` is set."""
    ticket: int
    """The one that `platform_state` names."""
    calls: int
    """How many irreversible calls were made, or about to be, those apart that were refused."""
    is_early: bool
    """Queued, and its time has not come: it was put behind a post that had to wait."""
    part: int
    """`live_parts`: how many parts of a thread are recorded as live; the last one is recorded by `is_live`."""


class Hold(NamedTuple):
    """A worker's copy of a post that it claimed."""

    step: Step
    is_current: bool
    """Its `version` is the stored one."""
    is_leased: bool
    """The worker's own clock says that its lease still holds."""
    in_time: bool
    """So does the lease as it was when `live_call_at` was committed."""
    ticket: int
    calls: int
    answer: Answer
    part: int
    """The part that it works on."""


class Request(NamedTuple):
    """An irreversible call that is under way to the platform."""

    ticket: int
    sender: int
    """Who waits for the answer; NO_WORKER: the one who sent it is gone, or does not wait any more."""
    in_time: bool
    """It was sent within the lease that held when `live_call_at` was committed."""
    part: int


class Platform(NamedTuple):
    """What the platform has of a post."""

    effects: tuple[int, ...]
    """How often a viewer sees each of its parts, of which a usual post has one; 2 stands for more."""
    tickets: tuple[Ticket, ...]
    wire: tuple[Request, ...]
    is_mute: bool
    """It can't be asked any more, for good."""


class World(NamedTuple):
    """One state of everything. A lane with its posts in the order of their turn, two workers, a platform."""

    rows: tuple[Row, ...]
    holds: tuple[tuple[Hold | None, ...], ...]
    stalled: tuple[bool, ...]
    picks: tuple[int, ...]
    """The post that a worker's claim has picked by what it read, and has not locked yet."""
    platforms: tuple[Platform, ...]
    faults: int
    """How many more things may go wrong."""


class Rules(NamedTuple):
    """What is explored: the bounds, the platform, what is taken for granted, and each safeguard, to be taken away."""

    kind: Kind = Kind.TICKET
    posts: int = 1
    parts: int = 1
    """Of each post, written one after the other: a thread of posts where the platform has no call for all of them."""
    faults: int = 3
    calls: int = 2
    """`LIVE_CALLS`: how often the call is made in all, each time after the platform said that nothing had happened."""
    later: bool = False
    """The first post of the lane is accepted at any moment, after the second."""
    reads_first: bool = False
    """A claim reads in one step and locks in the next, as two statements at once do in PostgreSQL."""
    late_calls: bool = False
    """A call that was begun in time may take longer than `republish_after` until the platform is done with it.

    Also one whose worker is held up between its look at the clock and the call: no look can come after every stall.
    """
    drops_open: bool = False
    """What was prepared may be replaced while it is still good (Instagram's containers after 23 hours)."""
    fence: bool = True
    commits: bool = True
    """`live_call_at` is committed before the call."""
    asks: bool = True
    """A worker that continues with a post that may be live asks the platform first."""
    waits: bool = True
    """"Not live" is believed only once `republish_after` has passed since `live_call_at`."""
    cuts_are_doubt: bool = True
    """A list that ends before the post could be on it shows nothing. Otherwise it counts as absence."""
    reads_again: bool = True
    """One look that fails decides nothing. Otherwise it ends the post as unknown."""
    doubt_from_look: bool = True
    """How long doubt has lasted is counted from the first look. Otherwise one look that fails long after the call ends the
    post as unknown."""
    checks: bool = True
    """The worker looks at its lease right before the call."""
    at_commit: bool = True
    """That lease is the one that held at the commit: a renewal since then does not count."""
    minds_call: bool = True
    """A post is not canceled once `live_call_at` is set."""
    minds_parts: bool = True
    """A post is not canceled once a part is recorded as live."""
    fails_in_part: bool = True
    """A post of which a part is recorded as live ends as published in part. Otherwise as failed."""
    awaits_parts: bool = True
    """The next part is written once the one before is known to be live. Otherwise a lost answer counts as yes."""
    counts_at_once: bool = True
    """That a part is live is recorded in the write that clears `live_call_at`. Otherwise in one after it."""
    keeps_place: bool = True
    """A worker that takes a thread over continues at the first part that is not live. Otherwise at the first of all."""
    one_per_lane: bool = True
    """A claim passes over lanes with a post at work."""
    refuses_second: bool = True
    """The database refuses a second post at work in a lane."""
    takes_over: bool = True
    """A claim takes posts whose lease has lapsed."""
    one_clock: bool = True
    """Leases and waits are judged on the database's clock. Otherwise a worker whose wall clock is ahead takes a lease for
    lapsed that its owner still counts on, and a wait for over."""


class Move(NamedTuple):
    """One step of the world."""

    name: str
    worker: int
    post: int


FAULTS: Final = frozenset(
    {
        "crash", "stop", "stall", "slow", "lapse_awake", "lose", "refuse", "kill", "mute", "miss", "time_out", "reject",
        "put_off", "drop", "fail_look", "blip", "cut", "interrupt", "skew",
    }
)  # fmt: skip
"""Moves that take one of the world's faults. There are finitely many in a run, and all the rest must come to an end."""
PERSON: Final = frozenset({"cancel", "accept"})
"""Moves of a person, who may never come."""


def start(rules: Rules) -> World:
    """Return the world before anything has happened."""
    row = Row(Status.QUEUED, NO_WORKER, False, False, False, False, NO_TICKET, 0, False, 0)
    rows = [row] * rules.posts
    if rules.later:
        rows[0] = row._replace(status=Status.ABSENT)
    return World(
        rows=tuple(rows),
        holds=((None,) * rules.posts,) * len(WORKERS),
        stalled=(False,) * len(WORKERS),
        picks=(NO_WORKER,) * len(WORKERS),
        platforms=(Platform((0,) * rules.parts, (), (), False),) * rules.posts,
        faults=rules.faults,
    )
