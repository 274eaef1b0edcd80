"""One sandbox: its state, its clock and the work that goes on behind its answers."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Accounts
from presswork_sandbox.clock import SandboxClock
from presswork_sandbox.faults import Faults
from presswork_sandbox.journal import Journal
from presswork_sandbox.media import Library
from presswork_sandbox.posts import Posts
from presswork_sandbox.scene import Scene
from presswork_sandbox.store import Store
from presswork_sandbox.tokens import Tokens
from presswork_sandbox.web import Web

SHORTEST_WAIT_SECONDS: Final = 0.02  # between two heartbeats, so that nothing that stays due makes them spin
LOOKS: Final = ("check ", "fetch ", "container ")  # names of work that looks at media which a platform was given
LONGEST_LOOK_SECONDS: Final = 5.0

log = logging.getLogger(__name__)


class Sandbox:
    """What all the fake hosts share. Made once per state file; `close` gives the file back."""

    def __init__(self, state_file: Path) -> None:
        """Open the state. Raises StateFileBusy."""
        self.store = Store(state_file)
        self.clock = SandboxClock(self.store)
        self.faults = Faults(self.store)
        self.journal = Journal(self.store)
        self.accounts = Accounts(self.store)
        self.tokens = Tokens(self.store)
        self.posts = Posts(self.store)
        self.scene = Scene(self.store)
        self.web = Web()
        self.library = Library(self.store, self.web)
        self.at_start: list[Callable[[], None]] = []  # take up what a dead process left
        self.before_reads: list[Callable[[], None]] = []  # let the clock finish what is due
        self.on_beat: list[Callable[[], None]] = []  # what does not wait to be asked about
        self.next_due: list[Callable[[], float | None]] = []  # sandbox time of its next turn
        self._work: dict[str, asyncio.Task[None]] = {}
        self._started = False
        self._stirred = asyncio.Event()

    def wake(self) -> None:
        """Take up unfinished work, at the first request: until then there may be no event loop to run it in."""
        if not self._started:
            self._started = True
            for take_up in self.at_start:
                take_up()

    def settle(self) -> None:
        """Let everything happen that is due by the clock, whether or not anyone asked about it."""
        for finish in self.before_reads:
            finish()

    def stir(self) -> None:
        """Look again at what is due: something began, or the clock or a fault was moved."""
        self._stirred.set()
        self.go("heartbeat", self._beat())

    async def _beat(self) -> None:
        while True:
            self._stirred.clear()
            for finish in self.on_beat:
                finish()
            instants = [instant for instant in (due() for due in self.next_due) if instant is not None]
            wait = max(SHORTEST_WAIT_SECONDS, min(instants) - self.clock.now()) if instants else None
            # Not wait_for: before Python 3.12 it loses a cancellation that meets the event, and the beat goes on for ever.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._stirred.wait()

    def go(self, name: str, work: Coroutine[None, None, None]) -> None:
        """Start background work under a name; a second start under the same name is ignored."""
        if name in self._work:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._work[name] = task
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._work.pop(task.get_name(), None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Background work of the sandbox broke off: %s", task.get_name(), exc_info=error)

    def halt(self, name: str) -> None:
        """Cancel background work that has become pointless."""
        task = self._work.get(name)
        if task is not None:
            task.cancel()

    async def caught_up(self) -> None:
        """Wait, for a bounded time, until media that has arrived is looked at: that takes real time, not the clock's."""
        looking = [task for name, task in self._work.items() if name.startswith(LOOKS)]
        if looking:
            await asyncio.wait(looking, timeout=LONGEST_LOOK_SECONDS)

    async def stop_work(self) -> None:
        """Cancel background work and wait for it; the state says what is unfinished."""
        tasks = list(self._work.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def reset(self) -> None:
        """Forget everything but the id counters."""
        await self.stop_work()
        self.store.wipe()
        self.clock.reset()
        for file in self.store.folder.iterdir():
            file.unlink(missing_ok=True)

    async def close(self) -> None:
        """Stop background work, close the client session and the state file."""
        await self.stop_work()
        await self.web.close()
        self.store.close()
