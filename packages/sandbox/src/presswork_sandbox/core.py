"""The shared state of one sandbox: its store, its clock and its background tasks."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Accounts
from presswork_sandbox.app_rules import AppRules
from presswork_sandbox.clock import SandboxClock
from presswork_sandbox.comments import Comment, Comments
from presswork_sandbox.faults import Faults
from presswork_sandbox.http_client import HTTPClient
from presswork_sandbox.journal import Journal
from presswork_sandbox.media import MediaStore
from presswork_sandbox.numbers import Numbers
from presswork_sandbox.platform_settings import PlatformSettings
from presswork_sandbox.posts import Posts
from presswork_sandbox.sample_accounts import add_sample_accounts
from presswork_sandbox.store import Store
from presswork_sandbox.tokens import Tokens

MIN_WAIT_SECONDS: Final = 0.02  # between two rounds, so that an item that stays due does not cause a busy loop
MEDIA_TASK_PREFIXES: Final = (
    "check ",
    "fetch ",
    "container ",
    "media of ",
)  # names of work that looks at media which a platform was given
MEDIA_CHECK_TIMEOUT_SECONDS: Final = 5.0

log = logging.getLogger(__name__)


class Sandbox:
    """State shared by all fake hosts, one object per state file. `close` releases the file."""

    def __init__(self, state_file: Path, *, is_seed_random: bool = False, with_sample_accounts: bool = False) -> None:
        """Open the state; `with_sample_accounts`: a new one has accounts. Raises StateFileBusy."""
        self.store = Store(state_file, is_seed_random=is_seed_random)
        self.clock = SandboxClock(self.store)
        self.faults = Faults(self.store)
        self.journal = Journal(self.store)
        self.accounts = Accounts(self.store)
        self.tokens = Tokens(self.store)
        self.comments = Comments(self.store)
        self.posts = Posts(self.store, self.comments)
        self.platform_settings = PlatformSettings(self.store)
        self.app_rules = AppRules(self.platform_settings, self.store)
        self.numbers = Numbers(self.store, self.clock, self.accounts, self.posts, self.comments, self.platform_settings)
        self.http_client = HTTPClient()
        self.media_store = MediaStore(self.store, self.http_client)
        self.on_first_request: list[Callable[[], None]] = []  # resume what an earlier process left unfinished
        self.before_reads: list[Callable[[], None]] = []  # run what is due by the clock
        self.due_work: list[Callable[[], None]] = []  # run in the background, without a request
        self.next_due: list[Callable[[], float | None]] = []  # sandbox time of the next due item
        self.on_comment: list[Callable[[Comment, str], None]] = []  # send webhooks about comments
        self.on_stopped: list[Callable[[], None]] = []  # forget what canceled work was doing
        self._work: dict[str, asyncio.Task[None]] = {}
        self._started = False
        if with_sample_accounts:
            add_sample_accounts(self.store, self.accounts, self.clock.now())
        self._changed = asyncio.Event()

    def resume_work(self) -> None:
        """Resume unfinished work, once, at the first request: before it there may be no event loop."""
        if not self._started:
            self._started = True
            for take_up in self.on_first_request:
                take_up()

    def run_due(self) -> None:
        """Run everything that is due by the clock."""
        for finish in self.before_reads:
            finish()

    def note_comment(self, comment: Comment, verb: str) -> None:
        """Report what happened to a comment: add, edited, remove, hide or unhide. Belongs in the transaction of the change."""
        for report in self.on_comment:
            report(comment, verb)

    def notify(self) -> None:
        """Check again what is due: work was added, or the clock or a fault changed."""
        self._changed.set()
        self.start_task("heartbeat", self._run_due_work())

    async def _run_due_work(self) -> None:
        while True:
            self._changed.clear()
            for finish in self.due_work:
                finish()
            instants = [instant for instant in (due() for due in self.next_due) if instant is not None]
            wait = max(MIN_WAIT_SECONDS, min(instants) - self.clock.now()) if instants else None
            # Not wait_for: before Python 3.12 it loses a cancellation that coincides with the event, and the loop never ends.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()

    def start_task(self, name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start background work under a name; a second start under the same name returns the first."""
        if name in self._work:
            work.close()
            return self._work[name]
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._work[name] = task
        task.add_done_callback(self._log_crash)
        return task

    def is_running(self, name: str) -> bool:
        """Return whether background work has a name."""
        return name in self._work

    def _log_crash(self, task: asyncio.Task[None]) -> None:
        self._work.pop(task.get_name(), None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Background task of the sandbox failed: %s", task.get_name(), exc_info=error)

    def cancel_task(self, name: str) -> None:
        """Cancel a background task."""
        task = self._work.get(name)
        if task is not None:
            task.cancel()

    async def wait_for_media_checks(self) -> None:
        """Wait, for a bounded time, until media that has arrived is checked: this needs real time, not sandbox time."""
        looking = [task for name, task in self._work.items() if name.startswith(MEDIA_TASK_PREFIXES)]
        if looking:
            await asyncio.wait(looking, timeout=MEDIA_CHECK_TIMEOUT_SECONDS)

    async def stop_work(self) -> None:
        """Cancel background work and wait for it; the state says what is unfinished."""
        tasks = list(self._work.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for forget in self.on_stopped:
            forget()

    async def reset(self) -> None:
        """Delete all state except the id counters."""
        await self.stop_work()
        self.store.wipe()
        self.clock.reset()
        for file in self.store.folder.iterdir():
            file.unlink(missing_ok=True)

    async def close(self) -> None:
        """Stop background work, close the client session and the state file."""
        await self.stop_work()
        await self.http_client.close()
        self.store.close()
