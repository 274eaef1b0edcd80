"""`presswork request-changes`: ask for changes to content."""

from typing import Annotated, Final

import typer

from presswork.cli.client.login import calling
from presswork.cli.client.options import Revision
from presswork.cli.options import AsJSON
from presswork.cli.output import print_result
from presswork_client import NOT_GIVEN

app: Final = typer.Typer(add_completion=False)


@app.command("request-changes")
def request_changes(
    container_id: Annotated[str, typer.Argument(metavar="CONTENT", help="Content id, cnt_….")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What to change, for the author of the content.")],
    revision: Revision = None,
    as_json: AsJSON = False,
) -> None:
    """Ask for changes to content. It stays pending until it is approved or rejected."""
    with calling(as_json=as_json) as client:
        answer = client.approval.request_changes(
            container_id=container_id, note=note, revision=NOT_GIVEN if revision is None else revision
        )
    print_result(answer.raw, f"Changes to {answer.id} were requested. It stays pending.", as_json=as_json)
