"""Canary secrets, and the search for them in plain text and common encodings."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

_SHORTEST = 12
"""A shorter text may occur by coincidence."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that was found."""

    secret: str
    place: str
    form: str


def forms_of(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield the encodings of a secret with their names. Base64 of a surrounding text has three, by the offset."""
    raw = value.encode()
    yield "raw", raw
    yield "url", quote(value, safe="").encode()
    yield "url twice", quote(quote(value, safe=""), safe="").encode()
    yield "json", json.dumps(value)[1:-1].encode()
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    for shift in range(3):
        whole = (raw[(3 - shift) % 3 :])[: (len(raw) - (3 - shift) % 3) // 3 * 3]
        yield f"base64/{shift}", base64.b64encode(whole)
        yield f"base64url/{shift}", base64.urlsafe_b64encode(whole)


@dataclass(frozen=True, slots=True)
class Canaries:
    """Canary secrets by name."""

    secrets: dict[str, str] = field(default_factory=dict)

    def plant(self, name: str, value: str) -> str:
        """Add a secret and return it."""
        assert len(value) >= _SHORTEST, name
        self.secrets[name] = value
        return value

    def leaks(self, places: Mapping[str, bytes]) -> list[Leak]:
        """Return every secret that a text contains, in any encoding."""
        return [
            Leak(name, place, form)
            for name, value in self.secrets.items()
            for form, text in {text: (form, text) for form, text in forms_of(value)}.values()
            for place, content in places.items()
            if text in content
        ]
