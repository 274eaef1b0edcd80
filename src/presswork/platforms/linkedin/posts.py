"""Reads the posts of a page: the newest ones, and the state of one. No app may read a member's.

Source: LinkedIn, "Posts API" (find posts by authors; retrieve a post), read 2026-11. How late a new post is listed is not documented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.linkedin.api import Api, elements_of, moment_of
from presswork.platforms.linkedin.endpoints import POSTS, one
from presswork.platforms.linkedin.urns import post_in
from presswork.platforms.port import Job

FIND: Final = "posts_by_author"
GET: Final = "post"
_AS_AUTHOR: Final = {"viewContext": "AUTHOR"}
"""Shows posts that LinkedIn still processes. The documentation has it for one post; for lists, other programs use it."""
_FINDER: Final = {"X-RestLi-Method": "FINDER"}
"""Rest.li's own name of the call."""
_A_READ: Final = 10
_READS: Final = 5
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class FoundPost:
    """What the list of a page's posts shows."""

    urn: str | None
    is_cut: bool = False
    """Whether the list was not read as far back as the call, so that a missing post means nothing."""


async def find_post(api: Api, job: Job, media: Sequence[str]) -> FoundPost:
    """Find the page's post with these media, of which LinkedIn lists no other: they were uploaded for this post.

    Reads the newest posts, as far back as the call that published it. Raises TryLater, Rejected, CredentialInvalid.
    """
    since = None if job.live_call_at is None else job.live_call_at - _CLOCKS_DIFFER_BY
    for read in range(_READS):
        params = {
            "q": "author",
            "author": job.account.external_id,
            "start": str(read * _A_READ),
            "count": str(_A_READ),
            "sortBy": "CREATED",
            **_AS_AUTHOR,
        }
        body = await api.ask(job, "GET", POSTS, params, step=FIND, now=job.now(), headers=_FINDER)
        posts = elements_of(body, step=FIND)
        for post in posts:
            urn = post_in(text_of(post.get("id")) or "")
            if urn is not None and set(media) & set(_media_of(post)):
                return FoundPost(urn)
        if len(posts) < _A_READ or _is_older(posts[-1], since):
            return FoundPost(None)
    return FoundPost(None, is_cut=True)


async def lifecycle_of(api: Api, job: Job, urn: str) -> str | None:
    """Return the state of a page's post: PUBLISHED, PUBLISH_REQUESTED, PUBLISH_FAILED, DRAFT.

    Raises TryLater, Rejected, CredentialInvalid.
    """
    body = await api.ask(job, "GET", one(POSTS, urn), _AS_AUTHOR, step=GET, now=job.now())
    return text_of(body.get("lifecycleState"))


def _media_of(post: JsonObject) -> Sequence[str]:
    """Return the URNs of the pictures or the video of a listed post."""
    content = part_of(post, "content")
    media: Sequence[JsonObject] = [part_of(content, "media"), *items_of(part_of(content, "multiImage"), "images")]
    return [urn for one in media if (urn := text_of(one.get("id"))) is not None]


def _is_older(post: JsonObject, since: datetime | None) -> bool:
    created_at = moment_of(post.get("createdAt")) or moment_of(post.get("publishedAt"))
    return since is not None and created_at is not None and created_at < since
