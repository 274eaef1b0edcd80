"""`presswork republish`: publish posts again that failed or were canceled."""

from typing import Annotated, Final

import typer

import presswork_client
from presswork.cli.client.login import calling
from presswork.cli.client.options import FAILED_STATUS
from presswork.cli.options import AsJSON
from presswork.cli.output import console, print_json

app: Final = typer.Typer(add_completion=False)

_REFUSALS: Final = frozenset(
    {"CONFLICT", "NOT_FOUND", "APPROVAL_REQUIRED", "CONTENT_REJECTED", "SOCIAL_ACCOUNT_NOT_PUBLISH_READY", "VALIDATION"}
)
"""Refusals of one post; after another error, no call would succeed."""


@app.command()
def republish(
    post_ids: Annotated[list[str], typer.Argument(metavar="POST", help="Post ids, sp_….")],
    confirm_not_live: Annotated[
        bool,
        typer.Option(
            "--confirm-not-live",
            help="Confirm that a post whose platform did not say is not live: look at the account first.",
        ),
    ] = False,
    as_json: AsJSON = False,
) -> None:
    """Publish posts again that failed or were canceled: each becomes a new post with the same target, due now.

    Each post is tried. Exit status 1: one can't be published again.
    """
    done: list[object] = []
    refused: list[object] = []
    with calling(as_json=as_json) as client:
        for post_id in post_ids:
            try:
                answer = client.publishing.republish_post(post_id=post_id, confirm_not_live=confirm_not_live)
            except presswork_client.APIStatusError as error:
                if error.code not in _REFUSALS:
                    raise
                refused.append({"id": post_id, "code": error.code, "message": error.message})
                if not as_json:
                    console().print(f"{post_id} was not published again: {error.message}", markup=False)
            else:
                done.append({"id": post_id, **answer.raw})
                if not as_json:
                    console().print(f"{post_id} is published again as {answer.scheduled_post_id}.", markup=False)
    if as_json:
        print_json({"items": done, "refused": refused})
    if refused:
        raise typer.Exit(FAILED_STATUS)
