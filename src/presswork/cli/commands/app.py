"""`presswork app`: the organization's own apps at platforms."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import Limit, given, on_server, one_of
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output, sentences, table_of_rows
from presswork.cli.options import argument, option
from presswork_client import NOT_GIVEN, ConflictError, choices

if TYPE_CHECKING:
    from presswork_client import Presswork
    from presswork_client.models import PlatformApp

commands: Final = Commands(on_server, "Connect accounts with apps that the organization registered itself.")

_PLATFORMS: Final = get_args(choices.PlatformName)
_APP: Final = argument("APP", "Id of the app, app_….", ...)
_PROJECTS: Final = option(
    "--project PROJECT", "Use it in this project only; can be repeated.", show_default="the whole organization"
)
_SECRET_FILE: Final = option(
    "--secret-file FILE", "File with the app's secret; - reads it from standard input.", show_default="prompt"
)


@commands.listing("list")
def list_apps(client: Presswork, limit: Limit = 100) -> Output:
    """List the organization's apps without their secrets, the oldest first."""
    return table_of(
        client.platform_apps.list(limit=limit).items,
        {
            "app": lambda one: one.id,
            "platform": lambda one: one.platform,
            "name": lambda one: one.name,
            "client id": lambda one: f"…{one.client_id_hint}",
            "used in": _place_of,
            "accounts": lambda one: one.account_count,
            "updated": lambda one: one.updated_at,
        },
        empty="There are no platform apps: logins use those of the installation. Add one with `presswork app add`.",
        drop=("updated", "client id"),
        cut=("used in", "name"),
    )


@commands.command()
def add(
    client: Presswork,
    platform: str = argument("PLATFORM", "Where the app is registered.", ...),
    name: str = argument("NAME", "Name for display.", ...),
    client_id: str = option("--client-id ID", "The app's ID, or client key.", ...),
    secret_file: str | None = _SECRET_FILE,
    project: list[str] | None = _PROJECTS,
) -> Output:
    """Add an app, and show what has to be registered in it. Its secret is read from a prompt or a file, and stored encrypted."""
    made = client.platform_apps.create(
        platform=one_of(_PLATFORMS, platform, "platform"),
        name=name,
        client_id=client_id,
        client_secret=_read_secret(secret_file),
        project_ids=None if project is None else [project_of(client, one) for one in project],
    )
    return _show(made, f"{made.id} is stored. Register these in the app:")


@commands.command()
def change(
    client: Presswork,
    app: str = _APP,
    name: str | None = option("--name NAME", "New name."),
    secret_file: str | None = option("--secret-file FILE", "File with a new secret of the app; - is standard input."),
    project: list[str] | None = option("--project PROJECT", "Use it in this project only; can be repeated."),
    everywhere: bool = option("--everywhere", "Use it in the whole organization.", False),
    nowhere: bool = option("--nowhere", "Use it for no new logins; its accounts keep it.", False),
) -> Output:
    """Change an app: its name, its secret, or where logins use it."""
    if sum((project is not None, everywhere, nowhere)) > 1:
        raise NotPossible("Pass one of --project, --everywhere and --nowhere.")
    places = [project_of(client, one) for one in project or []] if project is not None or nowhere else None
    changed = client.platform_apps.update(
        platform_app_id=app,
        name=given(name),
        client_secret=NOT_GIVEN if secret_file is None else _read_secret(secret_file),
        project_ids=places if project is not None or nowhere or everywhere else NOT_GIVEN,
    )
    return sentences(changed.raw, f"{changed.name} is used in {_place_of(changed)}.")


@commands.command()
def remove(client: Presswork, app: str = _APP) -> Output:
    """Remove an app with which no account is connected."""
    removed = client.platform_apps.delete(platform_app_id=app)
    return sentences(removed.raw, f"{removed.id} was removed.")


@commands.listing("reconnect")
def reconnect_accounts(
    client: Presswork,
    app: str = _APP,
    hours: int = option("--hours N", "How long the links serve, up to 720.", 168, min=1, max=720),
) -> Output:
    """Make a connect link for each project with accounts that move to or from an app, for the people who log in to them again."""
    accounts = Counter(
        account.project_id for account in client.platform_apps.list_accounts(platform_app_id=app, needs_reconnect=True)
    )
    made = []
    for project in accounts:
        with suppress(ConflictError):  # its accounts have moved meanwhile, or it was archived
            link = client.connect_links.create(project_id=project, reconnect=True, expires_in_hours=hours)
            made.append((project, link))
    return table_of_rows(
        ("project", "accounts", "expires", "link"),
        [(project, accounts[project], link.expires_at, link.url) for project, link in made],
        document={"items": [{"projectId": project, **link.raw} for project, link in made]},
        empty="No account has to be connected again.",
        below=("link",),
    )


def _read_secret(file: str | None) -> str:
    """Return the secret of an app. Raises NotPossible if there is none."""
    if file is None:
        secret = typer.prompt("App secret", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    else:
        try:
            secret = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise NotPossible(f"The file {file} can't be read ({error}).") from error
    if not secret.strip():
        raise NotPossible("There is no secret. Pass --secret-file with a file that has it.")
    return str(secret).strip()


def _place_of(app: PlatformApp) -> str:
    if app.project_ids is None:
        return "the organization"
    return ", ".join(app.project_ids) or "no new logins"


def _show(app: PlatformApp, sentence: str) -> Output:
    registered = {
        "Redirect URI": app.redirect_uri,
        "Webhook URL": app.webhook_url,
        "Webhook verify token": app.webhook_verify_token,
        "Deauthorize URL": app.deauthorize_url,
        "Data deletion URL": app.data_deletion_url,
    }
    return sentences(app.raw, sentence, *[f"{name}: {text}" for name, text in registered.items() if text is not None])
