"""Plans of statements, as the sessions of the pool run them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from presswork.db.pool import Pool

Node = dict[str, Any]  # Any: of EXPLAIN


async def plan_of(pool: Pool, statement: str, values: Sequence[str], mode: str) -> Sequence[Node]:
    """Run a statement that declares its plan mode, and return the nodes of its plan."""
    quoted = ", ".join(f"'{value}'" for value in values)
    async with pool.acquire() as connection:
        await connection.execute(f"SET plan_cache_mode = force_{mode}_plan")
        if mode == "generic":
            await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        await connection.execute(f"PREPARE one AS {statement.partition(chr(10))[2]}")
        plan = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE one({quoted})"))
        await connection.execute("DEALLOCATE one; RESET ALL")
    return list(nodes_of(plan[0]["Plan"]))


def nodes_of(plan: Node) -> Iterator[Node]:
    """Return a node and all below it."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes_of(inner)
