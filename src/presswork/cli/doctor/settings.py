"""Check of the settings: which are refused, and what the guarantees rest on."""

from presswork.cli.doctor.finding import Finding, fail, ok
from presswork.cli.run.setup import EffectiveSettings, variable_of
from presswork.core.settings import SettingValues


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


def effective_values(values: SettingValues) -> Finding:
    """Show the effective values of the settings that the guarantees rest on."""
    shown = {
        "worker lease": values.worker_lease,
        "republish after": values.republish_after_live,
        "managed deadline": values.managed_deadline_live,
        "media URLs valid for": values.media_url_lifetime,
        "upload URLs valid for": values.upload_url_lifetime,
        "republish after (test)": values.republish_after_test,
        "managed deadline (test)": values.managed_deadline_test,
    }
    listed = ", ".join(f"{name} {value.total_seconds():.12g} s" for name, value in shown.items())
    return ok("settings", f"all within their ranges: {listed}")


def _default(name: str) -> str:
    default = SettingValues.model_fields[name].get_default(call_default_factory=True)
    if default is None:
        return "unset"
    return f"{default.total_seconds():.12g}" if hasattr(default, "total_seconds") else str(default)
