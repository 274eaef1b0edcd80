"""`presswork reject`: keep content from going out."""

from typing import Annotated, Final

import typer

from presswork.cli.client.login import calling
from presswork.cli.options import AsJSON
from presswork.cli.output import console, print_json

app: Final = typer.Typer(add_completion=False)


@app.command()
def reject(
    container_id: Annotated[str, typer.Argument(metavar="CONTENT", help="Its id, cnt_….")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; whoever made it reads this.")],
    as_json: AsJSON = False,
) -> None:
    """Reject content. What was scheduled while it waited is dropped."""
    with calling(as_json=as_json) as client:
        answer = client.approval.reject(container_id=container_id, reason=reason)
    if as_json:
        print_json(answer.raw)
    else:
        console().print(f"{answer.id} is rejected.", markup=False)
