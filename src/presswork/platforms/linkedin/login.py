"""Connects LinkedIn members and the pages that they administer, by LinkedIn's OAuth.

An access lasts 60 days. Only apps of approved partners get refresh tokens, which last 365 days from the first login; all others
get none, and the account's owner logs in again.
Sources: LinkedIn, "Authorization Code Flow", "Programmatic Refresh Tokens", "Sign In with LinkedIn using OpenID Connect", "Profile
API", "Organization Access Control by Role" and "Organization Lookup", read 2026-11. The call that revokes a token is not on those
pages; other publishers use it.
"""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import FailureCode, PlatformError, Rejected
from presswork.platforms.json_values import text_of
from presswork.platforms.linkedin.api import (
    AUTHORIZE,
    ME,
    ORGANIZATION_ACLS,
    REVOKE,
    TOKEN,
    USER_INFO,
    Api,
    elements_of,
    organization,
    read_response,
)
from presswork.platforms.linkedin.description import (
    MEMBER,
    MEMBER_COMMENT,
    OPENID,
    PAGE,
    PAGE_ADMIN,
    PAGE_COMMENT,
    PAGE_READ,
)
from presswork.platforms.linkedin.error_mapping import LINKEDIN
from presswork.platforms.linkedin.notation import organization_id, person
from presswork.platforms.oauth import AGAIN, OAuth, OAuthLogin, read_scopes
from presswork.platforms.port import AppCredentials, Grant, Tokens

_APP_ERRORS: Final = frozenset({"invalid_client", "invalid_client_id", "unauthorized_client"})
_TOKEN_ERRORS: Final = frozenset({"invalid_grant", "invalid_request", "invalid_token"})
"""Answers to a token that LinkedIn does not know any more."""
_UNMATCHED_CODE: Final = (
    "LinkedIn's login code was used before, has expired, or was issued for another redirect URI. Connect the account again. If this "
    "happens again, check that the redirect URI is registered in the app exactly as Presswork uses it."
)
"""LinkedIn does not say whether it is the code or the redirect URI that does not match."""

_ROLES: Final = frozenset(
    {"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"}
)
"""Roles that may post as the page. Both spellings of the second one are in use."""
_PAGE_FIELDS: Final = ("organization", "organizationTarget", "organizationalTarget")
"""Names under which versions of the API list a page."""
_LIST: Final = "organization_acls"
_PAGES_A_READ: Final = 100
_MAX_READS: Final = 3
_MAX_PAGES: Final = 50
"""Pages for which the name is read: each costs a call of the day. LinkedIn's own page of choices shows fewer."""


_LINKEDIN: Final = OAuth(
    name="LinkedIn",
    read=read_response,
    authorize=AUTHORIZE,
    token=TOKEN,
    revoke=REVOKE,
    parameters={"response_type": "code"},  # LinkedIn writes it first
    app_errors=_APP_ERRORS,
    check_app="LinkedIn does not accept the app's ID and secret. Check them (PRESSWORK_LINKEDIN_CLIENT_ID and "
    "PRESSWORK_LINKEDIN_CLIENT_SECRET, unless they are stored).",
    code_errors=dict.fromkeys((*_TOKEN_ERRORS, "invalid_redirect_uri"), _UNMATCHED_CODE),
    knows_tokens=True,
    grant_errors=_TOKEN_ERRORS,
    grant_ended="LinkedIn no longer accepts this account's login: it was withdrawn, or is older than 365 days.",
    revoked_errors=_TOKEN_ERRORS,
    revoke_place="in the settings of LinkedIn, under Data privacy, Permitted services",
)


class LinkedInLogin(OAuthLogin):
    """The port's `Login` for LinkedIn. LinkedIn has no PKCE for apps with a secret."""

    def __init__(self, api: Api, app: AppCredentials, *, permissions: Sequence[str]) -> None:
        super().__init__(
            oauth=_LINKEDIN,
            site=api.endpoints.www_url,
            server=api.endpoints.www_url,
            app=app,
            transport=api.transport,
            timeout=api.retry_policy.timeouts.call,
            permissions=permissions,
        )
        self._api: Final = api

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:
        """Return the member's grant, which contains those of the pages. A member who did not allow posts in their own name is
        none of the accounts.
        """
        # RFC 6749: a response may omit what was granted as asked
        scopes = read_scopes(response.get("scope")) or frozenset(self.permissions)
        member = await self._read_member(tokens, scopes, now=now)
        pages = await self._read_pages(member, now=now) if scopes >= {PAGE, PAGE_ADMIN} else ()
        accounts = [*([member] if MEMBER in scopes else []), *pages]
        if not accounts:
            raise Rejected(
                f"The person allowed posts neither in their own name nor as a page. {AGAIN}",
                step="token",
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        return replace(accounts[0], others=tuple(accounts[1:]))

    async def _read_member(self, tokens: Tokens, scopes: frozenset[str], *, now: datetime) -> Grant:
        """Return the grant of the person. Which call shows the profile depends on the products of the app."""
        step, path = ("userinfo", USER_INFO) if OPENID in scopes else ("me", ME)
        profile = await self._read_object(path, {}, tokens, step=step, now=now)
        urn = person(text_of(profile.get("sub")) or text_of(profile.get("id")) or "")
        if urn is None:
            raise Rejected(f"LinkedIn did not report whose login this is. {AGAIN}", step=step)
        name = _read_name(profile)
        return Grant(
            tokens=tokens,
            external_id=urn,
            handle=text_of(profile.get("vanityName")) or name or urn,
            display_name=name,
            avatar_url=text_of(profile.get("picture")),
            scopes=scopes,
            grantor_id=urn,
        )

    async def _read_pages(self, member: Grant, *, now: datetime) -> Sequence[Grant]:
        """Return a grant for each page that the member may post as, by the member's own token; none where the app or the member
        may not list pages. Raises TryLater, CredentialInvalid.
        """
        numbers: dict[str, None] = {}
        for read in range(_MAX_READS):
            start = str(read * _PAGES_A_READ)
            params = {"q": "roleAssignee", "state": "APPROVED", "start": start, "count": str(_PAGES_A_READ)}
            try:
                body = await self._read_object(ORGANIZATION_ACLS, params, member.tokens, step=_LIST, now=now)
            except Rejected:
                break  # a member without pages can still be connected
            elements = elements_of(body, step=_LIST)
            numbers |= {number: None for element in elements if (number := _read_page_number(element)) is not None}
            if len(elements) < _PAGES_A_READ:
                break
        return [await self._read_page(number, member, now=now) for number in list(numbers)[:_MAX_PAGES]]

    async def _read_page(self, number: str, member: Grant, *, now: datetime) -> Grant:
        """Return the grant of a page; a page whose name can't be read is called by its number."""
        try:
            body = await self._read_object(organization(number), {}, member.tokens, step="organizations", now=now)
        except PlatformError:
            body = {}
        name = text_of(body.get("localizedName"))
        return replace(
            member,
            external_id=f"urn:li:organization:{number}",
            handle=text_of(body.get("vanityName")) or name or number,
            display_name=name,
            avatar_url=None,
            scopes=of_page(member.scopes),
        )

    async def _read_object(
        self, path: str, params: dict[str, str], tokens: Tokens, *, step: str, now: datetime
    ) -> JsonObject:
        with LINKEDIN.lost(step=step):
            reply = await self._api.call("GET", path, params, step=step, token=tokens.access_token)
        return LINKEDIN.object_of(read_response(reply), step=step, now=now)

    async def check_app(self) -> None:
        """Ask for a token of the app itself. Raises Rejected where the app is refused, TryLater.

        LinkedIn checks ID and secret before it refuses such a token to ordinary apps (general knowledge, not documented).
        """
        await self._check_app({"grant_type": "client_credentials"})


def _read_name(profile: JsonObject) -> str | None:
    parts = (profile.get("localizedFirstName"), profile.get("localizedLastName"))
    return text_of(profile.get("name")) or text_of(" ".join(part for part in parts if isinstance(part, str)))


def _read_page_number(element: JsonObject) -> str | None:
    is_listed = element.get("role") in _ROLES and element.get("state") in (None, "APPROVED")
    urns = (text_of(element.get(field)) for field in _PAGE_FIELDS)
    return next((organization_id(urn) for urn in urns if urn is not None), None) if is_listed else None


def of_page(granted: Set[str]) -> frozenset[str]:
    """Return what a login granted about a page, under the names that `PUBLISH` and `COMMENT` have for all accounts.

    A page needs two permissions to publish: without the second, a lost answer could never be looked up.
    """
    own = granted - {MEMBER, MEMBER_COMMENT}
    may_publish = {MEMBER} if own >= {PAGE, PAGE_READ} else set()
    may_comment = {MEMBER_COMMENT} if PAGE_COMMENT in own else set()
    return frozenset(own | may_publish | may_comment)
