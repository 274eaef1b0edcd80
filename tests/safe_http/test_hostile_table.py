"""The table of hostile cases: what an untrusted URL, name or server does, and the result for both clients.

Each row runs twice on loopback: as a POST, like a webhook delivery, and as a fetch, like a media import.
No internal server gets a request, no message contains a resolved address, and no more is read than the limits allow.
"""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.every_row import every_row
from tests.safe_http.hostile import (
    INSIDE,
    NO_LISTENER,
    OUTSIDE,
    Names,
    Play,
    answers,
    drips,
    floods,
    guard_of,
    holds,
    says,
    two_stages,
)

from presswork.core.errors import MediaUnreachable
from presswork.media.fetch import FetchLimits, fetch_to_file
from presswork.safe_http.client import GuardedClient, PostLimits
from presswork.safe_http.failure import FailureKind, GuardedFailure

MAX_MEDIA_BYTES = 200_000
# For rows where the server is slow: short enough to wait for. All others use the limits of production.
SHORT_POST = PostLimits(
    connect=timedelta(seconds=0.3), response=timedelta(seconds=0.3), excerpt=timedelta(seconds=0.1), excerpt_bytes=4096
)
SHORT_FETCH = FetchLimits(
    total=timedelta(seconds=5),
    connect=timedelta(seconds=0.3),
    headers=timedelta(seconds=0.3),
    silence=timedelta(seconds=0.3),
    least_bytes_per_second=10_000,
    least_rate_after=timedelta(seconds=0.1),
)
LONG = timedelta(seconds=30)
# What the sockets of both ends buffer on loopback, in addition to what is read.
MAX_SENT_BYTES = 32 * 1024 * 1024

URL_REFUSED, ADDRESS_REFUSED = FailureKind.REFUSED_URL, FailureKind.REFUSED_ADDRESS
DNS, PROTOCOL, TIMEOUT, TOO_LARGE = FailureKind.DNS, FailureKind.PROTOCOL, FailureKind.TIMEOUT, FailureKind.TOO_LARGE
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(20_000_000), compresslevel=1)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One hostile case. `{port}` in the URL and in a Location is replaced by the servers' port."""

    name: str
    url: str = "http://outside.example:{port}/"
    names: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=lambda: {"outside": [[OUTSIDE]]})
    play: Play = field(default_factory=answers)
    post: FailureKind | int  # the kind of the failure, or the status
    fetch: str | bytes  # part of the message, or the file that was fetched
    calls: int = 1  # requests that reach the outside server, of the POST
    is_slow: bool = False


def spelled(name: str, host: str, post: FailureKind = ADDRESS_REFUSED, fetch: str = "not public") -> Row:
    """A URL with an internal address, or an invalid one: no connection is made."""
    return Row(name=name, url=f"http://{host}/", post=post, fetch=fetch, calls=0)


def named(name: str, *lists: Sequence[str], post: FailureKind = ADDRESS_REFUSED, fetch: str = "not public") -> Row:
    """A name that resolves to these addresses."""
    return Row(name=name, names={"outside": lists}, post=post, fetch=fetch, calls=0)


def redirecting(name: str, to: str, fetch: str, status: str = "302 Found") -> Row:
    """A redirect. A POST returns it as the response and does not follow it."""
    return Row(name=name, play=answers(status, f"Location: {to}"), post=int(status[:3]), fetch=fetch)


ODD = "odd spelling"
NO_NAME = "no proper host name"
ADDRESSES = [
    spelled("loopback", "127.0.0.1:{port}"),
    spelled("decimal", "2130706433:{port}", URL_REFUSED, ODD),
    spelled("octal", "0177.0.0.1:{port}", URL_REFUSED, ODD),
    spelled("octal whole", "017700000001:{port}", URL_REFUSED, ODD),
    spelled("hex", "0x7f.0.0.1:{port}", URL_REFUSED, ODD),
    spelled("hex whole", "0x7f000001:{port}", URL_REFUSED, ODD),
    spelled("short", "127.1:{port}", URL_REFUSED, ODD),
    spelled("mixed", "127.0x0.0.01:{port}", URL_REFUSED, ODD),
    spelled("over the top", "127.0.0.257:{port}", URL_REFUSED, ODD),
    spelled("full width", "１２７.０.０.１:{port}"),
    spelled("ideographic dots", "127。0。0。1:{port}"),
    spelled("percent", "%31%32%37.0.0.1:{port}", URL_REFUSED, "can't be"),
    spelled("trailing dot on an address", "127.0.0.1.:{port}"),
    spelled("two trailing dots", "outside.example..:{port}", URL_REFUSED, NO_NAME),
    spelled("this host", "0.0.0.0:{port}"),
    spelled("zero", "0:{port}", URL_REFUSED, ODD),
    spelled("any IPv6", "[::]:{port}"),
    spelled("loopback IPv6", "[::1]:{port}"),
    spelled("loopback IPv6 at length", "[0:0:0:0:0:0:0:1]:{port}"),
    spelled("mapped", "[::ffff:127.0.0.1]:{port}"),
    spelled("mapped in hex", "[::ffff:7f00:1]:{port}"),
    spelled("IPv4-compatible", "[::127.0.0.1]:{port}"),
    spelled("NAT64", "[64:ff9b::7f00:1]:{port}"),
    spelled("local NAT64", "[64:ff9b:1::7f00:1]:{port}"),
    spelled("6to4", "[2002:7f00:1::]:{port}"),
    spelled("link-local", "[fe80::1]:{port}"),
    spelled("scoped", "[fe80::1%25lo]:{port}"),
    spelled("scoped without escape", "[fe80::1%lo]:{port}"),
    spelled("IPvFuture", "[v1.127.0.0.1]:{port}", URL_REFUSED, "can't be"),
    spelled("metadata", "169.254.169.254"),
    spelled("metadata IPv6", "[fd00:ec2::254]"),
    spelled("localhost", "localhost:{port}"),
    spelled("localhost with a dot", "localhost.:{port}"),
    spelled("LOCALHOST", "LOCALHOST:{port}"),
    spelled("below localhost", "a.localhost:{port}"),
    spelled("user", "user@127.0.0.1:{port}", URL_REFUSED, "user name"),
    spelled("user like a host", "outside.example:80@127.0.0.1:{port}", URL_REFUSED, "user name"),
    Row(name="empty user", url="http://@outside.example:{port}/", post=200, fetch=b"media"),
    spelled("backslash", "outside.example\\@127.0.0.1:{port}", URL_REFUSED, "can't be"),
    spelled("backslash without user", "127.0.0.1\\.outside.example:{port}", URL_REFUSED, "can't be"),
    spelled("line break in the host", "outside.example\r\nHost: localhost", URL_REFUSED, "control characters"),
    spelled("line break in the path", "outside.example:{port}/ HTTP/1.1\r\nX: y", URL_REFUSED, "control characters"),
    spelled("tab", "outside\t.example:{port}", URL_REFUSED, "control characters"),
    spelled("nul", "outside.example\x00:{port}", URL_REFUSED, "control characters"),
    spelled("no host", ":{port}", URL_REFUSED, "can't be"),
    spelled("long label", "a" * 64 + ".example:{port}", URL_REFUSED, NO_NAME),
    spelled("long name", "a." * 127 + "example:{port}", URL_REFUSED, NO_NAME),
    spelled("percent in the name", "outside%2eexample%2f.example:{port}", URL_REFUSED, "can't be"),
    spelled("bad punycode", "xn--a-.example", URL_REFUSED, "can't be"),
    spelled("punycode of nothing", "xn--999999b.example", URL_REFUSED, "can't be"),
    spelled("SSH's port", "outside.example:22", URL_REFUSED, "Port 22"),
    spelled("port zero", "outside.example:0", URL_REFUSED, "Port 0"),
    spelled("port too high", "outside.example:65536", URL_REFUSED, "can't be"),
    spelled("negative port", "outside.example:-1", URL_REFUSED, "can't be"),
    Row(name="ftp", url="ftp://outside.example:{port}/", post=URL_REFUSED, fetch="Only http", calls=0),
    Row(name="file", url="file:///etc/passwd", post=URL_REFUSED, fetch="fetched", calls=0),
    Row(name="gopher", url="gopher://outside.example:{port}/_x", post=URL_REFUSED, fetch="fetched", calls=0),
    Row(name="data", url="data:image/png;base64,AAAA", post=URL_REFUSED, fetch="fetched", calls=0),
    Row(name="no scheme", url="//outside.example:{port}/", post=URL_REFUSED, fetch="fetched", calls=0),
    Row(name="fragment", url="http://outside.example:{port}#@127.0.0.1/", post=200, fetch=b"media"),
    Row(name="query", url="http://outside.example:{port}?@127.0.0.1/", post=200, fetch=b"media"),
    Row(name="upper case", url="HTTP://OUTSIDE.EXAMPLE.:{port}/", post=200, fetch=b"media"),
]
NAMES = [
    named("a private name", [INSIDE]),
    named("a private name in IPv6", ["fd00::1"]),
    named("a mapped answer", ["::ffff:127.0.0.1"]),
    named("a NAT64 answer", ["64:ff9b::7f00:1"]),
    named("a scoped answer", ["fe80::1%lo"]),
    named("an answer that is no address", ["inside.example"]),
    named("an answer in decimal", ["2130706433"]),
    named("public first, private second", [OUTSIDE, INSIDE]),
    named("private first, public second", [INSIDE, OUTSIDE]),
    named("one private among a hundred", [*[OUTSIDE] * 99, INSIDE]),
    named("a rebinding name, private by the time of the call", [INSIDE], [OUTSIDE]),
    named("a name without addresses", [], post=DNS, fetch="could not be resolved"),
    Row(name="no such name", names={}, post=DNS, fetch="could not be resolved", calls=0),
    Row(name="down here, up there", names={"outside": [[NO_LISTENER, OUTSIDE]]}, post=200, fetch=b"media"),
    Row(
        name="an international name that leads inside",
        url="http://bücher.example:{port}/",
        names={"xn--bcher-kva": [[INSIDE]]},
        post=ADDRESS_REFUSED,
        fetch="not public",
        calls=0,
    ),
]
REDIRECTS = [
    redirecting("redirect inside", "http://127.0.0.1:{port}/", "not public"),
    redirecting("permanent redirect inside", "http://127.0.0.1:{port}/", "not public", "308 Permanent Redirect"),
    redirecting("redirect inside by name", "//inside.example:{port}/", "not public"),
    redirecting("redirect to decimal", "http://2130706433:{port}/", ODD),
    redirecting("redirect to localhost", "http://localhost:{port}/", "not public"),
    redirecting("redirect to metadata", "http://169.254.169.254/latest/", "not public"),
    redirecting("redirect with a user", "http://me@outside.example:{port}/", "user name"),
    redirecting("redirect to a file", "file:///etc/passwd", "fetched"),
    redirecting("redirect to gopher", "gopher://outside.example:{port}/_x", "Only http"),
    redirecting("redirect to data", "data:image/png;base64,AAAA", "fetched"),
    redirecting("redirect to javascript", "javascript:alert(1)", "fetched"),
    redirecting("redirect to SSH", "http://outside.example:22/", "Port 22"),
    redirecting("redirect to no URL", "http://[", "no URL"),
    redirecting("redirect in a circle", "/", "redirects more than 5 times"),
    redirecting("redirect by 307 in a circle", "/", "redirects more than 5 times", "307 Temporary Redirect"),
    Row(
        name="a name that leads inside for the second hop",
        names={"outside": [[OUTSIDE], [INSIDE]]},
        play=answers("302 Found", "Location: /again"),
        post=302,
        fetch="not public",
    ),
    Row(name="redirect to nowhere", play=answers("302 Found"), post=302, fetch="without a Location"),
    Row(
        name="redirect with bytes",
        play=says(b"HTTP/1.1 302 F\r\nLocation: http://\xff\xfe/\r\n\r\n"),
        post=302,
        fetch="URL",
    ),
]
ANSWERS = [
    Row(name="an honest server", play=answers(), post=200, fetch=b"media"),
    Row(name="asks for a password", play=answers("401 No", 'WWW-Authenticate: Basic realm="x"'), post=401, fetch="401"),
    Row(name="asks by digest", play=answers("401 No", "WWW-Authenticate: Digest nonce=1"), post=401, fetch="401"),
    Row(name="asks for a proxy password", play=answers("407 No", "Proxy-Authenticate: Basic"), post=407, fetch="407"),
    Row(name="gone", play=answers("410 Gone"), post=410, fetch="answers 410"),
    Row(name="an odd status", play=answers("799 What"), post=799, fetch="answers 799"),
    Row(name="switches protocols", play=holds(b"HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n"), post=PROTOCOL, fetch="101"),
    Row(name="offers an upgrade", play=answers("200 OK", "Upgrade: h2c, websocket"), post=200, fetch=b"media"),
    Row(name="a header with a NUL", play=answers("200 OK", "X: a\x00b"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="a header of no text", play=says(OK + b"X: \xff\x01\r\nContent-Length: 5\r\n\r\nmedia"), post=200, fetch=b"media"),
    Row(name="cookies", play=answers("200 OK", "Set-Cookie: a=b", "Set-Cookie: c=\x01"), post=200, fetch=b"media"),
    Row(name="length too long", play=says(OK + b"Content-Length: 1000\r\n\r\nshort"), post=200, fetch="before its response was complete"),
    Row(name="length too short", play=says(OK + b"Content-Length: 5\r\n\r\nmedia and more"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="negative length", play=says(OK + b"Content-Length: -5\r\n\r\nshort"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="no number", play=says(OK + b"Content-Length: five\r\n\r\nshort"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(
        name="huge length",
        play=holds(OK + b"Content-Length: 99999999999999999999999999\r\n\r\n"),
        post=PROTOCOL,
        fetch="valid HTTP response",
    ),
    Row(
        name="two lengths",
        play=says(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nshort."),
        post=PROTOCOL,
        fetch="valid HTTP response",
    ),
    Row(
        name="length and chunks",
        play=says(OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nmedia\r\n0\r\n\r\n"),
        post=PROTOCOL,
        fetch="valid HTTP response",
    ),
    Row(name="chunks cut off", play=says(CHUNKED + b"5\r\nshort\r\n"), post=200, fetch="before its response was complete"),
    Row(name="no chunks", play=says(CHUNKED + b"nonsense\r\n"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="a negative chunk", play=says(CHUNKED + b"-5\r\nshort\r\n"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="a huge chunk", play=says(CHUNKED + b"f" * 40 + b"\r\nshort\r\n"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="spaces before headers", play=says(OK + b" X: y\r\n\r\n"), post=200, fetch="empty file"),
    Row(name="another protocol", play=says(b"SSH-2.0-OpenSSH_9.9\r\n"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="HTTP/2", play=says(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="HTTP/0.9", play=says(b"<html>hello</html>"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="nothing at all", play=says(b""), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="an empty body", play=says(OK + b"Content-Length: 0\r\n\r\n"), post=200, fetch="empty file"),
    Row(name="zeros", play=says(bytes(10_000)), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="a long header", play=says(OK + b"X: " + b"a" * 100_000 + b"\r\n\r\n"), post=TOO_LARGE, fetch="more headers"),
    Row(name="a long reason", play=says(b"HTTP/1.1 200 " + b"a" * 100_000 + b"\r\n\r\n"), post=TOO_LARGE, fetch="more headers"),
    Row(name="many headers", play=says(OK + b"X: y\r\n" * 5000 + b"\r\n"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="endless headers", play=floods(OK, b"X: y\r\n"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="an endless header", play=floods(OK + b"X: ", b"a"), post=TOO_LARGE, fetch="more headers"),
    Row(name="endless interim answers", play=floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), post=TOO_LARGE, fetch="more"),
    Row(name="endless early hints", play=floods(b"", b"HTTP/1.1 103 H\r\nLink: </a>\r\n\r\n"), post=TOO_LARGE, fetch="more"),
    Row(name="an interim answer", play=says(b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nmedia"), post=200, fetch=b"media"),
    Row(name="an endless body", play=floods(OK + b"\r\n", b"x"), post=200, fetch="larger than"),
    Row(name="an endless body of a length", play=floods(OK + b"Content-Length: 999999999999\r\n\r\n", b"x"), post=200, fetch="larger than"),
    Row(name="an endless body in small chunks", play=floods(CHUNKED, b"1\r\nx\r\n"), post=200, fetch="more data than"),
    Row(name="an endless chunk extension", play=floods(CHUNKED + b"5;", b"x"), post=200, fetch="more data than"),
    Row(name="endless trailers", play=floods(CHUNKED + b"5\r\nmedia\r\n0\r\n", b"X: y\r\n"), post=PROTOCOL, fetch="valid HTTP response"),
    Row(name="a gzip bomb", play=answers("200 OK", "Content-Encoding: gzip", body=BOMB), post=200, fetch="compressed"),
    Row(name="a deflate bomb", play=answers("200 OK", "Content-Encoding: deflate", body=BOMB), post=200, fetch="compressed"),
    Row(name="a bomb twice packed", play=answers("200 OK", "Content-Encoding: gzip, gzip", body=BOMB), post=200, fetch="compressed"),
    Row(name="a packed transfer", play=says(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nmedia\r\n0\r\n\r\n"), post=200, fetch=b"media"),
    Row(name="takes the call and is silent", play=holds(b""), post=TIMEOUT, fetch="takes too long", is_slow=True),
    Row(name="slow headers", play=drips(OK + b"X: ", b"x"), post=TIMEOUT, fetch="takes too long", is_slow=True),
    Row(name="slow interim answers", play=drips(b"", b"HTTP/1.1 102 P\r\n\r\n"), post=TOO_LARGE, fetch="more data than"),
    Row(name="half a header", play=holds(OK + b"X: "), post=TIMEOUT, fetch="takes too long", is_slow=True),
    Row(name="a slow body", play=drips(OK + b"Content-Length: 100000\r\n\r\n", b"x"), post=200, fetch="too slowly", is_slow=True),
    Row(name="a silent body", play=holds(OK + b"Content-Length: 100000\r\n\r\nxx"), post=200, fetch="stops sending", is_slow=True),
    Row(name="a slow chunk", play=drips(CHUNKED, b"1\r\nx\r\n"), post=200, fetch="too slowly", is_slow=True),
]  # fmt: skip


async def _post(row: Row, url: str, names: Names) -> tuple[FailureKind | int, str]:
    """POST like a webhook delivery; return the result and its message."""
    # A limit that the row is not about is long, so that a slow machine does not meet it.
    short = SHORT_POST if row.post is TIMEOUT else replace(SHORT_POST, connect=LONG, response=LONG)
    async with GuardedClient(guard_of(names), short if row.is_slow else None) as client:
        try:
            answer = await client.post(url, body=b"{}", headers={"content-type": "application/json"})
        except GuardedFailure as failure:
            return failure.kind, failure.message
    assert len(answer.excerpt) <= PostLimits().excerpt_bytes
    return answer.status, ""


async def _fetch(row: Row, url: str, names: Names, dest: Path) -> str:
    """Fetch like a media import; return the message of a failure, or nothing."""
    short = SHORT_FETCH if row.fetch == "takes too long" else replace(SHORT_FETCH, connect=LONG, headers=LONG)
    if row.fetch == "too slowly":
        short = replace(short, silence=LONG)
    limits = short if row.is_slow else None
    try:
        await fetch_to_file(url, dest, max_bytes=MAX_MEDIA_BYTES, limits=limits, guard=guard_of(names))
    except MediaUnreachable as failure:
        return failure.message
    return ""


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


@pytest.mark.parametrize(
    "table", [ADDRESSES, NAMES, REDIRECTS, ANSWERS], ids=["addresses", "names", "redirects", "answers"]
)
async def test_no_case_gains_access(table: Sequence[Row], tmp_path: Path) -> None:
    """Whatever a row does, a POST and a fetch end as expected, no internal server gets a request, and little is read."""
    with every_row() as checking:
        for number, row in enumerate(table):
            with checking(row.name):
                await _check(row, tmp_path / str(number))


async def _check(row: Row, file: Path) -> None:
    """POST and fetch as the row says."""
    async with two_stages(row.play) as (outside, inside):
        url = row.url.replace("{port}", str(outside.port))
        leads = {"inside": [[INSIDE]], **row.names}
        outcome, said_of_post = await _post(row, url, Names(**leads))
        posts = len(outside.requests)
        said_of_fetch = await _fetch(row, url, Names(**leads), file)
    assert (outcome, posts) == (row.post, row.calls)
    if isinstance(row.fetch, bytes):
        assert (_content(file), said_of_fetch) == (row.fetch, "")
    else:
        assert (_content(file), row.fetch in said_of_fetch) == (None, True), said_of_fetch
    assert INSIDE not in said_of_post + said_of_fetch
    assert inside.connections == 0
    assert outside.sent_bytes < MAX_SENT_BYTES
    assert not any(name in head.lower() for head in outside.requests for name in (b"\ncookie:", b"\nauthorization:"))
