"""Encrypt the credentials of apps with a key that is not in the database."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from presswork.crypto.keyring import Keyring, SealBroken
from presswork.platforms.port import AppCredentials


class _Sealed(BaseModel):
    """Plaintext of stored credentials. A later format gets another `version`, so that both can be read."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        """Return a representation without secrets."""
        return f"_Sealed(version={self.version})"


def seal_app(keyring: Keyring, app: AppCredentials) -> bytes:
    """Return credentials, encrypted with the primary key."""
    sealed = _Sealed(client_id=app.client_id, client_secret=app.client_secret)
    return keyring.seal(sealed.model_dump_json().encode())


def open_app(keyring: Keyring | None, sealed: bytes) -> AppCredentials | None:
    """Decrypt credentials; None if they can't be decrypted here."""
    if keyring is None:
        return None
    try:
        found = _Sealed.model_validate_json(keyring.open(sealed))
    except (SealBroken, ValidationError):
        return None
    return AppCredentials(client_id=found.client_id, client_secret=found.client_secret)
