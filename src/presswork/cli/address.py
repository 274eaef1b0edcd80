"""Addresses to listen on, and how others on this machine reach them."""

import socket
from typing import Final

from presswork.core.errors import Unavailable
from presswork.core.settings import Settings

_BACKLOG: Final = 2048
_EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared with, not bound to


def listen_on(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises Unavailable when the address can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol must be named: asyncio sends small packets at once (TCP_NODELAY) only on sockets that say TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"Presswork can't listen on {host} port {port}: {error.strerror or error}. "
            "Choose another with --port and --host, or stop what uses it.",
            host=host,
            port=port,
        ) from error
    listener.setblocking(False)
    return listener


def listen_for_metrics(settings: Settings) -> socket.socket:
    """Return a socket that a worker shows its metrics on. Raises Unavailable when the address can't be had."""
    host, port = settings.worker_metrics_host, settings.worker_metrics_port or 0
    try:
        return listen_on(host, port)
    except Unavailable as error:
        raise Unavailable(
            f"The worker can't show its metrics on {host} port {port}: something else listens there, or this machine has "
            "no such address. Set PRESSWORK_WORKER_METRICS_PORT to another (each worker of a machine needs its own), or to "
            "0 for a free one.",
            host=host,
            port=port,
        ) from error


def inherited(number: int) -> socket.socket:
    """Return the listening socket that this process was started with. Raises Unavailable if there is none."""
    try:
        listener = socket.socket(fileno=number)
    except OSError as error:
        raise Unavailable(f"File descriptor {number} is no socket; --fd takes one that listens already.") from error
    listener.setblocking(False)
    return listener


def url_at(host: str, port: int) -> str:
    """Return the address as a browser on this machine reaches it, without a slash at the end."""
    shown = "127.0.0.1" if host in _EVERYWHERE else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def url_of(listener: socket.socket) -> str:
    """Return the address of a listening socket, as `url_at` writes it."""
    host, port = listener.getsockname()[:2]
    return url_at(str(host), int(port))


def base_url(settings: Settings, *, otherwise: str | None = None) -> str:
    """Return the address under which platforms and browsers reach the API, without a slash at the end.

    Unless a public one is set it is `otherwise`, or the address on which the settings have the API listen.
    """
    return (settings.public_url or otherwise or url_at(settings.host, settings.port)).rstrip("/")
