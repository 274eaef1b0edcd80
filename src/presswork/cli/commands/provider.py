"""`presswork provider`: managed providers."""

import sys
from typing import Annotated, Final

import typer

from presswork.accounts.providers import (
    ChangedProvider,
    add_provider,
    list_providers,
    remove_provider,
    rotate_secret,
)
from presswork.cli.actor import here
from presswork.cli.database import with_database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.secretkeys.primary import keyring_for

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Configure managed providers.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What a layer's config.provider says.")]
Env = Annotated[Environment, typer.Option("--env", help="Whose projects it serves.")]
Secret = Annotated[
    str | None,
    typer.Option(
        "--secret",
        metavar="whsec_…",
        help="Secret that both sides sign by; - reads it from standard input, where no list of processes shows it. "
        "[default: made here]",
        show_default=False,
    ),
]


_STDIN: Final = "-"


@app.command()
def add(
    name: Name,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Its base address.")],
    env: Env = Environment.TEST,
    secret: Secret = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Add a provider. Its secret is shown this once; it is kept sealed."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        told = _told(secret)

        async def work(connection: Connection) -> ChangedProvider:
            now = SystemClock().now()
            keyring = await keyring_for(connection, settings, now=now)
            return await add_provider(
                connection, keyring, name=name, environment=env, url=url, secret=told, by=here(), now=now
            )

        added = with_database(settings, work)
    _show(added, as_json=as_json)


@app.command("list")
def list_all(
    env: Annotated[Environment | None, typer.Option("--env", help="Only of this environment.")] = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List providers without their secrets, with the number of layers that name each."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        rows = with_database(settings, lambda connection: list_providers(connection, environment=env))
    items = [
        {
            "name": row["name"],
            "environment": row["environment"],
            "url": row["base_url"],
            "layers": row["layers"],
            "createdAt": write_instant(row["created_at"]),
        }
        for row in rows
    ]
    if as_json:
        print_json({"items": items})
        return
    print_table(
        ("provider", "environment", "url", "layers", "created"),
        [list(item.values()) for item in items],
        empty="There are no such providers; `presswork provider add NAME --url URL` adds one.",
    )


@app.command()
def remove(
    name: Name,
    env: Env = Environment.TEST,
    force: Annotated[bool, typer.Option("--force", help="Even while posts are with it.")] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Remove a provider. Accounts of layers that name it are not ready for `managed` any more."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        with_database(
            settings,
            lambda connection: remove_provider(
                connection, name=name, environment=env, is_forced=force, by=here(), now=SystemClock().now()
            ),
        )
    if as_json:
        print_json({"name": name, "environment": env.value, "outcome": "removed"})
    else:
        console().print(f"{name} is removed.", markup=False)


@app.command("rotate-secret")
def rotate(
    name: Name,
    env: Env = Environment.TEST,
    secret: Secret = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Give a provider another secret, which is shown this once. The former one stays good for 24 hours."""
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        told = _told(secret)

        async def work(connection: Connection) -> ChangedProvider:
            now = SystemClock().now()
            keyring = await keyring_for(connection, settings, now=now)
            return await rotate_secret(connection, keyring, name=name, environment=env, secret=told, by=here(), now=now)

        changed = with_database(settings, work)
    _show(changed, as_json=as_json)


def _told(secret: str | None) -> str | None:
    return sys.stdin.readline().strip() if secret == _STDIN else secret


def _show(provider: ChangedProvider, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "name": provider.name,
                "environment": provider.environment.value,
                "url": provider.base_url,
                "secret": provider.secret,
            }
        )
        return
    out = console()
    out.print(provider.secret, markup=False)
    out.print(
        f"[dim]The secret of {provider.name} ({provider.environment}). Give it to the provider: it is not shown again.[/]"
    )
