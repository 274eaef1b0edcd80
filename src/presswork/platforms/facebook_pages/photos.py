"""Posts of pictures: each picture is uploaded unpublished, then one call posts them all.

A picture that was uploaded for a post can be posted once, and names the post that has it, so that a lost response can be
looked up. Pictures are never posted by the call that uploads them.
Source: Meta, "Page posts", "Page Photos" and "Photo" (page_story_id, alt_text_custom), read 2026-11.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime, timedelta
from json import dumps
from typing import Final, Self

from pydantic import JsonValue

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK, PUBLISHED_BEFORE
from presswork.platforms.facebook_pages.options import post_parameters, settings_of
from presswork.platforms.facebook_pages.rules import IMAGE, check
from presswork.platforms.facebook_pages.stories import KIND, PHOTO_STORY, StoryStatus
from presswork.platforms.graph.client import Graph, items_of, text_of
from presswork.platforms.graph.containers import (
    TRIES,
    Container,
    ContainerApi,
    ContainerMaker,
    ContainerStore,
    Publication,
    Status,
    StatusCode,
    container_in,
    ids_in,
    known_in,
)
from presswork.platforms.graph.feed import OwnPosts, Search
from presswork.platforms.json_values import part_of
from presswork.platforms.port import Job, Media, RetryPolicy, draft_of

_NEWEST: Final = 25
_EARLIER: Final = timedelta(seconds=120)
"""How long before the call a post's time may be that the call made live."""
_MAY_HAVE_EXPIRED: Final = timedelta(hours=1)
"""From this age on, "invalid parameter" may mean that a picture is gone. They are kept for about a day (general knowledge)."""
_PHOTO_IDS: Final = "photoIds"
_UPLOADED_AT: Final = "uploadedAt"


API: Final = ContainerApi(
    create="photos",
    publish="feed",
    meaning_of_status=lambda _message: (FACEBOOK.errors.unknown, None),  # pictures have no status
    unsure_calls=2,
    is_witness=False,
    published_before=PUBLISHED_BEFORE,
)
"""Pictures as containers: the first one stands for the post. That it names no post proves nothing, so the call is repeated
once, with the same pictures: a used one is refused.
"""


class Photos:
    """The pictures of one post."""

    def __init__(self, graph: Graph, retry_policy: RetryPolicy, job: Job) -> None:
        """Store the post, and load what an earlier attempt uploaded."""
        self._graph: Final = graph
        self._job: Final = job
        self._maker: Final = ContainerMaker(graph, API, retry_policy, job)
        self._is_story: Final = settings_of(job.options).is_story
        self._pictures: list[Container] = []

    def prepared(self) -> dict[str, JsonValue]:
        """Return what the live call and its look-up need, once `upload` has returned."""
        return {
            **({KIND: PHOTO_STORY} if self._is_story else {}),
            _PHOTO_IDS: [picture.id for picture in self._pictures],
            _UPLOADED_AT: min(picture.created_at for picture in self._pictures).isoformat(),
        }

    async def upload(self) -> tuple[Container, bool]:
        """Upload the missing pictures; return the first one, and whether it is posted already. Raises TryLater, Rejected,
        CredentialInvalid.
        """
        job = self._job
        check(draft_of(job)).require_none(step=API.create)
        missing = self._maker.missing_items()
        publication = Publication.stored(job)
        if missing and publication is not None and publication.unsure:
            raise Rejected(
                "Facebook was asked to post the pictures, returned no clear response, and does not show the post. Since then the "
                "uploaded pictures have expired, and with others a second post could be the result.",
                advice="See on the Page whether the post is there, before you publish again.",
                step=API.publish,
                failure=FailureCode.OUTCOME_UNKNOWN,
            )
        await self._maker.create_items(self._build_parameters)
        self._pictures = [self._maker.get_fresh(str(slot)) for slot in range(len(job.media))]
        return self._pictures[0], await self._is_posted(self._pictures[0])

    async def _build_parameters(self, media: Media) -> dict[str, str]:
        alt_text = {"alt_text_custom": media.alt_text} if media.alt_text and not self._is_story else {}
        return {"url": await self._job.media_url(media, IMAGE), "published": "false", **alt_text}

    async def _is_posted(self, picture: Container) -> bool:
        """Whether a call that was made before has posted the pictures meanwhile."""
        publication = Publication.load(self._job, picture.id)
        if publication.media_id is not None or not publication.unsure:
            return publication.media_id is not None
        ids, known = tuple(one.id for one in self._pictures), publication.known
        report: PhotoStatus | StoryStatus = StoryStatus(self._graph, self._job)
        if not self._is_story:
            report = PhotoStatus(self._graph, self._job, ids=ids, uploaded_at=picture.created_at, known=known)
        status = await report.read(picture.id)
        if status.code is StatusCode.PUBLISHED:
            await replace(publication, media_id=status.post_id).save(self._job)
        return status.code is StatusCode.PUBLISHED


@dataclass(frozen=True, slots=True)
class PhotoStatus:
    """What Facebook reports of the post that has these pictures."""

    graph: Graph
    job: Job
    _: KW_ONLY
    ids: tuple[str, ...]
    uploaded_at: datetime | None
    known: Sequence[str] | None
    """The Page's newest posts before the first call."""

    @classmethod
    def of(cls, graph: Graph, job: Job, prepared: Mapping[str, JsonValue]) -> Self:
        """Return it for a prepared post."""
        uploaded_at = prepared.get(_UPLOADED_AT)
        return cls(
            graph,
            job,
            ids=photo_ids_in(prepared),
            uploaded_at=datetime.fromisoformat(uploaded_at) if isinstance(uploaded_at, str) else None,
            known=Publication.load(job, container_in(prepared)).with_known_posts(known_in(prepared)).known,
        )

    async def read(self, photo_id: str) -> Status:
        """Return PUBLISHED with the post's id, or FINISHED: no post has the pictures, by both of Facebook's reports, unless a
        doubt is left.

        Raises TryLater, Rejected, CredentialInvalid where neither names a post and one can't be read.
        """
        unreadable: PlatformError | None = None
        post_id = None
        try:
            photo = await self.graph.read(self.job, photo_id, {"fields": "page_story_id"}, step="photo")
            post_id = text_of(photo.get("page_story_id"))
        except PlatformError as error:
            unreadable = error
        doubt = None
        if post_id is None:
            found = await self._search_posts(self.known)
            post_id, doubt = found.post_id, found.doubt
        if post_id is not None:
            return Status(StatusCode.PUBLISHED, "", post_id)
        if unreadable is not None:
            raise unreadable
        return Status(StatusCode.FINISHED, "", doubt=doubt)

    async def find(self, known: Sequence[str] | None) -> str | None:
        """Return the id of the post with these pictures by the Page's list of posts. Raises TryLater, Rejected,
        CredentialInvalid.
        """
        return (await self._search_posts(known)).post_id

    async def _search_posts(self, known: Sequence[str] | None) -> Search:
        posts = own_posts(self.graph, self.job, since=self.uploaded_at, is_it=self._has_pictures)
        return await posts.search(known)

    def _has_pictures(self, post: JsonObject) -> bool | None:
        """Whether a post has these pictures, or None where the list does not show which it has."""
        targets = _list_targets(post)
        return None if not targets else not targets.isdisjoint(self.ids)


def own_posts(
    graph: Graph,
    job: Job,
    *,
    since: datetime | None = None,
    is_it: Callable[[JsonObject], bool | None] | None = None,
) -> OwnPosts:
    """Return the Page's list of posts."""
    return OwnPosts(
        graph,
        job,
        path=API.path(job.account, "published_posts"),
        step="published_posts",
        text_field="message",
        page=_NEWEST,
        clocks_differ_by=_EARLIER,
        has_since=True,
        shows_texts=True,
        time_field="created_time",
        since=since,
        more_fields=("attachments{target,subattachments{target}}",),
        is_it=is_it,
    )


def _list_targets(post: JsonObject) -> set[str]:
    """Return the ids of the pictures that a post shows."""
    targets: set[str] = set()
    pending = [post.get("attachments")]
    while pending:
        edge = pending.pop()
        for attachment in items_of(edge) if isinstance(edge, dict) else ():
            if (target_id := text_of(part_of(attachment, "target").get("id"))) is not None:
                targets.add(target_id)
            pending.append(attachment.get("subattachments"))
    return targets


def photo_ids_in(prepared: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return the pictures that `prepare` returned."""
    return ids_in(prepared.get(_PHOTO_IDS)) or (container_in(prepared),)


def feed_parameters(job: Job, prepared: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return the parameters of the call that posts the pictures."""
    message = {"message": job.caption} if job.caption else {}
    attached = {
        f"attached_media[{place}]": dumps({"media_fbid": photo_id})
        for place, photo_id in enumerate(photo_ids_in(prepared))
    }
    return {**message, **attached, **post_parameters(settings_of(job.options))}


async def without_expired(job: Job, refused: Rejected) -> PlatformError:
    """Return the error for pictures that Facebook may not have any more: they are uploaded again, a few times at most."""
    first = ContainerStore(job).get("0")
    is_invalid = refused.platform_code == "100" and refused.step == API.publish
    if not is_invalid or (first is not None and job.now() - first.created_at < _MAY_HAVE_EXPIRED):
        return refused
    if await ContainerStore(job).fail("0", drops_all=True) >= TRIES:
        return refused
    return TryLater(refused.what, advice=refused.advice, step=refused.step, starts_over=True, **refused.reported)
