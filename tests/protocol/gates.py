"""The worker's real code, stopped at every step of the model until the test continues it with an answer."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from pydantic import JsonValue
from tests.clocks import MovableClock

from presswork.core.enums import Environment
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.jobs.runner import Runner
from presswork.media.links import PageLinks
from presswork.platforms.findings import Findings
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.port import (
    Credentials,
    Draft,
    Job,
    Located,
    Login,
    Platform,
    Present,
    Processing,
    Sighting,
    TargetAccount,
    ThreadSupport,
    Validator,
)
from presswork.platforms.registry import Platforms
from presswork.platforms.retry_policy import RetryPolicy, Timeouts
from presswork.platforms.text_splitter import TextSplitter
from presswork.posts.model import Event
from presswork.worker.context import WorkerContext
from presswork.worker.job import ActiveJob
from presswork.worker.post_jobs import PostJobs
from presswork.worker.post_row import PostRow, State
from presswork.worker.renditions import Renditions
from presswork.worker.store import WorkStore

LEASE: Final = timedelta(seconds=30)
SNOOZED: Final = timedelta(minutes=1)
"""Longest snooze of a post; longer than the waits during which a worker keeps the lease."""


class Gate:
    """Where one attempt stands, waiting to be let on."""

    def __init__(self) -> None:
        """No task waits here yet."""
        self.name: str | None = None
        self._channel: asyncio.Future[object] | None = None
        self._arrived: Final = asyncio.Event()

    async def reach(self, name: str) -> object:
        """Wait here until the test opens the gate; return, or raise, its outcome."""
        self.name, self._channel = name, asyncio.get_running_loop().create_future()
        self._arrived.set()
        try:
            return await self._channel
        finally:
            self.name = None

    def open(self, outcome: object = None) -> None:
        """Let the attempt on, with an answer or an error."""
        assert self._channel is not None
        self._arrived.clear()
        if isinstance(outcome, Exception):
            self._channel.set_exception(outcome)
        else:
            self._channel.set_result(outcome)

    async def arrival(self) -> None:
        """Wait until an attempt stands here."""
        await self._arrived.wait()


class Gates:
    """The gate of each attempt, by its own copy of the post."""

    def __init__(self) -> None:
        """No attempt was made yet."""
        self._gates: Final[dict[int, tuple[PostRow, Gate]]] = {}

    def of(self, post: PostRow) -> Gate:
        """Return an attempt's gate."""
        return self._gates.setdefault(id(post), (post, Gate()))[1]


class GatedStore(WorkStore):
    """The store, stopping before each write of an attempt, and between the commit of `live_call_at` and what follows."""

    def __init__(self, pool: Pool, gates: Gates, *, worker_id: str) -> None:
        """Take the gates besides."""
        super().__init__(pool, worker_id=worker_id)
        self._gates: Final = gates

    async def note(self, post: PostRow, event: Event, message: str, detail: State, *, now: datetime) -> None:
        """Stop, then write the line."""
        await self._gates.of(post).reach("note")
        await super().note(post, event, message, detail, now=now)

    async def go_live(self, post: PostRow, state: State, message: str, *, now: datetime) -> None:
        """Commit, then stop."""
        await super().go_live(post, state, message, now=now)
        await self._gates.of(post).reach("committed")

    async def _move(self, post: PostRow, statement: str, now: datetime, *arguments: object) -> None:
        await self._gates.of(post).reach(statement)
        await super()._move(post, statement, now, *arguments)

    async def _write(self, post: PostRow, statement: str, now: datetime, **values: object) -> None:
        await self._gates.of(post).reach(statement)
        await super()._write(post, statement, now, **values)


class GatedConnector:
    """A platform whose answers the test sets."""

    can_comment: Final = False

    def __init__(self, gates: Gates) -> None:
        """Take the gates."""
        self._gates: Final = gates

    def check(self, draft: Draft) -> Findings:
        """Find nothing."""
        return Findings()

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Ask nothing."""
        return self.check

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Store the ticket that the test gives, and stop again before the worker continues."""
        ticket = await self._reach(job, "prepare")
        assert isinstance(ticket, int)
        await job.save(ticket=ticket)
        await self._reach(job, "prepared")
        return {"ticket": ticket}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Stop where the call leaves, and where its answer comes."""
        assert prepared["ticket"] == job.state["ticket"]
        await self._reach(job, "make_live")
        return cast("Present", await self._reach(job, "answer"))

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Return the answer that the test gives."""
        return cast("Sighting", await self._reach(job, "look_up"))

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Know the address: a live post comes with it here."""
        raise AssertionError("the address is known")

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """No post here has a comment."""
        raise AssertionError("there is no comment")

    async def _reach(self, job: Job, name: str) -> object:
        assert isinstance(job, ActiveJob)
        return await self._gates.of(job.post).reach(name)


class StepClock:
    """A clock that the test moves; a worker's wait before it renews its leases ends when the test says so."""

    def __init__(self, time: MovableClock) -> None:
        """Take what is moved; all workers share it."""
        self._time: Final = time
        self.renewals: Final = Gate()

    def now(self) -> datetime:
        """Return the instant it shows."""
        return self._time.now()

    def database_now(self) -> datetime:
        """Return the instant it shows: in tests it stands for the database's clock."""
        return self.now()

    def uptime(self) -> timedelta:
        """Return how long it has been running."""
        return self._time.uptime()

    async def sleep(self, duration: timedelta) -> None:
        """Wait for the test before a renewal; any other wait takes no time."""
        if duration == LEASE / 3:
            await self.renewals.reach("renew")
        else:
            await asyncio.sleep(0)


class OnePlatform(Platforms):
    """One platform for every account."""

    def __init__(self, connector: GatedConnector) -> None:
        """Take how to publish; nothing else of a platform is used here."""
        minute, day = timedelta(minutes=1), timedelta(days=1)
        retry_policy = RetryPolicy(
            poll_first=timedelta(seconds=1),
            poll_max=timedelta(seconds=1),
            processing_limit=day,
            republish_after=minute,
            unknown_after=day,
            backoff_first=minute,
            backoff_max=SNOOZED,
            fault_limit=day,
            timeouts=Timeouts(call=minute, upload=minute),
        )
        self._one: Final = Platform(
            name=PlatformName.TIKTOK,
            connector=connector,
            login=cast("Login", None),
            retry_policy=retry_policy,
            required_scopes={},
            login_name=LoginName.TIKTOK,
            comment_scopes=frozenset(),
            thread_support=ThreadSupport(splitter=TextSplitter(fits=lambda _text: True), is_one_call=False),
        )

    def get(self, login: LoginName, environment: Environment) -> Platform:
        """Return it."""
        return self._one


class Process:
    """One worker process, with its own name and nothing to remember, and its renewals. It does nothing by itself."""

    def __init__(self, pool: Pool, time: MovableClock, *, name: str) -> None:
        """Make its parts; `start` starts it."""
        self.name: Final = name
        self.gates: Final = Gates()
        self.clock: Final = StepClock(time)
        context = WorkerContext(
            pool=pool,
            store=GatedStore(pool, self.gates, worker_id=name),
            clock=self.clock,
            keyring=cast("Keyring", None),  # no post here needs a token, media, or a page
            renditions=cast("Renditions", None),
            pages=cast("PageLinks", None),
            base_url="http://localhost",
        )
        self._jobs: Final = PostJobs(context, OnePlatform(GatedConnector(self.gates)), concurrency=4, lease=LEASE)
        self._runner: Final = Runner([self._jobs], self.clock)
        self._renewing: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, pool: Pool, time: MovableClock, *, name: str) -> "Process":
        """Start a process; it waits for its first renewal."""
        process = cls(pool, time, name=name)
        await process._runner.__aenter__()
        process._renewing = asyncio.create_task(process._runner.of("posts").renew_forever())
        return process

    @property
    def tasks(self) -> Mapping[UUID, "asyncio.Task[None]"]:
        """The attempts that are being made, by post."""
        return self._runner.of("posts").tasks

    async def poll(self) -> None:
        """Claim what is due."""
        await self._runner.poll()

    def attempt(self, post_id: UUID) -> "Hand | None":
        """Return the attempt that is being made at a post."""
        task, job = self.tasks.get(post_id), self._jobs.running.get(post_id)
        return None if task is None or job is None else Hand(task, self.gates.of(job.post))

    async def renew(self) -> None:
        """Renew every lease once."""
        await self.clock.renewals.arrival()
        self.clock.renewals.open()
        await self.clock.renewals.arrival()

    async def release(self) -> None:
        """Release what it has leased and does not work on."""
        await self._jobs.release(self.tasks.keys())

    async def kill(self) -> None:
        """End it as a crash does: nothing is written any more."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})
        await self._runner.__aexit__(None, None, None)

    async def stop(self) -> None:
        """Stop it in order: what it holds is released."""
        await self._runner.of("posts").drain(timedelta())
        await self.kill()


class Hand:
    """A started attempt, followed even after its worker has lost or released the post."""

    def __init__(self, task: "asyncio.Task[None]", gate: Gate) -> None:
        """Take the running attempt and where it stops."""
        self._task: Final = task
        self._gate: Final = gate

    async def stands(self) -> str | None:
        """Return where the attempt stands; None: it has ended."""
        if self._task.cancelling():
            await asyncio.wait({self._task})
        arrival = asyncio.create_task(self._gate.arrival())
        await asyncio.wait({self._task, arrival}, return_when=asyncio.FIRST_COMPLETED)
        arrival.cancel()
        return None if self._task.done() else self._gate.name

    async def go(self, *names: str, outcome: object = None) -> None:
        """Let the attempt on from where it stands, which must be one of these; an attempt that has ended stays so.

        The outcome is for the last name. Names before it are passed where the attempt comes to them.
        """
        for name in names:
            stands = await self.stands()
            if stands is None:
                return
            if stands == name:
                self._gate.open(outcome if name == names[-1] else None)
            else:
                assert name != names[-1], f"it stands at {stands}, not at {name}"
        await self.stands()
