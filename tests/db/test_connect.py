"""Connections skip silent servers, use the writable one, and detect a dead peer."""

import asyncio
import socket
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from chaos.link import open_link
from tests.db.bouncer import socket_of

from presswork.db import connect
from presswork.db.dsn import hosts_of
from presswork.db.pool import pool_of


@pytest.mark.parametrize(
    ("dsn", "hosts"),
    [
        ("postgresql://u:p@db1/x", []),
        ("postgresql:///x?host=/run/postgresql", []),
        ("postgresql://u:p@db1,db2/x", [("db1", None), ("db2", None)]),
        ("postgresql://u:p@db1:5433,db2/x", [("db1", 5433), ("db2", None)]),
        ("postgresql://u:p@[::1]:5433,db2:5434/x", [("::1", 5433), ("db2", 5434)]),
        ("postgresql://u:p@db1,db2/x?port=6000", [("db1", 6000), ("db2", 6000)]),
        ("postgresql://u:p@/x?host=db1,db2&port=1,2", [("db1", 1), ("db2", 2)]),
    ],
)
def test_hosts_of_a_url_are_parsed(dsn: str, hosts: list[tuple[str, int | None]]) -> None:
    """Several hosts with ports are found in authority and query; a single host is left to the driver."""
    assert list(hosts_of(dsn)) == hosts


async def test_silent_server_is_skipped_and_dead_peer_is_detected(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts connections and does not respond is skipped, and the next one is tried first from then on.

    The kernel closes connections whose peer is silent for ten seconds.
    """
    monkeypatch.setattr(connect, "CONNECT_WITHIN", timedelta(seconds=1))
    url = urlsplit(dsn)
    to_server = partial(asyncio.open_unix_connection, socket_of(dsn))
    async with open_link(to_server) as silent, open_link(to_server) as good:
        silent.cut()
        login = url.netloc.rpartition("@")[0]
        both = f"postgresql://{login}@127.0.0.1:{silent.port},127.0.0.1:{good.port}{url.path}"
        async with pool_of(both, min_size=1, max_size=8) as pool:
            asked = silent.lost_bytes
            assert asked > 0
            async with pool.acquire() as one, pool.acquire() as other:
                assert [await one.fetchval("SELECT 1"), await other.fetchval("SELECT 1")] == [1, 1]
                link = one._transport.get_extra_info("socket")  # private attribute of the driver
                assert link.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
                if hasattr(socket, "TCP_USER_TIMEOUT"):
                    assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
            assert silent.lost_bytes == asked
