"""`presswork projects`: list the projects that the API key has access to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from presswork.cli.client.command import Limit, on_server
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output
from presswork.cli.options import option

if TYPE_CHECKING:
    from presswork_client import Presswork

commands: Final = Commands(on_server)


@commands.listing("projects")
def list_projects(
    client: Presswork, archived: bool = option("--archived", "Show archived projects only.", False), limit: Limit = 100
) -> Output:
    """List the projects of the key's organization and environment, newest first.

    `presswork project` creates and archives projects, in the database of the server.
    """
    return table_of(
        client.projects.list(status="archived" if archived else "active", limit=limit).items,
        {
            "project": lambda one: one.id,
            "name": lambda one: one.name,
            "environment": lambda one: one.environment,
            "time zone": lambda one: one.timezone,
            "status": lambda one: one.status,
            "approval": lambda one: one.requires_approval,
            "customer": lambda one: one.customer_external_id,
            "created": lambda one: one.created_at,
        },
        empty="There are no such projects. Create one with `presswork project create NAME --org NAME`, on the server.",
        drop=("created", "status", "customer", "approval", "time zone", "environment"),
        cut=("name", "customer"),
    )
