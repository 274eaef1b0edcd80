"""`presswork posts`: list or watch the latest posts of a project."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, get_args

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.login import NotPossible, calling
from presswork.cli.client.options import Project
from presswork.cli.client.show import POST_COLUMNS, POST_LAYOUT, account_name, post_rows
from presswork.cli.client.watch import watch
from presswork.cli.options import AsJSON, Wide
from presswork.cli.output import print_json, print_table
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
            help=f"Show this status only: {', '.join(_STATES)}; can be repeated.",
            autocompletion=lambda incomplete: [state for state in _STATES if state.startswith(incomplete)],
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=200, help="Maximum number of posts.")] = 20,
    do_watch: Annotated[bool, typer.Option("--watch", help="Show changes until Ctrl-C.")] = False,
    project: Project = None,
    wide: Wide = False,
    as_json: AsJSON = False,
) -> None:
    """List the posts of a project, by scheduled time, latest first."""
    with calling(as_json=as_json) as client:
        wanted = [state for state in _STATES if status is None or state in status]
        if status is not None and len(wanted) < len(set(status)):
            raise NotPossible(f"Unknown status. Use {', '.join(_STATES)}.")
        if do_watch and as_json:
            raise NotPossible("--watch has no JSON output. Poll with --json, or use webhooks.")
        place = project_of(client, project)

        def fetch() -> Sequence[ScheduledPost]:
            return client.publishing.list_posts(
                project_id=place, status=NOT_GIVEN if status is None else wanted, limit=limit
            ).items

        if do_watch:
            _watch(client, place, fetch)
            return
        page = fetch()
        if as_json:
            print_json({"items": [post.raw for post in page]})
            return
        print_table(
            POST_COLUMNS,
            post_rows(page, _names(client, place) if page else {}),
            empty="There are no such posts.",
            layout=POST_LAYOUT,
            wide=wide,
        )


def _watch(client: Presswork, project: str, fetch: Callable[[], Sequence[ScheduledPost]]) -> None:
    try:
        watch(fetch, _names(client, project), until_finished=False)
    except KeyboardInterrupt:
        return


def _names(client: Presswork, project: str) -> dict[str, str]:
    return {one.social_account_id: account_name(one) for one in client.social_accounts.list(project_id=project)}
