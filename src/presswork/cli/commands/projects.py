"""`presswork projects`: list the projects that the API key has access to."""

from typing import Annotated, Final

import typer

from presswork.cli.client.login import calling
from presswork.cli.client.options import Limit
from presswork.cli.options import AsJSON, Wide
from presswork.cli.output import print_json, print_table
from presswork.cli.table import Layout

app: Final = typer.Typer(add_completion=False)


@app.command()
def projects(
    archived: Annotated[bool, typer.Option("--archived", help="Show archived projects only.")] = False,
    limit: Limit = 100,
    wide: Wide = False,
    as_json: AsJSON = False,
) -> None:
    """List the projects of the key's organization and environment, newest first.

    `presswork project` creates and archives projects, in the database of the server.
    """
    with calling(as_json=as_json) as client:
        page = client.projects.list(status="archived" if archived else "active", limit=limit)
        if as_json:
            print_json({"items": [one.raw for one in page.items]})
            return
        print_table(
            ("project", "name", "environment", "time zone", "status", "approval", "customer", "created"),
            [
                (
                    one.id,
                    one.name,
                    one.environment,
                    one.timezone,
                    one.status,
                    one.requires_approval,
                    one.customer_external_id,
                    one.created_at,
                )
                for one in page.items
            ],
            empty="There are no such projects. Create one with `presswork project create NAME --org NAME`, on the server.",
            layout=Layout(
                drop=("created", "status", "customer", "approval", "time zone", "environment"), cut=("name", "customer")
            ),
            wide=wide,
        )
