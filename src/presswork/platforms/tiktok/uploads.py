"""Sends one range of a video to an upload URL: one PUT, and the meaning of its response."""

from enum import Enum
from typing import Final

from presswork.platforms.port import MediaFile, RetryPolicy
from presswork.platforms.tiktok.chunks import ByteRange
from presswork.platforms.tiktok.progress import Upload
from presswork.platforms.transport import CallFailed, Transport

STEP: Final = "upload"


class Put(Enum):
    """TikTok's response to one PUT. Source: TikTok, "Media Transfer Guide" (upload responses), read 2026-11."""

    STORED = "206: stored, more to come"
    COMPLETE = "201: all bytes have arrived, TikTok starts posting"
    NOT_SENT = "no connection was made"
    FAULT = "5xx or no response: the same range may be sent again"
    OUT_OF_STEP = "416, or an unexpected response: TikTok has a different byte count"
    GONE = "403 or 404: the address has expired or the task is unknown"
    THROTTLED = "429: too many calls"
    REFUSED = "400 and others: the request itself is wrong"


_MEANINGS: Final = {
    201: Put.COMPLETE,
    206: Put.STORED,
    403: Put.GONE,
    404: Put.GONE,
    408: Put.FAULT,
    416: Put.OUT_OF_STEP,
    429: Put.THROTTLED,
}


def meaning(status: int) -> Put:
    """Return the meaning of an HTTP status of the upload URL; its responses have no body."""
    if status in _MEANINGS:
        return _MEANINGS[status]
    if status >= 500:
        return Put.FAULT
    return Put.REFUSED if status >= 400 else Put.OUT_OF_STEP


async def put_range(
    transport: Transport, retry_policy: RetryPolicy, upload: Upload, file: MediaFile, piece: ByteRange
) -> tuple[Put, str]:
    """Stream one range and return the result, with a message for the timeline. The URL grants the right to upload, so
    it is neither shown nor logged."""
    try:
        reply = await transport.call(
            "PUT",
            upload.url,
            operation=STEP,
            timeout=retry_policy.timeouts.upload,
            data=file.reader(piece.first, piece.last),
            headers={
                "Content-Type": file.content_type,
                "Content-Length": str(piece.size_bytes),
                "Content-Range": f"bytes {piece.first}-{piece.last}/{upload.size_bytes}",
            },
        )
    except CallFailed as error:
        return (Put.FAULT if error.was_sent else Put.NOT_SENT), error.reason
    return meaning(reply.status), f"HTTP {reply.status}"
