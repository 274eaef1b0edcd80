"""`presswork login`: the server and the API key of the client commands."""

import os
import sys
from typing import Annotated, Final

import typer

import presswork_client
from presswork.cli.client.choose import project_of
from presswork.cli.client.login import Login, NotPossible, calling, forget_login, require_url, store_login
from presswork.cli.options import AsJSON
from presswork.cli.output import console, plain_refusals, print_result
from presswork_client import Presswork

app: Final = typer.Typer(add_completion=False)


@app.command()
def login(
    url: Annotated[
        str | None, typer.Option("--url", help="URL of the server.", metavar="URL", show_default=False)
    ] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="PROJECT", help="Id or name of the default project."),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Delete the stored login.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Check an API key and store it with its server for the client commands.

    The key is read from PRESSWORK_API_KEY, a prompt or standard input, and stored in a file that only you can read. It is
    not an option, because other users see options in the process list.
    """
    if forget:
        was_there = forget_login()
        console().print("The login was deleted." if was_there else "There was no login.")
        return
    with plain_refusals(as_json=as_json):
        place, url_source = _url(url)
        key, key_source = _read_key()
        found = Login(url=place, key=key, url_source=url_source, key_source=key_source)
    with calling(found, as_json=as_json) as client:
        caller = client.service.whoami()
        chosen = _project(client, project, found)
        file = store_login(Login(url=found.url, key=found.key, project=chosen))
        stored = {
            "url": found.url,
            "organizationId": caller.organization_id,
            "environment": caller.environment,
            "scopes": caller.scopes,
            "projectId": chosen,
            "file": str(file),
        }
        name = caller.organization_name or caller.organization_id
        print_result(
            stored,
            f"Logged in to {found.url} as {name}, environment {caller.environment}.",
            f"The default project is {chosen}."
            if chosen
            else "There is no default project. Pass --project to each command.",
            as_json=as_json,
        )


def _url(given: str | None) -> tuple[str, str]:
    """Return the URL of the server, and where it is from."""
    variable = os.environ.get("PRESSWORK_BASE_URL")
    url, source = (given, "--url") if given else (variable, "PRESSWORK_BASE_URL")
    if not url:
        url, source = presswork_client.DEFAULT_BASE_URL, "the default"
    require_url(url, source)
    return url.rstrip("/"), source


def _read_key() -> tuple[str, str]:
    """Return the API key, and where it is from."""
    if key := os.environ.get("PRESSWORK_API_KEY"):
        source = "PRESSWORK_API_KEY"
    elif sys.stdin.isatty():
        key, source = typer.prompt("API key", hide_input=True, err=True), "the prompt"
    else:
        key, source = sys.stdin.readline(), "standard input"
    if not key.strip().startswith("lp_"):
        raise NotPossible(
            f"What is from {source} is not an API key: a key starts with lp_. Create one with `presswork key create`."
        )
    return str(key).strip(), source


def _project(client: Presswork, named: str | None, login: Login) -> str | None:
    """Return the named project, or the only one; None if there are several, or the key has no access to projects."""
    try:
        return project_of(client, named, login)
    except (NotPossible, presswork_client.ForbiddenScopeError):
        if named is not None:
            raise
        return None
