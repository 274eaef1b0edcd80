"""Tokens at rest, encrypted with a key that is not in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from presswork.crypto.keyring import Keyring, SealBroken
from presswork.platforms.port import Grant, Tokens

_Form = TypeVar("_Form", bound=BaseModel)


class _Sealed(BaseModel):
    """The encrypted document. A later format gets another version, so that both can be read."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    access_token: str
    issued_at: datetime
    expires_at: datetime | None
    refresh_token: str | None
    refresh_expires_at: datetime | None

    def __repr__(self) -> str:
        """Show no secret."""
        return f"_Sealed(version={self.version})"


class _SealedGrant(BaseModel):
    """A grant that waits for the user's choice."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    tokens: _Sealed
    external_id: str
    handle: str
    display_name: str | None
    avatar_url: str | None
    scopes: frozenset[str]
    grantor_id: str | None

    def __repr__(self) -> str:
        """Show no secret."""
        return f"_SealedGrant(handle={self.handle!r})"


class _SealedGrants(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    grants: tuple[_SealedGrant, ...]


def seal_tokens(keyring: Keyring, tokens: Tokens) -> bytes:
    """Encrypt tokens with the primary key. The same tokens give different bytes each time."""
    return keyring.seal(_sealed(tokens).model_dump_json().encode())


def open_tokens(keyring: Keyring, sealed: bytes) -> Tokens:
    """Decrypt tokens. Raises SealBroken if no key decrypts them, or if their format is newer than this version."""
    return _opened(_read(keyring, sealed, _Sealed))


def seal_grants(keyring: Keyring, grants: Sequence[Grant]) -> bytes:
    """Encrypt grants, including their tokens, with the primary key."""
    inner = _SealedGrants(
        grants=tuple(
            _SealedGrant(
                tokens=_sealed(grant.tokens),
                external_id=grant.external_id,
                handle=grant.handle,
                display_name=grant.display_name,
                avatar_url=grant.avatar_url,
                scopes=grant.scopes,
                grantor_id=grant.grantor_id,
            )
            for grant in grants
        )
    )
    return keyring.seal(inner.model_dump_json().encode())


def open_grants(keyring: Keyring, sealed: bytes) -> Sequence[Grant]:
    """Decrypt grants. Raises SealBroken."""
    return [
        Grant(
            tokens=_opened(grant.tokens),
            external_id=grant.external_id,
            handle=grant.handle,
            display_name=grant.display_name,
            avatar_url=grant.avatar_url,
            scopes=grant.scopes,
            grantor_id=grant.grantor_id,
        )
        for grant in _read(keyring, sealed, _SealedGrants).grants
    ]


def _read(keyring: Keyring, sealed: bytes, form: type[_Form]) -> _Form:
    plain = keyring.open(sealed)
    try:
        return form.model_validate_json(plain)
    except ValidationError:
        # Not chained: the cause could contain a token.
        raise SealBroken(
            "An encrypted token has a format that this version of Presswork does not know. Run the newest version everywhere."
        ) from None


def _sealed(tokens: Tokens) -> _Sealed:
    return _Sealed(
        access_token=tokens.access_token,
        issued_at=tokens.issued_at,
        expires_at=tokens.expires_at,
        refresh_token=tokens.refresh_token,
        refresh_expires_at=tokens.refresh_expires_at,
    )


def _opened(inner: _Sealed) -> Tokens:
    return Tokens(
        access_token=inner.access_token,
        issued_at=inner.issued_at,
        expires_at=inner.expires_at,
        refresh_token=inner.refresh_token,
        refresh_expires_at=inner.refresh_expires_at,
    )
