"""Limits on connections, heads and bodies, over raw sockets: clients that send too much, too slowly, or do not read."""

import asyncio

import pytest
import uvloop
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs
from tests.api.raw_sockets import HEAD, connected_to, status_of
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.servers import shut
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from presswork.api.http import protocol as http_protocol
from presswork.api.http.protocol import (
    BODY_IDLE_SECONDS,
    BODY_SECONDS,
    HEAD_SECONDS,
    LINGER_SECONDS,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PIPELINED,
    READ_SECONDS,
    UPLOAD_BYTES_PER_SECOND,
    ConnectionLimits,
    LimitedProtocol,
)
from presswork.api.runtime import server_for
from presswork.cli.sockets import listen_on
from presswork.platforms.settings import Settings
from presswork.telemetry import meters

MEBIBYTE = 1024 * 1024
TOO_LARGE = (431, "PAYLOAD_TOO_LARGE")


def _later(api: Api, seconds: float) -> None:
    """Check the connections as the server does `seconds` from now."""
    api.server.close_overdue(now=asyncio.get_running_loop().time() + seconds)


def _refused() -> float:
    """Return how many connections were refused, as /metrics counts them."""
    return meters.API.get_sample_value("presswork_connections_refused_total") or 0.0


def _connections(api: Api) -> list[LimitedProtocol]:
    return [one for one in api.server.server_state.connections if isinstance(one, LimitedProtocol)]


def _is_served(connection: LimitedProtocol) -> bool:
    """Return whether the server has neither ended the connection nor refused its request: then it stays open for a while."""
    return not connection.transport.is_closing() and connection._lingers_until is None


async def _round_trip(api: Api) -> None:
    """Let the server read what was sent before."""
    async with connected_to(api) as other:
        assert (await other.ask(HEAD + b"\r\n")).status == 200


async def _upload_url(api: Api, size_bytes: int) -> str:
    """Return the URL at which a file of this size may be uploaded."""
    client = await api.client()
    project = (await client.post("/v1/projects", json={"name": "Bakery", "timezone": "UTC"})).json()
    files = [{"filename": "a.mp4", "contentType": "video/mp4", "sizeBytes": size_bytes}]
    body = {"files": files, "grouping": "per-file"}
    opened = (await client.post(f"/v1/projects/{project['id']}/content/uploads", json=body)).json()
    return str(opened["items"][0]["files"][0]["uploadUrl"])


async def _post(api: Api, *headers: bytes) -> bytes:
    """Return the head of a request that needs a key and a body."""
    key = (await api.client()).headers["authorization"].encode()
    lines = (b"Host: localhost", b"Content-Type: application/json", b"Authorization: " + key, *headers)
    return b"POST /v1/projects HTTP/1.1\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


async def test_too_large_heads_return_431(api: Api) -> None:
    """Large headers, many headers and a long URL return 431 in the error envelope, and the connection closes."""
    heads = {
        "64 headers of 1 MiB": b"".join(b"X-%d: " % n + b"a" * MEBIBYTE + b"\r\n" for n in range(64)),
        "an unfinished header": b"X-Large: " + b"a" * MEBIBYTE,
        "an unfinished name": b"X" * MEBIBYTE,
        "white space": b"X-Blank:" + b" " * MEBIBYTE,
        "one header more": b"".join(b"X-%d: a\r\n" % n for n in range(MAX_HEADERS)) + b"\r\n",
        "one byte more": b"X-Large: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n",
    }
    for what, head in heads.items():
        async with connected_to(api) as connection:
            answer = await connection.ask(HEAD + head)
            assert answer.refusal == TOO_LARGE, what
            assert answer.error["details"] == {"maxBytes": MAX_HEAD_BYTES, "maxHeaders": MAX_HEADERS}
            assert await connection.rest() == b""
    async with connected_to(api) as connection:
        assert (await connection.ask(b"GET /" + b"a" * MEBIBYTE)).refusal == TOO_LARGE
    await _round_trip(api)


@pytest.mark.parametrize("part", ["on_header", "on_body"])
async def test_a_process_without_memory_for_a_request_says_so(
    api: Api, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A valid request that the process has no memory to read returns 503: it can be sent again. 400 would end it."""

    def fail(*_: object) -> None:
        raise MemoryError

    post = await _post(api, b"Content-Length: 2")
    with monkeypatch.context() as patch:
        patch.setattr(HttpToolsProtocol, part, fail)
        async with connected_to(api) as connection:
            assert (await connection.ask(post + b"{}")).refusal == (503, "UNAVAILABLE")
    await _round_trip(api)


async def test_an_unfinished_head_holds_little_memory(api: Api) -> None:
    """A head that never ends is refused within a slice of the limit, before more of it is kept."""
    async with connected_to(api) as connection:
        piece = b"a" * 4096
        await connection.send(HEAD + b"X-Large: ")
        for _ in range(MAX_HEAD_BYTES // len(piece) + 4):
            await connection.send(piece)
        assert (await connection.response()).refusal == TOO_LARGE


async def test_heads_within_the_limits_are_served(api: Api) -> None:
    """As many headers and bytes as the limits allow are no reason to refuse, in one piece or in many."""
    many = b"".join(b"X-%d: a\r\n" % n for n in range(MAX_HEADERS - 1)) + b"\r\n"
    large = b"X-Large: " + b"a" * (MAX_HEAD_BYTES - 1024) + b"\r\n\r\n"
    async with connected_to(api) as connection:
        for head in (many, large):
            assert (await connection.ask(HEAD + head)).status == 200
        for start in range(0, len(HEAD + many), 100):
            await connection.send((HEAD + many)[start : start + 100])
        assert (await connection.response()).status == 200


async def test_a_head_behind_another_request_is_limited_too(api: Api) -> None:
    """A large head that begins in the same packet as the end of a request returns 431, after that request's response."""
    async with connected_to(api) as connection:
        first = await connection.ask(HEAD + b"\r\n" + HEAD + b"X-Large: " + b"a" * (2 * MAX_HEAD_BYTES) + b"\r\n\r\n")
        assert first.status == 200
        rest = await connection.rest()
        assert status_of(rest) in {None, 431}
        assert b" 200 " not in rest


async def test_trailers_are_limited_and_are_no_headers(api: Api) -> None:
    """Trailers after a chunked body authenticate no request, and endless ones return 431."""
    key = (await api.client()).headers["authorization"].encode()
    head = b"POST /v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    async with connected_to(api) as connection:
        chunk = b"2\r\n{}\r\n0\r\nAuthorization: " + key + b"\r\n\r\n"
        assert (await connection.ask(head + b"\r\n" + chunk)).refusal == (401, "UNAUTHENTICATED")
    for endless in (b"X-Large: " + b"a" * MEBIBYTE, b"X: a\r\n" * 1000, b"0" * MEBIBYTE):
        async with connected_to(api) as connection:
            await connection.send(head + b"Authorization: " + key + b"\r\n\r\n" + b"2\r\n{}\r\n")
            await _round_trip(api)
            assert (await connection.ask(b"0\r\n" + endless)).status in {400, 431}
            assert await connection.rest() == b""


async def test_a_chunk_extension_without_end_is_refused(api: Api) -> None:
    """Bytes of chunked framing that carry no body are limited as trailers are."""
    head = await _post(api, b"Transfer-Encoding: chunked")
    async with connected_to(api) as connection:
        assert (await connection.ask(head + b"1;" + b"a" * MEBIBYTE)).refusal == TOO_LARGE


async def test_slow_heads_are_ended(api: Api) -> None:
    """A partial head returns 408 after its deadline, and a connection without a byte is closed without a response."""
    async with connected_to(api) as partial, connected_to(api) as silent, connected_to(api) as kept:
        await partial.send(b"GET /healthz HT")
        assert (await kept.ask(HEAD + b"\r\n")).status == 200
        await _round_trip(api)
        _later(api, HEAD_SECONDS - 1)
        assert len([one for one in _connections(api) if _is_served(one)]) >= 3
        _later(api, HEAD_SECONDS + 1)
        answer = await partial.response()
        assert (answer.refusal, answer.error["details"]) == ((408, "VALIDATION"), {"reason": "head_timeout"})
        assert await partial.rest() == await silent.rest() == b""
        assert (await kept.ask(HEAD + b"\r\n")).status == 200, "an idle connection is kept"
        await kept.send(b"GET /heal")  # the head of a later request has the same deadline
        await _round_trip(api)
        _later(api, HEAD_SECONDS + 2)
        assert (await kept.response()).status == 408


async def test_slow_bodies_are_ended(api: Api) -> None:
    """A body that stops returns 408 after its deadline; the application has seen a client that left."""
    async with connected_to(api) as connection:
        await connection.send(await _post(api, b"Content-Length: 900") + b"{")
        await _round_trip(api)
        _later(api, BODY_IDLE_SECONDS - 1)
        with capture_logs() as said:
            _later(api, BODY_IDLE_SECONDS + 1)
            answer = await connection.response()
            assert (answer.refusal, answer.error["details"]) == ((408, "VALIDATION"), {"reason": "body_timeout"})
            assert await connection.rest() == b""
            while not (lines := [line for line in said if line.get("method") == "POST"]):
                await _round_trip(api)
    assert [(line["event"], line["status"]) for line in lines] == [("request", 499)]


async def test_a_body_of_single_bytes_is_ended(api: Api) -> None:
    """A client that never stops, but sends less than the lowest rate, is not served for long."""
    async with connected_to(api) as connection:
        await connection.send(await _post(api, b"Content-Length: 900") + b"{")
        await _round_trip(api)
        (slow,) = [one for one in _connections(api) if one._is_in_progress()]
        slow._body_at += BODY_SECONDS + 1  # as if the last byte had just arrived
        _later(api, BODY_SECONDS - 1)
        assert _is_served(slow)
        _later(api, BODY_SECONDS + 1)
        assert (await connection.response()).status == 408


@pytest.mark.parametrize("form", ["origin", "absolute"])
async def test_uploads_have_a_higher_lowest_rate(api: Api, form: str) -> None:
    """An upload as slow as a JSON body may be is ended, so that it does not hold its temporary file for hours."""
    size_bytes, seconds = MEBIBYTE, MEBIBYTE / 2 / UPLOAD_BYTES_PER_SECOND
    url = await _upload_url(api, size_bytes)
    target = url.removeprefix(api.base_url) if form == "origin" else url
    head = f"PUT {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size_bytes}\r\n\r\n"
    half = b" " * (size_bytes // 2)
    async with connected_to(api) as upload, connected_to(api) as other:
        await upload.send(head.encode() + half)
        await other.send(await _post(api, b"Content-Length: %d" % (size_bytes - 1)) + half)
        slow: list[LimitedProtocol] = []
        while len(slow) < 2 or any(one._body_bytes < len(half) or one.flow.read_paused for one in slow):
            await _round_trip(api)
            slow = [one for one in _connections(api) if one._is_in_progress()]
        for one in slow:
            one._body_at += 2 * BODY_SECONDS  # as if the last byte had just arrived
        _later(api, BODY_SECONDS)
        assert all(_is_served(one) for one in slow)
        _later(api, BODY_SECONDS + seconds + 1)
        answer = await upload.response()
        assert (answer.refusal, answer.error["details"]) == ((408, "VALIDATION"), {"reason": "body_timeout"})
        assert f"{UPLOAD_BYTES_PER_SECOND} bytes/s" in answer.error["message"]
        assert len([one for one in slow if one._lingers_until is None]) == 1, "the JSON body may be slower"


async def test_a_client_that_may_not_send_yet_is_not_slow(api: Api) -> None:
    """The time in which the server does not read, or has not asked for the body, does not count."""
    async with connected_to(api) as connection:
        await connection.send(await _post(api, b"Content-Length: 900") + b"{")
        await _round_trip(api)
        (waiting,) = [one for one in _connections(api) if one._is_in_progress()]
        waiting.flow.pause_reading()  # as while the application does not read a large body
        for minutes in range(1, 10):
            _later(api, minutes * 60)
        assert _is_served(waiting)
        waiting.flow.resume_reading()
        _later(api, 9 * 60 + BODY_IDLE_SECONDS + 1)
        assert (await connection.response()).status == 408


async def test_a_body_after_its_response_is_ended(api: Api) -> None:
    """A client that continues its body after the response is disconnected after a few seconds."""
    async with connected_to(api) as connection:
        answer = await connection.ask(b"POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{")
        assert answer.status == 404
        await connection.send(b" ")
        _later(api, 0)
        _later(api, LINGER_SECONDS + 1)
        assert await connection.rest() == b""


async def test_a_response_is_read_while_the_client_still_sends(api: Api) -> None:
    """A client that sends a refused body to its end, and reads then, gets the response."""
    async with connected_to(api) as connection:
        await connection.send(await _post(api, b"Content-Length: 4194304") + b" " * 4_194_304)
        assert (await connection.response()).refusal == (413, "PAYLOAD_TOO_LARGE")
        assert await connection.rest() == b""


@pytest.mark.exhaustive
async def test_a_client_that_does_not_read_is_disconnected(api: Api) -> None:
    """Responses that are not read do not stay in memory: the connection is aborted after the deadline."""
    async with connected_to(api, receive_buffer_bytes=4096) as connection:
        await connection.send(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * (MAX_PIPELINED // 2))
        unread: list[LimitedProtocol] = []
        while not unread:
            await _round_trip(api)
            unread = [one for one in _connections(api) if one.transport.get_write_buffer_size() and one.pipeline]
        connection.reader._transport.pause_reading()  # type: ignore[attr-defined]  # as a client that stopped
        await _round_trip(api)
        first_look = (
            READ_SECONDS + 1
        )  # the deadline begins when a check finds the response unread, however old the connection is
        _later(api, first_look)
        _later(api, first_look + READ_SECONDS - 1)
        assert _is_served(unread[0])
        _later(api, first_look + READ_SECONDS + 1)
        while unread[0] in _connections(api):
            await _round_trip(api)


class _Written(asyncio.Transport):
    """A connection that keeps what is written to it, piece by piece."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        super().__init__()
        self.pieces: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep a piece."""
        self.pieces.append(bytes(data))

    def is_closing(self) -> bool:
        """The connection stays open."""
        return False

    def resume_reading(self) -> None:
        """Nothing is read from it."""


async def test_head_and_body_of_a_response_are_one_packet() -> None:
    """A body that is there at once is sent with the head; if it is not, the head is not held back for it."""
    body_may_follow = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.request"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        if scope["path"] == "/later":
            await body_may_follow.wait()
        await send({"type": "http.response.body", "body": b"body"})

    server = server_for(app)
    server.config.load()
    connection, written = LimitedProtocol(server.config, server.server_state, {}), _Written()
    connection.connection_made(written)
    for path, pieces in (("/now", 1), ("/later", 2)):
        written.pieces.clear()
        body_may_follow.clear()
        connection.data_received(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        (task,) = server.server_state.tasks
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(written.pieces) == 1
        assert written.pieces[0].startswith(b"HTTP/1.1 200 OK\r\n")
        body_may_follow.set()
        await task
        assert len(written.pieces) == pieces
        assert b"".join(written.pieces).endswith(b"\r\n\r\nbody")


async def test_requests_ahead_of_their_responses_are_limited(api: Api) -> None:
    """A client that sends thousands of requests at once is disconnected."""
    async with connected_to(api) as connection:
        await connection.send((HEAD + b"\r\n") * 5000)
        assert (await connection.rest()).count(b"HTTP/1.1 200") <= MAX_PIPELINED + 1
    await _round_trip(api)


async def test_invalid_requests_return_400_in_the_error_envelope(api: Api) -> None:
    """What is no HTTP/1.1 request returns 400; behind a request that is served, it gets no response."""
    for raw in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    ):
        async with connected_to(api) as connection:
            assert (await connection.ask(raw)).refusal == (400, "VALIDATION"), raw
            assert await connection.rest() == b""
    async with connected_to(api) as connection:
        assert (await connection.ask(HEAD + b"\r\nnonsense\r\n\r\n")).status == 200
        assert await connection.rest() == b""


async def test_what_follows_an_upgrade_is_no_request(api: Api) -> None:
    """The parser skips the body of a request to upgrade, so the connection ends with its response."""
    upgrade = HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 900\r\n\r\n"
    async with connected_to(api) as connection:
        answer = await connection.ask(upgrade)
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        await connection.send(HEAD + b"\r\n")
        assert await connection.rest() == b""


async def test_connections_are_limited(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """One connection more than the server accepts returns 503, more than one address may have 429; both are counted."""
    limits = {
        503: ConnectionLimits(total=3),
        429: ConnectionLimits(per_address=3, is_loopback_limited=True),
        200: ConnectionLimits(per_address=3),
    }
    for status, limit in limits.items():
        refused = _refused()
        async with serving(settings, dsn=dsn, clock=clock, limits=limit) as api:
            async with connected_to(api) as first, connected_to(api) as second, connected_to(api) as third:
                for one in (first, second, third):
                    assert (await one.ask(HEAD + b"\r\n")).status == 200
                async with connected_to(api) as fourth:
                    if status == 200:
                        assert (await fourth.ask(HEAD + b"\r\n")).status == 200
                    else:
                        answer = await fourth.response()
                        assert (answer.status, answer.headers["retry-after"]) == (status, "1")
                        assert answer.error["code"] in {"UNAVAILABLE", "RATE_LIMITED"}
                        assert await fourth.rest() == b""
            _later(api, 0)
            assert _refused() - refused == (status != 200)
            is_served = False
            while not is_served:  # until the server has seen the connections end
                async with connected_to(api) as next_one:
                    is_served = (await next_one.ask(HEAD + b"\r\n")).status == 200


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("127.0.0.1", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_addresses_are_counted_by_network(address: str, counted: str | None) -> None:
    """An IPv6 address stands for its /64 network, and this machine is not limited."""
    assert http_protocol._counted_address((address, 80), is_loopback_counted=False) == counted


def test_a_connection_that_closes_before_the_head_is_sent_is_no_error() -> None:
    """The head waits for the body in the same turn of the event loop; uvloop raises on a write to a closed connection."""
    errors: list[str] = []

    async def cut(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        receive.__self__.transport.abort()  # type: ignore[attr-defined]  # uvicorn's cycle of the request
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            pass

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context["message"]))
        with listen_on("127.0.0.1", 0) as listener:
            server = server_for(cut)
            running = asyncio.create_task(server.serve(sockets=[listener]))
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(HEAD + b"\r\n")
            assert await reader.read() == b""
            writer.close()
            running.cancel()
            await asyncio.wait([running])
            await shut(server)

    uvloop.run(main())
    assert errors == []
