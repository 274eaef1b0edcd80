"""API keys as those who administer them see them: what may change, and who may switch one on again. Pure."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from presswork.audit.model import ActorKind
from presswork.core.enums import Environment
from presswork.core.errors import Conflict, Invalid, Issue, NotFound
from presswork.core.ids import KEY, public_id
from presswork.orgs.model import ALL_BUT_ADMIN, KeyToken, Principal, Scope, Tier

GRANTABLE: Final[Set[str]] = {*(scope.value for scope in Scope), ALL_BUT_ADMIN}
"""What a key's scopes may be."""
_RANKS: Final = (Tier.STANDARD, Tier.PILOT, Tier.PARTNER, Tier.UNLIMITED)


class KeyStatus(StrEnum):
    """Whether a key opens anything."""

    ACTIVE = "active"
    KILLED = "killed"  # may be switched on again
    REVOKED = "revoked"  # for good


class KeyNotFound(NotFound):
    """There is no such key, or another organization or environment has it."""

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__("There is no such key. List the keys of this organization and environment under /v1/api-keys.")


class KeyIsRevoked(Conflict):
    """A key that has ended does not change any more."""

    def __init__(self, key_id: UUID) -> None:
        """Name the key."""
        super().__init__("This key is revoked, which is for good. Make another one.", keyId=public_id(KEY, key_id))


class KeyInUse(Conflict):
    """A key can't end itself: nobody locks the organization out by the way."""

    def __init__(self, key_id: UUID) -> None:
        """Name the key."""
        super().__init__(
            "This is the key that you are calling with. End it with another org:admin key, or with `presswork key` on the "
            "command line.",
            keyId=public_id(KEY, key_id),
        )


class KilledByService(Conflict):
    """What the operator of the service switched off is not the organization's to switch on."""

    def __init__(self, key_id: UUID) -> None:
        """Name the key."""
        super().__init__(
            "The operator of this service switched this key off. Ask there; `presswork key revive` switches it on again.",
            keyId=public_id(KEY, key_id),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made. `token` is shown this once."""

    key_id: str
    token: KeyToken
    organization_id: str
    environment: Environment
    scopes: Sequence[str]
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChanges:
    """What is to be changed: a field that is not in `fields` stays as it is, whatever it holds here."""

    fields: Set[str]
    name: str = ""
    tier: Tier = Tier.STANDARD
    return_domains: Sequence[str] = ()
    operator_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key, without its secret, of which there is only a hash."""

    id: UUID
    organization_id: UUID
    environment: Environment
    lookup: str  # the part of the key that names it; logs show it
    name: str
    scopes: Sequence[str]
    tier: Tier
    return_domains: Sequence[str]
    operator_id: UUID | None
    created_at: datetime  # UTC
    last_used_at: datetime | None  # to the minute
    killed_at: datetime | None
    killed_by: ActorKind | None
    revoked_at: datetime | None

    @property
    def status(self) -> KeyStatus:
        """Whether it opens anything."""
        if self.revoked_at is not None:
            return KeyStatus.REVOKED
        return KeyStatus.ACTIVE if self.killed_at is None else KeyStatus.KILLED

    def revoke(self, *, now: datetime) -> Self:
        """Return it ended for good; one that has ended stays as it is."""
        return self if self.revoked_at is not None else replace(self, revoked_at=now)

    def kill(self, *, by: ActorKind, now: datetime) -> Self:
        """Return it switched off. Once the command line has done so, that counts, whoever did so before."""
        if self.killed_at is None:
            return replace(self, killed_at=now, killed_by=by)
        return replace(self, killed_by=by) if by is ActorKind.COMMAND_LINE else self

    def revive(self, *, by: ActorKind) -> Self:
        """Return it switched on again. Raises KilledByService where the API undoes what the command line did."""
        if self.killed_at is None:
            return self
        if self.killed_by is ActorKind.COMMAND_LINE and by is not ActorKind.COMMAND_LINE:
            raise KilledByService(self.id)
        return replace(self, killed_at=None, killed_by=None)

    def change(self, changes: KeyChanges) -> Self:
        """Return it with the named fields changed. Raises KeyIsRevoked."""
        if self.revoked_at is not None:
            raise KeyIsRevoked(self.id)
        return replace(
            self,
            name=changes.name if "name" in changes.fields else self.name,
            tier=changes.tier if "tier" in changes.fields else self.tier,
            return_domains=(
                tuple(changes.return_domains) if "return_domains" in changes.fields else tuple(self.return_domains)
            ),
            operator_id=changes.operator_id if "operator_id" in changes.fields else self.operator_id,
        )


def require_scopes(scopes: Sequence[str]) -> Sequence[str]:
    """Return scopes without repetitions. Raises Invalid for one that does not exist."""
    if unknown := [index for index, scope in enumerate(scopes) if scope not in GRANTABLE]:
        choices = ", ".join(sorted(GRANTABLE))
        raise Invalid([Issue("scopes", f"{scopes[unknown[0]]} is no scope. Choose from: {choices}.", "unknown_scope")])
    return list(dict.fromkeys(scopes))


def require_tier(tier: Tier, *, of: Principal) -> Tier:
    """Return a tier that a caller may give. Raises Invalid for one above the caller's own."""
    if _RANKS.index(tier) > _RANKS.index(of.tier):
        raise Invalid(
            [
                Issue(
                    "tier",
                    f"This key is {of.tier}, and gives no more than it has. Choose {of.tier} or less, or ask the operator of "
                    "this service.",
                    "tier_too_high",
                )
            ]
        )
    return tier
