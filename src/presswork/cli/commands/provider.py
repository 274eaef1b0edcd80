"""`presswork provider`: configure managed providers."""

import sys
from typing import Final

from presswork.accounts.providers import (
    ProviderWithSecret,
    add_provider,
    list_providers,
    remove_provider,
    rotate_secret,
)
from presswork.cli.administration import Admin, on_database
from presswork.cli.command import Commands, Output, sentences, table_of_objects, value_alone
from presswork.cli.options import OnlyEnv, argument, option
from presswork.core.enums import Environment
from presswork.secretkeys.primary import keyring_for

commands: Final = Commands(on_database, "Configure managed providers.")

_STDIN: Final = "-"
_NAME: Final = argument("NAME", "Name of the provider, as in config.provider of a layer.", ...)
_ENV: Final = option("--env", "Environment of the projects that use it.", Environment.TEST)
_SECRET: Final = option(
    "--secret whsec_…",
    "Secret that both sides sign with; - reads it from standard input, so that it is not in the process list.",
    show_default="generated",
)


@commands.command()
async def add(
    admin: Admin,
    name: str = _NAME,
    url: str = option("--url URL", "Base URL of the provider.", ...),
    env: Environment = _ENV,
    secret: str | None = _SECRET,
) -> Output:
    """Add a provider. Its secret is shown only once and stored encrypted."""
    given = _read_secret(secret)
    keyring = await keyring_for(admin.connection, admin.settings, now=admin.now)
    added = await add_provider(
        admin.connection, keyring, name=name, environment=env, url=url, secret=given, by=admin.by, now=admin.now
    )
    return _show_secret(added)


@commands.listing("list")
async def list_all(admin: Admin, env: OnlyEnv = None) -> Output:
    """List providers without their secrets, with the number of layers that use each."""
    return table_of_objects(
        ("provider", "environment", "url", "layers", "created"),
        [
            {
                "name": row["name"],
                "environment": row["environment"],
                "url": row["base_url"],
                "layers": row["layers"],
                "createdAt": row["created_at"],
            }
            for row in await list_providers(admin.connection, environment=env)
        ],
        empty="There are no such providers. Add one with `presswork provider add NAME --url URL`.",
        drop=("created", "layers"),
        below=("url",),
    )


@commands.command()
async def remove(
    admin: Admin,
    name: str = _NAME,
    env: Environment = _ENV,
    force: bool = option("--force", "Remove it even if posts are in progress there.", False),
) -> Output:
    """Remove a provider. Accounts of layers that use it are no longer ready for mode `managed`."""
    await remove_provider(admin.connection, name=name, environment=env, is_forced=force, by=admin.by, now=admin.now)
    return sentences({"name": name, "environment": env, "outcome": "removed"}, f"{name} was removed.")


@commands.command("rotate-secret")
async def rotate(admin: Admin, name: str = _NAME, env: Environment = _ENV, secret: str | None = _SECRET) -> Output:
    """Replace a provider's secret; the new one is shown only once. The previous one stays valid for 24 hours."""
    given = _read_secret(secret)
    keyring = await keyring_for(admin.connection, admin.settings, now=admin.now)
    rotated = await rotate_secret(
        admin.connection, keyring, name=name, environment=env, secret=given, by=admin.by, now=admin.now
    )
    return _show_secret(rotated)


def _read_secret(secret: str | None) -> str | None:
    return sys.stdin.readline().strip() if secret == _STDIN else secret


def _show_secret(provider: ProviderWithSecret) -> Output:
    return value_alone(
        {
            "name": provider.name,
            "environment": provider.environment,
            "url": provider.base_url,
            "secret": provider.secret,
        },
        provider.secret,
        f"The secret of {provider.name} ({provider.environment}). Store it at the provider: it is not shown again.",
    )
