"""What `prepare` returns of a post that is published by a container: its container, and the posts that existed before it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from pydantic import JsonValue

from presswork.platforms.graph.containers import POST, Container, ContainerStore
from presswork.platforms.graph.publication import Publication, ids_in
from presswork.platforms.graph.quota import NEARLY_USED_UP, QuotaCall
from presswork.platforms.port import RECENT_POSTS_COUNTED, Job


async def prepare_post(
    job: Job,
    quota: QuotaCall | None,
    *,
    finish: Callable[[], Awaitable[tuple[Container, bool]]],
    newest_ids: Callable[[], Awaitable[Sequence[str] | None]],
) -> dict[str, JsonValue]:
    """Check the quota, finish the post's container, and read the account's newest posts, to distinguish this one from them.

    No quota: the platform reports none. It is not read in the first attempt of an account with few posts. `finish` returns the
    finished container, and whether it is published already.
    Raises Rejected, TryLater, CredentialInvalid, OutcomeUnknown.
    """
    has_container = ContainerStore(job).get(POST) is not None
    if job.recent_posts < RECENT_POSTS_COUNTED and not has_container:
        quota = None  # hardly used up, and then the call that publishes is refused
    # Containers expire in a day, so none is created for a post that has to wait for as long.
    room = None if quota is None or has_container else await quota.find_room(job)
    container, is_published = await finish()
    known = Publication.load(job, container.id).known
    if is_published:
        return _prepared(container.id, known, is_published=True)
    newest = await newest_ids()
    if quota is not None and (room is None or room.left <= NEARLY_USED_UP):
        await quota.find_room(job)
    # Prefer a list from before an earlier call: a later list may contain this very post.
    return _prepared(container.id, newest if known is None else known, is_published=False)


def _prepared(container_id: str, known: Sequence[str] | None, *, is_published: bool) -> dict[str, JsonValue]:
    return {
        "containerId": container_id,
        "knownPosts": list(known) if known is not None else None,
        "isPublished": is_published,
    }


def container_in(prepared: Mapping[str, JsonValue]) -> str:
    """Return the id of the container that `prepare` returned. Raises KeyError on anything else."""
    container_id = prepared["containerId"]
    if not isinstance(container_id, str):
        raise KeyError("containerId")
    return container_id


def known_in(prepared: Mapping[str, JsonValue]) -> tuple[str, ...] | None:
    """Return the posts that existed before; None where they could not be read."""
    return ids_in(prepared.get("knownPosts"))
