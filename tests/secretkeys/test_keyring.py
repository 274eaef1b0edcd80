"""The keys of one process: which one seals, which ones open, and what a key file may look like."""

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from presswork.crypto.keyring import (
    Keyring,
    KeysInvalid,
    SealBroken,
    add_key,
    drop_key,
    key_file,
    key_id_of,
    load_keyring,
    new_key_text,
)
from presswork.media.links import UploadLinks
from presswork.platforms.settings import Settings

OLD, NEW = b"o" * 32, b"n" * 32
_ASSET, _THEN = UUID(int=7), datetime(2026, 11, 25, tzinfo=UTC)


def test_any_key_can_be_the_primary_and_its_id_stands_in_front() -> None:
    """The first key is the primary until another one is chosen; each value names its key, and all keys decrypt."""
    keyring = Keyring([NEW, OLD])
    new, old = keyring.fingerprints()
    first = keyring.seal(b"token")
    keyring.use_primary(old)
    second = keyring.seal(b"token")
    assert (key_id_of(first), key_id_of(second), keyring.primary) == (new, old, old)
    assert keyring.open(first) == keyring.open(second) == b"token"
    assert keyring.derived("urls") == tuple(reversed(Keyring([NEW, OLD]).derived("urls")))
    with pytest.raises(KeyError):
        keyring.use_primary("0" * 16)
    assert keyring.primary == old


def test_what_was_sealed_before_values_named_their_keys_is_opened() -> None:
    """A bare token of an earlier version opens with whichever key sealed it, and with no other."""
    bare = Keyring([OLD]).seal(b"token")[20:]
    assert key_id_of(bare) is None
    assert Keyring([NEW, OLD]).open(bare) == b"token"
    with pytest.raises(SealBroken):
        Keyring([NEW]).open(bare)


def test_a_key_that_is_not_here_is_named() -> None:
    """What another key sealed is refused with the id of that key, and what was changed is refused, too."""
    other = Keyring([OLD])
    with pytest.raises(SealBroken, match=other.primary):
        Keyring([NEW]).open(other.seal(b"token"))
    with pytest.raises(SealBroken, match="was changed"):
        other.open(other.seal(b"token")[:-4] + b"AAA=")


def test_a_key_file_is_read_again_when_it_changes(settings: Settings) -> None:
    """A process that runs encrypts with a key that is put in front after its start, and forgets one that is dropped."""
    running = load_keyring(settings)
    old = running.primary
    before = running.derived("urls")
    new = add_key(settings)
    other = load_keyring(settings)
    assert other.fingerprints() == (new, old)
    assert running.open(other.seal(b"token")) == b"token"
    assert key_id_of(running.seal(b"token")) == new == running.primary
    assert running.derived("urls")[1:] == before
    drop_key(settings, old)
    assert running.fingerprints() == (new,)
    assert len(running.derived("urls")) == 1
    assert key_file(settings).stat().st_mode & 0o777 == 0o600


def test_keys_that_are_added_at_once_are_all_kept(settings: Settings) -> None:
    """Several commands change the file at the same time: none drops the key of another, which may be in use already."""
    load_keyring(settings)
    with ThreadPoolExecutor(max_workers=8) as threads:
        added = list(threads.map(lambda _: add_key(settings), range(8)))
    assert set(added) < set(load_keyring(settings).fingerprints())
    assert len(load_keyring(settings).fingerprints()) == 9


@pytest.mark.parametrize("content", ["", "short\n", "é\n", None], ids=["empty", "short", "no ASCII", "no file"])
def test_a_broken_key_file_changes_nothing(settings: Settings, content: str | None) -> None:
    """A process that runs keeps its keys if the file holds none, or is gone."""
    running = load_keyring(settings)
    before = running.fingerprints()
    if content is None:
        key_file(settings).unlink()
    else:
        key_file(settings).write_text(content)
    assert running.fingerprints() == before
    assert running.open(running.seal(b"token")) == b"token"


def test_a_key_file_that_could_not_be_read_is_read_later(settings: Settings) -> None:
    """A failed read is repeated, also if inode, time and size of the file stay the same, as after `chown` or `chmod`."""
    running = load_keyring(settings)
    before, file = running.fingerprints(), key_file(settings)
    new = new_key_text() + "\n"
    file.write_text("!" * len(new))
    assert running.fingerprints() == before
    broken = file.stat()
    file.write_text(new)
    os.utime(file, ns=(broken.st_atime_ns, broken.st_mtime_ns))
    assert running.fingerprints() == load_keyring(settings).fingerprints() != before


def test_root_leaves_the_key_file_to_the_service(settings: Settings) -> None:
    """A file that root writes belongs to the owner of the file it replaces; a new one to the owner of its folder."""
    folder = settings.data_dir
    folder.mkdir()
    one, other = _owners()
    os.chown(folder, *one)
    first = load_keyring(settings).primary
    assert _owner_of(key_file(settings)) == one
    os.chown(key_file(settings), *other)
    second = add_key(settings)
    assert _owner_of(key_file(settings)) == other
    drop_key(settings, first)
    assert _owner_of(key_file(settings)) == other
    assert load_keyring(settings).fingerprints() == (second,)
    assert key_file(settings).stat().st_mode & 0o777 == 0o600


def _owners() -> tuple[tuple[int, int], tuple[int, int]]:
    """Return two users and their groups; without root's rights, this user twice."""
    own = os.geteuid(), os.getegid()
    return own if own[0] else (4001, 4002), own if own[0] else (4003, 4004)


def _owner_of(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def test_the_first_key_makes_a_folder_for_its_owner_only(settings: Settings) -> None:
    """A data folder that the first key creates is closed to other users, as one that the database creates."""
    load_keyring(settings)
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700


def test_the_last_key_of_a_file_stays(settings: Settings) -> None:
    """Dropping the only key, or one that is not there, leaves the file as it is."""
    keyring = load_keyring(settings)
    drop_key(settings, keyring.primary)
    drop_key(settings, "0" * 16)
    assert load_keyring(settings).fingerprints() == keyring.fingerprints()


def test_invalid_keys_are_not_quoted(tmp_path: Path) -> None:
    """The refusal of a malformed key holds nothing of it, nor does its cause."""
    settings = Settings(_env_file=None, data_dir=tmp_path, secret_keys=SecretStr("canary-not-a-key"))
    with pytest.raises(KeysInvalid) as refused:
        load_keyring(settings)
    assert "canary" not in f"{refused.value!r} {refused.value.__cause__!r} {refused.value.__context__!r}"


@pytest.mark.parametrize("key", [bytes(32), b"\xff" * 32, b"secret" * 6], ids=["zeros", "ones", "repeated"])
def test_keys_that_can_be_guessed_are_refused(settings: Settings, key: bytes) -> None:
    """A key file with a key that is not random is refused, also beside a random one."""
    load_keyring(settings)
    text = base64.urlsafe_b64encode(key[:32]).decode().rstrip("=")
    for content in (f"{text}\n", f"{key_file(settings).read_text()}{text}\n"):
        key_file(settings).write_text(content)
        with pytest.raises(KeysInvalid, match="random"):
            load_keyring(settings)


def test_links_are_signed_with_the_primary() -> None:
    """Links are signed with the key that is the primary at that time, not with the one from the start of the process."""
    keyring = Keyring([OLD, NEW])
    links = UploadLinks("http://localhost", keyring, Settings(_env_file=None).upload_url_lifetime)
    before = links.url_for(_ASSET, expires_at=_THEN)
    keyring.use_primary(Keyring([NEW]).primary)
    after = links.url_for(_ASSET, expires_at=_THEN)
    alone = UploadLinks("http://localhost", Keyring([NEW]), Settings(_env_file=None).upload_url_lifetime)
    assert before != after == alone.url_for(_ASSET, expires_at=_THEN)
