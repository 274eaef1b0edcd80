"""Run an ASGI app on a second event loop, in a thread, behind a server on the event loop of its process.

The handlers of the sandbox read and write SQLite. In their thread they wait for each other, and the loop that serves the
other routes of the process waits for none of them.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_T = TypeVar("_T")


class ThreadedApp:
    """An ASGI app and what it opened: only its thread uses them, until `close`."""

    def __init__(self, build: Callable[[], tuple[ASGIApp, Callable[[], Awaitable[None]]]]) -> None:
        """Start the thread. `build` runs in it and returns the app, and what closes the app. Raises as `build`."""
        self._loop: Final = asyncio.SelectorEventLoop()
        self._is_over: Final = asyncio.Event()
        self._thread: Final = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()

        async def built() -> tuple[ASGIApp, Callable[[], Awaitable[None]]]:
            return build()

        try:
            self._app, self._close_app = asyncio.run_coroutine_threadsafe(built(), self._loop).result()
        except BaseException:
            self._loop.call_soon_threadsafe(self._is_over.set)
            self._thread.join()
            raise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whichever event loop the server runs on."""
        server = _Server(asyncio.get_running_loop(), receive, send)
        try:
            await _run_on_loop(self._loop, lambda: self._app(scope, server.receive, server.send))
        finally:
            await server.close()

    async def close(self) -> None:
        """Close the app and end its thread."""
        await _run_on_loop(self._loop, self._close_app)
        self._loop.call_soon_threadsafe(self._is_over.set)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        # At the end, the runner cancels what is left and closes the loop.
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._is_over.wait())


class _Server:
    """`receive` and `send` of a server, for an app on another event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, receive: Receive, send: Send) -> None:
        self._loop = loop
        self._receive = receive
        self._send = send
        # One message ahead of the app: what arrives before a client hangs up would be lost while the app is waking.
        self._next = loop.create_task(_message(receive))
        # CutConnection finds uvicorn's transport at the object that `receive` is a method of.
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        self.transport: Final = None if transport is None else _Transport(loop, transport.abort)

    async def receive(self) -> Message:
        """Receive a message from the server."""
        return await _run_on_loop(self._loop, self._take_message)

    async def send(self, message: Message) -> None:
        """Send a message to the server."""
        await _run_on_loop(self._loop, lambda: self._send(message))

    async def close(self) -> None:
        """Stop receiving, on the event loop of the server."""
        self._next.cancel()
        await asyncio.wait([self._next])

    async def _take_message(self) -> Message:
        message = await asyncio.shield(self._next)  # an app that stops waiting for a message can receive it later
        if message["type"] != "http.disconnect":
            self._next = self._loop.create_task(_message(self._receive))
        return message


class _Transport:
    """The connection of a request, for an app on another event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, abort: Callable[[], None]) -> None:
        self._loop = loop
        self._abort = abort

    def abort(self) -> None:
        """Close the connection without a response."""
        self._loop.call_soon_threadsafe(self._abort)


async def _message(receive: Receive) -> Message:
    return await receive()


async def _run_on_loop(loop: asyncio.AbstractEventLoop, call: Callable[[], Awaitable[_T]]) -> _T:
    """Run a call on another event loop and return its result. Canceled here, the call is canceled there."""

    async def called() -> _T:
        return await call()

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(called(), loop))
