"""What a release is made of: one version, pages that work outside the repository, packages with all that they need."""

import re
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, distributions, metadata, requires
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from release import versions
from release.build import CheckFailed, check_wheel
from release.changelog import merge_notes, release_notes, section_of, unreleased_notes

ROOT: Final = Path(__file__).parents[2]
NAMES: Final = ("presswork", "presswork-client", "presswork-sandbox")
BUNDLED: Final = ("presswork-client", "presswork-sandbox")


def test_everything_has_one_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All copies equal the source; writing a version changes each of them, and nothing else of a file."""
    assert versions.differing() == {}
    copies = {}
    for number, (file, pattern) in enumerate({versions.SOURCE: versions._PYTHON, **versions.COPIES}.items()):
        copies[tmp_path / f"{number}-{file.name}"] = pattern
        (tmp_path / f"{number}-{file.name}").write_text(file.read_text())
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    monkeypatch.setattr(versions, "SOURCE", next(iter(copies)))
    monkeypatch.setattr(versions, "COPIES", dict(list(copies.items())[1:]))
    before = [file.read_text() for file in copies]
    old = versions.current()
    versions.write("98.7.6")
    assert (versions.current(), versions.differing()) == ("98.7.6", {})
    versions.write(old)
    assert [file.read_text() for file in copies] == before
    with pytest.raises(ValueError, match="three numbers"):
        versions.write("1.0rc1")


def test_the_pages_on_pypi_are_complete() -> None:
    """Metadata: links, licence, types, and a text whose links and pictures lead somewhere outside the repository."""
    for name in NAMES:
        _check_metadata(metadata(name))


def _check_metadata(found: PackageMetadata) -> None:
    urls = dict(entry.split(", ") for entry in found.get_all("Project-URL") or [])
    assert {"Homepage", "Documentation", "Changelog", "Issues", "Source"} <= set(urls)
    assert (found["License-Expression"], found.get_all("License-File")) == ("Apache-2.0", ["LICENSE"])
    classifiers = found.get_all("Classifier") or []
    assert "Typing :: Typed" in classifiers
    assert [f"Programming Language :: Python :: 3.{minor}" in classifiers for minor in range(11, 15)] == [True] * 4
    assert found["Description-Content-Type"] == "text/markdown"
    links = re.findall(r"\]\(([^)]+)\)", str(found.json["description"]))
    assert links
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    for path in (link.partition("/blob/main/")[2].partition("#")[0] for link in links if "/blob/main/" in link):
        assert (ROOT / path).exists(), path


def test_presswork_requires_what_it_bundles_requires() -> None:
    """Each requirement of the bundled packages is one of Presswork, and none of ours has to be found in an index."""
    needed = {Requirement(text).name: Requirement(text) for text in requires("presswork") or []}
    assert not set(needed) & set(NAMES)
    for name in BUNDLED:
        others = {Requirement(text).name for text in requires(name) or []}
        assert others - set(needed) <= {"starlette"}, name  # which FastAPI requires
    assert "starlette" in {Requirement(text).name for text in requires("fastapi") or []}


def test_the_extra_of_the_sandbox_is_what_only_the_sandbox_needs() -> None:
    """A wheel without the sandbox can do without these: no module of Presswork imports them, and no other package requires them.

    What a package requires for an extra of its own does not count.
    """
    named = [Requirement(text) for text in requires("presswork") or []]
    extra = {one.name for one in named if str(one.marker) == 'extra == "sandbox"'}
    assert extra == {"regex"}
    assert extra <= {one.name for one in named if one.marker is None}
    requirements = {
        other.name: {
            needed.name for text in other.requires or [] if "extra ==" not in str((needed := Requirement(text)).marker)
        }
        for other in distributions()
    }
    assert {name for name, needed in requirements.items() if needed & extra} == {"presswork", "presswork-sandbox"}
    imports = re.compile(rf"^\s*(?:import|from) (?:{'|'.join(extra)})\b", re.MULTILINE)
    assert [file for file in (ROOT / "src").rglob("*.py") if imports.search(file.read_text())] == []
    containerfile = (ROOT / "deploy" / "Containerfile").read_text()
    assert set(re.findall(r"--no-emit-package (\w+)", containerfile)) == extra


def test_the_same_build_requirements() -> None:
    """The three packages are built with the same tools."""
    files = (ROOT / "pyproject.toml", ROOT / "packages/sandbox/pyproject.toml", ROOT / "sdk/python/pyproject.toml")
    builds = [tomllib.loads(file.read_text())["build-system"] for file in files]
    assert builds[1:] == builds[:1] * 2


def files_of_a_wheel() -> Iterator[str]:
    """Yield the files without which a wheel of Presswork is not released."""
    yield "presswork/py.typed"
    yield "presswork-1.dist-info/licenses/LICENSE"
    yield "presswork/console/static/index.html"
    yield "presswork/api/http/error_guide.toml"
    yield "presswork/db/migrations/1_first.sql"
    yield "presswork/_bundled/presswork_client/__init__.py"
    yield "presswork/_bundled/presswork_sandbox/__init__.py"


def test_an_incomplete_wheel_is_not_released(tmp_path: Path) -> None:
    """A wheel without the console, types, licence, error texts, migrations or a bundled package is refused."""
    wheel = tmp_path / "presswork-1-py3-none-any.whl"

    def write(*names: str) -> None:
        with zipfile.ZipFile(wheel, "w") as archive:
            for name in names:
                archive.writestr(name, "")

    files = set(files_of_a_wheel())
    for left_out in files:
        write(*(files - {left_out}))
        with pytest.raises(CheckFailed, match=r"presswork-1.*missing"):
            check_wheel(wheel)
    write(*files)
    check_wheel(wheel)


def test_the_notes_of_a_release_are_its_section() -> None:
    """The section ends where that of the version before begins; a version without one has no notes."""
    changelog = "# Changelog\n\n## 0.2.0 (2027-01-01)\n\n### Added\n\n- New.\n\n## 0.1.0 (2026-11-26)\n\nOld.\n"
    assert section_of("0.2.0", changelog).split() == ["##", "0.2.0", "(2027-01-01)", "###", "Added", "-", "New."]
    assert section_of("0.1.0", changelog).endswith("Old.\n")
    assert section_of("0.3.0", changelog) == ""


def test_a_release_moves_the_unreleased_notes_into_its_section() -> None:
    """Under each heading the notes of changelog.d come first, then those of "Unreleased", which is gone afterwards."""
    begun = "## 0.2.0 (2027-01-01)\n\n### Added\n\n- New.\n\n### Security\n\n- Safe.\n\n\n"
    waiting = "## Unreleased\n\n### Before you upgrade\n\nBack up.\n\n### Added\n\n**Console**\n\n- A calendar.\n\n"
    former = "## 0.1.0 (2026-11-26)\n\nOld.\n"
    released = release_notes("0.2.0", f"# Changelog\n\n{begun}{waiting}{former}")
    notes = "### Before you upgrade\n\nBack up.\n\n### Added\n\n- New.\n\n**Console**\n\n- A calendar.\n\n### Security\n\n- Safe.\n"
    assert section_of("0.2.0", released).strip() == f"## 0.2.0 (2027-01-01)\n\n{notes}".strip()
    assert section_of("0.1.0", released) == former
    assert unreleased_notes(released) == ""
    nothing_else = "## 0.2.0 (2027-01-01)\n\nNo significant changes.\n"
    assert "significant" not in merge_notes(nothing_else, "### Fixed\n\n- It works.\n")
    with pytest.raises(ValueError, match="'Console' is no heading"):
        merge_notes(begun, "### Console\n\n- A calendar.\n")


def test_the_unreleased_notes_of_the_changelog_can_be_released() -> None:
    """All that is under "Unreleased" is below a heading of a release, so that none of it is lost."""
    unreleased = unreleased_notes((ROOT / "CHANGELOG.md").read_text())
    merged = merge_notes("## 9.9.9 (2027-01-01)\n", unreleased)
    assert merged.partition("\n")[2].split() == unreleased.split()


def test_a_note_of_the_changelog_is_no_list() -> None:
    """towncrier makes each note an entry of a list: one that begins with a dash is an entry in an entry."""
    assert [file.name for file in (ROOT / "changelog.d").glob("*.md") if file.read_text().startswith(("-", "*"))] == []
