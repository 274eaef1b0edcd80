"""Posts without media: an unpublished post, whose id is known before anything is public, and one call that publishes it.

The call that posts a text at once is not used: after a lost response, only its text could be looked for. Publishing sets a flag, so a
repetition makes no second post. An unpublished post whose creation was not confirmed is listed nowhere, and Facebook deletes it after
about 30 days.
Source: Meta's SDK 26.0.3 (2026-11: `is_published` of a Page post), and a client that publishes drafts so (2026).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK
from presswork.platforms.facebook_pages.options import post_parameters, settings_of
from presswork.platforms.facebook_pages.rules import check
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import POST, Container, ContainerApi, ContainerMaker, Status, StatusCode
from presswork.platforms.port import Job, Present, RetryPolicy, draft_of

PUBLISH: Final = {"is_published": "true"}
"""The parameter of the call that makes a post live."""
TEXT_API: Final = ContainerApi(
    create="feed",
    publish="publish_post",
    meaning_of_status=lambda _message: (FACEBOOK.errors.unknown, None),  # a text is not processed
)


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
        maker = ContainerMaker(self.graph, TEXT_API, self.retry_policy, job, read=self.read)
        container = maker.containers.get(POST)
        if container is None:
            text = {"message": job.caption} if job.caption else {}
            link = {"link": job.link.url} if job.link else {}
            parameters = {**text, **link, "published": "false", **post_parameters(settings_of(job.options))}
            return await maker.create(POST, parameters, "the post"), False
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


def outcome_of(response: JsonObject, post_id: str) -> Present | None:
    """Return the outcome of the call that publishes, or None where its response does not confirm it."""
    return Present(external_id=post_id) if response.get("success") is True else None
