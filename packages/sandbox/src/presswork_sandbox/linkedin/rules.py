"""What can be set about LinkedIn as a whole: refresh tokens, permissions of apps, versions, duplicates, lag and quotas.

Source: LinkedIn, "Rate Limits", "Marketing API Versioning" (202510 ended on 2026-10-15) and "Programmatic Refresh Tokens", read
2026-11. How long and by what a post is compared with earlier ones, and how late a finder is, LinkedIn does not document.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from presswork_sandbox.clock import DAY
from presswork_sandbox.control_input import BadControl, check_strings, known_keys, whole_number, yes_or_no
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.errors import (
    MEMBER_THROTTLED,
    THROTTLED,
    VERSION_MISSING,
    LinkedInRefusal,
    not_active,
)
from presswork_sandbox.linkedin.people import Caller
from presswork_sandbox.platform_settings import PlatformSettings
from presswork_sandbox.wire import JSONValue

SETTINGS: Final = "linkedin"
OLDEST_VERSION: Final = "202512"
NEWEST_VERSION: Final = "202611"  # later ones are known as the sandbox's clock reaches their month
MEMBER_CALLS_PER_DAY: Final = 150  # "Share on LinkedIn", 2023-12; an account's quotaTotal decides
DEFAULTS: Final[Mapping[str, JSONValue]] = {
    "refreshTokens": False,
    "scopes": None,
    "oldestVersion": OLDEST_VERSION,
    "duplicateWindowSeconds": 3600,
    "duplicateIgnoresMedia": False,
    "ghostDuplicates": False,
    "developmentTier": False,
    "finderLagSeconds": 1,
    "appCallsPerDay": 100_000,
    "leastVideoBytes": 0,  # LinkedIn's page says 75 KB; most clips of tests have less
}
_COUNTS: Final = ("duplicateWindowSeconds", "finderLagSeconds", "appCallsPerDay", "leastVideoBytes")
_FLAGS: Final = ("refreshTokens", "duplicateIgnoresMedia", "ghostDuplicates", "developmentTier")


def _is_version(text: str) -> bool:
    return len(text) == 6 and text.isascii() and text.isdigit() and 1 <= int(text[4:]) <= 12


class Rules:
    """The settings, and what follows from them. A reset takes them back."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings

    def to_json(self) -> Mapping[str, JSONValue]:
        """Return them as the control surface shows them."""
        return {**DEFAULTS, **self._settings.get(SETTINGS)}

    def change(self, body: Mapping[str, JSONValue]) -> None:
        """Change what `body` names; null is the default. Raises BadControl."""
        known_keys(body, list(DEFAULTS))
        changes = {name: DEFAULTS[name] if value is None else value for name, value in body.items()}
        for name in _FLAGS:
            yes_or_no(changes, name, default=False)
        for name in _COUNTS:
            if whole_number(changes, name, 0) < 0:
                raise BadControl(f"{name} must be 0 or more.")
        check_strings(changes, "scopes")
        version = changes.get("oldestVersion", OLDEST_VERSION)
        if not (isinstance(version, str) and _is_version(version)):
            raise BadControl('oldestVersion must be a year and a month like "202601".')
        self._settings.put(SETTINGS, {**self.to_json(), **changes})

    def restore(self) -> None:
        """Restore the defaults."""
        self._settings.drop(SETTINGS)

    def is_on(self, name: str) -> bool:
        """Return whether a setting that is true or false is true."""
        return self.to_json()[name] is True

    def count(self, name: str) -> int:
        """Return a setting that is a whole number."""
        value = self.to_json()[name]
        return value if isinstance(value, int) else 0

    def unauthorized(self, scopes: tuple[str, ...]) -> str | None:
        """Return the first of the scopes that no product of the app includes."""
        allowed = self.to_json()["scopes"]
        return next((scope for scope in scopes if scope not in allowed), None) if isinstance(allowed, list) else None

    def check_version(self, version: str | None, now: float) -> str:
        """Return the version that a call asks for. Raises LinkedInRefusal if there is none, or it is not active."""
        if not version:
            raise LinkedInRefusal(VERSION_MISSING)
        newest = max(NEWEST_VERSION, datetime.fromtimestamp(now, UTC).strftime("%Y%m"))
        if not _is_version(version) or not str(self.to_json()["oldestVersion"]) <= version <= newest:
            raise LinkedInRefusal(not_active(version))
        return version


def count_call(sandbox: Sandbox, rules: Rules, caller: Caller) -> None:
    """Count a call of the API against the quotas of the day, which begins at 00:00 UTC. Raises LinkedInRefusal."""
    store, day = sandbox.store, int(sandbox.clock.now() // DAY)
    total = caller.person.settings.get("quotaTotal")
    limits = (
        (caller.person.id, total if isinstance(total, int) else MEMBER_CALLS_PER_DAY, MEMBER_THROTTLED),
        (0, rules.count("appCallsPerDay"), THROTTLED),
    )
    with store.transaction():
        store.run("DELETE FROM linkedin_calls WHERE day < ?", day)
        for account_id, max_calls, problem in limits:
            row = store.one(
                "INSERT INTO linkedin_calls VALUES (?, ?, ?, 1)"
                " ON CONFLICT (day, client_id, account_id) DO UPDATE SET calls = calls + 1 RETURNING calls",
                day,
                caller.token.client_id,
                account_id,
            )
            if row["calls"] > max_calls:
                raise LinkedInRefusal(problem)
