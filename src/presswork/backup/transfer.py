"""Getting a database out into a dump, and a dump into an empty database in one transaction."""

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from presswork.backup.archive import CHUNK_BYTES, Write
from presswork.backup.programs import Programs, environment_for
from presswork.core.errors import Unavailable
from presswork.db.pool import Connection

Connect: TypeAlias = Callable[[str], contextlib.AbstractAsyncContextManager[Connection]]
"""Opens a connection to the database of an address."""

_APPLICATION: Final = "presswork backup"
_LOCK_WAIT: Final = "60s"
_WORDS_BYTES: Final = 2000
_TIMEOUT_LINE: Final = b"SET transaction_timeout = 0;\n"
"""pg_restore writes it since 17, whatever the server is; older servers do not know the setting."""
_HEAD_BYTES: Final = 4096
"""More than what a script holds before the first thing is made."""
_READY: Final = "presswork has loaded it"
_KNOWS_THE_TIMEOUT: Final = 17
_SEARCH: Final = (" EXTENSION - pg_trgm", " tiktok_tracks_by_words ")
"""What a database can do without: see the migration that adds it."""
_COUNTED: Final = "counted"
"""Before what a statement tells of what it did: `SELECT 'counted', name, number`."""


class TransferFailed(Unavailable):
    """One of PostgreSQL's programs gave up; the message has its words."""


async def dump(programs: Programs, dsn: str, *, schema: str, has_trigrams: bool, snapshot: str, write: Write) -> None:
    """Hand on a schema in pg_dump's own format, as a snapshot shows it. Raises TransferFailed."""
    quoted = schema.replace('"', '""')
    extensions = ["--extension=pg_trgm"] if has_trigrams else []
    argv: list[str | Path] = [
        programs.pg_dump,
        "--format=custom",
        f'--schema="{quoted}"',
        *extensions,
        f"--snapshot={snapshot}",
        f"--lock-wait-timeout={_LOCK_WAIT}",
        "--no-unlogged-table-data",
    ]
    async with _running(argv, dsn, stdin=DEVNULL) as (process, words):
        while chunk := await _out(process).read(CHUNK_BYTES):
            write(chunk)
        await _require_success(process, words, "pg_dump")


async def load(
    programs: Programs,
    dsn: str,
    file: Path,
    *,
    has_trigrams: bool,
    server_major: int,
    statements: Sequence[str],
    variables: Mapping[str, str],
    before_commit: Callable[[], None],
) -> Mapping[str, int]:
    """Fill an empty database from a dump and run statements on it; all of it is committed together, or nothing is.

    Statements name the variables as `:'name'`; what they count is returned by name. `before_commit` is called when
    nothing is left to fail but the commit.
    Raises TransferFailed, and what `before_commit` raises.
    """
    listing = file.with_name(f"{file.name}.list")
    listing.write_text(await _list(programs, dsn, file, has_trigrams=has_trigrams), encoding="utf-8")
    flags = ("--no-owner", "--no-privileges", "--no-security-labels", "--no-publications", "--no-subscriptions")
    script: list[str | Path] = [programs.pg_restore, *flags, f"--use-list={listing}", "--file=-", file]
    chosen = [f"--set={name}={value}" for name, value in variables.items()]
    psql: list[str | Path] = [
        programs.psql,
        "--no-psqlrc",
        "--quiet",
        "--tuples-only",
        "--no-align",
        "--set=ON_ERROR_STOP=1",
        *chosen,
    ]
    async with (
        _running(psql, dsn, stdin=PIPE) as (session, words),
        _running(script, dsn, stdin=DEVNULL) as (source, source_words),
    ):
        if await _feed(session, source, is_old=server_major < _KNOWS_THE_TIMEOUT):
            await _require_success(source, source_words, "pg_restore")
            _in(session).write("".join(f"{statement};\n" for statement in (*statements, f"SELECT '{_READY}'")).encode())
        counts = await _counts(session)
        if counts is None:
            await _require_success(session, words, "psql")
            raise TransferFailed("psql ended before its time. Nothing was changed.")
        before_commit()
        _in(session).write(b"COMMIT;\n")
        _in(session).close()
        await _out(session).read()
        if await session.wait() != 0:
            raise TransferFailed(
                f"The server was lost at the last step. If the database is empty, restore again. psql says: {await words}"
            )
        return counts


async def _list(programs: Programs, dsn: str, file: Path, *, has_trigrams: bool) -> str:
    """Return pg_restore's list of what is in a dump, without what is there already or can't be had."""
    async with _running([programs.pg_restore, "--list", file], dsn, stdin=DEVNULL) as (process, words):
        text = (await _out(process).read()).decode("utf-8")
        await _require_success(process, words, "pg_restore")
    left_out = (" SCHEMA - ", " COMMENT - ", *(() if has_trigrams else _SEARCH))
    return "\n".join(line for line in text.splitlines() if not any(mark in line for mark in left_out)) + "\n"


async def _feed(session: Process, source: Process, *, is_old: bool) -> bool:
    """Hand a script on to psql, as one transaction that is still open; False: psql has ended."""
    into, out = _in(session), _out(source)
    try:
        head = bytearray()
        while len(head) < _HEAD_BYTES and (chunk := await out.read(_HEAD_BYTES)):
            head += chunk
        into.write(b"BEGIN;\n" + (head.replace(_TIMEOUT_LINE, b"", 1) if is_old else head))
        while chunk := await out.read(CHUNK_BYTES):
            into.write(chunk)
            await into.drain()
        await into.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


async def _counts(session: Process) -> Mapping[str, int] | None:
    """Wait until psql has done all that it was handed, and return what was counted; None: it has ended instead."""
    counts: dict[str, int] = {}
    async for line in _out(session):
        match line.decode("utf-8", "replace").strip().split("|"):
            case [text] if text == _READY:
                return counts
            case [mark, name, number] if mark == _COUNTED:
                counts[name] = int(number)
    return None


@contextlib.asynccontextmanager
async def _running(
    argv: Sequence[str | Path], dsn: str, *, stdin: int
) -> AsyncIterator[tuple[Process, "asyncio.Task[str]"]]:
    """Run a program for the length of a block, and no longer; yields it and what it will have said at its end."""
    environment = environment_for(dsn, application=_APPLICATION)
    process = await asyncio.create_subprocess_exec(*argv, stdin=stdin, stdout=PIPE, stderr=PIPE, env=environment)
    words = asyncio.create_task(_last_words(process))
    try:
        yield process, words
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        await asyncio.gather(words, return_exceptions=True)


async def _last_words(process: Process) -> str:
    said = b""
    if process.stderr is not None:
        while chunk := await process.stderr.read(CHUNK_BYTES):
            said = (said + chunk)[-_WORDS_BYTES:]
    return said.decode("utf-8", "replace").strip()


async def _require_success(process: Process, words: "asyncio.Task[str]", name: str) -> None:
    if await process.wait() != 0:
        raise TransferFailed(f"{name} gave up, and nothing was changed. It says: {await words}")


def _in(process: Process) -> asyncio.StreamWriter:
    if process.stdin is None:
        raise TypeError("the program was started without a pipe to it")
    return process.stdin


def _out(process: Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise TypeError("the program was started without a pipe from it")
    return process.stdout
