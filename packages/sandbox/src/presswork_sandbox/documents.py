"""Documents that LinkedIn shows as pages to leaf through, as it and the provider receive them. The sandbox keeps no document: only
what it was, and a blank page."""

import hashlib
import mmap
import re
from pathlib import Path
from typing import Final

from presswork_sandbox.store import Store

MAX_BYTES: Final = 100 * 1024 * 1024
MAX_PAGES: Final = 300
_PDF_PAGE: Final = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_PAGE: Final = (595, 842)  # A4, in points
_PICTURE: Final = Path(__file__).with_name("document.jpg")  # a decoder has no place in the process that serves
_HEAD_BYTES: Final = 8
# How a file of each kind begins: its format and its content type. Source: LinkedIn, "Documents API" (PPT, PPTX, DOC, DOCX, PDF).
_KINDS: Final = {
    b"%PDF-": ("PDF", "application/pdf"),
    b"PK\x03\x04": ("OOXML", "application/vnd.openxmlformats-officedocument"),
    b"\xd0\xcf\x11\xe0": ("OLE2", "application/msword"),
}


def count_pages(path: Path) -> int:
    """Return how many pages a PDF has, as far as that can be read without a decoder: pages in compressed objects don't count."""
    with path.open("rb") as file:
        if file.read(_HEAD_BYTES)[:5] != b"%PDF-":
            return 0
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return sum(1 for _ in _PDF_PAGE.finditer(data))


def keep_document(store: Store, path: Path) -> int | None:
    """Return the asset of a document, or None for a file of another kind, or one that is too big."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    kind = next((kind for start, kind in _KINDS.items() if head.startswith(start)), None)
    size = path.stat().st_size
    if kind is None or size > MAX_BYTES:
        return None
    known = store.first("SELECT id FROM assets WHERE sha256 = ?", sha256)
    if known is not None:
        return int(known["id"])
    return store.insert(
        "assets",
        sha256=sha256,
        format=kind[0],
        content_type=kind[1],
        size_bytes=size,
        width=_PAGE[0],
        height=_PAGE[1],
        poster=_PICTURE.read_bytes(),
    )
