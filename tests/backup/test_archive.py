"""The file of a backup: what is written comes back, whatever else is refused, and memory does not grow with it."""

import io
import json
import tarfile
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from presswork.backup.archive import DUMP, KEY, MEDIA, Contents
from presswork.backup.model import BackupBusy, BackupExists, BackupInvalid, Facts, MediaPlace
from presswork.backup.reading import examine, extract
from presswork.backup.writing import Writer, whole_file
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
NAMES: Final = ("originals/a/b.jpg", f"renditions/{'x' * 120}/c.jpg")


def untold(_part: str, _size_bytes: int) -> None:
    """Be told, and do nothing."""


def write_backup(path: Path, folder: Path) -> Contents:
    """Write a small backup with one of each part."""
    with whole_file(path) as file:
        writer = Writer(file, untold)
        with writer.open_ended(DUMP) as write:
            for number in range(3):
                write(b"dump%d" % number * 1000)
        for number, name in enumerate(NAMES):
            source = folder / f"source{number}"
            source.write_bytes(b"\xff\xd8" + bytes(700 * number))
            assert writer.add_file(f"{MEDIA}/{name}", source)
        assert not writer.add_file(f"{MEDIA}/gone", folder / "gone")
        key = folder / "key"
        key.write_bytes(b"key")
        writer.add_file(KEY, key)
        return writer.finish(FACTS)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A small backup."""
    write_backup(tmp_path / "one.backup", tmp_path)
    return tmp_path / "one.backup"


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    """All members and the manifest are read as they were written; the file is its owner's only; tar reads it, too."""
    path = tmp_path / "one.backup"
    contents = write_backup(path, tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert examine(path, untold) == contents
    assert contents.facts == FACTS
    out = tmp_path / "out"
    assert extract(path, lambda name: out / name, untold) == contents
    assert (out / DUMP).read_bytes() == b"".join(b"dump%d" % number * 1000 for number in range(3))
    assert [(out / MEDIA / name).stat().st_size for name in NAMES] == [2, 702]
    assert (out / KEY).read_bytes() == b"key"
    assert (out / KEY).stat().st_mode & 0o777 == 0o600
    with tarfile.open(path) as archive:
        assert f"{MEDIA}/{NAMES[1]}" in archive.getnames()


def test_each_byte_counts(backup: Path) -> None:
    """One byte that changed, wherever it is, or an end that is missing: the file is refused, and nothing else happens."""
    whole = backup.read_bytes()
    with tarfile.open(backup) as archive:
        last = archive.getmembers()[-1]
        ends = last.offset_data + last.size
    for place in range(0, ends, 97):
        hurt = bytearray(whole)
        hurt[place] ^= 1
        backup.write_bytes(hurt)
        if _is_told_apart(backup, whole):
            with pytest.raises(BackupInvalid):
                examine(backup, untold)
    for size in range(0, ends, 131):
        backup.write_bytes(whole[:size])
        with pytest.raises(BackupInvalid):
            examine(backup, untold)


def _is_told_apart(path: Path, whole: bytes) -> bool:
    """Whether tar itself reads anything else than before: it overlooks its padding."""
    try:
        return _read(path.read_bytes()) != _read(whole)
    except (tarfile.TarError, UnicodeError):
        return True


def _read(data: bytes) -> list[tuple[str, int, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = archive.getmembers()
        files = [(member, archive.extractfile(member)) for member in members]
        return [(member.name, member.size, file.read() if file else b"") for member, file in files]


def _tar(*members: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


HEAD: Final = ("presswork-backup.json", b'{"format": 1}')


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not a backup"),
        (b"Dear diary", "is not a backup"),
        (_tar(("letter.txt", b"Dear diary")), "is not a backup"),
        (_tar(("presswork-backup.json", json.dumps({"format": 99}).encode())), "newer Presswork"),
        (_tar(HEAD), "damaged or not whole"),
        (_tar(HEAD, ("media/../../etc/cron.d/evil", b"x")), "damaged or not whole"),
        (_tar(HEAD, ("/etc/passwd", b"x")), "damaged or not whole"),
        (_tar(HEAD, ("media/", b"x")), "damaged or not whole"),
        (_tar(HEAD, (f"manifest.{'0' * 64}.json", b"{}")), "damaged or not whole"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """What is no backup, comes from a newer program, or would leave its place is refused with a sentence."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(BackupInvalid, match=says):
        extract(path, lambda name: tmp_path / "out" / name, untold)
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A name that leads nowhere is a sentence."""
    with pytest.raises(BackupInvalid, match="can't be read"):
        examine(tmp_path / "none", untold)


def test_a_backup_replaces_backups_only(backup: Path, tmp_path: Path) -> None:
    """An earlier backup, or an empty file, is replaced; anything else is left as it is."""
    write_backup(backup, tmp_path)
    (tmp_path / "empty").touch()
    write_backup(tmp_path / "empty", tmp_path)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear diary")
    with pytest.raises(BackupExists):
        write_backup(letter, tmp_path)
    assert letter.read_text() == "Dear diary"
    assert not list(tmp_path.glob(".*.part"))


def test_a_failure_leaves_nothing(backup: Path, tmp_path: Path) -> None:
    """A backup that fails half-way leaves the one before as it is, and no draft; two can't write the same file."""
    before = backup.read_bytes()

    def fail(failure: Exception) -> None:
        with whole_file(backup) as file:
            file.write(b"half")
            with pytest.raises(BackupBusy), whole_file(backup):
                pass
            raise failure

    with pytest.raises(Unavailable, match="No space left"):
        fail(OSError(28, "No space left on device"))
    with pytest.raises(KeyError):
        fail(KeyError())
    assert backup.read_bytes() == before
    assert not list(tmp_path.glob(".*.part"))
    with pytest.raises(Unavailable, match="was not made"), whole_file(tmp_path / "no folder" / "file"):
        pass


def test_what_a_killed_one_left_is_thrown_away(backup: Path, tmp_path: Path) -> None:
    """The draft of a killed process is begun anew."""
    draft = tmp_path / ".two.backup.part"
    draft.write_bytes(b"x" * 100_000)
    contents = write_backup(tmp_path / "two.backup", tmp_path)
    assert examine(tmp_path / "two.backup", untold) == contents
    assert not draft.exists()


def _peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    """Ten times as many files take no more memory, to write and to read."""
    source = tmp_path / "source"
    source.write_bytes(b"x")

    def write(count: int) -> None:
        with whole_file(tmp_path / "many") as file:
            writer = Writer(file, untold)
            for number in range(count):
                writer.add_file(f"{MEDIA}/{number}", source)
            writer.finish(FACTS)

    def peaks(count: int) -> tuple[int, int]:
        return _peak_bytes(lambda: write(count)), _peak_bytes(lambda: examine(tmp_path / "many", untold))

    peaks(10)
    few, many = peaks(200), peaks(2000)
    assert max(many[0] - few[0], many[1] - few[1]) < 200_000, (few, many)
