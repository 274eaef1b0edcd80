"""Reading the times that people write."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from presswork.cli.client.login import NotPossible

_LATER: Final = re.compile(r"\+(\d+)([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def read_time(text: str, *, now: datetime) -> datetime:
    """Read a time, UTC: ISO 8601, without an offset as this machine's own clock shows it, or `+30m`, `+2h`, `+1d`.

    Raises NotPossible for anything else.
    """
    if later := _LATER.fullmatch(text.strip()):
        return now + timedelta(**{_UNITS[later[2]]: int(later[1])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except ValueError as error:
        raise NotPossible(
            f"{text!r} is no time. Write 2026-12-24T18:00 (by this machine's clock), 2026-12-24T18:00Z, or +2h."
        ) from error
