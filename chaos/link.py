"""A link between two machines that can be cut: bytes vanish both ways, and nobody is told, neither by a FIN nor by a RST."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

_CHUNK_BYTES: Final = 64 * 1024

Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True, kw_only=True)
class _Line:
    """One connection. Once it has lost anything it stays silent for good: what comes later would make no sense."""

    is_silent: bool = False


@dataclass(slots=True)
class Link:
    """Passes connections on from a port of this machine to a server, in plain user space."""

    _to: Callable[[], Awaitable[Stream]] = field(repr=False)
    port: int = 0
    is_cut: bool = False
    lost_bytes: int = 0
    _ends: set[asyncio.StreamWriter] = field(default_factory=set, repr=False)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set, repr=False)

    def cut(self) -> None:
        """From now on everything vanishes. New connections are taken, as the kernel does, and get no answer."""
        self.is_cut = True

    def heal(self) -> None:
        """Pass new connections on again, and those that have lost nothing."""
        self.is_cut = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._ends.add(writer)
        line = _Line(is_silent=self.is_cut)
        try:
            if line.is_silent:
                await self._swallow(reader)
                return
            there, back = await self._to()
            self._ends.add(back)
            await asyncio.gather(self._carry(line, reader, back), self._carry(line, there, writer))
            back.close()
            self._ends.discard(back)
        except (OSError, asyncio.CancelledError):
            pass  # the server is not there, or the link ends: so does the caller's connection
        finally:
            if not line.is_silent:
                writer.close()
                self._ends.discard(writer)

    async def _carry(self, line: _Line, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while True:
            try:
                data = await source.read(_CHUNK_BYTES)
            except OSError:
                data = b""
            if self.is_cut or line.is_silent:
                line.is_silent = True
                self.lost_bytes += len(data)
                await self._swallow(source)
                return
            if not data:
                with contextlib.suppress(OSError):
                    target.write_eof()
                return
            with contextlib.suppress(OSError):
                target.write(data)
                await target.drain()

    async def _swallow(self, source: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK_BYTES):
                self.lost_bytes += len(data)

    def hang_up(self) -> None:
        """End every connection."""
        for writer in self._ends:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()


class Links:
    """Links that run in a thread of their own, so that the caller may wait for processes meanwhile."""

    def __init__(self) -> None:
        """Start the thread; `close` ends it."""
        self._loop: Final = asyncio.new_event_loop()
        self._thread: Final = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)
        self._thread.start()
        self._open: Final = contextlib.AsyncExitStack()

    def add(self, to: Callable[[], Awaitable[Stream]], *, host: str = "127.0.0.1") -> Link:
        """Open one more link, which listens at an address of this machine."""
        opening = self._open.enter_async_context(open_link(to, host=host))
        return asyncio.run_coroutine_threadsafe(opening, self._loop).result()

    def close(self) -> None:
        """End all links."""
        asyncio.run_coroutine_threadsafe(self._open.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextlib.asynccontextmanager
async def open_link(to: Callable[[], Awaitable[Stream]], *, host: str = "127.0.0.1") -> AsyncIterator[Link]:
    """Run a link to whatever `to` opens for the length of a block."""
    link = Link(to)
    server = await asyncio.start_server(link.serve, host, 0)
    link.port = server.sockets[0].getsockname()[1]
    try:
        yield link
    finally:
        server.close()
        link.hang_up()
        await asyncio.sleep(0)
