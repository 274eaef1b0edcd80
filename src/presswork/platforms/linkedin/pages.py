"""Finds the pages that a member administers, for a login that grants access to several accounts.

Source: LinkedIn, "Organization Access Control by Role" and "Organization Lookup", read 2026-11.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import PlatformError, Rejected
from presswork.platforms.json_values import text_of
from presswork.platforms.linkedin.api import Api, elements_of, read_response
from presswork.platforms.linkedin.endpoints import ORGANIZATION_ACLS, organization
from presswork.platforms.linkedin.error_mapping import LINKEDIN
from presswork.platforms.linkedin.scopes import of_page
from presswork.platforms.linkedin.urns import organization_id
from presswork.platforms.port import Grant

_ROLES: Final = frozenset(
    {"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"}
)
"""Roles that may post as the page. Both spellings of the second one are in use."""
_FIELDS: Final = ("organization", "organizationTarget", "organizationalTarget")
"""Names under which versions of the API list a page."""
_LIST: Final = "organization_acls"
_A_READ: Final = 100
_READS: Final = 3
_MOST: Final = 50
"""Pages for which the name is read: each costs a call of the day. LinkedIn's own page of choices shows fewer."""


async def pages_of(api: Api, member: Grant, *, now: datetime) -> Sequence[Grant]:
    """Return a grant for each page that the member may post as, by the member's own token.

    Raises TryLater, CredentialInvalid. None where the app or the member may not list pages.
    """
    numbers: dict[str, None] = {}
    for read in range(_READS):
        params = {"q": "roleAssignee", "state": "APPROVED", "start": str(read * _A_READ), "count": str(_A_READ)}
        try:
            body = await _read(api, ORGANIZATION_ACLS, params, member, step=_LIST, now=now)
        except Rejected:
            break  # a member without pages can still be connected
        elements = elements_of(body, step=_LIST)
        numbers |= {number: None for element in elements if (number := _page(element)) is not None}
        if len(elements) < _A_READ:
            break
    return [await _grant(api, number, member, now=now) for number in list(numbers)[:_MOST]]


def _page(element: JsonObject) -> str | None:
    is_listed = element.get("role") in _ROLES and element.get("state") in (None, "APPROVED")
    urns = (text_of(element.get(field)) for field in _FIELDS)
    return next((organization_id(urn) for urn in urns if urn is not None), None) if is_listed else None


async def _grant(api: Api, number: str, member: Grant, *, now: datetime) -> Grant:
    """Return the grant of a page; a page whose name can't be read is called by its number."""
    try:
        body = await _read(api, organization(number), {}, member, step="organizations", now=now)
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


async def _read(api: Api, path: str, params: dict[str, str], member: Grant, *, step: str, now: datetime) -> JsonObject:
    with LINKEDIN.lost(step=step):
        reply = await api.call("GET", path, params, step=step, token=member.tokens.access_token)
    return LINKEDIN.object_of(read_response(reply), step=step, now=now)
