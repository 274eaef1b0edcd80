"""What the containers of Instagram and of Threads have in common: their columns, their ids and their status."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue

CONTAINER_LIFETIME: Final = DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContainer:
    """One container as it is stored."""

    id: int
    account_id: int
    media_type: str
    is_child: bool
    params: Mapping[str, JSONValue]
    children: tuple[int, ...]
    source_url: str | None
    asset_id: int | None
    state: str
    polls: int
    created_at: float
    ready_at: float | None
    fault_id: int | None
    media_id: str | None

    @classmethod
    def of_row(cls, row: sqlite3.Row) -> Self:
        """Read a row of the table of containers."""
        values = dict(row)
        values["params"] = json.loads(values["params"])
        values["children"] = tuple(json.loads(values["children"]))
        values["is_child"] = bool(values["is_child"])
        return cls(**values)

    def status(self, sandbox: Sandbox, polls: Mapping[str, int], seconds: Mapping[str, float]) -> str:
        """Return IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED.

        By its media type, it is finished at so many status calls, or so long after its media was there, whichever comes first.
        """
        now = sandbox.clock.now()
        if self.state == "published":
            return "PUBLISHED"
        if now >= self.created_at + CONTAINER_LIFETIME:
            return "EXPIRED"
        if sandbox.faults.holds(self.fault_id):
            return "IN_PROGRESS"
        if self.state == "error":
            return "ERROR"
        if self.ready_at is None:
            return "IN_PROGRESS"
        finished = self.polls >= polls[self.media_type] or now >= self.ready_at + seconds[self.media_type]
        return "FINISHED" if finished else "IN_PROGRESS"


def container_id(text: str) -> int | None:
    """Return the id of a container as a client writes it; None if it can't be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
