"""What the database knows of secret keys: ids and counts, never a key."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.secretkeys.columns import SEALED
from presswork.secretkeys.model import HOLDER_GONE_AFTER, Holder, SealedColumn, Standing, Term

SQL: Final = load("presswork.secretkeys")
_MOST: Final = 1_000


def about(name: str, column: SealedColumn) -> str:
    """Return a statement about one sealed column; the names come from our own list."""
    return SQL[name].format(
        table=column.table, column=column.column, is_mixed="true" if column.ends_by_itself else "false"
    )


async def standing(connection: Connection | Pool, *, now: datetime) -> Standing:
    """Return which keys there are, who has which, and what each seals. It counts, so it reads every sealed value's row."""
    counts: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
    for column in SEALED:
        for row in await connection.fetch(about("count_sealed", column)):
            counts[row["key_id"]][column.place] = row["values"]
    terms = [
        Term(key_id=row["id"], led_from=row["led_from"], led_until=row["led_until"], retired_at=row["retired_at"])
        for row in await connection.fetch(SQL["terms"], _MOST)
    ]
    return Standing(terms=terms, holders=await holders(connection, now=now), counts=dict(counts))


async def holders(connection: Connection | Pool, *, now: datetime) -> Sequence[Holder]:
    """Return the processes that were seen lately, with their keys."""
    return [
        Holder(process=row["process"], part=row["part"], key_ids=tuple(row["key_ids"]), leads=row["leads"])
        for row in await connection.fetch(SQL["holders"], now - HOLDER_GONE_AFTER, _MOST)
    ]
