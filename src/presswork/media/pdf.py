"""PDF documents: what one is, its first pages as a picture, and a document made of pictures. For media children.

PDFium reads them, as Chrome does. Nothing in a document runs: its forms are not opened, and this build of PDFium has no JavaScript.
"""

import io
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pypdfium2  # type: ignore[import-untyped]  # it has no types
from PIL import Image
from pypdfium2 import raw  # as above

from presswork.core.errors import MediaUnsupported
from presswork.media.convert_image import encode_picture, upright_picture
from presswork.media.model import MAX_DOCUMENT_PAGES, ContentType, Kind, Probe
from presswork.media.probe import Source
from presswork.media.specs import ImageSpec

SHOWN_PAGES: Final = 4
"""How many first pages a picture of a document shows."""
PAGE_SIDE: Final = 900
"""Pixels of the longer side of a page in it: enough to read a slide."""
_MAX_PAGE_SIDE: Final = 14_400
"""Points of the longer side of a page: the limit of PDF itself, five meters."""
_TAIL_BYTES: Final = 2048
"""Where readers look for the mark at the end."""
_PASSWORD_NEEDED: Final = raw.FPDF_ERR_PASSWORD
_GAP: Final = 12
_GAP_COLOR: Final = (216, 216, 216)
_PICTURE_QUALITY: Final = 88
_PICTURE_PAGE: Final = ImageSpec(max_width=2160, max_height=2160)
"""A picture as a page of a document: twice the size at which platforms show one."""
_BROKEN: Final = "The PDF is damaged: {what}. Export it again and send the new file."
_NO_PAGES: Final = "it has no pages that can be read"
_PROTECTED: Final = "The PDF is protected by a password or by permissions. Save it without protection and send that."


def probe_pdf(file: BinaryIO, content_type: ContentType, *, size_bytes: int, sha256: str) -> Probe:
    """Read the structure of a PDF and its first pages, and return what it is. Raises MediaUnsupported."""
    file.seek(max(0, size_bytes - _TAIL_BYTES), os.SEEK_SET)
    if b"%%EOF" not in file.read():
        raise MediaUnsupported(_BROKEN.format(what="its end is missing"))
    file.seek(0)
    with _opened_pdf(file) as document:
        count = len(document)
        if count == 0:
            raise MediaUnsupported(_BROKEN.format(what=_NO_PAGES))
        if count > MAX_DOCUMENT_PAGES:
            raise MediaUnsupported(
                f"The PDF has {count:,} pages; at most {MAX_DOCUMENT_PAGES:,} are accepted. Send a shorter one.",
                pages=count,
                limitPages=MAX_DOCUMENT_PAGES,
            )
        sizes = [_page_size(document, number) for number in range(count)]
        for number in range(min(count, SHOWN_PAGES)):
            with _reading(f"page {number + 1} can't be read"):
                document[number].close()
    width, height = sizes[0]
    return Probe(
        kind=Kind.DOCUMENT,
        content_type=content_type,
        size_bytes=size_bytes,
        sha256=sha256,
        width=max(1, round(width)),
        height=max(1, round(height)),
        rotation=0,
        pages=count,
    )


def first_pages(source: Source) -> Sequence[Image.Image]:
    """Return pictures of the first pages. Raises MediaUnsupported."""
    with source.open("rb") as file, _opened_pdf(file) as document:
        return [_render_page(document, number) for number in range(min(len(document), SHOWN_PAGES))]


def stack_pages(pages: Sequence[Image.Image]) -> Image.Image:
    """Return one picture of pages, one below the other."""
    width = max(page.width for page in pages)
    height = sum(page.height for page in pages) + _GAP * (len(pages) - 1)
    stack = Image.new("RGB", (width, height), _GAP_COLOR)
    top = 0
    for page in pages:
        stack.paste(page, ((width - page.width) // 2, top))
        top += page.height + _GAP
    return stack


def write_picture_pages(sources: Sequence[Path], target: Path) -> None:
    """Write a PDF with a page for each picture, of that picture's shape. One picture at a time is decoded.

    Raises MediaUnsupported on a broken picture.
    """
    document = pypdfium2.PdfDocument.new()
    try:
        for source in sources:
            picture = upright_picture(source.read_bytes(), _PICTURE_PAGE)
            size = picture.size
            page = document.new_page(*size)
            image = pypdfium2.PdfImage.new(document)
            image.load_jpeg(io.BytesIO(encode_picture(picture, ContentType.JPEG, _PICTURE_QUALITY)), inline=True)
            image.set_matrix(pypdfium2.PdfMatrix().scale(*size))
            page.insert_obj(image)
            page.gen_content()
            page.close()
        with target.open("wb") as file:
            document.save(file)
    finally:
        document.close()


@contextmanager
def _opened_pdf(file: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF for reading. Raises MediaUnsupported."""
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_NEEDED:
            raise MediaUnsupported(_PROTECTED) from error
        raise MediaUnsupported(_BROKEN.format(what=_NO_PAGES)) from error
    try:
        if raw.FPDF_GetSecurityHandlerRevision(document) != -1:  # opens without a password, and forbids something
            raise MediaUnsupported(_PROTECTED)
        yield document
    finally:
        document.close()


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Let PDFium's errors become MediaUnsupported."""
    try:
        yield
    except pypdfium2.PdfiumError as error:
        raise MediaUnsupported(_BROKEN.format(what=what)) from error


def _page_size(document: pypdfium2.PdfDocument, number: int) -> tuple[float, float]:
    """Return width and height of a page in points. Raises MediaUnsupported."""
    with _reading(f"page {number + 1} can't be read"):
        width, height = document.get_page_size(number)
    if not (math.isfinite(width * height) and min(width, height) > 0 and max(width, height) <= _MAX_PAGE_SIDE):
        raise MediaUnsupported(
            f"Page {number + 1} of the PDF is {width:,.0f} × {height:,.0f} points; a side may have at most {_MAX_PAGE_SIDE:,}. "
            "Export it with pages of a normal size.",
            limitSide=_MAX_PAGE_SIDE,
        )
    return width, height


def _render_page(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    """Return a picture of a page, whose longer side has PAGE_SIDE pixels. Raises MediaUnsupported."""
    width, height = _page_size(document, number)
    with _reading(f"page {number + 1} can't be shown"):
        page = document[number]
        bitmap = page.render(scale=PAGE_SIDE / max(width, height), may_draw_forms=False, limit_image_cache=True)
        picture: Image.Image = bitmap.to_pil().convert("RGB")
        bitmap.close()
        page.close()
    return picture
