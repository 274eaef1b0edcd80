"""`presswork login`: the server and the API key of the client commands."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import typer

import presswork_client
from presswork.cli.client.choose import project_of
from presswork.cli.client.command import calling
from presswork.cli.client.login import Login, NotPossible, choose_url, forget_login, store_login
from presswork.cli.command import sentences
from presswork.cli.options import AsJSON, option
from presswork.cli.output import console, plain_refusals

if TYPE_CHECKING:
    from presswork_client import Presswork

app: Final = typer.Typer(add_completion=False)


@app.command()
def login(
    url: str | None = option("--url URL", "URL of the server."),
    project: str | None = option("--project PROJECT", "Id or name of the default project."),
    forget: bool = option("--forget", "Delete the stored login.", False),
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
        base_url, url_source = choose_url(url, None)
        key, key_source = _read_key()
        found = Login(url=base_url.rstrip("/"), key=key, url_source=url_source, key_source=key_source)
    with calling(found, as_json=as_json) as client:
        caller = client.service.whoami()
        chosen = _choose_project(client, project, found)
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
    sentences(
        stored,
        f"Logged in to {found.url} as {name}, environment {caller.environment}.",
        f"The default project is {chosen}."
        if chosen
        else "There is no default project. Pass --project to each command.",
    ).print(as_json=as_json)


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


def _choose_project(client: Presswork, named: str | None, login: Login) -> str | None:
    """Return the named project, or the only one; None if there are several, or the key has no access to projects."""
    try:
        return project_of(client, named, login)
    except (NotPossible, presswork_client.ForbiddenScopeError):
        if named is not None:
            raise
        return None
