"""The files of the built console, as the build wrote them into `static/`. They are read once per build."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path


def is_built() -> bool:
    """Whether this installation has the console. Packages and images always have it."""
    return (_static() / "index.html").is_file()


def asset_names() -> frozenset[str]:
    """Return the names in `assets/`, compressed copies included."""
    return _names_in("assets", _build()) if is_built() else frozenset()


def icon_names() -> frozenset[str]:
    """Return the names in `icons/`."""
    return _names_in("icons", _build()) if is_built() else frozenset()


def read(path: str) -> bytes:
    """Return a file of the build. Raises FileNotFoundError while another build replaces it."""
    return _read(path, _build())


def preloads(screen: str) -> Sequence[str]:
    """Return the files that a screen needs beyond the page, if it is one of those that are opened most.

    `screen` is its path below the environment.
    """
    return _preloads(_build()).get(screen, ())


@lru_cache(maxsize=1)
def _preloads(build: int) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = json.loads(_read("preloads.json", build))
    return found


@lru_cache(maxsize=2)
def _names_in(folder: str, _build: int) -> frozenset[str]:
    return frozenset(entry.name for entry in (_static() / folder).iterdir())


@lru_cache(maxsize=512)  # a few hundred files of a few MB in all
def _read(path: str, _build: int) -> bytes:
    return (_static() / path).read_bytes()


def _build() -> int:
    """Return what differs from build to build: when its page was written."""
    return (_static() / "index.html").stat().st_mtime_ns


def _static() -> Path:
    return Path(__file__).with_name("static")
