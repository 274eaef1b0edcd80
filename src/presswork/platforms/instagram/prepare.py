"""Prepares a post: creates its containers, uploads videos, and waits until Instagram has processed them."""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.container_making import ContainerMaker
from presswork.platforms.graph.containers import POST, Container
from presswork.platforms.graph.uploads import Uploads
from presswork.platforms.graph.video_upload import VideoUpload
from presswork.platforms.instagram.containers import API, CONTAINERS
from presswork.platforms.instagram.media_rules import FEED_IMAGE, REEL, STORY_IMAGE, check
from presswork.platforms.instagram.options import item_parameters, post_parameters, reel_parameters, settings_of
from presswork.platforms.port import Job, Media, MediaType, RetryPolicy, draft_of
from presswork.platforms.rate_limits import reserve

_BY_UPLOAD: Final = {"upload_type": "resumable"}
"""Parameters of a container whose bytes are uploaded."""


class Preparation:
    """One run of preparing one post; resumes from the job's state."""

    def __init__(self, graph: Graph, retry_policy: RetryPolicy, job: Job, uploads: Uploads | None) -> None:
        """Store the post, the Graph client, and the upload client for videos; None: Instagram downloads them."""
        self._retry_policy: Final = retry_policy
        self._job: Final = job
        self._uploads: Final = uploads
        self._settings: Final = settings_of(job.options)
        self._maker: Final = ContainerMaker(graph, API, retry_policy, job)
        self._containers: Final = self._maker.containers

    async def run(self) -> tuple[Container, bool]:
        """Return the finished container, and whether it is published already. Raises TryLater, Rejected,
        CredentialInvalid.
        """
        check(draft_of(self._job)).require_none(step=API.create)
        container = self._containers.get(POST)
        if container is None:
            await self._reserve_containers()
            container = await self._make(POST, await self._parameters(), "the post")
        container = await self._filled(POST, container, self._job.media[0])
        return container, await self._maker.finish_post(container)

    async def _reserve_containers(self) -> None:
        """Check that the account may create all the missing containers: half a carousel is useless, and expires. Raises
        TryLater (throttled) until it may.
        """
        if self._retry_policy.limit_recheck is not None:
            return  # its clock may be moved, so only its own response counts
        is_carousel = self._job.media_type is MediaType.MULTI
        calls = 1 + len(self._maker.missing_items()) * is_carousel
        await reserve(self._job, CONTAINERS, step=API.create, calls=calls)

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
        """Create the missing children and wait for each."""
        job = self._job
        parameters = {slot: await self._child_parameters(job.media[slot]) for slot in self._maker.missing_items()}
        await self._maker.create_items(parameters, self._make)
        return [await self._finished_child(str(slot)) for slot in range(len(job.media))]

    async def _finished_child(self, slot: str) -> str:
        container = self._maker.get_fresh(slot)
        if not container.is_ready:
            await self._maker.finish(slot, await self._filled(slot, container, self._job.media[int(slot)]))
        return container.id

    async def _child_parameters(self, media: Media) -> dict[str, str]:
        kind = {"media_type": "VIDEO"} if media.is_video else {}
        item = {**await self._source(media), **item_parameters(self._settings, media)}
        return {**kind, **item, "is_carousel_item": "true"}

    async def _make(self, slot: str, parameters: Mapping[str, str], what: str) -> Container:
        is_uploaded = not _BY_UPLOAD.items() <= parameters.items()
        return await self._maker.create(slot, parameters, what, is_uploaded=is_uploaded)

    async def _filled(self, slot: str, container: Container, media: Media) -> Container:
        """Upload the missing bytes of a container. Raises TryLater; the next call resumes from there."""
        if container.is_uploaded or self._uploads is None:
            return container
        return await VideoUpload(self._uploads, self._maker, self._job).send(slot, container, media, REEL)
