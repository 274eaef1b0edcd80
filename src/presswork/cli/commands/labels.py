"""`presswork labels`: list the labels of content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import Project, given, on_server
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output
from presswork.cli.options import option

if TYPE_CHECKING:
    from presswork_client import Presswork

commands: Final = Commands(on_server)


@commands.listing("labels")
def list_labels(
    client: Presswork,
    every_project: bool = option("--all-projects", "Labels of all projects of the key.", False),
    project: Project = None,
) -> Output:
    """List the labels in use, the most frequent first.

    `presswork publish --label` gives content labels, and lists take `--label` too.
    """
    project_id = None if every_project else project_of(client, project)
    return table_of(
        client.labels.list(project_id=given(project_id)).items,
        {"label": lambda one: one.label, "content": lambda one: one.content_count},
        empty="No content has labels.",
        cut=("label",),
    )
