"""Reading files of tracks, good and bad."""

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
    """Return what a file with these bytes holds."""
    return list(open_tracks(stream(data)).contents)


def faults(data: bytes) -> dict[int, str]:
    """Return the faults by their place."""
    return {entry.place: entry.reason for entry in read(data) if isinstance(entry, Fault)}


def ids(data: bytes) -> list[int]:
    """Return the numbers of the good tracks."""
    return [entry.track.id.int for entry in read(data) if isinstance(entry, Found)]


def test_a_track_in_json_and_in_csv_is_the_same() -> None:
    """Every name is read in both forms; empty text and null are as if they were left out."""
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
    """A track without the rest is used by nobody and not cleared; other names are told."""
    (found,) = read(json.dumps([element(genre="pop")]).encode())
    assert isinstance(found, Found)
    assert (found.track.user_count, found.track.is_commerce_music, found.ignored) == (0, False, frozenset({"genre"}))


def test_a_broken_element_spoils_no_other() -> None:
    """Each is told by its number, whatever is wrong with it."""
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
    told = faults(data)
    assert list(told) == list(range(2, len(bad) + 2))
    assert ids(data) == [1, 1]
    assert "not UTF-8" in told[6]
    assert "NUL" in told[7]
    assert told[8].count(";") == 1
    assert "userCount" in told[8]
    assert "duration" in told[8]
    assert "link" in told[9]


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_pieces_of_any_size_read_the_same(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Where the file is cut for reading changes nothing: inside of strings, escapes and characters."""
    monkeypatch.setattr(file, "_CHUNK", chunk)
    data = json.dumps([element(1, title='Ö\\"'), element(2, title="\\"), element(3)], ensure_ascii=False).encode()
    assert ids(data) == [1, 2, 3]
    assert faults(data) == {}


def test_an_array_that_does_not_end_gives_what_it_has() -> None:
    """A file that was cut off is told at its end; so is what stands behind an array."""
    one = json.dumps(element(1)).encode()
    assert faults(b"[" + one + b"," + one[:20]) == {2: "The file ends before the array does."}
    assert ids(b"[" + one + b"," + one[:20]) == [1]
    assert list(faults(b"[" + one + b"] [")) == [2]
    assert read(b"[ ]") == []
    assert list(faults(b"[" + one + b",]")) == [2]


def test_an_element_without_end_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading stops at an element that is too long to be a track."""
    monkeypatch.setattr(file, "_LONGEST", 1000)
    monkeypatch.setattr(file, "_CHUNK", 100)
    source = stream(b'[{"id": "' + b"x" * 1_000_000)
    (fault,) = open_tracks(source).contents
    assert isinstance(fault, Fault)
    assert "longer than" in fault.reason
    assert source.tell() < 10_000


def test_a_broken_line_spoils_no_other() -> None:
    """Lines count as an editor counts them, though a value has line breaks and lines are empty."""
    good = '{},"two\nlines",,,,,,,,,\n'
    lines = [
        HEADER,  # 1
        good.format(UUID(int=1)),  # 2 and 3
        "\n",  # 4
        "only,two\n",  # 5
        ROW.format("nobody"),  # 6
        f'{UUID(int=2)},"a"b,,,,,,,,,\n',  # 7
        good.format(UUID(int=3)),  # 8 and 9
        ROW.format(UUID(int=4)).replace("Song", "\udcff"),  # 10
        ROW.format(UUID(int=5)).replace("true", "perhaps"),  # 11
        ROW.format(UUID(int=6)),  # 12
    ]
    data = "".join(lines).encode(errors="surrogateescape")
    told = faults(data)
    assert list(told) == [5, 6, 7, 10, 11]
    assert "2 values for 11 columns" in told[5]
    assert "UTF-8" in told[10]
    assert ids(data) == [1, 3, 6]


def test_a_quote_that_is_never_closed_is_told() -> None:
    """What it swallows is lost, and said to be."""
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
def test_a_file_of_something_else_is_refused(data: bytes) -> None:
    """Before anything is read of it, with a sentence."""
    with pytest.raises(Invalid, match="file: "):
        read(data)
