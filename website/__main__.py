"""Build the documentation site into site/; run `python -m website`, or `make docs`.

A link without a target, a page without a link to it, a warning of the site generator, or anything that a page would load
from another host ends it with status 1. With --tables it only writes the tables of error codes in docs/.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from presswork.api.app import openapi_document
from website import api_reference, checks, error_pages, llms, sdk_references
from website.pages import DOCS, ROOT, BrokenLink, Page, navigation, staged

SITE: Final = ROOT / "site"
_WORK: Final = ROOT / "build" / "website"
_SHIM: Final = "https://unpkg.com/iframe-worker/shim"
"""What the generator's search loads to work from file://; the site has a copy."""
_SHIM_COPY: Final = "assets/iframe-worker.js"
_HERE: Final = Path(__file__).resolve().parent
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_ICON: Final = ROOT / "src" / "presswork" / "api" / "http" / "assets" / "favicon.svg"


def write_tables() -> None:
    """Write the tables of error codes in docs/."""
    for name, text in error_pages.tables().items():
        (DOCS / name).write_text(text, encoding="utf-8")


def all_pages() -> tuple[Sequence[Page], Mapping[str, Path]]:
    """Return every page of the site, and the other files by their path in it. Raises BrokenLink."""
    documents, files = staged(sdk_references.headings())
    openapi = openapi_document()
    reference, calls = api_reference.write(openapi)
    return [*documents, *sdk_references.pages(openapi), *reference, *error_pages.write(calls)], files


def build(site: Path = SITE, work: Path = _WORK) -> Sequence[str]:
    """Build the site in the folder `site` and return its problems. `work` is a folder for intermediate files."""
    pages, files = all_pages()
    source = work / "docs"
    shutil.rmtree(work, ignore_errors=True)
    for page in pages:
        _write(source / page.path, page.text)
    assets = {"assets/icon.svg": _ICON, "assets/site.css": _HERE / "site.css", _SHIM_COPY: _HERE / "iframe-worker.js"}
    for place, file in {**files, **assets}.items():
        (source / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, source / place)
    configuration = (_HERE / "zensical.toml").read_text(encoding="utf-8")
    _write(work / "zensical.toml", configuration.replace("nav = []", f"nav = {navigation(pages)}"))
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", str(work / "zensical.toml")]
    done = subprocess.run(  # noqa: S603  a fixed command
        command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=work
    )
    if done.returncode != 0:
        return [_COLOUR.sub("", done.stdout)]
    for path in (work / "site").rglob("*.html"):
        up = "../" * (len(path.relative_to(work / "site").parts) - 1)
        _write(path, path.read_text(encoding="utf-8").replace(_SHIM, f"{up}{_SHIM_COPY}"))
    for page in pages:
        _write(work / "site" / page.path, page.text)
    _write(work / "site" / "llms.txt", llms.index(pages))
    _write(work / "site" / "llms-full.txt", llms.full(pages))
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(work / "site", site)
    return checks.problems(site)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    """Build the site and print its problems."""
    parser = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    parser.add_argument("--tables", action="store_true", help="only write the tables of error codes in docs/")
    is_tables_only = parser.parse_args().tables
    write_tables()
    if is_tables_only:
        return 0
    try:
        found = build()
    except BrokenLink as error:
        found = [str(error)]
    sys.stdout.write("".join(f"{line}\n" for line in found) or f"The site is in {SITE}: open {SITE / 'index.html'}.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
