"""Ports of servers that others have to know before they start, or that start again on the same one."""

import random
import socket
from typing import Final

_PORTS: Final = range(15_000, 30_000)
"""Below those that Linux (from 32,768) and macOS (from 49,152) give to a program that asks for any, or that connects. One of
these could be taken between its choice and the start of the server, and while the server is down."""


def free_port() -> int:
    """Return an unused port of this machine, which no other program gets by chance. Raises OSError if there is none."""
    for port in random.sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"every port from {_PORTS.start} to {_PORTS.stop - 1} is in use")
