"""`presswork config`: every setting, its value, its source, its range and its meaning."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import SecretStr
from pydantic_settings import EnvSettingsSource

from presswork.cli.options import AsJSON, DataDir, Wide
from presswork.cli.output import plain_refusals, print_json, print_result, print_table
from presswork.cli.run.setup import (
    EffectiveSettings,
    absolute,
    allowed_range,
    effective_settings,
    env_file_settings,
    names_of,
    variable_of,
)
from presswork.cli.table import Layout
from presswork.core.logging import HIDDEN, redact
from presswork.core.setting_values import SettingValues
from presswork.core.settings import Settings
from presswork.crypto.keyring import new_key_text

app: Final = typer.Typer(add_completion=False)


@app.command()
def main(
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Only print a new secret key, for PRESSWORK_SECRET_KEYS.")
    ] = False,
    wide: Wide = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Show every setting: its variable, value, source, allowed range and meaning. Secrets stay hidden.

    Exit status 1 if a value or a name is refused; other commands do not start then.
    """
    if new_key:
        text = new_key_text()
        print_result({"key": text}, text, as_json=as_json)
        return
    with plain_refusals(as_json=as_json):
        flags = {"data_dir": absolute(data_dir)} if data_dir is not None else {}
        found = effective_settings(flags)
        items = _described(found, flags)
    if as_json:
        print_json(
            {"settings": items, "unknown": [{"variable": name, "refused": why} for name, why in found.unknown.items()]}
        )
    else:
        print_table(
            ("variable", "value", "source", "allowed", "meaning", "refused"),
            [
                *(list(item.values()) for item in items),
                *([name, None, "unknown", None, None, why] for name, why in found.unknown.items()),
            ],
            empty="There are no settings.",
            layout=Layout(drop=("allowed", "source"), below=("meaning", "refused")),
            wide=wide,
        )
    if found.unknown or found.refused:
        raise typer.Exit(1)


def _described(found: EffectiveSettings, flags: Mapping[str, object]) -> list[dict[str, object]]:
    sources = {"flag": flags, "env": EnvSettingsSource(Settings)(), ".env": env_file_settings()()}
    return [
        {
            "variable": variable_of(name),
            "value": found.given[name] if name in found.given else _shown(name, found.values),
            "source": next((source for source, given in sources.items() if names_of(name) & given.keys()), "default"),
            "allowed": allowed_range(name),
            "meaning": field.description,
            "refused": found.refused.get(name),
        }
        for name, field in SettingValues.model_fields.items()
    ]


def _shown(name: str, values: SettingValues) -> str | int | float | bool | None:
    """Return a value as JSON has it; secrets, and secrets in a URL, are hidden."""
    value = getattr(values, name)
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, bool | int):
        return value
    return redact(str(value.expanduser().absolute() if isinstance(value, Path) else value))
