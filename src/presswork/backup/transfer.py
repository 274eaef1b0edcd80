"""Dump a database, and load a dump into an empty database in one transaction."""

import contextlib
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, TypeAlias

from presswork.backup.model import TransferFailed
from presswork.backup.programs import Programs, environment_for
from presswork.db.pool import Connection

Connect: TypeAlias = Callable[[str], contextlib.AbstractAsyncContextManager[Connection]]
"""Opens a connection to the database of a URL."""

_APPLICATION: Final = "presswork backup"
_LOCK_WAIT: Final = "60s"
_QUOTED_BYTES: Final = 2000
_TIMEOUT_LINE: Final = b"SET transaction_timeout"
"""pg_restore 17 and newer write this line for every server; older servers reject it."""
_TIMEOUT_SINCE: Final = 17
_HEAD_BYTES: Final = 4096
_READY: Final = "presswork is ready to commit"
_COUNTED: Final = "counted"
"""Marks a row of a statement that reports what it did: `SELECT 'counted', name, number`."""
_OPTIONAL: Final = (" EXTENSION - pg_trgm", " tiktok_tracks_by_words ")
"""What a database can do without: see the migration that adds it."""
_NOT_RESTORED: Final = (
    *("--no-owner", "--no-privileges", "--no-security-labels"),
    *("--no-publications", "--no-subscriptions"),
)


@contextlib.contextmanager
def dumping(programs: Programs, dsn: str, *, schema: str, has_trigrams: bool, snapshot: str) -> Iterator[IO[bytes]]:
    """Yield a schema as a snapshot shows it, in pg_dump's custom format. Raises TransferFailed at the end of the block."""
    quoted = schema.replace('"', '""')
    argv = [str(programs.pg_dump), "--format=custom", f'--schema="{quoted}"', f"--snapshot={snapshot}"]
    argv += ["--extension=pg_trgm"] if has_trigrams else []
    argv += [f"--lock-wait-timeout={_LOCK_WAIT}", "--no-unlogged-table-data"]
    with _run_program(argv, dsn) as (process, errors):
        yield _pipe(process.stdout)
        _require_success(process, errors, "pg_dump")


def load(
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
    """Load a dump into an empty database and run statements on it, in one transaction: all is committed, or nothing.

    Statements refer to variables as `:'name'`; the numbers that they report are returned by name. `before_commit` is called
    when only the commit is left. Raises TransferFailed, and what `before_commit` raises.
    """
    script, listing = file.with_suffix(".sql"), file.with_suffix(".list")
    skipped = (" SCHEMA - ", " COMMENT - ", *(() if has_trigrams else _OPTIONAL))
    lines = _run([programs.pg_restore, "--list", file], dsn).splitlines(keepends=True)
    listing.write_text("".join(line for line in lines if not any(mark in line for mark in skipped)), encoding="utf-8")
    _run([programs.pg_restore, *_NOT_RESTORED, f"--use-list={listing}", f"--file={script}", file], dsn)
    if server_major < _TIMEOUT_SINCE:
        _comment_out_timeout(script)
    psql: list[str | Path] = [programs.psql, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
    psql += ["--set=ON_ERROR_STOP=1", *(f"--set={name}={value}" for name, value in variables.items())]
    with _run_program(psql, dsn, stdin=subprocess.PIPE, cwd=script.parent) as (session, errors):
        into, out = _pipe(session.stdin), _pipe(session.stdout)
        with contextlib.suppress(BrokenPipeError):
            into.write(f"BEGIN;\n\\i {script.name}\n".encode())
            into.write("".join(f"{statement};\n" for statement in (*statements, f"SELECT '{_READY}'")).encode())
            into.flush()
        counts = _read_counts(out)
        if counts is None:  # psql has ended, with an open transaction or none
            _require_success(session, errors, "psql")
            raise TransferFailed("psql ended early, and nothing was changed.")
        before_commit()
        session.communicate(b"COMMIT;\n")
        _require_success(
            session,
            errors,
            "psql",
            effect="The connection was lost during the commit; if the database is empty, restore again",
        )
    return counts


def _read_counts(out: IO[bytes]) -> Mapping[str, int] | None:
    """Read what psql prints until it has run everything, and return the reported numbers; None if it ended before."""
    counts: dict[str, int] = {}
    for line in out:
        match line.decode("utf-8", "replace").strip().split("|"):
            case [text] if text == _READY:
                return counts
            case [mark, name, number] if mark == _COUNTED:
                counts[name] = int(number)
    return None


def _comment_out_timeout(script: Path) -> None:
    with script.open("r+b") as file:
        at = file.read(_HEAD_BYTES).find(_TIMEOUT_LINE)
        if at >= 0:
            file.seek(at)
            file.write(b"---")


def _run(argv: Sequence[str | Path], dsn: str) -> str:
    """Run a program to its end and return its output. Raises TransferFailed."""
    with _run_program(argv, dsn) as (process, errors):
        out = _pipe(process.stdout).read().decode("utf-8")
        _require_success(process, errors, Path(argv[0]).name)
    return out


@contextlib.contextmanager
def _run_program(
    argv: Sequence[str | Path], dsn: str, *, stdin: int = subprocess.DEVNULL, cwd: Path | None = None
) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    """Run a program for the length of the block; yield it and the file with its error messages.

    When the block fails the program is killed, and the server rolls back what it did not commit.
    """
    environment = environment_for(dsn, application=_APPLICATION)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  PostgreSQL's programs, arguments of our own
            argv, stdin=stdin, stdout=subprocess.PIPE, stderr=errors, cwd=cwd, env=environment
        )
        try:
            yield process, errors
        finally:
            process.kill()  # does nothing to a process that has ended
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()


def _require_success(
    process: "subprocess.Popen[bytes]", errors: IO[bytes], name: str, *, effect: str = "Nothing was changed"
) -> None:
    """Wait for the end of a program. Raises TransferFailed with its own words."""
    if process.wait() != 0:
        errors.seek(0)
        reason = errors.read()[-_QUOTED_BYTES:].decode("utf-8", "replace").strip()
        raise TransferFailed(f"{name} failed. {effect}. It reports: {reason}")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise TypeError("the program was started without a pipe")
    return stream
