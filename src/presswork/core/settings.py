"""The configuration of one process: settings that were checked against each other."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Self

from pydantic import model_validator

from presswork.core.setting_values import (
    LIVE_CALL_SETTLES_WITHIN,
    LIVE_CALL_TIMEOUT,
    PREFIX,
    TEST_CALL_TIMEOUT,
    CoreSettingValues,
)


class CoreSettings(CoreSettingValues):
    """The configuration of one process. Read once at its start and passed on; nothing else reads the environment.

    Raises SettingsConflict, inside pydantic's ValidationError, if two settings contradict each other.
    """

    @model_validator(mode="after")
    def _require_compatible(self) -> Self:
        if found := conflicts(self):
            raise SettingsConflict(found)
        return self


class SettingsConflict(ValueError):
    """A combination of settings would break a guarantee. `conflicts` has the name and the message of each."""

    def __init__(self, found: "Sequence[Conflict]") -> None:
        super().__init__(" ".join(sentence for _, sentence in found))
        self.conflicts = found


Conflict = tuple[str, str]
"""Name of the setting to change, and the message that says why."""


def conflicts(values: CoreSettingValues) -> Sequence[Conflict]:
    """Return the combinations that can't work, and those that the proof of the protocol forbids."""
    found = [*_find_incomplete(values), *_durations_too_short(values)]
    if values.media_quota_bytes < values.max_video_bytes:
        sentence = (
            f"{PREFIX}MEDIA_QUOTA_BYTES is {values.media_quota_bytes}, less than {PREFIX}MAX_VIDEO_BYTES "
            f"({values.max_video_bytes}): the largest video would never fit. Raise it, or accept smaller videos."
        )
        found.append(("media_quota_bytes", sentence))
    if values.api_processes > 1 and values.serves_sandbox:
        alone = (
            "api_processes",
            (
                f"{PREFIX}API_PROCESSES is {values.api_processes}, but an API that serves the sandbox is one process. Set "
                f"{PREFIX}SANDBOX=false, or run `presswork sandbox` and set {PREFIX}SANDBOX_URL."
            ),
        )
        return [alone, *found]
    return found


def _find_incomplete(values: CoreSettingValues) -> Sequence[Conflict]:
    """Return the settings that another one needs."""
    needs = (
        ("oidc_issuer", "oidc_client_id"),
        ("smtp_url", "smtp_from"),
        ("operator_name", "contact_email"),
        ("contact_email", "operator_name"),
    )
    return [
        (missing, f"{PREFIX}{name.upper()} is set, but {PREFIX}{missing.upper()} is not. Set both, or none.")
        for name, missing in needs
        if getattr(values, name) is not None and not getattr(values, missing)
    ]


def _durations_too_short(values: CoreSettingValues) -> Sequence[Conflict]:
    """Return the combinations that the proof of the protocol forbids (docs/proof-of-the-protocol.md)."""
    longest_call = LIVE_CALL_TIMEOUT + LIVE_CALL_SETTLES_WITHIN
    wait, lease = values.republish_after_live, values.worker_lease
    least = {
        "republish_after_live": (
            lease + longest_call,
            (
                f"{PREFIX}WORKER_LEASE ({_number(lease)}) plus {_number(longest_call)} for the longest call; with less, a post "
                "could be published twice and a canceled post could go live"
            ),
        ),
        "managed_deadline_live": (
            wait + lease + longest_call,
            (
                f"{PREFIX}REPUBLISH_AFTER_LIVE ({_number(wait)}) plus {PREFIX}WORKER_LEASE ({_number(lease)}) plus "
                f"{_number(longest_call)} for the longest call; with less, a lost dispatch would pass the deadline before it is "
                "repeated"
            ),
        ),
        "managed_deadline_test": (
            values.republish_after_test + TEST_CALL_TIMEOUT,
            (
                f"{PREFIX}REPUBLISH_AFTER_TEST ({_number(values.republish_after_test)}) plus {_number(TEST_CALL_TIMEOUT)} for the "
                "longest call; with less, a lost dispatch would pass the deadline before it is repeated"
            ),
        ),
    }
    return [
        (
            name,
            (
                f"{PREFIX}{name.upper()} is {_number(getattr(values, name))}, but must be at least {_number(shortest)} seconds: "
                f"{reason}."
            ),
        )
        for name, (shortest, reason) in least.items()
        if getattr(values, name) < shortest
    ]


def _number(duration: timedelta) -> str:
    return f"{duration.total_seconds():.12g}"


def listen_dsn(settings: CoreSettings, dsn: str) -> str:
    """Return the URL for LISTEN, which bypasses a pooler if the settings name such a URL."""
    direct = settings.database_listen_url
    return dsn if direct is None else direct.get_secret_value()
