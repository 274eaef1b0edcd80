"""`presswork backup`: everything in one file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.filesize import decimal

from presswork.backup.archive import DUMP, KEY, MEDIA, SANDBOX, Contents
from presswork.backup.model import MediaPlace, NothingToBackUp
from presswork.backup.take import Source, take_backup
from presswork.cli.database import connected, database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import byte_counts, console, plain_refusals, print_json
from presswork.cli.run.processes import stop_as_interrupt
from presswork.cli.run.setup import read_settings, sandbox_file, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.embedded import describe

app: Final = typer.Typer(add_completion=False)

PART_NAMES: Final = {DUMP: "Database", MEDIA: "Media", SANDBOX: "Sandbox"}
"""How a person is told of the parts of a backup."""


@app.command()
def main(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; an earlier backup is replaced.")],
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Leave the generated secret key out; keep it elsewhere then.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Write database, local media, the sandbox's memory and the secret key into one file, also while everything runs.

    The file appears when it is whole. Whoever can read it can post with every account: keep it as you keep a password.
    """
    stop_as_interrupt()
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        target = file.expanduser().absolute()
        if settings.database_url is None and not describe(settings.data_dir).is_initialised:
            raise NothingToBackUp(f"{settings.data_dir} holds no database, so there is nothing to back up.")
        with database(settings) as dsn, byte_counts(PART_NAMES) as told:
            source = Source(settings=settings, dsn=dsn, connect=connected, sandbox=sandbox_file(settings).parent)
            contents = take_backup(source, target, with_keys=not without_keys, now=SystemClock().now(), told=told)
    if as_json:
        print_json({"file": str(target), "sizeBytes": target.stat().st_size, **described(contents)})
        return
    out = console()
    out.print(
        f"{target}: {decimal(target.stat().st_size)}, as of {write_instant(contents.facts.taken_at)}.", markup=False
    )
    for line in _advice(settings, contents):
        out.print(line, markup=False)


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
        "parts": {
            name: {"files": part.files, "sizeBytes": part.size_bytes, "sha256": part.sha256}
            for name, part in contents.parts.items()
        },
    }


def _advice(settings: Settings, contents: Contents) -> Iterator[str]:
    if contents.facts.media is MediaPlace.BUCKET:
        yield "Media is in a bucket and not in this file: keep versions of it there."
    if KEY in contents.parts:
        yield "It holds the secret key: whoever reads it can post with every account. Keep it as you keep a password."
    elif settings.secret_keys is not None:
        yield "The secret keys are in PRESSWORK_SECRET_KEYS and not in this file. Without them no account works: keep them."
    elif contents.facts.keys:
        yield f"The secret key is not in this file. Without it no account works: keep {settings.data_dir / KEY}."
