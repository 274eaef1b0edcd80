"""Listening sockets, and the URLs at which this machine reaches them."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from presswork.core.errors import Unavailable
from presswork.platforms.settings import Settings

_BACKLOG: Final = 2048
_EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared with, not bound to


@contextmanager
def listening_on(host: str, port: int, *, sockets: int) -> Iterator[Sequence[socket.socket]]:
    """Listen with several sockets on one port, among which the kernel distributes connections by the client's address.

    Of processes that accept from the same socket, the first one that wakes would take all connections that have arrived.
    Port 0 selects a free one. Raises Unavailable if another program uses the port.
    """
    with ExitStack() as stack:
        if sockets > 1 and port:
            listen_on(host, port).close()  # where another program shares the port, too, this fails
        first = stack.enter_context(listen_on(host, port, is_shared=sockets > 1))
        own_port = first.getsockname()[1]
        yield [first, *(stack.enter_context(listen_on(host, own_port, is_shared=True)) for _ in range(1, sockets))]


def listen_on(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """Return a listening socket; port 0 selects a free one. Raises Unavailable if the address is not available.

    `is_shared`: other sockets of this user may listen on the same port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only on sockets that name the protocol.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"Presswork can't listen on {host} port {port}: {error.strerror or error}. "
            "Choose another with --port and --host, or stop the program that uses it.",
            host=host,
            port=port,
        ) from error
    listener.setblocking(False)
    return listener


def listen_for_metrics(settings: Settings) -> socket.socket:
    """Return a listening socket for a worker's metrics. Raises Unavailable if the address is not available."""
    host, port = settings.worker_metrics_host, settings.worker_metrics_port or 0
    try:
        return listen_on(host, port)
    except Unavailable as error:
        raise Unavailable(
            f"The worker can't serve metrics on {host} port {port}: the port is in use, or this machine does not have the "
            "address. Set PRESSWORK_WORKER_METRICS_PORT to another port (each worker of a machine needs its own), or to 0 "
            "for a free one.",
            host=host,
            port=port,
        ) from error


def inherited(number: int) -> socket.socket:
    """Return the listening socket that this process inherited. Raises Unavailable if there is none."""
    try:
        listener = socket.socket(fileno=number)
    except OSError as error:
        raise Unavailable(
            f"File descriptor {number} is not a socket. Pass the number of a listening socket to --fd."
        ) from error
    listener.setblocking(False)
    listener.set_inheritable(False)  # not for the children that decode media
    return listener


def url_at(host: str, port: int) -> str:
    """Return the URL for a browser on this machine, without a trailing slash."""
    shown = "127.0.0.1" if host in _EVERYWHERE else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def url_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket, as `url_at` does."""
    host, port = listener.getsockname()[:2]
    return url_at(str(host), int(port))


def base_url(settings: Settings, *, otherwise: str | None = None) -> str:
    """Return the URL at which platforms and browsers reach the API, without a trailing slash.

    Without PRESSWORK_PUBLIC_URL it is `otherwise`, or that of PRESSWORK_HOST and PRESSWORK_PORT.
    """
    return (settings.public_url or otherwise or url_at(settings.host, settings.port)).rstrip("/")
