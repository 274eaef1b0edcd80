"""Late effects: the response to a call is lost at once, and its effect comes later, as if the call arrived then.

A call that a `late_effect` fault applies to is stored with its body. When the sandbox's clock reaches the instant, the
call goes to its host once more. Every request waits for what is due, so none can see that it is missing.
"""

import asyncio
import json
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presswork_sandbox.access import TOKEN_HEADER
from presswork_sandbox.control_input import BadControl
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import LATE_EFFECT
from presswork_sandbox.wire import JSONValue, local_path

REPUBLISH_AFTER: Final = timedelta(seconds=2)
"""How long a client waits after a lost response before it repeats the call; the default of Presswork's test projects."""
MARGIN: Final = timedelta(seconds=1)
"""How long before that the effect comes at the latest."""

_TASK: Final = "late effects"
_MEMORY_BYTES: Final = 1024 * 1024  # a longer body is on disk while it comes in
_PART_BYTES: Final = 64 * 1024
_TEXTS: Final = ("http_version", "method", "scheme", "path", "root_path", "app_root_path")
_BYTES: Final = ("raw_path", "query_string")
_RECORDING: Final = "presswork_sandbox.recording"
_IS_LATE: Final = "presswork_sandbox.is_late"


class Recording:
    """A call whose body is kept while its host reads it, so that the call can be postponed."""

    def __init__(self, late_effects: "LateEffects", scope: Scope, receive: Receive, folder: Path) -> None:
        self._late_effects = late_effects
        self._receive = receive
        self._body = SpooledTemporaryFile(_MEMORY_BYTES, dir=str(folder))  # noqa: SIM115  `close` closes it
        self._is_over = False
        self.scope: Final = dict(scope)  # routes change it
        self.is_complete = False
        # CutConnection finds the connection at the object that `receive` is a method of.
        self.transport: Final = getattr(getattr(receive, "__self__", None), "transport", None)

    async def receive(self) -> Message:
        """Receive the next message from the server."""
        message = await self._receive()
        if not self._is_over:
            if message["type"] == "http.request":
                self._body.write(message.get("body", b""))
                self.is_complete = not message.get("more_body", False)
            self._is_over = self.is_complete or message["type"] == "http.disconnect"
        return message

    async def postpone(self, value: Mapping[str, JSONValue]) -> None:
        """Read the rest of the body, and store the call for its effect, by the value of the fault."""
        while not self._is_over:
            await self.receive()
        delay_ms = value["ms"]
        await self._late_effects.store(self, delay_ms if isinstance(delay_ms, int | float) else 0.0)

    def save(self, path: Path) -> None:
        """Write the body to a file."""
        self._body.seek(0)
        with path.open("wb") as file:
            shutil.copyfileobj(self._body, file)

    def close(self) -> None:
        """Forget the body."""
        self._body.close()


def recording_of(scope: Scope) -> Recording | None:
    """Return what can postpone a call; None where no late_effect fault was set when the call arrived."""
    found = scope.get(_RECORDING)
    return found if isinstance(found, Recording) else None


def is_late(scope: Scope) -> bool:
    """Return whether a call is here for its late effect."""
    return bool(scope.get(_IS_LATE))


class LateEffects:
    """The calls whose effect is still to come, in the state file."""

    def __init__(self, sandbox: Sandbox, republish_after: timedelta) -> None:
        """`republish_after`: how long the sandbox's clients wait after a lost response before they repeat the call."""
        self._sandbox = sandbox
        self._republish_after = republish_after
        self.app: ASGIApp
        """What calls go to. The middleware sets it, before the first request."""
        for left_over in sandbox.store.folder.glob("late-*"):
            number = int(left_over.name.removeprefix("late-"))
            if sandbox.store.first("SELECT 1 FROM late_effects WHERE number = ?", number) is None:
                left_over.unlink()
        sandbox.on_first_request.append(self._resume)
        sandbox.due_work.append(self._start_due)
        sandbox.next_due.append(self._next_due)

    @property
    def _max_delay_ms(self) -> float:
        return max(self._republish_after - MARGIN, timedelta()) / timedelta(milliseconds=1)

    def check_value(self, value: Mapping[str, JSONValue]) -> None:
        """Raise BadControl unless a fault with this value has its effect before clients repeat the call."""
        delay_ms = value.get("ms")
        if isinstance(delay_ms, bool) or not isinstance(delay_ms, int | float):
            raise BadControl(f'{LATE_EFFECT} needs a value like {{"ms": 500}}.')
        if not 0 <= delay_ms <= self._max_delay_ms:
            raise BadControl(
                f"ms in the value of {LATE_EFFECT} must be between 0 and {self._max_delay_ms:.12g}: a client may repeat "
                f"a call whose answer was lost after {self._republish_after.total_seconds():.12g} seconds (republish_after), "
                f"and the effect comes {MARGIN.total_seconds():g} second before that at the latest."
            )

    def record(self, scope: Scope, receive: Receive) -> Recording | None:
        """Record a call that a late_effect fault may apply to."""
        if not self._sandbox.faults.is_set(LATE_EFFECT):
            return None
        recording = Recording(self, scope, receive, self._sandbox.store.folder)
        scope[_RECORDING] = recording
        return recording

    async def store(self, call: Recording, delay_ms: float) -> None:
        """Store a call whose effect comes `delay_ms` from now: a fault set before a restart may exceed today's limit."""
        store = self._sandbox.store
        number = store.next_number("late effects")
        await asyncio.to_thread(call.save, self._body_of(number))
        store.insert(
            "late_effects",
            number=number,
            due_at=self._sandbox.clock.now() + min(delay_ms, self._max_delay_ms) / 1000,
            scope=_pack_request(call.scope),
            is_complete=call.is_complete,
        )
        self._sandbox.notify()

    async def run_due(self) -> None:
        """Let everything happen that is due."""
        while self._sandbox.is_running(_TASK) or self._is_due():
            task = self._sandbox.start_task(_TASK, self._run())
            await asyncio.wait([task])
            if task.cancelled():  # a reset, or the end
                return

    async def advance(self, seconds: float) -> None:
        """Move the clock forward; what becomes due on the way happens at its own time."""
        clock, left = self._sandbox.clock, seconds
        while (due_at := self._next_due()) is not None and (step := max(0.0, due_at - clock.now())) <= left:
            clock.advance(step)
            left -= step
            await self.run_due()
            await self._sandbox.wait_for_media_checks()
        clock.advance(left)

    def _body_of(self, number: int) -> Path:
        return self._sandbox.store.folder / f"late-{number}"

    def _next_due(self) -> float | None:
        due_at: float | None = self._sandbox.store.one("SELECT min(due_at) AS at FROM late_effects")["at"]
        return due_at

    def _is_due(self) -> bool:
        due_at = self._next_due()
        return due_at is not None and due_at <= self._sandbox.clock.now()

    def _resume(self) -> None:
        if self._next_due() is not None:
            self._sandbox.notify()

    def _start_due(self) -> None:
        if self._is_due():
            self._sandbox.start_task(_TASK, self._run())

    async def _run(self) -> None:
        """Perform the calls that are due, one after the other. Each is tried once: no stop can give it two effects."""
        first_due = (
            "DELETE FROM late_effects WHERE number = (SELECT number FROM late_effects WHERE due_at <= ?"
            " ORDER BY due_at, number LIMIT 1) RETURNING number, scope, is_complete"
        )
        while rows := self._sandbox.store.all(first_due, self._sandbox.clock.now()):
            (row,) = rows
            path = self._body_of(row["number"])
            try:
                with path.open("rb") as body:
                    stored = _StoredBody(body, is_complete=bool(row["is_complete"]))
                    await self.app(_unpack_request(row["scope"]), stored.receive, _discard)
            finally:
                path.unlink(missing_ok=True)


class LateEffectsMiddleware:
    """ASGI middleware behind AccessGuard: requests wait for what is due, and are recorded while it may be needed."""

    def __init__(self, app: ASGIApp, late_effects: LateEffects) -> None:
        self._app = app
        self._late_effects = late_effects
        late_effects.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on once everything that is due has happened."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A late effect may fetch a file from the sandbox's pages, so these don't wait for it.
        if local_path(scope).lstrip("/").partition("/")[0] != "media":
            await self._late_effects.run_due()
        recording = self._late_effects.record(scope, receive)
        if recording is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, recording.receive, send)
        finally:
            recording.close()


class _StoredBody:
    """The body of a stored call, as a server passes it on."""

    def __init__(self, body: BinaryIO, *, is_complete: bool) -> None:
        self._body = body
        self._ends = is_complete

    async def receive(self) -> Message:
        """Receive the next part; after the last one, or where the client hung up, a disconnect."""
        if part := self._body.read(_PART_BYTES):
            return {"type": "http.request", "body": part, "more_body": True}
        if self._ends:
            self._ends = False
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}


async def _discard(message: Message) -> None:
    """Lose the response."""
    _ = message


def _pack_request(scope: Scope) -> str:
    """Return what a host reads of a request, without the sandbox's own token, as JSON."""
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in scope["headers"]
        if name.lower() != TOKEN_HEADER.lower().encode()
    ]
    texts = {name: scope[name] for name in _TEXTS if name in scope}
    data = {name: scope[name].decode("latin-1") for name in _BYTES if scope.get(name) is not None}
    ends = {name: scope.get(name) for name in ("server", "client")}
    return json.dumps({**texts, **data, **ends, "headers": headers})


def _unpack_request(text: str) -> Scope:
    stored = json.loads(text)
    data = {name: stored[name].encode("latin-1") for name in _BYTES if name in stored}
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in stored["headers"]]
    return {**stored, **data, "headers": headers, "type": "http", "asgi": {"version": "3.0"}, _IS_LATE: True}
