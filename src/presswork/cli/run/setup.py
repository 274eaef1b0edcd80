"""Reading the settings for a command: flags over the environment over `.env` over defaults."""

from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from presswork.core.errors import Code, PressworkError
from presswork.core.logging import set_up_logs
from presswork.core.settings import PREFIX, Settings
from presswork_sandbox.store import state_file_in


class SettingsInvalid(PressworkError):
    """Some settings have values that can't be used; the message names each."""

    code = Code.VALIDATION


def read_settings(
    *,
    data_dir: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    sandbox: bool | None = None,
) -> Settings:
    """Return the settings, with the flags that were given. Raises SettingsInvalid."""
    flags = {"data_dir": data_dir, "host": host, "port": port, "sandbox": sandbox}
    try:
        settings = Settings.model_validate({name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        wrong = [f"{variable_of(detail)}: {_lowered(detail['msg'])}" for detail in error.errors()]
        raise SettingsInvalid(
            f"{'; '.join(wrong)}. Correct the environment or .env; `presswork config` tells what each setting means.",
            settings=[variable_of(detail) for detail in error.errors()],
        ) from error
    # Children and the database run elsewhere, so a relative folder is settled here.
    return settings.model_copy(update={"data_dir": settings.data_dir.expanduser().absolute()})


def set_up_admin(settings: Settings) -> None:
    """Route the logs of a short command: only what is wrong, unless a level was asked for."""
    is_level_chosen = "log_level" in settings.model_fields_set
    set_up_logs(settings if is_level_chosen else settings.model_copy(update={"log_level": "warning"}))


def variable_of(detail: ErrorDetails) -> str:
    """Return the environment variable that a validation error is about."""
    return PREFIX + "_".join(str(part) for part in detail["loc"]).upper()


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def sandbox_file(settings: Settings) -> Path:
    """Return the sandbox's state file."""
    return state_file_in(settings.data_dir)
