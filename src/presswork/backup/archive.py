"""The file of a backup: a tar archive, written and read in one go, that says at its end what is in it.

Its members: `presswork-backup.json` (the format), `database.dump`, `media/…`, `sandbox/…`, `secret.key`, and at the end the
manifest, whose name holds its own SHA-256. Media, sandbox and key may be missing.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from pydantic import TypeAdapter

from presswork.backup.model import Facts, Part

HEAD: Final = "presswork-backup.json"
DUMP: Final = "database.dump"
MEDIA: Final = "media"
SANDBOX: Final = "sandbox"
KEY: Final = "secret.key"
PARTS: Final = (DUMP, MEDIA, SANDBOX, KEY)
CHUNK_BYTES: Final = 1 << 20
FORMAT: Final = 1
"""Counts up when an older program could no longer read a new backup."""

_MANIFEST: Final = re.compile(r"manifest\.([0-9a-f]{64})\.json")

Write: TypeAlias = Callable[[bytes], object]
"""Takes the next bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The manifest: what is known of the installation, and what is in the file."""

    facts: Facts
    parts: Mapping[str, Part]


_FORM: Final = TypeAdapter(Contents)


def write_manifest(contents: Contents) -> tuple[str, bytes]:
    """Return the name and the bytes of the manifest."""
    data = _FORM.dump_json(contents, indent=2)
    return f"manifest.{sha256(data).hexdigest()}.json", data


def is_manifest(name: str) -> bool:
    """Tell whether a member is the manifest."""
    return _MANIFEST.fullmatch(name) is not None


def read_manifest(name: str, data: bytes) -> Contents:
    """Return what a manifest says. Raises ValueError if it is not as it was written."""
    match = _MANIFEST.fullmatch(name)
    if match is None or sha256(data).hexdigest() != match[1]:
        raise ValueError("the manifest is not as it was written")
    return _FORM.validate_json(data)


def part_of(name: str) -> str:
    """Return the part that a member belongs to."""
    return name.partition("/")[0]


def is_ours(name: str) -> bool:
    """Tell whether a member may be there, and stays where its part belongs when it is written out."""
    part, slash, rest = name.partition("/")
    if part in {MEDIA, SANDBOX}:
        return slash == "/" and not any(step in {"", ".", ".."} for step in rest.split("/"))
    return name in {DUMP, KEY} or is_manifest(name)


class Tally:
    """Counts and hashes what goes by, part for part, in constant memory."""

    def __init__(self) -> None:
        """Begin."""
        self._counts: dict[str, tuple[int, int]] = {}
        self._lists = {name: sha256() for name in PARTS}

    def add(self, name: str, size_bytes: int, digest: str) -> None:
        """Count a file; `digest` is its SHA-256."""
        part = part_of(name)
        files, total = self._counts.get(part, (0, 0))
        self._counts[part] = (files + 1, total + size_bytes)
        self._lists[part].update(f"{digest}  {name}\n".encode())

    def parts(self) -> dict[str, Part]:
        """Return what went by so far."""
        return {
            name: Part(files=files, size_bytes=total, sha256=self._lists[name].hexdigest())
            for name, (files, total) in self._counts.items()
        }


def head() -> bytes:
    """Return the bytes of the first member, by which a backup is known."""
    return json.dumps({"format": FORMAT}).encode()
