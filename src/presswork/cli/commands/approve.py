"""`presswork approve`: approve content."""

from typing import Annotated, Final

import typer

from presswork.cli.client.login import calling
from presswork.cli.client.options import FAILED_STATUS, Revision
from presswork.cli.options import AsJSON
from presswork.cli.output import print_result
from presswork_client import NOT_GIVEN

app: Final = typer.Typer(add_completion=False)


@app.command()
def approve(
    container_id: Annotated[str, typer.Argument(metavar="CONTENT", help="Content id, cnt_….")],
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Note for the record.")] = None,
    revision: Revision = None,
    as_json: AsJSON = False,
) -> None:
    """Approve content, and queue the posts that were scheduled meanwhile.

    Exit status 1: they can't be queued.
    """
    with calling(as_json=as_json) as client:
        answer = client.approval.approve(
            container_id=container_id,
            note=NOT_GIVEN if note is None else note,
            revision=NOT_GIVEN if revision is None else revision,
        )
    promoted = answer.pending_schedule_promotion
    sentences = [f"{answer.id} was approved."]
    if promoted:
        sentences += [f"{post_id} is queued." for post_id in promoted.scheduled_post_ids]
        if promoted.error:
            sentences.append(f"The scheduled posts were not queued: {promoted.error.message}")
    print_result(answer.raw, *sentences, as_json=as_json)
    if promoted and promoted.status == "failed":
        raise typer.Exit(FAILED_STATUS)
