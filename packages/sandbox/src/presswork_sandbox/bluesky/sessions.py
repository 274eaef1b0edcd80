"""Sessions by app password: a pair of JWTs, of which the refresh token rotates with a grace.

Source: bluesky-social/atproto, packages/pds/src/account-manager and api/com/atproto/server, read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account, BadHandle
from presswork_sandbox.bluesky.errors import XRPCError
from presswork_sandbox.bluesky.facts import ENTRYWAY, FACTS, PDS
from presswork_sandbox.bluesky.identity import did_document, find_account, full_handle, status_of
from presswork_sandbox.bluesky.jwts import sign_own
from presswork_sandbox.bluesky.rate_limits import SESSIONS, consume
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

ACCESS_SECONDS: Final = 2 * HOUR
REFRESH_SECONDS: Final = 90 * DAY
GRACE_SECONDS: Final = 2 * HOUR
"""How long a refresh token can be used again after its first use. General knowledge, not in the documentation."""
APP_PASSWORD_PARTS: Final = 4


def _is_app_password(password: str) -> bool:
    parts = password.split("-")
    return len(parts) == APP_PASSWORD_PARTS and all(len(part) == 4 for part in parts)


class Sessions:
    """The methods of com.atproto.server for sessions."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def owner(self, identifier: str) -> Account | None:
        """Return the account that an identifier of createSession names, if it exists."""
        return find_account(self._sandbox, identifier.strip().removeprefix("@"))

    def create(self, params: Mapping[str, JSONValue], pds_url: str) -> Reply:
        """Return a new session. As on the authorize page, an unknown handle becomes an account. Raises XRPCError."""
        identifier, password = text_of(params.get("identifier")).lower(), text_of(params.get("password"))
        limits = consume(self._sandbox, SESSIONS, identifier)
        account = self._account(identifier)
        expected = None if account is None else account.settings.get("appPassword")
        if account is None or not password or expected not in {None, password}:
            raise XRPCError("AuthenticationRequired", "Invalid identifier or password", headers=limits)
        if status_of(account) == "takendown":
            raise XRPCError("AccountTakedown", "Account has been taken down", headers=limits)
        needs_factor = account.settings.get("emailAuthFactor") is True and not _is_app_password(password)
        if needs_factor and not params.get("authFactorToken"):
            raise XRPCError(
                "AuthFactorTokenRequired", "A sign in code has been sent to your email address", headers=limits
            )
        reply = json_reply(self._session(account, pds_url, None))
        reply.headers = limits
        return reply

    def _account(self, identifier: str) -> Account | None:
        found = self.owner(identifier)
        if found is not None or identifier.startswith("did:") or "@" in identifier.removeprefix("@"):
            return found
        try:
            return self._sandbox.accounts.ensure(FACTS.name, identifier, self._sandbox.clock.now())
        except BadHandle:
            return None

    def refresh(self, token: Token, account: Account, pds_url: str) -> Reply:
        """Return a new pair for a refresh token, which stays valid for a grace. Raises XRPCError."""
        with self._sandbox.store.transaction():
            ends_at = min(token.expires_at, self._sandbox.clock.now() + GRACE_SECONDS)
            self._sandbox.store.run("UPDATE tokens SET expires_at = ? WHERE token = ?", ends_at, token.token)
            return json_reply(self._session(account, pds_url, token.grant_id))

    def delete(self, token: Token) -> Reply:
        """End a session: its refresh tokens are revoked; its access tokens live until they expire."""
        with self._sandbox.store.transaction():
            for other in self._sandbox.tokens.of_grant(token.grant_id, "session_refresh", token.account_id):
                self._sandbox.tokens.kill(other, "revoked")
        return Reply(media_type="application/json")

    def to_json(self, account: Account, pds_url: str, *, has_email: bool) -> Mapping[str, JSONValue]:
        """Return an account as the responses to session calls show it."""
        status = status_of(account)
        email: Mapping[str, JSONValue] = {
            "email": f"{account.handle}@example.com",
            "emailConfirmed": account.settings.get("emailConfirmed", True) is True,
            "emailAuthFactor": account.settings.get("emailAuthFactor") is True,
        }
        return {
            "did": account.user_id,
            "handle": full_handle(account),
            "didDoc": did_document(self._sandbox.store, account, pds_url),
            **(email if has_email else {}),
            "active": status is None,
            **({} if status is None else {"status": status}),
        }

    def _session(self, account: Account, pds_url: str, grant_id: int | None) -> Mapping[str, JSONValue]:
        access = self._issue("session_access", account, ACCESS_SECONDS, grant_id)
        fresh = self._issue("session_refresh", account, REFRESH_SECONDS, access.grant_id)
        store = self._sandbox.store
        return {
            **self.to_json(account, pds_url, has_email=True),
            "accessJwt": sign_own(store, "at+jwt", _claims(account, access, "com.atproto.appPass", PDS)),
            "refreshJwt": sign_own(store, "refresh+jwt", _claims(account, fresh, "com.atproto.refresh", ENTRYWAY)),
        }

    def _issue(self, kind: str, account: Account, lifetime_seconds: float, grant_id: int | None) -> Token:
        return self._sandbox.tokens.issue(
            FACTS.name,
            kind,
            account.id,
            client_id="",
            scopes=(),
            now=self._sandbox.clock.now(),
            lifetime_seconds=lifetime_seconds,
            grant_id=grant_id,
        )


def _claims(account: Account, token: Token, scope: str, audience: str) -> Mapping[str, JSONValue]:
    return {
        "scope": scope,
        "sub": account.user_id,
        "iat": int(token.issued_at),
        "exp": int(token.expires_at),
        "aud": f"did:web:{audience}",
        "jti": token.token,
    }
