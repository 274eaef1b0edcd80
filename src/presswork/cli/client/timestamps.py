"""Parses the times in command arguments."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from presswork.cli.client.login import NotPossible

_LATER: Final = re.compile(r"\+(\d+)([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def read_time(text: str, *, now: datetime) -> datetime:
    """Parse a time to UTC: ISO 8601 (local time without an offset), or `+30m`, `+2h`, `+1d` from now.

    Raises NotPossible for other text.
    """
    if later := _LATER.fullmatch(text.strip()):
        return now + timedelta(**{_UNITS[later[2]]: int(later[1])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except ValueError as error:
        raise NotPossible(
            f"{text!r} is not a time. Use 2026-12-24T18:00 (local time), 2026-12-24T18:00Z, or +2h."
        ) from error
