"""Connect to the writable server of several, and detect dead connections within seconds."""

import os
import re
import socket
from asyncio import AbstractEventLoop, BaseTransport
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg

from presswork.db.dsn import has_parameter, hosts_of
from presswork.db.errors import PLAN_LIMIT_STATE, PlanLimitReached

if TYPE_CHECKING:  # asyncpg's classes are generic for type checkers only
    _Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
else:
    _Connection = asyncpg.Connection

CONNECT_WITHIN: Final = timedelta(seconds=5)
"""Timeout of connecting to one server, before the next one is tried."""
SILENT_FOR: Final = timedelta(seconds=10)
"""How long data may stay unacknowledged before the connection is closed."""
_PROBE_EVERY_SECONDS: Final = 3
_PROBES: Final = 3

_OPTIONS: Final = (
    # Idle connections are probed and connections with unacknowledged data closed; both after about ten seconds.
    ("TCP_KEEPIDLE", round(SILENT_FOR.total_seconds())),
    ("TCP_KEEPALIVE", round(SILENT_FOR.total_seconds())),  # the name of TCP_KEEPIDLE on macOS
    ("TCP_KEEPINTVL", _PROBE_EVERY_SECONDS),
    ("TCP_KEEPCNT", _PROBES),
    ("TCP_USER_TIMEOUT", round(SILENT_FOR.total_seconds() * 1000)),
)

WRITABLE: Final = "read-write"
"""`target_session_attrs` of a URL with several hosts: only one of them is the primary."""

_QUEUES_WORK: Final = re.compile(
    r"\b(?:INSERT INTO|UPDATE) (?:scheduled_posts|post_follow_ups|webhook_deliveries|text_messages|bulk_items|live_changes|comment_calls|notice_destinations)\b"
)


@lru_cache(maxsize=1024)
def queues_work(statement: str) -> bool:
    """Return whether a statement writes rows that a worker processes, judging by its text.

    These are posts, follow-ups, changes of live posts, calls about comments, webhook deliveries, messages to people, text messages and items of bulk jobs.
    """
    return _QUEUES_WORK.search(statement) is not None


@lru_cache(maxsize=1024)
def writes_events(statement: str) -> bool:
    """Return whether a statement writes events if a client reads its organization's stream, judging by its text."""
    return "INSERT INTO event_outbox" in statement


class WatchedConnection(_Connection):
    """A connection that detects a dead link, and records whether a statement has queued work or may have written events.

    A cut link or a machine without power sends no packet, so the kernel sends probes.
    """

    def __init__(
        self, protocol: Any, transport: BaseTransport, loop: AbstractEventLoop, *arguments: Any
    ) -> None:  # Any: the driver's own
        super().__init__(protocol, transport, loop, *arguments)
        self._has_queued_work = self._may_have_events = False
        link = transport.get_extra_info("socket")
        self.is_local: Final = link is None or link.family not in (socket.AF_INET, socket.AF_INET6)
        if self.is_local:
            return  # a Unix socket ends with its server
        with suppress(OSError):  # without one of the options, the kernel's default applies
            link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _OPTIONS:
                if (option := getattr(socket, name, None)) is not None:
                    link.setsockopt(socket.IPPROTO_TCP, option, value)

    def take_queued_work(self) -> bool:
        """Return whether a statement has queued work since the last call of this method."""
        had_work, self._has_queued_work = self._has_queued_work, False
        return had_work

    def take_events(self) -> bool:
        """Return whether a statement may have written events since the last call of this method."""
        may_have_events, self._may_have_events = self._may_have_events, False
        return may_have_events

    async def execute(self, query: str, *arguments: Any, **options: Any) -> str:  # Any: the driver's own, as below
        """Run a statement and return its status. As below, raises PlanLimitReached for a row beyond an organization's limit."""
        try:
            status = await super().execute(query, *arguments, **options)
        except asyncpg.PostgresError as error:
            _raise_plan_limit(error)
            raise
        self._record_queued_work(query, status)
        return status

    async def fetch(self, query: str, *arguments: Any, **options: Any) -> Any:
        """Run a statement and return its rows."""
        try:
            rows = await super().fetch(query, *arguments, **options)
        except asyncpg.PostgresError as error:
            _raise_plan_limit(error)
            raise
        self._record_queued_work(query, rows)
        return rows

    async def fetchrow(self, query: str, *arguments: Any, **options: Any) -> Any:
        """Run a statement and return its first row."""
        try:
            row = await super().fetchrow(query, *arguments, **options)
        except asyncpg.PostgresError as error:
            _raise_plan_limit(error)
            raise
        self._record_queued_work(query, row)
        return row

    async def fetchval(self, query: str, *arguments: Any, **options: Any) -> Any:
        """Run a statement and return the first value of its first row."""
        try:
            value = await super().fetchval(query, *arguments, **options)
        except asyncpg.PostgresError as error:
            _raise_plan_limit(error)
            raise
        self._record_queued_work(query, value)
        return value

    def _record_queued_work(self, query: str, result: object) -> None:
        """Record a statement that queues work or writes events, unless its result shows that it wrote nothing."""
        if result and queues_work(query):
            self._has_queued_work = True
        if result and writes_events(query):
            self._may_have_events = True


def _raise_plan_limit(error: asyncpg.PostgresError) -> None:
    """Raise PlanLimitReached if a trigger refused a row beyond a limit of its organization."""
    if error.sqlstate == PLAN_LIMIT_STATE:
        raise PlanLimitReached.of(error.detail) from error


def wants_writable(dsn: str) -> bool:
    """Return whether a URL has several hosts, and neither it nor the environment says which of them to use.

    Raises ValueError on an invalid port.
    """
    is_chosen = has_parameter(dsn, "target_session_attrs") or "PGTARGETSESSIONATTRS" in os.environ
    return bool(hosts_of(dsn)) and not is_chosen


class Connector:
    """Connects to the writable server of one database.

    The last writable server is tried first, so that a dead server does not delay each connection.
    """

    def __init__(self, dsn: str) -> None:
        """Raises ValueError on an invalid port."""
        self._dsn: Final = dsn
        self._hosts: Final = list(hosts_of(dsn))
        self._last = 0

    async def connect(self, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":  # Any: the driver's own options
        """Connect. Raises the driver's error for the last server that was tried.

        The missing socket file of a stopped server raises a ConnectionError as well.
        """
        options |= {"timeout": CONNECT_WITHIN.total_seconds(), "connection_class": WatchedConnection}
        if not self._hosts:
            return await self._connect_once(options)
        if wants_writable(self._dsn):
            options["target_session_attrs"] = WRITABLE
        in_turn = [*range(self._last, len(self._hosts)), *range(self._last)]
        for number in in_turn:
            host, port = self._hosts[number]
            try:
                connection = await self._connect_once(options | {"host": host, "port": port})
            except (OSError, TimeoutError, asyncpg.InternalClientError, asyncpg.PostgresError):
                if number == in_turn[-1]:
                    raise
                continue
            self._last = number
            return connection
        raise AssertionError("a URL with several hosts has one at least")

    async def _connect_once(self, options: dict[str, Any]) -> "asyncpg.Connection[asyncpg.Record]":
        try:
            return await asyncpg.connect(self._dsn, **options)
        except FileNotFoundError as error:
            raise ConnectionRefusedError(
                "The socket of the database server does not exist. Start the server."
            ) from error
        except (ConnectionError, TimeoutError):
            raise
        except OSError as error:  # no route, or unknown host name
            raise ConnectionError(error.strerror or str(error)) from error


def is_local(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Return whether the connection goes over a Unix socket."""
    return isinstance(connection, WatchedConnection) and connection.is_local


async def is_pooled(
    connection: "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]",
) -> bool:
    """Return whether the connection goes through a pooler like PgBouncer, which reports other process ids."""
    return bool(await connection.fetchval("SELECT pg_backend_pid()") != connection.get_server_pid())


async def keeps_statements(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Return whether prepared statements work: always without a pooler, and with one that tracks them.

    A pooler that tracks them (PgBouncer 1.21 or newer, unless `max_prepared_statements` is 0) renames them on the server.
    The connection must have an empty statement cache.
    """
    if not await is_pooled(connection):
        return True
    name = f"presswork_{token_hex(8)}"
    async with connection.transaction():
        statement = await connection.prepare("SELECT 'does the pooler keep this?'", name=name)
        is_known = await connection.fetchval(
            "SELECT true FROM pg_prepared_statements WHERE name = $1", statement.get_name()
        )
        if is_known:
            await connection.execute(f'DEALLOCATE "{name}"')
    return not is_known
