"""One call per key at a time in this process: callers that arrive while it runs share its result."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Final


@dataclass(slots=True, eq=False)
class _Flight:
    """A call under way; its callers own its task together: the last one to leave cancels it."""

    task: "asyncio.Task[None]"
    callers: int = 0


class SingleFlight:
    """Runs calls by key."""

    def __init__(self) -> None:
        self._flights: Final[dict[str, _Flight]] = {}

    async def run(self, key: str, call: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run `call`, or wait for the one that already runs for this key. Raises what that raises.

        A caller that is canceled leaves the call to the others; without callers it is canceled.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(call()))
            flight.task.add_done_callback(partial(self._forget, key, flight))
        flight.callers += 1
        try:
            await asyncio.shield(flight.task)
        finally:
            flight.callers -= 1
            if not flight.callers and not flight.task.done():
                self._forget(key, flight)  # the next caller starts another one
                flight.task.cancel()
                await asyncio.wait({flight.task})

    def _forget(self, key: str, flight: _Flight, _task: "asyncio.Task[None] | None" = None) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
