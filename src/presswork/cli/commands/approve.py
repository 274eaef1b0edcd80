"""`presswork approve`: let content go out."""

from typing import Annotated, Final

import typer

from presswork.cli.client.login import calling
from presswork.cli.client.options import NOT_ALL_WELL
from presswork.cli.options import AsJSON
from presswork.cli.output import console, print_json
from presswork_client import NOT_GIVEN

app: Final = typer.Typer(add_completion=False)


@app.command()
def approve(
    container_id: Annotated[str, typer.Argument(metavar="CONTENT", help="Its id, cnt_….")],
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A word with it.")] = None,
    as_json: AsJSON = False,
) -> None:
    """Approve content. What was scheduled while it waited goes out; status 1 if that could not be queued any more."""
    with calling(as_json=as_json) as client:
        answer = client.approval.approve(container_id=container_id, note=NOT_GIVEN if note is None else note)
    promoted = answer.pending_schedule_promotion
    if as_json:
        print_json(answer.raw)
    else:
        console().print(f"{answer.id} is approved.", markup=False)
        for post_id in promoted.scheduled_post_ids if promoted else ():
            console().print(f"{post_id} is queued.", markup=False)
        if promoted and promoted.error:
            console().print(f"What had been scheduled could not be queued: {promoted.error.message}", markup=False)
    if promoted and promoted.status == "failed":
        raise typer.Exit(NOT_ALL_WELL)
