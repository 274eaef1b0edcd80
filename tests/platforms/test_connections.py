"""The connections to platforms: kept alive, bounded, and never a response for another request."""

import asyncio
import gzip
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from tests.safe_http.hostile import (
    NO_LISTENER,
    OUTSIDE,
    Hostile,
    Play,
    answers,
    certificate,
    floods,
    holds,
    on_stage,
    says,
)

from presswork.platforms import connections
from presswork.platforms.transport import CallFailed, Reply, Transport

_HEAD = b"HTTP/1.1 200 OK\r\n"


async def call(
    world: Hostile, transport: Transport, method: str = "GET", *, seconds: float = 10, **options: object
) -> Reply:
    """Make a call to the server."""
    url = f"http://{OUTSIDE}:{world.port}/v1/me"
    return await transport.call(method, url, operation="test", timeout=timedelta(seconds=seconds), **options)  # type: ignore[arg-type]  # options of a call


async def many(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request of a connection with the number of requests so far."""
    while True:
        await server.request(reader)
        body = str(len(server.requests)).encode()
        await server.send(writer, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


async def test_a_connection_is_used_again() -> None:
    """Three calls one after the other use one connection; a form is sent with its type and length."""
    async with on_stage(many) as world, Transport(name="test") as transport:
        bodies = [(await call(world, transport)).body, (await call(world, transport, params={"fields": "id,a b"})).body]
        bodies.append((await call(world, transport, "POST", form={"caption": "Guten Tag, Jörg"}, token="t")).body)
    assert (bodies, world.connections) == ([b"1", b"2", b"3"], 1)
    assert world.requests[1].startswith(b"GET /v1/me?fields=id%2Ca+b HTTP/1.1\r\nHost: 127.0.0.3:")
    head = world.requests[2].decode().lower()
    assert "content-type: application/x-www-form-urlencoded" in head
    assert "authorization: bearer t" in head
    assert "content-length: 30" in head


async def test_calls_at_the_same_time_use_their_own_connections() -> None:
    """Ten calls at once get ten responses."""
    async with on_stage(many) as world, Transport(name="test") as transport:
        replies = await asyncio.gather(*(call(world, transport) for _ in range(10)))
    assert {reply.body for reply in replies} == {str(number).encode() for number in range(1, 11)}
    assert world.connections == 10


@pytest.mark.parametrize(
    "answer",
    [
        says(_HEAD + b"Connection: close\r\n\r\nmedia"),
        says(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nmed\r\n2\r\nia\r\n0\r\n\r\n"),
        says(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", _HEAD + b"Content-Length: 5\r\n\r\nmedia"),
        says(_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"media")),
        answers(),
    ],
    ids=["until the end", "chunked", "early hints", "gzip", "closed"],
)
async def test_each_form_of_a_response_is_read(answer: Play) -> None:
    """The body is whole, whatever frames it."""
    async with on_stage(answer) as world, Transport(name="test") as transport:
        reply = await call(world, transport)
    assert (reply.status, reply.body) == (200, b"media")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (says(_HEAD + b"Content-Length: 9\r\n\r\nmedia"), "the connection broke"),
        (says(), "the connection broke"),
        (says(b"nonsense\r\n\r\n"), "the connection broke"),
        (says(_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nmedia"), "the connection broke"),
        (floods(_HEAD + b"\r\n", b"a"), "the answer is too large"),
        (floods(_HEAD, b"X-Header: a\r\n"), "the answer's headers are too large"),
        (
            says(_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(8 * 1024 * 1024))),
            "the answer is too large",
        ),
    ],
    ids=["cut", "nothing", "not HTTP", "not gzip", "body", "headers", "bomb"],
)
async def test_a_bad_response_may_have_had_an_effect(answer: Play, reason: str) -> None:
    """The request was sent, so whether the platform acted on it is not known."""
    async with on_stage(answer) as world, Transport(name="test") as transport:
        with pytest.raises(CallFailed) as failed:
            await call(world, transport, "POST", data=b"post")
    assert (failed.value.was_sent, failed.value.reason) == (True, reason)


async def test_a_late_response_is_no_one_elses() -> None:
    """A call times out; its connection is closed, so that the next call does not read its response."""
    async with on_stage(holds(b"")) as world, Transport(name="test") as transport:
        with pytest.raises(CallFailed) as failed:
            await call(world, transport, seconds=0.05)
        with pytest.raises(CallFailed):
            await call(world, transport, seconds=0.05)
    assert (failed.value.was_sent, failed.value.reason) == (True, "no answer came in time")
    assert world.connections == 2


async def test_a_second_response_closes_the_connection() -> None:
    """A server that sends two responses to one request: the second is not taken for that of the next request."""
    two = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"

    async def twice(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await server.request(reader)
            await server.send(writer, two)

    async with on_stage(twice) as world, Transport(name="test") as transport:
        assert [(await call(world, transport)).body for _ in range(2)] == [b"1", b"1"]
    assert world.connections == 2


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"http://{NO_LISTENER}:9/", "no connection could be made"),
        ("http://no-such-host.invalid/", "its host name could not be resolved"),
    ],
)
async def test_without_a_connection_nothing_was_sent(url: str, reason: str) -> None:
    """The call can be repeated."""
    async with Transport(name="test") as transport:
        with pytest.raises(CallFailed) as failed:
            await transport.call("POST", url, operation="test", timeout=timedelta(seconds=10), data=b"post")
    assert (failed.value.was_sent, failed.value.reason) == (False, reason)


async def test_a_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate without a trusted issuer, or for another name, is refused before anything is sent."""
    cert_file, context = certificate(tmp_path, "localhost")
    async with on_stage(many, context=context) as world, Transport(name="test") as transport:
        for url in (f"https://{OUTSIDE}:{world.port}/", f"https://{OUTSIDE}:{world.port}/again"):
            with pytest.raises(CallFailed) as failed:
                await transport.call("POST", url, operation="test", timeout=timedelta(seconds=10), data=b"post")
            assert (failed.value.was_sent, failed.value.reason) == (False, "no safe connection could be made")
            trusting = ssl.create_default_context(cafile=str(cert_file))
            monkeypatch.setattr(
                connections, "_tls", lambda trusting=trusting: trusting
            )  # trusts it, for "localhost" only
    assert world.requests == []


async def test_a_line_end_in_a_header_is_refused() -> None:
    """Nothing is sent: a token with a line end could add a header, or a request."""
    async with on_stage(many) as world, Transport(name="test") as transport:
        with pytest.raises(ValueError, match="line end"):
            await call(world, transport, token="a\r\nX-Other: b")
    assert world.connections == 0
