"""PDF documents in the pool's children: what they are, their previews, and what is refused with what to do."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from tests.media.pdfs import blank_pdf, encrypted_pdf, pdf

from presswork.core.errors import MediaUnsupported
from presswork.media.model import ContentType, Kind
from presswork.media.pdf import first_pages
from presswork.media.pool import MediaPool


@pytest.fixture
async def media_pool() -> AsyncIterator[MediaPool]:
    """A pool with one child."""
    async with MediaPool(1) as pool:
        yield pool


async def test_document_is_probed_and_shown(media_pool: MediaPool, tmp_path: Path) -> None:
    """Its pages are counted, its first page is the thumbnail, and the poster has four pages at most, one below the other."""
    source, thumbnail, poster = (tmp_path / name for name in ("source", "thumbnail", "poster"))
    source.write_bytes(pdf(6))
    probe = await media_pool.probe(source)
    assert (probe.kind, probe.content_type, probe.pages) == (Kind.DOCUMENT, ContentType.PDF, 6)
    assert (probe.width, probe.height, probe.size_bytes) == (1080, 1350, source.stat().st_size)
    await media_pool.write_previews(source, thumbnail, poster)
    with Image.open(thumbnail) as small, Image.open(poster) as tall:
        assert small.size == (320, 400)
        assert tall.size == (720, 4 * 900 + 3 * 12)
        corner = small.crop((9, 9, 10, 10)).tobytes()
        assert max(abs(one - two) for one, two in zip(corner, (255, 90, 0), strict=True)) < 12


REFUSED: Final[Mapping[str, tuple[Callable[[], bytes], str]]] = {
    "cut": (lambda: pdf()[:-400], "damaged: its end is missing. Export it again"),
    "broken": (lambda: b"%PDF-1.7\n" + b"x" * 500 + b"\n%%EOF\n", "damaged: it has no pages that can be read. Export"),
    "empty": (lambda: blank_pdf(0), "damaged: it has no pages that can be read. Export it again"),
    "password": (
        lambda: encrypted_pdf(opens_with_a_password=True),
        "protected by a password or by permissions. Save it",
    ),
    "flags": (lambda: encrypted_pdf(opens_with_a_password=False), "protected by a password or by permissions. Save it"),
    "long": (lambda: blank_pdf(1001), "has 1,001 pages; at most 1,000 are accepted. Send a shorter one."),
    "wide": (lambda: blank_pdf(1, width=20_000), "is 20,000 × 800 points; a side may have at most 14,400. Export"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused_document_says_what_to_do(media_pool: MediaPool, tmp_path: Path, name: str) -> None:
    """A damaged, protected or excessive PDF is refused with a sentence, and the child lives on."""
    make, sentence = REFUSED[name]
    (tmp_path / "source").write_bytes(make())
    with pytest.raises(MediaUnsupported, match="PDF") as refused:
        await media_pool.probe(tmp_path / "source")
    assert sentence in refused.value.message


async def test_pictures_become_pages(media_pool: MediaPool, tmp_path: Path) -> None:
    """Each picture is a page of its shape, upright, in order; a broken one is refused, and no part of a document stays."""
    sizes = ((640, 480), (300, 900), (4000, 2000))
    sources = [tmp_path / str(place) for place in range(len(sizes))]
    for source, (width, height), kind in zip(sources, sizes, ("JPEG", "PNG", "WEBP"), strict=True):
        Image.new("RGB", (width, height), "red").save(source, kind)
    probe = await media_pool.write_picture_pages(sources, tmp_path / "made.pdf")
    assert (probe.kind, probe.pages, probe.width, probe.height) == (Kind.DOCUMENT, 3, 640, 480)
    pages = first_pages(tmp_path / "made.pdf")
    assert [page.size for page in pages] == [(900, 675), (300, 900), (900, 450)]
    for page in pages:
        places = ((5, 5), (page.width - 6, page.height - 6))
        corners = (page.crop((left, top, left + 1, top + 1)).tobytes() for left, top in places)
        assert all(corner[0] > 240 and max(corner[1:]) < 20 for corner in corners)
    sources[1].write_bytes(b"\xff\xd8\xff no picture")
    with pytest.raises(MediaUnsupported):
        await media_pool.write_picture_pages(sources, tmp_path / "second.pdf")
    assert not (tmp_path / "second.pdf").exists()
