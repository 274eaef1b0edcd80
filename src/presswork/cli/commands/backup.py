"""`presswork backup`: everything in one file."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.filesize import decimal

from presswork.backup.archive import DUMP, KEY, MEDIA, SANDBOX
from presswork.backup.model import Contents, MediaPlace, NothingToBackUp
from presswork.backup.take import Source, take_backup
from presswork.cli.database import database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import plain_refusals, print_result
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.progress import byte_counts
from presswork.cli.run.setup import absolute, read_settings, sandbox_file, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.errors import PressworkError
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.embedded import describe
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.one_connection import connected
from presswork.doctor.model import Backup
from presswork.doctor.store import record_backup

app: Final = typer.Typer(add_completion=False)

PART_NAMES: Final = {DUMP: "Database", MEDIA: "Media", SANDBOX: "Sandbox"}
"""Names of the parts of a backup in the output for people."""


_NOT_RECORDED: Final = (
    "The database could not record this backup, so GET /v1/system does not show it: the role or the server may be read-only, "
    "or migrations are pending."
)


@app.command()
def main(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write. An earlier backup is replaced.")],
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Leave the generated secret key out. Keep it elsewhere.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Write the database, local media, the sandbox's state and the secret key into one file. Works while Presswork runs.

    The file appears when it is complete. With the key in it, it gives access to every account: protect it like a password.
    """
    stop_as_interrupt()
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        target = absolute(file)
        if settings.database_url is None and not describe(settings.data_dir).is_initialised:
            raise NothingToBackUp(f"{settings.data_dir} holds no database, so there is nothing to back up.")
        with database(settings) as dsn, byte_counts(PART_NAMES) as progress:
            source = Source(settings=settings, dsn=dsn, connect=connected, sandbox=sandbox_file(settings).parent)
            contents = take_backup(
                source, target, with_keys=not without_keys, now=SystemClock().now(), progress=progress
            )
            size_bytes = target.stat().st_size
            is_recorded = asyncio.run(_record(dsn, _backup(target, size_bytes, contents)))
    print_result(
        {"file": str(target), "sizeBytes": size_bytes, **described(contents)},
        f"{target}: {decimal(size_bytes)}, as of {write_instant(contents.facts.taken_at)}.",
        *_advice(settings, contents),
        *([] if is_recorded else [_NOT_RECORDED]),
        as_json=as_json,
    )


def _backup(target: Path, size_bytes: int, contents: Contents) -> Backup:
    return Backup(
        taken_at=contents.facts.taken_at,
        finished_at=SystemClock().now(),
        file=str(target),
        host=socket.gethostname(),
        size_bytes=size_bytes,
        has_keys=KEY in contents.parts,
        media=contents.facts.media.value,
    )


async def _record(dsn: str, backup: Backup) -> bool:
    """Record a backup in the database it is of. The file is complete in any case."""
    try:
        async with connected(dsn) as connection:
            await record_backup(connection, backup)
    except (PressworkError, *DATABASE_ERRORS):
        return False
    return True


def described(contents: Contents) -> dict[str, object]:
    """Return a manifest as a JSON document."""
    facts = contents.facts
    return {
        "takenAt": write_instant(facts.taken_at),
        "presswork": facts.presswork,
        "migration": max(facts.migrations, default=None),
        "postgresql": facts.server,
        "workersSeen": facts.workers,
        "media": facts.media.value,
        "hasKeys": KEY in contents.parts,
        "parts": {name: {"files": part.files, "sizeBytes": part.size_bytes} for name, part in contents.parts.items()},
    }


def _advice(settings: Settings, contents: Contents) -> Iterator[str]:
    if contents.facts.media is MediaPlace.BUCKET:
        yield "Media is in a bucket and not in this file. Enable versioning on the bucket."
    if KEY in contents.parts:
        yield "It holds the secret key, which gives access to every account. Protect the file like a password."
    elif settings.secret_keys is not None:
        yield "The secret keys are in PRESSWORK_SECRET_KEYS and not in this file. Keep them: no account works without them."
    elif contents.facts.keys:
        yield f"The secret key is not in this file. Keep {settings.data_dir / KEY}: no account works without it."
