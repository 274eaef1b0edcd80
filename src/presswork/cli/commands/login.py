"""`presswork login`: which server the client commands call, and by which key."""

import os
import sys
from typing import Annotated, Final

import typer

import presswork_client
from presswork.cli.client.choose import project_of
from presswork.cli.client.login import Login, NotPossible, calling, forget_login, keep_login
from presswork.cli.options import AsJSON
from presswork.cli.output import console, plain_refusals, print_json
from presswork_client import Presswork

app: Final = typer.Typer(add_completion=False)


@app.command()
def login(
    url: Annotated[
        str | None, typer.Option("--url", help="The server's address.", metavar="URL", show_default=False)
    ] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="PROJECT", help="Id or name of the project that commands are about."),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Remove the login that is kept.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Keep a server and a key for the other commands; the key is asked for, or read from standard input.

    It is checked first, and kept in a file that only you can read. A key is never an option: others would see it in the
    list of processes.
    """
    if forget:
        was_there = forget_login()
        console().print("The login is removed." if was_there else "There was no login.")
        return
    with plain_refusals(as_json=as_json):
        found = Login(url=_url(url), key=_read_key())
    with calling(found, as_json=as_json) as client:
        caller = client.service.whoami()
        chosen = _project(client, project, found)
        file = keep_login(Login(url=found.url, key=found.key, project=chosen))
        said = {
            "url": found.url,
            "organizationId": caller.organization_id,
            "environment": caller.environment,
            "scopes": caller.scopes,
            "projectId": chosen,
            "file": str(file),
        }
        if as_json:
            print_json(said)
        else:
            name = caller.organization_name or caller.organization_id
            console().print(f"Logged in to {found.url} for {name}, environment {caller.environment}.", markup=False)
            console().print(
                f"Commands are about {chosen}." if chosen else "Name a project with --project in each command.",
                markup=False,
            )


def _url(given: str | None) -> str:
    url = given or os.environ.get("PRESSWORK_BASE_URL") or presswork_client.DEFAULT_BASE_URL
    if not url.startswith(("http://", "https://")):
        raise NotPossible(f"{url!r} is no address. Write one like https://presswork.example.com.")
    return url.rstrip("/")


def _read_key() -> str:
    key = os.environ.get("PRESSWORK_API_KEY") or (
        typer.prompt("API key", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    )
    if not key.strip().startswith("lp_"):
        raise NotPossible("That is no API key; one begins with lp_. `presswork key create` makes one.")
    return str(key).strip()


def _project(client: Presswork, named: str | None, login: Login) -> str | None:
    """Return the project that is named, or the only one; None where there are several, or the key may not look."""
    try:
        return project_of(client, named, login)
    except (NotPossible, presswork_client.ForbiddenScopeError):
        if named is not None:
            raise
        return None
