"""The HTTP client of the platforms: it sends a call once, only to the given URL, and nothing once it is closed."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from tests.platforms.rows import each_row
from tests.safe_http.hostile import OUTSIDE, Hostile, Names, answers, guard_of, on_stage

from presswork.platforms.transport import CallFailed, Reply, Transport
from presswork.safe_http.guard import AddressGuard


async def test_a_closed_transport_opens_nothing() -> None:
    """A call after `aclose` fails as one that was not sent, and leaves no connection open."""
    transport = Transport(name="test")
    await transport.aclose()
    with pytest.raises(CallFailed) as failed:
        await transport.call("GET", "http://127.0.0.1:1/", operation="test", timeout=timedelta(seconds=1))
    assert (failed.value.was_sent, failed.value.reason) == (False, "this process is stopping")


@each_row(
    ("header", "seconds"),
    [
        ("0", None),
        ("1", 1),
        ("30", 30),
        ("86401", 86_400),
        ("999999999", 86_400),
        ("9" * 30, None),
        ("²", None),
        ("soon", None),
    ],
)
def test_retry_after(header: str, seconds: int | None) -> None:
    """A Retry-After in seconds counts up to a day; zero, a date, or nonsense, is no hint: the caller's own wait holds."""
    wait = None if seconds is None else timedelta(seconds=seconds)
    assert Reply(status=429, headers={"retry-after": header}, body=b"").retry_after == wait
    assert Reply(status=429, headers={}, body=b"").retry_after is None


async def test_a_fresh_call_can_not_meet_a_closed_connection() -> None:
    """The server closes each connection once it has answered: a call that must not get lost makes its own."""
    connections: list[asyncio.StreamWriter] = []
    read = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal read
        await reader.readuntil(b"\r\n\r\n")
        read += 1
        connections.append(writer)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}")
        await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/posts"
    async with server, Transport(name="test") as transport:
        for is_fresh in (False, True, True, True):
            await transport.call("POST", url, operation="x", timeout=timedelta(seconds=10), data=b"", is_fresh=is_fresh)
            connections.pop().transport.abort()
    assert read == 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    """A redirect is returned as a response: neither a token nor a file is sent to the redirect's target."""
    async with on_stage(answers()) as elsewhere:
        location = f"Location: http://{OUTSIDE}:{elsewhere.port}/"
        async with on_stage(answers(f"{status} Go", location)) as world, Transport(name="test") as transport:
            url = f"http://{OUTSIDE}:{world.port}/"
            reply = await transport.call(
                "POST", url, operation="test", timeout=timedelta(seconds=10), token="secret", data=b"file"
            )
    assert (reply.status, elsewhere.connections) == (status, 0)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://127.0.0.1:99999/", "ftp://127.0.0.1/", "upload", "http://127.0.0.1:1\\@example.com/"]
)
async def test_an_address_that_is_none_is_not_called(url: str) -> None:
    """A platform returned a broken upload address: nothing was sent, and the call does not crash."""
    async with Transport(name="test") as transport:
        with pytest.raises(CallFailed) as failed:
            await transport.call("PUT", url, operation="test", timeout=timedelta(seconds=10), data=b"chunk")
    assert (failed.value.was_sent, failed.value.reason) == (False, "its address is not valid")


async def test_a_signed_address_is_sent_as_it_is() -> None:
    """The spelling of percent-encoded characters stays: a signature may cover it."""
    async with on_stage(answers()) as world, Transport(name="test") as transport:
        url = f"http://{OUTSIDE}:{world.port}/a%2fb%7E?c=%41+d&e=%c3%a9"
        await transport.call("GET", url, operation="test", timeout=timedelta(seconds=10))
    assert [request.split()[1] for request in world.requests] == [b"/a%2fb%7E?c=%41+d&e=%c3%a9"]


async def cuts_the_second(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the first request of a connection and keep it open; cut it once the second has arrived completely."""
    await server.request(reader)
    await server.send(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    await server.request(reader)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_a_call_on_a_cut_connection_is_not_sent_again(method: str) -> None:
    """A kept-alive connection breaks after the platform has the request, the last chunk of an upload for example.

    The platform gets it once, and the call fails as one that may have had an effect.
    """
    async with on_stage(cuts_the_second) as world, Transport(name="test") as transport:
        url = f"http://{OUTSIDE}:{world.port}/"
        minute = timedelta(minutes=1)
        await transport.call("GET", url, operation="first", timeout=minute)
        with pytest.raises(CallFailed) as failed:
            await transport.call(method, url, operation="second", timeout=minute, data=b"chunk")
    assert failed.value.was_sent
    assert [request.split()[0].decode() for request in world.requests] == ["GET", method]


async def test_aiohttp_alone_would_send_it_again() -> None:
    """The reason for the safeguard: by default the platform gets a PUT twice whose connection was cut.

    If this fails, aiohttp has changed; check `_retry_connection` and the test above before raising the upper bound.
    """
    async with on_stage(cuts_the_second) as world, aiohttp.ClientSession() as session:
        url = f"http://{OUTSIDE}:{world.port}/"
        await (await session.get(url)).read()
        await (await session.put(url, data=b"chunk")).read()
    assert [request.split()[0] for request in world.requests] == [b"GET", b"PUT", b"PUT"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://10.0.0.1/", "https://localhost/", "ftp://example.com/"]
)
async def test_a_guarded_call_refuses_addresses_that_are_not_public(url: str) -> None:
    """An address that an account's owner chose leads into the operator's network: nothing is sent."""
    async with Transport(name="test") as transport:
        with pytest.raises(CallFailed) as failed:
            await transport.call("GET", url, operation="test", timeout=timedelta(seconds=10), is_guarded=True)
    assert (failed.value.was_sent, failed.value.reason) == (False, "its address is not valid")


async def test_a_guarded_call_refuses_names_that_lead_inside() -> None:
    """A name resolves to an address that is not public: no connection is made, and the reason names no address."""
    names = Names(inside=[["127.0.0.1"]])
    async with on_stage(answers()) as world, Transport(name="test", guard=AddressGuard(resolver=names)) as transport:
        with pytest.raises(CallFailed) as failed:
            await transport.call(
                "GET",
                f"http://inside:{world.port}/",
                operation="test",
                timeout=timedelta(seconds=10),
                is_guarded=True,
            )
    assert (failed.value.was_sent, failed.value.reason) == (False, "its address is not public")
    assert world.connections == 0


async def test_a_guarded_call_reaches_public_servers() -> None:
    """A call through the guard is like any other: one request, whose redirect is returned and whose body is not unpacked."""
    async with (
        on_stage(answers("302 Go", "Location: http://elsewhere.example/")) as world,
        Transport(name="test", guard=guard_of(Names(outside=[[OUTSIDE]]))) as transport,
    ):
        reply = await transport.call(
            "POST",
            f"http://outside:{world.port}/",
            operation="test",
            timeout=timedelta(seconds=10),
            data=b"picture",
            is_guarded=True,
        )
    assert reply.status == 302
    [request] = world.requests
    assert b"accept-encoding: identity" in request.lower()
