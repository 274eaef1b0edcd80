"""Which key encrypts what, and when a key may be retired. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from presswork.core.errors import Conflict, NotFound, Unavailable


class Role(StrEnum):
    """What a key is used for now."""

    PRIMARY = "primary"  # encrypts and signs
    FORMER = "former"  # was the primary; decrypts and verifies
    ADDED = "added"  # has not been the primary yet; decrypts and verifies
    RETIRED = "retired"  # no longer needed
    UNKNOWN = "unknown"  # encrypts a value, but was never configured here


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """A column of encrypted values. `is_short_lived`: they are deleted within a day, so they are not re-encrypted."""

    table: str
    column: str
    is_short_lived: bool = False

    @property
    def place(self) -> str:
        """Name the column for people."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPeriod:
    """When a key was the primary, in UTC. No `primary_from`: not yet. No `primary_until` then: it is the primary now."""

    key_id: str
    primary_from: datetime | None
    primary_until: datetime | None
    retired_at: datetime | None

    @property
    def role(self) -> Role:
        """What the key is used for now."""
        if self.retired_at is not None:
            return Role.RETIRED
        if self.primary_from is None:
            return Role.ADDED
        return Role.PRIMARY if self.primary_until is None else Role.FORMER


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInventory:
    """The keys that the database knows of, and how many values each one encrypts."""

    periods: Sequence[KeyPeriod]
    counts: Mapping[str | None, Mapping[str, int]]
    """By key ID, then by column. The key None stands for values from before they named their key; any of the older keys may decrypt them."""

    @property
    def primary(self) -> str | None:
        """The primary key; None if no process has ever started."""
        return next((period.key_id for period in self.periods if period.role is Role.PRIMARY), None)

    def role_of(self, key_id: str) -> Role:
        """Return what a key is used for now."""
        found = next((period.role for period in self.periods if period.key_id == key_id), None)
        if found is None:
            return Role.UNKNOWN if key_id in self.counts else Role.ADDED
        return found

    def sealed_with(self, key_id: str | None) -> int:
        """Return how many values a key still encrypts."""
        return sum(self.counts.get(key_id, {}).values())

    def to_re_encrypt(self) -> int:
        """Return how many values are still encrypted with a former key."""
        if not any(period.role is Role.FORMER for period in self.periods):
            return 0
        return sum(self.sealed_with(key) for key in self.counts if key is None or self.role_of(key) is Role.FORMER)

    def needed_beyond(self, key_ids: Sequence[str]) -> Mapping[str, int]:
        """Return the keys besides these that encrypt a value or are the primary, and how many values each encrypts."""
        needed = {key: self.sealed_with(key) for key in self.counts if key is not None}
        if self.primary is not None:
            needed.setdefault(self.primary, 0)
        return {key: count for key, count in needed.items() if key not in key_ids}

    def require_retirable(self, key_id: str, *, links_last: timedelta, now: datetime, break_links: bool) -> None:
        """Raise KeyNotKnown or KeyInUse if the key is still needed."""
        period = next((period for period in self.periods if period.key_id == key_id), None)
        if period is None:
            raise KeyNotKnown(key_id)
        if period.role is Role.PRIMARY:
            raise KeyInUse(
                f"The key {key_id} is the primary: it encrypts and signs now. Make another key the primary first: "
                "`presswork secrets rotate`."
            )
        places = {**self.counts.get(key_id, {}), **self.counts.get(None, {})}
        if places:
            found = ", ".join(f"{count} in {place}" for place, count in sorted(places.items()))
            raise KeyInUse(
                f"Values are encrypted with the key {key_id}, or may be: {found}. Run `presswork secrets re-encrypt`; workers "
                "do the same once a minute.",
                remaining=places,
            )
        if period.primary_until is None:
            return
        ends_at = period.primary_until + links_last
        if now < ends_at and not break_links:
            raise KeyInUse(
                f"Links signed with the key {key_id} are valid until {ends_at:%Y-%m-%d %H:%M} UTC at the latest. Retire it "
                "then, or pass --break-links: these links return 401 from then on.",
                retirableAt=ends_at.isoformat(),
            )

    def require_lost(self, key_id: str, *, at_hand: Sequence[str]) -> None:
        """Raise KeyNotKnown or KeyInUse unless the key was in use and is not configured here."""
        if self.role_of(key_id) in {Role.ADDED, Role.UNKNOWN} and key_id not in self.counts:
            raise KeyNotKnown(key_id)
        if key_id in at_hand:
            raise KeyInUse(f"The key {key_id} is not lost: it is configured here. Retire it without --lost.")


class KeyMissing(Unavailable):
    """This process does not have the primary key."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"The secret key {key_id} is the primary of this database, but is not configured here. Add it to "
            "PRESSWORK_SECRET_KEYS (or to secret.key in the data folder), or set PRESSWORK_DATABASE_URL to the database of the "
            f"keys that are, and start again; `presswork secrets status` lists the keys. If it is permanently lost: `presswork "
            f"secrets retire {key_id} --lost`.",
            key=key_id,
        )


class KeyNotAnnounced(Unavailable):
    """The first key of the setting is new: other processes may not have it yet."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"The secret key {key_id} is the first of PRESSWORK_SECRET_KEYS, but no process has started with it before, so "
            "others could not decrypt what it encrypts. Put it last on every machine and restart every process; then put it "
            "first and restart them again.",
            key=key_id,
        )


class KeyNotKnown(NotFound):
    """The key has never been in use."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"The secret key {key_id} has never been in use here. `presswork secrets status` lists the IDs.", key=key_id
        )


class KeyInUse(Conflict):
    """The key is still needed."""


class NoFreshKey(Conflict):
    """A rotation needs a key that has not been the primary before."""
