"""`presswork music`: import and list the catalogue of TikTok tracks."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from presswork.cli.actor import here
from presswork.cli.database import run_on_database
from presswork.cli.options import AsJSON, DataDir, Wide
from presswork.cli.output import console, plain_refusals, print_json, print_table, say
from presswork.cli.table import Layout
from presswork.core.clock import SystemClock
from presswork.core.errors import NotFound
from presswork.core.settings import Settings
from presswork.db.pool import Connection
from presswork.music.import_tracks import Report, import_tracks
from presswork.music.model import Track
from presswork.music.store import count_tracks, list_tracks

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Import and list the TikTok music catalogue.")

_ERRORS_SHOWN: Final = 20


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON array of tracks, or a CSV file, in UTF-8.")],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Import the tracks of a file; a track with the same id is replaced.

    An invalid line or element is reported and skipped; the exit status is 1 if there is one.
    """
    with plain_refusals(as_json=as_json), _opened(file) as source:
        report = run_on_database(
            lambda connection, _: import_tracks(connection, source, SystemClock().now(), by=here()),
            data_dir=data_dir,
            as_json=as_json,
        )
    if as_json:
        print_json(_as_json(report))
    else:
        _print_report(report)
    if report.bad:
        raise typer.Exit(1)


def _opened(file: Path) -> io.BufferedReader:
    try:
        return file.open("rb")
    except OSError as error:
        raise NotFound(f"{file} can't be read: {error.strerror or error}.") from error


def _as_json(report: Report) -> dict[str, object]:
    return {
        "added": report.added,
        "updated": report.updated,
        "repeated": report.repeated,
        "bad": report.bad,
        "errors": [{report.unit: fault.place, "reason": fault.reason} for fault in report.faults],
        "ignoredNames": list(report.ignored),
    }


def _print_report(report: Report) -> None:
    out = console()
    out.print(f"{report.added:,} added, {report.updated:,} updated.", markup=False)
    if report.repeated:
        out.print(f"{report.repeated:,} repeated; the last one of each was used.", markup=False)
    if report.ignored:
        out.print(f"Ignored fields: {', '.join(report.ignored)}.", markup=False)
    errors = console(sys.stderr)
    for fault in report.faults[:_ERRORS_SHOWN]:
        errors.print(f"{report.unit} {fault.place}: {fault.reason}", markup=False)
    if report.bad > _ERRORS_SHOWN:
        errors.print(f"… and {report.bad - _ERRORS_SHOWN:,} more; --json lists all.", markup=False)
    if report.bad:
        errors.print(f"{report.bad:,} skipped. Correct them and import the file again.", markup=False)


@app.command("list")
def list_all(
    q: Annotated[
        str | None, typer.Option("--q", metavar="TEXT", help="Show tracks with this text in title, author or album.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="Maximum number of tracks.")
    ] = 50,
    wide: Wide = False,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List the catalogue, most used tracks first."""

    async def work(connection: Connection, _: Settings) -> tuple[Sequence[Track], int]:
        return (
            await list_tracks(connection, text=q, after=None, limit=limit),
            await count_tracks(connection, text=q),
        )

    tracks, total = run_on_database(work, data_dir=data_dir, as_json=as_json)
    if as_json:
        print_json({"items": [_track_as_json(track) for track in tracks], "total": total})
        return
    print_table(
        ("track", "title", "author", "seconds", "used", "commercial", "link"),
        [
            (
                track.id,
                track.title,
                track.author,
                track.duration_seconds,
                track.user_count,
                track.is_commerce_music,
                track.link,
            )
            for track in tracks
        ],
        empty="There are no such tracks. Import some with `presswork music import FILE`.",
        layout=Layout(drop=("commercial", "used", "seconds", "author"), cut=("title", "author"), below=("link",)),
        wide=wide,
    )
    if len(tracks) < total:
        say(f"{len(tracks):,} of {total:,} tracks; use --limit to show more.")


def _track_as_json(track: Track) -> dict[str, object]:
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
