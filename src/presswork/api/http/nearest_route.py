"""The route that a request for an unknown path probably means. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_MAX_PATH_CHARACTERS: Final = 200
"""Longest path for which a route is searched: anyone may ask for any path, and the search compares it with all routes."""
_MAX_PARTS: Final = 8
_SIMILAR: Final = 0.75
_BASE: Final = "v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRoute:
    """A route of the API: its path with the names of its parameters, and its summary."""

    method: str
    path: str
    summary: str

    @property
    def parts(self) -> Sequence[str]:
        """Return the parts of the path."""
        return self.path.strip("/").split("/")


def advice_for(method: str, path: str, routes: Iterable[KnownRoute]) -> str | None:
    """Return a sentence about a path that no route has: a doubled base, or the nearest route; None if nothing is near."""
    parts = path.strip("/").split("/")
    if len(path) > _MAX_PATH_CHARACTERS or len(parts) > _MAX_PARTS:
        return None
    if parts[:2] == [_BASE, _BASE]:
        return f"The path has /{_BASE} twice: the base URL of a client ends before it, like http://127.0.0.1:8000."
    if parts[0] != _BASE:
        parts = [_BASE, *parts]
    best = max(
        ((_score_route(method, parts, route), route) for route in routes), key=lambda found: found[0], default=None
    )
    if best is None or best[0] <= 0:
        return None
    return f"Did you mean `{best[1].method} {best[1].path}` ({best[1].summary})?"


def _score_route(method: str, parts: Sequence[str], route: KnownRoute) -> float:
    """Return how near a route is, 0 for not at all."""
    known = route.parts
    return _score_of_places(method, parts, route) or (
        # Other parts before it, as in another service: what the route does is its last part.
        len(set(parts) & set(known)) * 0.01 if parts[-1] == known[-1] != _BASE else 0
    )


def _score_of_places(method: str, parts: Sequence[str], route: KnownRoute) -> float:
    known = route.parts
    if len(parts) == len(known) + 1 and parts[-1].lower() == route.summary.partition(" ")[0].lower():
        parts = parts[:-1]  # a verb that another service has in the path, and this one in the method
    elif len(parts) != len(known):
        return 0
    nearness = [_score_part(part, one) for part, one in zip(parts, known, strict=True)]
    if 0 in nearness:
        return 0
    return sum(nearness) + (0.1 if route.method == method else 0)


def _score_part(part: str, known: str) -> float:
    """Return how near a part of a path is to one of a route, from 0 to 1. A parameter accepts whatever is there."""
    if part == known:
        return 1
    if known.startswith("{"):
        return 0.9 if part else 0
    words = known.split("-")
    if part and set(part.lower().replace("_", "-").split("-")) <= set(words):
        return 0.8
    ratio = SequenceMatcher(None, part.lower(), known).ratio()
    return ratio - 0.2 if ratio >= _SIMILAR else 0
