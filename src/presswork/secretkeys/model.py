"""What is sealed where, who has which key, and when a key may go. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from presswork.core.errors import Conflict, NotFound, Unavailable

HOLDER_GONE_AFTER: Final = timedelta(minutes=1)
"""A process that has not been seen for this long counts as ended."""


class Role(StrEnum):
    """What a key is for now."""

    LEADS = "leads"  # seals and signs
    FORMER = "former"  # has led; opens and verifies
    ADDED = "added"  # has not led yet
    RETIRED = "retired"  # nothing needs it any more
    UNKNOWN = "unknown"  # something is sealed with it, and nobody has told of it


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """A column of sealed values. `ends_by_itself`: they are gone within a day, so they are counted and not sealed anew."""

    table: str
    column: str
    ends_by_itself: bool = False

    @property
    def place(self) -> str:
        """How it is told to people."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """When a key led. The instants are UTC; no `led_until`: it leads."""

    key_id: str
    led_from: datetime
    led_until: datetime | None
    retired_at: datetime | None

    @property
    def role(self) -> Role:
        """What the key is for now."""
        if self.led_until is None:
            return Role.LEADS
        return Role.FORMER if self.retired_at is None else Role.RETIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A running process and its keys."""

    process: str
    part: str
    key_ids: Sequence[str]
    leads: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with the keys, as the database knows it."""

    terms: Sequence[Term]
    holders: Sequence[Holder]  # that were seen lately
    counts: Mapping[str | None, Mapping[str, int]]
    """By key id, then by place. None: sealed before values named their keys; any of the older keys may open those."""

    @property
    def leads(self) -> str | None:
        """The key that leads; None where no process has ever started."""
        return next((term.key_id for term in self.terms if term.role is Role.LEADS), None)

    def role_of(self, key_id: str) -> Role:
        """Return what a key is for now."""
        found = next((term.role for term in self.terms if term.key_id == key_id), None)
        if found is None:
            return Role.UNKNOWN if key_id in self.counts else Role.ADDED
        return found

    def sealed_with(self, key_id: str | None) -> int:
        """Return how many values a key still seals."""
        return sum(self.counts.get(key_id, {}).values())

    def unfinished(self) -> int:
        """Return how many values wait to be sealed anew since the last rotation."""
        if not any(term.role is Role.FORMER for term in self.terms):
            return 0
        return sum(self.sealed_with(key) for key in self.counts if key is None or self.role_of(key) is Role.FORMER)

    def in_use_without(self, key_ids: Sequence[str]) -> Mapping[str, int]:
        """Return the keys beyond these that something is sealed with, or that lead, and how many values each seals."""
        needed = {key: self.sealed_with(key) for key in self.counts if key is not None}
        if self.leads is not None:
            needed.setdefault(self.leads, 0)
        return {key: count for key, count in needed.items() if key not in key_ids}

    def lacking(self, key_id: str) -> Sequence[Holder]:
        """Return the running processes that do not have a key."""
        return [holder for holder in self.holders if key_id not in holder.key_ids]

    def require_retirable(self, key_id: str, *, links_last: timedelta, now: datetime, break_links: bool) -> None:
        """Raise KeyNotKnown or KeyInUse unless nothing needs a key any more."""
        term = next((term for term in self.terms if term.key_id == key_id), None)
        if term is None:
            raise KeyNotKnown(key_id)
        if term.led_until is None:
            raise KeyInUse(
                f"The key {key_id} seals and signs now. Let another one lead first: `presswork secrets rotate`."
            )
        places = {**self.counts.get(key_id, {}), **self.counts.get(None, {})}
        if places:
            told = ", ".join(f"{count} in {place}" for place, count in sorted(places.items()))
            raise KeyInUse(
                f"Something is still sealed with the key {key_id}, or may be: {told}. `presswork secrets rotate` goes on with "
                "it; a worker does, too.",
                remaining=places,
            )
        if late := [holder.process for holder in self.holders if holder.leads == key_id]:
            raise KeyInUse(
                f"{', '.join(late)} still seals with the key {key_id}. It hears of the new one within seconds; try again.",
                processes=late,
            )
        ends_at = term.led_until + links_last
        if now < ends_at and not break_links:
            raise KeyInUse(
                f"Links that were signed with the key {key_id} work until {ends_at:%Y-%m-%d %H:%M} UTC at the latest. Retire it "
                "then, or say --break-links: whoever holds such a link meets 401 from then on.",
                retirableAt=ends_at.isoformat(),
            )

    def require_lost(self, key_id: str, *, at_hand: Sequence[str]) -> None:
        """Raise KeyNotKnown or KeyInUse unless a key was in use and nobody who runs has it."""
        if self.role_of(key_id) in {Role.ADDED, Role.UNKNOWN} and key_id not in self.counts:
            raise KeyNotKnown(key_id)
        holders = [holder.process for holder in self.holders if key_id in holder.key_ids]
        if key_id in at_hand or holders:
            where = ", ".join(holders) or "this command's settings"
            raise KeyInUse(f"The key {key_id} is not lost: {where} has it.", processes=holders or None)


class KeyMissing(Unavailable):
    """This process lacks the key that the installation seals with."""

    def __init__(self, key_id: str) -> None:
        """Say which one, and what to do."""
        super().__init__(
            f"The secret key {key_id}, which this installation seals with, is not among the keys here. Add it to "
            "PRESSWORK_SECRET_KEYS (or to secret.key in the data folder) and start again; `presswork secrets status` and "
            f"docs/secrets.md tell more. If it is gone for good: `presswork secrets retire {key_id} --lost`.",
            key=key_id,
        )


class KeyNotKnown(NotFound):
    """No key of that id has ever led."""

    def __init__(self, key_id: str) -> None:
        """Say where ids are."""
        super().__init__(
            f"No secret key {key_id} has ever sealed here. `presswork secrets status` lists the ids.", key=key_id
        )


class KeyInUse(Conflict):
    """Something still needs the key."""


class NoFreshKey(Conflict):
    """A rotation needs a key that has not led before."""


class ProcessesLackKey(Conflict):
    """A key can't lead while running processes could not open what it seals."""

    def __init__(self, key_id: str, holders: Sequence[Holder]) -> None:
        """Say which ones."""
        names = [f"{holder.part} {holder.process}" for holder in holders]
        super().__init__(
            f"These processes do not have the key {key_id}: {', '.join(names)}. Give it to them, after the keys that they have "
            "or before, restart them, and run this again. Nothing was changed.",
            key=key_id,
            processes=names,
        )
