"""Request and response bodies of users, sessions and sign-in."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, ConfigDict, Field, SecretStr
from pydantic.config import JsonDict

from presswork.api.http.body import FromDomain, In, Name, Out, Text, with_examples
from presswork.api.http.ids import OrganizationRef, ProjectRef, SessionRef, UserRef
from presswork.callers.model import Principal, Scope
from presswork.core.timestamps import Instant
from presswork.people import model
from presswork.people.model import (
    MAX_PASSWORD_CHARACTERS,
    Role,
    SignInMethod,
    UserChanges,
    UserStatus,
    normal_email,
)
from presswork.people.second_factor_model import Factors, NextStep, ProofMethod
from presswork.people.sessions import SignedIn

_USER_ID: Final = "usr_0191f3a2-6c2e-7d41-8b0f-3c4d5e6f7081"
_SESSION_ID: Final = "ses_0191f3a2-9d10-7a31-b2c3-4d5e6f708192"
_ORGANIZATION_ID: Final = "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43"
USER_EXAMPLE: Final[JsonDict] = {
    "id": _USER_ID,
    "email": "ines@example.com",
    "name": "Ines",
    "role": "approver",
    "projectIds": None,
    "status": "active",
    "lastSeenAt": "2026-11-24T18:42:00.000Z",
    "createdAt": "2026-11-24T18:30:00.000Z",
    "linkExpiresAt": None,
    "hasSecondFactor": True,
    "linkEmailedAt": None,
}
_INVITED: Final[JsonDict] = {
    **USER_EXAMPLE,
    "status": "invited",
    "hasSecondFactor": False,
    "lastSeenAt": None,
    "linkExpiresAt": "2026-11-27T18:30:00.000Z",
}
_SESSION_EXAMPLE: Final[JsonDict] = {
    "id": _SESSION_ID,
    "userId": _USER_ID,
    "method": "password",
    "address": "203.0.113.7",
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
    "createdAt": "2026-11-24T18:30:00.000Z",
    "lastSeenAt": "2026-11-24T18:42:00.000Z",
    "expiresAt": "2026-12-08T18:42:00.000Z",
    "isCurrent": True,
}
_LINK: Final = "https://presswork.example.com/console/accept#token=EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXA"

EmailAddress = Annotated[
    Text,
    Field(min_length=3, max_length=255, description="Compared without regard to case.", examples=["ines@example.com"]),
    AfterValidator(normal_email),
]
Password = Annotated[SecretStr, Field(min_length=1, max_length=MAX_PASSWORD_CHARACTERS)]
NewPassword = Annotated[
    SecretStr,
    Field(
        max_length=MAX_PASSWORD_CHARACTERS,
        description="At least 8 characters. A sentence is easier to remember and harder to guess than symbols.",
    ),
]
ProjectIds = Annotated[list[ProjectRef], Field(max_length=1000)]
LinkToken = Annotated[SecretStr, Field(min_length=1, max_length=200, description="The token of the one-time link.")]


class User(Out):
    """A person of the organization."""

    model_config = with_examples(USER_EXAMPLE)

    id: UserRef
    email: str
    name: str | None
    role: Role
    project_ids: Sequence[ProjectRef] | None = Field(description="The projects that the user sees; null: all.")
    status: UserStatus
    last_seen_at: Instant | None = Field(
        description="When the user was last here, with a resolution of one minute; null: never."
    )
    created_at: Instant
    link_expires_at: Instant | None = Field(
        description="When the one-time link ends that was not used yet; null: none."
    )
    has_second_factor: bool = Field(description="Whether the user has an authenticator app or a passkey.")
    link_emailed_at: Instant | None = Field(description="When that link was sent by e-mail; null: it was not.")

    @classmethod
    def of(cls, user: model.User) -> Self:
        """Convert a user of the domain."""
        return cls(
            id=user.id,
            email=user.email,
            name=user.name or None,
            role=user.role,
            project_ids=user.project_ids,
            status=user.status,
            last_seen_at=user.last_seen_at,
            created_at=user.created_at,
            link_expires_at=user.link_expires_at,
            has_second_factor=user.has_second_factor,
            link_emailed_at=user.link_emailed_at,
        )


class NewUser(In):
    """The person to invite."""

    model_config = with_examples({"email": "ines@example.com", "name": "Ines", "role": "approver"})

    email: EmailAddress
    name: Name | None = None
    role: Role
    project_ids: ProjectIds | None = Field(
        default=None, description="The projects that the user sees, of either environment; null: all. An admin has all."
    )


class UserPatch(In):
    """Changes to a user. A field that is left out is not changed."""

    model_config = with_examples({"role": "publisher"})

    name: Name = Field(default_factory=str)
    role: Role = Field(default_factory=lambda: Role.VIEWER)
    project_ids: ProjectIds | None = None
    status: Literal[UserStatus.ACTIVE, UserStatus.DISABLED] = Field(
        default_factory=lambda: UserStatus.ACTIVE,
        description="`disabled` ends all sessions of the user at once. `active` allows it to sign in again.",
    )

    def changes(self) -> UserChanges:
        """Return the fields that were sent."""
        sent: UserChanges = self.sent()
        if (projects := sent.get("project_ids")) is not None:
            sent["project_ids"] = tuple(dict.fromkeys(projects))
        return sent


class InvitedUser(Out):
    """A user and a one-time link with which that person sets a password and signs in."""

    model_config = with_examples({"user": _INVITED, "link": _LINK})

    user: User
    link: str = Field(
        description="Works once, for 72 hours. It is returned only now: pass it on if it was not e-mailed."
    )


class UserLinkRequest(In):
    """An empty object. The body may be left out."""

    model_config = with_examples({})


class SignIn(In):
    """E-mail address and password."""

    model_config = with_examples({"email": "ines@example.com", "password": "correct horse battery staple"})

    email: Annotated[Text, Field(max_length=320)]
    password: Password
    organization_id: OrganizationRef | None = Field(
        default=None, description="Of a person with users in several organizations. Default: the one used last."
    )


class Acceptance(In):
    """The password of a one-time link's user. The first administrator's link also needs name and e-mail address."""

    model_config = with_examples(
        {"token": "EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXA", "password": "correct horse battery staple"}
    )

    token: LinkToken
    password: NewPassword
    name: Name | None = None
    email: EmailAddress | None = None
    organization_name: Name | None = Field(
        default=None, description="Name of the organization that the first administrator's link makes if there is none."
    )


class PasswordChange(In):
    """The current password and the new one."""

    model_config = with_examples(
        {"currentPassword": "correct horse battery staple", "newPassword": "four other words, please"}
    )

    current_password: Password
    new_password: NewPassword


class SignOut(In):
    """An empty object. The body may be left out."""

    model_config = with_examples({})


class UserOrganization(FromDomain):
    """The user's organization."""

    id: OrganizationRef
    name: str
    is_first: bool = Field(
        description="Whether it is the first organization of the installation: its administrators see /v1/system."
    )


class OidcSignIn(Out):
    """Sign-in with OpenID Connect."""

    start_url: str = Field(
        description="Open it in the browser to sign in; `?returnUrl=/console/queue` names the page to return to."
    )
    provider: str = Field(description="Host of the identity provider.")


class UserSession(Out):
    """A sign-in of a user."""

    model_config = with_examples(_SESSION_EXAMPLE)

    id: SessionRef
    user_id: UserRef
    method: SignInMethod = Field(
        description="How it began: `password`, `oidc` (OpenID Connect), `link` (a one-time link), or `passkey`."
    )
    address: str | None = Field(description="Address that the user signed in from.")
    user_agent: str | None
    created_at: Instant
    last_seen_at: Instant = Field(description="When it was last used, with a resolution of one minute.")
    expires_at: Instant = Field(description="When it ends if it is not used again; at most 30 days after its begin.")
    is_current: bool = Field(description="Whether it is the session of this request.")

    @classmethod
    def of(cls, session: model.Session, *, current: UUID | None) -> Self:
        """Convert a session of the domain."""
        return cls(
            id=session.id,
            user_id=session.user_id,
            method=session.method,
            address=session.address,
            user_agent=session.user_agent,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.ends_at(),
            is_current=session.id == current,
        )


class CurrentSession(Out):
    """Who is signed in. Without a session, `user` is null, and only `oidc`, `next` and `methods` may be there."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=False,
        json_schema_extra={
            "examples": [
                {
                    "user": USER_EXAMPLE,
                    "organization": {"id": _ORGANIZATION_ID, "name": "Acme", "isFirst": True},
                    "scopes": ["content:approve", "content:read", "projects:read", "publish:read"],
                    "session": _SESSION_EXAMPLE,
                },
                {"user": None, "next": "second_factor", "methods": ["totp", "recovery_code"]},
                {"user": None},
            ]
        },
    )

    user: User | None
    organization: UserOrganization | None = Field(default=None, description="Absent without a session.")
    scopes: Sequence[str] | None = Field(default=None, description="What the role includes. Absent without a session.")
    session: UserSession | None = Field(default=None, description="Absent without a session.")
    oidc: OidcSignIn | None = Field(
        default=None, description="How to sign in with OpenID Connect. Absent where it is not configured."
    )
    next: NextStep | None = Field(
        default=None,
        description="What the sign-in of this browser waits for: `second_factor` (POST /v1/auth/second-factor), or "
        "`set_up_second_factor`, where the organization demands one. Absent where no sign-in waits.",
    )
    methods: Sequence[ProofMethod] | None = Field(
        default=None, description="What serves as the second factor: `totp`, `passkey`, `recovery_code`."
    )
    return_url: str | None = Field(
        default=None,
        description="The path on this server to continue at, of a sign-in that began on another page than the console. It "
        "comes with the session, once.",
    )

    @classmethod
    def of(
        cls,
        signed_in: SignedIn,
        *,
        organization: model.Organization,
        oidc: OidcSignIn | None,
        return_path: str | None = None,
    ) -> Self:
        """Return the state of a browser that has just signed in."""
        current = cls.for_user(signed_in.user, signed_in.session, organization=organization, oidc=oidc)
        return current if return_path is None else current.model_copy(update={"return_url": return_path})

    @classmethod
    def pending(cls, next_step: NextStep, factors: Factors, *, oidc: OidcSignIn | None) -> Self:
        """Return the state of a browser whose sign-in waits for its second step."""
        found = {} if oidc is None else {"oidc": oidc}
        return cls(user=None, next=next_step, methods=factors.methods, **found)

    @classmethod
    def for_user(
        cls, user: model.User, session: model.Session, *, organization: model.Organization, oidc: OidcSignIn | None
    ) -> Self:
        """Return the state of a browser with a session."""
        found = {} if oidc is None else {"oidc": oidc}
        return cls(
            user=User.of(user),
            organization=UserOrganization.of(organization),
            scopes=sorted(scope.value for scope in model.ROLE_SCOPES[user.role]),
            session=UserSession.of(session, current=session.id),
            **found,
        )

    @classmethod
    def signed_out(cls, *, oidc: OidcSignIn | None) -> Self:
        """Return the state of a browser without a session."""
        return cls(user=None) if oidc is None else cls(user=None, oidc=oidc)


class EndedSession(Out):
    """A session that has ended."""

    model_config = with_examples({"id": _SESSION_ID, "userId": _USER_ID, "endedAt": "2026-11-24T18:45:00.000Z"})

    id: SessionRef
    user_id: UserRef
    ended_at: Instant


class EndedSessions(Out):
    """How many sessions have ended."""

    model_config = with_examples({"endedSessions": 2})

    ended_sessions: int


def require_session(caller: Principal) -> tuple[UUID, UUID]:
    """Return the user and the session of the caller. Raises Unauthenticated for an API key."""
    if caller.user_id is None or caller.session_id is None:
        raise model.SessionRequired
    return caller.user_id, caller.session_id


OfUser = Annotated[
    UserRef | None,
    Query(
        alias="userId", description="A user of the organization. Default: the user of the session. Requires org:admin."
    ),
]


def user_meant(caller: Principal, named: UUID | None) -> UUID:
    """Return the user that a call is about. Raises SessionRequired, and ScopeMissing for another user than the caller."""
    if named is None or named == caller.user_id:
        return require_session(caller)[0]
    caller.require(Scope.ORG_ADMIN)
    return named
