"""Uploads the video of a container in one request, and resumes after an interruption from where the platform has it."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from presswork.media.specs import VideoSpec
from presswork.platforms.api_client import Action, ErrorMeaning
from presswork.platforms.errors import TryLater
from presswork.platforms.graph.container_making import ContainerMaker
from presswork.platforms.graph.containers import Container, StatusCode
from presswork.platforms.graph.error_table import OTHER_FILE
from presswork.platforms.graph.uploads import STEP, Uploads
from presswork.platforms.limits import megabytes
from presswork.platforms.port import Job, Media, MediaFile


def bytes_refused(platform: str) -> ErrorMeaning:
    """Return the meaning of an error of an upload, where the upload host has no codes."""
    sentence = f"{platform} did not take the video's bytes."
    return ErrorMeaning(Action.RECREATE_LIMITED, sentence, OTHER_FILE)


class VideoUpload:
    """The upload of one post's videos."""

    def __init__(self, uploads: Uploads, maker: ContainerMaker, job: Job) -> None:
        """Store the upload host, the maker of the post's containers, and the post."""
        self._uploads: Final = uploads
        self._maker: Final = maker
        self._job: Final = job
        self._name: Final = maker.brand.name
        self._refused: Final = bytes_refused(maker.brand.name)

    async def send(self, slot: str, container: Container, media: Media, spec: VideoSpec) -> Container:
        """Upload the missing bytes of a container. Raises TryLater; the next call resumes from there."""
        if container.is_uploaded:
            return container
        async with self._job.media_file(media, spec) as file:
            offset = 0
            if container.upload_bytes is None:
                container = replace(container, upload_bytes=file.size_bytes)
                await self._maker.containers.put(slot, container)
            else:
                offset = await self._stopped_at(slot, container, file)
            if offset < file.size_bytes:
                await self._send(slot, container, file, offset)
        container = replace(container, is_uploaded=True, uploaded_at=self._job.now())
        self._job.note_later(
            "preparing", f"The video is uploaded ({megabytes(file.size_bytes)}).", containerId=container.id
        )
        await self._maker.containers.put(slot, container)
        return container

    async def _stopped_at(self, slot: str, container: Container, file: MediaFile) -> int:
        """Return how many bytes of an interrupted upload a container has."""
        if container.upload_bytes != file.size_bytes:
            what = "The video was converted again while it was uploaded, so that the halves do not fit."
            raise await self._maker.once_more(slot, what, STEP, self._refused)
        progress = await self._uploads.progress(self._job, container.id)
        if progress.is_complete:
            return file.size_bytes
        if progress.received_bytes is None:
            what = f"The upload was interrupted, and {self._name} does not report how much of the video has arrived."
            raise await self._maker.once_more(slot, what, STEP, self._refused)
        return min(max(progress.received_bytes, 0), file.size_bytes)

    async def _send(self, slot: str, container: Container, file: MediaFile, offset: int) -> None:
        job = self._job
        if offset:
            await job.note("preparing", f"The upload resumes after {megabytes(offset)}.", containerId=container.id)
        token = await job.access_token()
        refused = await self._uploads.send(job, container.id, file, offset=offset)
        if refused is None:
            return
        # The upload host does not say whether the token or the video is the cause; Graph does, about the container.
        status = await self._maker.read(container.id)
        if await job.access_token() != token:
            raise TryLater(
                f"{self._name} did not accept the access token; it was renewed, and the upload resumes.",
                step=STEP,
                retry_after=timedelta(),
            )
        if status.code in {StatusCode.ERROR, StatusCode.EXPIRED}:
            raise await self._maker.failed(slot, status)
        what = f"{self._refused.sentence} It answered: “{refused or 'no message'}”."
        raise await self._maker.once_more(slot, what, STEP, self._refused, platform_message=refused or None)
