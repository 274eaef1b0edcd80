"""`presswork org`: create and list organizations."""

from typing import Final

from presswork.cli.administration import Admin, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_objects
from presswork.cli.options import argument
from presswork.core.ids import ORGANIZATION, public_id
from presswork.orgs.keys import ensure_organization, list_organizations

commands: Final = Commands(on_database, "Create and list organizations.")


@commands.command()
async def create(
    admin: Admin, name: str = argument("NAME", "Name of the organization. An existing one is not changed.", ...)
) -> Output:
    """Create an organization.

    `presswork key create` also creates it, with its first key.
    """
    organization_id = await ensure_organization(admin.connection, name, now=admin.now, by=admin.by)
    organization = public_id(ORGANIZATION, organization_id)
    return sentences({"organizationId": organization, "name": name}, organization)


@commands.listing("list")
async def list_all(admin: Admin) -> Output:
    """List organizations, oldest first, with the number of their projects and active keys."""
    return table_of_objects(
        ("organization", "name", "projects", "keys", "created"),
        [
            {
                "organizationId": public_id(ORGANIZATION, row["id"]),
                "name": row["name"],
                "projects": row["projects"],
                "keys": row["keys"],
                "createdAt": row["created_at"],
            }
            for row in await list_organizations(admin.connection)
        ],
        empty="There are no organizations. Create one with `presswork org create NAME`.",
        drop=("created", "keys", "projects"),
        cut=("name",),
    )
