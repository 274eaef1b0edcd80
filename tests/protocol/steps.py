"""What a worker can do next: claim, renew, and each step of an attempt."""

from collections.abc import Iterator
from typing import TypeVar

from tests.protocol.model import (
    NO_TICKET,
    NO_WORKER,
    OVER,
    Answer,
    Hold,
    Kind,
    Move,
    Platform,
    Request,
    Row,
    Rules,
    Status,
    Step,
    Ticket,
    World,
)

Item = TypeVar("Item")
Next = Iterator[tuple[Move, World]]


def placed(items: tuple[Item, ...], place: int, item: Item) -> tuple[Item, ...]:
    """Return the items with another one in a place."""
    return (*items[:place], item, *items[place + 1 :])


def with_row(world: World, post: int, row: Row) -> World:
    """Return the world with a row changed, and no copy the wiser."""
    return world._replace(rows=placed(world.rows, post, row))


def with_hold(world: World, worker: int, post: int, hold: Hold | None) -> World:
    """Return the world with a worker's copy of a post changed."""
    return world._replace(holds=placed(world.holds, worker, placed(world.holds[worker], post, hold)))


def with_platform(world: World, post: int, platform: Platform) -> World:
    """Return the world with what the platform has of a post changed."""
    return world._replace(platforms=placed(world.platforms, post, platform))


def on_wire(platform: Platform, wire: list[Request]) -> Platform:
    """Return the platform with these calls under way; which left first does not matter."""
    return platform._replace(wire=tuple(sorted(wire)))


def deafened(world: World, worker: int, post: int) -> World:
    """Return the world in which a worker does not wait for the answer to its call any more; the call stays in flight."""
    platform = world.platforms[post]
    if all(request.sender != worker for request in platform.wire):
        return world
    wire = [one._replace(sender=NO_WORKER) if one.sender == worker else one for one in platform.wire]
    return with_platform(world, post, on_wire(platform, wire))


def dropped(world: World, worker: int, post: int) -> World:
    """Return the world in which a worker has dropped its copy: LeaseLost, a canceled task, a crash."""
    return with_hold(deafened(world, worker, post), worker, post, None)


def outdated(world: World, post: int, *, but: int = NO_WORKER) -> World:
    """Return the world after a write to a post: the `version` of every copy but the writer's is behind now."""
    for worker, holds in enumerate(world.holds):
        hold = holds[post]
        if hold is not None and hold.is_current and worker != but:
            world = with_hold(world, worker, post, hold._replace(is_current=False))
    return world


def moves_of_worker(rules: Rules, world: World, worker: int) -> Next:
    """Yield what a worker that is awake can do next, whatever may go wrong left aside."""
    yield from _claim(rules, world, worker)
    for post, hold in enumerate(world.holds[worker]):
        if hold is not None:
            yield from _renew(world, worker, post, hold)
            yield from _work(rules, world, worker, post, hold)
        elif is_orphan(world, worker, post):
            yield Move("release", worker, post), released(world, post)


def is_orphan(world: World, worker: int, post: int) -> bool:
    """Whether a post is leased to a worker that does not work on it: its claim, or its attempt, was interrupted."""
    row = world.rows[post]
    return row.status is Status.PUBLISHING and row.owner == worker and world.holds[worker][post] is None


def released(world: World, post: int) -> World:
    """Return the world after a post was released: any worker may claim it at once."""
    return outdated(with_row(world, post, world.rows[post]._replace(owner=NO_WORKER, lapsed=True)), post)


def _claim(rules: Rules, world: World, worker: int) -> Next:
    picked = world.picks[worker]
    if picked != NO_WORKER:
        gone = world._replace(picks=placed(world.picks, worker, NO_WORKER))
        is_taken = _can_take(world.rows[picked]) and not _is_refused(rules, world, picked)
        yield Move("lock", worker, picked), _taken(rules, gone, worker, picked) if is_taken else gone
        return
    post = _pick(rules, world)
    if post is None:
        return
    if rules.reads_first:
        yield Move("pick", worker, post), world._replace(picks=placed(world.picks, worker, post))
    elif not _is_refused(rules, world, post):
        yield Move("claim", worker, post), _taken(rules, world, worker, post)


def _can_take(row: Row) -> bool:
    return (row.status is Status.QUEUED and not row.is_early) or (row.status is Status.PUBLISHING and row.lapsed)


def _pick(rules: Rules, world: World) -> int | None:
    """Return the post that a claim takes: one whose lease has lapsed, or the first of the lane if none is at work."""
    for post, row in enumerate(world.rows):
        if row.status is Status.PUBLISHING and row.lapsed and rules.takes_over:
            return post
    if rules.one_per_lane and any(row.status is Status.PUBLISHING for row in world.rows):
        return None
    return next((post for post, row in enumerate(world.rows) if row.status is Status.QUEUED and not row.is_early), None)


def _is_refused(rules: Rules, world: World, post: int) -> bool:
    """Whether the unique index refuses a claim."""
    others = (row.status for place, row in enumerate(world.rows) if place != post)
    return rules.refuses_second and Status.PUBLISHING in others


def _taken(rules: Rules, world: World, worker: int, post: int) -> World:
    row = world.rows[post]
    is_asked_first = row.called and rules.asks
    step = Step.SETTLE if row.is_live else Step.LOOK_UP if is_asked_first else Step.PREPARE
    world = with_row(
        dropped(world, worker, post), post, row._replace(status=Status.PUBLISHING, owner=worker, lapsed=False)
    )
    part = row.part if rules.keeps_place else 0
    hold = Hold(step, True, True, False, row.ticket, row.calls, Answer.NONE, part)
    return with_hold(outdated(world, post), worker, post, hold)


def _renew(world: World, worker: int, post: int, hold: Hold) -> Next:
    row = world.rows[post]
    if row.status is Status.PUBLISHING and row.owner == worker:
        if row.lapsed or not hold.is_leased:
            renewed = with_row(world, post, row._replace(lapsed=False))
            yield Move("renew", worker, post), with_hold(renewed, worker, post, hold._replace(is_leased=True))
    elif row.status in {Status.PUBLISHING, Status.CANCELED}:
        yield Move("renew", worker, post), dropped(world, worker, post)


def written(rules: Rules, world: World, worker: int, post: int, hold: Hold, row: Row, *, may: bool = True) -> World:
    """Return the world after a worker's fenced write; `may`: the statement's other conditions hold.

    Where the write finds another version, nothing is written, and the worker drops the post.
    """
    if not may or (rules.fence and not hold.is_current):
        return dropped(world, worker, post)
    is_over = row.status in OVER
    world = with_row(world, post, row)
    world = outdated(world, post, but=worker)
    return dropped(world, worker, post) if is_over else with_hold(world, worker, post, hold._replace(is_current=True))


def _work(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> Next:
    if hold.step is Step.WAIT:
        yield from _hear(rules, world, worker, post, hold)
    elif hold.step is Step.LOOK_UP:
        yield from look_up(rules, world, worker, post, hold)
    else:
        yield Move(hold.step.value, worker, post), _stepped(rules, world, worker, post, hold)


def _stepped(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> World:
    row = world.rows[post]
    is_at_work = row.status is Status.PUBLISHING
    match hold.step:
        case Step.PREPARE:
            return prepared(rules, world, worker, post, hold)
        case Step.GO_LIVE:
            if rules.checks and not hold.is_leased:
                return dropped(world, worker, post)
            if hold.calls >= rules.calls:
                return with_hold(world, worker, post, hold._replace(step=Step.FAIL))
            after = hold._replace(step=Step.CHECK, in_time=hold.is_leased, calls=hold.calls + 1)
            called = row._replace(called=rules.commits, watched=False, ticket=after.ticket, calls=after.calls)
            may = is_at_work and not (row.called and rules.asks)
            return written(rules, world, worker, post, after, called, may=may)
        case Step.CHECK:
            held = hold.in_time if rules.at_commit else hold.is_leased
            if held or not rules.checks:
                return with_hold(world, worker, post, hold._replace(step=Step.SEND))
            # The call is not made, and does not count.
            return with_hold(world, worker, post, hold._replace(step=Step.LOOK_UP, calls=hold.calls - 1))
        case Step.SEND:
            platform = world.platforms[post]
            sent = Request(hold.ticket, worker, hold.in_time, hold.part)
            world = with_platform(world, post, on_wire(platform, [*platform.wire, sent]))
            return with_hold(world, worker, post, hold._replace(step=Step.WAIT, in_time=False))
        case Step.REFUSED | Step.TAKE_BACK | Step.START_OVER:
            ticket = NO_TICKET if hold.step is Step.START_OVER else hold.ticket
            calls = hold.calls - (hold.step is Step.REFUSED)
            after = hold._replace(step=Step.PREPARE, ticket=ticket, calls=calls)
            free = row._replace(called=False, watched=False, ticket=ticket, calls=calls)
            return written(rules, world, worker, post, after, free, may=is_at_work and not row.is_live)
        case Step.LIVE | Step.COUNT:
            return _live(rules, world, worker, post, hold)
        case Step.SETTLE:
            return written(
                rules, world, worker, post, hold, ended(row, Status.PUBLISHED), may=is_at_work and row.is_live
            )
        case _:
            is_partial = row.part and rules.fails_in_part
            failed, unknown = (Status.PARTIAL, Status.DOUBTED) if is_partial else (Status.FAILED, Status.UNKNOWN)
            end = failed if hold.step is Step.FAIL else unknown
            return written(rules, world, worker, post, hold, ended(row, end), may=is_at_work and not row.is_live)


def _live(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> World:
    """Return the world after a post, or a part of a thread, was recorded as live."""
    row = world.rows[post]
    is_at_work = row.status is Status.PUBLISHING
    if hold.step is Step.COUNT:
        return _counted(rules, world, worker, post, hold, row)
    if hold.part + 1 == rules.parts:
        after = hold._replace(step=Step.SETTLE)
        return written(rules, world, worker, post, after, row._replace(is_live=True), may=is_at_work)
    next_part = row._replace(called=False, watched=False, ticket=NO_TICKET, calls=0)
    if rules.counts_at_once:
        return _counted(rules, world, worker, post, hold, next_part)
    return written(rules, world, worker, post, hold._replace(step=Step.COUNT), next_part, may=is_at_work)


def _counted(rules: Rules, world: World, worker: int, post: int, hold: Hold, row: Row) -> World:
    """Return the world after a part was recorded as live: the worker continues with the next one, which has calls of its own."""
    after = hold._replace(step=Step.PREPARE, ticket=NO_TICKET, calls=0, part=hold.part + 1)
    may = world.rows[post].status is Status.PUBLISHING and not row.is_live
    return written(rules, world, worker, post, after, row._replace(part=max(row.part, hold.part + 1)), may=may)


def ended(row: Row, status: Status) -> Row:
    """Return a row that is over; what is left of its life makes no difference any more."""
    return Row(status, NO_WORKER, False, False, False, row.is_live, NO_TICKET, 0, False, row.part)


def prepared(rules: Rules, world: World, worker: int, post: int, hold: Hold, *, again: bool = False) -> World:
    """Return the world after preparing, which continues from what is stored; `again`: what is stored is not used any more.

    What a worker prepared and could not store is lost.
    """
    row, platform, ticket = world.rows[post], world.platforms[post], hold.ticket
    if rules.kind is not Kind.PLAIN and (again or ticket == NO_TICKET or platform.tickets[ticket] is Ticket.DEAD):
        ticket = len(platform.tickets)
    after = hold._replace(step=Step.GO_LIVE, ticket=ticket)
    kept = row if row.status in OVER else row._replace(ticket=ticket)
    then = written(rules, world, worker, post, after, kept)
    if ticket == len(platform.tickets) and then.holds[worker][post] is not None:
        then = with_platform(then, post, platform._replace(tickets=(*platform.tickets, Ticket.OPEN)))
    return then


def lost(rules: Rules, hold: Hold) -> Hold:
    """Return a worker's copy after a call without an answer: the platform is asked."""
    is_believed = not rules.awaits_parts and hold.part + 1 < rules.parts
    return hold._replace(step=Step.LIVE if is_believed else Step.LOOK_UP, answer=Answer.NONE)


def _hear(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> Next:
    """Act on the answer to the call; a call that is not under way any more and was not answered is looked up."""
    if hold.answer is not Answer.NONE:
        step = {Answer.YES: Step.LIVE, Answer.NO: Step.REFUSED, Answer.DEAD: Step.START_OVER}[hold.answer]
        yield Move("hear", worker, post), with_hold(world, worker, post, hold._replace(step=step, answer=Answer.NONE))
    elif all(request.sender != worker for request in world.platforms[post].wire):
        yield Move("look", worker, post), with_hold(world, worker, post, lost(rules, hold))


def look_up(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> Next:
    """Ask the platform what became of the call; what it says decides the next step."""
    row, platform = world.rows[post], world.platforms[post]
    ticket = Ticket.OPEN if hold.ticket == NO_TICKET else platform.tickets[hold.ticket]
    if platform.is_mute:
        yield Move("look_up", worker, post), with_hold(world, worker, post, hold._replace(step=Step.GIVE_UP))
    elif rules.kind is Kind.ONE_OFF:
        yield from _look_at_addresses(world, worker, post, hold)
    elif ticket is Ticket.USED or (rules.kind is Kind.PLAIN and platform.effects[hold.part]):
        yield Move("look_up", worker, post), with_hold(world, worker, post, hold._replace(step=Step.LIVE))
    elif ticket is Ticket.DEAD:
        yield Move("look_up", worker, post), with_hold(world, worker, post, hold._replace(step=Step.START_OVER))
    elif row.watched or not rules.waits:
        yield Move("look_up", worker, post), with_hold(world, worker, post, hold._replace(step=Step.TAKE_BACK))


def _look_at_addresses(world: World, worker: int, post: int, hold: Hold) -> Next:
    """Disable the post's URLs unless one was fetched: then there is nothing to look up, but a webhook may report it."""
    platform = world.platforms[post]
    if Ticket.USED in platform.tickets:
        yield Move("look_up", worker, post), with_hold(world, worker, post, hold._replace(step=Step.GIVE_UP))
        yield Move("notice", worker, post), with_hold(world, worker, post, hold._replace(step=Step.LIVE))
        return
    off = platform._replace(tickets=(Ticket.DEAD,) * len(platform.tickets))
    after = with_hold(with_platform(world, post, off), worker, post, hold._replace(step=Step.START_OVER))
    yield Move("look_up", worker, post), after
