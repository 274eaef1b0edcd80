"""Check of the settings: which are refused."""

from presswork.cli.run.setup import EffectiveSettings, variable_of
from presswork.core.setting_values import SettingValues
from presswork.doctor.model import Finding, fail


def refused_settings(found: EffectiveSettings) -> list[Finding]:
    """Return a finding about each setting that is refused. Nothing else can be checked until they are corrected."""
    misspelt = [
        fail(f"setting {name}", sentence, "Correct the name, or remove the variable.")
        for name, sentence in found.unknown.items()
    ]
    return misspelt + [
        fail(
            f"setting {variable_of(name)}",
            sentence,
            f"Correct it in the environment or .env, or remove it to use the default: {_default(name)}.",
        )
        for name, sentence in found.refused.items()
    ]


def _default(name: str) -> str:
    default = SettingValues.model_fields[name].get_default(call_default_factory=True)
    if default is None:
        return "unset"
    return f"{default.total_seconds():.12g}" if hasattr(default, "total_seconds") else str(default)
