"""The files of the built console, as the build wrote them into `static/`."""

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable


def is_built() -> bool:
    """Whether this installation has the console. Packages and images always have it."""
    return (_static() / "index.html").is_file()


@lru_cache
def asset_names() -> frozenset[str]:
    """Return the names in `assets/`, compressed copies included. Read once."""
    return frozenset(entry.name for entry in (_static() / "assets").iterdir()) if is_built() else frozenset()


@lru_cache(maxsize=512)
def read(path: str) -> bytes:
    """Return a file of the build. Read once: a few hundred files of a few MB in all."""
    return (_static() / path).read_bytes()


def _static() -> Traversable:
    return files(__package__) / "static"
