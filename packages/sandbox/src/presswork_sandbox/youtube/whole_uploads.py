"""Uploads in one request, without a session: `uploadType=media`, and `multipart` with the video's parts before its bytes.

Source: Google, "Upload media" of the API client libraries, read 2026-11. Clients end the lines between the parts with CRLF or LF.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect, Request

from presswork_sandbox.wire import BODY_LIMIT_BYTES, BadBody, JSONValue, decode_object
from presswork_sandbox.youtube.errors import YouTubeRefusal

KINDS: Final = frozenset({"media", "multipart"})
COPY_BYTES: Final = 1024 * 1024
TAIL_BYTES: Final = 1024  # what can follow the video: the last boundary, which has 70 characters at most
BOUNDARY: Final = re.compile(r'boundary="?([^";,\s]{1,70})"?')
BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeUpload:
    """What one request brought: the parts of a video, the content type of its bytes, and where these are in a file."""

    body: Mapping[str, JSONValue]
    content_type: str
    first: int
    end: int


async def spool(request: Request, path: Path) -> None:
    """Write the body of a request to a file. Raises YouTubeRefusal where it breaks off."""
    with path.open("wb") as file:
        try:
            async for part in request.stream():
                file.write(part)
        except ClientDisconnect as gone:
            raise YouTubeRefusal("backendError") from gone


def read_whole(request: Request, path: Path) -> WholeUpload:
    """Read what `spool` wrote. Raises YouTubeRefusal for a body that can't be read, or that has no video."""
    content_type, size = request.headers.get("content-type", ""), path.stat().st_size
    if request.query_params.get("uploadType") == "media":
        return WholeUpload(body={}, content_type=content_type, first=0, end=size)
    match = BOUNDARY.search(content_type)
    if match is None or not content_type.lower().startswith("multipart/"):
        raise _build_unreadable()
    boundary = b"--" + match.group(1).encode()
    with path.open("rb") as file:
        head = file.read(BODY_LIMIT_BYTES)
        file.seek(max(0, size - TAIL_BYTES))
        tail_start, tail = file.tell(), file.read()
    text, media_headers, first = _split_head(head, boundary)
    last = tail.rfind(boundary + b"--")
    end = tail_start + last - (2 if tail[last - 2 : last] == b"\r\n" else 1)
    if last < 0 or end < first:
        raise _build_unreadable()
    try:
        body = decode_object(text)
    except BadBody as bad:
        raise _build_unreadable() from bad
    named = re.search(rb"(?im)^content-type:\s*([^\s;]+)", media_headers)
    kind = "application/octet-stream" if named is None else named.group(1).decode("latin-1")
    return WholeUpload(body=body, content_type=kind, first=first, end=end)


def _split_head(head: bytes, boundary: bytes) -> tuple[bytes, bytes, int]:
    """Return the JSON of the first part, the headers of the second one, and where its content begins."""
    between = re.compile(rb"\r?\n" + re.escape(boundary) + rb"[ \t]*\r?\n")
    blank = BLANK_LINE.search(head)
    middle = None if blank is None else between.search(head, blank.end())
    second_blank = None if middle is None else BLANK_LINE.search(head, middle.end() - 2)
    if blank is None or middle is None or second_blank is None or not head.lstrip().startswith(boundary):
        raise _build_unreadable()
    return head[blank.end() : middle.start()], head[middle.end() : second_blank.start()], second_blank.end()


def copy_part(source: Path, target: Path, upload: WholeUpload) -> None:
    """Copy the bytes of the video to a file of their own."""
    with source.open("rb") as file, target.open("wb") as out:
        file.seek(upload.first)
        left = upload.end - upload.first
        while left and (part := file.read(min(left, COPY_BYTES))):
            out.write(part)
            left -= len(part)


def _build_unreadable() -> YouTubeRefusal:
    return YouTubeRefusal("badRequest", "Malformed multipart body.")
