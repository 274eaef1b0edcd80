"""Pictures that are small files and large once decoded."""

import struct
import zlib
from typing import Final

from tests.sandbox.running_sandbox import picture

BLOCK: Final = bytes(1024 * 1024)


def png_bomb(width: int, height: int, number: int = 0) -> bytes:
    """Return a whole RGBA picture of zeros: a thousandth of its pixels in bytes. `number` makes it another file."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [
        (b"IHDR", header),
        (b"tEXt", b"n\0%d" % number),
        (b"IDAT", _zeros(height * (1 + width * 4))),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _zeros(size_bytes: int) -> bytes:
    """Compress zeros as one block that repeats: zlib would need a second for them."""
    whole, rest = divmod(size_bytes, len(BLOCK))
    start, blocks = b"\x78\xda", _block(len(BLOCK)) * whole + _block(rest)
    adler = (size_bytes % 65_521) << 16 | 1
    return start + blocks + b"\x03\x00" + struct.pack(">I", adler)


def _block(size_bytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(BLOCK[:size_bytes]) + packer.flush(zlib.Z_FULL_FLUSH)


def png_header_bomb() -> bytes:
    """Return a picture whose header promises 3.6 gigapixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b""))


def jpeg_header_bomb() -> bytes:
    """Return a picture whose header promises 4.2 gigapixels."""
    data = picture(8, 8)
    frame = data.index(b"\xff\xc0") + 5  # marker, length, precision; then height and width
    return data[:frame] + struct.pack(">HH", 65_000, 65_000) + data[frame + 4 :]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
