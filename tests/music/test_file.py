"""Parse files of tracks, valid and invalid."""

import io
import json
from typing import Any, cast
from uuid import UUID

import pytest

from presswork.core.errors import Invalid
from presswork.music import file
from presswork.music.file import Fault, Found, open_tracks
from presswork.music.model import Track

HEADER = "id,title,author,album,duration,previewUrl,coverUrl,language,userCount,isCommerceMusic,link\n"
ROW = "{},Song,Me,,12.5,https://example.com/p.mp3,,en,7,true,https://www.tiktok.com/music/1\n"
WHOLE = Track(
    id=UUID(int=1),
    title="Song",
    author="Me",
    album=None,
    duration_seconds=12.5,
    preview_url="https://example.com/p.mp3",
    cover_url=None,
    language="en",
    user_count=7,
    is_commerce_music=True,
    link="https://www.tiktok.com/music/1",
)


def element(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return an element of a JSON file."""
    return {"id": str(UUID(int=number)), "title": "Song", **changes}


def stream(data: bytes) -> io.BufferedReader:
    """Return these bytes as an open file."""
    return cast("io.BufferedReader", io.BufferedReader(io.BytesIO(data)))


def read(data: bytes) -> list[Found | Fault]:
    """Return the tracks and faults of a file."""
    return list(open_tracks(stream(data)).contents)


def faults(data: bytes) -> dict[int, str]:
    """Return the reason of each fault by its place."""
    return {entry.place: entry.reason for entry in read(data) if isinstance(entry, Fault)}


def ids(data: bytes) -> list[int]:
    """Return the ids of the valid tracks as integers."""
    return [entry.track.id.int for entry in read(data) if isinstance(entry, Found)]


def test_json_and_csv_are_equivalent() -> None:
    """Both formats have the same fields; empty text and null count as missing."""
    full = element(
        author="Me",
        album=None,
        duration=12.5,
        previewUrl="https://example.com/p.mp3",
        coverUrl="",
        language="en",
        userCount=7,
        isCommerceMusic=True,
        link="https://www.tiktok.com/music/1",
    )
    for data in (json.dumps([full]).encode(), (HEADER + ROW.format(UUID(int=1))).encode()):
        assert read(data) == [Found(WHOLE, frozenset())]


def test_id_and_title_are_enough() -> None:
    """Without other fields the use count is 0 and the track is not cleared; unknown names are reported."""
    (found,) = read(json.dumps([element(genre="pop")]).encode())
    assert isinstance(found, Found)
    assert (found.track.user_count, found.track.is_commerce_music, found.ignored) == (0, False, frozenset({"genre"}))


def test_an_invalid_element_affects_no_other() -> None:
    """Each invalid element is reported by its number, and the valid ones are read."""
    good = json.dumps(element(1, title='a, [b] {c} \\ "d"')).encode()
    bad = [
        b'{"id": tru}',
        b"5",
        b"",
        json.dumps(element(2, title=" ")).encode(),
        b'{"id": "00000000-0000-0000-0000-000000000003", "title": "\xff"}',
        json.dumps(element(4, title="a\0b")).encode(),
        json.dumps(element(5, userCount=-1, duration="long")).encode(),
        json.dumps(element(6, link="javascript:alert(1)")).encode(),
        b'{"id": "00000000-0000-0000-0000-000000000007", "title": "\\ud800"}',
        b'{"id": ]}',
        b"[" * 5000 + b"]" * 5000,
    ]
    data = b"\xef\xbb\xbf [" + b",".join([good, *bad, good]) + b"]\n"
    found = faults(data)
    assert list(found) == list(range(2, len(bad) + 2))
    assert ids(data) == [1, 1]
    assert "not UTF-8" in found[6]
    assert "NUL" in found[7]
    assert found[8].count(";") == 1
    assert "userCount" in found[8]
    assert "duration" in found[8]
    assert "link" in found[9]


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_chunk_size_does_not_matter(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Chunk borders inside strings, escapes and characters change nothing."""
    monkeypatch.setattr(file, "_CHUNK", chunk)
    data = json.dumps([element(1, title='Ö\\"'), element(2, title="\\"), element(3)], ensure_ascii=False).encode()
    assert ids(data) == [1, 2, 3]
    assert faults(data) == {}


def test_a_truncated_array_keeps_its_elements() -> None:
    """The elements of a truncated array are read, and its end is a fault; so is data after an array."""
    one = json.dumps(element(1)).encode()
    assert faults(b"[" + one + b"," + one[:20]) == {2: "The file ends before the array does."}
    assert ids(b"[" + one + b"," + one[:20]) == [1]
    assert list(faults(b"[" + one + b"] [")) == [2]
    assert read(b"[ ]") == []
    assert list(faults(b"[" + one + b",]")) == [2]


def test_an_endless_element_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading stops at an element that exceeds the size limit."""
    monkeypatch.setattr(file, "_LONGEST", 1000)
    monkeypatch.setattr(file, "_CHUNK", 100)
    source = stream(b'[{"id": "' + b"x" * 1_000_000)
    (fault,) = open_tracks(source).contents
    assert isinstance(fault, Fault)
    assert "longer than" in fault.reason
    assert source.tell() < 10_000


def test_an_invalid_line_affects_no_other() -> None:
    """Line numbers are those of an editor, despite line breaks in values and empty lines."""
    good = '{},"two\nlines",,,,,,,,,\n'
    lines = [
        HEADER,  # 1
        good.format(UUID(int=1)),  # 2 and 3
        "\n",  # 4
        "only,two\n",  # 5
        ROW.format("invalid"),  # 6
        f'{UUID(int=2)},"a"b,,,,,,,,,\n',  # 7
        good.format(UUID(int=3)),  # 8 and 9
        ROW.format(UUID(int=4)).replace("Song", "\udcff"),  # 10
        ROW.format(UUID(int=5)).replace("true", "perhaps"),  # 11
        ROW.format(UUID(int=6)),  # 12
    ]
    data = "".join(lines).encode(errors="surrogateescape")
    found = faults(data)
    assert list(found) == [5, 6, 7, 10, 11]
    assert "2 values for 11 columns" in found[5]
    assert "UTF-8" in found[10]
    assert ids(data) == [1, 3, 6]


def test_an_unclosed_quote_is_reported() -> None:
    """The lines inside an unclosed quote are reported as lost."""
    data = (HEADER + ROW.format(UUID(int=1)) + f'{UUID(int=2)},"Song\n' + ROW.format(UUID(int=3))).encode()
    assert list(faults(data)) == [3]
    assert ids(data) == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b'{"tracks": []}',
        b"title,author\nSong,Me\n",
        b"id,title,title\n",
        b"\xff\xfe[\0]\0",
        b'"id,title\n',
    ],
)
def test_a_file_without_tracks_is_refused(data: bytes) -> None:
    """A file of another format is refused with a sentence before any track is read."""
    with pytest.raises(Invalid, match="file: "):
        read(data)
