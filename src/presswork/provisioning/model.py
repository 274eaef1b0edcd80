"""What an identity provider writes by SCIM: its token, people as it names them, groups and the role that each gives. Pure."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.callers.model import Tier
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode, NotFound
from presswork.core.ids import SCIM_GROUP, USER, public_id
from presswork.core.json_text import JSONText
from presswork.people.model import Role, RoleSource, User, highest

SCIM_TIER: Final = Tier.PARTNER
"""Rate limit of a token: that of the largest keys, since a first synchronization sends a request for each person."""
MAX_TOKENS: Final = 10
"""Most tokens of an organization."""
DEFAULT_ROLE: Final = Role.VIEWER
"""Of a person whose groups give no role."""
_TOKEN: Final = re.compile(r"lps_[A-Za-z0-9_-]{43}", re.ASCII)


class ScimTokenNotFound(NotFound):
    """The token does not exist, or belongs to another organization."""

    sentence = "This SCIM token does not exist. List the tokens of this organization with GET /v1/scim-tokens."


class TooManyScimTokens(Conflict):
    """The organization has as many tokens as it may have."""

    def __init__(self) -> None:
        super().__init__(
            f"An organization can have {MAX_TOKENS} SCIM tokens. Revoke one that is not used any more.",
            reason="too_many_tokens",
        )


class PersonNotFound(NotFound):
    """The provider asks for a user that does not exist, or that it deleted."""

    sentence = "This user does not exist."


class GroupNotFound(NotFound):
    """The group does not exist."""

    sentence = "This group does not exist."


class UserNameTaken(Conflict):
    """The organization has a user with this userName."""

    def __init__(self, user_id: UUID) -> None:
        super().__init__(
            "The organization has a user with this userName. Find it with a filter, and change it.",
            reason="user_name_taken",
            userId=public_id(USER, user_id),
        )


class GroupNameTaken(Conflict):
    """The organization has a group with this displayName, in whatever case."""

    def __init__(self, group_id: UUID | None) -> None:
        super().__init__(
            "The organization has a group with this displayName. Find it with a filter, and change it.",
            reason="group_name_taken",
            groupId=None if group_id is None else public_id(SCIM_GROUP, group_id),
        )


class UnknownMember(Invalid):
    """A group is to have a member that is no user of the organization."""

    def __init__(self, user_id: UUID) -> None:
        problem = f"names {public_id(USER, user_id)}, which is no user. Create the user first."
        super().__init__([Issue.at("members", problem, IssueCode.INVALID_VALUE)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimToken:
    """A token with which one identity provider writes the people of an organization. Instants are UTC."""

    id: UUID
    organization_id: UUID
    name: str
    sends_invitations: bool  # by e-mail, to the people that it creates
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None  # with a resolution of one minute

    def is_valid(self, *, now: datetime) -> bool:
        """Return whether the token is accepted."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A person, as the provider writes it."""

    user_name: str
    external_id: str | None
    email: str  # as `people.model.normal_email` returns it
    name: str  # for display; empty: unknown
    is_active: bool
    document: JSONText  # names and addresses as they were sent; only the face reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOfPerson:
    """A group that a person is in."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user, as the provider reads it. Instants are UTC."""

    user: User
    user_name: str  # the e-mail address, of a user that no provider has written
    external_id: str | None
    document: JSONText | None
    updated_at: datetime
    groups: tuple[GroupOfPerson, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupProfile:
    """A group, as the provider writes it."""

    name: str
    external_id: str | None
    members: frozenset[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of users, as the provider reads it. Instants are UTC."""

    id: UUID
    name: str
    external_id: str | None
    created_at: datetime
    updated_at: datetime
    members: tuple[UUID, ...] | None  # None: not asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSummary:
    """A group, as people read it."""

    id: UUID
    name: str
    member_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The role of a user, and the names of the user's groups."""

    user_id: UUID
    role: Role
    role_source: RoleSource
    groups: tuple[str, ...]


def role_of_group(name: str, role_map: Mapping[str, Role]) -> Role | None:
    """Return the role that a group gives: that of its name, else that of the map, or None."""
    try:
        return Role(name.strip().lower())
    except ValueError:
        return role_map.get(name)


def role_of_member(member: Membership, role_map: Mapping[str, Role]) -> Role | None:
    """Return the role that a user has by its groups, the highest of them; None if they do not decide on it."""
    found = highest([role for name in member.groups if (role := role_of_group(name, role_map)) is not None])
    if found is None and member.role_source is RoleSource.PROVISIONING:
        return DEFAULT_ROLE
    return found


def new_scim_token() -> str:
    """Return a new token: 32 random bytes."""
    return f"lps_{secrets.token_urlsafe(32)}"


def scim_token_hash(token: str) -> bytes | None:
    """Return the stored hash of a token; None if the form is wrong. SHA-256 is sufficient for 32 random bytes."""
    return hashlib.sha256(token.encode("ascii")).digest() if _TOKEN.fullmatch(token) else None


def first_unknown(wanted: Sequence[UUID], known: Sequence[UUID]) -> UUID | None:
    """Return the first id that is not known."""
    found = frozenset(known)
    return next((one for one in wanted if one not in found), None)
