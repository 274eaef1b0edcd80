"""The version of everything that is released: `__version__` of `presswork`, and its copies in packages that stand alone."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = ROOT / "src" / "presswork" / "__init__.py"
_PYTHON: Final = r'^__version__ = "([^"]+)"'
_JSON: Final = r'"name": "{}",\n +"version": "([^"]+)"'  # twice in a lock file
_CLIENT: Final = _JSON.format("presswork-client")
_NODES: Final = _JSON.format("n8n-nodes-presswork")
# File and pattern of each copy. A package that is installed alone can't read the version of another one.
COPIES: Final[Mapping[Path, str]] = {
    ROOT / "packages" / "sandbox" / "src" / "presswork_sandbox" / "__init__.py": _PYTHON,
    ROOT / "sdk" / "python" / "src" / "presswork_client" / "_version.py": _PYTHON,
    ROOT / "sdk" / "typescript" / "src" / "version.ts": r'^export const VERSION = "([^"]+)"',
    ROOT / "sdk" / "typescript" / "package.json": _CLIENT,
    ROOT / "sdk" / "typescript" / "package-lock.json": _CLIENT,
    ROOT / "integrations" / "n8n" / "package.json": _NODES,
    ROOT / "integrations" / "n8n" / "package-lock.json": _NODES,
    ROOT / "integrations" / "zapier" / "app.json": r'^  "version": "([^"]+)"',
    ROOT / "integrations" / "zapier" / "package.json": _JSON.format("presswork-zapier"),
    ROOT / "server.json": r'"version": "([^"]+)"',  # twice
    ROOT / "deploy" / "helm" / "presswork" / "Chart.yaml": r'^(?:version|appVersion): "?([^"\n]+)',
}
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")


def current() -> str:
    """Return the version, from its one source."""
    return read(SOURCE, _PYTHON)


def read(file: Path, pattern: str) -> str:
    """Return the version in a file. Raises ValueError if it has none, or different ones."""
    found = set(re.findall(pattern, file.read_text(encoding="utf-8"), re.MULTILINE))
    if len(found) != 1:
        raise ValueError(f"{file.relative_to(ROOT)} must have one version, but has {sorted(found)}.")
    return str(found.pop())


def differing() -> Mapping[str, str]:
    """Return the copies that differ from the source, with the version that each has."""
    version = current()
    copies = {str(file.relative_to(ROOT)): read(file, pattern) for file, pattern in COPIES.items()}
    return {name: copy for name, copy in copies.items() if copy != version}


def write(version: str) -> None:
    """Write a version to the source and all copies. Raises ValueError unless it has the form 1.2.3."""
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is not a version. Use three numbers, such as 0.2.0.")
    for file, pattern in {SOURCE: _PYTHON, **COPIES}.items():
        read(file, pattern)
        text = re.sub(
            pattern,
            lambda found: found[0].replace(found[1], version),
            file.read_text(encoding="utf-8"),
            flags=re.MULTILINE,
        )
        file.write_text(text, encoding="utf-8")
