"""`presswork config`: every setting, its value, its source, its range and its meaning."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from pydantic_settings import EnvSettingsSource

from presswork.cli.command import Commands, Output, on_machine, sentences, table_of_rows
from presswork.cli.options import DataDir, option
from presswork.cli.run.setup import (
    EffectiveSettings,
    absolute,
    allowed_range,
    effective_settings,
    env_file_settings,
    names_of,
    variable_of,
)
from presswork.core.logging import HIDDEN, redact
from presswork.crypto.keyring import new_key_text
from presswork.platforms.settings import Settings, SettingValues

commands: Final = Commands(on_machine)


@commands.listing("config")
def main(
    data_dir: DataDir,
    new_key: bool = option("--new-key", "Only print a new secret key, for PRESSWORK_SECRET_KEYS.", False),
) -> Output:
    """Show every setting: its variable, value, source, allowed range and meaning. Secrets stay hidden.

    Exit status 1 if a value or a name is refused; other commands do not start then.
    """
    if new_key:
        text = new_key_text()
        return sentences({"key": text}, text)
    flags = {"data_dir": absolute(data_dir)} if data_dir is not None else {}
    found = effective_settings(flags)
    items = _describe_settings(found, flags)
    unknown = [{"variable": name, "refused": why} for name, why in found.unknown.items()]
    return table_of_rows(
        ("variable", "value", "source", "allowed", "meaning", "refused"),
        [
            *(list(item.values()) for item in items),
            *([name, None, "unknown", None, None, why] for name, why in found.unknown.items()),
        ],
        document={"settings": items, "unknown": unknown},
        empty="There are no settings.",
        drop=("allowed", "source"),
        below=("meaning", "refused"),
        status=1 if found.unknown or found.refused else 0,
    )


def _describe_settings(found: EffectiveSettings, flags: Mapping[str, object]) -> list[dict[str, object]]:
    sources = {"flag": flags, "env": EnvSettingsSource(Settings)(), ".env": env_file_settings()()}
    return [
        {
            "variable": variable_of(name),
            "value": found.given[name] if name in found.given else _read_json_value(name, found.values),
            "source": next((source for source, given in sources.items() if names_of(name) & given.keys()), "default"),
            "allowed": allowed_range(name),
            "meaning": field.description,
            "refused": found.refused.get(name),
        }
        for name, field in SettingValues.model_fields.items()
    ]


def _read_json_value(name: str, values: SettingValues) -> str | int | float | bool | None:
    """Return a value as JSON has it; secrets, and secrets in a URL, are hidden."""
    value = getattr(values, name)
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, bool | int):
        return value
    return redact(str(value.expanduser().absolute() if isinstance(value, Path) else value))
