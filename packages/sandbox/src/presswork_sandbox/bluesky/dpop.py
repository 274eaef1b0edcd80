"""DPoP: proofs that the caller has the key that its token is bound to, and the nonces that each server demands in them.

Source: RFC 9449; bluesky-social/atproto, packages/oauth/oauth-provider/src/dpop, read 2026-11: a proof of at most ten
seconds with three minutes of tolerance, nonces of three minutes, ids that work once.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key
from joserfc.jws import JWSRegistry
from starlette.requests import Request

from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import BadBody, JSONValue, decode_object

ALGORITHMS: Final = ("ES256", "ES256K", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
NONCE_SECONDS: Final = 60.0
"""A nonce is accepted in the minute it was made in, the one after and the one before: it lives three minutes."""
PROOF_SECONDS: Final = 190.0
AHEAD_SECONDS: Final = 180.0
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})
_REGISTRY: Final = JWSRegistry(algorithms=list(ALGORITHMS))


class InvalidProof(Exception):
    """A DPoP proof can't be accepted. `code` is invalid_dpop_proof, or use_dpop_nonce for one without the nonce."""

    def __init__(self, message: str, code: str = "invalid_dpop_proof") -> None:
        super().__init__(message)
        self.code: Final = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof that was verified, and is used up."""

    thumbprint: str


def is_recent(sandbox: Sandbox, instant: JSONValue, oldest: float, ahead: float) -> bool:
    """Return whether an instant of a caller is near: by the system's clock, or by the sandbox's, which may be ahead."""
    if isinstance(instant, bool) or not isinstance(instant, int | float):
        return False
    now = sandbox.clock.now()
    ages = (now - instant, now - sandbox.clock.offset_seconds - instant)
    return any(-ahead <= age <= oldest for age in ages)


def use_once(sandbox: Sandbox, name: str) -> bool:
    """Take note of the id of a proof or assertion; return False where it was used before."""
    store, now = sandbox.store, sandbox.clock.now()
    store.run("DELETE FROM bluesky_proofs WHERE used_at < ?", now - 2 * PROOF_SECONDS)
    return store.run("INSERT INTO bluesky_proofs VALUES (?, ?) ON CONFLICT DO NOTHING", name, now) == 1


class Proofs:
    """The proofs that one server is sent. Each server has its own nonces."""

    def __init__(self, sandbox: Sandbox, server: str) -> None:
        self._sandbox = sandbox
        self._server = server

    def nonce(self) -> str:
        """Return the nonce for the next proof."""
        return self._nonce(int(self._sandbox.clock.now() // NONCE_SECONDS))

    def _nonce(self, minute: int) -> str:
        return self._sandbox.store.secret(f"bluesky nonce {self._server}", minute, 43)

    def verify(self, request: Request, access_token: str | None) -> Proof | None:
        """Verify the proof in a request's DPoP header, and return None where there is no such header.

        `access_token`: the token that comes with it, whose hash it must have. Raises InvalidProof.
        """
        sent = request.headers.getlist("dpop")
        if not sent:
            return None
        if len(sent) != 1:
            raise InvalidProof("DPoP header must contain a single proof")
        claims, thumbprint = _verify_signature(sent[0])
        if not is_recent(self._sandbox, claims.get("iat"), PROOF_SECONDS, AHEAD_SECONDS):
            raise InvalidProof('Failed to verify DPoP proof: "iat" claim timestamp check failed')
        number = claims.get("jti")
        if not isinstance(number, str) or not number:
            raise InvalidProof('DPoP "jti" missing')
        if claims.get("htm") != request.method:
            raise InvalidProof('DPoP "htm" mismatch')
        if _place(claims.get("htu")) != _place(str(request.url)):
            raise InvalidProof('DPoP "htu" mismatch')
        self._check_nonce(claims.get("nonce"))
        _check_token(claims.get("ath"), access_token)
        if not use_once(self._sandbox, f"proof {self._server} {number}"):
            raise InvalidProof("DPoP proof replayed")
        return Proof(thumbprint=thumbprint)

    def _check_nonce(self, nonce: JSONValue) -> None:
        if not nonce:
            raise InvalidProof("Authorization server requires nonce in DPoP proof", "use_dpop_nonce")
        minute = int(self._sandbox.clock.now() // NONCE_SECONDS)
        if nonce not in {self._nonce(minute + shift) for shift in (-1, 0, 1)}:
            raise InvalidProof('DPoP "nonce" mismatch', "use_dpop_nonce")


def _check_token(sent_hash: JSONValue, access_token: str | None) -> None:
    if access_token is None:
        if sent_hash is not None:
            raise InvalidProof('DPoP "ath" claim not allowed')
        return
    digest = hashlib.sha256(access_token.encode()).digest()
    if sent_hash != urlsafe_b64encode(digest).decode().rstrip("="):
        raise InvalidProof('DPoP "ath" mismatch')


def _verify_signature(proof: str) -> tuple[Mapping[str, JSONValue], str]:
    """Return the claims of a proof whose signature is right, and the thumbprint of its key. Raises InvalidProof."""
    try:
        header = jws.extract_compact(proof.encode()).headers()
        public = header.get("jwk")
        if header.get("typ") != "dpop+jwt" or not isinstance(public, dict) or _PRIVATE & set(public):
            raise InvalidProof("Failed to verify DPoP proof: the header needs typ dpop+jwt and a public jwk")
        key = import_key(public)
        if not isinstance(key, ECKey | RSAKey):
            raise InvalidProof("Failed to verify DPoP proof: the key is not an asymmetric one")
        payload = jws.deserialize_compact(proof, key, algorithms=list(ALGORITHMS), registry=_REGISTRY).payload
        return decode_object(payload), key.thumbprint()
    except (JoseError, BadBody, ValueError, TypeError, KeyError) as wrong:
        raise InvalidProof("Failed to verify DPoP proof: it is not a JWT with a right signature") from wrong


def _place(url: JSONValue) -> str | None:
    """Return a URL as proofs name it: without query and fragment, host in lower case, no default port."""
    try:
        parts = urlsplit(str(url))
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not parts.hostname:
        return None
    is_default = port in {None, {"http": 80, "https": 443}[parts.scheme]}
    return f"{parts.scheme}://{parts.hostname}{'' if is_default else f':{port}'}{parts.path or '/'}"
