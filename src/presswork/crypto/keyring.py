"""The secret keys of this installation: they seal tokens at rest and sign URLs. They never enter the database.

One of the keys leads: it seals and signs. Which one that is, all processes read from the database (`secretkeys/`), so that no
process seals with a key that another one does not have yet. Each sealed value names its key in front, in clear:
`s1.<key id>.<Fernet token>`. So what a key still seals can be counted without opening anything.
"""

import base64
import binascii
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from presswork.core.errors import Unavailable
from presswork.core.settings import Settings

_KEY_BYTES: Final = 32
_ID_CHARACTERS: Final = 16
LABEL: Final = b"s1."
"""What a sealed value that names its key begins with. Values from before that are bare Fernet tokens."""
LABEL_BYTES: Final = len(LABEL) + _ID_CHARACTERS + 1


class SealBroken(Unavailable):
    """Something that was sealed can't be opened with any of the keys at hand."""


class KeysInvalid(Unavailable):
    """A place that should hold secret keys holds something else."""


class Keyring:
    """One or more 32-byte keys. One seals and signs, the first unless told otherwise; all of them open and verify."""

    def __init__(self, keys: Sequence[bytes], *, file: Path | None = None) -> None:
        """Take the keys, and the file that they came from, which is looked at again when an unknown key is met.

        Raises ValueError unless each key has 32 bytes.
        """
        self._file: Final = file
        self._leads = ""
        self._keys: dict[str, bytes] = {}
        self._boxes: dict[str, Fernet] = {}
        self._derived: dict[str, tuple[bytes, ...]] = {}
        self._take(keys)

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Keyring({len(self._keys)} keys)"

    @property
    def leads(self) -> str:
        """The id of the key that seals and signs."""
        return self._leads

    def fingerprints(self) -> tuple[str, ...]:
        """Return the id of each key, in the order of their source: it tells keys apart and tells nothing about them."""
        return tuple(self._keys)

    def lead_with(self, key_id: str) -> bool:
        """Seal and sign with that key from now on; return whether it is known here. If not, nothing changes."""
        if key_id not in self._keys:
            self.look_again()
        if key_id not in self._keys:
            return False
        if key_id != self._leads:
            self._leads, self._derived = key_id, {}
        return True

    def look_again(self) -> None:
        """Read the key file again, where there is one: keys are added to it and taken out while processes run.

        A file that can't be read, or holds something else, changes nothing; so does one without the key that leads here.
        """
        if self._file is None:
            return
        try:
            keys = parse_keys(self._file.read_text(encoding="ascii").split(), source=str(self._file))
        except (OSError, ValueError, KeysInvalid):
            return
        ids = tuple(_id_of(key) for key in keys)
        if ids != self.fingerprints() and self._leads in ids:
            self._take(keys)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Return a 32-byte key per secret key for one purpose, that of the leading key first; no key serves two purposes."""
        if purpose not in self._derived:
            ordered = sorted(self._keys.items(), key=lambda item: item[0] != self._leads)
            self._derived[purpose] = tuple(_derive(key, purpose) for _, key in ordered)
        return self._derived[purpose]

    def seal(self, plain: bytes) -> bytes:
        """Return the sealed form, with the leading key's id in front."""
        return label_of(self._leads) + self._boxes[self._leads].encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed. Raises SealBroken when no key fits."""
        key_id = key_id_of(sealed)
        if key_id is None:
            for box in self._boxes.values():
                try:
                    return box.decrypt(sealed)
                except InvalidToken:
                    continue
            raise _broken("A sealed value", "any of the secret keys of this process")
        if key_id not in self._boxes:
            self.look_again()
        if key_id not in self._boxes:
            raise _broken(
                f"A sealed value needs the secret key {key_id}, which this process does not have: it", "its keys"
            )
        try:
            return self._boxes[key_id].decrypt(sealed[LABEL_BYTES:])
        except InvalidToken as error:
            raise _broken("A sealed value was changed: it", f"the secret key {key_id} that it names") from error

    def _take(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise ValueError("a secret key is 32 bytes, written as base64url")
        self._keys = {_id_of(key): key for key in keys}
        boxes = {key_id: Fernet(base64.urlsafe_b64encode(_derive(key, "seal"))) for key_id, key in self._keys.items()}
        self._boxes, self._derived = boxes, {}
        if self._leads not in self._keys:
            self._leads = next(iter(self._keys))


def label_of(key_id: str) -> bytes:
    """Return what each value begins with that this key has sealed."""
    return LABEL + key_id.encode() + b"."


def key_id_of(sealed: bytes) -> str | None:
    """Return the id of the key that a sealed value names; None: it is from before values named their keys."""
    return sealed[len(LABEL) : LABEL_BYTES - 1].decode("ascii", "replace") if sealed.startswith(LABEL) else None


def load_keyring(settings: Settings) -> Keyring:
    """Read the keys from the settings, or from the data folder, where one is made at the first start.

    Raises Unavailable when a key is not 32 bytes in base64url.
    """
    if settings.secret_keys is None and not key_file(settings).exists():
        _write_key_file(key_file(settings), [new_key_text()], is_new=True)
    return _read(settings)


def find_keyring(settings: Settings) -> Keyring | None:
    """Do as load_keyring does, but make no key: None where there is none yet."""
    if settings.secret_keys is None and not key_file(settings).exists():
        return None
    return _read(settings)


def key_file(settings: Settings) -> Path:
    """Return where the generated key is, unless the settings hold the keys."""
    return settings.data_dir / "secret.key"


def key_texts(settings: Settings) -> list[str]:
    """Return the lines of the key file, which are secret; none where the settings hold the keys or there is no file yet."""
    path = key_file(settings)
    return [] if settings.secret_keys is not None or not path.exists() else path.read_text(encoding="ascii").split()


def add_key(settings: Settings) -> str:
    """Put a fresh key in front of those in the key file and return its id. The file is whole at every instant."""
    path, fresh = key_file(settings), new_key_text()
    _write_key_file(path, [fresh, *path.read_text(encoding="ascii").split()], is_new=False)
    return _read(settings).fingerprints()[0]


def drop_key(settings: Settings, key_id: str) -> None:
    """Take a key out of the key file, if it is in there. The last one stays."""
    path = key_file(settings)
    texts = path.read_text(encoding="ascii").split()
    ids = fingerprints_of(texts)
    kept = [text for text, known in zip(texts, ids, strict=True) if known != key_id]
    if kept and kept != texts:
        _write_key_file(path, kept, is_new=False)


def _read(settings: Settings) -> Keyring:
    if settings.secret_keys is not None:
        texts = settings.secret_keys.get_secret_value().split(",")
        return Keyring(parse_keys(texts, source="PRESSWORK_SECRET_KEYS"))
    path = key_file(settings)
    return Keyring(parse_keys(path.read_text(encoding="ascii").split(), source=str(path)), file=path)


def new_key_text() -> str:
    """Return a fresh key in the form that the settings take."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode().rstrip("=")


def parse_keys(texts: Sequence[str], *, source: str) -> Sequence[bytes]:
    """Return keys from their texts. Raises KeysInvalid, which names the source and quotes nothing."""
    try:
        keys = [base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4)) for text in texts]
    except (ValueError, binascii.Error):
        keys = []
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise KeysInvalid(
            f"{source} does not hold valid keys: each is 32 random bytes in base64url, newest first. "
            "`presswork config --new-key` prints a fresh one."
        )
    return keys


def fingerprints_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of keys from their texts; none for none. Raises KeysInvalid."""
    return tuple(_id_of(key) for key in parse_keys(texts, source="secret.key")) if texts else ()


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"presswork {purpose}".encode()).derive(key)


def _id_of(key: bytes) -> str:
    return sha256(_derive(key, "fingerprint")).hexdigest()[:_ID_CHARACTERS]


def _broken(what: str, keys: str) -> SealBroken:
    return SealBroken(
        f"{what} can't be opened with {keys}. Give every process the same keys (PRESSWORK_SECRET_KEYS, or secret.key in the "
        "data folder), former ones included; `presswork secrets status` tells which are in use."
    )


def _write_key_file(path: Path, texts: Sequence[str], *, is_new: bool) -> None:
    """Write keys so that they appear whole or not at all. A new file never replaces one: of two starts at once one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("".join(f"{text}\n" for text in texts))
        file.flush()
        os.fsync(file.fileno())
    try:
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
