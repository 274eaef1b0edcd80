"""Who signs in to LinkedIn, and for which organizations this person may act.

A person signs in, never a page. An account of tier personal or creator is a member, one of tier business an organization's page.
The first member that a login names is the person; where it names pages only, the person is the administrator of the first one,
whose own posts appear in that page's feed here. This person administers the pages that the login names, in the role that each
page's `pageRole` says. Source: LinkedIn, "Organization Access Control", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.facts import FACTS
from presswork_sandbox.tokens import Token

ADMINISTRATOR: Final = "ADMINISTRATOR"
_OF_MEMBERS: Final = frozenset(
    {
        "w_member_social",
        "w_member_social_feed",
        "r_member_social",
        "r_member_postAnalytics",
        "r_member_profileAnalytics",
    }
)
_OF_PAGES: Final = frozenset({"w_organization_social", "r_organization_social"})
POSTING_ROLES: Final = frozenset(
    {ADMINISTRATOR, "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"}
)


def is_page(account: Account) -> bool:
    """Return whether an account is an organization's page."""
    return account.tier == "business"


def person_urn(account: Account) -> str:
    """Return the URN of a member, or of the person who administers a page, as one app knows them."""
    return f"urn:li:person:{account.app_scoped_id}"


def organization_urn(account: Account) -> str:
    """Return the URN of a page."""
    return f"urn:li:organization:{account.user_id}"


def role_of(page: Account) -> str:
    """Return the role that the person of a login has on a page."""
    role = page.settings.get("pageRole")
    return role if isinstance(role, str) else ADMINISTRATOR


def granted_to(person: Account, scopes: Sequence[str]) -> Sequence[str]:
    """Return what a person grants of the scopes that were agreed to.

    A login that names pages only is that of an administrator of whom there is no account here: it grants what is about pages,
    where anything is, and not the right to post as a member.
    """
    if not is_page(person) or not any(scope in scopes for scope in _OF_PAGES):
        return scopes
    return [scope for scope in scopes if scope not in _OF_MEMBERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a valid token stands for."""

    token: Token
    person: Account
    scopes: frozenset[str]
    pages: Mapping[str, Account]
    """Pages that the person administers, by URN."""

    @property
    def urn(self) -> str:
        """The URN of the person."""
        return person_urn(self.person)

    def account_of(self, urn: str) -> Account | None:
        """Return the account that the caller may act for under a URN: the person's own, or a page's."""
        return self.person if urn == self.urn else self.pages.get(urn)

    def may(self, urn: str, *, as_member: str, as_page: str) -> bool:
        """Return whether the token has the permission that acting for a URN needs, whether that is a person or a page."""
        return (as_member if urn.startswith("urn:li:person:") else as_page) in self.scopes

    def may_post_as(self, urn: str) -> Account | None:
        """Return the account behind an author, an owner or an actor, or None where the caller can't post as that."""
        account = self.account_of(urn)
        return None if urn in self.pages and role_of(self.pages[urn]) not in POSTING_ROLES else account


class People:
    """Which pages were chosen in which login."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def remember(self, code: str, accounts: Sequence[Account]) -> None:
        """Keep which accounts a login named, with its code."""
        for account in accounts:
            self._sandbox.store.insert("code_pages", code=code, account_id=account.id)

    def person_of(self, code: str) -> Account | None:
        """Return who signed in with a code: the member that was made first, or the administrator of the oldest page."""
        rows = self._sandbox.store.all("SELECT account_id FROM code_pages WHERE code = ? ORDER BY account_id", code)
        found = [self._sandbox.accounts.by_id(row["account_id"]) for row in rows]
        accounts = [account for account in found if account is not None]
        return next((account for account in accounts if not is_page(account)), accounts[0] if accounts else None)

    def move_to_grant(self, code: str, grant_id: int) -> None:
        """Give what a login named to the tokens of its grant."""
        self._sandbox.store.run(
            "INSERT INTO grant_pages SELECT ?, account_id FROM code_pages WHERE code = ?", grant_id, code
        )

    def caller(self, token: Token) -> Caller | None:
        """Return what a token stands for; None after a reset."""
        person = self._sandbox.accounts.by_id(token.account_id)
        if person is None:
            return None
        rows = self._sandbox.store.all(
            "SELECT account_id FROM grant_pages WHERE grant_id = ? ORDER BY account_id", token.grant_id
        )
        named = [self._sandbox.accounts.by_id(row["account_id"]) for row in rows]
        return Caller(
            token=token,
            person=person,
            scopes=frozenset(person.allows(token.scopes)),
            pages={organization_urn(page): page for page in named if page is not None and is_page(page)},
        )

    def page_numbered(self, number: str) -> Account | None:
        """Return the page with an organization's number."""
        sql = "SELECT id FROM accounts WHERE platform = ? AND user_id = ?"
        row = self._sandbox.store.first(sql, FACTS.name, number)
        account = None if row is None else self._sandbox.accounts.by_id(row["id"])
        return account if account is not None and is_page(account) else None
