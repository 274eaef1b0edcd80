"""`presswork reject`: reject content."""

from typing import Annotated, Final

import typer

from presswork.cli.client.login import calling
from presswork.cli.client.options import Revision
from presswork.cli.options import AsJSON
from presswork.cli.output import print_result
from presswork_client import NOT_GIVEN

app: Final = typer.Typer(add_completion=False)


@app.command()
def reject(
    container_id: Annotated[str, typer.Argument(metavar="CONTENT", help="Content id, cnt_….")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Reason, for the author of the content.")],
    revision: Revision = None,
    as_json: AsJSON = False,
) -> None:
    """Reject content, and drop the posts that were scheduled meanwhile."""
    with calling(as_json=as_json) as client:
        answer = client.approval.reject(
            container_id=container_id, reason=reason, revision=NOT_GIVEN if revision is None else revision
        )
    print_result(answer.raw, f"{answer.id} was rejected.", as_json=as_json)
