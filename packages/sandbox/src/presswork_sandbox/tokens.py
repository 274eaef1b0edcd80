"""Authorization codes and tokens of all platforms: what was granted to which app, until when."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.store import Store

# How each kind of token begins. Source: Meta, "Business Login for Instagram"; TikTok, "Manage User Access Tokens";
# bluesky-social/atproto, packages/oauth/oauth-provider/src/constants.ts. A JWT of Bluesky carries the token here as its jti.
PREFIXES: Final = {
    "short": "IGQWR",
    "long": "IGAAQ",
    "user": "EAAS",
    "long_user": "EAAL",
    "page": "EAAP",
    "access": "act.",
    "refresh": "rft.",
    "threads_short": "THQWJ",
    "threads_long": "THAAQ",
    "google_access": "ya29.a0",
    "google_refresh": "1//0",
    "linkedin_access": "AQX",
    "linkedin_refresh": "AQW",
    "dpop_access": "tok-",
    "dpop_refresh": "ref-",
    "session_access": "",
    "session_refresh": "",
    "service": "",
    "mastodon_access": "",
    "pinterest_access": "pina_",
    "pinterest_refresh": "pinr_",
}
CODE_PREFIXES: Final = {
    "instagram": "AQ",
    "facebook": "AQ",
    "threads": "AQ",
    "linkedin": "AQ",
    "bluesky": "cod-",
    "mastodon": "",
    "pinterest": "",
}
LAPSED: Final = "lapsed"
"""`dead_reason` of an access token that a fault struck: it opens nothing until it is refreshed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code."""

    code: str
    account_id: int
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str | None
    created_at: float
    used_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token of any kind. `dead_reason` is None while it is alive."""

    token: str
    kind: str
    account_id: int
    grant_id: int
    client_id: str
    scopes: tuple[str, ...]
    issued_at: float
    expires_at: float
    dead_reason: str | None

    def can_refresh(self, now: float) -> bool:
        """Return whether the token can be refreshed; one that a fault expired is dead until it is."""
        return self.dead_reason in {None, LAPSED} and now < self.expires_at

    def is_alive(self, now: float) -> bool:
        """Tell whether it opens anything."""
        return self.dead_reason is None and now < self.expires_at


def split_scopes(text: str) -> tuple[str, ...]:
    """Return comma- or space-separated scopes, each once, in order."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


class Tokens:
    """Issue, find and revoke codes and tokens."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def issue_code(
        self,
        platform: str,
        account_id: int,
        *,
        client_id: str,
        redirect_uri: str,
        scopes: Sequence[str],
        challenge: str | None,
        now: float,
    ) -> str:
        """Make a code for what a person granted."""
        number = self._store.next_number("code")
        secret = self._store.secret("code", number, 60)
        # TikTok's codes carry characters that come URL-encoded in the redirect, and must be decoded before use.
        prefix = CODE_PREFIXES.get(platform)
        code = f"{secret}*{number}!{4000 + number}.e1" if prefix is None else prefix + secret
        self._store.insert(
            "codes",
            code=code,
            platform=platform,
            account_id=account_id,
            client_id=client_id,
            redirect_uri=redirect_uri,
            scopes=",".join(scopes),
            challenge=challenge,
            created_at=now,
            used_at=None,
        )
        return code

    def find_code(self, platform: str, code: str) -> Code | None:
        """Find a code, used or not."""
        row = self._store.first("SELECT * FROM codes WHERE code = ? AND platform = ?", code, platform)
        if row is None:
            return None
        return Code(
            code=row["code"],
            account_id=row["account_id"],
            client_id=row["client_id"],
            redirect_uri=row["redirect_uri"],
            scopes=split_scopes(row["scopes"]),
            challenge=row["challenge"],
            created_at=row["created_at"],
            used_at=row["used_at"],
        )

    def use_code(self, code: str, now: float) -> None:
        """Mark a code as used up."""
        self._store.run("UPDATE codes SET used_at = ? WHERE code = ?", now, code)

    def issue(
        self,
        platform: str,
        kind: str,
        account_id: int,
        *,
        client_id: str,
        scopes: Sequence[str],
        now: float,
        lifetime_seconds: float,
        grant_id: int | None = None,
    ) -> Token:
        """Make a token; without `grant_id` it begins a new grant."""
        number = self._store.next_number("token")
        self._store.insert(
            "tokens",
            token=PREFIXES[kind] + self._store.secret(kind, number, 100),
            kind=kind,
            platform=platform,
            account_id=account_id,
            grant_id=number if grant_id is None else grant_id,
            client_id=client_id,
            scopes=",".join(scopes),
            issued_at=now,
            expires_at=now + lifetime_seconds,
            dead_reason=None,
        )
        token = self.find(platform, PREFIXES[kind] + self._store.secret(kind, number, 100))
        if token is None:
            raise LookupError("a token that was just made")
        return token

    def find(self, platform: str, token: str) -> Token | None:
        """Find a token, dead or alive."""
        row = self._store.first("SELECT * FROM tokens WHERE token = ? AND platform = ?", token, platform)
        return None if row is None else _token(row)

    def of_grant(self, grant_id: int, kind: str, account_id: int) -> Sequence[Token]:
        """Return the tokens of one kind that a grant has for an account, newest first."""
        rows = self._store.all(
            "SELECT * FROM tokens WHERE grant_id = ? AND kind = ? AND account_id = ? ORDER BY issued_at DESC, token",
            grant_id,
            kind,
            account_id,
        )
        return [_token(row) for row in rows]

    def remember_app_secret(self, grant_id: int, secret: str) -> None:
        """Store the app secret that came with a token call: it signs the webhooks about the grant's accounts."""
        sql = "INSERT INTO grant_secrets VALUES (?, ?) ON CONFLICT (grant_id) DO UPDATE SET secret = excluded.secret"
        self._store.run(sql, grant_id, secret)

    def app_secret_of(self, account_id: int) -> str | None:
        """Return the secret of the app that an account was connected to last, by its own login or by that of its person."""
        sql = (
            "SELECT secrets.secret FROM tokens JOIN grant_secrets AS secrets ON secrets.grant_id = tokens.grant_id"
            " WHERE tokens.account_id = ?1"
            " OR tokens.grant_id IN (SELECT grant_id FROM grant_pages WHERE account_id = ?1)"
            " ORDER BY tokens.issued_at DESC, tokens.token LIMIT 1"
        )
        row = self._store.first(sql, account_id)
        return None if row is None else str(row["secret"])

    def app_id_of(self, account_id: int) -> str | None:
        """Return the app that an account was connected to last, or None."""
        sql = "SELECT client_id FROM tokens WHERE account_id = ? ORDER BY issued_at DESC, token LIMIT 1"
        row = self._store.first(sql, account_id)
        return None if row is None else str(row["client_id"])

    def kill(self, token: Token, reason: str) -> None:
        """Make one token dead."""
        self._store.run("UPDATE tokens SET dead_reason = ? WHERE token = ?", reason, token.token)

    def kill_grant(self, token: Token, reason: str) -> None:
        """Make every token of a grant dead."""
        self._store.run(
            "UPDATE tokens SET dead_reason = ? WHERE grant_id = ? AND dead_reason IS NULL", reason, token.grant_id
        )

    def drop_scope(self, token: Token, scope: str) -> None:
        """Take one permission from every token of a grant."""
        left = [one for one in token.scopes if one != scope]
        self._store.run("UPDATE tokens SET scopes = ? WHERE grant_id = ?", ",".join(left), token.grant_id)

    def kill_account(self, account_id: int, reason: str) -> int:
        """Revoke every token of an account; return how many were valid."""
        sql = "UPDATE tokens SET dead_reason = ? WHERE account_id = ? AND (dead_reason IS NULL OR dead_reason = ?)"
        return self._store.run(sql, reason, account_id, LAPSED)


def _token(row: sqlite3.Row) -> Token:
    return Token(
        token=row["token"],
        kind=row["kind"],
        account_id=row["account_id"],
        grant_id=row["grant_id"],
        client_id=row["client_id"],
        scopes=split_scopes(row["scopes"]),
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
        dead_reason=row["dead_reason"],
    )
