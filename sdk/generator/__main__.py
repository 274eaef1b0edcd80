"""Generate the SDKs, the apps for Zapier and Make, and what forms repeat from the API; run `python -m generator` in sdk/.

The references of the SDKs are pages of the documentation site.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from generator import apps, forms, python, typescript
from generator.openapi import read
from presswork.api.app import openapi_document

HERE: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = HERE / "python" / "src" / "presswork_client"
TYPESCRIPT: Final = HERE / "typescript" / "src"
CONSOLE: Final = HERE.parent / "console" / "src"
INTEGRATIONS: Final = HERE.parent / "integrations"
N8N: Final = INTEGRATIONS / "n8n" / "nodes" / "Presswork"


def files() -> Mapping[Path, str]:
    """Return the text of every generated file."""
    document = openapi_document()
    api = read(document)
    return {
        **{PYTHON / name: text for name, text in _formatted(python.write(api)).items()},
        **{TYPESCRIPT / name: text for name, text in typescript.write(api).items()},
        CONSOLE / "platforms" / "names.ts": forms.write_names(with_icons=True),
        CONSOLE / "api" / "maxima.ts": forms.write_maxima(),
        N8N / "names.ts": forms.write_names(with_icons=False),
        **{INTEGRATIONS / name: text for name, text in apps.write(document).items()},
        HERE.parent / "tests" / "console" / "platforms.json": forms.write_platforms(),
    }


def out_of_date() -> list[Path]:
    """Return the generated files whose text differs from what would be generated now."""
    return [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main() -> int:
    """Write the files, or with --check return 1 if one is out of date."""
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="list the files that are out of date and exit with 1, without writing"
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
    """Format Python modules as the project does."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        config = str(HERE.parent / "pyproject.toml")
        ruff = [sys.executable, "-m", "ruff"]
        for step in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
            subprocess.run([*ruff, *step, "--no-cache", "--config", config, folder], check=True)  # noqa: S603  a fixed command
        return {name: (Path(folder) / name).read_text(encoding="utf-8") for name in texts}


if __name__ == "__main__":
    sys.exit(main())
