"""The people and Pages of Facebook.

An account of the platform `facebook` is a Page. An account of `instagram` has one too, which is known by its link only: the
Page of a professional account has it as its `instagram_business_account`, a personal account's Page has none. The person who
signs in manages one Page for every account that was chosen in the dialog. Where a person chose an Instagram account and the
Page of the same handle, they are linked to each other, and there is no other Page. Source: Meta, "Instagram API with Facebook
Login: Get started" and "Page" reference, read 2026-11.
"""

from collections.abc import Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.facts import FACTS
from presswork_sandbox.tokens import Token

PAGE_IDS: Final = 101_400_000_000_000
PERSON_IDS: Final = 10_158_000_000_000_000
BUSINESS_IDS: Final = 201_000_000_000_000
TASKS: Final = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")
NEVER_SECONDS: Final = 100 * 365 * DAY  # a Page's token from a long-lived one; Meta says that it has no end


def is_page(account: Account) -> bool:
    """Return whether an account is a Page, which can be posted to, and not an Instagram account with a Page."""
    return account.platform == FACTS.name


def page_id(account: Account) -> str:
    """Return the id of the Page that an account is or is linked to."""
    return account.user_id if is_page(account) else str(PAGE_IDS + account.id * 3_001)


def business_id(account: Account) -> str:
    """Return the id of the business through which a person sees Pages that are not theirs."""
    return str(BUSINESS_IDS + account.id * 7_001)


def person_id(account: Account) -> str:
    """Return the id of the person who manages an account's Page."""
    return str(PERSON_IDS + account.id * 9_001)


class People:
    """Which person granted which permissions."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def remember(self, code: str, accounts: Sequence[Account]) -> None:
        """Keep which accounts a person chose, with the code that they were sent back with."""
        for account in accounts:
            self._sandbox.store.insert("code_pages", code=code, account_id=account.id)

    def move_to_grant(self, code: str, grant_id: int) -> None:
        """Give what was chosen to the tokens of a grant."""
        self._sandbox.store.run(
            "INSERT INTO grant_pages SELECT ?, account_id FROM code_pages WHERE code = ?", grant_id, code
        )

    def chosen(self, token: Token) -> list[Account]:
        """Return the accounts that a token reaches, newest first; a Page's token reaches the Page and what it is linked to."""
        accounts = self._sandbox.accounts
        rows = self._sandbox.store.all(
            "SELECT account_id FROM grant_pages WHERE grant_id = ? ORDER BY account_id DESC", token.grant_id
        )
        found = [account for account in (accounts.by_id(row["account_id"]) for row in rows) if account is not None]
        own = accounts.by_id(token.account_id)
        if token.kind != "page" or own is None:
            return found
        return [account for account in found if account.handle.lower() == own.handle.lower()]

    def linked(self, token: Token, account: Account) -> Account | None:
        """Return the Instagram account behind a Page, as far as the token reaches it."""
        if not is_page(account):
            return account
        same = (one for one in self.chosen(token) if one.handle.lower() == account.handle.lower())
        return next((one for one in same if not is_page(one)), None)

    def pages(self, token: Token, *, business_only: bool = False) -> list[Account]:
        """Return the accounts whose Pages the person manages, or those that only their business shows them."""
        chosen = self.chosen(token)
        known = {account.handle.lower() for account in chosen if is_page(account)}
        return [
            account
            for account in chosen
            if (is_page(account) or account.handle.lower() not in known)
            and (account.settings.get("businessOnly") is True) == business_only
        ]

    def page_token(self, token: Token, account: Account) -> Token:
        """Return the token of an account's Page, the same one for the same grant as long as it lives.

        From a long-lived token it has no end, from a short one it ends with that one.
        """
        if token.kind == "page":
            return token
        now = self._sandbox.clock.now()
        lasting = token.kind == "long_user"
        for known in self._sandbox.tokens.of_grant(token.grant_id, "page", account.id):
            if known.is_alive(now) and (known.expires_at > now + NEVER_SECONDS / 2) == lasting:
                return known
        return self._sandbox.tokens.issue(
            "facebook",
            "page",
            account.id,
            client_id=token.client_id,
            scopes=token.scopes,
            now=now,
            lifetime_seconds=NEVER_SECONDS if lasting else token.expires_at - now,
            grant_id=token.grant_id,
        )
