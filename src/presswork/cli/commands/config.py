"""`presswork config`: every setting, its value, where that comes from and what it means."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.setup import read_settings
from presswork.core.logging import HIDDEN, redact
from presswork.core.settings import PREFIX, Settings
from presswork.crypto.keyring import new_key_text

app: Final = typer.Typer(add_completion=False)


@app.command()
def main(
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Only print a fresh secret key, for PRESSWORK_SECRET_KEYS.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Show every setting: its variable, its value, where that comes from, and what it means. Secrets stay hidden."""
    if new_key:
        text = new_key_text()
        if as_json:
            print_json({"key": text})
        else:
            console().print(text, markup=False)
        return
    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        flags = {"data_dir": data_dir} if data_dir is not None else {}
        items = _described(settings, flags)
    if as_json:
        print_json({"settings": items})
    else:
        print_table(
            ("variable", "value", "source", "meaning"),
            [list(item.values()) for item in items],
            empty="There are no settings.",
        )


def _described(settings: Settings, flags: Mapping[str, object]) -> list[dict[str, object]]:
    environment = EnvSettingsSource(Settings)()
    dotenv = DotEnvSettingsSource(Settings)()
    sources = {"flag": flags, "env": environment, ".env": dotenv}
    return [
        {
            "variable": PREFIX + name.upper(),
            "value": _shown(getattr(settings, name)),
            "source": next(
                (source for source, given in sources.items() if _names(name, field) & given.keys()), "default"
            ),
            "meaning": _meaning(getattr(settings, name), field.description or ""),
        }
        for name, field in Settings.model_fields.items()
    ]


def _names(name: str, field: FieldInfo) -> frozenset[str]:
    """Return the names under which a source may hold a setting."""
    other = field.validation_alias
    return frozenset({name, *(str(choice) for choice in other.choices)} if isinstance(other, AliasChoices) else {name})


def _meaning(value: object, description: str) -> str:
    return f"{description} In seconds." if isinstance(value, timedelta) else description


def _shown(value: object) -> str | int | float | bool | None:
    """Return a value as JSON has it; what is secret, and what is secret in an address, is hidden."""
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, bool | int):
        return value
    return redact(str(value) if isinstance(value, Path) else f"{value}")
