"""Who calls an account server: a session's JWT as Bearer, or a token of OAuth with a DPoP proof."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.dpop import InvalidProof, Proofs
from presswork_sandbox.bluesky.errors import XRPCError, dpop_challenge
from presswork_sandbox.bluesky.facts import ENTRYWAY, FACTS
from presswork_sandbox.bluesky.identity import require_active
from presswork_sandbox.bluesky.jwts import Claims, read_own
from presswork_sandbox.bluesky.scopes import Permissions
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import text_of

SCHEMES: Final = frozenset({"bearer", "dpop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, and what it may do: with None, everything, by app password."""

    account: Account
    token: Token
    permissions: Permissions | None


def credentials_of(request: Request) -> tuple[str, str]:
    """Return scheme, in lower case, and token of the Authorization header, or two empty strings."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return (scheme.lower(), text.strip()) if scheme.lower() in SCHEMES and text.strip() else ("", "")


class Authenticator:
    """Checks the callers of one host."""

    def __init__(self, sandbox: Sandbox, host: str, proofs: Proofs) -> None:
        self._sandbox = sandbox
        self._host = host
        self._proofs = proofs

    def owner(self, request: Request) -> tuple[Token | None, Account | None]:
        """Return the token that a request claims to have, and its account, before anything is checked."""
        claims = read_own(self._sandbox.store, credentials_of(request)[1])
        token = None if claims is None else self._sandbox.tokens.find(FACTS.name, text_of(claims.get("jti")))
        return token, None if token is None else self._sandbox.accounts.by_id(token.account_id)

    def caller(self, request: Request, *, with_refresh_token: bool = False) -> Caller:
        """Return who calls; `with_refresh_token`: with the refresh token of a session. Raises XRPCError."""
        scheme, text = credentials_of(request)
        if not text:
            raise XRPCError("AuthMissing", "Authentication Required")
        if scheme == "dpop":
            return self._authenticate_by_proof(request, text)
        claims = read_own(self._sandbox.store, text)
        if claims is None:
            raise XRPCError("InvalidToken", "Token could not be verified")
        token, account = self.owner(request)
        if token is None or account is None or token.kind not in {"session_access", "session_refresh"}:
            raise XRPCError("InvalidToken", "Malformed token")
        if (token.kind == "session_refresh") != with_refresh_token:
            raise XRPCError("InvalidToken", "Bad token scope")
        if not token.is_alive(self._sandbox.clock.now()):
            message = "Token has been revoked" if token.dead_reason == "revoked" else "Token has expired"
            raise XRPCError("ExpiredToken", message)
        require_active(account)
        return Caller(account=account, token=token, permissions=None)

    def _authenticate_by_proof(self, request: Request, text: str) -> Caller:
        """Check an access token of OAuth, and the proof that comes with it.

        The entryway knows no tokens of OAuth here: they are for the account's own server, which is their audience.
        """
        try:
            proof = self._proofs.verify(request, text)
        except InvalidProof as wrong:
            raise dpop_challenge(wrong.code, str(wrong)) from wrong
        if proof is None:
            raise dpop_challenge("invalid_dpop_proof", "DPoP proof required")
        claims = read_own(self._sandbox.store, text)
        token, account = self.owner(request)
        if claims is None or token is None or account is None or token.kind != "dpop_access":
            raise dpop_challenge("invalid_token", "Malformed token")
        if self._host == ENTRYWAY:
            raise dpop_challenge("invalid_token", "Bad token audience. Call the account's own server.")
        if _key_of(claims) != proof.thumbprint:
            raise dpop_challenge("invalid_token", "Invalid DPoP key binding")
        if not token.is_alive(self._sandbox.clock.now()):
            raise dpop_challenge("invalid_token", "exp claim timestamp check failed")
        require_active(account)
        return Caller(account=account, token=token, permissions=Permissions(account.allows(token.scopes)))


def _key_of(claims: Claims) -> str | None:
    confirmation = claims.get("cnf")
    return text_of(confirmation.get("jkt")) if isinstance(confirmation, dict) else None
