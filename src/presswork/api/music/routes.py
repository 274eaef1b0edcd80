"""Route of the music catalogue."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, TypeAdapter
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.context import Ctx
from presswork.api.http.auth import PublishRead
from presswork.api.http.body import FromDomain, Out, Text, with_examples
from presswork.api.http.paging import MAX_ROWS, decode_cursor, encode_cursor
from presswork.api.http.responses import respond
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.music.store import MAX_USER_COUNT, TrackPosition, count_tracks, list_tracks, shows_samples

router: Final = APIRouter(tags=["Music"])

_CURSOR: Final = TypeAdapter(tuple[Annotated[int, Field(strict=True, ge=0, le=MAX_USER_COUNT)], UUID])
_TRACK_EXAMPLE: Final[JsonDict] = {
    "id": "8f1d6c3e-4b2a-4a18-9e4f-c2d7a1b0e999",
    "title": "Morning Light",
    "author": "The Bakers",
    "album": "Early Hours",
    "duration": 30.5,
    "previewUrl": "https://example.com/preview.mp3",
    "coverUrl": "https://example.com/cover.jpg",
    "language": "en",
    "userCount": 120000,
    "isCommerceMusic": True,
}


class Track(FromDomain):
    """A track for `tiktokMusic.trackId` of a TikTok target."""

    model_config = with_examples(_TRACK_EXAMPLE)

    id: UUID
    title: str
    author: str | None
    album: str | None
    duration: float | None = Field(validation_alias="duration_seconds", description="Length in seconds.")
    preview_url: str | None
    cover_url: str | None
    language: str | None
    user_count: int = Field(description="Number of videos that use the track.")
    is_commerce_music: bool = Field(description="Whether the track is licensed for commercial use.")


class Catalogue(Out):
    """One page of the catalogue, most used tracks first. `total` is the number of matches on all pages."""

    model_config = with_examples(
        {
            "tracks": [_TRACK_EXAMPLE],
            "total": 812,
            "nextCursor": "WzEyMDAwMCwgIjhmMWQ2YzNlLTRiMmEtNGExOC05ZTRmLWMyZDdhMWIwZTk5OSJd",
        }
    )

    tracks: Sequence[Track]
    total: int
    next_cursor: str | None


@router.get("/v1/tiktok-music", response_model=Catalogue, summary="List TikTok tracks")
async def list_tiktok_music(
    caller: PublishRead,
    context: Ctx,
    q: Annotated[
        Text | None, Query(max_length=200, description="Text to find in title, author or album, ignoring case.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS, description="Maximum number of tracks on a page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`nextCursor` of the previous page.")] = None,
) -> Response:
    """List the catalogue, most used tracks first. The operator fills it with `presswork music import`; until then, test projects
    have a few tracks that exist in the sandbox alone.
    """
    are_samples = await shows_samples(context.pool, caller.environment)
    found = await list_tracks(
        context.pool,
        text=q,
        after=None if cursor is None else _position(cursor),
        limit=limit + 1,
        are_samples=are_samples,
    )
    kept = found[:limit]
    return respond(
        Catalogue(
            tracks=[Track.of(track) for track in kept],
            total=await count_tracks(context.pool, text=q, are_samples=are_samples),
            next_cursor=encode_cursor(kept[-1].user_count, str(kept[-1].id)) if len(found) > limit else None,
        )
    )


def _position(cursor: str) -> TrackPosition:
    """Parse a cursor. Raises Invalid."""
    try:
        return TrackPosition(*decode_cursor(cursor, _CURSOR))
    except ValueError as error:
        problem = "is not from this list. Send nextCursor of a page of it, or request the first page without a cursor."
        raise Invalid([Issue.at("cursor", problem, IssueCode.BAD_CURSOR)]) from error
