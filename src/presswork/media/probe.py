"""What a file really is, by its bytes: every frame table and pixel is looked at, no name and no header is trusted.

Runs for seconds on hostile input and holds a picture's pixels in memory, so it belongs in `MediaPool`, not in a
request.
"""

import hashlib
import io
import os
from typing import BinaryIO, Final, Literal, Protocol

from presswork.core.errors import MediaUnsupported
from presswork.media.model import MAX_VIDEO_BYTES, NOUNS, Kind, Probe, kind_of, limit_bytes
from presswork.media.sniff import HEAD_BYTES, sniff

_HASH_CHUNK_BYTES: Final = 1024 * 1024


class Source(Protocol):
    """A file on disk (a Path), or one in the store that is read by ranges."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Open it for reading at any place."""
        ...


def probe(source: Source | bytes, *, max_video_bytes: int = MAX_VIDEO_BYTES, sha256: str | None = None) -> Probe:
    """Examine a file, or bytes in memory, and return what they are. With `sha256`, the hash is known and not computed.

    Raises MediaUnsupported for all that Presswork does not publish: other formats, cut-off, broken or hostile files,
    animations, and what is over the size limits. Raises OSError when the file can't be read.
    """
    if isinstance(source, bytes):
        return _probe(io.BytesIO(source), max_video_bytes, sha256)
    with source.open("rb") as file:
        return _probe(file, max_video_bytes, sha256)


def _probe(file: BinaryIO, max_video_bytes: int, sha256: str | None) -> Probe:
    content_type = sniff(file.read(HEAD_BYTES))
    size_bytes = file.seek(0, os.SEEK_END)
    kind = kind_of(content_type)
    limit, noun = limit_bytes(kind, max_video_bytes=max_video_bytes), NOUNS[kind]
    if size_bytes > limit:
        megabyte = 1_000_000 if kind is Kind.DOCUMENT else 1024 * 1024
        raise MediaUnsupported(
            f"The {noun} has {size_bytes / megabyte:.1f} MB; at most {limit // megabyte} MB are accepted. Make it smaller.",
            sizeBytes=size_bytes,
            limitBytes=limit,
        )
    if sha256 is None:
        sha256 = _hash(file)
    file.seek(0)
    if kind is Kind.IMAGE:
        from presswork.media.probe_image import probe_image as look  # noqa: PLC0415  loads no video codecs
    elif kind is Kind.DOCUMENT:
        from presswork.media.pdf import probe_pdf as look  # noqa: PLC0415  as above
    else:
        from presswork.media.probe_video import probe_video as look  # noqa: PLC0415  as above
    return look(file, content_type, size_bytes=size_bytes, sha256=sha256)


def _hash(file: BinaryIO) -> str:
    """Return the SHA-256 of a file, as hex."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_HASH_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
