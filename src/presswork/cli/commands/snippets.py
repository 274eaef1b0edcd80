"""`presswork snippets`: texts of a project that people insert into posts, and what is filled into texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import Limit, Project, given, on_server
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.options import argument, option
from presswork_client.params import UTMParameters

if TYPE_CHECKING:
    from presswork_client import Presswork

commands: Final = Commands(on_server, "Keep snippets, and what is filled into texts: variables and link parameters.")

_SNIPPET: Final = argument("SNIPPET", "Snippet id, snp_….", ...)


@commands.listing("list")
def list_snippets(client: Presswork, limit: Limit = 100, project: Project = None) -> Output:
    """List the snippets of a project, the oldest first."""
    return table_of(
        client.snippets.list(project_id=project_of(client, project), limit=limit).items,
        {
            "snippet": lambda one: one.id,
            "name": lambda one: one.name,
            "text": lambda one: one.text,
            "updated": lambda one: one.updated_at,
        },
        empty="The project has no snippets.",
        drop=("updated",),
        cut=("text", "name"),
    )


@commands.command()
def create(
    client: Presswork,
    name: str = argument("NAME", "Unique in the project.", ...),
    text: str = argument("TEXT", "May contain {{name}} for each variable of the project.", ...),
    project: Project = None,
) -> Output:
    """Store a snippet."""
    made = client.snippets.create(project_id=project_of(client, project), name=name, text=text)
    return sentences(made.raw, made.id)


@commands.command()
def change(
    client: Presswork,
    snippet: str = _SNIPPET,
    name: str | None = option("--name NAME", "New name."),
    text: str | None = option("--text TEXT", "New text."),
) -> Output:
    """Change a snippet. Posts into which it was inserted stay as they are."""
    if name is None and text is None:
        raise NotPossible("Nothing to change. Pass --name or --text.")
    changed = client.snippets.update(snippet_id=snippet, name=given(name), text=given(text))
    return sentences(changed.raw, f"{changed.name} is changed.")


@commands.command()
def delete(client: Presswork, snippet: str = _SNIPPET) -> Output:
    """Delete a snippet."""
    deleted = client.snippets.delete(snippet_id=snippet)
    return sentences(deleted.raw, f"{deleted.name} is deleted.")


@commands.command()
def variables(
    client: Presswork,
    values: list[str] | None = option("--set NAME=VALUE", "Set the value of a variable; can be repeated."),
    removed: list[str] | None = option("--unset NAME", "Remove a variable; can be repeated."),
    is_off: bool = option("--off", "Remove all of them: braces have no meaning then.", False),
    project: Project = None,
) -> Output:
    """Show or change the variables of a project, which `{{name}}` in texts stands for."""
    project_id = project_of(client, project)
    found = client.projects.get(project_id=project_id)
    if is_off:
        found = client.projects.update(project_id=project_id, variables=None)
    elif values or removed:
        changed = {**(found.variables or {}), **dict(map(_read_value, values or []))}
        kept = {name: value for name, value in changed.items() if name not in (removed or [])}
        found = client.projects.update(project_id=project_id, variables=kept)
    known = found.variables
    lines = [f"{name} = {value}" for name, value in sorted((known or {}).items())]
    none = "Braces have no meaning in the texts of this project." if known is None else "The project has no variables."
    return sentences(found.raw, *(lines or [none]))


def _read_value(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise NotPossible(f"{text} has no value. Write NAME=VALUE.")
    return name, value


@commands.command()
def utm(
    client: Presswork,
    domains: list[str] | None = option("--domain DOMAIN", "Links of this domain get them; can be repeated."),
    source: str | None = option("--source TEXT", "utm_source; {platform} in it becomes the name of the platform."),
    medium: str | None = option("--medium TEXT", "utm_medium."),
    campaign: str | None = option("--campaign TEXT", "utm_campaign."),
    is_off: bool = option("--off", "Links get no parameters any more.", False),
    project: Project = None,
) -> Output:
    """Show or replace the parameters that links get when posts go out."""
    project_id = project_of(client, project)
    if is_off:
        found = client.projects.update(project_id=project_id, utm=None)
    elif domains:
        wanted = UTMParameters(domains=domains, source=source, medium=medium, campaign=campaign)
        found = client.projects.update(project_id=project_id, utm=wanted)
    elif source or medium or campaign:
        raise NotPossible("Links of which domains? Pass --domain, also for a change of one parameter.")
    else:
        found = client.projects.get(project_id=project_id)
    if (now := found.utm) is None:
        return sentences(found.raw, "Links get no parameters.")
    named = {"utm_source": now.source, "utm_medium": now.medium, "utm_campaign": now.campaign}
    lines = [f"{name} = {value}" for name, value in named.items() if value is not None]
    return sentences(found.raw, f"Links of {', '.join(now.domains)}:", *lines)
