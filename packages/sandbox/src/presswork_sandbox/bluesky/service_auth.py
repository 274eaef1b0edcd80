"""Tokens with which a service acts for an account: made by the account's server, checked by the service.

Source: bluesky-social/atproto, packages/pds/src/api/com/atproto/server/getServiceAuth.ts and packages/xrpc-server/src/auth.ts,
read 2026-11.
"""

from collections.abc import Mapping, Set
from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.auth import Caller, credentials_of
from presswork_sandbox.bluesky.errors import XRPCError
from presswork_sandbox.bluesky.facts import FACTS, PDS
from presswork_sandbox.bluesky.identity import find_account
from presswork_sandbox.bluesky.jwts import Claims, issuer_of, read_for_service, sign_for_service
from presswork_sandbox.clock import HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

MINUTE: Final = 60.0
DEFAULT_SECONDS: Final = MINUTE
UPLOAD_METHOD: Final = "com.atproto.repo.uploadBlob"
"""The method that a token for an upload is made for: the video service uses it to store the file at the account's server."""


class ServiceTokens:
    """Make and check tokens for services. Each is stored until when it is valid, by the sandbox's clock."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def make(self, caller: Caller, params: Mapping[str, JSONValue]) -> Reply:
        """Answer getServiceAuth. Raises XRPCError."""
        audience, method = text_of(params["aud"]), text_of(params.get("lxm"))
        if caller.permissions is not None:
            caller.permissions.require_rpc(audience, method or "*")
        asked = text_of(params.get("exp"))
        seconds = DEFAULT_SECONDS if not asked else self._seconds(asked, has_method=bool(method))
        now = self._sandbox.clock.now()
        token = self._sandbox.tokens.issue(
            FACTS.name,
            "service",
            caller.account.id,
            client_id=audience,
            scopes=[method] if method else [],
            now=now,
            lifetime_seconds=seconds,
            grant_id=caller.token.grant_id,
        )
        claims: dict[str, JSONValue] = {
            "iat": int(now),
            "iss": caller.account.user_id,
            "aud": audience,
            "exp": int(asked) if asked else int(now + seconds),
            "jti": token.token,
        }
        if method:
            claims["lxm"] = method
        return json_reply({"token": sign_for_service(self._sandbox.store, caller.account, claims)})

    def _seconds(self, asked: str, *, has_method: bool) -> float:
        """Return how long a token is to live, from the instant that was asked for.

        The caller's clock may be the system's, behind the sandbox's: what fits either is right. Raises XRPCError.
        """
        if not (asked.isascii() and asked.isdigit() and len(asked) < 14):
            raise XRPCError("InvalidRequest", "Error: Params/exp must be an integer")
        now = self._sandbox.clock.now()
        lives = [int(asked) - clock for clock in (now, now - self._sandbox.clock.offset_seconds)]
        ahead = [seconds for seconds in lives if seconds >= 0]
        if not ahead:
            raise XRPCError("BadExpiration", "expiration is in past")
        if min(ahead) > HOUR:
            raise XRPCError(
                "BadExpiration", "cannot request a token with an expiration more than an hour in the future"
            )
        if not has_method and min(ahead) > MINUTE:
            raise XRPCError(
                "BadExpiration",
                "cannot request a method-less token with an expiration more than a minute in the future",
            )
        return min(ahead)

    def owner(self, request: Request) -> tuple[Token | None, Account | None]:
        """Return the token for a service that a request has, and its account, whatever its age and purpose."""
        found = self._claims(request)
        if found is None:
            return None, None
        claims, account = found
        return self._sandbox.tokens.find(FACTS.name, text_of(claims.get("jti"))), account

    def check(self, request: Request, audiences: Set[str], method: str) -> Account:
        """Return the account for which a request may act. Raises XRPCError."""
        if not credentials_of(request)[1]:
            raise XRPCError("AuthMissing", "missing jwt")
        found = self._claims(request)
        if found is None:
            raise XRPCError("BadJwt", "poorly formatted jwt, or its signature does not match")
        claims, account = found
        token = self._sandbox.tokens.find(FACTS.name, text_of(claims.get("jti")))
        if token is None or not token.is_alive(self._sandbox.clock.now()):
            raise XRPCError("JwtExpired", "jwt expired")
        if claims.get("aud") not in audiences:
            raise XRPCError("BadJwtAudience", "jwt audience does not match service did")
        if claims.get("lxm") != method:
            raise XRPCError("BadJwtLexiconMethod", f'bad jwt lexicon method ("lxm"). must match: {method}')
        return account

    def _claims(self, request: Request) -> tuple[Claims, Account] | None:
        text = credentials_of(request)[1]
        issuer = issuer_of(text)
        account = None if issuer is None else find_account(self._sandbox, issuer)
        claims = None if account is None else read_for_service(self._sandbox.store, account, text)
        return None if claims is None or account is None else (claims, account)


def upload_audiences(request: Request) -> set[str]:
    """Return the names of the account server that a token for an upload may be made for.

    Its own, or one made of the URL at which the caller reaches it, which is not its host here.
    """
    netloc, name = request.url.netloc, request.url.hostname or ""
    escaped = netloc.replace(":", "%3A")
    return {f"did:web:{host}" for host in (PDS, netloc, escaped, name, f"{escaped}:sandbox:{PDS}")}
