"""People: roles and what they may do, the states of a user, sessions and one-time links, and the rules of passwords. Pure."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self, TypedDict
from uuid import UUID

from presswork.callers.model import Scope
from presswork.core.errors import Code, Conflict, FieldError, IssueCode, NotFound, PressworkError
from presswork.core.ids import USER, public_id

LINK_LIFETIME: Final = timedelta(hours=72)
"""How long a one-time link can be used."""
SESSION_IDLE: Final = timedelta(days=14)
"""A session ends if it is not used for so long."""
SESSION_LIFETIME: Final = timedelta(days=30)
"""A session ends after so long, however often it is used."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""How often the use of a session is recorded: at most one write per minute and session."""
FEWEST_PASSWORD_CHARACTERS: Final = 8
"""Source: NIST SP 800-63B, section 3.1.1.2."""
MAX_PASSWORD_CHARACTERS: Final = 256
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}@[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,190}")


class Role(StrEnum):
    """What a user may do."""

    VIEWER = "viewer"
    AUTHOR = "author"
    PUBLISHER = "publisher"
    APPROVER = "approver"
    ADMIN = "admin"


_READ: Final = frozenset(scope for scope in Scope if scope.value.endswith(":read") and scope is not Scope.METRICS_READ)
ROLE_SCOPES: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.VIEWER: _READ,
    Role.AUTHOR: _READ | {Scope.CONTENT_WRITE},
    Role.PUBLISHER: _READ | {Scope.CONTENT_WRITE, Scope.PUBLISH_WRITE, Scope.SOCIAL_WRITE, Scope.COMMENTS_WRITE},
    Role.APPROVER: _READ | {Scope.CONTENT_APPROVE},
    Role.ADMIN: frozenset(Scope) - {Scope.METRICS_READ},  # the figures of the whole installation
}
_RANKS: Final = (Role.VIEWER, Role.AUTHOR, Role.APPROVER, Role.PUBLISHER, Role.ADMIN)


def highest(roles: Sequence[Role]) -> Role | None:
    """Return the role that may do the most, or None of none."""
    return max(roles, key=_RANKS.index, default=None)


class RoleSource(StrEnum):
    """Who decides on a user's role."""

    ADMINISTRATOR = "administrator"
    IDENTITY_PROVIDER = "identity_provider"  # the groups that it names at each sign-in
    PROVISIONING = "provisioning"  # the groups that it writes by SCIM


class UserStatus(StrEnum):
    """Whether a user can sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class SignInMethod(StrEnum):
    """How a session began."""

    PASSWORD = "password"  # noqa: S105  the name of a method
    OIDC = "oidc"
    LINK = "link"


class UserNotFound(NotFound):
    """The user does not exist, or the caller can't see it."""

    sentence = "This user does not exist. List the users of this organization with GET /v1/users."


class SessionNotFound(NotFound):
    """The session does not exist, has ended, or belongs to someone else."""

    sentence = "This session does not exist or has ended. List your sessions with GET /v1/sessions."


class LinkNotValid(NotFound):
    """A one-time link is unknown, used, replaced or expired; which of them is not said."""

    sentence = "This link is not valid any more. Links work once and for 72 hours: ask an administrator for a new one."


class LastAdmin(Conflict):
    """The organization would have no active administrator."""

    def __init__(self, user_id: UUID) -> None:
        super().__init__(
            "This is the last active administrator of the organization. Make another user an administrator first.",
            reason="last_admin",
            userId=public_id(USER, user_id),
        )


class EmailTaken(Conflict):
    """The organization has a user with this e-mail address."""

    def __init__(self, user_id: UUID) -> None:
        super().__init__(
            "The organization has a user with this e-mail address. Change that user, or make a new link for it with "
            "POST /v1/users/{userId}/link.",
            reason="email_taken",
            userId=public_id(USER, user_id),
        )


class UserIsDisabled(Conflict):
    """A disabled user gets no link."""

    sentence = 'This user is disabled. Send {"status": "active"} to PATCH /v1/users/{userId} first.'


class SignInRefused(PressworkError):
    """E-mail address and password do not belong to an active user. The message never says which part is wrong."""

    code = Code.UNAUTHENTICATED
    sentence = "E-mail address or password is wrong. Check both, or ask an administrator for a new link."


class SessionRequired(PressworkError):
    """The route is about the caller's own session, which an API key does not have."""

    code = Code.UNAUTHENTICATED
    sentence = (
        "This route needs the session of a user, which an API key does not have. Sign in with POST /v1/auth/sign-in."
    )


class TooManyAttempts(PressworkError):
    """Too many attempts to sign in, to one account or from one address, or too many of another kind from one address."""

    code = Code.RATE_LIMITED

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(
            f"There were too many attempts. Try again in {wait_seconds} s.", retryAfterSeconds=wait_seconds
        )


class UserChanges(TypedDict, total=False):
    """Changes to a user. A new `role` is that of an administrator, unless `role_source` says otherwise."""

    name: str
    email: str
    role: Role
    role_source: RoleSource
    project_ids: tuple[UUID, ...] | None
    status: UserStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The organization of a user."""

    id: UUID
    name: str
    is_first: bool
    """Whether it is the installation's first one, whose administrators run the installation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person of an organization. Instants are UTC."""

    id: UUID
    organization_id: UUID
    email: str
    name: str
    role: Role
    role_source: RoleSource
    project_ids: tuple[UUID, ...] | None  # None: all
    created_at: datetime
    accepted_at: datetime | None
    disabled_at: datetime | None
    last_seen_at: datetime | None  # with a resolution of one minute
    link_expires_at: datetime | None = None  # of the link that was not used yet
    link_emailed_at: datetime | None = None

    @property
    def status(self) -> UserStatus:
        """Current status of the user."""
        if self.disabled_at is not None:
            return UserStatus.DISABLED
        return UserStatus.INVITED if self.accepted_at is None else UserStatus.ACTIVE

    @property
    def is_active_admin(self) -> bool:
        """Whether the user can administer the organization now."""
        return self.role is Role.ADMIN and self.status is UserStatus.ACTIVE

    @property
    def label(self) -> str:
        """The name for people: the e-mail address of a user without a name."""
        return self.name or self.email

    def change(self, changes: UserChanges, *, now: datetime) -> Self:
        """Return the user with the changes applied. Raises FieldError for an administrator of some projects only."""
        fields = {name: value for name, value in changes.items() if name != "status"}
        if "role" in changes:
            fields["role_source"] = changes.get("role_source", RoleSource.ADMINISTRATOR)
        if (status := changes.get("status")) is not None:
            is_disabled = status is UserStatus.DISABLED
            fields["disabled_at"] = (self.disabled_at or now) if is_disabled else None
        changed = replace(self, **fields)  # type: ignore[arg-type]  # the names and types of UserChanges
        require_projects(changed.role, changed.project_ids)
        return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in of a user. Instants are UTC."""

    id: UUID
    user_id: UUID
    method: SignInMethod
    address: str | None
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime  # with a resolution of one minute
    expires_at: datetime

    def ends_at(self) -> datetime:
        """Return when the session ends if it is not used again."""
        return min(self.expires_at, self.last_seen_at + SESSION_IDLE)


def require_projects(role: Role, project_ids: Sequence[UUID] | None) -> None:
    """Raise FieldError for an administrator of some projects only, whose rights would reach all others."""
    if role is Role.ADMIN and project_ids is not None:
        raise FieldError(
            "must be null for an admin, who has all projects. Leave it out, or choose another role.",
            IssueCode.ADMIN_OF_PROJECTS,
        )


def normal_email(text: str) -> str:
    """Return an e-mail address as it is stored and compared. Raises FieldError for anything but one address."""
    found = unicodedata.normalize("NFKC", text).strip().lower()
    if not _EMAIL.fullmatch(found) or ".." in found:
        raise FieldError("is not an e-mail address. Send one like ines@example.com.", IssueCode.INVALID_FORMAT)
    return found


def require_password(text: str, *, email: str | None) -> str:
    """Return a new password as it is hashed. Raises FieldError for one that is short, or easy to guess."""
    password = normal_password(text)
    if len(password) < FEWEST_PASSWORD_CHARACTERS:
        raise FieldError(
            f"is too short. Send at least {FEWEST_PASSWORD_CHARACTERS} characters.", IssueCode.WEAK_PASSWORD
        )
    if email is not None and password.lower() in {email, email.partition("@")[0]}:
        raise FieldError("is the e-mail address. Choose another password.", IssueCode.WEAK_PASSWORD)
    if len(set(password)) == 1:
        raise FieldError("repeats one character. Choose another password.", IssueCode.WEAK_PASSWORD)
    return password


def normal_password(text: str) -> str:
    """Return a password so that it is the same from every keyboard. Source: NIST SP 800-63B, section 3.1.1.2."""
    return unicodedata.normalize("NFKC", text)


def new_token() -> str:
    """Return a new token of a session or a link: 32 random bytes."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes | None:
    """Return the stored hash of a token; None if the form is wrong. SHA-256 is sufficient for 32 random bytes."""
    return hashlib.sha256(token.encode("ascii")).digest() if _TOKEN.fullmatch(token) else None
