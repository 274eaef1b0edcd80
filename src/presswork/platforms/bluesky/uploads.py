"""Uploads pictures to the account's server as blobs. Nothing is public, so every call may be repeated.

A blob that no record refers to is removed after a while, which no page states exactly (hours): then the post is refused with
BlobNotFound, and the pictures are uploaded again.
Source: lexicon com.atproto.repo.uploadBlob, read 2026-11.
"""

from typing import Final

from pydantic import JsonValue

from presswork.platforms.bluesky.api import Api
from presswork.platforms.bluesky.media_rules import IMAGE_UPLOAD
from presswork.platforms.bluesky.record import Blob
from presswork.platforms.errors import TryLater
from presswork.platforms.port import Job, Media, RetryPolicy

STEP: Final = "upload_blob"
BLOBS: Final = "blobs"


async def upload_pictures(api: Api, job: Job, retry_policy: RetryPolicy) -> list[Blob]:
    """Upload the post's pictures in order and return their blobs; resumes after the last that the state has.

    Raises Rejected, TryLater, CredentialInvalid.
    """
    stored = job.state.get(BLOBS)
    blobs: list[Blob] = [blob for blob in stored if isinstance(blob, dict)] if isinstance(stored, list) else []
    for media in job.media[len(blobs) :]:
        blobs.append(await _upload(api, job, media, retry_policy))
        progress: list[JsonValue] = [dict(blob) for blob in blobs]
        job.note_later("preparing", f"Bluesky has picture {len(blobs)} of {len(job.media)}.")
        await job.save(**{BLOBS: progress})
    return blobs


async def _upload(api: Api, job: Job, media: Media, retry_policy: RetryPolicy) -> Blob:
    async with job.media_file(media, IMAGE_UPLOAD) as file:
        body = b"".join([piece async for piece in file.reader(0, file.size_bytes - 1)])
        content_type = file.content_type
    answer, _ = await api.ask(
        job,
        "POST",
        "com.atproto.repo.uploadBlob",
        step=STEP,
        data=body,
        headers={"Content-Type": content_type},
        timeout=retry_policy.timeouts.upload,
    )
    blob = answer.object("blob")
    if not blob:
        raise TryLater("Bluesky's response to the upload names no blob.", step=STEP)
    return blob
