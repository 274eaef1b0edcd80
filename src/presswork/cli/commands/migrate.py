"""`presswork migrate`: apply pending migrations."""

from collections.abc import Sequence
from typing import Final

from presswork.cli.administration import on_settings
from presswork.cli.command import Commands, Output, sentences, table_of_rows
from presswork.cli.database import database
from presswork.cli.options import option
from presswork.cli.run.processes import run
from presswork.crypto.keyring import find_keyring
from presswork.db.app_role import grant_to
from presswork.db.migrate import Migration, migrate, migrations, pending
from presswork.db.one_connection import connected
from presswork.platforms.settings import Settings
from presswork.secretkeys.primary import require_recorded_key

commands: Final = Commands(on_settings)


@commands.command("migrate")
def main(
    settings: Settings,
    status: bool = option("--status", "Only list the migrations, applied and pending.", False),
    grant_to_role: str | None = option(
        "--grant-to ROLE", "Grant this database role what API and workers need. It can only append to the audit log."
    ),
) -> Output:
    """Apply pending migrations to the database. Safe to repeat. Stop API and workers of an earlier version first.

    `presswork up` does this at every start. A database that PRESSWORK_DATABASE_URL names is migrated only by this command
    and by `up`.
    """
    with database(settings) as dsn:
        left, applied = run(_find_pending(dsn) if status else _migrate(settings, dsn, grant_to_role))
    document: dict[str, object] = {
        "applied": [_name_step(step) for step in migrations() if step not in left and step not in applied],
        "appliedNow": [_name_step(step) for step in applied],
        "pending": [_name_step(step) for step in left],
    }
    if status:
        rows = [(step.version, step.name, "pending" if step in left else "applied") for step in migrations()]
        columns = ("version", "migration", "state")
        return table_of_rows(columns, rows, document=document, empty="This version has no migrations.")
    lines = [*(f"{step.version} {step.name}: applied" for step in applied), "The schema is up to date."]
    if grant_to_role is not None:
        document["grantedTo"] = grant_to_role
        lines.append(f"{grant_to_role} has the rights of API and workers, and can only append to the audit log.")
    return sentences(document, *lines)


async def _find_pending(dsn: str) -> tuple[Sequence[Migration], Sequence[Migration]]:
    async with connected(dsn) as connection:
        return await pending(connection), []


async def _migrate(settings: Settings, dsn: str, role: str | None) -> tuple[Sequence[Migration], Sequence[Migration]]:
    async with connected(dsn) as connection:
        keyring = find_keyring(settings)
        if keyring is not None:  # a machine that only migrates needs none
            await require_recorded_key(connection, keyring)
        applied = await migrate(connection)
        if role is not None:
            await grant_to(connection, role)
        return [], applied


def _name_step(step: Migration) -> str:
    return f"{step.version}_{step.name}"
