"""`python -m generator`, in the folder sdk/: write what follows from the API; with --check, only tell what is out of date."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from generator import python, reference, typescript
from generator.form import Form, read
from presswork.api.app import openapi_document

HERE: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = HERE / "python" / "src" / "presswork_client"
TYPESCRIPT: Final = HERE / "typescript" / "src"
DOCS: Final = HERE.parent / "docs"


def form() -> Form:
    """Return the intermediate form of the API as it is in this tree."""
    return read(openapi_document())


def files() -> Mapping[Path, str]:
    """Return every generated file with its text."""
    known = form()
    return {
        **{PYTHON / name: text for name, text in _formatted(python.write(known)).items()},
        **{TYPESCRIPT / name: text for name, text in typescript.write(known).items()},
        **{DOCS / name: text for name, text in reference.write(known).items()},
    }


def out_of_date() -> list[Path]:
    """Return the generated files that say something else than they would now."""
    return [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main() -> int:
    """Write, or check; 1 if something is out of date."""
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing, and end with 1 if something is out of date"
    )
    if parser.parse_args().check:
        stale = out_of_date()
        for path in stale:
            sys.stdout.write(f"out of date: {path.relative_to(HERE.parent)}\n")
        return 1 if stale else 0
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def _formatted(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return Python texts as the project's formatter and import order have them."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        config = str(HERE.parent / "pyproject.toml")
        ruff = [sys.executable, "-m", "ruff"]
        for step in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
            subprocess.run([*ruff, *step, "--no-cache", "--config", config, folder], check=True)  # noqa: S603  our own tools
        return {name: (Path(folder) / name).read_text(encoding="utf-8") for name in texts}


if __name__ == "__main__":
    sys.exit(main())
