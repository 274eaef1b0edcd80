"""Reads live posts: the newest posts of an account, a post's address, its comments."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.graph.client import Graph, text_of
from presswork.platforms.graph.feed import Comments, OwnPosts
from presswork.platforms.instagram.options import settings_of
from presswork.platforms.port import Job, TargetAccount

_NEWEST: Final = 10
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)


async def newest_ids(graph: Graph, job: Job) -> list[str] | None:
    """Return the ids of the account's newest posts; None where they can't be read (that blocks nothing)."""
    return await _posts(graph, job).newest_ids()


async def find_new_post(graph: Graph, job: Job, known: Sequence[str] | None) -> str | None:
    """Return the id of the post that this job made live, where exactly one post matches: see `OwnPosts`.

    Raises TryLater, Rejected, CredentialInvalid.
    """
    return await _posts(graph, job).find_new(known)


def _posts(graph: Graph, job: Job) -> OwnPosts:
    edge = "stories" if settings_of(job.options).is_story else "media"  # the list of media contains no stories
    return OwnPosts(
        graph,
        job,
        path=f"{job.account.external_id}/{edge}",
        step="media_list",
        text_field="caption",  # Meta's pages disagree about where it can be read
        page=_NEWEST,
        clocks_differ_by=_CLOCKS_DIFFER_BY,
    )


async def permalink(graph: Graph, job: Job, media_id: str) -> str | None:
    """Return a live post's address; None where Instagram returns none. Raises TryLater, Rejected, CredentialInvalid."""
    body = await graph.read(job, media_id, {"fields": "id,permalink"}, step="permalink")
    return text_of(body.get("permalink"))


def comments(graph: Graph) -> Comments:
    """Return what reads and writes the comments of posts."""
    return Comments(graph, fields="id,text,username", text_field="text", is_own=_is_own)


def _is_own(comment: JsonObject, account: TargetAccount) -> bool:
    """Whether the account wrote a comment; one that shows no author counts, too."""
    username = comment.get("username")
    return not isinstance(username, str) or username.casefold() == account.handle.casefold()
