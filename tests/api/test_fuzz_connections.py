"""Hypothesis over raw requests: numbers and sizes of headers, bodies, framing and splits into packets.

Whatever is sent, the server answers as the limits say or closes the connection, and serves the next client. `make fuzz`
draws more examples from a new seed.
"""

import asyncio
import errno
import re
import socket
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api_server import Api
from tests.tiers import fuzz_examples

from presswork.api.http.protocol import MAX_HEAD_BYTES, MAX_HEADERS

EXAMPLES_PER_OPTION: Final = 5
"""Raw requests are cheap: more of them than the option for the API's operations says."""
_TIMEOUT_SECONDS: Final = 20
_START: Final = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n")

Address = tuple[str, int]

NAMES: Final = st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True).filter(
    lambda name: (
        name.lower() not in {b"host", b"connection", b"content-length", b"transfer-encoding", b"upgrade", b"expect"}
    )
)
SIZES: Final = st.one_of(st.integers(0, 200), st.integers(0, 2 * MAX_HEAD_BYTES))


@st.composite
def heads(draw: st.DrawFn) -> bytes:
    """Draw a complete head with any number and any sizes of headers."""
    count = draw(st.one_of(st.integers(0, 8), st.integers(MAX_HEADERS - 8, MAX_HEADERS + 8), st.integers(0, 2000)))
    large = draw(st.dictionaries(st.integers(0, max(0, count - 1)), SIZES, max_size=3)) if count else {}
    name = draw(NAMES)
    headers = (b"%s-%d: %s\r\n" % (name, index, b"a" * large.get(index, 1)) for index in range(count))
    return _START + b"".join(headers) + b"\r\n"


@st.composite
def pieces(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> Sequence[bytes]:
    """Draw bytes, split at any places."""
    data = draw(whole)
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=6)))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Draw requests with bodies whose framing is valid, contradictory, broken or incomplete, one behind the other."""
    framing = (
        b"Content-Length: 3\r\n\r\nabc",
        b"Content-Length: 0\r\n\r\n",
        b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: identity\r\n\r\n",
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        b"X: a\r\n folded\r\n\r\n",
        b"X : a\r\n\r\n",
        b"\r\n",
    )
    targets = (b"/v1/projects", b"/healthz", b"/oauth/callback/tiktok", b"*", b"http://[::1", b"//x", b"/%", b"/\x00")
    hosts = (b"Host: localhost\r\n", b"Host: evil.example\r\n", b"", b"Host: localhost\r\nHost: localhost\r\n")
    methods = (b"GET", b"POST", b"HEAD", b"OPTIONS", b"CONNECT", b"PATCH", b"get", b"M-SEARCH")

    def message() -> bytes:
        line = draw(st.sampled_from(methods)) + b" " + draw(st.sampled_from(targets)) + b" HTTP/1.1\r\n"
        noise = draw(st.binary(max_size=20)) if draw(st.integers(0, 5)) == 0 else b""
        return line + draw(st.sampled_from(hosts)) + draw(st.sampled_from(framing)) + noise

    return b"".join(message() for _ in range(draw(st.integers(1, 4))))


def _exchange(address: Address, parts: Sequence[bytes], *, then_close: bool = False) -> bytes:
    """Send parts, each in a packet if the kernel sends it as such, and return everything that comes back.

    `then_close`: end the requests, so that the server does not wait for more.
    """
    received = bytearray()
    with socket.create_connection(address, timeout=_TIMEOUT_SECONDS) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for part in parts:
                client.sendall(part)
            if then_close:
                client.shutdown(socket.SHUT_WR)
            while data := client.recv(65536):
                received += data
        except OSError as error:  # the server has closed the connection, which it may do after a response
            if not isinstance(error, ConnectionError) and error.errno != errno.ENOTCONN:
                raise
    return bytes(received)


def _is_within_limits(head: bytes) -> bool | None:
    """Whether a head may be served; None close to the limit on bytes, where the white space of headers decides."""
    if head.count(b"\r\n") - 2 > MAX_HEADERS:
        return False
    return None if abs(len(head) - MAX_HEAD_BYTES) < 1024 else len(head) < MAX_HEAD_BYTES


def _run(test: Callable[..., None], examples: int, **strategies: st.SearchStrategy[Sequence[bytes]]) -> None:
    settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))(given(**strategies)(test))()


async def test_heads_are_refused_exactly_beyond_the_limits(api: Api, pytestconfig: pytest.Config) -> None:
    """Any number, sizes and splits of headers return 200 within the limits and 431 beyond them."""
    place = urlsplit(api.base_url)
    address = (str(place.hostname), place.port or 0)
    examples = fuzz_examples(pytestconfig) * EXAMPLES_PER_OPTION

    def check(parts: Sequence[bytes]) -> None:
        statuses = [int(status) for status in _STATUS.findall(_exchange(address, parts))]
        expected = {True: [[200]], False: [[431]], None: [[200], [431]]}[_is_within_limits(b"".join(parts))]
        assert statuses in expected

    await asyncio.to_thread(_run, check, examples, parts=pieces(heads()))


async def test_no_bytes_stop_the_server(api: Api, pytestconfig: pytest.Config) -> None:
    """Valid, contradictory and broken requests, in any order and any packets, never cause a 5xx or a server that hangs."""
    place = urlsplit(api.base_url)
    address = (str(place.hostname), place.port or 0)
    examples = fuzz_examples(pytestconfig) * EXAMPLES_PER_OPTION

    def check(parts: Sequence[bytes]) -> None:
        statuses = [int(status) for status in _STATUS.findall(_exchange(address, parts, then_close=True))]
        assert all(status < 500 for status in statuses), statuses
        assert _STATUS.match(_exchange(address, [_START, b"\r\n"])), "the next client is served"

    await asyncio.to_thread(_run, check, examples, parts=pieces(messages()))
