"""A hostile server, and names that resolve to hostile addresses."""

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from presswork.safe_http.guard import AddressGuard, IPAddress, is_public

OUTSIDE = "127.0.0.3"  # the tests treat it as the internet
NO_LISTENER = "127.0.0.4"  # the same, but without a listener
INSIDE = "127.0.0.1"  # and this one as our own network

Play = Callable[["Hostile", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Hostile:
    """A server that runs one script for every client, and records the requests."""

    play: Play
    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    sent_bytes: int = 0
    visits: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Run the script for one client until either side closes."""
        self.connections += 1
        visit = asyncio.current_task()
        assert visit is not None
        self.visits.add(visit)
        try:
            await self.play(self, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client closed, which is what most scripts wait for, or the server was stopped
        finally:
            writer.close()
            self.visits.discard(visit)

    async def request(self, reader: asyncio.StreamReader) -> bytes:
        """Read one request, including its body, and return its head."""
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.split(b":")[1]))
        self.requests.append(head)
        return head

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send bytes as fast as they are received."""
        writer.write(data)
        await writer.drain()
        self.sent_bytes += len(data)


def says(*parts: bytes) -> Play:
    """Answer one request with these bytes and close the connection."""

    async def play(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.request(reader)
        for part in parts:
            await server.send(writer, part.replace(b"{port}", str(server.port).encode()))

    return play


def answers(status: str = "200 OK", *headers: str, body: bytes = b"media") -> Play:
    """Answer one request properly; `{port}` in a header is replaced by the server's port."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    return says("\r\n".join(lines).encode() + b"\r\n\r\n", body)


def holds(start: bytes) -> Play:
    """Begin a response and stop sending, until the client closes."""

    async def play(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.request(reader)
        await server.send(writer, start)
        await reader.read()

    return play


def floods(start: bytes, chunk: bytes) -> Play:
    """Begin a response and repeat the same bytes for ever."""

    async def play(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.request(reader)
        many = chunk * max(1, 65536 // len(chunk))
        await server.send(writer, start + many)
        while True:
            await server.send(writer, many)

    return play


def drips(start: bytes, drop: bytes) -> Play:
    """Begin a response and continue byte by byte, a hundred in a second."""

    async def play(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.request(reader)
        await server.send(writer, start)
        while True:
            await server.send(writer, drop)
            await asyncio.sleep(0.01)

    return play


def listeners(*hosts: str) -> list[socket.socket]:
    """Listen on each address, all on one free port."""
    while True:
        made: list[socket.socket] = []
        try:
            for host in hosts:
                made.append(socket.create_server((host, made[0].getsockname()[1] if made else 0)))
        except OSError:
            for each in made:
                each.close()
        else:
            return made


@asynccontextmanager
async def on_stage(
    play: Play, *, listener: socket.socket | None = None, context: ssl.SSLContext | None = None
) -> AsyncIterator[Hostile]:
    """Serve one script on the outside address unless `listener` is another one."""
    listener = listener or listeners(OUTSIDE)[0]
    hostile = Hostile(play, listener.getsockname()[1])
    async with await asyncio.start_server(hostile.serve, sock=listener, ssl=context):
        yield hostile
        for visit in hostile.visits:
            visit.cancel()
        await asyncio.gather(*hostile.visits)


@asynccontextmanager
async def two_stages(play: Play) -> AsyncIterator[tuple[Hostile, Hostile]]:
    """Serve one script outside, and a server inside that must not get any request, on the same port."""
    outer, inner = listeners(OUTSIDE, INSIDE)
    async with on_stage(play, listener=outer) as outside, on_stage(answers(), listener=inner) as inside:
        yield outside, inside


class Names(AbstractResolver):
    """Resolves each name to its next list of addresses, the last one for ever, and counts the look-ups."""

    def __init__(self, **addresses: Sequence[Sequence[str]]) -> None:
        """Store the addresses of each name, without its domain."""
        self.addresses = {name: list(each) for name, each in addresses.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the next addresses."""
        self.asked.append(host)
        lists = self.addresses.get(host.split(".", maxsplit=1)[0])
        if lists is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        addresses = lists.pop(0) if len(lists) > 1 else lists[0]
        return [
            {"hostname": host, "host": each, "port": port, "family": family, "proto": 0, "flags": 0}
            for each in addresses
        ]

    async def close(self) -> None:
        """Do nothing; there is nothing to close."""


def with_a_stage(address: IPAddress) -> bool:
    """Check addresses like production, but treat the test server's as one on the internet."""
    return address in (ip_address(OUTSIDE), ip_address(NO_LISTENER)) or is_public(address)


def guard_of(names: Names) -> AddressGuard:
    """Return the guard of production with the test server on the internet, and names of the test's own."""
    return AddressGuard(with_a_stage, names)


def certificate(folder: Path, name: str, *, until: dt.datetime | None = None) -> tuple[Path, ssl.SSLContext]:
    """Create a self-signed certificate; return its file, and what a server needs to present it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(until or start + dt.timedelta(days=365 * 80))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert_file, key_file)
    return cert_file, context
