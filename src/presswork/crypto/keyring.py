"""Manage the secret keys of this installation, which encrypt stored tokens and sign URLs and are never in the database.

The first key is the primary: it encrypts and signs. Every key decrypts and verifies. Each encrypted value begins with the ID
of its key, in clear: `s1.<key id>.<Fernet token>`. So the values of a key can be counted without decrypting anything.
"""

import base64
import binascii
import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from presswork.core.errors import Unavailable
from presswork.core.file_owners import adopt
from presswork.core.setting_types import SECRET_KEY_BYTES, is_guessable
from presswork.core.settings import CoreSettings

_ID_CHARACTERS: Final = 16
LABEL: Final = b"s1."
"""Prefix of an encrypted value that contains the ID of its key. Older values are plain Fernet tokens."""
LABEL_BYTES: Final = len(LABEL) + _ID_CHARACTERS + 1


class SealBroken(Unavailable):
    """An encrypted value can't be decrypted with any of the configured keys."""


class KeysInvalid(Unavailable):
    """A source of secret keys contains invalid keys."""


class Keyring:
    """One or more 32-byte keys. The primary encrypts and signs; all of them decrypt and verify."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """The first key is the primary. Raises ValueError unless each key has 32 bytes."""
        self._file: Path | None = None
        self._stamp: object = None
        self._primary = ""
        self._keys: dict[str, bytes] = {}
        self._boxes: dict[str, Fernet] = {}
        self._derived: dict[str, tuple[bytes, ...]] = {}
        self._load(keys)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Return the keys of a key file, which is read again whenever it changes. Raises KeysInvalid, OSError."""
        stamp = _stamp_of(path)  # read before the content, so that a file that is replaced in between is read again
        keyring = cls(_keys_in(path))
        keyring._file, keyring._stamp = path, stamp
        return keyring

    def __repr__(self) -> str:
        """Return a representation without secrets."""
        return f"Keyring({len(self._keys)} keys)"

    @property
    def is_from_file(self) -> bool:
        """Whether the keys come from the key file, so that all processes of the data folder have the same keys."""
        return self._file is not None

    @property
    def primary(self) -> str:
        """The ID of the key that encrypts and signs."""
        self._read_again()
        return self._primary

    def fingerprints(self) -> tuple[str, ...]:
        """Return the ID of each key, in the configured order. An ID reveals nothing about its key."""
        self._read_again()
        return tuple(self._keys)

    def use_primary(self, key_id: str) -> None:
        """Make another of the keys the primary. Raises KeyError if the keyring does not have it."""
        if key_id not in self.fingerprints():
            raise KeyError(key_id)
        if key_id != self._primary:
            self._primary, self._derived = key_id, {}

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Return a 32-byte key per secret key, derived for one purpose only, that of the primary first."""
        self._read_again()
        if purpose not in self._derived:
            ordered = sorted(self._keys.items(), key=lambda item: item[0] != self._primary)
            self._derived[purpose] = tuple(_derive(key, purpose) for _, key in ordered)
        return self._derived[purpose]

    def seal(self, plain: bytes) -> bytes:
        """Encrypt a value with the primary key. The result starts with the ID of the key."""
        self._read_again()
        return label_of(self._primary) + self._boxes[self._primary].encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt a value. Raises SealBroken if no key matches."""
        self._read_again()
        key_id = key_id_of(sealed)
        if key_id is None:
            for box in self._boxes.values():
                try:
                    return box.decrypt(sealed)
                except InvalidToken:
                    continue
            raise _build_broken_seal(
                "An encrypted value can't be decrypted with any of the secret keys of this process."
            )
        if key_id not in self._boxes:
            raise _build_broken_seal(
                f"An encrypted value needs the secret key {key_id}, which this process does not have."
            )
        try:
            return self._boxes[key_id].decrypt(sealed[LABEL_BYTES:])
        except InvalidToken as error:
            raise _build_broken_seal(
                f"An encrypted value was changed: the secret key {key_id} of the value does not match."
            ) from error

    def _read_again(self) -> None:
        """Read the key file again if it was replaced. An unreadable or invalid file changes nothing."""
        if self._file is None:
            return
        stamp = _stamp_of(self._file)
        if stamp is None or stamp == self._stamp:
            return
        with contextlib.suppress(OSError, ValueError, KeysInvalid):  # read at the next call: chown changes no stamp
            self._load(_keys_in(self._file))
            self._stamp = stamp

    def _load(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != SECRET_KEY_BYTES for key in keys):
            raise ValueError("a secret key is 32 bytes, written as base64url")
        self._keys = {_id_of(key): key for key in keys}
        self._boxes = {
            key_id: Fernet(base64.urlsafe_b64encode(_derive(key, "seal"))) for key_id, key in self._keys.items()
        }
        self._primary, self._derived = next(iter(self._keys)), {}


def _stamp_of(path: Path) -> object:
    """Return values that change when the file is replaced; None if the file does not exist."""
    try:
        found = os.stat(path)  # noqa: PTH116  a quarter of the time of Path.stat; it is called for each signature
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _keys_in(path: Path) -> Sequence[bytes]:
    return parse_keys(path.read_text(encoding="ascii").split(), source=str(path))


def label_of(key_id: str) -> bytes:
    """Return the prefix of each value that this key encrypts."""
    return LABEL + key_id.encode() + b"."


def key_id_of(sealed: bytes) -> str | None:
    """Return the ID of the key in an encrypted value; None for an older value without one."""
    return sealed[len(LABEL) : LABEL_BYTES - 1].decode("ascii", "replace") if sealed.startswith(LABEL) else None


def load_keyring(settings: CoreSettings) -> Keyring:
    """Read the keys from the settings, or from the data folder, where the first start generates one.

    Raises KeysInvalid if a key is not 32 random bytes in base64url.
    """
    if settings.secret_keys is None and not key_file(settings).exists():
        _write_key_file(key_file(settings), [new_key_text()], is_new=True)
    return _read(settings)


def find_keyring(settings: CoreSettings) -> Keyring | None:
    """Read the keys like load_keyring, but generate none; None if there are none."""
    if settings.secret_keys is None and not key_file(settings).exists():
        return None
    return _read(settings)


def key_file(settings: CoreSettings) -> Path:
    """Return the path of the key file, which is used unless the settings contain the keys."""
    return settings.data_dir / "secret.key"


def key_texts(settings: CoreSettings) -> list[str]:
    """Return the lines of the key file, which are secret; empty if the settings contain the keys or there is no file."""
    path = key_file(settings)
    return [] if settings.secret_keys is not None or not path.exists() else path.read_text(encoding="ascii").split()


def add_key(settings: CoreSettings) -> str:
    """Add a new key at the start of the key file and return its ID. The file is replaced atomically."""
    path, fresh = key_file(settings), new_key_text()
    with _lock_folder(path):
        _write_key_file(path, [fresh, *path.read_text(encoding="ascii").split()], is_new=False)
        return _read(settings).fingerprints()[0]


def drop_key(settings: CoreSettings, key_id: str) -> None:
    """Remove a key from the key file, unless it is the last one."""
    path = key_file(settings)
    with _lock_folder(path):
        texts = path.read_text(encoding="ascii").split()
        ids = fingerprints_of(texts)
        kept = [text for text, known in zip(texts, ids, strict=True) if known != key_id]
        if kept and kept != texts:
            _write_key_file(path, kept, is_new=False)


@contextlib.contextmanager
def _lock_folder(path: Path) -> Iterator[None]:
    """Keep other processes from changing the key file: each of two at once would drop the key of the other one."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _read(settings: CoreSettings) -> Keyring:
    if settings.secret_keys is not None:
        texts = settings.secret_keys.get_secret_value().split(",")
        return Keyring(parse_keys(texts, source="PRESSWORK_SECRET_KEYS"))
    return Keyring.from_file(key_file(settings))


def new_key_text() -> str:
    """Return a new key in the form that the settings accept."""
    return base64.urlsafe_b64encode(os.urandom(SECRET_KEY_BYTES)).decode().rstrip("=")


def parse_keys(texts: Sequence[str], *, source: str) -> Sequence[bytes]:
    """Parse keys. Raises KeysInvalid with the source, without quoting the keys."""
    try:
        keys = [base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4)) for text in texts]
    except (ValueError, binascii.Error):
        keys = []
    if not keys or any(len(key) != SECRET_KEY_BYTES or is_guessable(key) for key in keys):
        raise KeysInvalid(
            f"{source} does not contain valid keys: each is 32 random bytes in base64url, the primary first. "
            "`presswork config --new-key` prints a new one."
        )
    return keys


def fingerprints_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Parse keys and return their IDs; empty if there are none. Raises KeysInvalid."""
    return tuple(_id_of(key) for key in parse_keys(texts, source="secret.key")) if texts else ()


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=SECRET_KEY_BYTES, salt=None, info=f"presswork {purpose}".encode()).derive(
        key
    )


def _id_of(key: bytes) -> str:
    return sha256(_derive(key, "fingerprint")).hexdigest()[:_ID_CHARACTERS]


def _build_broken_seal(sentence: str) -> SealBroken:
    return SealBroken(
        f"{sentence} Give every process the same keys (PRESSWORK_SECRET_KEYS, or secret.key in the data folder), former ones "
        "included; `presswork secrets status` lists those in use."
    )


def _write_key_file(path: Path, texts: Sequence[str], *, is_new: bool) -> None:
    """Write the file atomically. A new file never replaces an existing one: if two processes start at once, one wins.

    The file of root belongs to the owner of the one it replaces, or of the folder, since the service reads it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            adopt(file.fileno(), path.parent if is_new else path)
            file.write("".join(f"{text}\n" for text in texts))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            os.link(draft, path)
        else:
            draft.replace(path)
    except FileExistsError:
        pass  # another process was first; its key is the key
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # a sealed token must not outlive the name of its key
    finally:
        os.close(folder)
