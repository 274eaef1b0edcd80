"""`presswork music`: import and list the catalogue of TikTok tracks."""

import io
import sys
from pathlib import Path
from typing import Final

from presswork.cli.administration import Admin, on_database
from presswork.cli.command import Commands, Output, table_of_rows
from presswork.cli.options import argument, option
from presswork.cli.output import console
from presswork.core.errors import NotFound
from presswork.music.import_tracks import Report, import_tracks
from presswork.music.model import Track
from presswork.music.store import count_tracks, list_tracks

commands: Final = Commands(on_database, "Import and list the TikTok music catalogue.")

_MAX_ERRORS: Final = 20
_COLUMNS: Final = ("id", "title", "author", "duration", "userCount", "isCommerceMusic", "link")
"""What of a track's JSON object the table shows."""


@commands.command("import")
async def import_file(
    admin: Admin, file: Path = argument("FILE", "A JSON array of tracks, or a CSV file, in UTF-8.", ...)
) -> Output:
    """Import the tracks of a file; a track with the same id is replaced.

    An invalid line or element is reported and skipped; the exit status is 1 if there is one.
    """
    with _open_file(file) as source:
        report = await import_tracks(admin.connection, source, admin.now, by=admin.by)
    document = {
        "added": report.added,
        "updated": report.updated,
        "repeated": report.repeated,
        "bad": report.bad,
        "errors": [{report.unit: fault.place, "reason": fault.reason} for fault in report.faults],
        "ignoredNames": list(report.ignored),
    }
    return Output(document=document, show=lambda **_: _print_report(report), status=1 if report.bad else 0)


def _open_file(file: Path) -> io.BufferedReader:
    try:
        return file.open("rb")
    except OSError as error:
        raise NotFound(f"{file} can't be read: {error.strerror or error}.") from error


def _print_report(report: Report) -> None:
    out = console()
    out.print(f"{report.added:,} added, {report.updated:,} updated.", markup=False)
    if report.repeated:
        out.print(f"{report.repeated:,} repeated; the last one of each was used.", markup=False)
    if report.ignored:
        out.print(f"Ignored fields: {', '.join(report.ignored)}.", markup=False)
    errors = console(sys.stderr)
    for fault in report.faults[:_MAX_ERRORS]:
        errors.print(f"{report.unit} {fault.place}: {fault.reason}", markup=False)
    if report.bad > _MAX_ERRORS:
        errors.print(f"… and {report.bad - _MAX_ERRORS:,} more; --json lists all.", markup=False)
    if report.bad:
        errors.print(f"{report.bad:,} skipped. Correct them and import the file again.", markup=False)


@commands.listing("list")
async def list_all(
    admin: Admin,
    q: str | None = option("--q TEXT", "Show tracks with this text in title, author or album."),
    limit: int = option("--limit N", "Maximum number of tracks.", 50, min=1, max=10_000),
) -> Output:
    """List the catalogue, most used tracks first."""
    tracks = await list_tracks(admin.connection, text=q, after=None, limit=limit)
    total = await count_tracks(admin.connection, text=q)
    items = [_describe_track(track) for track in tracks]
    return table_of_rows(
        ("track", "title", "author", "seconds", "used", "commercial", "link"),
        [[item[name] for name in _COLUMNS] for item in items],
        document={"items": items, "total": total},
        empty="There are no such tracks. Import some with `presswork music import FILE`.",
        drop=("commercial", "used", "seconds", "author"),
        cut=("title", "author"),
        below=("link",),
        notes=[f"{len(tracks):,} of {total:,} tracks; use --limit to show more."] if len(tracks) < total else [],
    )


def _describe_track(track: Track) -> dict[str, object]:
    return {
        "id": str(track.id),
        "title": track.title,
        "author": track.author,
        "album": track.album,
        "duration": track.duration_seconds,
        "previewUrl": track.preview_url,
        "coverUrl": track.cover_url,
        "language": track.language,
        "userCount": track.user_count,
        "isCommerceMusic": track.is_commerce_music,
        "link": track.link,
    }
