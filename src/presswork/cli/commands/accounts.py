"""`presswork accounts`: list the accounts of a project."""

from typing import Annotated, Final, get_args

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.login import calling
from presswork.cli.client.options import Limit, Project, one_of
from presswork.cli.client.show import modes_of, reasons_of
from presswork.cli.options import AsJSON, Wide
from presswork.cli.output import print_json, print_table
from presswork.cli.table import Layout
from presswork_client import NOT_GIVEN, choices

app: Final = typer.Typer(add_completion=False)
_COLUMNS: Final = (
    "account",
    "platform",
    "handle",
    "status",
    "ready for",
    "display name",
    "not ready for",
    "layer",
    "connected",
)


@app.command()
def accounts(
    platform: Annotated[
        str | None, typer.Option("--platform", metavar="PLATFORM", help="Show this platform only, such as instagram.")
    ] = None,
    status: Annotated[
        str | None,
        typer.Option(
            "--status", metavar="STATUS", help="Show this status only: connected, reauth_required or disconnected."
        ),
    ] = None,
    limit: Limit = 100,
    project: Project = None,
    wide: Wide = False,
    as_json: AsJSON = False,
) -> None:
    """List the accounts of a project, in the order of their first connection, with the modes that they are ready for."""
    with calling(as_json=as_json) as client:
        page = client.social_accounts.list(
            project_id=project_of(client, project),
            platform=NOT_GIVEN if platform is None else one_of(get_args(choices.PlatformName), platform, "platform"),
            status=NOT_GIVEN if status is None else one_of(get_args(choices.AccountStatus), status, "status"),
            limit=limit,
        )
        if as_json:
            print_json({"items": [one.raw for one in page.items]})
            return
        print_table(
            _COLUMNS,
            [
                (
                    one.social_account_id,
                    one.platform,
                    f"@{one.handle}",
                    one.status,
                    modes_of(one),
                    one.display_name,
                    reasons_of(one),
                    one.layer_id,
                    one.connected_at,
                )
                for one in page.items
            ],
            empty="There are no such accounts. Connect one with `presswork connect`.",
            layout=Layout(
                drop=("layer", "connected", "not ready for", "display name"),
                cut=("display name",),
                below=("ready for",),
            ),
            wide=wide,
        )
