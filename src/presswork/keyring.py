"""The secret keys of this installation: they seal tokens at rest and sign URLs. They never enter the database."""

import base64
import binascii
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from presswork.errors import Unavailable
from presswork.settings import Settings

_KEY_BYTES: Final = 32


class SealBroken(Unavailable):
    """Something that was sealed can't be opened with any of the keys at hand."""


class Keyring:
    """One or more 32-byte keys. The first seals and signs; all of them open and verify, so that keys can rotate."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take the keys, newest first. Raises ValueError unless each has 32 bytes."""
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise ValueError("a secret key is 32 bytes, written as base64url")
        self._keys: Final = tuple(keys)
        self._box: Final = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in self.derived("seal")])

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Keyring({len(self._keys)} keys)"

    def fingerprints(self) -> tuple[str, ...]:
        """Return a name per key, newest first: it tells keys apart and tells nothing about them."""
        return tuple(sha256(key).hexdigest()[:16] for key in self.derived("fingerprint"))

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Return a 32-byte key per secret key for one purpose, so that no key serves two."""
        return tuple(
            HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"presswork {purpose}".encode()).derive(key)
            for key in self._keys
        )

    def seal(self, plain: bytes) -> bytes:
        """Return the sealed form, with the newest key."""
        return self._box.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed. Raises SealBroken when no key fits."""
        try:
            return self._box.decrypt(sealed)
        except InvalidToken as error:
            raise SealBroken(
                "A sealed token can't be opened with the secret keys of this process. Give every process the same "
                "PRESSWORK_SECRET_KEYS, with former keys after the new one."
            ) from error


def load_keyring(settings: Settings) -> Keyring:
    """Read the keys from the settings, or from the data folder, where one is made at the first start.

    Raises Unavailable when a key is not 32 bytes in base64url.
    """
    if settings.secret_keys is None and not key_file(settings).exists():
        _make_key_file(key_file(settings))
    return _read(settings)


def find_keyring(settings: Settings) -> Keyring | None:
    """Do as load_keyring does, but make no key: None where there is none yet."""
    if settings.secret_keys is None and not key_file(settings).exists():
        return None
    return _read(settings)


def key_file(settings: Settings) -> Path:
    """Return where the generated key is, unless the settings hold the keys."""
    return settings.data_dir / "secret.key"


def _read(settings: Settings) -> Keyring:
    if settings.secret_keys is not None:
        return _parse(settings.secret_keys.get_secret_value().split(","), source="PRESSWORK_SECRET_KEYS")
    path = key_file(settings)
    return _parse(path.read_text(encoding="ascii").split(), source=str(path))


def new_key_text() -> str:
    """Return a fresh key in the form that the settings take."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode().rstrip("=")


def _parse(texts: Sequence[str], *, source: str) -> Keyring:
    try:
        return Keyring([base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4)) for text in texts])
    except (ValueError, binascii.Error) as error:
        raise Unavailable(
            f"{source} does not hold valid keys: each is 32 random bytes in base64url, newest first. "
            "`presswork config --new-key` prints a fresh one."
        ) from error


def _make_key_file(path: Path) -> None:
    """Write a key that appears whole or not at all, even when two processes start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(new_key_text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key is the key
    finally:
        draft.unlink()
