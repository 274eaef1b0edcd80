"""`presswork cancel`: cancel posts that are not live yet."""

from typing import Annotated, Final

import typer

import presswork_client
from presswork.cli.client.login import calling
from presswork.cli.client.options import FAILED_STATUS
from presswork.cli.options import AsJSON
from presswork.cli.output import console, print_json
from presswork_client import NOT_GIVEN

app: Final = typer.Typer(add_completion=False)


@app.command()
def cancel(
    post_ids: Annotated[list[str], typer.Argument(metavar="POST", help="Post ids, sp_….")],
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Reason, for the timeline.")] = None,
    as_json: AsJSON = False,
) -> None:
    """Cancel posts whose platform was not yet asked to make them live.

    Each post is tried. Exit status 1: one can't be canceled.
    """
    done: list[object] = []
    refused: list[object] = []
    with calling(as_json=as_json) as client:
        for post_id in post_ids:
            try:
                answer = client.publishing.cancel_post(post_id=post_id, reason=NOT_GIVEN if reason is None else reason)
            except (presswork_client.ConflictError, presswork_client.NotFoundError) as error:
                refused.append({"id": post_id, "code": error.code, "message": error.message})
                if not as_json:
                    console().print(f"{post_id} was not canceled: {error.message}", markup=False)
            else:
                done.append(answer.raw)
                if not as_json:
                    console().print(f"{post_id} was canceled.", markup=False)
    if as_json:
        print_json({"items": done, "refused": refused})
    if refused:
        raise typer.Exit(FAILED_STATUS)
