"""Waiting for the account's turn at a call that its platform limits, so that the platform never has to refuse one."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import TryLater
from presswork.platforms.port import Job, Limit

_KEPT: Final = "keep_turns"
"""Turns that are waited for, by call; they outlive starting over."""
MOMENT: Final = timedelta(seconds=2)


async def take_turn(job: Job, limit: Limit, *, step: str, calls: int = 1, patience: timedelta = MOMENT) -> None:
    """Return when the account may make a limited call, or so many of them.

    A wait of up to `patience` is spent here. For a longer one TryLater is raised (throttled, with the wait), and the turn
    is kept in the job's state for when the post goes on.
    """
    kept, now = _kept(job), job.now()
    at = _usable(kept.pop(limit.call, None), limit, calls, now)
    if at is None:
        at = await job.turn(limit, calls=calls)
    if at - now > patience:
        turns: JsonValue = {**kept, limit.call: {"at": at.isoformat(), "calls": calls}}
        await job.save(**{_KEPT: turns})
        raise TryLater(limit.sentence, step=step, retry_after=at - now, is_throttled=True)
    if limit.call in _kept(job):
        await job.save(**{_KEPT: kept or None})
    if at > now:
        await job.sleep(at - now)


def _kept(job: Job) -> dict[str, JsonValue]:
    stored = job.state.get(_KEPT)
    return dict(stored) if isinstance(stored, dict) else {}


def _usable(kept: JsonValue, limit: Limit, calls: int, now: datetime) -> datetime | None:
    """Return when a turn is that was kept, unless it is over or was for fewer calls."""
    match kept:
        case {"at": str(text), "calls": int(count)} if count >= calls:
            at = datetime.fromisoformat(text)
            return at if now <= at + limit.late_by else None
        case _:
            return None
