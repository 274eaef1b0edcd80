"""The issuer of OpenID Connect: authorization code flow with PKCE and nonce, by discovery.

Its libraries need 4 MiB in each process, so it is imported only where an issuer is configured (`api/runtime.py`).
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx2
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from presswork.core.errors import FieldError, Unavailable
from presswork.people.model import Role, highest, normal_email
from presswork.people.oidc_model import (
    Identity,
    OidcFailure,
    OidcLogin,
    OidcRefused,
    discovery_url,
    read_role_map,
    redirect_uri,
)
from presswork.platforms.settings import Settings

log = structlog.get_logger()

_TIMEOUT_SECONDS: Final = 10
_METADATA_SECONDS: Final = 3600
_LEEWAY_SECONDS: Final = 60
_MAX_SUBJECT_CHARACTERS: Final = 255
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Signatures with a key pair. `none`, and HMAC with the client secret, are not among them."""
_MULTI_FACTOR: Final = "mfa"
"""In the claim `amr`. Source: RFC 8176, section 2."""
_MULTI_FACTOR_CONTEXTS: Final = frozenset(
    {"https://refeds.org/profile/mfa", "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}
)
"""In the claim `acr`. Sources: REFEDS MFA Profile; OpenID Provider Authentication Policy Extension 1.0, section 4."""
_GOOGLE: Final = "https://accounts.google.com"

Json = dict[str, Any]  # Any: documents of the issuer


class IdentityProvider:
    """The configured issuer, and who may sign in through it."""

    def __init__(self, settings: Settings, *, issuer: str, client_id: str, base_url: str) -> None:
        """Read the settings. Nothing is fetched before the first sign-in."""
        secret = settings.oidc_client_secret
        self.issuer: Final = issuer.rstrip("/")
        self._client_id = client_id
        self._secret = None if secret is None else secret.get_secret_value()
        self._scopes = settings.oidc_scopes
        self._redirect_uri = redirect_uri(base_url)
        self._domains = frozenset(
            domain.strip().lower() for domain in (settings.oidc_allowed_domains or "").split(",") if domain.strip()
        )
        self._roles: Mapping[str, Role] = read_role_map(settings.oidc_role_map)
        self._groups_claim = settings.oidc_groups_claim
        self._verified_claim = settings.oidc_verified_claim
        self._metadata: tuple[float, Json] | None = None
        self._keys: KeySet | None = None

    @classmethod
    def of(cls, settings: Settings, *, base_url: str) -> Self | None:
        """Return the configured issuer, or None."""
        if settings.oidc_issuer is None or settings.oidc_client_id is None:
            return None
        return cls(settings, issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, base_url=base_url)

    async def authorize_url(self, login: OidcLogin, *, is_again: bool = False) -> str:
        """Return the address at the issuer where a sign-in begins. Raises Unavailable.

        `is_again`: the person is asked for the credentials even if the issuer knows the browser, and the ID token says when.
        """
        metadata = await self._discover()
        async with self._client(metadata) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=login.state,
                nonce=login.nonce,
                code_verifier=login.verifier,
                **({"prompt": "login", "max_age": "0"} if is_again else {}),
            )
        return str(url)

    async def identify(self, login: OidcLogin, code: str, *, issuer: str | None, now: datetime) -> Identity:
        """Exchange a code and return whose it is. `issuer` is the one of the redirect, if it names one.

        Raises OidcRefused, and Unavailable if the issuer can't be reached.
        """
        if issuer is not None and issuer.rstrip("/") != self.issuer:  # RFC 9207
            raise OidcRefused(OidcFailure.WRONG_ISSUER)
        metadata = await self._discover()
        try:
            async with self._client(metadata) as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=login.verifier,
                )
                claims = dict(await self._verify_token(metadata, token, login, now))
                signed = claims  # what more the issuer says is not in the ID token
                if (endpoint := metadata.get("userinfo_endpoint")) and self._needs_more(claims):
                    more = (await client.get(endpoint)).raise_for_status().json()
                    if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
                        raise OidcRefused(OidcFailure.BAD_TOKEN)
                    claims = {**more, **claims}
        except httpx2.HTTPError as error:
            raise _build_unreachable(error) from error
        except (AuthlibBaseError, JoseError, KeyError, ValueError, TypeError) as error:
            log.warning(
                "sign-in refused: the issuer's answer is not valid", error=type(error).__name__, reason=str(error)
            )
            raise OidcRefused(OidcFailure.BAD_TOKEN) from error
        return self._identity(claims, signed, now=now)

    def _client(self, metadata: Json) -> AsyncOAuth2Client:
        methods: Sequence[str] = metadata.get("token_endpoint_auth_methods_supported") or ("client_secret_basic",)
        with_secret = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return AsyncOAuth2Client(
            self._client_id,
            self._secret,
            token_endpoint_auth_method="none" if self._secret is None else with_secret,
            scope=self._scopes,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
        )

    async def _discover(self) -> Json:
        """Return the issuer's metadata, at most an hour old. Raises Unavailable."""
        if self._metadata is not None and time.monotonic() - self._metadata[0] < _METADATA_SECONDS:
            return self._metadata[1]
        found = await self._get(discovery_url(self.issuer))
        if str(found.get("issuer", "")).rstrip("/") != self.issuer:
            raise Unavailable(
                f"The OpenID Connect issuer calls itself {found.get('issuer')}. Set PRESSWORK_OIDC_ISSUER to exactly that."
            )
        self._metadata, self._keys = (time.monotonic(), found), None
        return found

    async def _get(self, url: str) -> Json:
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                found = (await client.get(url)).raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise _build_unreachable(error) from error
        if not isinstance(found, dict):
            raise _build_unreachable(ValueError("the document is no JSON object"))
        return found

    async def _verify_token(self, metadata: Json, token: Json, login: OidcLogin, now: datetime) -> CodeIDToken:
        """Return the claims of an ID token whose signature, issuer, audience, times and nonce are right."""
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=[name for name in _ALGORITHMS if name in offered], strict_check_header=False)
        if self._keys is None:
            self._keys = KeySet.import_key_set(await self._get(metadata["jwks_uri"]))  # type: ignore[arg-type]  # JSON
        try:
            decoded = jwt.decode(token["id_token"], self._keys, registry=registry)
        except (JoseError, ValueError):  # the issuer may have changed its keys
            self._keys = KeySet.import_key_set(await self._get(metadata["jwks_uri"]))  # type: ignore[arg-type]  # JSON
            decoded = jwt.decode(token["id_token"], self._keys, registry=registry)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
            },
            params={
                "nonce": login.nonce,
                "client_id": self._client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
        return claims

    def _needs_more(self, claims: Json) -> bool:
        needed = ["email", self._verified_claim, *([self._groups_claim] if self._roles else [])]
        return any(name not in claims for name in needed)

    def _identity(self, claims: Json, signed: Json, *, now: datetime) -> Identity:
        verified = claims.get(self._verified_claim)
        if verified not in (True, "true", "1", 1):
            raise OidcRefused(OidcFailure.EMAIL_NOT_VERIFIED)
        try:
            email = normal_email(str(claims.get("email", "")))
        except FieldError as error:
            raise OidcRefused(OidcFailure.NO_EMAIL) from error
        groups = claims.get(self._groups_claim)
        # A group is a text, alone or in a list. Of an object, the names say nothing about whether the person is in them.
        named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        names = [group for group in named if isinstance(group, str)]
        return Identity(
            issuer=self.issuer,
            subject=_subject_of(claims),
            email=email,
            name=str(claims.get("name") or "")[:200].replace("\x00", ""),
            mapped_role=highest([self._roles[name] for name in names if name in self._roles]),
            is_of_allowed_domain=self._is_allowed(email.rpartition("@")[2], claims.get("hd")),
            is_multi_factor=_says_multi_factor(signed),
            auth_time=_auth_time_of(signed, now=now),
        )

    def _is_allowed(self, domain: str, hosted: object) -> bool:
        """Return whether people of an e-mail domain need no invitation.

        A private Google account can have an address of any domain: only `hd` says that the domain's owner manages it.
        """
        if self.issuer == _GOOGLE or hosted is not None:
            return domain in self._domains and hosted == domain
        return domain in self._domains

    @property
    def host(self) -> str:
        """The issuer's host, for people."""
        return urlsplit(self.issuer).hostname or self.issuer


def _subject_of(claims: Json) -> str:
    """Return who the person is for the issuer: at most 255 characters. Source: OpenID Connect Core 1.0, section 2, "sub"."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT_CHARACTERS:
        raise OidcRefused(OidcFailure.BAD_TOKEN)
    return subject


def _says_multi_factor(signed: Json) -> bool:
    """Return whether an ID token says that the person proved more than one factor."""
    methods, context = signed.get("amr"), signed.get("acr")
    has_method = isinstance(methods, list) and _MULTI_FACTOR in methods
    return has_method or (isinstance(context, str) and context in _MULTI_FACTOR_CONTEXTS)


def _auth_time_of(signed: Json, *, now: datetime) -> int | None:
    """Return when the person signed in at the issuer, in seconds since 1970 and never later than now, or None if it does not say."""
    found = signed.get("auth_time")
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        return None
    return min(found, int(now.timestamp()))


def _build_unreachable(error: Exception) -> Unavailable:
    log.warning("the OpenID Connect issuer does not answer", error=type(error).__name__, reason=str(error))
    return Unavailable("The OpenID Connect issuer does not answer. Try again, or sign in with a password.")
