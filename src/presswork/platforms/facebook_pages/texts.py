"""Posts without media: an unpublished post, whose id is known before anything is public, and one call that publishes it.

Publishing sets a flag, so a repetition makes no second post. An unpublished post whose creation was not confirmed is listed nowhere,
and Facebook deletes it after about 30 days. No page of Meta shows these two steps together. Where Facebook refuses the second one,
the text is posted at once instead: after a lost response, that post is looked for by its text and time.
Source: Meta's SDK 26.0.3 (2026-11: `is_published` of a Page post), and a client that publishes drafts so (2026).
Why: docs/decisions/0054.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import PlatformError, Rejected, TryLater
from presswork.platforms.facebook_pages.error_mapping import DUPLICATE, FACEBOOK
from presswork.platforms.facebook_pages.options import post_parameters, settings_of
from presswork.platforms.facebook_pages.rules import check
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import (
    POST,
    Container,
    ContainerApi,
    ContainerMaker,
    Publication,
    Status,
    StatusCode,
)
from presswork.platforms.graph.feed import OwnPosts
from presswork.platforms.port import Job, Present, RetryPolicy, draft_of

PUBLISH: Final = {"is_published": "true"}
"""The parameter of the call that makes a post live."""
TEXT: Final = "text"
AT_ONCE: Final = "text_at_once"
"""The kinds of a prepared text."""
_AT_ONCE_KEY: Final = "keep_at_once"
_UNSUPPORTED: Final = frozenset({"100", "3"})
"""Codes of an invalid parameter, and of a call that the app may not make."""
TEXT_API: Final = ContainerApi(
    create="feed",
    publish="publish_post",
    meaning_of_status=lambda _message: (FACEBOOK.errors.unknown, None),  # a text is not processed
)
AT_ONCE_API: Final = replace(
    TEXT_API,
    publish="feed",
    unsure_calls=2,
    is_witness=False,
    published_before=DUPLICATE,
)
"""That the list has no such post proves nothing, so the call is repeated once: Facebook refuses the same text soon after."""


@dataclass(frozen=True, slots=True)
class Text:
    """The unpublished post of one text, with or without a link."""

    graph: Graph
    retry_policy: RetryPolicy
    job: Job

    async def create(self) -> tuple[Container, bool]:
        """Return the unpublished post, and whether it is published already. Raises TryLater, Rejected, CredentialInvalid."""
        job = self.job
        check(draft_of(job)).require_none(step=TEXT_API.create)
        if self.job.state.get(_AT_ONCE_KEY) is True:  # nothing is created beforehand: the job's id stands for the post
            return Container(id=str(job.post_id), created_at=job.now()), False
        maker = ContainerMaker(self.graph, TEXT_API, self.retry_policy, job, read=self.read)
        container = maker.containers.get(POST)
        if container is None:
            return await maker.create(POST, {**feed_parameters(job), "published": "false"}, "the post"), False
        return container, await maker.finish_post(container)

    async def find(self, known: Sequence[str] | None) -> str | None:
        """Return None, since a published post has the id of the unpublished one."""

    async def read(self, post_id: str) -> Status:
        """Return whether a post is published. Raises TryLater, Rejected, CredentialInvalid."""
        post = await self.graph.read(self.job, post_id, {"fields": "is_published"}, step="post_status")
        is_published = post.get("is_published") is True
        return Status(
            StatusCode.PUBLISHED if is_published else StatusCode.FINISHED, "", post_id if is_published else None
        )


def feed_parameters(job: Job) -> dict[str, str]:
    """Return the parameters of a text."""
    text = {"message": job.caption} if job.caption else {}
    link = {"link": job.link.url} if job.link else {}
    return {**text, **link, **post_parameters(settings_of(job.options))}


def kind_of(job: Job) -> str:
    """Return how the text of a job is posted."""
    return AT_ONCE if job.state.get(_AT_ONCE_KEY) is True else TEXT


async def without_second_step(job: Job, post_id: str, refused: Rejected) -> PlatformError:
    """Return the error for a call that publishes: where Facebook does not know it, the text is posted at once from now on.

    An earlier call with an unknown outcome may still publish the post, so then there is no other way.
    """
    if refused.platform_code not in _UNSUPPORTED or Publication.load(job, post_id).unsure:
        return refused
    await job.save(**{_AT_ONCE_KEY: True})
    what = f"{refused.what} Facebook does not publish posts in two steps here, so the text is posted at once."
    return TryLater(what, advice=refused.advice, step=refused.step, starts_over=True, **refused.reported)


@dataclass(frozen=True, slots=True)
class ListedText:
    """What the Page's list of posts shows of a text that was posted at once."""

    posts: OwnPosts
    known: Sequence[str] | None

    async def find(self, known: Sequence[str] | None) -> str | None:
        """Return the id of the post with this text. Raises TryLater, Rejected, CredentialInvalid."""
        return (await self.posts.search(known)).post_id

    async def read(self, _id: str) -> Status:
        """Return PUBLISHED with the post's id, or FINISHED. Raises TryLater, Rejected, CredentialInvalid."""
        found = await self.posts.search(self.known)
        is_there = found.post_id is not None
        return Status(StatusCode.PUBLISHED if is_there else StatusCode.FINISHED, "", found.post_id, found.doubt)


def outcome_of(response: JsonObject, post_id: str) -> Present | None:
    """Return the outcome of the call that publishes, or None where its response does not confirm it."""
    return Present(external_id=post_id) if response.get("success") is True else None
