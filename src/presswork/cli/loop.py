"""The event loop that long-running commands use: uvloop where it is installed."""

import asyncio
from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import Final, TypeVar

Result = TypeVar("Result")

_new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
if find_spec("uvloop") is not None:
    import uvloop

    _new_loop = uvloop.new_event_loop

NEW_LOOP: Final = _new_loop


def run(main: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine to its end in a fresh loop and return its result."""
    with asyncio.Runner(loop_factory=NEW_LOOP) as runner:
        return runner.run(main)
