"""Routes with signed URLs instead of API keys: serving media, and receiving presigned uploads."""

import re
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.envelope import error_body, error_links_of, request_id_of
from presswork.content.intake import Intake
from presswork.content.receive import Incoming, UploadNotFound, receive, receive_part
from presswork.core.errors import Code, NotFound
from presswork.core.ids import ASSET, parse_id
from presswork.crypto.signed_urls import URLSigner
from presswork.media.links import GRANT_CLAIM, fetch_granted, is_closed, is_preview, named_object
from presswork.media.model import ContentType
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore, ObjectMissing, StoredObject

router: Final = APIRouter(include_in_schema=False)

_ROBOTS: Final = """\
User-agent: *
Allow: /media/
Disallow: /v1/
Disallow: /sandbox/
"""
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)
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
        return await _serve(request, context, key, content_type, cached_for=signed.expires_at - now)
    except ObjectMissing as error:
        raise MediaNotFound from error


async def _serve(
    request: Request, context: Context, key: str, content_type: ContentType, *, cached_for: timedelta
) -> Response:
    stored = await context.part(MediaStore).head(key)
    etag = _etag(stored)
    headers = {
        "Accept-Ranges": "bytes",
        # The link of a preview stays the same for a day: a browser need not ask whether it changed.
        "Cache-Control": f"private, max-age={int(cached_for.total_seconds())}, immutable"
        if is_preview(key)
        else "private",
        "Content-Disposition": f'inline; filename="{request.url.path.rpartition("/")[2]}"',
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }
    if _matches_etag(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    wanted = _range_of(request, etag, stored.size_bytes)
    start, end = wanted if wanted is not None else (0, stored.size_bytes)
    if start >= end:
        return _not_satisfiable(request, stored.size_bytes, headers)
    headers |= {"Content-Type": content_type.value, "Content-Length": str(end - start)}
    status = 200
    if wanted is not None:
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size_bytes}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    reading = await context.part(MediaStore).read(key, start=start, end=None if end == stored.size_bytes else end)
    return StreamingResponse(reading.chunks(), status_code=status, headers=headers)


def _etag(stored: StoredObject) -> str:
    """Return a strong ETag: the object of a key never changes."""
    return f'"{sha256(f"{stored.key} {stored.size_bytes}".encode()).hexdigest()[:32]}"'


def _matches_etag(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header contains this ETag."""
    return header is not None and etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _range_of(request: Request, etag: str, size_bytes: int) -> tuple[int, int] | None:
    """Return the requested range as (first byte, byte after the last), or None to send the complete file.

    For a range outside the object, the first is not below the second. Several ranges, other units and an If-Range that
    does not match return None, as RFC 9110, sections 13.1.5 and 14.2, allows.
    """
    match = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if match is None or request.headers.get("if-range", etag) != etag:
        return None
    first, last = match[1], match[2]
    if first and last and int(first) > int(last):
        return None
    if first:
        return int(first), min(size_bytes, int(last) + 1) if last else size_bytes
    if last:
        return (max(0, size_bytes - int(last)), size_bytes) if int(last) else (size_bytes, size_bytes)
    return None


def _not_satisfiable(request: Request, size_bytes: int, headers: Mapping[str, str]) -> Response:
    """Return 416 in the error envelope with the code VALIDATION: there is no specific code for it."""
    body = error_body(
        Code.VALIDATION,
        f"The range is outside the file, which has {size_bytes} bytes. Request bytes within it.",
        request_id_of(request),
        {"sizeBytes": size_bytes},
        links=error_links_of(request),
    )
    request.scope["state"]["error_code"] = Code.VALIDATION.value
    kept = {**headers, "Content-Range": f"bytes */{size_bytes}"}
    return Response(body, status_code=416, media_type="application/json", headers=kept)
