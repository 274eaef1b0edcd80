"""A network link that can be cut: bytes are dropped in both directions, without a FIN or RST."""

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
    """One connection. After it has lost bytes it stays silent permanently, since later bytes would be out of place."""

    is_silent: bool = False


@dataclass(slots=True)
class Link:
    """Forwards connections from a local port to a server, in user space."""

    _to: Callable[[], Awaitable[Stream]] = field(repr=False)
    port: int = 0
    is_cut: bool = False
    lost_bytes: int = 0
    _ends: set[asyncio.StreamWriter] = field(default_factory=set, repr=False)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set, repr=False)

    def cut(self) -> None:
        """Drop everything from now on. New connections are accepted, as by the kernel, and get no response."""
        self.is_cut = True

    def heal(self) -> None:
        """Forward new connections again, and those that have lost nothing."""
        self.is_cut = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._ends.add(writer)
        line = _Line(is_silent=self.is_cut)
        try:
            if line.is_silent:
                await self._discard(reader)
                return
            there, back = await self._to()
            self._ends.add(back)
            await asyncio.gather(self._forward(line, reader, back), self._forward(line, there, writer))
            back.close()
            self._ends.discard(back)
        except (OSError, asyncio.CancelledError):
            pass  # the server is down, or the link ends: close the client's connection
        finally:
            if not line.is_silent:
                writer.close()
                self._ends.discard(writer)

    async def _forward(self, line: _Line, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while True:
            try:
                data = await source.read(_CHUNK_BYTES)
            except OSError:
                data = b""
            if self.is_cut or line.is_silent:
                line.is_silent = True
                self.lost_bytes += len(data)
                await self._discard(source)
                return
            if not data:
                with contextlib.suppress(OSError):
                    target.write_eof()
                return
            with contextlib.suppress(OSError):
                target.write(data)
                await target.drain()

    async def _discard(self, source: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK_BYTES):
                self.lost_bytes += len(data)

    def abort(self) -> None:
        """Abort every connection."""
        for writer in self._ends:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()


class Links:
    """Links that run in a separate thread, so that the caller can block on processes."""

    def __init__(self) -> None:
        """Start the thread; `close` stops it."""
        self._loop: Final = asyncio.new_event_loop()
        self._thread: Final = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)
        self._thread.start()
        self._open: Final = contextlib.AsyncExitStack()

    def add(self, to: Callable[[], Awaitable[Stream]], *, host: str = "127.0.0.1") -> Link:
        """Open another link, which listens on a local address."""
        opening = self._open.enter_async_context(open_link(to, host=host))
        return asyncio.run_coroutine_threadsafe(opening, self._loop).result()

    def close(self) -> None:
        """Close all links."""
        asyncio.run_coroutine_threadsafe(self._open.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextlib.asynccontextmanager
async def open_link(to: Callable[[], Awaitable[Stream]], *, host: str = "127.0.0.1") -> AsyncIterator[Link]:
    """Run a link to the stream that `to` opens within a block."""
    link = Link(to)
    server = await asyncio.start_server(link.serve, host, 0)
    link.port = server.sockets[0].getsockname()[1]
    try:
        yield link
    finally:
        server.close()
        link.abort()
        await asyncio.sleep(0)
