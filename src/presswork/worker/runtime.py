"""The worker's loop: claims what is due, keeps its leases, stops without losing anything."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.core.clock import SteadyClock
from presswork.core.errors import Unavailable
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.platforms.errors import FailureCode, TryLater
from presswork.platforms.registry import Platforms
from presswork.posts.model import Status
from presswork.telemetry import meters, tracing
from presswork.telemetry.origin import request_of, trace_of
from presswork.worker.deliveries import Deliverer
from presswork.worker.follow_ups import LONGEST_WAIT, follow_up, follow_up_later
from presswork.worker.job import ActiveJob, WorkerContext
from presswork.worker.missing_setting import setting_is_there, wait_for_setting
from presswork.worker.post_row import FollowUp, PostRow
from presswork.worker.publish_attempt import Attempt
from presswork.worker.sms import TEXT_LEASE, SmsSender, TextRow, TextStore
from presswork.worker.store import LeaseLost, WorkStore
from presswork.worker.watch import Look, Watch

log = structlog.get_logger()

LONGEST_SLEEP: Final = timedelta(seconds=1)
"""How long a worker sleeps at most: a hint may get lost, and a post may never wait for one."""
CLAIM_AT_ONCE: Final = 100
DRAIN: Final = timedelta(seconds=8)
"""How long a stopping worker waits for its posts before it hands them over."""
HEARTBEAT_EVERY: Final = timedelta(seconds=5)
_AWAY_FOR: Final = timedelta(minutes=5)
"""How long a post bears at least that the database goes away under it, again and again: in test projects, too, which are
impatient with platforms alone."""
CLOCKS_DIFFER_BY: Final = timedelta(seconds=5)
"""What was written by a clock further ahead than this was written before the clock was set back."""


@dataclass(frozen=True, slots=True)
class _Hold:
    """A post in this worker's hands, and its own clock: no setting of the machine's moves that one, and it begins behind
    whatever was written to the post. So nothing that is waited or watched for seems over, or far off, all of a sudden."""

    post: PostRow
    clock: SteadyClock
    lag: timedelta | None
    """How long it had been due when it was taken for the first time; None: it was taken before."""


class Worker:
    """Claims and works. Made once per process; `run` until `stop`."""

    def __init__(
        self,
        bench: WorkerContext,
        platforms: Platforms,
        *,
        concurrency: int,
        lease: timedelta,
        leases: WorkStore | None = None,
        deliverer: Deliverer | None = None,
        at_point: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """Take the parts. `lease` is how long a post stays this worker's without a renewal.

        `leases` renews them, over connections of its own: a renewal must not wait behind the posts' own statements.
        `deliverer` delivers webhooks meanwhile, in a loop of its own: neither waits for the other.
        """
        self._bench: Final = bench
        self._leases: Final = bench.store if leases is None else leases
        self._store: Final = bench.store
        self._platforms: Final = platforms
        self._concurrency: Final = concurrency
        self._lease: Final = lease
        self._at_point: Final = at_point
        self._deliverer: Final = deliverer
        self._texts: Final = TextStore(bench.pool, worker_id=bench.store.worker_id)
        self._tasks: Final[dict[UUID, asyncio.Task[None]]] = {}
        self._held: Final[dict[UUID, _Hold]] = {}
        self._chores: Final[set[asyncio.Task[None]]] = set()
        self._dropped: Final[set[UUID]] = set()
        self._bell: Final = asyncio.Event()
        self._watch: Final = Watch(bench.clock, lease=lease)

    @property
    def in_hand(self) -> int:
        """How many posts it has in hand."""
        return len(self._tasks)

    def ring(self) -> None:
        """Look at once: something may be due."""
        self._bell.set()
        if self._deliverer is not None:
            self._deliverer.ring()

    async def work_until_idle(self) -> None:
        """Work until nothing is due any more and nothing is in hand; what waits for a later time is left."""
        while True:
            await self.look()
            in_hand = [*self._tasks.values(), *self._chores]
            if not in_hand:
                break
            await asyncio.wait(in_hand, return_when=asyncio.FIRST_COMPLETED)
        if self._deliverer is not None:
            await self._deliverer.work_until_idle()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then drain: what can't be finished in seconds is handed over."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self.ring())
        keepers = [asyncio.create_task(self._renew_leases_forever()), asyncio.create_task(self._heartbeat())]
        delivering = None if self._deliverer is None else asyncio.create_task(self._deliverer.run(stop))
        try:
            while not stop.is_set():
                self._bell.clear()
                await self._sleep(await self.look())
        finally:
            stopping.cancel()
            await self._drain()
            if delivering is not None:
                await delivering
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(stopping, *keepers, return_exceptions=True)
            with contextlib.suppress(*TRANSIENT_ERRORS):
                await self._store.gone()

    async def look(self) -> timedelta:
        """Claim what is due and start on it; return how long there is nothing else to do, as far as is known."""
        look = self._watch.look()
        now, until = look.now, look.now + self._lease
        free = min(self._concurrency - len(self._tasks), CLAIM_AT_ONCE)
        try:
            if look.set_by:
                log.warning("the clock was set", by_seconds=round(look.set_by.total_seconds(), 1))
                await self._set_right(now)
                if self._deliverer is not None:
                    await self._deliverer.set_right(now=now)
            await self._give_back(now)
            if free <= 0:
                return LONGEST_SLEEP
            posts = await self._store.claim(now=now, leased_until=until, limit=free, lapsed_by=look.lapsed_by)
            left = await self._store.claim_follow_ups(now=now, leased_until=until, limit=free)
            texts = await self._texts.claim(now=now, limit=free)
            for post in posts:
                self._start(post, look)
            if left:
                await self._start_follow_ups(left)
            for text in texts:
                self._start_chore(self._carry(text, look))
            if free in {len(posts), len(left), len(texts)}:
                return timedelta(0)
            wake = await self._store.next_wake(now=now)
        except TRANSIENT_ERRORS as error:
            log.warning("database away; trying again", error=type(error).__name__)
            return LONGEST_SLEEP
        except Exception:
            log.exception("could not look for work; trying again")
            return LONGEST_SLEEP
        return LONGEST_SLEEP if wake is None else max(timedelta(0), min(LONGEST_SLEEP, wake - self._bench.clock.now()))

    async def _sleep(self, duration: timedelta) -> None:
        if duration > timedelta(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), duration.total_seconds())

    def _start(self, post: PostRow, look: Look) -> None:
        if (stale := self._tasks.get(post.id)) is not None:
            stale.cancel()  # its lease had lapsed, as after a machine's sleep; the fence keeps it from writing anyway
        self._dropped.discard(post.id)
        began_at = max(look.now, post.told_at)
        lag = look.now - post.run_at if post.attempted_at == look.now else None
        hold = _Hold(post, SteadyClock(self._bench.clock, at=began_at, since=look.uptime), lag)
        post.leased_until = began_at + self._lease
        self._held[post.id] = hold
        task = asyncio.create_task(self._work(hold), name=f"sp_{post.id}")
        self._tasks[post.id] = task
        task.add_done_callback(lambda done: self._ended(post.id, done))
        if self._deliverer is not None:
            self._deliverer.ring()  # that it is being published may have to be told

    def _ended(self, post_id: UUID, task: "asyncio.Task[None]") -> None:
        if self._tasks.get(post_id) is task:
            del self._tasks[post_id], self._held[post_id]
        self.ring()  # its lane is free

    async def _work(self, hold: _Hold) -> None:
        post, bench = hold.post, replace(self._bench, clock=hold.clock)
        if hold.lag is not None:
            meters.claimed_first(post.environment.value, hold.lag)
        with _span("attempt", post):
            await self._attempt(bench, post)

    async def _attempt(self, bench: WorkerContext, post: PostRow) -> None:
        try:
            platform = self._platforms.get(post.login, post.environment)
            channel = platform.channel(post.mode)
        except Unavailable as error:
            await self._wait_for_setting(bench, post, error)
            return
        attempt = Attempt(bench, ActiveJob(bench, post, platform), channel, at_point=self._at_point)
        try:
            await setting_is_there(bench, post)
            await attempt.run()
        except LeaseLost:
            meters.lease_losses.inc()
            _count(post, "lease_lost")
            log.info("post taken over or canceled by another", post=f"sp_{post.id}")
        except TRANSIENT_ERRORS as error:  # or a disk, or a time-out: nothing that the attempt itself is to blame for
            _count(post, "interrupted")
            log.warning("attempt interrupted", post=f"sp_{post.id}", error=type(error).__name__, reason=str(error))
            what = f"Presswork could not reach its own database or media for a moment ({type(error).__name__})."
            await self._settle_crash(attempt, post, what, borne_for=_AWAY_FOR)
        except Exception as error:
            # The outermost loop: whatever this is, the post must come to an end and the worker must go on.
            _count(post, "crashed")
            log.exception("attempt crashed", post=f"sp_{post.id}")
            what = (
                f"An error inside Presswork ({type(error).__name__}) stopped the work on this post; the worker's log has "
                "the details."
            )
            await self._settle_crash(attempt, post, what)

    async def _wait_for_setting(self, bench: WorkerContext, post: PostRow, missing: Unavailable) -> None:
        _count(post, "waits_for_setting")
        log.warning("a setting is missing", post=f"sp_{post.id}", reason=missing.message)
        try:
            await wait_for_setting(bench, post, missing, now=bench.clock.now())
        except LeaseLost:
            log.info("post taken over or canceled by another", post=f"sp_{post.id}")
        except TRANSIENT_ERRORS:
            self._drop(post)

    async def _settle_crash(
        self, attempt: Attempt, post: PostRow, what: str, *, borne_for: timedelta = timedelta()
    ) -> None:
        trouble = TryLater(what, step="internal", failure=FailureCode.INTERNAL)
        try:
            await attempt.put_off(trouble, borne_for=borne_for)
        except LeaseLost:
            return
        except TRANSIENT_ERRORS:
            self._drop(post)

    def _drop(self, post: PostRow) -> None:
        """Let go of a post that nothing more can be written to now; its lane is free once the database is back."""
        log.warning("database away; the post is given back when it is there again", post=f"sp_{post.id}")
        self._dropped.add(post.id)

    async def _give_back(self, now: datetime) -> None:
        """Give back what was dropped, so that nobody waits for its lease to lapse. What is in hand again stays there."""
        if dropped := self._dropped - self._tasks.keys():
            await self._store.hand_over(list(dropped), now=now)
            self._dropped.difference_update(dropped)

    async def _start_follow_ups(self, left: Sequence[FollowUp]) -> None:
        posts = {
            post.id: post for post in await self._store.load([one.post_id for one in left], now=self._bench.clock.now())
        }
        for one in left:
            if one.post_id not in posts:
                continue
            self._start_chore(self._follow_up(one, posts[one.post_id]))

    async def _carry(self, text: TextRow, look: Look) -> None:
        began_at = max(look.now, text.told_at)
        text.leased_until = began_at + TEXT_LEASE
        bench = replace(self._bench, clock=SteadyClock(self._bench.clock, at=began_at, since=look.uptime))
        await SmsSender(bench, self._texts, self._platforms, at_point=self._at_point).work(text)

    def _start_chore(self, work: Coroutine[None, None, None]) -> None:
        chore = asyncio.create_task(work)
        self._chores.add(chore)
        chore.add_done_callback(self._chore_ended)

    def _chore_ended(self, chore: "asyncio.Task[None]") -> None:
        self._chores.discard(chore)
        self.ring()  # the next text of its notice may go

    async def _follow_up(self, left: FollowUp, post: PostRow) -> None:
        try:
            try:
                platform = self._platforms.get(post.login, post.environment)
                channel = platform.channel(post.mode)
            except Unavailable as error:
                await follow_up_later(self._bench, post, left, error.message, now=self._bench.clock.now())
                return
            with _span("follow up", post):
                await follow_up(self._bench, ActiveJob(self._bench, post, platform), channel, left)
        except (LeaseLost, *TRANSIENT_ERRORS) as error:
            log.info("follow-up put off", post=f"sp_{left.post_id}", reason=type(error).__name__)
        except Exception:
            log.exception("follow-up crashed; it is due again when its lease ends", post=f"sp_{left.post_id}")

    async def _renew_leases_forever(self) -> None:
        """Renew every lease at a third of its length; stop work on posts that are no longer this worker's."""
        while True:
            await self._bench.clock.sleep(self._lease / 3)
            try:
                await self._renew()
            except TRANSIENT_ERRORS as error:
                meters.renewal_failures.inc()
                log.warning("leases not renewed", error=str(error))
            except Exception:
                meters.renewal_failures.inc()
                # Whatever this is, it must not be the last renewal: every post would be taken over and over.
                log.exception("leases not renewed; trying again")

    async def _renew(self) -> None:
        held = list(self._tasks)
        if not held:
            return
        now, uptime = self._bench.clock.now(), self._bench.clock.uptime()
        kept = await self._leases.renew(held, leased_until=now + self._lease)
        took = self._bench.clock.uptime() - uptime
        lost = []
        for post_id in held:
            if post_id in kept and post_id in self._held:
                hold = self._held[post_id]
                hold.post.leased_until = hold.clock.now() - took + self._lease
            elif post_id in self._tasks and not self._tasks[post_id].done():
                lost.append(post_id)
        await self._stop_unless_over(lost)

    async def _stop_unless_over(self, lost: Sequence[UUID]) -> None:
        """Cancel work on posts that somebody else has, or canceled. One that this worker has settled ends by itself."""
        for stored in await self._leases.load(lost, now=self._bench.clock.now()):
            if stored.id not in self._tasks:
                continue
            if stored.status is Status.PUBLISHING:
                meters.lease_losses.inc()
                log.warning("lease lost", post=f"sp_{stored.id}")
                self._tasks[stored.id].cancel()
            elif stored.status is Status.CANCELED and self._held[stored.id].post.status is not Status.CANCELED:
                log.info("post canceled by a call", post=f"sp_{stored.id}")
                self._tasks[stored.id].cancel()

    async def _set_right(self, now: datetime) -> None:
        """Bring back what a clock that was set back has put off, whichever worker or machine had it."""
        count = await self._store.set_right(
            now=now, slack=CLOCKS_DIFFER_BY, leased_until=now + self._lease, longest_wait=LONGEST_WAIT
        )
        await self._texts.set_right(now=now, slack=CLOCKS_DIFFER_BY)
        if count:
            log.warning("posts brought back that a clock had put off", posts=count)

    async def _heartbeat(self) -> None:
        while True:
            with contextlib.suppress(*TRANSIENT_ERRORS):
                now = self._bench.clock.now()
                await self._leases.seen(now=now)
                await self._set_right(now)
            await asyncio.sleep(HEARTBEAT_EVERY.total_seconds())

    async def _drain(self) -> None:
        running = [*self._tasks.values(), *self._chores]
        if running:
            log.info("draining", posts=len(self._tasks))
            await asyncio.wait(running, timeout=DRAIN.total_seconds())
        unfinished = {post_id: task for post_id, task in self._tasks.items() if not task.done()}
        for task in [*unfinished.values(), *self._chores]:
            task.cancel()
        await asyncio.gather(*unfinished.values(), *self._chores, return_exceptions=True)
        with contextlib.suppress(*TRANSIENT_ERRORS):
            await self._texts.hand_over(now=self._bench.clock.now())
        if unfinished:
            with contextlib.suppress(*TRANSIENT_ERRORS):
                await self._store.hand_over(list(unfinished), now=self._bench.clock.now())
                log.info("handed over", posts=len(unfinished))


def _span(name: str, post: PostRow) -> contextlib.AbstractContextManager[None]:
    """Trace work on a post, below the call that made it."""
    attributes = {
        "presswork.post": f"sp_{post.id}",
        "presswork.account": f"sa_{post.account.id}",
        "presswork.platform": post.platform.value,
        "presswork.environment": post.environment.value,
        "presswork.mode": post.mode.value,
        "presswork.request": request_of(post.state),
    }
    return tracing.span(name, tracing.Kind.CONSUMER, parent=trace_of(post.state), **attributes)


def _count(post: PostRow, result: str) -> None:
    """Count an attempt that did not come to an end of its own."""
    tracing.tell(is_failed=True, **{"presswork.result": result})
    meters.attempts.labels(post.platform.value, post.environment.value, post.mode.value, result).inc()
