"""`presswork content`: list the content of a project."""

from typing import Annotated, Final

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.login import calling
from presswork.cli.client.options import Limit, Project
from presswork.cli.options import AsJSON, Wide
from presswork.cli.output import print_json, print_table
from presswork.cli.table import Layout
from presswork_client import NOT_GIVEN

app: Final = typer.Typer(add_completion=False)


@app.command()
def content(
    pending: Annotated[
        bool, typer.Option("--pending", help="Show only content that waits for `presswork approve` or `reject`.")
    ] = False,
    limit: Limit = 20,
    project: Project = None,
    wide: Wide = False,
    as_json: AsJSON = False,
) -> None:
    """List the content of a project, newest first, with its approval."""
    with calling(as_json=as_json) as client:
        page = client.content.list(
            project_id=project_of(client, project),
            approval_status=["pending"] if pending else NOT_GIVEN,
            limit=limit,
        )
        if as_json:
            print_json({"items": [one.raw for one in page.items]})
            return
        print_table(
            ("content", "status", "approval", "media", "caption", "review note", "created"),
            [
                (
                    one.id,
                    one.status,
                    one.approval_status,
                    one.media_type,
                    one.caption,
                    one.review_note,
                    one.created_at,
                )
                for one in page.items
            ],
            empty="No content waits for approval."
            if pending
            else "There is no content. `presswork publish` uploads files.",
            layout=Layout(drop=("review note", "created", "media"), cut=("caption", "review note"), below=("caption",)),
            wide=wide,
        )
