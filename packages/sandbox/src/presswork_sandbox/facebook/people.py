"""The people and Pages of Facebook, as far as Instagram needs them.

The person who signs in manages one Page for every account that was chosen in the dialog. The Page of a professional account
has it as its `instagram_business_account`; a personal account's Page has none. Source: Meta, "Instagram API with
Facebook Login: Get started" and "Page" reference, read 2026-11.
"""

from collections.abc import Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token

PAGE_IDS: Final = 101_400_000_000_000
PERSON_IDS: Final = 10_158_000_000_000_000
NEVER_SECONDS: Final = 100 * 365 * DAY  # a Page's token from a long-lived one; Meta says that it has no end


def page_id(account: Account) -> str:
    """Return the id of the Page that an account is linked to."""
    return str(PAGE_IDS + account.id * 3_001)


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
        """Return the accounts that a token reaches, newest Page first: one for a Page's token."""
        accounts = self._sandbox.accounts
        if token.kind == "page":
            return [account for account in [accounts.by_id(token.account_id)] if account is not None]
        rows = self._sandbox.store.all(
            "SELECT account_id FROM grant_pages WHERE grant_id = ? ORDER BY account_id DESC", token.grant_id
        )
        found = (accounts.by_id(row["account_id"]) for row in rows)
        return [account for account in found if account is not None]

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
