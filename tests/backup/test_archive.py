"""The backup file: written contents are read back, other files are refused, memory use is constant."""

import io
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest
from pydantic import TypeAdapter
from tests.backup.backups import ignore

from presswork.backup.archive import (
    DUMP,
    KEY,
    MEDIA,
    add_file,
    contents_of,
    copy,
    examine,
    opened,
    replacing,
    write_head,
)
from presswork.backup.model import BackupBusy, BackupExists, BackupInvalid, Contents, Facts, MediaPlace
from presswork.core.errors import Unavailable

FACTS: Final = Facts(
    presswork="1.0",
    taken_at=datetime(2026, 11, 24, 12, tzinfo=UTC),
    migrations=["20261124000001"],
    schema="public",
    server="18.6",
    dumped_by="18.6",
    workers=1,
    keys=["0123456789abcdef"],
    media=MediaPlace.FOLDER,
)
DUMPED: Final = b"".join(b"dump%d" % number * 1000 for number in range(3))
NAMES: Final = ("originals/a/b.jpg", f"renditions/{'x' * 120}/c.jpg")


def write_backup(path: Path, folder: Path) -> Contents:
    """Write a small backup with one member of each part."""
    with replacing(path) as file, ZipFile(file, "w") as archive:
        write_head(archive, FACTS)
        with archive.open(DUMP, "w", force_zip64=True) as member:
            copy(io.BytesIO(DUMPED), member, DUMP, ignore)
        for number, name in enumerate(NAMES):
            source = folder / f"source{number}"
            source.write_bytes(b"\xff\xd8" + bytes(700 * number))
            add_file(archive, f"{MEDIA}/{name}", source, ignore)
        add_file(archive, f"{MEDIA}/gone", folder / "gone", ignore)
        archive.writestr(KEY, b"key")
        return contents_of(archive, FACTS)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A small backup."""
    write_backup(tmp_path / "one.backup", tmp_path)
    return tmp_path / "one.backup"


def test_written_contents_are_read_back(tmp_path: Path) -> None:
    """All members and facts are read as written; only the owner can read the file."""
    path = tmp_path / "one.backup"
    contents = write_backup(path, tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert examine(path, ignore) == contents
    assert contents.facts == FACTS
    assert {name: part.files for name, part in contents.parts.items()} == {DUMP: 1, MEDIA: 2, KEY: 1}
    with opened(path) as (archive, found):
        assert found == contents
        assert archive.read(DUMP) == DUMPED
        assert [len(archive.read(f"{MEDIA}/{name}")) for name in NAMES] == [2, 702]
        assert archive.read(KEY) == b"key"


def test_any_changed_byte_is_detected(backup: Path) -> None:
    """A file with one changed byte at any place, or a truncated file, raises BackupInvalid and no other error."""
    whole = backup.read_bytes()
    for place in range(0, len(whole), 31):
        hurt = bytearray(whole)
        hurt[place] ^= 1
        backup.write_bytes(hurt)
        if not _is_read_as(backup, whole):
            with pytest.raises(BackupInvalid):
                examine(backup, ignore)
    for size in range(0, len(whole), 131):
        backup.write_bytes(whole[:size])
        with pytest.raises(BackupInvalid):
            examine(backup, ignore)


def _is_read_as(path: Path, whole: bytes) -> bool:
    """Return whether ZIP reads the same contents; it ignores times and modes, for instance."""
    try:
        return _read(path.read_bytes()) == _read(whole)
    except Exception:  # noqa: BLE001  whatever zipfile raises on damage
        return False


def _read(data: bytes) -> list[tuple[str, bytes]]:
    with ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def _zip(*members: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with ZipFile(data, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


HEAD: Final = (
    "presswork-backup.json",
    json.dumps({"format": 1, "facts": TypeAdapter(Facts).dump_python(FACTS, mode="json")}).encode(),
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not a Presswork backup"),
        (b"Dear diary", "is not a Presswork backup"),
        (_zip(("letter.txt", b"Dear diary")), "is not a Presswork backup"),
        (_zip(("presswork-backup.json", json.dumps({"format": 99}).encode())), "newer Presswork"),
        (_zip(("presswork-backup.json", b"{}")), "damaged or incomplete"),
        (_zip(HEAD)[:-10], "damaged or incomplete"),
        (_zip(HEAD, ("media/../../etc/cron.d/evil", b"x")), "damaged or incomplete"),
        (_zip(HEAD, ("/etc/passwd", b"x")), "damaged or incomplete"),
        (_zip(HEAD, ("media/", b"x")), "damaged or incomplete"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """A file of another kind, of a newer version, or with paths outside the target is refused with a sentence."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(BackupInvalid, match=says):
        examine(path, ignore)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    """A missing file raises an error with a sentence."""
    with pytest.raises(BackupInvalid, match="can't be read"):
        examine(tmp_path / "none", ignore)


def test_a_backup_replaces_only_backups(backup: Path, tmp_path: Path) -> None:
    """A backup replaces an earlier backup or an empty file; any other file is unchanged."""
    write_backup(backup, tmp_path)
    (tmp_path / "empty").touch()
    write_backup(tmp_path / "empty", tmp_path)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear diary")
    with pytest.raises(BackupExists):
        write_backup(letter, tmp_path)
    assert letter.read_text() == "Dear diary"
    assert not list(tmp_path.glob(".*.part"))


def test_a_failed_backup_leaves_no_file(backup: Path, tmp_path: Path) -> None:
    """A failed backup leaves the earlier one unchanged and no temporary file; two can't write the same file."""
    before = backup.read_bytes()

    def fail(failure: Exception) -> None:
        with replacing(backup) as file:
            file.write(b"half")
            with pytest.raises(BackupBusy), replacing(backup):
                pass
            raise failure

    with pytest.raises(Unavailable, match="No space left"):
        fail(OSError(28, "No space left on device"))
    with pytest.raises(KeyError):
        fail(KeyError())
    assert backup.read_bytes() == before
    assert not list(tmp_path.glob(".*.part"))
    with pytest.raises(Unavailable, match="was not written"), replacing(tmp_path / "no folder" / "file"):
        pass


def test_the_temporary_file_of_a_killed_process_is_replaced(backup: Path, tmp_path: Path) -> None:
    """The next backup overwrites the temporary file of a killed process."""
    draft = tmp_path / ".two.backup.part"
    draft.write_bytes(b"x" * 100_000)
    contents = write_backup(tmp_path / "two.backup", tmp_path)
    assert examine(tmp_path / "two.backup", ignore) == contents
    assert not draft.exists()


def test_memory_does_not_grow_with_the_size(tmp_path: Path) -> None:
    """Writing and reading ten times the bytes needs no more memory, and each additional file less than 2 kB."""

    def peaks(files: int, size_bytes: int) -> tuple[int, int]:
        (tmp_path / "source").write_bytes(bytes(size_bytes))
        return _peak_bytes(lambda: write(files)), _peak_bytes(lambda: examine(tmp_path / "many", ignore))

    def write(files: int) -> None:
        with replacing(tmp_path / "many") as file, ZipFile(file, "w") as archive:
            write_head(archive, FACTS)
            for number in range(files):
                add_file(archive, f"{MEDIA}/{number}", tmp_path / "source", ignore)

    peaks(10, 10)
    few, many = peaks(200, 1), peaks(2000, 1)
    assert max(many[0] - few[0], many[1] - few[1]) < 2_000 * 1800, (few, many)
    small, large = peaks(1, 4_000_000), peaks(1, 40_000_000)
    assert max(large[0] - small[0], large[1] - small[1]) < 200_000, (small, large)


def _peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
