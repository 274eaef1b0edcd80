"""Prepares a post: creates its containers, waits until Instagram has processed them, and checks the quota."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Unpack

from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, Reported, TryLater
from presswork.platforms.findings import in_words
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.error_table import Action, ErrorMeaning
from presswork.platforms.graph.responses import GraphError
from presswork.platforms.instagram.containers import (
    POST,
    Container,
    ContainerStore,
    Status,
    StatusCode,
    id_of,
    read_status,
)
from presswork.platforms.instagram.error_mapping import BYTES_REFUSED, EXPIRED, INSTAGRAM
from presswork.platforms.instagram.media_rules import FEED_IMAGE, REEL, STORY_IMAGE, check
from presswork.platforms.instagram.options import item_parameters, post_parameters, reel_parameters, settings_of
from presswork.platforms.instagram.quota import CONTAINERS, USED_UP
from presswork.platforms.instagram.uploads import STEP as UPLOAD
from presswork.platforms.instagram.uploads import Uploads
from presswork.platforms.limits import megabytes
from presswork.platforms.port import Job, Media, MediaFile, MediaType, RetryPolicy, draft_of
from presswork.platforms.rate_limits import reserve

CREATE: Final = "media"
STATUS: Final = "container_status"
TRIES: Final = 3
"""Containers created for one slot before its media are held to be the cause. One of six carousel pictures was seen to
fail at random (9004/2207052) and to succeed the next time."""
_BY_UPLOAD: Final = {"upload_type": "resumable"}
"""Parameters of a container whose bytes are uploaded."""
_AT_ONCE: Final = 4
"""Children created concurrently: Instagram downloads a picture during the call."""
_GROWTH: Final = 1.5


class Preparation:
    """One run of preparing one post; resumes from the job's state."""

    def __init__(self, graph: Graph, retry_policy: RetryPolicy, job: Job, uploads: Uploads | None) -> None:
        """Store the post, the Graph client, and the upload client for videos; None: Instagram downloads them."""
        self._graph: Final = graph
        self._retry_policy: Final = retry_policy
        self._job: Final = job
        self._uploads: Final = uploads
        self._settings: Final = settings_of(job.options)
        self._containers: Final = ContainerStore(job)
        self._is_resumed: Final = any(self._containers.get(str(slot)) is not None for slot in range(len(job.media)))

    async def run(self) -> tuple[Container, bool]:
        """Return the finished container, and whether it is published already. Raises TryLater, Rejected,
        CredentialInvalid.
        """
        check(draft_of(self._job)).require_none(step=CREATE)
        container = self._containers.get(POST)
        if container is None:
            await self._reserve_containers()
            container = await self._make(POST, await self._parameters(), "the post")
        container = await self._filled(POST, container, self._job.media[0])
        status = await self._finish(POST, container)
        is_published = status is StatusCode.PUBLISHED
        if not is_published and not container.is_ready:
            self._job.note_later(
                "prepared", "Instagram has finished processing; the post is ready to go live.", containerId=container.id
            )
        return container, is_published

    async def _reserve_containers(self) -> None:
        """Check that the account may create all the missing containers: half a carousel is useless, and expires. Raises
        TryLater (throttled) until it may.
        """
        if self._retry_policy.limit_recheck is not None:
            return  # its clock may be moved, so only its own response counts
        is_carousel = self._job.media_type is MediaType.MULTI
        children = [slot for slot in range(len(self._job.media)) if self._containers.get(str(slot)) is None]
        await reserve(self._job, CONTAINERS, step=CREATE, calls=1 + len(children) * is_carousel)

    async def _parameters(self) -> dict[str, str]:
        """Return the parameters of the container to publish; a carousel's children are created and finished first."""
        job = self._job
        settings = self._settings
        caption = {"caption": job.caption} if job.caption else {}
        if job.media_type is MediaType.MULTI:
            children = ",".join(await self._children())
            return {"media_type": "CAROUSEL", "children": children, **post_parameters(settings), **caption}
        media = job.media[0]
        item = {**await self._source(media), **item_parameters(settings, media)}
        if settings.is_story:
            return {"media_type": "STORIES", **item, **post_parameters(settings)}
        if media.is_video:
            return {"media_type": "REELS", **item, **reel_parameters(job.options), **caption}
        return {**item, **post_parameters(settings), **caption}

    async def _source(self, media: Media) -> dict[str, str]:
        """Return how Instagram gets a picture or a video: from its URL, or a video by an upload."""
        if not media.is_video:
            return {
                "image_url": await self._job.media_url(media, STORY_IMAGE if self._settings.is_story else FEED_IMAGE)
            }
        if self._uploads is not None:
            return _BY_UPLOAD
        return {"video_url": await self._job.media_url(media, REEL)}

    async def _children(self) -> Sequence[str]:
        """Create the missing children, a few concurrently, and wait for each."""
        job, slots = self._job, asyncio.Semaphore(_AT_ONCE)
        missing = [slot for slot in range(len(job.media)) if self._containers.get(str(slot)) is None]
        parameters = {slot: await self._child_parameters(job.media[slot]) for slot in missing}

        async def make(slot: int) -> Container:
            async with slots:
                return await self._make(str(slot), parameters[slot], f"item {slot + 1} of {len(job.media)}")

        # Only the calls overlap; every id is stored as it arrives, so that a failing sibling loses none.
        for made in await asyncio.gather(*map(make, missing), return_exceptions=True):
            if isinstance(made, BaseException):
                raise made
        return [await self._finished_child(str(slot)) for slot in range(len(job.media))]

    async def _finished_child(self, slot: str) -> str:
        container = self._containers.get(slot)
        if container is None:  # it became older than 23 hours since it was read
            raise TryLater("What was uploaded to Instagram got too old while the post waited.", step=CREATE)
        if not container.is_ready:
            await self._finish(slot, await self._filled(slot, container, self._job.media[int(slot)]))
        return container.id

    async def _child_parameters(self, media: Media) -> dict[str, str]:
        kind = {"media_type": "VIDEO"} if media.is_video else {}
        item = {**await self._source(media), **item_parameters(self._settings, media)}
        return {**kind, **item, "is_carousel_item": "true"}

    async def _make(self, slot: str, parameters: Mapping[str, str], what: str) -> Container:
        """Create a container for `what` and store its id. One whose response is lost is unused and expires: creating another is safe."""
        job = self._job
        response = await self._graph.send(job, "POST", f"{job.account.external_id}/media", parameters, step=CREATE)
        if isinstance(response, GraphError):
            raise await self._refused(slot, response)
        container_id = id_of(INSTAGRAM.object_of(response, step=CREATE))
        if container_id is None:
            raise TryLater("Instagram accepted the media but returned no id.", step=CREATE)
        container = Container(
            id=container_id, created_at=job.now(), is_uploaded=not _BY_UPLOAD.items() <= parameters.items()
        )
        self._note_created(container, what)
        await self._containers.put(slot, container)
        return container

    async def _filled(self, slot: str, container: Container, media: Media) -> Container:
        """Upload the missing bytes of a container. Raises TryLater; the next call resumes from there."""
        if container.is_uploaded or self._uploads is None:
            return container
        async with self._job.media_file(media, REEL) as file:
            offset = 0
            if container.upload_bytes is None:
                container = replace(container, upload_bytes=file.size_bytes)
                await self._containers.put(slot, container)
            else:
                offset = await self._stopped_at(self._uploads, slot, container, file)
            if offset < file.size_bytes:
                await self._send(self._uploads, slot, container, file, offset)
        container = replace(container, is_uploaded=True)
        self._job.note_later(
            "preparing", f"The video is uploaded ({megabytes(file.size_bytes)}).", containerId=container.id
        )
        await self._containers.put(slot, container)
        return container

    async def _stopped_at(self, uploads: Uploads, slot: str, container: Container, file: MediaFile) -> int:
        """Return how many bytes of an interrupted upload a container has."""
        if container.upload_bytes != file.size_bytes:
            what = "The video was converted again while it was uploaded, so that the halves do not fit."
            raise await self._once_more(slot, what, UPLOAD, BYTES_REFUSED)
        progress = await uploads.progress(self._job, container.id)
        if progress.is_complete:
            return file.size_bytes
        if progress.received_bytes is None:
            what = "The upload was interrupted, and Instagram does not report how much of the video has arrived."
            raise await self._once_more(slot, what, UPLOAD, BYTES_REFUSED)
        return min(max(progress.received_bytes, 0), file.size_bytes)

    async def _send(self, uploads: Uploads, slot: str, container: Container, file: MediaFile, offset: int) -> None:
        job = self._job
        if offset:
            await job.note("preparing", f"The upload resumes after {megabytes(offset)}.", containerId=container.id)
        token = await job.access_token()
        refused = await uploads.send(job, container.id, file, offset=offset)
        if refused is None:
            return
        # The upload host does not say whether the token or the video is the cause; Graph does, about the container.
        status = await read_status(self._graph, job, container.id)
        if await job.access_token() != token:
            raise TryLater(
                "Instagram did not accept the access token; it was renewed, and the upload resumes.",
                step=UPLOAD,
                retry_after=timedelta(),
            )
        if status.code in {StatusCode.ERROR, StatusCode.EXPIRED}:
            raise await self._failed(slot, status)
        what = f"{BYTES_REFUSED.sentence} It answered: “{refused or 'no message'}”."
        raise await self._once_more(slot, what, UPLOAD, BYTES_REFUSED, platform_message=refused or None)

    def _note_created(self, container: Container, what: str) -> None:
        if container.is_uploaded:
            sentence = f"Instagram has taken {what} and processes it."
        else:
            sentence = f"Instagram has made a place for {what}; the video is sent there."
        self._job.note_later("preparing", f"{sentence} Nothing is public yet.", containerId=container.id)

    async def _refused(self, slot: str, error: GraphError) -> PlatformError:
        meaning = INSTAGRAM.meaning(error)
        if (error.code, error.subcode) == (100, 33):
            # On the account itself, unlike on a new object, this means that the token has no access to it.
            return CredentialInvalid(
                f"{INSTAGRAM.quote(error)} Instagram does not let Presswork act for this account any more.",
                advice="Connect the account again, then publish again.",
                step=CREATE,
                **error.reported,
            )
        if error.subcode == USED_UP:
            return TryLater(
                f"{INSTAGRAM.quote(error)} {CONTAINERS.sentence}",
                advice="Publish again when some of them are older than 24 hours.",
                step=CREATE,
                is_throttled=True,
                **error.reported,
            )
        # A carousel whose items were created before a wait may be refused for one that has expired since.
        is_stale = slot == POST and self._is_resumed and (error.code, error.subcode) == (100, None)
        if meaning.action not in {Action.RECREATE, Action.RECREATE_LIMITED} and not is_stale:
            return INSTAGRAM.refusal(error, step=CREATE)
        reported = error.reported | {"platform_message": error.message or None}
        return await self._once_more(slot, INSTAGRAM.explain(error), CREATE, meaning, **reported)

    async def _once_more(
        self, slot: str, what: str, step: str, meaning: ErrorMeaning, **reported: Unpack[Reported]
    ) -> PlatformError:
        """Drop the slot's container; return TryLater, so that another is created, or Rejected after a few of them."""
        failures = await self._containers.fail(slot, drops_all=slot == POST)
        if failures >= TRIES:
            return Rejected(
                f"{_item(slot)}{what} It was uploaded {failures} times, each time with this end. Nothing was posted.",
                advice=meaning.advice,
                step=step,
                failure=meaning.failure,
                **reported,
            )
        return TryLater(
            f"{_item(slot)}{what} That was upload {failures} of {TRIES} at most.",
            advice=meaning.advice,
            step=step,
            failure=meaning.failure,
            **reported,
        )

    async def _finish(self, slot: str, container: Container) -> StatusCode:
        """Wait until a container is processed. Raises Rejected when the platform failed or takes too long."""
        job, retry_policy = self._job, self._retry_policy
        is_fresh = job.now() - container.created_at < retry_policy.poll_first
        pause = retry_policy.poll_first
        while True:
            if is_fresh:
                await job.sleep(pause)
                pause = min(pause * _GROWTH, retry_policy.poll_max)
            is_fresh = True
            status = await read_status(self._graph, job, container.id)
            if status.code in {StatusCode.FINISHED, StatusCode.PUBLISHED}:
                if not container.is_ready:
                    self._containers.ready(slot)
                return status.code
            if status.code is not StatusCode.IN_PROGRESS:
                raise await self._failed(slot, status)
            if job.now() - container.created_at >= retry_policy.processing_limit:
                raise Rejected(
                    f"Instagram was still processing the media (container {container.id}) after "
                    f"{in_words(retry_policy.processing_limit)}, and Presswork waits no longer. Nothing was posted.",
                    advice="Publish again later; if it happens again, use a smaller file.",
                    step=STATUS,
                    failure=FailureCode.PLATFORM_UNAVAILABLE,
                )

    async def _failed(self, slot: str, status: Status) -> PlatformError:
        """Return the error for a container that ended in ERROR or EXPIRED."""
        subcode = status.subcode
        if status.code is StatusCode.EXPIRED:
            meaning, subcode = EXPIRED, None
        else:
            meaning = INSTAGRAM.errors.meaning_of_subcode(subcode, status.message)
        reported = Reported(
            platform_code=None if subcode is None else str(subcode), platform_message=status.message or None
        )
        sentence = meaning.sentence
        if meaning is INSTAGRAM.errors.unknown:
            sentence = "Instagram could not process the media, for a reason that Presswork does not know."
        what = f"Instagram answered: {status.code.value}, “{status.message or 'no message'}”. {sentence}"
        if meaning.action in {Action.RETRY, Action.RECREATE, Action.RECREATE_LIMITED}:
            return await self._once_more(slot, what, STATUS, meaning, **reported)
        return Rejected(
            f"{_item(slot)}{what}",
            advice="Publish another file." if meaning is INSTAGRAM.errors.unknown else meaning.advice,
            step=STATUS,
            failure=FailureCode.MEDIA_REJECTED if meaning is INSTAGRAM.errors.unknown else meaning.failure,
            **reported,
        )


def _item(slot: str) -> str:
    """Return the prefix that names a carousel item in a sentence; empty for the post itself."""
    return "" if slot == POST else f"Item {int(slot) + 1}: "
