"""Routes with signed URLs instead of API keys: serving media, and receiving presigned uploads."""

import re
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from presswork.api.context import Ctx, Now
from presswork.api.media.serve_object import serve_object
from presswork.content.intake import Intake
from presswork.content.receive import Incoming, UploadNotFound, receive, receive_part
from presswork.core.errors import NotFound
from presswork.core.ids import ASSET, parse_id
from presswork.crypto.signed_urls import URLSigner
from presswork.media.links import GRANT_CLAIM, fetch_granted, is_closed, is_preview, named_object
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore, ObjectMissing

router: Final = APIRouter(include_in_schema=False)

_ROBOTS: Final = """\
User-agent: *
Allow: /media/
Disallow: /v1/
Disallow: /sandbox/
"""
_LENGTH: Final = re.compile(r"\d{1,18}", re.ASCII)
_GONE_STATUS: Final = 499
"""Logged if the client closed the connection; no client reads the response."""


class MediaNotFound(NotFound):
    """The link is valid, but its media was deleted, its project was archived, or the link was revoked."""

    sentence = (
        "The media of this link was deleted, its project was archived, or the link was revoked. Request a new link."
    )


async def _asset_id(value: Annotated[str, Path(alias="assetId")]) -> UUID:
    try:
        return parse_id(ASSET, value, is_bare_allowed=True)
    except ValueError as error:
        raise UploadNotFound from error


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def get_robots() -> PlainTextResponse:
    """Allow every crawler to fetch media: platforms fetch posts with theirs, and some read this file first."""
    return PlainTextResponse(_ROBOTS, headers={"Cache-Control": "public, max-age=3600"})


@router.put("/uploads/{assetId}")
async def put_upload(
    request: Request, asset_id: Annotated[UUID, Depends(_asset_id)], context: Ctx, now: Now
) -> Response:
    """Receive one file. It can be uploaded again until its container is finalized."""
    URLSigner("", context.keyring).verify(request.url.path, request.url.query, now=now, method="PUT")
    context.part(
        MediaPool
    ).prepare()  # it starts while the file arrives, and probes it as soon as the content is finalized
    try:
        await receive(context.part(Intake), asset_id, _incoming(request))
    except ClientDisconnect:
        return Response(status_code=_GONE_STATUS)
    return Response(status_code=204)


@router.put("/uploads/{assetId}/parts/{partNumber}")
async def put_upload_part(
    request: Request,
    asset_id: Annotated[UUID, Depends(_asset_id)],
    part_number: Annotated[int, Path(alias="partNumber")],
    context: Ctx,
    now: Now,
) -> Response:
    """Receive one part of a file. It can be uploaded again until its container is finalized."""
    URLSigner("", context.keyring).verify(request.url.path, request.url.query, now=now, method="PUT")
    try:
        await receive_part(context.part(Intake), asset_id, part_number, _incoming(request))
    except ClientDisconnect:
        return Response(status_code=_GONE_STATUS)
    return Response(status_code=204)


def _incoming(request: Request) -> Incoming:
    length = request.headers.get("content-length", "")
    return Incoming(
        content_type=request.headers.get("content-type"),
        length_bytes=int(length) if _LENGTH.fullmatch(length) else None,
        chunks=request.stream(),
    )


@router.api_route("/media/{place:path}", methods=["GET", "HEAD"])
async def get_media(request: Request, place: str, context: Ctx, now: Now) -> Response:
    """Serve stored media to the holder of a signed link, completely or as one range."""
    signed = URLSigner("", context.keyring).verify(request.url.path, request.url.query, now=now, method=request.method)
    named = named_object(place)
    if named is None:
        raise MediaNotFound
    key, content_type = named
    if await is_closed(context.pool, key):
        raise MediaNotFound
    if (grant := signed.claims.get(GRANT_CLAIM)) is not None and await fetch_granted(
        context.pool, UUID(grant), now
    ) != key:
        raise MediaNotFound
    try:
        return await serve_object(
            request,
            context.part(MediaStore),
            key,
            content_type=content_type.value,
            disposition=f'inline; filename="{request.url.path.rpartition("/")[2]}"',
            # The link of a preview stays the same for a day: a browser need not ask whether it changed.
            caching=f"private, max-age={int((signed.expires_at - now).total_seconds())}, immutable"
            if is_preview(key)
            else "private",
        )
    except ObjectMissing as error:
        raise MediaNotFound from error
