"""`presswork org`: organizations."""

from typing import Annotated, Final
from uuid import UUID

import typer

from presswork.cli.actor import here
from presswork.cli.database import with_database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.ids import ORGANIZATION, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.orgs.keys import ensure_organization, list_organizations

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Make and list organizations.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name; one that exists is kept as it is.")],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Make an organization. `presswork key create` makes it too, with its first key."""

    async def work(connection: Connection) -> UUID:
        return await ensure_organization(connection, name, now=SystemClock().now(), by=here())

    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        organization = public_id(ORGANIZATION, with_database(settings, work))
    if as_json:
        print_json({"organizationId": organization, "name": name})
    else:
        console().print(organization, markup=False)


@app.command("list")
def list_all(data_dir: DataDir = None, as_json: AsJSON = False) -> None:
    """List organizations, oldest first, with the number of their projects and working keys."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        rows = with_database(settings, list_organizations)
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
    if as_json:
        print_json({"items": items})
    else:
        print_table(
            ("organization", "name", "projects", "keys", "created"),
            [list(item.values()) for item in items],
            empty="There are no organizations yet; `presswork org create NAME` makes one.",
        )
