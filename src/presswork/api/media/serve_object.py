"""Serve an object of the media store over HTTP: as a whole or as one range, in chunks."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from presswork.api.http.envelope import error_body, error_links_of, request_id_of
from presswork.core.errors import Code
from presswork.media.store import MediaStore, StoredObject

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


async def serve_object(
    request: Request, store: MediaStore, key: str, *, content_type: str, disposition: str, caching: str = "private"
) -> Response:
    """Return an object, or a range of it. `disposition` and `caching` are values of headers. Raises ObjectMissing."""
    stored = await store.head(key)
    etag = _etag(stored)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": caching,
        "Content-Disposition": disposition,
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }
    if _matches_etag(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    wanted = _range_of(request, etag, stored.size_bytes)
    start, end = wanted if wanted is not None else (0, stored.size_bytes)
    if start >= end:
        return _not_satisfiable(request, stored.size_bytes, headers)
    headers |= {"Content-Type": content_type, "Content-Length": str(end - start)}
    status = 200
    if wanted is not None:
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size_bytes}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    reading = await store.read(key, start=start, end=None if end == stored.size_bytes else end)
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
