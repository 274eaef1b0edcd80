"""`presswork migrate`: apply pending migrations."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from presswork.cli.database import database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.processes import run
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.settings import Settings
from presswork.crypto.keyring import find_keyring
from presswork.db.app_role import grant_to
from presswork.db.migrate import Migration, migrate, migrations, pending
from presswork.db.one_connection import connected
from presswork.secretkeys.primary import require_recorded_key

app: Final = typer.Typer(add_completion=False)


@app.command()
def main(
    status: Annotated[bool, typer.Option("--status", help="Only list the migrations, applied and pending.")] = False,
    grant_to_role: Annotated[
        str | None,
        typer.Option(
            "--grant-to",
            metavar="ROLE",
            help="Grant this database role what API and workers need. It can only append to the audit log.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Apply pending migrations to the database. Safe to repeat. Stop API and workers of an earlier version first.

    `presswork up` does this at every start. A database that PRESSWORK_DATABASE_URL names is migrated only by this command
    and by `up`.
    """
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        with database(settings) as dsn:
            left, taken = run(_pending(dsn) if status else _migrate(settings, dsn, grant_to_role))
    if as_json:
        print_json(
            {
                "applied": [_named(step) for step in migrations() if step not in left and step not in taken],
                "appliedNow": [_named(step) for step in taken],
                "pending": [_named(step) for step in left],
                **({"grantedTo": grant_to_role} if grant_to_role is not None and not status else {}),
            }
        )
    elif status:
        rows = [(step.version, step.name, "pending" if step in left else "applied") for step in migrations()]
        print_table(("version", "migration", "state"), rows, empty="This version has no migrations.")
    else:
        for step in taken:
            console().print(f"{step.version} {step.name}: applied")
        console().print("The schema is up to date.")
        if grant_to_role is not None:
            console().print(
                f"{grant_to_role} has the rights of API and workers, and can only append to the audit log.",
                markup=False,
            )


async def _pending(dsn: str) -> tuple[Sequence[Migration], Sequence[Migration]]:
    async with connected(dsn) as connection:
        return await pending(connection), []


async def _migrate(settings: Settings, dsn: str, role: str | None) -> tuple[Sequence[Migration], Sequence[Migration]]:
    async with connected(dsn) as connection:
        keyring = find_keyring(settings)
        if keyring is not None:  # a machine that only migrates needs none
            await require_recorded_key(connection, keyring)
        taken = await migrate(connection)
        if role is not None:
            await grant_to(connection, role)
        return [], taken


def _named(step: Migration) -> str:
    return f"{step.version}_{step.name}"
