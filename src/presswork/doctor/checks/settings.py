"""Check of the settings: the effective values that the guarantees rest on."""

from presswork.core.setting_values import SettingValues
from presswork.doctor.model import Finding, ok


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
