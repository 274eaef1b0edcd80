"""`python -m release build`: everything that a release uploads, in dist/. `python -m release version 0.2.0`: write a version."""

import sys
from typing import Annotated

import typer

from release import build, changelog, versions
from release import image as images

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@app.command()
def version(new: Annotated[str, typer.Argument(help="Three numbers, such as 0.2.0.")]) -> None:
    """Write a version everywhere, move the unreleased notes to its section of CHANGELOG.md, and generate the clients again."""
    try:
        versions.write(new)
    except ValueError as refusal:
        sys.exit(str(refusal))
    build.run(build.PYTHON, "-m", "towncrier", "build", "--yes", "--version", new)
    notes = versions.ROOT / "CHANGELOG.md"
    notes.write_text(changelog.release_notes(new, notes.read_text(encoding="utf-8")), encoding="utf-8")
    build.run(build.PYTHON, "-m", "generator", folder=versions.ROOT / "sdk")
    typer.echo(f"Version {new}. Read the changes, commit them, and run `make release`.")


@app.command(name="build")
def build_release(
    allow_changes: Annotated[bool, typer.Option(help="Build although the work tree has uncommitted changes.")] = False,
) -> None:
    """Build, check and list everything that a release uploads. Uploads nothing."""
    if differing := versions.differing():
        sys.exit(f"Not {versions.current()}: {differing}. Run `make version VERSION={versions.current()}`.")
    if not allow_changes and build.changed_files():
        sys.exit("The work tree has uncommitted changes. Commit them, or add CHANGES=--allow-changes for a trial.")
    release = build.Release(version=versions.current(), folder=versions.ROOT / "dist")
    release.make()
    typer.echo(release.plan())


@app.command()
def image(
    base: Annotated[
        str, typer.Option(help="`python` (from an image registry) or `debian` (from Debian's packages).")
    ] = "python",
) -> None:
    """Build the container image, and write it to dist/."""
    if base not in {"python", "debian"}:
        raise typer.BadParameter(f"{base} is no base. Use python or debian.")
    archive = versions.ROOT / "dist" / f"presswork-{versions.current()}-image.tar"
    typer.echo(images.build_image(base=base, archive=archive))


if __name__ == "__main__":
    app()
