"""Pictures: decoded whole, so that what is stored can be shown."""

import os
import re
import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import dropwhile, takewhile
from typing import BinaryIO, Final, NamedTuple

from PIL import ExifTags, Image

from presswork.core.errors import MediaUnsupported
from presswork.media.model import MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE, MAX_WEBP_PIXELS, ContentType, Kind, Probe

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""The only decoders that Pillow may try. The MPO files of phones, JPEG with a second picture behind it, are JPEG."""

PILLOW_ERRORS: Final = (
    Image.DecompressionBombError,
    OSError,  # UnidentifiedImageError, truncated data, a decoder's refusal
    SyntaxError,  # a broken PNG or TIFF (EXIF) structure
    ValueError,  # limits on text chunks, impossible sizes
    TypeError,  # EXIF entries of the wrong type
    LookupError,  # EXIF offsets that lead nowhere
    ArithmeticError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""All that Pillow raises on broken bytes."""

_BROKEN: Final = "The picture is broken or cut off: its pixels can't be read. Export it again and send the new file."
_MAX_PNG_CHUNKS: Final = 100_000
_PNG_HEADER: Final = struct.Struct(">IIBBBBB")
_PNG_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""How many samples a pixel has in each color type."""

_ADAM7: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""Of each pass of an interlaced PNG: the first column and row, and the steps to the next ones."""

_PART_BYTES: Final = 256 * 1024
_MAX_JPEG_PARTS: Final = 100_000
# Encoders write about ten. Each scan makes the decoder walk over the whole picture, whatever it holds, so that half a
# megabyte of empty ones would keep it busy for minutes.
_MAX_JPEG_SCANS: Final = 100
# Of the largest picture, 20: libjpeg writes 10 for a color picture and 18 for CMYK, which is its most.
_MAX_SCANNED_PIXELS: Final = 20 * MAX_IMAGE_PIXELS
# Not those within the coded pixels: a stuffed zero, a restart, a fill byte.
_JPEG_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_START_OF_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # these three are tables and a reserve
_START_OF_SCAN: Final = 0xDA
_END_OF_IMAGE: Final = 0xD9
_MARKERS_WITHOUT_LENGTH: Final = frozenset({0x01, 0xD8})
_DEGREES: Final = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_SIDEWAYS: Final = frozenset({5, 6, 7, 8})


def probe_image(file: BinaryIO, content_type: ContentType, *, size_bytes: int, sha256: str) -> Probe:
    """Decode a JPEG, PNG or WebP picture and return what it is. Raises MediaUnsupported."""
    if content_type is ContentType.PNG:
        _check_png_is_whole(file)
    if content_type is ContentType.JPEG:
        _check_jpeg_scans(file)
    with opened_image(file) as image:
        if image.format != "MPO" and getattr(image, "is_animated", False):
            raise MediaUnsupported(
                "The picture is animated, which platforms do not accept. Send it as a video or as one still."
            )
        width, height = image.size
        if content_type is ContentType.JPEG:
            # The whole stream is read and checked, but an eighth of the side is enough to see that it decodes.
            image.draft(None, (max(1, width // 8), max(1, height // 8)))
        image.load()
        has_alpha = image.has_transparency_data
        orientation = orientation_of(image)
    if orientation in _SIDEWAYS:
        width, height = height, width
    return Probe(
        kind=Kind.IMAGE,
        content_type=content_type,
        size_bytes=size_bytes,
        sha256=sha256,
        width=width,
        height=height,
        rotation=_DEGREES.get(orientation, 0),
        has_alpha=has_alpha,
    )


@contextmanager
def opened_image(file: BinaryIO) -> Iterator[Image.Image]:
    """Open a picture whose pixels are not decoded yet and whose size is within the limits.

    Pillow's errors inside the block become MediaUnsupported, so keep nothing else in it.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of corrupt EXIF and of sizes below our own limit; both are judged here.
            warnings.simplefilter("ignore")
            with Image.open(file, formats=FORMATS) as image:
                max_pixels = MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_IMAGE_PIXELS
                _check_size(image.width, image.height, max_pixels=max_pixels)
                yield image
    except Image.DecompressionBombError as error:
        raise _too_large(MAX_IMAGE_PIXELS) from error
    except PILLOW_ERRORS as error:
        raise MediaUnsupported(_BROKEN) from error


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or it is nonsense."""
    value = image.getexif().get(ExifTags.Base.Orientation, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _check_png_is_whole(file: BinaryIO) -> None:
    """Raise MediaUnsupported where pixels or the end mark are missing, before anything is decoded.

    Pillow reads no further than the last pixel, and it is content where the zlib stream ends after any of the rows.
    """
    chunks = list(_png_chunks(file))
    names = [chunk.name for chunk in chunks]
    # Of two headers, a reader may take either.
    if not names or names[0] != b"IHDR" or names.count(b"IHDR") > 1 or names[-1] != b"IEND":
        raise MediaUnsupported(_BROKEN)
    file.seek(chunks[0].position)
    size_bytes = _png_pixel_bytes(file.read(chunks[0].length))
    if _inflated_bytes(_png_pixel_data(file, chunks), size_bytes) < size_bytes:
        raise MediaUnsupported(_BROKEN)
    file.seek(0)


class _Chunk(NamedTuple):
    """A chunk of a PNG: its name, and where its body is."""

    name: bytes
    position: int
    length: int


def _png_chunks(file: BinaryIO) -> Iterator[_Chunk]:
    """Yield the chunks up to the end mark; ends without it where the file does, or after too many."""
    file.seek(8)
    for _ in range(_MAX_PNG_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            return
        length, name = struct.unpack(">I4s", header)
        yield _Chunk(name, file.tell(), length)
        if name == b"IEND":
            return
        file.seek(length + 4, os.SEEK_CUR)


def _png_pixel_data(file: BinaryIO, chunks: Iterable[_Chunk]) -> Iterator[bytes]:
    """Yield the compressed pixels in parts. Their chunks follow each other; readers ignore those after another one."""
    for chunk in takewhile(_has_pixels, dropwhile(lambda chunk: not _has_pixels(chunk), chunks)):
        file.seek(chunk.position)
        left = chunk.length
        while part := file.read(min(left, _PART_BYTES)):
            yield part
            left -= len(part)


def _has_pixels(chunk: _Chunk) -> bool:
    return chunk.name == b"IDAT"


def _png_pixel_bytes(header: bytes) -> int:
    """Return how many bytes the pixels of a PNG have after decompression. Raises MediaUnsupported."""
    if len(header) != _PNG_HEADER.size:
        raise MediaUnsupported(_BROKEN)
    width, height, bits, color, _, _, interlacing = _PNG_HEADER.unpack(header)
    _check_size(width, height, max_pixels=MAX_IMAGE_PIXELS)
    bits_per_pixel = bits * _PNG_SAMPLES.get(color, 0)
    total = 0
    for left, top, across, down in _ADAM7 if interlacing else ((0, 0, 1, 1),):
        columns, rows = -((left - width) // across), -((top - height) // down)
        if columns:
            total += rows * (1 + (columns * bits_per_pixel + 7) // 8)
    return total


def _inflated_bytes(parts: Iterable[bytes], max_bytes: int) -> int:
    """Return how many bytes a zlib stream yields, counted up to `max_bytes`; none are kept. Raises MediaUnsupported."""
    inflater = zlib.decompressobj()
    found = 0
    for part in parts:
        data, is_more = part, True
        while is_more:
            limit = min(_PART_BYTES, max_bytes - found)
            if limit == 0 or inflater.eof:
                return found
            try:
                size = len(inflater.decompress(data, limit))
            except zlib.error as error:
                raise MediaUnsupported(_BROKEN) from error
            found += size
            data = inflater.unconsumed_tail
            is_more = size == limit  # a full buffer: the rest may follow even if all data is consumed
    return found


def _check_jpeg_scans(file: BinaryIO) -> None:
    """Raise MediaUnsupported where a JPEG has more scans than any encoder writes. Whether it is whole, Pillow says."""
    data = file.read()
    file.seek(0)
    position = scans = pixels = 0
    for _ in range(_MAX_JPEG_PARTS):
        found = _JPEG_MARKER.search(data, position)
        if found is None or data[found.end() - 1] == _END_OF_IMAGE:
            return
        marker, position = data[found.end() - 1], found.end()
        if marker in _START_OF_FRAME:
            height, width = struct.unpack(">HH", data[position + 3 : position + 7].ljust(4, b"\0"))
            pixels = max(pixels, width * height)
        scans += marker == _START_OF_SCAN
        if scans > _MAX_JPEG_SCANS or scans * pixels > _MAX_SCANNED_PIXELS:
            break
        if marker not in _MARKERS_WITHOUT_LENGTH:
            position += max(2, int.from_bytes(data[position : position + 2], "big"))
    raise MediaUnsupported("The picture is put together from too many parts. Export it again and send the new file.")


def _check_size(width: int, height: int, *, max_pixels: int) -> None:
    """Raise MediaUnsupported where a picture has too many pixels, or too many in a row or column."""
    if width * height > max_pixels:
        raise _too_large(max_pixels)
    if max(width, height) > MAX_IMAGE_SIDE:
        raise MediaUnsupported(
            f"The picture is {width} × {height} pixels; a side may have at most {MAX_IMAGE_SIDE} pixels. "
            "Crop it or scale it down.",
            limitSide=MAX_IMAGE_SIDE,
        )


def _too_large(max_pixels: int) -> MediaUnsupported:
    return MediaUnsupported(
        f"The picture has more than {max_pixels / 1_000_000:g} megapixels. Scale it down; platforms show about one.",
        limitPixels=max_pixels,
    )
