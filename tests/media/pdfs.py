"""PDF files for tests: whole, encrypted, and damaged ones."""

import hashlib
import io
import time
from typing import Final

import pypdfium2  # type: ignore[import-untyped]  # it has no types
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from PIL import Image

_ID: Final = bytes(range(16))
_OWNER: Final = bytes(32)
_PADDING: Final = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
"""What stands for an empty password."""
_FLAGS: Final = -44
"""Everything but printing and copying is forbidden."""


def pdf(pages: int = 2, *, width: int = 1080, height: int = 1350) -> bytes:
    """Return a document whose pages have colors of their own."""
    colors = [(255 - 30 * number % 256, 90, 40 * number % 256) for number in range(pages)]
    first, *others = [Image.new("RGB", (width, height), color) for color in colors]
    buffer = io.BytesIO()
    at = time.gmtime(0)
    first.save(buffer, "PDF", save_all=True, append_images=others, creationDate=at, modDate=at)
    return buffer.getvalue()


def blank_pdf(pages: int, *, width: float = 600, height: float = 800) -> bytes:
    """Return a document of empty pages; with none, one without pages."""
    document, buffer = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        document.new_page(width, height)
    document.save(buffer)
    return buffer.getvalue()


def encrypted_pdf(*, opens_with_a_password: bool) -> bytes:
    """Return a document that asks for a password, or one that opens without and forbids what its flags say.

    Source: PDF Reference 1.7, section 3.5 (standard security handler, revision 2).
    """
    digest = hashlib.md5(_PADDING + _OWNER + _FLAGS.to_bytes(4, "little", signed=True) + _ID, usedforsecurity=False)
    key = bytes(16) if opens_with_a_password else digest.digest()[:5]
    user = Cipher(ARC4(key), mode=None).encryptor().update(_PADDING)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>",
        f"<< /Filter /Standard /V 1 /R 2 /O <{_OWNER.hex()}> /U <{user.hex()}> /P {_FLAGS} >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Encrypt 4 0 R /ID [<{_ID.hex()}> <{_ID.hex()}>] >>"
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode()
