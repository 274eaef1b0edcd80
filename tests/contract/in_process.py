"""The sandbox in the process of the test: calls reach its ASGI app without a socket, and fail as they fail over one.

Nine tenths of the CPU time of a call over loopback are the HTTP client, the HTTP server and the hops between their threads.
`test_sockets.py` makes the same calls over sockets, and compares.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from json import dumps, loads
from pathlib import Path
from typing import Any, Final, Protocol, Self
from urllib.parse import unquote

import aiohttp
import uvicorn
from multidict import CIMultiDict
from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Scope
from yarl import URL

from presswork.platforms.transport import Transport
from presswork_sandbox.access import Access
from presswork_sandbox.app import _routes
from presswork_sandbox.core import Sandbox

Body = bytes | AsyncIterator[bytes]


class OpenTransport(Protocol):
    """Opens the HTTP client of a platform."""

    def __call__(self, *, name: str) -> Transport:
        """Name the platform."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response of the sandbox, read to its end."""

    status_code: int
    headers: CIMultiDict[str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status_code < 300

    @property
    def is_redirect(self) -> bool:
        """Whether it sends the client elsewhere."""
        return 300 <= self.status_code < 400 and "location" in self.headers

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:  # Any: as a client's response returns it
        """Return the body as JSON."""
        return loads(self.body)


class _Connection:
    """What an app finds behind a request: `abort`, as uvicorn's transport has it."""

    def __init__(self) -> None:
        self.is_cut = asyncio.Event()

    def abort(self) -> None:
        """End the exchange without a response."""
        self.is_cut.set()


@dataclass(slots=True)
class _Exchange:
    """One request and its response, as the server's side of ASGI."""

    body: Body
    transport: _Connection = field(default_factory=_Connection)
    status: int | None = None
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    parts: list[bytes] = field(default_factory=list)
    broken: OSError | None = None
    """Why the client stopped sending its body."""
    is_sent: bool = False

    async def receive(self) -> Message:
        """Return the next part of the request's body, then wait until the connection is cut."""
        if isinstance(self.body, bytes):
            if not self.is_sent:  # the client sent it before it stopped waiting
                self.is_sent = True
                return {"type": "http.request", "body": self.body, "more_body": False}
        elif not self.is_sent and not self.transport.is_cut.is_set():
            try:
                return {"type": "http.request", "body": await anext(self.body), "more_body": True}
            except StopAsyncIteration:
                self.is_sent = True
                return {"type": "http.request", "body": b"", "more_body": False}
            except OSError as error:
                self.broken = error
                self.transport.abort()
        await self.transport.is_cut.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Keep a part of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = CIMultiDict(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]
            )
        else:
            self.parts.append(message.get("body", b""))


class _Server(uvicorn.Server):
    """uvicorn on the event loop of the tests: it handles no signals, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_listening = asyncio.Event()

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]  # of the same use
        return contextlib.nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_listening.set()


@dataclass(slots=True)
class DelayedCall:
    """A call whose client stops waiting before it arrives."""

    path_end: str
    arrives: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def arrive(self) -> None:
        """Let the call reach the sandbox, and wait until it has had its effect."""
        assert self.task is not None, f"no call to …{self.path_end} was made"
        self.arrives.set()
        await self.task


class SandboxApp:
    """A sandbox on the event loop of the tests, called in the process, and over sockets once `serve` was called."""

    def __init__(self, state_file: Path) -> None:
        """Open the sandbox's state, and reserve a port."""
        self._sandbox: Final = Sandbox(state_file)
        self._app: Final[ASGIApp] = Starlette(routes=[Mount("/sandbox", _routes(self._sandbox, Access()))])
        self._listener: Final = socket.create_server(("127.0.0.1", 0))
        self.host: Final = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.address: Final = f"http://{self.host}/sandbox"
        self._late: Final[set[asyncio.Task[None]]] = set()
        self._delayed: DelayedCall | None = None
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Return itself; leaving the context closes the sandbox."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the server, if it was started, and close the state."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        self._listener.close()
        await self.end_late_calls()
        await self._sandbox.close()

    async def serve(self) -> None:
        """Listen on the address, too."""
        if self._server is not None:
            return
        config = uvicorn.Config(self._app, log_level="error", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        await self._server.is_listening.wait()

    def delay_next(self, path_end: str) -> DelayedCall:
        """Delay the next call to a path that ends like this: its client gets a time-out at once."""
        self._delayed = DelayedCall(path_end)
        return self._delayed

    async def end_late_calls(self) -> None:
        """Cancel the calls whose clients have stopped waiting."""
        self._delayed = None
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def call(
        self,
        method: str,
        url: URL,
        *,
        body: Body = b"",
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  the app continues after it, as a server does
    ) -> Response:
        """Send one request to the app. Fails as aiohttp does: ServerDisconnectedError, ClientOSError, TimeoutError."""
        exchange = _Exchange(body)
        delayed = self._delayed if self._delayed is not None and url.path.endswith(self._delayed.path_end) else None
        task = asyncio.create_task(self._run(self._scope(method, url, body, headers or {}), exchange, delayed))
        if delayed is not None:
            self._delayed, delayed.task, timeout = None, task, 0
        done, _ = await asyncio.wait([task], timeout=timeout)
        if not done:
            exchange.transport.abort()
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            raise TimeoutError
        task.result()
        if exchange.broken is not None:
            raise aiohttp.ClientOSError(exchange.broken.errno, "Can not write request body") from exchange.broken
        if exchange.transport.is_cut.is_set() or exchange.status is None:
            raise aiohttp.ServerDisconnectedError
        return Response(status_code=exchange.status, headers=exchange.headers, body=b"".join(exchange.parts))

    async def _run(self, scope: Scope, exchange: _Exchange, delayed: DelayedCall | None) -> None:
        if delayed is not None:
            await delayed.arrives.wait()
        await self._app(scope, exchange.receive, exchange.send)

    def _scope(self, method: str, url: URL, body: Body, headers: Mapping[str, str]) -> Scope:
        sent = {"host": self.host, "accept": "*/*"} | {name.lower(): value for name, value in headers.items()}
        if isinstance(body, bytes):
            sent.setdefault("content-length", str(len(body)))
        if body:
            sent.setdefault("content-type", "application/octet-stream")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(url.raw_path),
            "raw_path": url.raw_path.encode("ascii"),
            "query_string": url.raw_query_string.encode("ascii"),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", url.port),
        }


class _Content:
    """The body of a response, as Transport reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, size: int) -> bytes:
        """Return the next part, empty at the end."""
        part, self._body = self._body[:size], self._body[size:]
        return part


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A response, as Transport reads it."""

    status: int
    headers: CIMultiDict[str]
    content: _Content


@dataclass(frozen=True, slots=True)
class _Session:
    """The part of a client session that Transport uses. Addresses outside of the sandbox are called over sockets."""

    sandbox: SandboxApp
    open_other: Callable[[], aiohttp.ClientSession]

    @contextlib.asynccontextmanager
    async def request(
        self,
        method: str,
        url: URL,
        *,
        data: Body | None,
        headers: Mapping[str, str],
        allow_redirects: bool,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  as aiohttp has it
    ) -> AsyncIterator[_Answer | aiohttp.ClientResponse]:
        """Send one request and give its response."""
        if f"{url.host}:{url.port}" == self.sandbox.host:
            response = await self.sandbox.call(method, url, body=data or b"", headers=headers, timeout=timeout.total)
            yield _Answer(status=response.status_code, headers=response.headers, content=_Content(response.body))
            return
        async with self.open_other().request(
            method, url, data=data, headers=headers, allow_redirects=allow_redirects, timeout=timeout
        ) as answer:
            yield answer


class InProcessTransport(Transport):
    """A Transport whose calls to one sandbox use no socket: what it does before a call and after it is Transport's own."""

    def __init__(self, sandbox: SandboxApp, *, name: str) -> None:
        """Name the platform, as for Transport."""
        super().__init__(name=name)
        self._facade: Final = _Session(sandbox, partial(super()._open, is_fresh=False))

    def _open(self, *, is_fresh: bool) -> aiohttp.ClientSession:
        if self._is_closed:
            return super()._open(is_fresh=is_fresh)  # which refuses
        return self._facade  # type: ignore[return-value]  # Transport uses no other part of a session


class InProcessClient:
    """A client of the control surface and the consent pages: the part of httpx2's that `SandboxControl` uses."""

    def __init__(self, sandbox: SandboxApp) -> None:
        """Call this sandbox."""
        self._sandbox = sandbox

    async def post(self, url: str, *, json: JsonValue) -> Response:
        """Send a JSON body."""
        headers = {"content-type": "application/json"}
        return await self._sandbox.call("POST", URL(url), body=dumps(json).encode(), headers=headers)

    async def get(
        self, url: str, *, params: Mapping[str, str] | None = None, follow_redirects: bool = False
    ) -> Response:
        """Read; a redirect is returned."""
        assert not follow_redirects
        return await self._sandbox.call("GET", URL(url).update_query(params or {}))

    async def delete(self, url: str) -> Response:
        """Delete."""
        return await self._sandbox.call("DELETE", URL(url))
