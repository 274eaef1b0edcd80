"""Sign-in with OpenID Connect: its addresses, who an issuer says that a person is, and why it is refused. Pure."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from presswork.core.errors import Code, PressworkError
from presswork.core.ids import USER, public_id
from presswork.core.setting_types import role_pairs
from presswork.people.model import Role

START: Final = "/auth/oidc/start"
CALLBACK: Final = "/auth/oidc/callback"
CHOOSE: Final = "/auth/oidc/choose"
NEW_USER: Final = "new"
"""The choice of an organization in which the person has no user yet."""


def redirect_uri(base_url: str) -> str:
    """Return the address to register with an issuer, given the URL at which browsers reach this service."""
    return f"{base_url.rstrip('/')}{CALLBACK}"


def read_role_map(text: str | None) -> Mapping[str, Role]:
    """Return the role of each group that a setting names. Raises ValueError for another text."""
    return {} if text is None else {group: Role(role) for group, role in role_pairs(text).items()}


def discovery_url(issuer: str) -> str:
    """Return the address of an issuer's metadata."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcLogin:
    """A begun sign-in, which is bound to one browser."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        """Return a login with new random values."""
        return cls(state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person with a verified e-mail address, as an issuer knows them."""

    issuer: str
    subject: str
    email: str
    name: str
    mapped_role: Role | None  # the highest role of the person's groups
    is_of_allowed_domain: bool
    is_multi_factor: bool = False  # as the ID token says
    auth_time: int | None = None  # seconds since 1970 at which the person last signed in at the issuer, if it says that

    @property
    def authenticated_at(self) -> datetime | None:
        """When the person last signed in at the issuer, in UTC, or None if the issuer does not say."""
        return None if self.auth_time is None else datetime.fromtimestamp(self.auth_time, UTC)

    @property
    def granted_role(self) -> Role | None:
        """The role without an invitation; a person needs one where it is None."""
        return self.mapped_role or (Role.VIEWER if self.is_of_allowed_domain else None)


class Offer(StrEnum):
    """Why a person may sign in to an organization, in the order of the page."""

    OWN = "own"  # the person has signed in to it before
    GRANTED = "granted"  # groups or e-mail domain, in the settings of the operator
    SAME_ADDRESS = "same_address"  # it has an active user with the e-mail address, which may be someone else's work
    INVITED = "invited"  # its administrators invite the e-mail address


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An organization that a person may sign in to."""

    user_id: UUID | None  # None: the person has no user there yet
    organization_id: UUID
    organization: str
    role: Role
    offer: Offer

    @property
    def value(self) -> str:
        """What the page sends for it."""
        return NEW_USER if self.user_id is None else public_id(USER, self.user_id)

    @property
    def needs_no_question(self) -> bool:
        """Whether the person is signed in without a question, if there is no other choice.

        An invitation is the work of someone else: it joins a person to an organization only if the person chooses it.
        """
        return self.offer in {Offer.OWN, Offer.GRANTED}


class OidcFailure(StrEnum):
    """Why a sign-in through the issuer is refused."""

    LOGIN_UNKNOWN = "login_unknown"
    DENIED = "denied"
    WRONG_ISSUER = "wrong_issuer"
    BAD_TOKEN = "bad_token"  # noqa: S105  a reason
    NO_EMAIL = "no_email"
    EMAIL_NOT_VERIFIED = "email_not_verified"
    OTHER_PERSON = "other_person"
    DISABLED = "disabled"
    NOT_INVITED = "not_invited"
    NO_ORGANIZATION = "no_organization"


SENTENCES = {
    OidcFailure.LOGIN_UNKNOWN: "This sign-in was begun in another browser, or more than ten minutes ago. Start again.",
    OidcFailure.DENIED: "The sign-in was canceled at your identity provider. Start again, or use a password.",
    OidcFailure.WRONG_ISSUER: "The answer came from another identity provider. Start again.",
    OidcFailure.BAD_TOKEN: "The identity provider's answer is not valid. Start again; if it stays, ask your administrator "
    "to check the OpenID Connect settings.",
    OidcFailure.NO_EMAIL: "Your identity provider sent no e-mail address. Ask your administrator to add the email scope.",
    OidcFailure.EMAIL_NOT_VERIFIED: "Your e-mail address is not verified at your identity provider. Verify it there, then "
    "sign in again.",
    OidcFailure.OTHER_PERSON: "This e-mail address belongs to another account of your identity provider. Ask an "
    "administrator.",
    OidcFailure.DISABLED: "Your user is disabled. Ask an administrator.",
    OidcFailure.NOT_INVITED: "You have no access yet. Ask an administrator to invite your e-mail address.",
    OidcFailure.NO_ORGANIZATION: "There is no organization yet. Its first administrator signs in with the link that "
    "`presswork up` prints.",
}


class OidcRefused(PressworkError):
    """A sign-in through the issuer is refused."""

    code = Code.UNAUTHENTICATED

    def __init__(self, failure: OidcFailure) -> None:
        super().__init__(SENTENCES[failure], reason=failure.value)
        self.failure = failure
