"""The guarded fetch against servers that do all that a stranger's server may do. All of them run on loopback."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from presswork.errors import MediaUnreachable
from presswork.media.fetch import FetchLimits, fetch_to_file
from presswork.media.guard import AddressGuard, IPAddress, any_address

MAX_BYTES = 200_000
TINY = FetchLimits(
    total=timedelta(seconds=60),
    connect=timedelta(seconds=0.5),
    headers=timedelta(seconds=0.25),
    silence=timedelta(seconds=0.25),
    least_bytes_per_second=10_000,
    least_rate_after=timedelta(seconds=0.1),
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve one handler on every path and yield the base URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    try:
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(answer: bytes, *, drip: bytes = b"") -> AsyncIterator[str]:
    """Answer every connection with these bytes at once, then with those of `drip` one by one, and close it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            for byte in drip:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.01)
        except OSError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def refused(url: str, dest: Path, *, guard: AddressGuard | None = None, limits: FetchLimits | None = None) -> str:
    """Fetch, expect MediaUnreachable and no file left behind, and return the sentence."""
    with pytest.raises(MediaUnreachable) as caught:
        await fetch_to_file(url, dest, max_bytes=MAX_BYTES, limits=limits, allow_private=guard is None, guard=guard)
    assert list(dest.parent.iterdir()) == []
    return caught.value.message


def content(file: Path) -> bytes:
    """Read a small file."""
    return file.read_bytes()


def occupy(file: Path) -> None:
    """Put something of ours where a fetch shall go."""
    file.write_bytes(b"mine")


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    """Where the file shall go; its folder is otherwise empty."""
    return tmp_path / "media"


async def test_a_file_comes_whole(dest: Path) -> None:
    """An honest server's file arrives byte for byte, with the type that the server claims and the URL it came from."""
    body = bytes(range(256)) * 700
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(body=body, content_type="image/jpeg", headers={"Set-Cookie": "a=b"})

    async with serving(handler) as base:
        fetched = await fetch_to_file(f"{base}/a.jpg?s=a%2Fb", dest, max_bytes=MAX_BYTES, allow_private=True)
    assert (content(dest), fetched.size_bytes, fetched.content_type) == (body, len(body), "image/jpeg")
    assert fetched.final_url == f"{base}/a.jpg?s=a%2Fb"
    assert seen[0].headers["Accept-Encoding"] == "identity"
    assert not {"Cookie", "Authorization"} & seen[0].headers.keys()


async def test_five_redirects_are_followed_and_six_are_not(dest: Path) -> None:
    """A short chain leads to the file; a longer one, or a circle, ends with a sentence."""

    async def handler(request: web.Request) -> web.Response:
        left = int(request.path.strip("/"))
        return (
            web.Response(body=b"media") if left == 0 else web.Response(status=302, headers={"Location": str(left - 1)})
        )

    async with serving(handler) as base:
        assert "redirects more than 5 times" in await refused(f"{base}/6", dest)
        fetched = await fetch_to_file(f"{base}/5", dest, max_bytes=MAX_BYTES, allow_private=True)
    assert fetched.final_url == f"{base}/0"


class _Names(AbstractResolver):
    """Answers each name with its addresses in turn, the last one for ever, and counts how often it was asked."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.addresses.get(host.split(".", maxsplit=1)[0])
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


def _only_outside(address: IPAddress) -> bool:
    """Take 127.0.0.1 for the internet and the rest of loopback for our own network."""
    return address == ip_address("127.0.0.1")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/secret",
        "http://[::1]:{port}/secret",
        "http://2130706434:{port}/secret",
        "http://inside.example:{port}/secret",
        "//inside.example:{port}/secret",
        "http://user@outside.example:{port}/secret",
        "file:///etc/passwd",
        "http://[",
    ],
)
async def test_a_redirect_into_our_network_is_refused(dest: Path, target: str) -> None:
    """Each hop is judged like the first URL, in whatever way it names an address inside; nobody inside is called."""
    calls: list[str] = []

    async def inside(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(body=b"secret")

    async with serving(inside, "127.0.0.2") as inner:
        port = inner.rsplit(":", 1)[1]

        async def outside(request: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": target.format(port=port)})

        async with serving(outside) as base:
            names = _Names(outside=["127.0.0.1"], inside=["127.0.0.2"])
            url = base.replace("127.0.0.1", "outside.example")
            said = await refused(url, dest, guard=AddressGuard(_only_outside, names))
    assert calls == []
    assert "127.0.0.2" not in said.replace(target.format(port=port), "")


async def test_a_name_that_changes_its_mind_gains_nothing(dest: Path) -> None:
    """DNS rebinding: the address that was judged is the one connected to, and the next hop is judged anew."""
    calls: list[str] = []

    async def inside(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(body=b"secret")

    async def outside(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/again"})

    async with serving(outside) as base:
        port = int(base.rsplit(":", 1)[1])
        async with serving(inside, "127.0.0.2", port):
            names = _Names(rebind=["127.0.0.1", "127.0.0.2"])
            guard = AddressGuard(_only_outside, names)
            said = await refused(f"http://rebind.example:{port}/", dest, guard=guard)
    assert (calls, names.asked) == ([], ["rebind.example"] * 2)
    assert "not public" in said


async def test_a_private_name_is_refused_without_telling_its_address(dest: Path) -> None:
    """With the rule of production, a name that leads inside is refused, and the answer keeps the address to itself."""
    guard = AddressGuard(resolver=_Names(inside=["10.11.12.13"]))
    said = await refused("http://inside.example:8080/x", dest, guard=guard)
    assert said == "inside.example leads to an address that is not public. Use a host that anybody can reach."


async def _status(status: int, **headers: str) -> web.Response:
    return web.Response(status=status, body=b"x", headers=headers)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda: _status(404), "answers 404 (Not Found)"),
        (lambda: _status(403), "answers 403 (Forbidden)"),
        (lambda: _status(500), "answers 500"),
        (lambda: _status(206), "answers 206"),
        (lambda: _status(304), "answers 304"),
        (lambda: _status(302), "without saying where"),
        (lambda: _status(200, **{"Content-Encoding": "br"}), "compressed"),
    ],
)
async def test_an_answer_that_is_not_the_file_is_named(
    dest: Path, answer: Callable[[], Awaitable[web.Response]], says: str
) -> None:
    """A status other than 200, a redirect to nowhere or a compressed body is refused, and the sentence says which."""

    async def handler(request: web.Request) -> web.Response:
        return await answer()

    async with serving(handler) as base:
        assert says in await refused(base, dest)


async def test_a_gzip_bomb_is_never_unpacked(dest: Path) -> None:
    """A small compressed body that would unpack to 50 MB is refused by its header; nothing is unpacked."""

    bomb = gzip.compress(bytes(50_000_000), compresslevel=1)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(handler) as base:
        assert "compressed" in await refused(base, dest)


async def test_a_file_that_says_that_it_is_too_large_is_not_read(dest: Path) -> None:
    """The announced length is enough to refuse; the body is never sent."""
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n") as base:
        assert "larger than" in await refused(base, dest)


async def test_an_endless_body_is_cut_at_the_limit(dest: Path) -> None:
    """A body without a length that never ends is read up to the limit and not further."""
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(20_000))
            sent += 20_000

    async with serving(handler) as base:
        assert "larger than" in await refused(base, dest)
    assert sent < 50_000_000


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", "no proper HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nshort", "no proper HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "empty file"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "empty file"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "no proper HTTP answer"),
        (b"", "no proper HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", "no proper HTTP answer"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe/\r\n\r\n", "no URL"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "101"),
    ],
)
async def test_a_broken_answer_is_told_in_a_sentence(dest: Path, answer: bytes, says: str) -> None:
    """A body that is cut off or not HTTP at all becomes MediaUnreachable, never an error of the client library."""
    async with raw_server(answer) as base:
        assert says in await refused(base, dest)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "too slowly", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Slow: ", "takes too long", id="headers"),
    ],
)
async def test_a_server_that_drips_is_left(dest: Path, answer: bytes, says: str) -> None:
    """One byte every hundredth of a second keeps no fetch alive, neither in the headers nor in the body."""
    async with raw_server(answer, drip=b"x" * 1000) as base:
        assert says in await refused(base, dest, limits=TINY)


async def test_a_fetch_has_a_limit_as_a_whole(dest: Path) -> None:
    """A body that comes steadily enough for every other limit still ends at the total one."""
    limits = FetchLimits(total=timedelta(seconds=0.2))
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", drip=b"x" * 1000) as base:
        assert "takes too long" in await refused(base, dest, limits=limits)


async def test_a_server_that_falls_silent_is_left(dest: Path) -> None:
    """A body that stops coming without ending is given up after the longest pause."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x" * 50_000)
        await asyncio.Event().wait()
        return response

    async with serving(handler) as base:
        assert "falls silent" in await refused(base, dest, limits=TINY)


async def test_nobody_listens(dest: Path) -> None:
    """A port that takes no connection, a name that does not exist and a plain server behind https are told apart."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert "takes no connection" in await refused(url, dest)
    guard = AddressGuard(any_address, _Names())
    assert "no host named" in await refused("http://nowhere.example/", dest, guard=guard)
    async with raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as base:
        await refused(base.replace("http://", "https://"), dest, limits=TINY)


async def test_proxies_of_the_environment_are_not_used(dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect for us to whatever it likes, so the environment's one is left alone."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"direct")

    async def intercept(request: web.Request) -> web.Response:
        return web.Response(status=500)

    async with serving(handler) as base, serving(intercept) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("HTTP_PROXY", proxy)
        await fetch_to_file(base, dest, max_bytes=MAX_BYTES, allow_private=True)
    assert content(dest) == b"direct"


async def test_a_canceled_fetch_leaves_no_file(dest: Path) -> None:
    """When the caller gives up, the half of the file that has come is gone too."""
    started = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x" * 50_000)
        started.set()
        await asyncio.Event().wait()
        return response

    async with serving(handler) as base:
        task = asyncio.create_task(fetch_to_file(base, dest, max_bytes=MAX_BYTES, allow_private=True))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert list(dest.parent.iterdir()) == []


async def test_an_existing_file_is_not_touched(dest: Path) -> None:
    """A fetch never writes over a file, and its failure never removes one."""
    occupy(dest)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"yours")

    async with serving(handler) as base:
        with pytest.raises(FileExistsError):
            await fetch_to_file(base, dest, max_bytes=MAX_BYTES, allow_private=True)
    assert content(dest) == b"mine"
