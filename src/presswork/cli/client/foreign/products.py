"""The products that posts are taken over from, and the files that people have of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from presswork.cli.client.foreign import ayrshare, buffer, mixpost, postiz
from presswork.cli.client.foreign.model import Export, NotReadable, Value
from presswork.cli.client.login import NotPossible

_MAX_BYTES: Final = 64 * 1024 * 1024


class Product(Protocol):
    """What a module of a product has."""

    def recognizes(self, document: Value) -> bool:
        """Return whether a document is from this product."""

    def read(self, documents: Sequence[Value], zone: ZoneInfo, *, is_text_enough: bool) -> Export:
        """Return what documents have. Times without an offset are of the zone. Raises NotReadable."""


PRODUCTS: Final[Mapping[str, Product]] = {
    "postiz": postiz,
    "mixpost": mixpost,
    "buffer": buffer,
    "ayrshare": ayrshare,
}


def read_files(product: str, files: Sequence[str], zone: ZoneInfo, *, is_text_enough: bool) -> Export:
    """Return what the files of a product have. Raises NotPossible, which names the file that can't be used."""
    documents = [_parse(name) for name in files]
    for name, document in zip(files, documents, strict=True):
        if not PRODUCTS[product].recognizes(document):
            others = [other for other, module in PRODUCTS.items() if document and module.recognizes(document)]
            hint = (
                f"It looks like one of {others[0]}" if others else "docs/move-to-presswork.md says which files it reads"
            )
            raise NotPossible(f"{name} is not a file of {product}. {hint}.")
    try:
        return PRODUCTS[product].read(documents, zone, is_text_enough=is_text_enough).without_repeats()
    except NotReadable as error:
        raise NotPossible(f"The files of {product} can't be read: {error} Get them again.") from error


def _parse(name: str) -> Value:
    try:
        raw = Path(name).read_bytes()
        if len(raw) > _MAX_BYTES:
            raise NotPossible(f"{name} has more than {_MAX_BYTES // 1024 // 1024} MB. Get fewer posts in one file.")
        document: Value = json.loads(raw)
    except OSError as error:
        raise NotPossible(f"{name} can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise NotPossible(f"{name} is not JSON, or only a part of it. Get the file again.") from error
    return document
