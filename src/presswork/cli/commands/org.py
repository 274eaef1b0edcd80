"""`presswork org`: create and list organizations."""

from typing import Annotated, Final
from uuid import UUID

import typer

from presswork.cli.actor import here
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, Wide
from presswork.cli.output import print_items, print_result
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.ids import ORGANIZATION, public_id
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.orgs.keys import ensure_organization, list_organizations

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Create and list organizations.")


@app.command()
def create(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the organization. An existing one is not changed.")
    ],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Create an organization.

    `presswork key create` also creates it, with its first key.
    """

    async def work(connection: Connection, _: Settings) -> UUID:
        return await ensure_organization(connection, name, now=SystemClock().now(), by=here())

    organization = public_id(ORGANIZATION, run_on_database(work, data_dir=data_dir, as_json=as_json))
    print_result({"organizationId": organization, "name": name}, organization, as_json=as_json)


@app.command("list")
def list_all(wide: Wide = False, data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """List organizations, oldest first, with the number of their projects and active keys."""
    rows = run_on_database(lambda connection, _: list_organizations(connection), data_dir=data_dir, as_json=as_json)
    items = [
        {
            "organizationId": public_id(ORGANIZATION, row["id"]),
            "name": row["name"],
            "projects": row["projects"],
            "keys": row["keys"],
            "createdAt": write_instant(row["created_at"]),
        }
        for row in rows
    ]
    print_items(
        ("organization", "name", "projects", "keys", "created"),
        items,
        empty="There are no organizations. Create one with `presswork org create NAME`.",
        as_json=as_json,
        layout=Layout(drop=("created", "keys", "projects"), cut=("name",)),
        wide=wide,
    )
