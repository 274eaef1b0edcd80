"""Processes and signals: the event loop, ending with the parent process, and handling stop signals."""

import asyncio
import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Final, TypeVar

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]  # a module or nothing

Result = TypeVar("Result")

_PR_SET_PDEATHSIG: Final = 1
"""Source: prctl(2), read 2026-11."""
_POLL_EVERY: Final = timedelta(milliseconds=250)
_OTHER_FILES: Final = 1024
"""Most files that a process opens besides client connections."""
ORPHANED: Final = 70
"""Exit status of a child whose parent has ended."""
_NEW_OBJECTS: Final = 20_000
"""Containers that are created before the youngest generation is collected: a few megabytes."""


def run(main: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine in a new event loop, of uvloop if it is installed, and return its result."""
    new_loop = import_module("uvloop").new_event_loop if find_spec("uvloop") else None
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)


def set_up_memory() -> None:
    """Exempt the objects that exist now from garbage collection, and collect less often; call it after set-up and before serving.

    Otherwise each full collection traverses some hundred thousand objects of the program itself, and delays calls by a
    tenth of a second; and hundreds of calls and attempts at work count as garbage to look through every 700 objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


def allow_open_files(connections: int) -> None:
    """Raise the limit on open files, as far as the system allows, so that clients can't use up those of the program."""
    if resource is not None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = connections + _OTHER_FILES
        if soft != resource.RLIM_INFINITY and soft < wanted:
            limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def die_with(parent: int) -> None:
    """End this process at once when its parent ends for any reason, or now if it already has.

    The process does not drain: another worker takes over its posts, and the parent's embedded database has ended too.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), *[ctypes.c_ulong(0)] * 3) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    else:
        watch_parent(parent)
    if os.getppid() != parent:
        os._exit(ORPHANED)


def watch_parent(parent: int) -> None:
    """Start a thread that polls for the parent a few times a second, and ends this process when it is gone."""
    pause = threading.Event()

    def watch() -> None:
        while os.getppid() == parent:
            pause.wait(_POLL_EVERY.total_seconds())
        os._exit(ORPHANED)

    threading.Thread(target=watch, name="presswork-parent", daemon=True).start()


def on_stop_signals(first: Callable[[], None], again: Callable[[], None]) -> None:
    """In the running loop, call `first` on the first SIGINT, SIGTERM or SIGHUP and `again` on each later one.

    A SIGHUP that is ignored at the start remains ignored (nohup).
    """
    calls = [again, first]

    def on_signal() -> None:
        (calls.pop() if len(calls) > 1 else again)()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, on_signal)
