"""Rescheduling: change the time of a queued post."""

import json
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import POST, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.posts.model import PostState
from presswork.posts.read import read_state, state_of

_SQL: Final = load("presswork.posts")


async def reschedule_post(
    connection: Connection, post_id: UUID, scheduled_for: datetime, *, visible_to: Principal, now: datetime
) -> PostState:
    """Change when a queued post is due, in the caller's transaction, and return it. A past instant makes it due now.

    Raises PostNotFound, PostNotReschedulable, and Invalid if the instant is out of bounds.
    """
    while True:
        state = await read_state(connection, post_id, visible_to=visible_to)
        state.reschedule(scheduled_for, now=now)
        detail = {
            "scheduledFor": write_instant(scheduled_for),
            "before": write_instant(state.scheduled_for),
            "by": visible_to.public_id,
        }
        row = await connection.fetchrow(
            _SQL["reschedule_post"],
            post_id,
            now,
            scheduled_for,
            scheduled_for if scheduled_for > now else None,
            f"Rescheduled. Due at {write_instant(scheduled_for)}.",
            json.dumps(detail),
        )
        if row is not None:
            moved: dict[str, JsonValue] = {"scheduledFor": detail["scheduledFor"], "before": detail["before"]}
            name = public_id(POST, post_id)
            await record_act(connection, Action.POST_RESCHEDULE, name, by=visible_to, now=now, detail=moved)
            return state_of(row)
        # A worker has claimed it since it was read: read the new state, which raises the right error.
