"""Create a recurrence with its first occurrences."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.callers.stored_caller import write_caller
from presswork.core.ids import CONTAINER, RECURRENCE, new_id, public_id
from presswork.db.pool import Connection
from presswork.platforms.registry import Platforms
from presswork.posts.targets import Target
from presswork.recurrences.make_occurrences import make_occurrences
from presswork.recurrences.model import MAX_ACTIVE, Recurrence, Timing, TooManyRecurrences
from presswork.recurrences.store import SQL, OwnedRecurrence, find_recurrence, lock_container, write_recurrence


async def create_recurrence(
    connection: Connection,
    platforms: Platforms,
    container_id: UUID,
    timing: Timing,
    targets: Sequence[Target],
    captions: Sequence[str],
    *,
    owner: Principal,
    now: datetime,
) -> Recurrence:
    """Create a recurrence in the caller's transaction, with its occurrences of the horizon, and return it.

    Raises what `no_container` returns, TooManyRecurrences, Invalid if nothing recurs, and the refusals of `create_posts`: an error
    means that nothing was written.
    """
    project_id = await lock_container(connection, container_id, visible_to=owner)
    timing, starts_on = timing.begin(now)
    recurrence = Recurrence(
        id=new_id(),
        container_id=container_id,
        project_id=project_id,
        timing=timing,
        targets=targets,
        captions=captions,
        starts_on=starts_on,
        next_on=starts_on,
        made=0,
        occurrences=(),
        error=None,
        error_count=0,
        ended_at=None,
        created_at=now,
        updated_at=now,
    )
    tenant = (owner.organization_id, owner.environment.value)
    stored = await connection.fetchval(
        SQL["insert"], recurrence.id, project_id, *tenant, container_id, write_caller(owner), now, MAX_ACTIVE
    )
    if stored is None:
        raise TooManyRecurrences(container_id)
    await write_recurrence(connection, recurrence, now=now)
    await make_occurrences(connection, platforms, OwnedRecurrence(recurrence=recurrence, owner=owner), now=now)
    created = (await find_recurrence(connection, recurrence.id, visible_to=owner, now=now)).recurrence
    detail: dict[str, JsonValue] = {
        "containerId": public_id(CONTAINER, container_id),
        "targets": len(targets),
        "occurrences": len(created.occurrences),
    }
    name = public_id(RECURRENCE, recurrence.id)
    await record_act(connection, Action.RECURRENCE_CREATE, name, by=owner, now=now, detail=detail)
    return created
