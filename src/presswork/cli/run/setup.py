"""Reads the settings of a command: options override the environment, which overrides `.env`."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, get_args

from annotated_types import Ge, Le
from pydantic import AliasChoices, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from presswork.core.errors import Code, PressworkError
from presswork.core.logging import HIDDEN, redact, set_up_logs
from presswork.core.sandbox_package import require_sandbox
from presswork.core.setting_values import PREFIX
from presswork.core.settings import conflicts
from presswork.core.unknown_variables import unknown_variables
from presswork.platforms.settings import Settings, SettingValues

_OUT_OF_RANGE: Final = frozenset({"greater_than_equal", "less_than_equal"})


class SettingsInvalid(PressworkError):
    """Settings have invalid values; the message names each."""

    code = Code.VALIDATION


class PathInvalid(PressworkError):
    """A path starts with the home folder of a user that does not exist."""

    code = Code.VALIDATION


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSettings:
    """The settings as they were given, with what is wrong with them.

    `values` has the default in place of each value that can't be read at all; `given` has the text of that value.
    """

    values: SettingValues
    given: Mapping[str, str]
    refused: Mapping[str, str]
    """The sentence about each setting that is refused, by its field name."""
    unknown: Mapping[str, str]
    """The sentence about each variable that is no setting, by its name."""


def read_settings(
    *,
    data_dir: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    sandbox: bool | None = None,
    api_processes: int | None = None,
) -> Settings:
    """Return the settings with the given options. Raises SettingsInvalid."""
    flags = _drop_unset(data_dir=data_dir, host=host, port=port, sandbox=sandbox, api_processes=api_processes)
    if unknown := _find_unknown():
        raise _refuse_settings(unknown)
    try:
        settings = Settings.model_validate(_add_env_file(flags))
    except ValidationError as error:
        refused = effective_settings(flags).refused
        raise _refuse_settings({variable_of(name): sentence for name, sentence in refused.items()}) from error
    # Child processes and the database have other working folders, so the path is made absolute here.
    return settings.model_copy(update={"data_dir": absolute(settings.data_dir)})


def absolute(path: Path) -> Path:
    """Return an absolute path without `~`. Raises PathInvalid if there is no such home folder."""
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise PathInvalid(f"{path} is in a home folder that is unknown. Write the whole path.") from error


def env_file_settings() -> DotEnvSettingsSource:
    """Return the settings in the `.env` of the working folder. Raises SettingsInvalid if it can't be read."""
    return DotEnvSettingsSource(Settings, env_file=_find_env_file())


def _add_env_file(flags: Mapping[str, object]) -> Mapping[str, object]:
    return {**flags, "_env_file": _find_env_file()}


def _find_env_file() -> str | None:
    """Return the `.env` of the working folder; None if that can't be entered, like another user's home folder."""
    file = Path(".env")
    try:
        with suppress(FileNotFoundError):
            file.lstat()
    except PermissionError:
        return None
    try:
        if file.is_file():
            file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsInvalid(f"{file.absolute()} can't be read: {reason}. Correct or remove it.") from error
    return str(file)


def effective_settings(flags: Mapping[str, object]) -> EffectiveSettings:
    """Return the settings even if some are refused, with a sentence about each of those.

    Raises SettingsInvalid if the `.env` can't be read.
    """
    given, refused = {}, {}
    try:
        values = SettingValues.model_validate(_add_env_file(flags))
    except ValidationError as error:
        for detail in error.errors():
            name = _find_field(detail)
            given[name] = _show_input(detail, SettingValues.model_fields[name])
            refused[name] = _describe_refusal(name, given[name], detail)
        defaults = {name: SettingValues.model_fields[name].get_default(call_default_factory=True) for name in refused}
        values = SettingValues.model_validate(_add_env_file({**flags, **defaults}))
    if not refused:
        refused = dict(conflicts(values))
    return EffectiveSettings(values=values, given=given, refused=refused, unknown=_find_unknown())


def _refuse_settings(found: Mapping[str, str]) -> SettingsInvalid:
    return SettingsInvalid(
        f"{' '.join(found.values())} Correct the environment or .env; `presswork config` lists every setting.",
        settings=list(found),
    )


def _find_unknown() -> Mapping[str, str]:
    """Return the sentence about each variable of the environment and .env that is no setting. It shows no value."""
    places = {"environment": EnvSettingsSource(Settings).env_vars, ".env": env_file_settings().env_vars}
    return {
        name: f"{name}, which is set in {'the ' if place == 'environment' else ''}{place}, is not a setting"
        + (f": did you mean {similar}?" if similar else ".")
        for place, given in places.items()
        for name, similar in unknown_variables(given, Settings.model_fields).items()
    }


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def allowed_range(name: str) -> str | None:
    """Return the range of a number or duration, like `3 to 600 seconds`; None if the setting has none."""
    field = SettingValues.model_fields[name]
    minimum = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    maximum = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    if isinstance(minimum, timedelta) and isinstance(maximum, timedelta):
        return f"{minimum.total_seconds():.12g} to {maximum.total_seconds():.12g} seconds"
    return None if minimum is None or maximum is None else f"{minimum} to {maximum}"


def set_up_admin(settings: Settings) -> None:
    """Configure the logs of a short command: warnings and errors only, unless a level is set."""
    is_level_chosen = "log_level" in settings.model_fields_set
    set_up_logs(settings if is_level_chosen else settings.model_copy(update={"log_level": "warning"}))


def require_served_sandbox(settings: Settings) -> None:
    """Raises Unavailable if the API should serve the sandbox, and it is not installed."""
    if settings.serves_sandbox:
        require_sandbox(
            "PRESSWORK_SANDBOX or --sandbox turns on the sandbox",
            otherwise=", or set PRESSWORK_SANDBOX=false, or PRESSWORK_SANDBOX_URL to a sandbox that runs separately",
        )


def sandbox_file(settings: Settings) -> Path:
    """Return where the sandbox stores its state, installed or not: as `state_file_in` of the package says."""
    return settings.data_dir / "sandbox" / "sandbox.sqlite3"


def _drop_unset(**flags: object) -> dict[str, object]:
    return {name: value for name, value in flags.items() if value is not None}


def names_of(name: str) -> frozenset[str]:
    """Return the names under which a source may hold a setting."""
    other = SettingValues.model_fields[name].validation_alias
    return frozenset({name, *(str(choice) for choice in other.choices)} if isinstance(other, AliasChoices) else {name})


def _find_field(detail: ErrorDetails) -> str:
    where = str(detail["loc"][0])
    return next(name for name in SettingValues.model_fields if where in names_of(name))


def _show_input(detail: ErrorDetails, field: FieldInfo) -> str:
    is_secret = SecretStr in {field.annotation, *get_args(field.annotation)} or "SecretStr" in str(field.annotation)
    given = detail["input"]
    shown = f"{given.total_seconds():.12g}" if isinstance(given, timedelta) else str(given)
    return HIDDEN if is_secret else redact(shown)


def _describe_refusal(name: str, given: str, detail: ErrorDetails) -> str:
    allowed = allowed_range(name)
    if allowed is not None:
        return f"{variable_of(name)} is {given}, but must be from {allowed}."
    message = detail["msg"]
    return f"{variable_of(name)} is {given}, but {message[:1].lower()}{message[1:]}."
