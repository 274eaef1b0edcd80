"""Tokens at rest: sealed with a key that the database does not have."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from presswork.keyring import Keyring, SealBroken
from presswork.platforms.port import Tokens


class _Sealed(BaseModel):
    """What is inside the seal. A later form gets another version, so that both can be read."""

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


def seal_tokens(keyring: Keyring, tokens: Tokens) -> bytes:
    """Return the tokens sealed with the newest key. Sealing the same tokens twice gives different bytes."""
    inner = _Sealed(
        access_token=tokens.access_token,
        issued_at=tokens.issued_at,
        expires_at=tokens.expires_at,
        refresh_token=tokens.refresh_token,
        refresh_expires_at=tokens.refresh_expires_at,
    )
    return keyring.seal(inner.model_dump_json().encode())


def open_tokens(keyring: Keyring, sealed: bytes) -> Tokens:
    """Return what was sealed. Raises SealBroken when no key fits, or the form is one of a newer Presswork."""
    plain = keyring.open(sealed)
    try:
        inner = _Sealed.model_validate_json(plain)
    except ValidationError:
        # Not chained: the cause could quote what is inside.
        raise SealBroken(
            "A sealed token is in a form that this version of Presswork does not know. Run the newest version everywhere."
        ) from None
    return Tokens(
        access_token=inner.access_token,
        issued_at=inner.issued_at,
        expires_at=inner.expires_at,
        refresh_token=inner.refresh_token,
        refresh_expires_at=inner.refresh_expires_at,
    )
