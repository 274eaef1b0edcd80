"""Callers: an API key or the session of a user, with scopes, organization and environment. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from presswork.core.enums import Environment, LinkKind
from presswork.core.errors import Code, PressworkError
from presswork.core.ids import KEY, LINK_PREFIXES, SCIM_TOKEN, USER, public_id


class ActorKind(StrEnum):
    """How an action reached Presswork."""

    API_KEY = "api_key"
    USER = "user"
    REVIEW_LINK = "review_link"  # a person at its page, and the same for the other kinds of links
    CONNECT_LINK = "connect_link"
    TIKTOK_POST_LINK = "tiktok_post_link"
    PORTAL_LINK = "portal_link"
    SCIM_TOKEN = "scim_token"  # noqa: S105  a kind; an identity provider that writes people and groups
    COMMAND_LINE = "command_line"
    WORKER = "worker"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it. A key has an id and perhaps an operator, a user and a SCIM token an id and a name, a link an id and perhaps
    the name of the person at its page, the command line the system's user name, a platform the name of the login whose app it passed a
    person's request on for.
    """

    kind: ActorKind
    key_id: UUID | None = None
    operator_id: UUID | None = None
    user_id: UUID | None = None
    link: UUID | None = None
    scim_token_id: UUID | None = None
    name: str | None = None
    request_id: str | None = None

    @property
    def link_id(self) -> str | None:
        """The id of the link, as in the API."""
        return None if self.link is None else public_id(LINK_PREFIXES[LinkKind(self.kind.value)], self.link)


COMMAND_LINE = Actor(kind=ActorKind.COMMAND_LINE)
"""The command line, or a program of the installation, without a user name."""


WORKER = Actor(kind=ActorKind.WORKER)


class Scope(StrEnum):
    """Permissions of a key. Everything else is denied."""

    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    CONTENT_READ = "content:read"
    CONTENT_WRITE = "content:write"
    CONTENT_APPROVE = "content:approve"
    PUBLISH_READ = "publish:read"
    PUBLISH_WRITE = "publish:write"
    INSIGHTS_READ = "insights:read"
    SOCIAL_READ = "social:read"
    SOCIAL_WRITE = "social:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    COMMENTS_READ = "comments:read"
    COMMENTS_WRITE = "comments:write"
    METRICS_READ = "metrics:read"
    ORG_ADMIN = "org:admin"


ALL_BUT_ADMIN: Final = "*"
_NOT_IN_ALL: Final = frozenset({Scope.METRICS_READ, Scope.ORG_ADMIN})
"""Scopes that a key has only if it lists them: figures of the whole installation, and the administration of its keys."""


class Tier(StrEnum):
    """Rate limit class of a key."""

    STANDARD = "standard"
    PILOT = "pilot"
    PARTNER = "partner"
    UNLIMITED = "unlimited"


class Unauthenticated(PressworkError):
    """The request has no valid key. The message never says which part of it is wrong."""

    code = Code.UNAUTHENTICATED


class ForeignOrigin(PressworkError):
    """A browser may have sent this write because of a page of another site."""

    code = Code.FORBIDDEN_ORIGIN


class KeyKilled(PressworkError):
    """The key was killed."""

    code = Code.KILL_SWITCH


class ScopeMissing(PressworkError):
    """The key or session is valid but does not have the scope."""

    code = Code.FORBIDDEN_SCOPE


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinkRef:
    """The link through whose page a person acts, and the name that this person gave."""

    id: UUID
    kind: LinkKind
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller: one key of one organization in one environment, or a user's session in one of its environments.

    A person at a page without a login acts through its `link`, with the key or the user who made it.
    """

    key_id: UUID | None  # None: a session
    organization_id: UUID
    environment: Environment
    scopes: frozenset[str]
    tier: Tier
    return_domains: tuple[str, ...]
    operator_id: UUID | None
    has_endpoints: bool = True  # False: its organization had no webhook endpoint and no event stream seconds ago
    request_id: str | None = None  # of the current request
    traceparent: str | None = None  # of the request's trace, if it is sampled
    login_name: str | None = None  # of the user of the command line, instead of a key
    user_id: UUID | None = None  # of the user whose session it is, instead of a key
    user_name: str | None = None
    client_id: UUID | None = None  # of the program that acts for the user
    session_id: UUID | None = None
    scim_token_id: UUID | None = None  # of an identity provider, instead of a key
    scim_token_name: str | None = None
    project_ids: frozenset[UUID] | None = None  # of a user who sees only these, or of a link; None: all
    link: PageLinkRef | None = None

    @property
    def id(self) -> UUID:
        """The id of the key, of the user or of the SCIM token, for what is stored for each caller."""
        found = self.key_id or self.user_id or self.scim_token_id
        if found is None:
            raise TypeError("a caller is a key, a user or a SCIM token")
        return found

    @property
    def public_id(self) -> str:
        """The id of the key, of the user or of the link, as in the API."""
        if self.link is not None:
            return public_id(LINK_PREFIXES[self.link.kind], self.link.id)
        if self.scim_token_id is not None:
            return public_id(SCIM_TOKEN, self.scim_token_id)
        return public_id(KEY if self.user_id is None else USER, self.id)

    @property
    def given_name(self) -> str | None:
        """The name that a person at a page without a login gave."""
        return None if self.link is None else self.link.name

    @property
    def actor(self) -> Actor:
        """The actor for the audit log."""
        if self.link is not None:
            kind = ActorKind(self.link.kind.value)
            return Actor(kind=kind, link=self.link.id, name=self.link.name, request_id=self.request_id)
        if self.scim_token_id is not None:
            return Actor(
                kind=ActorKind.SCIM_TOKEN,
                scim_token_id=self.scim_token_id,
                name=self.scim_token_name,
                request_id=self.request_id,
            )
        if self.login_name is not None:
            return Actor(kind=ActorKind.COMMAND_LINE, name=self.login_name)
        if self.user_id is not None:
            return Actor(kind=ActorKind.USER, user_id=self.user_id, name=self.user_name, request_id=self.request_id)
        return Actor(
            kind=ActorKind.API_KEY, key_id=self.key_id, operator_id=self.operator_id, request_id=self.request_id
        )

    def may_see(self, project_id: UUID | None) -> bool:
        """Return whether the caller may see what belongs to a project, or with None to the whole organization."""
        return self.project_ids is None or project_id in self.project_ids

    def may(self, scope: Scope) -> bool:
        """Return whether the caller has the scope; `*` is every scope except metrics:read and org:admin."""
        return scope in self.scopes or (ALL_BUT_ADMIN in self.scopes and scope not in _NOT_IN_ALL)

    def require(self, scope: Scope) -> Self:
        """Return this caller. Raises ScopeMissing if it does not have the scope."""
        if not self.may(scope) and self.user_id is not None and self.session_id is None:
            raise ScopeMissing(
                f"This agent was not granted the scope {scope}, or the user's role does not include it. Connect the agent again "
                "and allow it, or ask an administrator for a role that has it.",
                requiredScope=scope.value,
            )
        if not self.may(scope) and self.user_id is not None:
            raise ScopeMissing(
                f"Your role does not include the scope {scope}. Ask an administrator of the organization for a role that "
                "has it.",
                requiredScope=scope.value,
            )
        if not self.may(scope):
            raise ScopeMissing(
                f"This key does not have the scope {scope}. Use a key that has it, or create one with "
                f"`presswork key create --scopes {scope}`.",
                requiredScope=scope.value,
            )
        return self
