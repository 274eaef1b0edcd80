"""Probing: correct results for valid files, and an error for all others, whatever was done to their bytes."""

import hashlib
import io
import random
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Literal

import av
import pytest
from PIL import Image
from tests.every_row import every_row
from tests.media.corpus import png, png_chunk, png_rows, with_palette

from presswork.core.errors import MediaUnsupported
from presswork.media import probe_image
from presswork.media.model import MAX_IMAGE_BYTES, ContentType, Kind, Probe
from presswork.media.probe import probe
from presswork.media.samples import sample_picture, sample_video


def refusal(data: bytes) -> str:
    """Probe bytes that must be refused and return the message."""
    with pytest.raises(MediaUnsupported) as caught:
        probe(data)
    return caught.value.message


@pytest.mark.parametrize(
    ("picture_format", "content_type"),
    [("JPEG", ContentType.JPEG), ("PNG", ContentType.PNG), ("WEBP", ContentType.WEBP)],
)
def test_a_picture_is_what_its_bytes_say(
    picture_format: Literal["JPEG", "PNG", "WEBP"], content_type: ContentType
) -> None:
    """Kind, type, size, digest and sides come from the bytes."""
    data = sample_picture(320, 200, picture_format=picture_format)
    assert probe(data) == Probe(
        kind=Kind.IMAGE,
        content_type=content_type,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        width=320,
        height=200,
        rotation=0,
    )


def test_a_video_is_what_its_bytes_say(video: bytes, tmp_path: Path) -> None:
    """Sides, duration, codecs, rate and the place of moov come from the bytes, in memory as in a misnamed file."""
    misnamed = tmp_path / "picture.png"
    misnamed.write_bytes(video)
    assert probe(misnamed) == probe(video)
    assert probe(video) == Probe(
        kind=Kind.VIDEO,
        content_type=ContentType.MP4,
        size_bytes=len(video),
        sha256=hashlib.sha256(video).hexdigest(),
        width=96,
        height=64,
        rotation=0,
        duration=timedelta(seconds=0.5),
        video_codec="h264",
        audio_codec="aac",
        audio_rate_hertz=44_100,
        audio_channels=1,
        pixel_format="yuv420p",
        frame_rate=30.0,
        is_moov_first=True,
    )


@pytest.mark.parametrize(("rotation", "size"), [(0, (96, 64)), (90, (64, 96)), (180, (96, 64)), (270, (64, 96))])
def test_a_rotated_video_is_measured_as_displayed(rotation: Literal[0, 90, 180, 270], size: tuple[int, int]) -> None:
    """The rotation that a player applies is reported, and swaps the sides where the frames are sideways."""
    found = probe(sample_video(timedelta(seconds=0.1), 96, 64, rotation=rotation, has_audio=False))
    assert (found.rotation, (found.width, found.height), found.audio_codec) == (rotation, size, None)


def test_a_phone_recording_is_quicktime_with_moov_last(phone_video: bytes) -> None:
    """A MOV is distinguished from an MP4 by its brand, and moov after the frames is detected."""
    found = probe(phone_video)
    assert (found.content_type, found.is_moov_first, found.width) == (ContentType.QUICKTIME, False, 64)


def test_a_rotated_picture_is_measured_as_displayed() -> None:
    """EXIF orientations 5 to 8 are sideways; invalid values count as upright."""
    with every_row() as row:
        for orientation in range(1, 9):
            with row(orientation):
                exif = Image.Exif()
                exif[0x0112] = orientation
                buffer = io.BytesIO()
                Image.new("RGB", (40, 20)).save(buffer, "JPEG", exif=exif)
                found = probe(buffer.getvalue())
                assert (found.width, found.height) == ((20, 40) if orientation >= 5 else (40, 20))
                assert found.rotation == {1: 0, 2: 0, 3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}[orientation]


def test_transparent_pictures_are_detected() -> None:
    """An alpha channel and a transparent palette color both count."""
    for image in (Image.new("RGBA", (8, 8), (1, 2, 3, 100)), Image.new("LA", (8, 8))):
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        assert probe(buffer.getvalue()).has_alpha
    buffer = io.BytesIO()
    Image.new("P", (8, 8)).save(buffer, "PNG", transparency=0)
    assert probe(buffer.getvalue()).has_alpha


@pytest.mark.parametrize("picture_format", ["PNG", "WEBP"])
def test_animations_are_refused(picture_format: str) -> None:
    """No platform accepts an animated PNG or WebP, so it is refused with an alternative."""
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, picture_format, save_all=True, append_images=frames[1:], duration=50)
    assert "animated" in refusal(buffer.getvalue())


def test_a_phone_photo_with_a_second_picture_behind_it_is_a_jpeg() -> None:
    """Phones append a gain map to a JPEG (MPO); it counts as a JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20)).save(buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (20, 10))])
    assert probe(buffer.getvalue()).content_type is ContentType.JPEG


def test_other_file_types_are_named() -> None:
    """Files that people send by mistake are named, with what to send instead."""
    rows: list[tuple[bytes, str]] = [
        (b"", "an empty file"),
        (b"GIF89a" + bytes(100), "a GIF"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "a HEIC picture"),
        (b"\x00\x00\x00\x18ftypavif" + bytes(100), "an AVIF picture"),
        (b"\x00\x00\x00\x18ftyp3gp4" + bytes(100), "a 3GP video"),
        (b"\x00\x00\x00\x18ftypM4A " + bytes(100), "a sound"),
        (b"\x1aE\xdf\xa3" + bytes(100), "WebM"),
        (b"RIFF\x00\x00\x00\x00AVI " + bytes(100), "an AVI"),
        (b"#EXTM3U\nhttp://127.0.0.1/secret", "an HLS playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd", "a playlist"),
        (b"<!DOCTYPE html><html>not found</html>", "a web page"),
        (b'\n <?xml version="1.0"?><MPD/>', "an XML document"),
        (b"<svg onload=alert(1)>", "an SVG drawing"),
        (b'{"error": "no"}', "JSON"),
        (b"PK\x03\x04", "a ZIP"),
        (b"ID3\x04", "an MP3"),
        (b"II*\x00" + bytes(50), "a TIFF"),
        (b"just some words", "no video, picture or document"),
        (bytes(1000), "no video, picture or document"),
    ]
    with every_row() as row:
        for data, names in rows:
            with row(data, names):
                said = refusal(data)
                assert names in said
                assert "MP4" in said


def test_sound_alone_is_no_video() -> None:
    """An MP4 with sound and no pictures is refused, whatever its brand."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=44_100)
        stream.layout = "mono"
        for position in range(20):
            frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            frame.sample_rate, frame.pts = 44_100, position * 1024
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert "no pictures" in refusal(buffer.getvalue())


def test_encrypted_video_is_refused(video: bytes) -> None:
    """A stream marked as encrypted can't be published, and the message says why."""
    said = refusal(video.replace(b"avc1", b"encv").replace(b"isomiso2encv", b"isomiso2avc1"))
    assert "encrypted" in said or "codec" in said


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_a_decompression_bomb_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PNG of a few kilobytes that declares 50,000 × 50,000 pixels is refused by its header; nothing is decoded."""
    monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("the bomb was decoded"))
    for side in (50_000, 12_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        pixels = zlib.compress(bytes(1_000_000), 9)
        data = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
        assert len(data) < 5000
        assert "megapixels" in refusal(data)


def test_a_webp_has_fewer_pixels_than_other_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its decoder needs four times the memory: a kilobyte that needs half a gigabyte is refused by its header."""
    encoded = io.BytesIO()
    Image.new("RGB", (5300, 5300)).save(encoded, "WEBP", lossless=True)
    monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("the bomb was decoded"))
    assert len(encoded.getvalue()) < 5000
    assert "more than 27.5 megapixels" in refusal(encoded.getvalue())


def test_a_text_chunk_bomb_is_refused(picture: bytes) -> None:
    """A PNG whose compressed text decompresses to 100 MB results in a picture or a refusal, in bounded memory."""
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9))
    data = sample_picture(8, 8, picture_format="PNG")
    try:
        probe(data[:33] + text + data[33:])
    except MediaUnsupported as error:
        assert "broken" in error.message  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("size", [(1, 100_000_000), (100_000_000, 1), (1, 65_536), (65_536, 1)])
def test_a_picture_like_a_thread_is_refused_before_decoding(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A side that no JPEG can have is refused by the header, whatever the pixels: each row would cost memory of its own."""
    monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("the picture was decoded"))
    data = png(*size, bytes(1000), color=0)
    assert "65535 pixels" in refusal(data)
    with pytest.raises(MediaUnsupported), probe_image.opened_image(io.BytesIO(data)):
        pytest.fail("the picture was opened for conversion")


def test_a_picture_of_the_longest_sides_is_accepted() -> None:
    """A side as long as a JPEG's can be is accepted, in a PNG as well."""
    for size in ((1, 65_535), (65_535, 1)):
        found = probe(png(*size, (b"\0" + bytes(size[0])) * size[1], color=0))
        assert (found.width, found.height) == size


PNG_KINDS = [
    *((bits, 0) for bits in (1, 2, 4, 8, 16)),
    *((bits, 3) for bits in (1, 2, 4, 8)),
    *((bits, color) for color in (2, 4, 6) for bits in (8, 16)),
]


@pytest.mark.parametrize("is_interlaced", [False, True])
@pytest.mark.parametrize(("bits", "color"), PNG_KINDS)
def test_a_png_whose_pixels_end_early_is_refused(bits: int, color: int, *, is_interlaced: bool) -> None:
    """In every depth and kind of color, a complete zlib stream without the last byte, or row, is refused.

    Sides of 1 to 9 pixels include those where passes of an interlaced picture are empty.
    """

    def made(pixels: bytes) -> bytes:
        data = png(width, height, pixels, bits=bits, color=color, is_interlaced=is_interlaced)
        return with_palette(data) if color == 3 else data

    for width, height in [(side, 9) for side in range(1, 10)] + [(9, side) for side in range(1, 10)]:
        *rows, last = png_rows(width, height, bits=bits, color=color, is_interlaced=is_interlaced)
        assert probe(made(b"".join([*rows, last]))).width == width, (width, height)
        assert "broken" in refusal(made(b"".join([*rows, last[:-1]]))), (width, height)
        assert "broken" in refusal(made(b"".join(rows))), (width, height)


def test_a_png_in_many_chunks_is_measured_whole() -> None:
    """Encoders split the pixels into chunks, some of them empty, and some write more than is needed."""
    rows = (b"\0" + bytes(300)) * 100
    stream = zlib.compress(rows + b"more")
    split = [stream[place : place + 7] for place in range(0, len(stream), 7)] + [b""]
    whole = png(100, 100, b"")
    start, end = whole.index(b"IDAT") - 4, whole.index(b"IEND") - 4
    assert probe(whole[:start] + b"".join(png_chunk(b"IDAT", part) for part in split) + whole[end:]).width == 100


def test_pixels_in_a_second_row_of_chunks_do_not_count() -> None:
    """The chunks of pixels follow each other without others in between; readers ignore what comes later."""
    row = b"\0" + bytes(300)
    parts = [png_chunk(b"IDAT", zlib.compress(row * 50)), png_chunk(b"tEXt", b"a\0b")]
    whole = png(100, 100, b"")
    start, end = whole.index(b"IDAT") - 4, whole.index(b"IEND") - 4
    assert "broken" in refusal(whole[:start] + b"".join(parts * 2) + whole[end:])


def test_a_png_with_a_second_header_is_refused() -> None:
    """Readers disagree about which of two headers holds, so the size would depend on the reader."""
    row = b"\0" + bytes(300)
    data = png(100, 10, row * 10)
    larger = png(100, 800, row * 10)
    assert probe(data).height == 10
    assert "broken" in refusal(data[:33] + larger[8:])
    assert "broken" in refusal(larger[:33] + data[8:])


@pytest.mark.parametrize("size", [0, 12, 14])
def test_a_png_header_of_another_length_is_refused(size: int) -> None:
    """A header is 13 bytes; one that is shorter or longer is no error of the server."""
    data = png(10, 10, (b"\0" + bytes(30)) * 10)
    assert "broken" in refusal(data[:8] + png_chunk(b"IHDR", data[16:30][:size]) + data[33:])


def test_an_apng_of_one_frame_is_a_png() -> None:
    """Only the default picture is measured; frames of an animation are in other chunks."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "PNG", save_all=True)
    data = buffer.getvalue()
    control = png_chunk(b"acTL", struct.pack(">II", 1, 0))
    frame = png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 40, 30, 0, 0, 1, 1, 0, 0))
    assert probe(data[:33] + control + frame + data[33:]).width == 40


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (0, 0)])
def test_a_picture_without_pixels_is_refused(size: tuple[int, int]) -> None:
    """A PNG that declares a side of zero is broken."""
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")
    assert "broken" in refusal(data)


def test_files_over_the_limit_are_refused_by_size(tmp_path: Path) -> None:
    """30 MB for a picture and the setting for a video, decided by the kind of the bytes, before anything is decoded."""
    for head, limit in ((b"\xff\xd8\xff", MAX_IMAGE_BYTES), (b"\x00\x00\x00\x18ftypisom", 1024**2)):
        file = tmp_path / "large"
        with file.open("wb") as out:
            out.write(head)
            out.truncate(limit + 1)
        with pytest.raises(MediaUnsupported, match="MB are accepted"):
            probe(file, max_video_bytes=1024**2)


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_cut_off_anywhere_is_refused(picture_format: Literal["JPEG", "PNG", "WEBP"]) -> None:
    """However much of the end is missing, the rest does not count as a picture."""
    data = sample_picture(160, 120, picture_format=picture_format)
    for length in (*range(0, len(data) - 16, max(1, len(data) // 40)), len(data) - 16):
        refusal(data[:length])


def test_a_video_cut_off_anywhere_is_refused(video: bytes, phone_video: bytes) -> None:
    """With moov first or last, a truncated video is refused, also where its first frames would play."""
    for data in (video, phone_video):
        for length in (*range(0, len(data), max(1, len(data) // 40)), len(data) - 1):
            refusal(data[:length])


def test_boxes_that_lie_about_their_size_are_refused(video: bytes) -> None:
    """Sizes that overflow, decrease or never advance end the parser; they do not loop it."""
    for size in (0xFFFFFFFF, 2, 7, 1):
        refusal(struct.pack(">I", size) + video[4:])
    refusal(video[:32] + struct.pack(">I4sQ", 1, b"free", 2**63) + video[32:])
    refusal(video[:32] + struct.pack(">I4s", 8, b"free") * 100_001 + video[32:])


def test_damaged_files_are_probed_or_refused_and_never_crash(video: bytes, phone_video: bytes) -> None:
    """Thousands of files with flipped, overwritten and missing bytes: always a Probe or MediaUnsupported."""
    chance = random.Random(20261124)  # noqa: S311 - a seed, so that a failure can be had again
    samples = [sample_picture(60, 40, picture_format=kind) for kind in ("JPEG", "PNG", "WEBP")]
    samples += [video, phone_video]
    outcomes = {Kind.IMAGE: 0, Kind.VIDEO: 0, None: 0}
    for _ in range(1500):
        data = bytearray(chance.choice(samples))
        reach = min(len(data), chance.choice((64, 1000, len(data))))
        for _ in range(chance.choice((1, 2, 8, 50))):
            data[chance.randrange(reach)] ^= 1 << chance.randrange(8)
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        elif chance.random() < 0.2:
            place = chance.randrange(len(data))
            data[place:place] = data[: chance.randrange(200)]
        try:
            outcomes[probe(bytes(data)).kind] += 1
        except MediaUnsupported:
            outcomes[None] += 1
    assert min(outcomes.values()) > 50


def test_disk_errors_are_not_reported_as_unsupported_media(tmp_path: Path) -> None:
    """A file that does not exist is the caller's error, not unsupported media."""
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "nope")


def test_only_the_three_decoders_are_ever_tried() -> None:
    """Pillow has decoders for dozens of formats, each one an attack surface; a TIFF with a PNG's name opens none of them."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "TIFF")
    with pytest.raises(MediaUnsupported), probe_image.opened_image(io.BytesIO(buffer.getvalue())):
        pytest.fail("a TIFF was opened")
