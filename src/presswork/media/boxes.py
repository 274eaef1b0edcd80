"""The outermost structure of an MP4 or QuickTime file: is it whole, and can a player start at once?"""

import os
import struct
from typing import BinaryIO, Final

from presswork.core.errors import MediaUnsupported

_MAX_BOXES: Final = 100_000
_HEADER_BYTES: Final = 8
_LONG_HEADER_BYTES: Final = 16


def is_moov_first(file: BinaryIO) -> bool:
    """Return whether moov, the table of contents, precedes mdat, the frames. Reads the headers of the top-level boxes only.

    Raises MediaUnsupported when a box reaches past the end (the file is cut off) or there is no moov or mdat.
    Source: ISO/IEC 14496-12, section 4.2; Apple, "QuickTime File Format", atoms.
    """
    end = file.seek(0, os.SEEK_END)
    seen: dict[bytes, int] = {}
    position, count = 0, 0
    while end - position >= _HEADER_BYTES:
        count += 1
        if count > _MAX_BOXES:
            raise MediaUnsupported("The video's structure is broken: it has too many parts. Export it again.")
        file.seek(position)
        header = file.read(_LONG_HEADER_BYTES)
        size, name = struct.unpack_from(">I4s", header)
        least = _HEADER_BYTES
        if size == 1 and len(header) == _LONG_HEADER_BYTES:
            (size,) = struct.unpack_from(">Q", header, 8)
            least = _LONG_HEADER_BYTES
        elif size == 0:  # the last box, up to the end of the file
            size = end - position
        if size < least:
            if seen.keys() >= {b"moov", b"mdat"} and not header.strip(b"\0"):
                break  # padding behind the last box
            raise MediaUnsupported("The video's structure is broken. Export it again.")
        if position + size > end:
            raise MediaUnsupported(
                "The video is cut off: its end is missing. Upload it again from the original.",
                expectedBytes=position + size,
                sizeBytes=end,
            )
        seen.setdefault(name, position)
        position += size
    if b"moov" not in seen or b"mdat" not in seen:
        raise MediaUnsupported(
            "The video has no table of contents or no frames, as when a recording was broken off. Export it again."
        )
    return seen[b"moov"] < seen[b"mdat"]
