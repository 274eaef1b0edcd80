"""The steps in which content of a project is approved, and when those who decide are reminded. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from presswork.core.json_text import JSONText

MAX_STEPS: Final = 3
MAX_NAME_CHARACTERS: Final = 60
MAX_QUORUM: Final = 10
MAX_DECIDERS: Final = 50
"""The most users that one step names."""
MAX_REMINDER_HOURS: Final = 720


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStep:
    """One step: exactly one of roles, users and review links decides it, and `quorum` of them have to approve."""

    name: str
    roles: Sequence[str] = ()
    user_ids: Sequence[UUID] = ()
    review_link: bool = False  # a person at the page of a review link
    quorum: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """When content that waits is brought to mind, counted from the beginning of its step; then again and again."""

    after_hours: int
    repeat_hours: int | None = None  # None: once

    @property
    def after(self) -> timedelta:
        """The time until the first reminder."""
        return timedelta(hours=self.after_hours)

    @property
    def repeat_after(self) -> timedelta | None:
        """The time from one reminder to the next."""
        return None if self.repeat_hours is None else timedelta(hours=self.repeat_hours)


_STEPS: Final = TypeAdapter(tuple[ApprovalStep, ...])
_REMINDER: Final = TypeAdapter(Reminder)


def parse_steps(text: str | None) -> Sequence[ApprovalStep]:
    """Return stored steps."""
    return () if text is None else _STEPS.validate_json(text)


def serialize_steps(steps: Sequence[ApprovalStep]) -> JSONText | None:
    """Return the stored form of steps; None without any."""
    return JSONText(_STEPS.dump_json(tuple(steps)).decode()) if steps else None


def parse_reminder(text: str | None) -> Reminder | None:
    """Return a stored reminder."""
    return None if text is None else _REMINDER.validate_json(text)


def serialize_reminder(reminder: Reminder | None) -> JSONText | None:
    """Return the stored form of a reminder."""
    return None if reminder is None else JSONText(_REMINDER.dump_json(reminder).decode())
