"""Prepares a post: creates its containers, and waits until Threads has processed them.

Source: Meta, "Publishing" and "Troubleshooting" (Threads API), read 2026-11.
"""

from typing import Final

from presswork.core.enums import CAROUSELS
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import POST, Container, ContainerApi, ContainerMaker
from presswork.platforms.port import Job, Media, MediaType, RetryPolicy, draft_of
from presswork.platforms.threads.description import SHARE, TO_COMMENT
from presswork.platforms.threads.error_mapping import NOT_FOUND, meaning_of_status
from presswork.platforms.threads.options import item_parameters, post_parameters, settings_of
from presswork.platforms.threads.rules import IMAGE, VIDEO, check

SHARE_MISSING: Final = (
    "The account did not allow Presswork to share posts to Instagram. Omit crossreshareToInstagram in threadsPostSettings, or add "
    f"{SHARE} to PRESSWORK_THREADS_EXTRA_SCOPES and connect the account again."
)
"""Why a post that is to be shared to Instagram fails, and what to do."""


REPLIES_MISSING: Final = (
    "The account did not allow Presswork to write and read replies, which the parts of a thread after the first are. Connect the "
    "account again with those permissions."
)
"""Why a thread of posts fails, and what to do."""


def text_of_post(job: Job) -> str:
    """Return the text that is sent: a post without media has one, so a bare link stands in it."""
    return job.caption or (job.link.url if job.link is not None else "")


API: Final = ContainerApi(
    node="me",  # with the account's id in the path, Threads was seen to answer 24/4279009 (another client, 2026-07)
    create="threads",
    publish="threads_publish",
    status_field="status",
    message_field="error_message",
    meaning_of_status=meaning_of_status,
    lost=frozenset({NOT_FOUND}),
    lost_tries=0,  # the same container keeps failing; a new one helps
)
"""Threads' containers."""


class Preparation:
    """One run of preparing one post; resumes from the job's state."""

    def __init__(self, graph: Graph, retry_policy: RetryPolicy, job: Job) -> None:
        """Store the post and the Graph client."""
        self._job: Final = job
        self._maker: Final = ContainerMaker(graph, API, retry_policy, job)

    async def run(self) -> tuple[Container, bool]:
        """Return the finished container, and whether it is published already. Raises TryLater, Rejected,
        CredentialInvalid.
        """
        check(draft_of(self._job)).require_none(step=API.create)
        self._require_scopes()
        container = self._maker.containers.get(POST)
        if container is None:
            container = await self._maker.create(POST, await self._build_parameters(), "the post")
        return container, await self._maker.finish_post(container)

    def _require_scopes(self) -> None:
        if self._job.thread is not None and not self._job.account.scopes >= TO_COMMENT:
            raise Rejected(REPLIES_MISSING, step=API.create, failure=FailureCode.CREDENTIAL_INVALID)
        if settings_of(self._job.options).crossreshare_to_instagram and SHARE not in self._job.account.scopes:
            raise Rejected(SHARE_MISSING, step=API.create, failure=FailureCode.CREDENTIAL_INVALID)

    async def _build_parameters(self) -> dict[str, str]:
        """Return the parameters of the container to publish; a carousel's children are created and finished first.

        Never `auto_publish_text`: it would make this call the one that publishes, without a container as its witness.
        """
        job = self._job
        text, thread = text_of_post(job), job.thread
        parent = thread.live_ids[-1] if thread is not None and thread.is_begun else None
        # What controls replies, topic and audience is the thread's, which its first part decides.
        own = post_parameters(settings_of(job.options)) if parent is None else {"reply_to_id": parent}
        shared = {**own, **({"text": text} if text else {})}
        if job.media_type is MediaType.TEXT:
            return {"media_type": "TEXT", **({"link_attachment": job.link.url} if job.link else {}), **shared}
        if job.media_type in CAROUSELS:
            children = await self._maker.finish_items(self._build_item)
            return {"media_type": "CAROUSEL", "children": ",".join(children), **shared}
        return {**await self._describe_media(job.media[0]), **shared}

    async def _describe_media(self, media: Media) -> dict[str, str]:
        kind, field, spec = ("VIDEO", "video_url", VIDEO) if media.is_video else ("IMAGE", "image_url", IMAGE)
        return {"media_type": kind, field: await self._job.media_url(media, spec), **item_parameters(media)}

    async def _build_item(self, media: Media) -> dict[str, str]:
        return {**await self._describe_media(media), "is_carousel_item": "true"}
