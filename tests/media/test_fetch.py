"""The SSRF-safe fetch of media, from servers on loopback. All that a hostile server may do is in tests/safe_http."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from tests.safe_http.hostile import OUTSIDE, Names, answers, certificate, drips, guard_of, holds, on_stage

from presswork.core.errors import MediaUnreachable
from presswork.media.fetch import FetchLimits, fetch_to_file
from presswork.safe_http import transport
from presswork.safe_http.guard import AddressGuard, any_address

MAX_BYTES = 200_000
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


async def refused(url: str, dest: Path, *, guard: AddressGuard | None = None, limits: FetchLimits | None = None) -> str:
    """Fetch, expect MediaUnreachable and no file left behind, and return the message."""
    with pytest.raises(MediaUnreachable) as caught:
        await fetch_to_file(url, dest, max_bytes=MAX_BYTES, limits=limits, allow_private=guard is None, guard=guard)
    assert list(dest.parent.iterdir()) == []
    return caught.value.message


def content(file: Path) -> bytes:
    """Read a small file."""
    return file.read_bytes()


def occupy(file: Path) -> None:
    """Exempt the tests' loopback server from the guard."""
    file.write_bytes(b"mine")


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    """The path of the fetched file; its folder is otherwise empty."""
    return tmp_path / "media"


async def test_a_file_is_fetched_completely(dest: Path) -> None:
    """A file of a well-behaved server arrives byte for byte, with the type that the server declares and its final URL."""
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
    """A short redirect chain leads to the file; a longer one, or a loop, ends with an error."""

    async def handler(request: web.Request) -> web.Response:
        left = int(request.path.strip("/"))
        return (
            web.Response(body=b"media") if left == 0 else web.Response(status=302, headers={"Location": str(left - 1)})
        )

    async with serving(handler) as base:
        assert "redirects more than 5 times" in await refused(f"{base}/6", dest)
        fetched = await fetch_to_file(f"{base}/5", dest, max_bytes=MAX_BYTES, allow_private=True)
    assert fetched.final_url == f"{base}/0"


async def test_no_redirect_leaves_tls(
    dest: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirect from https to http is refused, and no request is sent there; from https to https is followed."""
    cert_file, context = certificate(tmp_path_factory.mktemp("certificate"), "outside.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(cert_file))
    transport.system_trust.cache_clear()
    guard = guard_of(Names(outside=[[OUTSIDE]]))
    try:
        async with on_stage(answers()) as plain, on_stage(answers(), context=context) as safe:
            for port, scheme in ((plain.port, "http"), (safe.port, "https")):
                location = f"Location: {scheme}://outside.example:{port}/"
                async with on_stage(answers("302 Found", location), context=context) as world:
                    url = f"https://outside.example:{world.port}/"
                    if scheme == "http":
                        assert "from https to http" in await refused(url, dest, guard=guard)
                    else:
                        await fetch_to_file(url, dest, max_bytes=MAX_BYTES, guard=guard)
    finally:
        transport.system_trust.cache_clear()
    assert (plain.connections, content(dest)) == (0, b"media")


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
        (lambda: _status(302), "without a Location"),
        (lambda: _status(200, **{"Content-Encoding": "br"}), "compressed"),
    ],
)
async def test_a_response_that_is_not_the_file_is_named(
    dest: Path, answer: Callable[[], Awaitable[web.Response]], says: str
) -> None:
    """A status other than 200, a redirect without a target or a compressed body is refused, and the message says which."""

    async def handler(request: web.Request) -> web.Response:
        return await answer()

    async with serving(handler) as base:
        assert says in await refused(base, dest)


async def test_a_file_with_a_too_large_content_length_is_not_read(dest: Path) -> None:
    """The announced length is sufficient to refuse; the body is never read."""
    async with on_stage(holds(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n")) as world:
        assert "larger than" in await refused(f"http://{OUTSIDE}:{world.port}/", dest)


async def test_a_fetch_has_a_total_time_limit(dest: Path) -> None:
    """A body that arrives steadily enough for every other limit still ends at the total one."""
    limits = FetchLimits(total=timedelta(seconds=0.2))
    async with on_stage(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x")) as world:
        assert "takes too long" in await refused(f"http://{OUTSIDE}:{world.port}/", dest, limits=limits)


async def test_connection_refused(dest: Path) -> None:
    """A port that refuses connections and a name that does not exist are distinguished."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert "refuses connections" in await refused(url, dest)
    guard = AddressGuard(any_address, Names())
    assert "could not be resolved" in await refused("http://nowhere.example/", dest, guard=guard)


async def test_proxies_of_the_environment_are_not_used(dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to any address for us, so the proxy in the environment is ignored."""

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
    """When the caller cancels, the partial file is deleted too."""
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
    """A fetch never overwrites a file, and its failure never deletes one."""
    occupy(dest)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"yours")

    async with serving(handler) as base:
        with pytest.raises(FileExistsError):
            await fetch_to_file(base, dest, max_bytes=MAX_BYTES, allow_private=True)
    assert content(dest) == b"mine"
