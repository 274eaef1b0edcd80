"""`presswork provider`: configure managed providers."""

import sys
from typing import Annotated, Final

import typer

from presswork.accounts.providers import (
    ProviderWithSecret,
    add_provider,
    list_providers,
    remove_provider,
    rotate_secret,
)
from presswork.cli.actor import here
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, OnlyEnv, Wide
from presswork.cli.output import print_alone, print_items, print_json, print_result
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.settings import Settings
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.secretkeys.primary import keyring_for

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Configure managed providers.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the provider, as in config.provider of a layer.")]
Env = Annotated[Environment, typer.Option("--env", help="Environment of the projects that use it.")]
Secret = Annotated[
    str | None,
    typer.Option(
        "--secret",
        metavar="whsec_…",
        help="Secret that both sides sign with; - reads it from standard input, so that it is not in the process list.",
        show_default="generated",
    ),
]


_STDIN: Final = "-"


@app.command()
def add(
    name: Name,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Base URL of the provider.")],
    env: Env = Environment.TEST,
    secret: Secret = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Add a provider. Its secret is shown only once and stored encrypted."""
    given = _read_secret(secret)

    async def work(connection: Connection, settings: Settings) -> ProviderWithSecret:
        now = SystemClock().now()
        keyring = await keyring_for(connection, settings, now=now)
        return await add_provider(
            connection, keyring, name=name, environment=env, url=url, secret=given, by=here(), now=now
        )

    _show(run_on_database(work, data_dir=data_dir, as_json=as_json), as_json=as_json)


@app.command("list")
def list_all(
    env: OnlyEnv = None,
    wide: Wide = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List providers without their secrets, with the number of layers that use each."""
    rows = run_on_database(
        lambda connection, _: list_providers(connection, environment=env), data_dir=data_dir, as_json=as_json
    )
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
    print_items(
        ("provider", "environment", "url", "layers", "created"),
        items,
        empty="There are no such providers. Add one with `presswork provider add NAME --url URL`.",
        as_json=as_json,
        layout=Layout(drop=("created", "layers"), below=("url",)),
        wide=wide,
    )


@app.command()
def remove(
    name: Name,
    env: Env = Environment.TEST,
    force: Annotated[bool, typer.Option("--force", help="Remove it even if posts are in progress there.")] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Remove a provider. Accounts of layers that use it are no longer ready for mode `managed`."""
    run_on_database(
        lambda connection, _: remove_provider(
            connection, name=name, environment=env, is_forced=force, by=here(), now=SystemClock().now()
        ),
        data_dir=data_dir,
        as_json=as_json,
    )
    document = {"name": name, "environment": env.value, "outcome": "removed"}
    print_result(document, f"{name} was removed.", as_json=as_json)


@app.command("rotate-secret")
def rotate(
    name: Name,
    env: Env = Environment.TEST,
    secret: Secret = None,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Replace a provider's secret; the new one is shown only once. The previous one stays valid for 24 hours."""
    given = _read_secret(secret)

    async def work(connection: Connection, settings: Settings) -> ProviderWithSecret:
        now = SystemClock().now()
        keyring = await keyring_for(connection, settings, now=now)
        return await rotate_secret(connection, keyring, name=name, environment=env, secret=given, by=here(), now=now)

    _show(run_on_database(work, data_dir=data_dir, as_json=as_json), as_json=as_json)


def _read_secret(secret: str | None) -> str | None:
    return sys.stdin.readline().strip() if secret == _STDIN else secret


def _show(provider: ProviderWithSecret, *, as_json: bool) -> None:
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
    print_alone(
        provider.secret,
        f"The secret of {provider.name} ({provider.environment}). Store it at the provider: it is not shown again.",
    )
