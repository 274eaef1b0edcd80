"""`presswork review-kit`: write what the review of an app asks for into a folder."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from presswork.apps.platform_apps import AppToCheck
from presswork.cli.administration import on_settings, read_id
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.doctor.installation import with_customers_app, with_stored_apps
from presswork.cli.options import option
from presswork.core.errors import Code, Invalid, Issue, PressworkError
from presswork.core.ids import PLATFORM_APP
from presswork.doctor.review_kit import KitApp, review_kit
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms, logins_of_app
from presswork.platforms.settings import Settings

commands: Final = Commands(on_settings)


class NotWritable(PressworkError):
    """The folder can't be written, or has files that are not the kit's."""

    code: ClassVar[Code] = Code.VALIDATION


@commands.command("review-kit")
def main(
    settings: Settings,
    out: Path = option("--out DIR", "Folder to write to; it must be new or empty.", ...),
    platform: list[LoginName] | None = option(
        "--platform", "Only this app, such as instagram or youtube. Repeat for several."
    ),
    app: str | None = option("--app APP", "For the review of this platform app of a customer, app_…."),
    force: bool = option("--force", "Replace the files of an earlier kit in the folder.", False),
) -> Output:
    """Write a folder for the review of your apps: addresses, texts for the form, a script for the recording, a checklist.

    It reads the settings of this machine, and with --app the app from the database. `presswork doctor` verifies the first part of the checklist.
    """
    if app is not None and platform:
        raise Invalid([Issue.at("app", "app decides about the platform. Leave --platform out.", "conflicting_options")])
    found: AppToCheck | None = None
    if app is None:
        settings = asyncio.run(with_stored_apps(settings))
    else:
        settings, found = asyncio.run(with_customers_app(settings, read_id(PLATFORM_APP, app, "app")))
    platforms = Platforms(settings, base_url=settings.public_url or "")
    logins = list(dict.fromkeys(platform or LoginName)) if found is None else logins_of_app(found.login)
    files = review_kit(settings, platforms, logins, app=None if found is None else KitApp.of(found, settings))
    _write_files(out, files, is_forced=force)
    return sentences(
        {"folder": str(out), "files": sorted(files)},
        f"Wrote {len(files)} files to {out}. Begin with {out / 'README.md'}.",
    )


def _write_files(folder: Path, files: Mapping[str, str], *, is_forced: bool) -> None:
    """Write the files. Raises NotWritable."""
    try:
        if folder.exists() and any(folder.iterdir()) and not is_forced:
            raise NotWritable(f"{folder} is not empty. Name another folder, or replace an earlier kit with --force.")
        for name, text in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NotWritable(
            f"{folder} can't be written: {error.strerror}. Name a folder that you may write to."
        ) from error
