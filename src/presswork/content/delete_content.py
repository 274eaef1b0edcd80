"""Deleting content: its media leave the store and the quota; what it was stays, or, erased, not even its words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.model import Container, ContainerStatus
from presswork.content.store import SQL, find_container, lock_container, take_media
from presswork.core.ids import CONTAINER, oldest_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.media.removals import remove_noted
from presswork.media.store import MediaStore
from presswork.posts.held_posts import erase_posts, require_no_open_posts
from presswork.posts.schedule import drop_intents
from presswork.recurrences.end_recurrences import end_recurrences_of_container, erase_recurrences_of_container

_LOG_BATCH: Final = 1_000
_CLOCK_SKEW: Final = timedelta(days=1)
"""How far a clock may be ahead that gave a delivery its id."""


async def delete_content(
    call: IdempotentCall[Container],
    store: MediaStore,
    container_id: UUID,
    *,
    has_erasure: bool,
    visible_to: Principal,
    now: datetime,
) -> Container:
    """Delete a container and return what stays of it. Deleting it again has no effect, but with `has_erasure` its words go too.

    Schedule calls that wait for its approval are dropped, and an upload that is open is refused from now on. Its posts stay.
    Raises ContainerNotFound, and PostsOpen while a post needs it.
    """
    removed: Sequence[str] = ()

    async def delete(connection: Connection) -> Container:
        nonlocal removed
        container = await lock_container(connection, container_id, visible_to=visible_to)
        is_new, has_words = container.status is not ContainerStatus.DELETED, container.erased_at is None
        if not is_new and not (has_erasure and has_words):
            return container
        detail: dict[str, JsonValue] = {"erased": has_erasure}
        if is_new:
            detail["droppedScheduleCalls"] = await drop_intents(connection, container_id)
            await end_recurrences_of_container(connection, container_id, now=now)
        await require_no_open_posts(connection, container_id, needs_texts=has_erasure)
        if is_new:
            await connection.execute(SQL["delete_container"], container_id, now)
            removed = await take_media(connection, container_id, with_previews=True, now=now)
        if has_erasure:
            await _erase(connection, container, now=now)
        if is_new:
            await connection.fetchval(SQL["report_deletion"], container_id, now)
        name = public_id(CONTAINER, container_id)
        await record_act(connection, Action.CONTENT_DELETE, name, by=visible_to, now=now, detail=detail)
        return await find_container(connection, container_id, visible_to=visible_to)

    deleted = await call.run(delete)
    await remove_noted(call.pool, store, removed)
    return deleted


async def _erase(connection: Connection, container: Container, *, now: datetime) -> None:
    await connection.execute(SQL["erase_waiting_events"], container.id, container.project_id)
    await connection.fetchval(SQL["erase_container"], container.id, now)
    await erase_posts(connection, container.id)
    await erase_recurrences_of_container(connection, container.id)
    await connection.execute(SQL["erase_visits"], container.id, container.project_id)
    await connection.execute(SQL["erase_drafts"], container.project_id, public_id(CONTAINER, container.id))
    await connection.execute(
        SQL["erase_log_later"], container.id, oldest_id(container.created_at), oldest_id(now + _CLOCK_SKEW)
    )


async def erase_logs(pool: Pool, *, limit: int = _LOG_BATCH) -> int:
    """Erase words of erased content from the next `limit` webhook deliveries of one container; return how many were read.

    Safe to run concurrently, and continues where it was.
    """
    async with pool.acquire() as connection, connection.transaction():
        erasure = await connection.fetchrow(SQL["lock_erasure"])
        if erasure is None:
            return 0
        row = await connection.fetchrow(
            SQL["erase_log"],
            erasure["organization_id"],
            erasure["subject_ids"],
            erasure["position"],
            erasure["until"],
            limit,
        )
        read_count = 0 if row is None else int(row["read_count"])
        if row is None or read_count < limit:
            await connection.execute(SQL["end_erasure"], erasure["container_id"])
        else:
            await connection.execute(SQL["move_erasure"], erasure["container_id"], row["position"])
        return read_count
