"""Links to pages without a login: what one is, and what a person at its page may do. Pure."""

import hashlib
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.callers.model import PageLinkRef, Principal, Scope, Tier
from presswork.core.enums import Environment, LinkKind
from presswork.core.errors import NotFound
from presswork.core.ids import KEY, LINK_PREFIXES, USER, public_id
from presswork.projects.branding import Branding

KEPT_FOR: Final = timedelta(days=90)
"""How long a link is listed after it has expired, and one without an end after it was revoked."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_PATHS: Final[Mapping[LinkKind, str]] = {
    LinkKind.REVIEW: "/review",
    LinkKind.CONNECT: "/connect",
    LinkKind.TIKTOK_POST: "/tiktok",
    LinkKind.PORTAL: "/portal",
}


class LinkUnknown(NotFound):
    """A token opens no page: it is unknown, its link has expired, was revoked or used up, or its maker lost access."""

    sentence = "This link is unknown, or it has expired or was revoked. Ask the sender for a new one."


class LinkNotFound(NotFound):
    """The link does not exist, or the caller can't see it."""

    sentence = "This link does not exist, or this key can't see it. List the links of this kind to find its id."


class LinkStatus(StrEnum):
    """Whether a link opens its page."""

    ACTIVE = "active"
    USED_UP = "used_up"  # it has no use left, and shows what came of the last one
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link to be made. `settings` is the document of its kind."""

    kind: LinkKind
    project_id: UUID
    lifetime: timedelta | None  # None: until it is revoked
    settings: Mapping[str, JsonValue]
    container_ids: tuple[UUID, ...] = ()
    recipient_name: str | None = None
    max_uses: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A link to a page without a login. Its token is not stored."""

    id: UUID
    kind: LinkKind
    organization_id: UUID
    environment: Environment
    project_id: UUID
    container_ids: tuple[UUID, ...]
    key_id: UUID | None  # the key that made it, or
    user_id: UUID | None  # the user
    settings: Mapping[str, JsonValue]
    recipient_name: str | None
    created_at: datetime  # UTC, as all
    expires_at: datetime | None  # None: only when it is revoked
    revoked_at: datetime | None
    max_uses: int | None  # None: no limit
    uses: int
    visits: int
    last_visited_at: datetime | None

    @property
    def public_id(self) -> str:
        """The id as in the API, with the prefix of its kind."""
        return public_id(LINK_PREFIXES[self.kind], self.id)

    @property
    def created_by(self) -> str:
        """The public id of the key or of the user that made it."""
        if self.key_id is not None:
            return public_id(KEY, self.key_id)
        if self.user_id is None:
            raise TypeError("a link is made by a key or a user")
        return public_id(USER, self.user_id)

    @property
    def expiry(self) -> datetime:
        """When a link of a kind that always expires does."""
        if self.expires_at is None:
            raise TypeError("the link does not expire")
        return self.expires_at

    @property
    def is_used_up(self) -> bool:
        """Whether no use is left."""
        return self.max_uses is not None and self.uses >= self.max_uses

    def status_at(self, now: datetime) -> LinkStatus:
        """Return whether it opens its page at an instant."""
        if self.revoked_at is not None:
            return LinkStatus.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return LinkStatus.EXPIRED
        return LinkStatus.USED_UP if self.is_used_up else LinkStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLink:
    """A link whose token a person has, with what its page shows and what its maker allows."""

    link: PageLink
    project_name: str
    timezone: str  # of the project
    branding: Branding | None
    return_domains: tuple[str, ...]  # of the key that made the link, as they are now; none of a user
    operator_id: UUID | None  # of that key
    user_name: str | None  # of the user who made the link
    path: str  # of its page, with the token

    def principal(
        self, scopes: Collection[Scope], *, name: str | None = None, request_id: str | None = None
    ) -> Principal:
        """Return the caller that a person at the page is: the link's maker, with these scopes and in one project only.

        `name` is what the person gave as a name; without one it is the link's recipient.
        """
        link = self.link
        return Principal(
            key_id=link.key_id,
            organization_id=link.organization_id,
            environment=link.environment,
            scopes=frozenset(scope.value for scope in scopes),
            tier=Tier.UNLIMITED,
            return_domains=self.return_domains,
            operator_id=self.operator_id,
            request_id=request_id,
            user_id=link.user_id,
            user_name=self.user_name,
            project_ids=frozenset({link.project_id}),
            link=PageLinkRef(id=link.id, kind=link.kind, name=name or link.recipient_name),
        )


def new_token() -> str:
    """Return a new token: 32 random bytes as 43 characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes | None:
    """Return what is stored of a token; None for a text that is none."""
    return hashlib.sha256(token.encode("ascii")).digest() if _TOKEN.fullmatch(token) else None


def page_path(kind: LinkKind, token: str) -> str:
    """Return the path of a link's page."""
    return f"{_PATHS[kind]}/{token}"


def action_of(kind: LinkKind, verb: str) -> Action:
    """Return the audit action of a kind of link: `create`, `visit`, `revoke`, and what its page does."""
    return Action(f"{kind.value}.{verb}")
