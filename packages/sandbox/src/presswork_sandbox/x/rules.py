"""What can be set about X as a whole: credits, duplicates, replies, lag and the app's limits.

Source: xdevplatform/docs (2026-08), "Pricing", "Rate limits" and "Changelog", read 2026-11. For how long and by what a post is compared with
earlier ones X does not document, and neither how late a timeline is.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from presswork_sandbox.control_input import MAX_COUNT, BadControl, known_keys, whole_number, yes_or_no
from presswork_sandbox.control_router import ControlRouter, Listing, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue
from presswork_sandbox.x.facts import FACTS

DEFAULTS: Final[Mapping[str, JSONValue]] = {
    "creditsUsd": None,
    "spendingLimitUsd": None,
    "duplicateWindowSeconds": 12 * 3600,
    "duplicateIgnoresMedia": False,
    "summonedReplies": True,
    "refuseMentions": False,
    "timelineDelaySeconds": 1,
    "appPostsPerDay": 10_000,
    "userPostsPerWindow": 100,
}
_COUNTS: Final = ("duplicateWindowSeconds", "timelineDelaySeconds", "appPostsPerDay", "userPostsPerWindow")
_FLAGS: Final = ("duplicateIgnoresMedia", "summonedReplies", "refuseMentions")
_AMOUNTS: Final = ("creditsUsd", "spendingLimitUsd")
_MARK: Final = "mark"  # the number of the last charge before the amounts were set
MAX_USD: Final = 1_000_000
MICRO: Final = 1_000_000  # millionths of a dollar


class Rules:
    """The settings, and what was charged. A reset takes both back."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _read_stored(self) -> Mapping[str, JSONValue]:
        return {**DEFAULTS, _MARK: 0, **self._sandbox.platform_settings.get(FACTS.name)}

    def to_json(self) -> Mapping[str, JSONValue]:
        """Return them as the control surface shows them, with what was spent since the amounts were set."""
        shown = {name: value for name, value in self._read_stored().items() if name != _MARK}
        return {**shown, "spentUsd": self.spent() / MICRO}

    def change(self, body: Mapping[str, JSONValue]) -> None:
        """Change what `body` names; null is the default. Raises BadControl."""
        known_keys(body, list(DEFAULTS))
        changes = {name: DEFAULTS[name] if value is None else value for name, value in body.items()}
        for name in _COUNTS:
            if not 0 <= whole_number(changes, name, 0) <= MAX_COUNT:
                raise BadControl(f"{name} must be between 0 and {MAX_COUNT}.")
        for name in _FLAGS:
            yes_or_no(changes, name, default=False)
        for name in _AMOUNTS:
            amount = changes.get(name)
            is_amount = isinstance(amount, int | float) and not isinstance(amount, bool) and 0 <= amount <= MAX_USD
            if amount is not None and not is_amount:
                raise BadControl(f"{name} must be dollars between 0 and {MAX_USD}, or null for no limit.")
        if any(name in body for name in _AMOUNTS):
            row = self._sandbox.store.one("SELECT coalesce(max(number), 0) AS n FROM x_charges")
            changes[_MARK] = int(row["n"])
        self._sandbox.platform_settings.put(FACTS.name, {**self._read_stored(), **changes})

    def restore(self) -> None:
        """Restore the defaults."""
        self._sandbox.platform_settings.drop(FACTS.name)

    def is_on(self, name: str) -> bool:
        """Return whether a setting that is true or false is true."""
        return self._read_stored()[name] is True

    def count(self, name: str) -> int:
        """Return a setting that is a whole number."""
        value = self._read_stored()[name]
        return value if isinstance(value, int) else 0

    def amount(self, name: str) -> int | None:
        """Return a setting that is an amount, in millionths of a dollar. None stands for no limit."""
        value = self._read_stored()[name]
        return round(value * MICRO) if isinstance(value, int | float) else None

    def spent(self) -> int:
        """Return what was charged since the amounts were set, in millionths of a dollar."""
        sql = "SELECT coalesce(sum(amount), 0) AS n FROM x_charges WHERE number > ?"
        return int(self._sandbox.store.one(sql, self._read_stored()[_MARK])["n"])


class XControl:
    """Routes of the control surface for the settings, and for what was charged."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter, rules: Rules) -> None:
        self._sandbox = sandbox
        self.routes: Final = [*router.rules("/x", rules), router.route("GET", "/x/charges", self._charges)]

    async def _charges(self, request: Request) -> Listing:
        """GET /x/charges: each amount that was charged, for what and to whom."""
        _, handle = read_filters(request)
        sql = (
            "SELECT x_charges.*, accounts.handle FROM x_charges JOIN accounts ON accounts.id = x_charges.account_id"
            " WHERE (?1 IS NULL OR accounts.handle = ?1)"
        )
        return Listing(
            {
                "handle": row["handle"],
                "clientId": row["client_id"],
                "item": row["item"],
                "resource": row["resource"],
                "amountUsd": row["amount"] / MICRO,
            }
            for row in self._sandbox.store.pages(sql, "number", handle)
        )
