"""What Presswork keeps of a login: the tokens, the key that they are bound to, and the account's server.

The rest of Presswork stores these texts sealed and does not read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.platforms.bluesky.proofs import SigningKey
from presswork.platforms.errors import CredentialInvalid, Rejected

_DOCUMENT: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One of the two tokens of an account, with what is needed to use it. Secret."""

    token: str = field(repr=False)
    key: SigningKey = field(repr=False)
    did: str
    pds: str
    """The account's own server, without a slash at the end."""
    issuer: str
    """The authorization server that issued the token."""

    @classmethod
    def read(cls, text: str, *, step: str) -> Self:
        """Parse a stored session. Raises CredentialInvalid where it is not one."""
        try:
            found = _DOCUMENT.validate_json(text)
            return cls(
                token=_text(found, "token"),
                key=_key(found),
                did=_text(found, "did"),
                pds=_text(found, "pds"),
                issuer=_text(found, "issuer"),
            )
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            raise CredentialInvalid(
                "The stored access to this Bluesky account can't be read.",
                advice="Connect the account again.",
                step=step,
            ) from error

    def write(self) -> str:
        """Return the form that is stored."""
        return _DOCUMENT.dump_json(
            {
                "token": self.token,
                "key": self.key.private_jwk,
                "did": self.did,
                "pds": self.pds,
                "issuer": self.issuer,
            }
        ).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunLogin:
    """What a login remembers until its redirect comes back. Secret."""

    key: SigningKey = field(repr=False)
    verifier: str = field(repr=False)
    issuer: str
    redirect_uri: str

    @classmethod
    def read(cls, text: str | None) -> Self:
        """Parse a remembered login. Raises Rejected where it is not one."""
        try:
            found = _DOCUMENT.validate_json(text or "")
            return cls(
                key=_key(found),
                verifier=_text(found, "verifier"),
                issuer=_text(found, "issuer"),
                redirect_uri=_text(found, "redirect_uri"),
            )
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            raise Rejected("The login can't be continued. Connect the account again.", step="token") from error

    def write(self) -> str:
        """Return the form that is stored."""
        return _DOCUMENT.dump_json(
            {
                "key": self.key.private_jwk,
                "verifier": self.verifier,
                "issuer": self.issuer,
                "redirect_uri": self.redirect_uri,
            }
        ).decode()


def _key(found: Mapping[str, JsonValue]) -> SigningKey:
    value = found["key"]
    if not isinstance(value, dict):
        raise TypeError("a key is an object")
    return SigningKey.of(value)


def _text(found: Mapping[str, JsonValue], name: str) -> str:
    value = found[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is a text")
    return value
