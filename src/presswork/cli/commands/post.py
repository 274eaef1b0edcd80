"""`presswork post`: show a post and its timeline."""

from typing import Annotated, Final

import typer

from presswork.cli.client.login import calling
from presswork.cli.client.show import account_name, print_post
from presswork.cli.options import AsJSON
from presswork.cli.output import print_json

app: Final = typer.Typer(add_completion=False)


@app.command()
def post(
    post_id: Annotated[str, typer.Argument(metavar="POST", help="Post id, sp_….")],
    as_json: AsJSON = False,
) -> None:
    """Show a post and its timeline."""
    with calling(as_json=as_json) as client:
        found = client.publishing.get_post(post_id=post_id)
        timeline = client.publishing.get_timeline(post_id=post_id)
        if as_json:
            print_json({**found.raw, "timeline": timeline.raw["items"]})
            return
        account = client.social_accounts.get(social_account_id=found.social_account_id)
        print_post(found, timeline, account_name(account))
