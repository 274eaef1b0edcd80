"""Encrypt tokens at rest with a key that is not in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from presswork.accounts.model import LinkPage
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.platforms.port import Grant, Tokens

_Form = TypeVar("_Form", bound=BaseModel)


class _Sealed(BaseModel):
    """Plaintext of sealed tokens. A later format gets another `version`, so that both can be read."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    access_token: str
    issued_at: datetime
    expires_at: datetime | None
    refresh_token: str | None
    refresh_expires_at: datetime | None

    def __repr__(self) -> str:
        """Return a representation without secrets."""
        return f"_Sealed(version={self.version})"


class _SealedGrant(BaseModel):
    """Plaintext of a grant that the person may choose."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    tokens: _Sealed
    external_id: str
    handle: str
    display_name: str | None
    avatar_url: str | None
    scopes: frozenset[str]
    grantor_id: str | None

    def __repr__(self) -> str:
        """Return a representation without secrets."""
        return f"_SealedGrant(handle={self.handle!r})"


class _SealedGrants(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    grants: tuple[_SealedGrant, ...]


class _SealedPage(BaseModel):
    """Plaintext of the page of a connect link."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    token: str
    language: str

    def __repr__(self) -> str:
        """Return a representation without secrets."""
        return f"_SealedPage(version={self.version})"


def seal_tokens(keyring: Keyring, tokens: Tokens) -> bytes:
    """Return the tokens, encrypted with the primary key. Encrypting them twice gives different bytes."""
    return keyring.seal(_Sealed.model_validate(tokens, from_attributes=True).model_dump_json().encode())


def open_tokens(keyring: Keyring, sealed: bytes) -> Tokens:
    """Decrypt tokens. Raises SealBroken if no key matches, or the format is of a newer Presswork."""
    return _read_tokens(_read(keyring, sealed, _Sealed))


def seal_verifier(keyring: Keyring, verifier: str) -> bytes:
    """Return the PKCE verifier of a login, encrypted with the primary key."""
    return keyring.seal(verifier.encode())


def open_verifier(keyring: Keyring, sealed: bytes) -> str:
    """Decrypt a PKCE verifier. Raises SealBroken."""
    return keyring.open(sealed).decode()


def seal_page(keyring: Keyring, page: LinkPage) -> bytes:
    """Return the token of a connect link and the language of its page, encrypted with the primary key."""
    return keyring.seal(_SealedPage(token=page.token, language=page.language).model_dump_json().encode())


def open_page(keyring: Keyring, link_id: UUID, sealed: bytes) -> LinkPage:
    """Decrypt the page of a connect link. Raises SealBroken."""
    page = _read(keyring, sealed, _SealedPage)
    return LinkPage(link_id=link_id, token=page.token, language=page.language)


def seal_grants(keyring: Keyring, grants: Sequence[Grant]) -> bytes:
    """Return grants with their tokens, encrypted with the primary key."""
    inner = _SealedGrants.model_validate({"grants": grants}, from_attributes=True)
    return keyring.seal(inner.model_dump_json().encode())


def open_grants(keyring: Keyring, sealed: bytes) -> Sequence[Grant]:
    """Decrypt grants. Raises SealBroken."""
    return [
        Grant(**{**dict(grant), "tokens": _read_tokens(grant.tokens)})
        for grant in _read(keyring, sealed, _SealedGrants).grants
    ]


def _read(keyring: Keyring, sealed: bytes, form: type[_Form]) -> _Form:
    plain = keyring.open(sealed)
    try:
        return form.model_validate_json(plain)
    except ValidationError:
        # Not chained: the cause could quote the plaintext.
        raise SealBroken(
            "This version of Presswork can't read the format of a stored token. Run the newest version everywhere."
        ) from None


def _read_tokens(inner: _Sealed) -> Tokens:
    return Tokens(**inner.model_dump(exclude={"version"}))
