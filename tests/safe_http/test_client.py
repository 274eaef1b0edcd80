"""The client for many POSTs: what it sends, which connections it keeps, which servers it trusts."""

import asyncio
import datetime as dt
import gzip
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from tests.every_row import every_row
from tests.safe_http.hostile import (
    INSIDE,
    OUTSIDE,
    Hostile,
    Names,
    Play,
    answers,
    certificate,
    guard_of,
    on_stage,
    says,
    two_stages,
)
from yarl import URL

from presswork.safe_http import transport
from presswork.safe_http.client import GuardedClient, PostLimits
from presswork.safe_http.failure import FailureKind, GuardedFailure
from presswork.safe_http.guard import AddressGuard, any_address
from presswork.safe_http.names import NAME_OWNER, LookUps, SystemNames
from presswork.safe_http.transport import GuardedTransport, Patience

JSON = {"Content-Type": "application/json"}


def keeps(*rounds: bytes, after: bytes = b"") -> Play:
    """Answer the requests of one connection in order and keep it open; `after` is sent at once, unsolicited."""

    async def play(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in rounds:
            await server.request(reader)
            await server.send(writer, answer)
        await server.send(writer, after)
        if not after:
            await reader.read()

    return play


def proper(body: bytes) -> bytes:
    """Return a valid response."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def kind_of_failure(client: GuardedClient, url: str) -> FailureKind:
    """POST, expect a failure and return its kind."""
    with pytest.raises(GuardedFailure) as caught:
        await client.post(url, body=b"{}", headers=JSON)
    return caught.value.kind


async def test_a_post_arrives_unchanged() -> None:
    """The body arrives byte for byte with the caller's headers, and none that would reveal something."""
    seen: list[tuple[bytes, dict[str, str]]] = []

    async def receive(request: web.Request) -> web.Response:
        seen.append((await request.read(), {name.lower(): value for name, value in request.headers.items()}))
        return web.Response(status=202, text="took it", headers={"X-Answer": "yes"})

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, OUTSIDE, 0).start()
    port = runner.addresses[0][1]
    names = Names(outside=[[OUTSIDE]])
    async with GuardedClient(guard_of(names), user_agent="Presswork/1 (webhooks)") as client:
        answer = await client.post(
            f"http://outside.example:{port}/hook?a=%2F", body=b'{"a":1}', headers={**JSON, "webhook-id": "evt_1"}
        )
    await runner.cleanup()
    assert (answer.status, answer.headers["x-answer"], answer.excerpt, answer.is_whole) == (
        202,
        "yes",
        b"took it",
        True,
    )
    assert seen[0][0] == b'{"a":1}'
    assert seen[0][1].keys() == {
        "host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "webhook-id"
    }  # fmt: skip
    assert seen[0][1]["host"] == f"outside.example:{port}"
    assert (seen[0][1]["accept-encoding"], seen[0][1]["user-agent"]) == ("identity", "Presswork/1 (webhooks)")


async def test_a_kept_connection_stays_at_its_checked_address() -> None:
    """Two POSTs share a connection; that the name now resolves to an internal address matters only for a new one."""
    names = Names(outside=[[OUTSIDE], [INSIDE]])
    async with (
        two_stages(keeps(proper(b"one"), proper(b"two"))) as (outside, inside),
        GuardedClient(guard_of(names)) as client,
    ):
        url = f"http://outside.example:{outside.port}/"
        said = [(await client.post(url, body=b"{}", headers=JSON)).excerpt for _ in range(2)]
        assert (said, outside.connections, names.asked) == ([b"one", b"two"], 1, ["outside.example"])
        # Another host, the same address: nothing that was checked for one name counts for another.
        await kind_of_failure(client, f"http://other.example:{outside.port}/")
    async with GuardedClient(guard_of(names)) as client:
        assert await kind_of_failure(client, url) is FailureKind.REFUSED_ADDRESS
    assert inside.connections == 0


async def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    """A server that closes an idle connection fails no delivery: the POST is sent once more on a new one."""
    async with (
        on_stage(says(proper(b"one"))) as outside,
        GuardedClient(guard_of(Names(outside=[[OUTSIDE]]))) as client,
    ):
        url = f"http://outside.example:{outside.port}/"
        said = [(await client.post(url, body=b"{}", headers=JSON)).excerpt for _ in range(3)]
    assert (said, len(outside.requests)) == ([b"one"] * 3, 3)


async def test_a_server_that_always_closes_gets_one_request() -> None:
    """Only a kept connection allows a second attempt; a server that closes a new one gets the POST once."""
    async with (
        on_stage(says(b"")) as outside,
        GuardedClient(guard_of(Names(outside=[[OUTSIDE]]))) as client,
    ):
        assert await kind_of_failure(client, f"http://outside.example:{outside.port}/") is FailureKind.PROTOCOL
    assert len(outside.requests) == 1


async def test_an_unsolicited_response_is_not_used() -> None:
    """An unsolicited second response is not used for the next POST: that one is sent on a new connection."""
    forged = b"HTTP/1.1 200 OK\r\nX-Forged: yes\r\nContent-Length: 0\r\n\r\n"
    sent = asyncio.Event()

    async def play(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.request(reader)
        await server.send(writer, proper(b"true"))
        if server.connections == 1:
            await sent.wait()
            await server.send(writer, forged)
            forged_is_out.set()
            await reader.read()

    forged_is_out = asyncio.Event()
    async with (
        on_stage(play) as outside,
        GuardedClient(guard_of(Names(outside=[[OUTSIDE]]))) as client,
    ):
        url = f"http://outside.example:{outside.port}/"
        await client.post(url, body=b"{}", headers=JSON)
        sent.set()
        await forged_is_out.wait()
        while not _something_came_early(client):  # noqa: ASYNC110  no event reports when the socket has been read
            await asyncio.sleep(0)
        answer = await client.post(url, body=b"{}", headers=JSON)
    assert (answer.excerpt, "x-forged" in answer.headers, outside.connections) == (b"true", False, 2)


def _something_came_early(client: GuardedClient) -> bool:
    """Whether the kept connection has received unsolicited bytes."""
    keeping = client._transport._keeping
    assert keeping is not None
    assert keeping.connector is not None
    return any(protocol.should_close for kept in keeping.connector._conns.values() for protocol, _ in kept)


async def test_a_long_response_is_cut_and_a_compressed_one_is_not_decompressed() -> None:
    """The excerpt ends at its limit; a compressed body is neither decompressed nor shown."""
    limits = PostLimits(excerpt_bytes=10)
    names = Names(outside=[[OUTSIDE]])
    async with on_stage(answers(body=b"x\x00\xff" * 9)) as long, GuardedClient(guard_of(names), limits) as client:
        answer = await client.post(f"http://outside.example:{long.port}/", body=b"", headers={})
    assert (answer.excerpt, answer.is_whole, answer.text) == ((b"x\x00\xff" * 9)[:10], False, "x\ufffd\ufffd" * 3 + "x")
    packed = answers("200 OK", "Content-Encoding: gzip", body=gzip.compress(b"x"))
    async with on_stage(packed) as world, GuardedClient(guard_of(names)) as client:
        answer = await client.post(f"http://outside.example:{world.port}/", body=b"", headers={})
    assert (answer.excerpt, answer.is_whole) == (b"", False)


async def test_headers_of_a_server_can_be_stored() -> None:
    """A server's headers are returned without control characters and without broken Unicode."""
    names = Names(outside=[[OUTSIDE]])
    async with (
        on_stage(says(b"HTTP/1.1 200 OK\r\nX-Odd: a\x01\xffb\r\nContent-Length: 0\r\n\r\n")) as outside,
        GuardedClient(guard_of(names)) as client,
    ):
        answer = await client.post(f"http://outside.example:{outside.port}/", body=b"", headers={})
    assert answer.headers["x-odd"] == "a\ufffd\ufffdb"


async def test_headers_that_would_alter_the_request_are_refused() -> None:
    """Line breaks, and headers that define where a request ends or its host, are never sent."""
    rows: list[dict[str, str]] = [
        {"X-A": "b\r\nX-C: d"},
        {"X-A": "b\nX-C: d"},
        {"X-A\r\nX-C": "d"},
        {"X-A: b": "d"},
        {"": "d"},
        {"X-A": "bücher"},
        {"X-A": "\x00"},
        {"Host": "localhost"},
        {"content-length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "upgrade"},
        {"Cookie": "a=b"},
    ]
    with every_row() as row:
        for headers in rows:
            with row(headers):
                async with (
                    on_stage(answers()) as outside,
                    GuardedClient(guard_of(Names(outside=[[OUTSIDE]]))) as client,
                ):
                    with pytest.raises(ValueError, match="header"):
                        await client.post(f"http://outside.example:{outside.port}/", body=b"", headers=headers)
                assert outside.connections == 0


async def test_a_server_that_does_not_read_blocks_no_client() -> None:
    """Sending a body that the server never reads ends with the response, or at its time-out."""
    body = bytes(32 * 1024 * 1024)

    async def answers_at_once(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await server.send(writer, b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await asyncio.Event().wait()

    async def never_answers(_: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    names = Names(outside=[[OUTSIDE]])
    async with on_stage(answers_at_once) as early, GuardedClient(guard_of(names)) as client:
        answer = await client.post(f"http://outside.example:{early.port}/", body=body, headers={})
    assert answer.status == 413
    limits = PostLimits(response=timedelta(seconds=0.3))
    async with on_stage(never_answers) as deaf, GuardedClient(guard_of(names), limits) as client:
        with pytest.raises(GuardedFailure) as caught:
            await client.post(f"http://outside.example:{deaf.port}/", body=body, headers={})
    assert caught.value.kind is FailureKind.TIMEOUT


async def test_connection_refused() -> None:
    """A port that refuses connections is distinguished from a name that does not exist."""
    with socket.socket() as taken:
        taken.bind((OUTSIDE, 0))
        async with GuardedClient(guard_of(Names(outside=[[OUTSIDE]]))) as client:
            url = f"http://outside.example:{taken.getsockname()[1]}/"
            assert await kind_of_failure(client, url) is FailureKind.CONNECT
            assert await kind_of_failure(client, "http://nowhere.example/") is FailureKind.DNS


@pytest.mark.parametrize(
    ("host", "is_trusted", "until", "outcome"),
    [
        ("outside.example", True, None, 200),
        ("outside.example", False, None, FailureKind.TLS),
        ("other.example", True, None, FailureKind.TLS),
        ("outside.example", True, dt.datetime(2021, 1, 1, tzinfo=dt.UTC), FailureKind.TLS),
    ],
    ids=["trusted", "untrusted", "another host's", "expired"],
)
async def test_certificates_are_verified(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    until: dt.datetime | None,
    outcome: int | FailureKind,
    *,
    is_trusted: bool,
) -> None:
    """A certificate must be the host's, valid, and known to the system or to SSL_CERT_FILE."""
    cert_file, context = certificate(tmp_path, host, until=until)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert_file))
    transport.system_trust.cache_clear()
    try:
        async with (
            on_stage(answers(), context=context) as outside,
            GuardedClient(guard_of(Names(outside=[[OUTSIDE]]))) as client,
        ):
            url = f"https://outside.example:{outside.port}/"
            if isinstance(outcome, int):
                assert (await client.post(url, body=b"{}", headers=JSON)).status == outcome
            else:
                assert await kind_of_failure(client, url) is outcome
    finally:
        transport.system_trust.cache_clear()


async def test_a_plain_server_behind_https_is_a_tls_error() -> None:
    """A server that answers a handshake with something else is reported as a TLS error."""

    async def play(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        await server.send(writer, b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with on_stage(play) as outside, GuardedClient(guard_of(Names(outside=[[OUTSIDE]]))) as client:
        assert await kind_of_failure(client, f"https://outside.example:{outside.port}/") is FailureKind.TLS


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to any address for us, so the proxy in the environment is ignored."""
    async with on_stage(answers()) as outside, on_stage(answers("500 No")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{OUTSIDE}:{proxy.port}")
        async with GuardedClient(guard_of(Names(outside=[[OUTSIDE]]))) as client:
            answer = await client.post(f"http://outside.example:{outside.port}/", body=b"", headers={})
    assert (answer.status, proxy.connections) == (200, 0)


async def test_a_silent_name_server_blocks_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hanging look-ups of untrusted names block none of the threads that the rest of the process uses."""
    go = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        go.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    limits = PostLimits(connect=timedelta(seconds=0.2))
    async with GuardedClient(AddressGuard(any_address), limits) as client:
        calls = [asyncio.create_task(kind_of_failure(client, f"http://n{i}.example/")) for i in range(40)]
        try:
            assert set(await asyncio.gather(*calls)) == {FailureKind.TIMEOUT}
            others = await asyncio.wait_for(asyncio.to_thread(lambda: "a thread of the others"), timeout=30)
        finally:
            go.set()
    assert others == "a thread of the others"


async def test_every_connection_passes_the_socket_check() -> None:
    """Even an unchecked URL, whose host is an address and so is never resolved, reaches no internal address."""
    patience = Patience(connect=timedelta(seconds=5), headers=timedelta(seconds=5), silence=timedelta(seconds=5))
    async with two_stages(answers()) as (_, inside), GuardedTransport(guard_of(Names()), patience) as transport:
        with pytest.raises(GuardedFailure) as caught:
            async with transport.request("GET", URL(f"http://{INSIDE}:{inside.port}/"), headers={}):
                pass
    assert (caught.value.kind, inside.connections) == (FailureKind.REFUSED_ADDRESS, 0)


async def test_nothing_is_decompressed() -> None:
    """The reader of a body gets the raw bytes, compressed or not."""
    packed = gzip.compress(b"media")
    patience = Patience(connect=timedelta(seconds=5), headers=timedelta(seconds=5), silence=timedelta(seconds=5))
    async with (
        on_stage(answers("200 OK", "Content-Encoding: gzip", body=packed)) as outside,
        GuardedTransport(guard_of(Names(outside=[[OUTSIDE]])), patience) as transport,
        transport.request("GET", URL(f"http://outside.example:{outside.port}/"), headers={}) as response,
    ):
        assert await response.read() == packed


@dataclass
class SlowSystem:
    """The system's resolver: names below `dead.example` get no answer until `answer` is set."""

    answer: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    def getaddrinfo(self, host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        """Return one address."""
        self.asked.append(host)
        if host.endswith("dead.example"):
            self.answer.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 0))]


@pytest.fixture
def slow_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowSystem]:
    """Replace the system's resolver; at the end, each look-up ends."""
    system = SlowSystem()
    monkeypatch.setattr(socket, "getaddrinfo", system.getaddrinfo)
    yield system
    system.answer.set()


async def test_a_dead_name_uses_one_thread(slow_system: SlowSystem) -> None:
    """Webhooks to one name that gets no answer, also after the first ones have timed out: another name is found at once."""
    with ThreadPoolExecutor(max_workers=2) as threads:
        names = SystemNames(LookUps(threads))
        for _ in range(2):
            waiting = [asyncio.create_task(names.resolve("dead.example", port)) for port in range(80, 90)]
            assert [each["host"] for each in await names.resolve("alive.example", 443)] == ["93.184.216.34"]
            for task in waiting:
                task.cancel()
            assert all(isinstance(end, asyncio.CancelledError) for end in await gather_ends(waiting))
        waiting = [asyncio.create_task(names.resolve("dead.example", port)) for port in (80, 443)]
        await asyncio.sleep(0)
        slow_system.answer.set()
        assert [found[0]["port"] for found in await asyncio.gather(*waiting)] == [80, 443]
        assert slow_system.asked.count("dead.example") == 1
        assert await names.resolve("dead.example", 80)
        assert slow_system.asked.count("dead.example") == 2, "a name that was found is not kept"


async def test_a_caller_that_leaves_takes_no_look_up_from_the_others(slow_system: SlowSystem) -> None:
    """One of two that wait for a queued look-up is canceled: the other gets the addresses. Without any, nothing is asked."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        names = SystemNames(LookUps(threads))
        blocking = asyncio.create_task(names.resolve("dead.example"))
        leaves, stays, alone = [
            asyncio.create_task(names.resolve(name)) for name in ("shared.example", "shared.example", "alone.example")
        ]
        await asyncio.sleep(0)
        leaves.cancel()
        alone.cancel()
        await gather_ends([leaves, alone])
        slow_system.answer.set()
        assert [each["host"] for each in await stays] == ["93.184.216.34"]
        assert await blocking
        assert slow_system.asked == ["dead.example", "shared.example"]


async def test_dead_names_of_one_organization_leave_threads_to_the_others(slow_system: SlowSystem) -> None:
    """Ten of them use two threads: those of another organization are found at once, also one that the first waits for."""
    first, second = uuid4(), uuid4()

    def ask(name: str, owner: UUID) -> asyncio.Task[list[ResolveResult]]:
        former = NAME_OWNER.set(owner)
        try:
            return asyncio.create_task(names.resolve(name))
        finally:
            NAME_OWNER.reset(former)

    with ThreadPoolExecutor(max_workers=4) as threads:
        names = SystemNames(LookUps(threads, max_of_owner=2))
        waiting = [ask(f"{number}.dead.example", first) for number in range(10)]
        shared, own = ask("shared.example", first), ask("own.example", first)
        assert (await ask("other.example", second))[0]["host"] == "93.184.216.34"
        assert not shared.done()
        assert await ask("shared.example", second) == await shared
        assert slow_system.asked == ["0.dead.example", "1.dead.example", "other.example", "shared.example"]
        for task in waiting[2:]:
            task.cancel()
        await gather_ends(waiting[2:])
        assert not own.done()
        slow_system.answer.set()
        assert await own
        assert slow_system.asked[4:] == ["own.example"], "what nothing waits for is not asked"


async def test_each_call_is_counted_for_its_organization(slow_system: SlowSystem) -> None:
    """Also where calls of several organizations share a client, as webhooks do."""
    owners = [uuid4(), uuid4(), None]
    seen: dict[str, UUID | None] = {}

    class Names(SystemNames):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            await asyncio.sleep(0)
            seen[host] = NAME_OWNER.get()
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with GuardedClient(AddressGuard(any_address, Names())) as client:
        calls = [
            client.post(f"http://{number}.example/", body=b"{}", headers=JSON, owner=owner)
            for number, owner in enumerate(owners)
        ]
        ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends] == [GuardedFailure] * 3
    assert seen == {f"{number}.example": owner for number, owner in enumerate(owners)}
    assert NAME_OWNER.get() is None


async def test_a_name_that_does_not_exist_fails_for_each_that_waits(
    slow_system: SlowSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of the look-up reaches all of them."""

    def unknown(host: str, *_: object, **__: object) -> None:
        slow_system.answer.wait(10)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with ThreadPoolExecutor(max_workers=1) as threads:
        names = SystemNames(LookUps(threads))
        waiting = [asyncio.create_task(names.resolve("nothing.example")) for _ in range(3)]
        await asyncio.sleep(0)
        slow_system.answer.set()
        assert all(isinstance(end, socket.gaierror) for end in await gather_ends(waiting))


async def gather_ends(tasks: Sequence[asyncio.Task[object]]) -> list[object]:
    """Return the result or the error of each task."""
    return await asyncio.gather(*tasks, return_exceptions=True)
