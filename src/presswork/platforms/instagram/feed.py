"""Reads live posts: the newest posts of an account, a post's address, its comments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.errors import PlatformError
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.responses import JsonObject, items_of, next_page, text_of
from presswork.platforms.instagram.options import settings_of
from presswork.platforms.port import Job

_NEWEST: Final = 10
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)
_COMMENT_PAGES: Final = 4
_COMMENTS_A_PAGE: Final = 50


async def newest_ids(graph: Graph, job: Job) -> list[str] | None:
    """Return the ids of the account's newest posts; None where they can't be read (that blocks nothing)."""
    try:
        return [media_id for item in await _newest(graph, job, "id") if (media_id := text_of(item.get("id")))]
    except PlatformError:
        return None


async def find_new_post(graph: Graph, job: Job, known: Sequence[str] | None) -> str | None:
    """Return the id of the post that this job made live, where exactly one post matches; else None, never a guess.

    A post matches if it did not exist when this post was prepared, is not older than the call that made it live, and
    has its caption (where captions can be read: Meta's pages disagree). Raises TryLater, Rejected, CredentialInvalid.
    """
    if known is None or job.live_call_at is None:
        return None
    earliest = job.live_call_at - _CLOCKS_DIFFER_BY
    found = [
        media_id
        for item in await _newest(graph, job, "id,caption,timestamp")
        if (media_id := text_of(item.get("id"))) is not None
        and media_id not in known
        and _is_since(item, earliest)
        and _has_caption(item, job.caption)
    ]
    return found[0] if len(found) == 1 else None


async def _newest(graph: Graph, job: Job, fields: str) -> list[JsonObject]:
    parameters = {"fields": fields, "limit": str(_NEWEST)}
    edge = "stories" if settings_of(job.options).is_story else "media"  # the list of media contains no stories
    return items_of(await graph.read(job, f"{job.account.external_id}/{edge}", parameters, step="media_list"))


def _is_since(item: JsonObject, earliest: datetime) -> bool:
    stamp = text_of(item.get("timestamp"))
    if stamp is None:
        return False
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return False
    return at.tzinfo is not None and at >= earliest


def _has_caption(item: JsonObject, caption: str) -> bool:
    shown = item.get("caption")
    return not isinstance(shown, str) or shown.strip() == caption.strip()


async def permalink(graph: Graph, job: Job, media_id: str) -> str | None:
    """Return a live post's address; None where Instagram returns none. Raises TryLater, Rejected, CredentialInvalid."""
    body = await graph.read(job, media_id, {"fields": "id,permalink"}, step="permalink")
    return text_of(body.get("permalink"))


async def has_comment(graph: Graph, job: Job, media_id: str, text: str) -> bool:
    """Whether the account itself has written this comment under the post.

    Reads the newest 200 comments. Raises TryLater, Rejected, CredentialInvalid.
    """
    params = {"fields": "id,text,username", "limit": str(_COMMENTS_A_PAGE)}
    for _ in range(_COMMENT_PAGES):
        body = await graph.read(job, f"{media_id}/comments", params, step="comments")
        if any(_is_own(item, job, text) for item in items_of(body)):
            return True
        after = next_page(body)
        if after is None:
            return False
        params = params | {"after": after}
    return False


def _is_own(item: JsonObject, job: Job, text: str) -> bool:
    username, shown = item.get("username"), item.get("text")
    is_own = not isinstance(username, str) or username.casefold() == job.account.handle.casefold()
    return is_own and isinstance(shown, str) and shown.strip() == text.strip()
