"""`presswork music`: the catalogue of TikTok tracks."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from presswork.cli.actor import here
from presswork.cli.database import with_database
from presswork.cli.options import AsJSON, DataDir
from presswork.cli.output import console, plain_refusals, print_json, print_table
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.clock import SystemClock
from presswork.core.errors import NotFound
from presswork.db.pool import Connection
from presswork.music.import_tracks import Report, import_tracks
from presswork.music.model import Track
from presswork.music.store import count_tracks, list_tracks

app: Final = typer.Typer(add_completion=False, no_args_is_help=True, help="Fill and list the TikTok music catalogue.")

_FAULTS_SHOWN: Final = 20


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON array of tracks, or CSV; UTF-8.")],
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """Write a file's tracks into the catalogue, in place of those with the same id.

    A line or element that is no track is told, and the others are taken all the same. Status 1 if there was one.
    """

    with plain_refusals(as_json=as_json), _opened(file) as source:

        async def work(connection: Connection) -> Report:
            return await import_tracks(connection, source, SystemClock().now(), by=here())

        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        report = with_database(settings, work)
    if as_json:
        print_json(_as_json(report))
    else:
        _tell(report)
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


def _tell(report: Report) -> None:
    said = console()
    said.print(f"{report.added:,} added, {report.updated:,} updated.", markup=False)
    if report.repeated:
        said.print(f"{report.repeated:,} came twice; the last one of each was taken.", markup=False)
    if report.ignored:
        said.print(f"Not used: {', '.join(report.ignored)}.", markup=False)
    wrong = console(sys.stderr)
    for fault in report.faults[:_FAULTS_SHOWN]:
        wrong.print(f"{report.unit} {fault.place}: {fault.reason}", markup=False)
    if report.bad > _FAULTS_SHOWN:
        wrong.print(f"… and {report.bad - _FAULTS_SHOWN:,} more; --json tells them.", markup=False)
    if report.bad:
        wrong.print(f"{report.bad:,} not taken. Mend them and import the file again.", markup=False)


@app.command("list")
def list_all(
    q: Annotated[
        str | None, typer.Option("--q", metavar="TEXT", help="Only with this in title, author or album.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 50,
    data_dir: DataDir = None,
    as_json: AsJSON = False,
) -> None:
    """List the catalogue, most used tracks first."""

    async def work(connection: Connection) -> tuple[Sequence[Track], int]:
        return (
            await list_tracks(connection, text=q, after=None, limit=limit),
            await count_tracks(connection, text=q),
        )

    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        tracks, total = with_database(settings, work)
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
        empty="There are no such tracks; `presswork music import FILE` fills the catalogue.",
    )
    if len(tracks) < total:
        console().print(f"{len(tracks):,} of {total:,}; --limit shows more.", markup=False)


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
