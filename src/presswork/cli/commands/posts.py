"""`presswork posts`: the latest posts of a project."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, get_args

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.login import NotPossible, calling
from presswork.cli.client.options import Project
from presswork.cli.client.show import account_name, post_table
from presswork.cli.client.watch import watch
from presswork.cli.options import AsJSON
from presswork.cli.output import console, print_json
from presswork_client import NOT_GIVEN, Presswork, ScheduledPost, choices

app: Final = typer.Typer(add_completion=False)
_STATES: Final[Sequence[choices.Status]] = get_args(choices.Status)


@app.command()
def posts(
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help=f"Only these: {', '.join(_STATES)}; repeat it.",
            autocompletion=lambda incomplete: [state for state in _STATES if state.startswith(incomplete)],
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=100, help="How many at most.")] = 20,
    do_watch: Annotated[bool, typer.Option("--watch", help="Show changes as they come, until Ctrl-C.")] = False,
    project: Project = None,
    as_json: AsJSON = False,
) -> None:
    """List the latest posts of a project, the one that is due last first."""
    with calling(as_json=as_json) as client:
        wanted = [state for state in _STATES if status is None or state in status]
        if status is not None and len(wanted) < len(set(status)):
            raise NotPossible(f"A status is one of {', '.join(_STATES)}.")
        if do_watch and as_json:
            raise NotPossible("--watch is for people. Programs poll with --json, or take webhooks.")
        place = project_of(client, project)

        def look() -> Sequence[ScheduledPost]:
            return client.publishing.list_posts(
                project_id=place, status=NOT_GIVEN if status is None else wanted, limit=limit
            ).items

        if do_watch:
            _watch(client, place, look)
            return
        page = look()
        if as_json:
            print_json({"items": [post.raw for post in page]})
        elif page:
            console().print(post_table(page, _names(client, place)))
        else:
            console().print("There is no post.", markup=False)


def _watch(client: Presswork, project: str, look: Callable[[], Sequence[ScheduledPost]]) -> None:
    try:
        watch(look, _names(client, project), until_over=False)
    except KeyboardInterrupt:
        return


def _names(client: Presswork, project: str) -> dict[str, str]:
    return {one.social_account_id: account_name(one) for one in client.social_accounts.list(project_id=project)}
