"""Prepares a post: creates its containers, uploads videos, and waits until Instagram has processed them.

Source: Meta, "IG User Media", "IG Container" and "Content Publishing", read 2026-11.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from presswork.core.enums import CAROUSELS
from presswork.platforms.api_client import ErrorMeaning
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import POST, Container, ContainerApi, ContainerMaker
from presswork.platforms.graph.uploads import Uploads, VideoUpload
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.instagram.options import item_parameters, post_parameters, reel_parameters, settings_of
from presswork.platforms.instagram.rules import FEED_IMAGE, REEL, STORY_IMAGE, check
from presswork.platforms.port import Job, Limit, Media, RetryPolicy, draft_of
from presswork.platforms.rate_limits import reserve

_BY_UPLOAD: Final = {"upload_type": "resumable"}
"""Parameters of a container whose bytes are uploaded."""
_SUBCODE: Final = re.compile(r"\b2207\d{3}\b")

USED_UP: Final = 2207042
"""The subcode for a used-up quota, of posts or of containers."""
CONTAINERS: Final = Limit(
    call="media",
    max_calls=400,
    window=timedelta(hours=24, minutes=1),
    late_by=timedelta(minutes=10),
    sentence="Instagram accepts 400 uploads within 24 hours from an account, and each item of a carousel is one, as is the "
    "carousel itself. The account has used them up.",
)


def _read_meaning(message: str) -> tuple[ErrorMeaning, str | None]:
    """Return the meaning of a container's `status`, which contains the error number, like 2207026."""
    match = _SUBCODE.search(message)
    code = match.group() if match else None
    return INSTAGRAM.errors.meaning_of_subcode(None if code is None else int(code), message), code


API: Final = ContainerApi(
    create="media",
    publish="media_publish",
    status_field="status_code",
    message_field="status",
    meaning_of_status=_read_meaning,
    lost=frozenset({2207006, 2207008}),
    lost_tries=2,
    lost_pause=timedelta(seconds=30),  # 24/2207008 is documented as possibly temporary, for 30 seconds to 2 minutes
    not_ready=2207027,
    too_many=(USED_UP, CONTAINERS.sentence),
)
"""Instagram's containers."""


class Preparation:
    """One run of preparing one post; resumes from the job's state."""

    def __init__(self, graph: Graph, retry_policy: RetryPolicy, job: Job, uploads: Uploads | None) -> None:
        """Store the post, the Graph client, and the upload client for videos; without it, Instagram downloads them."""
        self._retry_policy: Final = retry_policy
        self._job: Final = job
        self._uploads: Final = uploads
        self._settings: Final = settings_of(job.options)
        self._maker: Final = ContainerMaker(graph, API, retry_policy, job)

    async def run(self) -> tuple[Container, bool]:
        """Return the finished container, and whether it is published already. Raises TryLater, Rejected,
        CredentialInvalid.
        """
        check(draft_of(self._job)).require_none(step=API.create)
        container = self._maker.containers.get(POST)
        if container is None:
            await self._reserve_containers()
            container = await self._create_container(POST, await self._build_parameters(), "the post")
        container = await self._upload_video(POST, container, self._job.media[0])
        return container, await self._maker.finish_post(container)

    async def _reserve_containers(self) -> None:
        """Check that the account may create all the missing containers: half a carousel is useless, and expires. Raises
        TryLater (throttled) until it may.
        """
        if self._retry_policy.limit_recheck is not None:
            return  # its clock may be moved, so only its own response counts
        is_carousel = self._job.media_type in CAROUSELS
        calls = 1 + len(self._maker.missing_items()) * is_carousel
        await reserve(self._job, CONTAINERS, step=API.create, calls=calls)

    async def _build_parameters(self) -> dict[str, str]:
        """Return the parameters of the container to publish; a carousel's children are created and finished first."""
        job = self._job
        settings = self._settings
        caption = {"caption": job.caption} if job.caption else {}
        if job.media_type in CAROUSELS:
            children = await self._maker.finish_items(self._build_item, self._create_container, self._upload_video)
            return {"media_type": "CAROUSEL", "children": ",".join(children), **post_parameters(settings), **caption}
        media = job.media[0]
        item = {**await self._choose_source(media), **item_parameters(settings, media)}
        if settings.is_story:
            return {"media_type": "STORIES", **item, **post_parameters(settings)}
        if media.is_video:
            return {"media_type": "REELS", **item, **reel_parameters(job.options), **caption}
        return {**item, **post_parameters(settings), **caption}

    async def _choose_source(self, media: Media) -> dict[str, str]:
        """Return how Instagram gets a picture or a video: from its URL, or a video by an upload."""
        if not media.is_video:
            spec = STORY_IMAGE if self._settings.is_story else FEED_IMAGE
            return {"image_url": await self._job.media_url(media, spec)}
        return _BY_UPLOAD if self._uploads is not None else {"video_url": await self._job.media_url(media, REEL)}

    async def _build_item(self, media: Media) -> dict[str, str]:
        kind = {"media_type": "VIDEO"} if media.is_video else {}
        item = {**await self._choose_source(media), **item_parameters(self._settings, media)}
        return {**kind, **item, "is_carousel_item": "true"}

    async def _create_container(self, slot: str, parameters: Mapping[str, str], what: str) -> Container:
        is_uploaded = not _BY_UPLOAD.items() <= parameters.items()
        return await self._maker.create(slot, parameters, what, is_uploaded=is_uploaded)

    async def _upload_video(self, slot: str, container: Container, media: Media) -> Container:
        """Upload the missing bytes of a container. Raises TryLater; the next call resumes from there."""
        if container.is_uploaded or self._uploads is None:
            return container
        return await VideoUpload(self._uploads, self._maker, self._job).send(slot, container, media, REEL)
