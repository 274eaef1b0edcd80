"""Pictures: decoded whole, so that what is stored can be shown."""

import os
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from PIL import ExifTags, Image

from presswork.core.errors import MediaUnsupported
from presswork.media.model import MAX_IMAGE_PIXELS, ContentType, Kind, Probe

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
_MOST_PNG_CHUNKS: Final = 100_000
_MOST_JPEG_PARTS: Final = 100_000
# Encoders write about ten. Each scan makes the decoder walk over the whole picture, whatever it holds, so that half a
# megabyte of empty ones would keep it busy for minutes.
_MOST_JPEG_SCANS: Final = 100
# Not those within the coded pixels: a stuffed zero, a restart, a fill byte.
_JPEG_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
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
    """Open a picture whose pixels are not decoded yet and whose size is within the limit.

    Pillow's errors inside the block become MediaUnsupported, so keep nothing else in it.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of corrupt EXIF and of sizes below our own limit; both are judged here.
            warnings.simplefilter("ignore")
            with Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > MAX_IMAGE_PIXELS:
                    raise _too_large()
                yield image
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except PILLOW_ERRORS as error:
        raise MediaUnsupported(_BROKEN) from error


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or it is nonsense."""
    value = image.getexif().get(ExifTags.Base.Orientation, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _check_png_is_whole(file: BinaryIO) -> None:
    """Raise MediaUnsupported where the end mark is missing; Pillow is content once it has all the pixels."""
    file.seek(8)
    for _ in range(_MOST_PNG_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            break
        length, name = struct.unpack(">I4s", header)
        if name == b"IEND":
            file.seek(0)
            return
        file.seek(length + 4, os.SEEK_CUR)
    raise MediaUnsupported(_BROKEN)


def _check_jpeg_scans(file: BinaryIO) -> None:
    """Raise MediaUnsupported where a JPEG has more scans than any encoder writes. Whether it is whole, Pillow says."""
    data = file.read()
    file.seek(0)
    position = scans = 0
    for _ in range(_MOST_JPEG_PARTS):
        found = _JPEG_MARKER.search(data, position)
        if found is None or data[found.end() - 1] == _END_OF_IMAGE:
            return
        marker, position = data[found.end() - 1], found.end()
        scans += marker == _START_OF_SCAN
        if scans > _MOST_JPEG_SCANS:
            break
        if marker not in _MARKERS_WITHOUT_LENGTH:
            position += max(2, int.from_bytes(data[position : position + 2], "big"))
    raise MediaUnsupported("The picture is put together from too many parts. Export it again and send the new file.")


def _too_large() -> MediaUnsupported:
    return MediaUnsupported(
        f"The picture has more than {MAX_IMAGE_PIXELS // 1_000_000} megapixels. Scale it down; platforms show about one.",
        limitPixels=MAX_IMAGE_PIXELS,
    )
