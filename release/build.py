"""Build the packages of a release, check them, and say what is to be uploaded."""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from release.changelog import merge_notes, section_of, unreleased_notes
from release.versions import ROOT

PYTHON: Final = sys.executable
CONSTRAINTS: Final = ROOT / "build" / "build-requirements.txt"
UV: Final = str(Path(sys.executable).with_name("uv"))
TYPESCRIPT: Final = ROOT / "sdk" / "typescript"
CONSOLE: Final = ROOT / "console"
RELEASE: Final = ROOT / "release"
SUMS: Final = "SHA256SUMS"
# In the order of their upload.
DISTRIBUTIONS: Final = ("presswork_client", "presswork_sandbox", "presswork")


class CheckFailed(Exception):
    """A package is not fit for a release."""


def run(*command: str, folder: Path = ROOT) -> str:
    """Run a command and return what it prints. Exits with its output if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  our own commands
    if done.returncode:
        sys.exit(f"`{' '.join(command)}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def locked_build() -> tuple[str, ...]:
    """Return the options with which uv builds with the tools of uv.lock alone, each checked by its hash."""
    CONSTRAINTS.parent.mkdir(exist_ok=True)
    export = ("export", "--frozen", "--quiet", "--only-group", "build", "--no-emit-workspace")
    run(UV, *export, "--output-file", str(CONSTRAINTS))
    return "--build-constraints", str(CONSTRAINTS), "--require-hashes"


def changed_files() -> str:
    """Return the files that differ from the last commit, as git lists them."""
    return run("git", "status", "--porcelain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The files of one release, in one folder, which is emptied first."""

    version: str
    folder: Path

    def make(self) -> None:
        """Build and check everything. Exits where a command fails; raises CheckFailed for a package that is not fit."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._build_python()
        self._build_typescript()
        self._write_boms()
        self._write_notes()
        self._write_sums()

    def plan(self) -> str:
        """Return what is in the folder, and the commands that would upload it."""
        lines = [f"Presswork {self.version} in {self.folder}:"]
        lines += [f"  {file.stat().st_size / 1e6:6.2f} MB  {file.name}" for file in sorted(self.folder.iterdir())]
        lines += [
            "",
            "Nothing was uploaded. To release it:",
            f"  git tag --sign v{self.version} && git push origin v{self.version}",
            "On GitHub, .github/workflows/release.yml then builds it again and publishes it. Elsewhere:",
            *(
                f"  twine upload dist/{name}-{self.version}-*.whl dist/{name}-{self.version}.tar.gz"
                for name in DISTRIBUTIONS
            ),
            f"  npm publish dist/{self._npm_package}",
            f"  attach {SUMS}, the two *.cdx.json and RELEASE_NOTES.md to the tag's release",
            "  `make image` builds the container image from these wheels",
        ]
        return "\n".join(lines)

    @property
    def _npm_package(self) -> str:
        return f"presswork-client-{self.version}.tgz"

    def _build_python(self) -> None:
        """Build each sdist, and each wheel from its sdist, so that a wheel needs what its sdist has and no more."""
        run(PYTHON, "console/build.py")
        run(UV, "build", "--all-packages", "--python", PYTHON, *locked_build(), "--out-dir", str(self.folder))
        (self.folder / ".gitignore").unlink(missing_ok=True)
        wheels = sorted(self.folder.glob("*.whl"))
        run(PYTHON, "-m", "twine", "check", "--strict", *map(str, self.folder.iterdir()))
        if len(wheels) != len(DISTRIBUTIONS):
            raise CheckFailed(f"expected {len(DISTRIBUTIONS)} wheels, not {[wheel.name for wheel in wheels]}")
        for wheel in wheels:
            check_wheel(wheel)

    def _build_typescript(self) -> None:
        run("npm", "ci", "--no-audit", "--no-fund", "--silent", folder=TYPESCRIPT)
        run("npm", "run", "--silent", "build", folder=TYPESCRIPT)
        run("npm", "pack", "--silent", "--pack-destination", str(self.folder), folder=TYPESCRIPT)
        package = self.folder / self._npm_package
        check_npm_package(package)
        run("npm", "ci", "--no-audit", "--no-fund", "--silent", folder=RELEASE)
        bin_folder = RELEASE / "node_modules" / ".bin"
        run(str(bin_folder / "publint"), "--strict", str(package))
        run(str(bin_folder / "attw"), str(package))

    def _write_boms(self) -> None:
        """Write what the server needs (from uv.lock) and what the console contains (from its lock file), as CycloneDX."""
        flags = ("--frozen", "--preview", "--quiet", "--no-dev", "--all-extras", "--package", "presswork")
        python = json.loads(run(UV, "export", *flags, "--format", "cyclonedx1.5"))
        component = python["metadata"]["component"]
        component |= {"version": self.version, "purl": f"pkg:pypi/presswork@{self.version}"}
        self._write_json(f"presswork-{self.version}.cdx.json", python)
        npm = ("npm", "sbom", "--omit", "dev", "--package-lock-only", "--sbom-format", "cyclonedx")
        console = json.loads(run(*npm, folder=CONSOLE))
        console["metadata"]["component"]["version"] = self.version
        self._write_json(f"presswork-console-{self.version}.cdx.json", console)

    def _write_json(self, name: str, document: object) -> None:
        (self.folder / name).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

    def _write_notes(self) -> None:
        """Write the section of the changelog: the notes that `make version` has moved, or those that it would move."""
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        notes = section_of(self.version, changelog)
        unreleased = unreleased_notes(changelog)
        if unreleased or any((ROOT / "changelog.d").glob("*.md")):
            notes = run(PYTHON, "-m", "towncrier", "build", "--draft", "--version", self.version)
            notes = merge_notes(notes, unreleased)
        if not notes.strip():
            raise CheckFailed(f"CHANGELOG.md has no section for {self.version}, and changelog.d has no notes")
        (self.folder / "RELEASE_NOTES.md").write_text(notes, encoding="utf-8")

    def _write_sums(self) -> None:
        files = sorted(self.folder.iterdir())
        sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
        (self.folder / SUMS).write_text("".join(sums), encoding="utf-8")


def check_wheel(wheel: Path) -> None:
    """Raise CheckFailed for a wheel without types, licence or what it needs at run time."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    name = wheel.name.partition("-")[0]
    needed = [f"{name}/py.typed", "/licenses/LICENSE"]
    if name == "presswork":
        needed += [
            "presswork/console/static/index.html",
            "presswork/api/http/error_guide.toml",
            "presswork/db/migrations/",
            "presswork/_bundled/presswork_client/__init__.py",
            "presswork/_bundled/presswork_sandbox/__init__.py",
        ]
    missing = [part for part in needed if not any(part in entry for entry in names)]
    strange = [entry for entry in names if not entry.startswith((f"{name}/", f"{name}-"))]
    if missing or strange:
        raise CheckFailed(f"{wheel.name}: missing {missing}, not ours {strange}")


def check_npm_package(package: Path) -> None:
    """Raise CheckFailed for an npm package with other files than its build, its readme and its licence."""
    with tarfile.open(package) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
    strange = sorted(name for name in names if not name.startswith("dist/"))
    if strange != ["LICENSE", "README.md", "package.json"]:
        raise CheckFailed(f"{package.name}: contains {strange} besides dist/")
