"""Plays the model's runs with the real worker on a real database, and compares after each step."""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from tests.clocks import MovableClock
from tests.protocol.gates import LEASE, SNOOZED, Hand, Process
from tests.protocol.model import GONE, NO_WORKER, OVER, WORKERS, Answer, Hold, Move, Rules, Step, World, start
from tests.protocol.steps import is_orphan, released
from tests.protocol.world import moves
from tests.worker.rows import insert_account, insert_post

from presswork.callers.model import Principal
from presswork.db.pool import Pool
from presswork.platforms.errors import OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Ambiguous, Failed, Present, Processing
from presswork.posts.cancel import cancel_post
from presswork.posts.model import PostNotCancelable

STANDS: Final[dict[Step, frozenset[str]]] = {
    Step.PREPARE: frozenset({"record_error", "prepare"}),
    Step.GO_LIVE: frozenset({"prepared"}),
    Step.CHECK: frozenset({"committed"}),
    Step.SEND: frozenset({"make_live"}),
    Step.WAIT: frozenset({"answer"}),
    Step.LOOK_UP: frozenset({"note", "look_up"}),
    Step.REFUSED: frozenset({"not_live"}),
    Step.TAKE_BACK: frozenset({"not_live"}),
    Step.START_OVER: frozenset({"not_live"}),
    Step.LIVE: frozenset({"live", "part_live"}),
    Step.SETTLE: frozenset({"settle_published", "settle_thread"}),
    Step.FAIL: frozenset({"settle_over", "settle_thread"}),
    Step.GIVE_UP: frozenset({"settle_over", "settle_thread"}),
}
"""Where the worker's code stands at each step of the model. What it writes besides, and the model does not know, comes
first: a line on asking, a counted fault."""
SECOND: Final = timedelta(seconds=1)
_LIVE: Final = Present(external_id="1", external_url="https://example.com/1")
_READ: Final = """
SELECT id, status, leased_by, leased_until <= $2 AS lapsed, live_call_at IS NOT NULL AS called, live_at IS NOT NULL AS is_live,
       coalesce((platform_state::json ->> 'ticket')::int, -1) AS ticket, coalesce((platform_state::json ->> 'liveCalls')::int, 0) AS calls,
       last_error::json ->> 'code' AS code, live_parts, thread_status
  FROM scheduled_posts WHERE id = ANY($1) ORDER BY run_at LIMIT 10
"""


class Replay:
    """One run on posts of a separate account."""

    def __init__(self, pool: Pool, owner: Principal, rules: Rules) -> None:
        """Take whose posts they are, and by which rules the run was made."""
        self._rules: Final = rules
        self._pool: Final = pool
        self._owner: Final = owner
        self._time: Final = MovableClock()
        self._world: World = start(rules)
        self._posts: list[UUID] = []
        self._started = 0
        self._processes: list[Process] = []
        self._hands: Final[dict[tuple[int, int], Hand]] = {}

    async def _process(self, worker: int) -> Process:
        self._started += 1
        return await Process.start(self._pool, self._time, name=f"worker-{worker}-{self._started}")

    async def play(self, run: Iterable[tuple[Move, World]]) -> None:
        """Play a run from its first state on. Raises AssertionError where the worker does anything else."""
        self._processes = [await self._process(worker) for worker in WORKERS]
        account = await insert_account(self._pool)
        texts = [{"text": f"Part {part + 1}"} for part in range(self._rules.parts)]
        parts = json.dumps(texts) if self._rules.parts > 1 else None
        await self._pool.execute("UPDATE content_containers SET parts = $2 WHERE id = $1", self._owner.key_id, parts)
        now = self._time.now()
        for place in range(len(self._world.rows)):
            due = now - timedelta(seconds=9 - place)
            self._posts.append(await insert_post(self._pool, account, due=due, accepted=due))
        done: list[str] = []
        try:
            for move, after in run:
                done.append(" ".join(map(str, move)))
                await self._step(move, after)
                self._world = after
                await self._compare()
            await self._try_what_is_refused()
        except AssertionError as error:
            error.add_note(f"after: {', '.join(done)}")
            raise
        finally:
            for process in self._processes:
                await process.kill()
            await self._pool.execute("DELETE FROM scheduled_posts WHERE id = ANY($1)", self._posts)

    async def _step(self, move: Move, after: World) -> None:
        worker, post = move.worker, move.post
        match move.name:
            case "claim":
                await self._claim(worker, post)
            case "renew":
                await self._processes[worker].renew()
            case "crash" | "stop":
                await self._end(worker, is_orderly=move.name == "stop")
            case "lapse" | "lapse_awake":
                is_parked = self._world.rows[post].owner == NO_WORKER
                self._time.advance((SNOOZED if is_parked else LEASE) + SECOND)
            case "due":
                self._time.advance(SNOOZED + SECOND)
            case "slow":
                for _ in range(2):  # the lease is renewed in between, and the one before the commit ends
                    self._time.advance(LEASE * 2 / 3)
                    await self._processes[worker].renew()
            case "cancel":
                await cancel_post(
                    self._pool, self._posts[post], visible_to=self._owner, reason=None, now=self._time.now()
                )
            case "interrupt" | "release":
                await self._interrupt(move)
            case "stall" | "wake" | "watch" | "take" | "lose" | "refuse" | "kill" | "mute":
                return  # the worker does nothing, and nothing is stored
            case _:
                await self._work(move, after)

    async def _claim(self, worker: int, post: int) -> None:
        process = self._processes[worker]
        await process.poll()
        hand = process.attempt(self._posts[post])
        assert hand is not None
        self._hands[worker, post] = hand

    async def _end(self, worker: int, *, is_orderly: bool) -> None:
        process = self._processes[worker]
        await (process.stop() if is_orderly else process.kill())
        self._processes[worker] = await self._process(worker)

    async def _interrupt(self, move: Move) -> None:
        """Have a write or a call of an attempt fail for the database's sake; or release what was dropped so."""
        if move.name == "release":
            await self._processes[move.worker].release()
            return
        hand = self._hands[move.worker, move.post]
        if (name := await hand.stands()) is not None:
            await hand.go(name, outcome=ConnectionResetError("The database went away."))

    async def _work(self, move: Move, after: World) -> None:
        """Let an attempt on, with what the platform says in the model."""
        hand = self._hands[move.worker, move.post]
        hold, then = self._world.holds[move.worker][move.post], after.holds[move.worker][move.post]
        assert hold is not None
        match move.name:
            case "prepare" | "drop":
                ticket = hold.ticket if then is None else then.ticket
                await hand.go("record_error", "prepare", outcome=ticket)
                await hand.go("save")
            case "go_live":
                await hand.go("prepared")
                if then is None or then.step is Step.CHECK:
                    await hand.go("go_live")
            case "check":
                await hand.go("committed")
            case "send":
                await hand.go("make_live")
            case "hear":
                await self._hear(hand, hold.answer)
            case "look" | "miss" | "time_out":
                await hand.go("answer", outcome=OutcomeUnknown("Lost.", step="x"))
            case "look_up" | "notice" | "fail_look":
                await hand.go("note", "look_up", outcome=_outcome_of(then))
            case "blip" | "cut":
                cut = Ambiguous(message="The list ends before it.")
                await hand.go("note", "look_up", outcome=cut if move.name == "cut" else TryLater("Busy.", step="x"))
            case "reject":
                at = "answer" if hold.step is Step.WAIT else "prepare"
                await hand.go("record_error", at, outcome=Rejected("No.", step="x"))
            case "put_off":
                await self._put_off(hand, hold)
            case _:
                stands = await hand.stands()
                assert stands in {None, *STANDS[hold.step]}
                await hand.go(*([] if stands is None else [stands]))

    async def _hear(self, hand: Hand, answer: Answer) -> None:
        match answer:
            case Answer.YES:
                await hand.go("answer", outcome=_LIVE)
            case Answer.NO:
                await hand.go("answer", outcome=TryLater("Not now.", step="x", retry_after=timedelta()))
            case _:  # the call was answered, and what it was for is no use: the platform is asked, and says so
                await hand.go("answer", outcome=OutcomeUnknown("Lost.", step="x"))
                await hand.go("note", "look_up", outcome=_ended(starts_over=True))

    async def _put_off(self, hand: Hand, hold: Hold) -> None:
        """Have the worker snooze its post: after an expected error, or after an internal one."""
        if hold.step is Step.LOOK_UP:
            await hand.go("note", "look_up", outcome=Processing(message="Busy.", check_after=SNOOZED))
            await hand.go("save", "snooze")
            return
        later = TryLater("Not now.", step="x", retry_after=SNOOZED)
        name = await hand.stands()
        if name == "record_error":
            await hand.go("record_error")
        if (name := await hand.stands()) is None:
            return
        await hand.go(name, outcome=later if hold.step is Step.PREPARE else OSError("A broken disk."))
        await hand.go("record_error")
        await hand.go("snooze")

    async def _compare(self) -> None:
        """Hold what is stored, and where each attempt stands, against the model."""
        stored = await self._pool.fetch(_READ, self._posts, self._time.now())
        for place, (row, model) in enumerate(zip(stored, self._world.rows, strict=True)):
            status = row["status"]
            if status == "failed" and row["code"] == "OUTCOME_UNKNOWN":
                status = "unknown"
            status = {"partial": "partial", "unknown": "doubted"}.get(row["thread_status"], status)
            assert status == model.status, f"post {place} is {status}, not {model.status}"
            if model.status in OVER:
                continue
            found = (
                self._owner_of(row["leased_by"]),
                bool(row["lapsed"]),
                row["called"],
                row["is_live"],
                row["ticket"],
            )
            assert found == (model.owner, model.lapsed, model.called, model.is_live, model.ticket)
            assert row["calls"] == model.calls
            is_thread = self._rules.parts > 1
            assert row["live_parts"] == (self._rules.parts if model.is_live and is_thread else model.part)
        for worker in WORKERS:
            for post, hold in enumerate(self._world.holds[worker]):
                await self._compare_hold(worker, post, hold)

    def _owner_of(self, name: str | None) -> int:
        names = [process.name for process in self._processes]
        return NO_WORKER if name is None else names.index(name) if name in names else GONE

    async def _compare_hold(self, worker: int, post: int, hold: Hold | None) -> None:
        hand = self._hands.get((worker, post))
        stands = None if hand is None else await hand.stands()
        if hold is None:
            assert stands is None, f"worker {worker} has dropped the post in the model, and stands at {stands}"
        elif stands is None:
            # A write that the model does not have has already shown that it is not the owner any more.
            assert not hold.is_current, f"worker {worker} has dropped a post that is its own in the model"
        else:
            assert stands in STANDS[hold.step], f"worker {worker} stands at {stands}, not at {hold.step}"

    async def _try_what_is_refused(self) -> None:
        """At the end of the run, claim and cancel: either works if, and only if, it does in the model.

        A worker that polls releases what it dropped before it claims.
        """
        for worker in WORKERS:
            if not self._world.stalled[worker]:
                world = self._world
                for post in range(len(world.rows)):
                    if is_orphan(world, worker, post):
                        world = released(world, post)
                claims = [move.post for move, _ in moves(self._rules, world) if move == ("claim", worker, move.post)]
                process = self._processes[worker]
                held = {post: process.tasks.get(post) for post in self._posts}
                await process.poll()
                taken = [place for place, post in enumerate(self._posts) if process.tasks.get(post) is not held[post]]
                assert taken == claims
                break
        may_cancel = [row.status not in OVER and not row.called and not row.part for row in self._world.rows]
        for post_id, may in zip(self._posts, may_cancel, strict=True):
            try:
                await cancel_post(self._pool, post_id, visible_to=self._owner, reason=None, now=self._time.now())
            except PostNotCancelable:
                assert not may
            else:
                assert may


def _outcome_of(hold: Hold | None) -> object:
    """Return what the platform said, by what the worker does next in the model."""
    match None if hold is None else hold.step:
        case Step.LIVE:
            return _LIVE
        case Step.TAKE_BACK | Step.START_OVER as step:
            return _ended(starts_over=step is Step.START_OVER)
        case Step.GIVE_UP:
            return Ambiguous(message="Not known.", is_final=True)
        case _:
            return Failed(reason=Rejected("It failed.", step="x"))


def _ended(*, starts_over: bool) -> Failed:
    """Return a certain end of the call: how long absence must last until it is certain has its own tests (test_reconciliation)."""
    return Failed(reason=TryLater("It did not happen.", step="x", starts_over=starts_over))


def playable(trace: Sequence[tuple[Move, World]]) -> Sequence[tuple[Move, World]]:
    """Return a run that can be played: a worker renews all its leases at once, so it may hold one post at that moment."""
    for place, (move, after) in enumerate(trace):
        if move.name in {"renew", "slow"} and sum(hold is not None for hold in after.holds[move.worker]) > 1:
            return trace[:place]
    return trace
