"""Review links: what they show, what a person at their page decides, and what is new to this person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from pydantic import JsonValue

from presswork.content.model import TextChange
from presswork.links.model import PageLink

MAX_CONTAINERS: Final = 20
MAX_HOURS: Final = 720
MAX_NAME_CHARACTERS: Final = 100
VISIT: Final = timedelta(minutes=30)
"""What is opened again within this time is the same visit, so that a reload does not hide what has changed."""

Texts = Mapping[str, str | None]
"""The texts of one container by their fields, and under `PLAN` the posts that wait for it, as one text."""
PLAN: Final = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """What a review link allows: its own part of the stored link."""

    can_decide: bool
    note: str | None = None  # of the sender, shown at the top of the page

    @property
    def document(self) -> Mapping[str, JsonValue]:
        """The stored document."""
        return {"canDecide": self.can_decide, "note": self.note}

    @classmethod
    def of(cls, link: PageLink) -> Self:
        """Return the settings of a link."""
        note = link.settings.get("note")
        return cls(can_decide=link.settings.get("canDecide") is True, note=note if isinstance(note, str) else None)


class ReviewDecision(StrEnum):
    """What a person at the page decides."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"

    @property
    def needs_note(self) -> bool:
        """Whether the author must be given a reason."""
        return self is not ReviewDecision.APPROVE


class Outcome(StrEnum):
    """What became of a decision on one container."""

    DONE = "done"
    PARTLY = "partly"  # approved, but a waiting schedule call failed
    DECIDED = "decided"  # another person was faster
    EDITED = "edited"  # it is not what the person has seen
    NOT_YOURS = "not_yours"  # others decide its current step, or the person has approved it already
    GONE = "gone"  # it can't be decided on


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A browser in which the page was opened: who is there, and what this person has seen."""

    name: str | None
    seen: Mapping[UUID, Texts]
    before: Mapping[UUID, Texts] | None  # as the visit before left it; None: it is the first one
    began_at: datetime  # of this visit, UTC

    @classmethod
    def arriving(cls, former: Self | None, texts: Mapping[UUID, Texts], *, now: datetime) -> Self:
        """Return the visitor who opens the page with these texts now."""
        if former is None:
            return cls(name=None, seen=texts, before=None, began_at=now)
        if now - former.began_at > VISIT:
            return cls(name=former.name, seen=texts, before=former.seen, began_at=now)
        return cls(name=former.name, seen=texts, before=former.before, began_at=former.began_at)


def changes_between(before: Texts | None, after: Texts) -> tuple[TextChange, ...]:
    """Return the texts that differ from what a person has seen; none if the person has not seen the container."""
    if before is None:
        return ()
    return tuple(
        TextChange(field=field, before=before.get(field), after=text)
        for field, text in {**dict.fromkeys(before), **after}.items()
        if before.get(field) != text
    )
