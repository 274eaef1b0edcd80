"""What happens around the workers: time, the platform, a person, and everything that can go wrong."""

from tests.protocol.model import (
    FAULTS,
    GONE,
    NO_TICKET,
    NO_WORKER,
    OVER,
    WORKERS,
    Answer,
    Hold,
    Kind,
    Move,
    Request,
    Rules,
    Status,
    Step,
    Ticket,
    World,
)
from tests.protocol.steps import (
    Next,
    deafened,
    dropped,
    ended,
    is_orphan,
    lost,
    moves_of_worker,
    on_wire,
    outdated,
    placed,
    prepared,
    released,
    with_hold,
    with_platform,
    with_row,
    written,
)


def moves(rules: Rules, world: World) -> Next:
    """Yield every next step from a state, with the state that it leads to."""
    for worker in WORKERS:
        if world.stalled[worker]:
            yield Move("wake", worker, NO_WORKER), world._replace(stalled=placed(world.stalled, worker, False))
        else:
            yield from moves_of_worker(rules, world, worker)
    for post in range(len(world.rows)):
        yield from _time(rules, world, post)
        yield from _platform(rules, world, post)
        yield from _person(rules, world, post)
    if world.faults:
        rest = world._replace(faults=world.faults - 1)
        for worker in WORKERS:
            yield from _process_faults(rest, worker)
            if not world.stalled[worker]:
                for post, hold in enumerate(world.holds[worker]):
                    if hold is not None:
                        yield from _step_faults(rules, rest, worker, post, hold)
        for post in range(len(world.rows)):
            yield from _platform_faults(rest, post)


def is_fault(move: Move) -> bool:
    """Whether a move is one of the things that go wrong."""
    return move.name in FAULTS


def _time(rules: Rules, world: World, post: int) -> Next:
    row = world.rows[post]
    is_behind = any(one.status is Status.PUBLISHING and one.owner == NO_WORKER and not one.lapsed for one in world.rows)
    if row.is_early and not is_behind:
        yield Move("due", NO_WORKER, post), with_row(world, post, row._replace(is_early=False))
    if row.status is not Status.PUBLISHING:
        return
    is_kept = row.owner in WORKERS and not world.stalled[row.owner] and not is_orphan(world, row.owner, post)
    if not row.lapsed and not is_kept:
        yield Move("lapse", NO_WORKER, post), _lapsed(world, post)
    is_watch_on = row.called and not row.watched and not row.is_live and rules.kind is not Kind.ONE_OFF
    if is_watch_on and not _is_call_fresh(rules, world, post):
        yield Move("watch", NO_WORKER, post), with_row(world, post, row._replace(watched=True))


def _lapsed(world: World, post: int) -> World:
    row = world.rows[post]
    world = with_row(world, post, row._replace(lapsed=True))
    if row.owner == NO_WORKER:  # what was put behind it is due as well
        return world._replace(rows=tuple(one._replace(is_early=False) for one in world.rows))
    hold = world.holds[row.owner][post] if row.owner in WORKERS else None
    if hold is None:
        return world
    is_before_call = hold.step in {Step.CHECK, Step.GO_LIVE}
    return with_hold(
        world, row.owner, post, hold._replace(is_leased=False, in_time=hold.in_time and not is_before_call)
    )


def _is_call_fresh(rules: Rules, world: World, post: int) -> bool:
    """Whether so little time has passed since `live_call_at` that the watch can't be over.

    It is longer than a lease. And it is longer than what is left of the lease, and the call, together: that is taken
    for granted, unless `late_calls` says otherwise.
    """
    for holds in world.holds:
        hold = holds[post]
        if hold is not None and hold.in_time and (hold.step is Step.CHECK or not rules.late_calls):
            return True
    return not rules.late_calls and any(request.in_time for request in world.platforms[post].wire)


def _platform(rules: Rules, world: World, post: int) -> Next:
    platform = world.platforms[post]
    for request in dict.fromkeys(platform.wire):
        effects, answer, tickets = platform.effects[request.part], Answer.YES, platform.tickets
        if rules.kind is Kind.PLAIN:
            effects += 1
        elif tickets[request.ticket] is Ticket.OPEN:
            effects, tickets = effects + 1, placed(tickets, request.ticket, Ticket.USED)
        elif tickets[request.ticket] is Ticket.DEAD:
            answer = Answer.DEAD
        took = platform._replace(effects=placed(platform.effects, request.part, min(effects, 2)), tickets=tickets)
        yield Move("take", request.sender, post), _answered(with_platform(world, post, took), post, request, answer)


def _answered(world: World, post: int, request: Request, answer: Answer) -> World:
    """Return the world after a call was dealt with; a worker that does not wait any more gets no answer."""
    wire = list(world.platforms[post].wire)
    wire.remove(request)
    world = with_platform(world, post, on_wire(world.platforms[post], wire))
    hold = None if request.sender == NO_WORKER else world.holds[request.sender][post]
    return world if hold is None else with_hold(world, request.sender, post, hold._replace(answer=answer))


def _person(rules: Rules, world: World, post: int) -> Next:
    row = world.rows[post]
    if row.status is Status.ABSENT:
        yield Move("accept", NO_WORKER, post), with_row(world, post, row._replace(status=Status.QUEUED))
    elif row.status not in OVER and not (row.called and rules.minds_call) and not (row.part and rules.minds_parts):
        yield (
            Move("cancel", NO_WORKER, post),
            outdated(with_row(world, post, ended(row, Status.CANCELED)), post),
        )


def _process_faults(world: World, worker: int) -> Next:
    """A process is killed at any step, stopped in order, or held up."""
    held = [post for post, hold in enumerate(world.holds[worker]) if hold is not None]
    if not held:
        return
    yield Move("crash", worker, NO_WORKER), _without(world, worker, is_orderly=False)
    if not world.stalled[worker]:
        yield Move("stop", worker, NO_WORKER), _without(world, worker, is_orderly=True)
        yield Move("stall", worker, NO_WORKER), world._replace(stalled=placed(world.stalled, worker, True))


def _without(world: World, worker: int, *, is_orderly: bool) -> World:
    """Return the world after a worker's process ended; another takes its place, which remembers nothing."""
    world = world._replace(stalled=placed(world.stalled, worker, False), picks=placed(world.picks, worker, NO_WORKER))
    for post, row in enumerate(world.rows):
        world = dropped(world, worker, post)
        if row.status is Status.PUBLISHING and row.owner == worker:
            world = released(world, post) if is_orderly else with_row(world, post, row._replace(owner=GONE))
    return world


def _step_faults(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> Next:
    row = world.rows[post]
    if row.status is Status.PUBLISHING and row.owner == worker and not row.lapsed:
        yield Move("lapse_awake", worker, post), _lapsed(world, post)
        if not rules.one_clock:
            yield Move("skew", worker, post), with_row(world, post, row._replace(lapsed=True, watched=row.called))
    if hold.step is Step.CHECK and hold.in_time:
        yield Move("slow", worker, post), with_hold(world, worker, post, hold._replace(in_time=False))
    yield Move("put_off", worker, post), _snoozed(rules, world, worker, post, hold)
    yield Move("interrupt", worker, post), dropped(world, worker, post)
    if hold.step is Step.PREPARE:
        yield Move("reject", worker, post), with_hold(world, worker, post, hold._replace(step=Step.FAIL))
        if rules.drops_open and hold.ticket != NO_TICKET and rules.kind is Kind.TICKET:
            yield Move("drop", worker, post), prepared(rules, world, worker, post, hold, again=True)
    if hold.step is Step.WAIT:
        yield from _answer_faults(rules, world, worker, post, hold)
    if hold.step is Step.LOOK_UP and _is_reported_not_live(rules, world, post, hold):
        yield Move("fail_look", worker, post), with_hold(world, worker, post, hold._replace(step=Step.FAIL))
    if hold.step is Step.LOOK_UP and not world.platforms[post].is_mute and rules.kind is not Kind.ONE_OFF:
        yield from _look_faults(rules, world, worker, post, hold)


def _look_faults(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> Next:
    """A look fails, or the list that it reads ends before the post: the worker looks again."""
    is_believed = not rules.reads_again or (world.rows[post].watched and not rules.doubt_from_look)
    blip = hold._replace(step=Step.GIVE_UP) if is_believed else hold
    yield Move("blip", worker, post), with_hold(world, worker, post, blip)
    is_absence = world.rows[post].watched and not rules.cuts_are_doubt
    cut = hold._replace(step=Step.TAKE_BACK) if is_absence else hold
    yield Move("cut", worker, post), with_hold(world, worker, post, cut)


def _snoozed(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> World:
    """Return the world after a worker released a post until later; those of the lane that are due wait behind it."""
    row = world.rows[post]
    free = row._replace(owner=NO_WORKER, lapsed=False, calls=hold.calls)
    world = written(rules, world, worker, post, hold, free, may=row.status is Status.PUBLISHING)
    if world.holds[worker][post] is not None:
        rows = (one._replace(is_early=one.status is Status.QUEUED) for one in world.rows)
        world = world._replace(rows=tuple(rows))
    return dropped(world, worker, post)


def _is_reported_not_live(rules: Rules, world: World, post: int, hold: Hold) -> bool:
    """Whether a look at the platform can find that the call failed for good."""
    platform = world.platforms[post]
    if platform.is_mute or hold.ticket == NO_TICKET or rules.kind is Kind.ONE_OFF:
        return (
            rules.kind is Kind.PLAIN
            and not platform.is_mute
            and world.rows[post].watched
            and not platform.effects[hold.part]
        )
    ticket = platform.tickets[hold.ticket]
    return ticket is Ticket.DEAD or (ticket is Ticket.OPEN and world.rows[post].watched)


def _answer_faults(rules: Rules, world: World, worker: int, post: int, hold: Hold) -> Next:
    looks = lost(rules, hold)
    if hold.answer is not Answer.NONE:
        yield Move("miss", worker, post), with_hold(world, worker, post, looks)
    elif any(request.sender == worker for request in world.platforms[post].wire):
        yield Move("time_out", worker, post), with_hold(deafened(world, worker, post), worker, post, looks)
    if hold.answer is Answer.NO:
        failed = hold._replace(step=Step.FAIL, answer=Answer.NONE)
        yield Move("reject", worker, post), with_hold(world, worker, post, failed)


def _platform_faults(world: World, post: int) -> Next:
    platform = world.platforms[post]
    for request in dict.fromkeys(platform.wire):
        yield Move("lose", request.sender, post), _answered(world, post, request, Answer.NONE)
        if request.sender != NO_WORKER:
            yield Move("refuse", request.sender, post), _answered(world, post, request, Answer.NO)
    current = world.rows[post].ticket
    if current != NO_TICKET and platform.tickets[current] is Ticket.OPEN:
        dead = platform._replace(tickets=placed(platform.tickets, current, Ticket.DEAD))
        yield Move("kill", NO_WORKER, post), with_platform(world, post, dead)
    if not platform.is_mute and world.rows[post].called:
        yield Move("mute", NO_WORKER, post), with_platform(world, post, platform._replace(is_mute=True))
