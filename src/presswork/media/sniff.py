"""The kind of a file by its first bytes. Names and headers are untrusted, so they are ignored."""

from typing import Final

from presswork.core.errors import MediaUnsupported
from presswork.media.model import ContentType

HEAD_BYTES: Final = 64
"""How many first bytes `sniff` wants to see."""

ADVICE: Final = "Send an MP4 or MOV video, a JPEG, PNG or WebP picture of at most 30 MB, or a PDF of at most 100 MB."

# Of what people send by mistake, so that the response can name it.
_OTHERS: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\x00", "a TIFF or raw picture"),
    (0, b"MM\x00*", "a TIFF or raw picture"),
    (0, b"\x00\x00\x01\x00", "an icon"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska video"),
    (8, b"AVI ", "an AVI video"),
    (8, b"WAVE", "a WAV sound"),
    (0, b"FLV\x01", "a Flash video"),
    (0, b"OggS", "an Ogg file"),
    (0, b"ID3", "an MP3 sound"),
    (0, b"fLaC", "a FLAC sound"),
    (0, b"\x30\x26\xb2\x75", "a Windows Media file"),
    (0, b"\x00\x00\x01\xba", "an MPEG program stream"),
    (0, b"\x00\x00\x01\xb3", "an MPEG video"),
    (0, b"#EXTM3U", "an HLS playlist, which only points to a video"),
    (0, b"ffconcat", "a playlist, which only points to a video"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
)
_TEXTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document"),
    (b"<mpd", "a DASH playlist, which only points to a video"),
    (b"{", "JSON text"),
    (b"http", "a text with a URL in it"),
)
_PICTURE_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_OLD_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


def sniff(head: bytes) -> ContentType:
    """Return the content type that the first bytes (HEAD_BYTES of them, or all there are) stand for.

    Raises MediaUnsupported, naming what was found, for all types but those that Presswork accepts.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return ContentType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ContentType.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ContentType.WEBP
    if head.startswith(b"%PDF-"):
        return ContentType.PDF
    if head[4:8] == b"ftyp":
        return _type_by_brand(head[8:12])
    found = _name(head)
    if found is None and head[4:8] in _OLD_QUICKTIME:
        return ContentType.QUICKTIME
    raise MediaUnsupported(
        f"This is {found or 'no video, picture or document that Presswork knows'}. {ADVICE}", found=found
    )


def _type_by_brand(brand: bytes) -> ContentType:
    found = None
    if brand in _PICTURE_BRANDS:
        found = "a HEIC picture"
    elif brand in (b"avif", b"avis"):
        found = "an AVIF picture"
    elif brand == b"crx ":
        found = "a raw picture"
    elif brand[:3] in (b"3gp", b"3g2"):
        found = "a 3GP video"
    elif brand in (b"M4A ", b"M4B ", b"M4P "):
        found = "a sound without pictures"
    if found:
        raise MediaUnsupported(f"This is {found}. {ADVICE}", found=found)
    return ContentType.QUICKTIME if brand == b"qt  " else ContentType.MP4


def _name(head: bytes) -> str | None:
    if not head:
        return "an empty file"
    for offset, mark, name in _OTHERS:
        if head[offset : offset + len(mark)] == mark:
            return name
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, name in _TEXTS:
        if text.startswith(mark):
            return name
    return None
