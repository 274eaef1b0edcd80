"""What is set about every app: its access, and what Pinterest does not document; and how many calls a person and an app make.

Source: Pinterest, "Rate limits" (Standard access, per minute); the limits of Trial access are reports of developers in 2026.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.control_input import BadControl, known_keys, whole_number, yes_or_no
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pinterest.errors import TOO_MANY, PinterestError, Problem, limit_headers
from presswork_sandbox.platform_settings import PlatformSettings
from presswork_sandbox.wire import JSONValue

SETTINGS: Final = "pinterest"
TRIAL: Final = "trial"
ACCESSES: Final = (TRIAL, "standard")
MINUTE: Final = 60.0
DEFAULTS: Final[Mapping[str, JSONValue]] = {
    "access": "standard",
    "asksContinuousRefresh": False,
    "equalSizes": True,
    "listLagSeconds": 1,
    "readsPerMinute": 1000,
    "writesPerMinute": 100,
    "trialCallsPerDay": 1000,
    "trialWritesPerDay": 300,
}
"""`asksContinuousRefresh`: the app is from before 2025-09-25, so only logins with `continuous_refresh=true` can be renewed for
good. `equalSizes`: whether the pictures of a carousel must have one size. `listLagSeconds`: how late lists have a new Pin."""


class Rules:
    """The settings. A reset takes them back."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings

    def to_json(self) -> Mapping[str, JSONValue]:
        """Return them as the control surface shows them."""
        return {**DEFAULTS, **self._settings.get(SETTINGS)}

    def change(self, body: Mapping[str, JSONValue]) -> None:
        """Change what `body` names; null is the default. Raises BadControl."""
        known_keys(body, list(DEFAULTS))
        changes = {name: DEFAULTS[name] if value is None else value for name, value in body.items()}
        for name, default in DEFAULTS.items():
            if isinstance(default, bool):
                yes_or_no(changes, name, default=default)
            elif isinstance(default, int) and whole_number(changes, name, default) < 0:
                raise BadControl(f"{name} must be 0 or more.")
        if changes.get("access", TRIAL) not in ACCESSES:
            raise BadControl(f"access must be one of: {', '.join(ACCESSES)}.")
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

    @property
    def is_trial(self) -> bool:
        """Whether apps have Trial access."""
        return self.to_json()["access"] == TRIAL


def count_call(
    sandbox: Sandbox, rules: Rules, account: Account, client_id: str, *, is_write: bool
) -> Mapping[str, str]:
    """Count a call of an app for a person, and return the headers of the tightest limit. Raises PinterestError with 429."""
    store, now = sandbox.store, sandbox.clock.now()
    name = "writes" if is_write else "reads"
    limits: list[tuple[Sequence[str], int, float]] = [([name], rules.count(f"{name}PerMinute"), MINUTE)]
    if rules.is_trial:
        limits.append((["reads", "writes"], rules.count("trialCallsPerDay"), DAY))
        limits += [(["writes"], rules.count("trialWritesPerDay"), DAY)] if is_write else []
    tightest: tuple[int, Mapping[str, str]] | None = None
    with store.transaction():
        store.insert("hits", account_id=account.id, operation=f"pinterest {client_id} {name}", at=now)
        for names, max_calls, seconds in limits:
            start = now // seconds * seconds
            keys = [f"pinterest {client_id} {one}" for one in names]
            sql = "SELECT count(*) AS n FROM hits WHERE account_id = ? AND operation IN (?, ?) AND at >= ?"
            left = max_calls - int(store.one(sql, account.id, keys[0], keys[-1], start)["n"])
            if tightest is None or left < tightest[0]:
                tightest = left, limit_headers(max_calls, left, math.ceil(start + seconds - now))
        store.run(
            "DELETE FROM hits WHERE account_id = ? AND operation LIKE 'pinterest %' AND at < ?", account.id, now - DAY
        )
    left, headers = tightest or (0, {})
    if left < 0:
        raise PinterestError(Problem(code=TOO_MANY, headers=headers))
    return headers
