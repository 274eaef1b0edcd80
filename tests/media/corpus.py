"""Media of every unusual kind, generated: some valid, and some made to do harm."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Final

import av
from PIL import Image

from presswork.media.samples import sample_picture, sample_video

PNG_MARK: Final = b"\x89PNG\r\n\x1a\n"
_SHORT: Final = timedelta(seconds=0.2)


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG, with its correct checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, pixels: bytes, *, bits: int = 8, color: int = 2, is_interlaced: bool = False) -> bytes:
    """Return a PNG that declares a size and contains these pixels, however many."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, is_interlaced)
    return (
        PNG_MARK + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(pixels, 9)) + png_chunk(b"IEND", b"")
    )


_ADAM7: Final = ("16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777")
"""The pass in which each pixel of a square of eight by eight is stored, as drawn in the PNG specification (8.2)."""


def png_rows(width: int, height: int, *, bits: int, color: int, is_interlaced: bool) -> list[bytes]:
    """Return the rows of an empty picture: a filter byte and the samples of each, pass after pass if interlaced."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    rows = [width] * height
    if is_interlaced:
        drawn = [[_ADAM7[y % 8][x % 8] for x in range(width)] for y in range(height)]
        rows = [row.count(number) for number in "1234567" for row in drawn]
    return [b"\0" + bytes((pixels * samples * bits + 7) // 8) for pixels in rows if pixels]


def with_palette(data: bytes) -> bytes:
    """Return a PNG with a palette of two colors before its pixels."""
    return data[:33] + png_chunk(b"PLTE", bytes(6)) + data[33:]


def box(name: bytes, *parts: bytes) -> bytes:
    """Return one box of an MP4."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def _saved(image: Image.Image, picture_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, picture_format, **options)
    return buffer.getvalue()


def _animation(picture_format: str) -> bytes:
    frames = [Image.new("RGB", (16, 16), (shade, 0, 0)) for shade in range(0, 250, 50)]
    return _saved(frames[0], picture_format, save_all=True, append_images=frames[1:], duration=20, loop=0)


def _turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return _saved(Image.new("RGB", (40, 30), "red"), "JPEG", exif=exif)


def _muxed(*, has_pictures: bool, has_cover: bool = False, options: Mapping[str, str] | None = None) -> bytes:
    """Return an MP4 with sound, and with pictures and cover art as requested."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4", container_options={"fflags": "+bitexact", **(options or {})}) as output:
        sound = output.add_stream("aac", rate=44_100)
        sound.layout = "mono"
        video = (
            output.add_stream("libx264", rate=30, options={"preset": "ultrafast", "threads": "1"})
            if has_pictures
            else None
        )
        if video is not None:
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        cover = output.add_stream("mjpeg", rate=1) if has_cover else None
        if cover is not None:
            cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
            cover.disposition = av.stream.Disposition.attached_pic
            output.mux(cover.encode(_gray(32, 32, "yuvj420p")))
            output.mux(cover.encode(None))
        for number in range(8):
            if video is not None:
                output.mux(video.encode(_gray(64, 48, "yuv420p")))
            frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            frame.sample_rate, frame.pts = 44_100, number * 1024
            output.mux(sound.encode(frame))
        if video is not None:
            output.mux(video.encode(None))
        output.mux(sound.encode(None))
    return buffer.getvalue()


def _gray(width: int, height: int, pixel_format: str) -> av.VideoFrame:
    """Return a frame whose memory was initialized, so that every run generates the same bytes."""
    frame = av.VideoFrame(width, height, pixel_format)
    for plane in frame.planes:
        plane.update(b"\x80" * plane.buffer_size)
    return frame


@cache
def fine() -> Mapping[str, bytes]:
    """Return the files that must be accepted, however unusual: what phones, scanners and editors really write."""
    scene = Image.open(io.BytesIO(sample_picture(64, 48)))
    see_through = scene.convert("RGBA")
    see_through.putalpha(128)
    palette = scene.quantize(16)
    return {
        "jpeg": sample_picture(64, 48),
        "progressive jpeg": _saved(scene, "JPEG", progressive=True),
        "gray jpeg": _saved(scene.convert("L"), "JPEG"),
        "cmyk jpeg": _saved(scene.convert("CMYK"), "JPEG"),
        **{f"jpeg turned {orientation}": _turned(orientation) for orientation in (0, 2, 6, 8, 9, 60_000)},
        "jpeg with a zip behind it": sample_picture(64, 48) + _zip(),
        "png": sample_picture(64, 48, picture_format="PNG"),
        "16-bit png": _saved(Image.new("I;16", (20, 20), 40_000), "PNG"),
        "16-bit color png": png(4, 4, (b"\0" + bytes(24)) * 4, bits=16),
        "1-bit png": _saved(scene.convert("1"), "PNG"),
        "palette png": _saved(palette, "PNG"),
        "palette png with a hole": _saved(palette, "PNG", transparency=0),
        "see-through png": _saved(see_through, "PNG"),
        "gray see-through png": _saved(see_through.convert("LA"), "PNG"),
        "webp": sample_picture(64, 48, picture_format="WEBP"),
        "lossless see-through webp": _saved(see_through, "WEBP", lossless=True),
        "mp4": sample_video(_SHORT, 64, 48),
        "silent mp4": sample_video(_SHORT, 64, 48, has_audio=False),
        "mov stored sideways": sample_video(_SHORT, 64, 48, container="mov", is_moov_first=False, rotation=90),
        "fragmented mp4": _muxed(has_pictures=True, options={"movflags": "frag_keyframe+empty_moov"}),
        "mp4 with cover art": _muxed(has_pictures=True, has_cover=True),
    }


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.html"), "<script>alert(1)</script>")
    return buffer.getvalue()


def _jpeg_of(width: int, height: int) -> bytes:
    """Return a JPEG whose header declares a size that its data does not have."""
    data = bytearray(sample_picture(16, 16))
    start = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, start + 5, height, width)
    return bytes(data)


def _webp_of(width: int, height: int) -> bytes:
    """Return an extended WebP whose canvas declares a size."""
    frame = sample_picture(16, 16, picture_format="WEBP")[12:]
    canvas = struct.pack("<I", 0) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_field(data: bytes, name: bytes, offset: int, field: bytes, *, which: int = 0) -> bytes:
    """Return an MP4 with bytes overwritten within the body of the box `name`."""
    place = -1
    for _ in range(which + 1):
        place = data.index(name, place + 1)
    start = place + 4 + offset
    return data[:start] + field + data[start + len(field) :]


@cache
def scan_bomb(scans: int = 2000, side: int = 200) -> bytes:
    """Return a progressive JPEG of many scans that are each empty and still visit every block."""
    image = Image.new("L", (side, side))
    data = _saved(image, "JPEG", progressive=True, quality=1, optimize=True)
    last = data.rindex(b"\xff\xda")
    tables = data.rindex(b"\xff\xc4", 0, last)
    return data[:-2] + data[tables:-2] * scans + data[-2:]


@cache
def large_scan_bomb() -> bytes:
    """Return a JPEG of 108 megapixels by its header, in more scans than encoders write."""
    data = bytearray(scan_bomb(scans=30))
    start = data.index(b"\xff\xc2")
    struct.pack_into(">HH", data, start + 5, 10_400, 10_400)
    return bytes(data)


@cache
def hostile() -> Mapping[str, bytes]:
    """Return the files that must be refused: other files with media names, broken files, and files made to do harm."""
    mp4, picture = fine()["silent mp4"], fine()["png"]
    encrypted = mp4.replace(b"avc1", b"encv").replace(b"isomiso2encv", b"isomiso2avc1")
    samples = struct.pack(">II", 1, 0x7FFF_FFFF)
    return {
        "a byte": b"\xff",
        "zeros": bytes(4096),
        "text": b"just some words",
        "html": b"<!DOCTYPE html><script>alert(1)</script>",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
        "zip": _zip(),
        "elf": b"\x7fELF\x02\x01\x01" + bytes(60),
        "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "playlist behind a video's mark": b"\0\0\0\x18ftypisom" + bytes(12) + b"#EXTM3U\nfile:///etc/passwd\n",
        "gif": _animation("GIF"),
        "animated webp": _animation("WEBP"),
        "animated png": _animation("PNG"),
        "jpeg's mark alone": b"\xff\xd8\xff",
        "png's mark alone": PNG_MARK,
        "webp's mark alone": b"RIFF\xff\xff\xff\xffWEBP",
        "mp4's mark alone": b"\0\0\0\x18ftypisom" + bytes(12),
        "html behind jpeg's mark": b"\xff\xd8\xff\xe0" + b"<script>alert(1)</script>" * 20,
        "png bomb": png(50_000, 50_000, bytes(1_000_000)),
        "png wider than there are numbers": png(0x7FFF_FFFF, 1, b""),
        "png of four billion": png(0xFFFF_FFFF, 0xFFFF_FFFF, b""),
        "png without pixels": png(0, 0, b""),
        "png without most of its pixels": png(9000, 9000, bytes(1000)),
        "png whose pixels end early": png(800, 800, (b"\0" + bytes(2400)) * 10),
        "interlaced png whose pixels end early": png(800, 800, bytes(800 * 800), is_interlaced=True),
        "png like a thread": png(1, 100_000_000, bytes(1000), color=0),
        "png of a made-up kind": png(8, 8, bytes(1000), bits=13, color=9),
        "png in a chunk without end": picture[:33] + struct.pack(">I4s", 0x7FFF_FFFF, b"IDAT") + picture[41:],
        "png in a hundred thousand chunks": picture[:33] + png_chunk(b"tEXt", b"") * 100_001 + picture[33:],
        "jpeg bomb": _jpeg_of(65_535, 65_535),
        "jpeg without most of its pixels": _jpeg_of(9000, 9000)[:400],
        "jpeg without pixels": _jpeg_of(0, 0),
        "jpeg of thousands of scans": scan_bomb(),
        "large jpeg of many scans": large_scan_bomb(),
        "webp bomb": _webp_of(16_384, 16_384),
        "webp of the largest canvas": _webp_of(1 << 24, 1 << 24),
        "mp4 without pictures": _muxed(has_pictures=False),
        "mp4 with cover art only": _muxed(has_pictures=False, has_cover=True),
        "encrypted mp4": encrypted,
        "mp4 cut off": mp4[:-10],
        "mp4 of two billion samples": with_field(mp4, b"stsz", 4, samples),
        "mp4 whose frames lie elsewhere": with_field(mp4, b"stco", 8, b"\x7f\xff\xff\xff"),
        "mp4 whose frames lie past any disk": with_field(
            fine()["fragmented mp4"], b"tfhd", 8, struct.pack(">Q", 2**62), which=0
        ),
        "mp4 in itself without end": mp4[:32] + b"".join(box(b"moov") for _ in range(20_000)) + mp4[32:],
        "mp4 of boxes in boxes": box(b"ftyp", b"isom", bytes(4)) + _nested(2000) + box(b"mdat", bytes(8)),
    }


def fingerprint() -> str:
    """Return a hash of the whole corpus, to check whether two processes generate the same."""
    everything = [*fine().values(), *hostile().values(), *doubtful().values()]
    return hashlib.sha256(b"".join(everything)).hexdigest()


@cache
def doubtful() -> Mapping[str, bytes]:
    """Return the files that may be accepted or refused: the headers are wrong and the frames are right."""
    mp4 = fine()["silent mp4"]
    highest = b"\xff\xff\xff\xff"
    return {
        "mp4 of four billion pixels": with_field(mp4, b"avc1", 24, highest, which=1),
        "mp4 of frames that never end": with_field(mp4, b"stts", 8, highest + highest),
        "mp4 of frames that last for hours": with_field(mp4, b"stts", 12, struct.pack(">I", 12_800 * 3600)),
        "mp4 of no time": with_field(mp4, b"mdhd", 12, bytes(8)),
        "mp4 of all time": with_field(mp4, b"mdhd", 16, highest),
        "mp4 of a hundred million samples": with_field(mp4, b"stsz", 4, struct.pack(">II", 1, 100_000_000)),
        "mp4 with a clock of nothing": with_field(mp4, b"mvhd", 12, bytes(4)),
        "mp4 that begins late": with_field(mp4, b"tkhd", 20, highest),
        "text chunk bomb": _text_bomb(),
    }


def _text_bomb() -> bytes:
    """Return a PNG whose comment decompresses to a hundred megabytes."""
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9))
    small = fine()["png"]
    return small[:33] + text + small[33:]


def _nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = box(b"trak" if depth % 2 else b"moov", inner)
    return inner
